/** The cell at a glance: a large tile for each machine. What needs a person is in colour, everything else is grey. */
import { Hand, LockKeyhole } from 'lucide-react'
import { memo, useCallback, useRef } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import type { MachineControl } from '../../../server/api/panel.ts'
import { lookOf, stateKeyOf } from '../../shared/machine/machine-state.ts'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import { VirtualMark } from '../../shared/machine/virtual-mark.tsx'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { alarmInWords } from '../alarm-words.ts'
import { usePanelState } from '../gate.ts'
import { shareOf } from '../program-progress.tsx'
import { QualityLine } from '../quality/quality-line.tsx'
import { usePanelText } from '../use-operator-text.ts'

export interface CellOverviewProps {
  machines: readonly MachineView[]
  isStale: boolean
  onChoose: (machineId: string) => void
}

export function CellOverview({ machines, isStale, onChoose }: CellOverviewProps) {
  const text = usePanelText()
  const { control } = usePanelState()
  const told = useRef(onChoose)
  told.current = onChoose
  const choose = useCallback((machineId: string) => told.current(machineId), [])
  return (
    <section className="op-cell" aria-label={text.cell} data-testid="cell">
      {machines.map((machine) => (
        <ShownTile key={machine.id} machine={machine} isStale={isStale} held={control.of(machine.id)} isHere={control.isHere(machine.id)} onChoose={choose} />
      ))}
    </section>
  )
}

interface TileProps {
  machine: MachineView
  isStale: boolean
  /** Who has control of it. */
  held: MachineControl | undefined
  isHere: boolean
  onChoose: (machineId: string) => void
}

/** Of many machines each is drawn when it has something new to say. */
const ShownTile = memo(Tile)

function Tile({ machine, isStale: isLineStale, held, isHere, onChoose }: TileProps) {
  const text = useMachineText()
  const panel = usePanelText()
  const format = formats(useLanguage())
  const key = stateKeyOf(machine)
  const { tone, icon: Icon } = lookOf(key)
  const { state } = machine
  const isStale = isLineStale || machine.guard !== 'running' || state?.link !== 'connected'
  const { job, alarm } = state ?? {}
  const says = job?.waitingFor?.text ?? (key === 'alarm' && alarm ? alarmInWords(alarm) : tone === 'normal' ? undefined : text.meaning[key])
  return (
    <button
      type="button"
      className={`op-cell-tile ${machine.isVirtual ? 'cw-virtual' : ''}`}
      data-tone={isLineStale ? 'normal' : tone}
      data-testid={`tile-${machine.id}`}
      onClick={() => onChoose(machine.id)}
    >
      <span className="op-cell-head">
        <Icon size={40} aria-hidden fill={key === 'run' || key === 'hold' ? 'currentColor' : 'none'} />
        <span>
          <strong>{machine.name}</strong>
          <em className={isStale ? 'cw-stale' : undefined}>
            {text.state[key]}
            {isStale && state?.reportedAt && ` · ${text.asOf(format.time(state.reportedAt))}`}
          </em>
        </span>
        {machine.isVirtual && <VirtualMark />}
      </span>
      {says && <span className="op-cell-says">{says}</span>}
      {job ? (
        <span className={`op-cell-program ${isStale ? 'cw-stale' : ''}`}>
          <span>
            <b>{job.programName}</b>
            <span className="cw-numbers">{job.remainingS === undefined ? text.phase[job.phase] : text.remaining(format.span(job.remainingS))}</span>
          </span>
          <progress value={shareOf(job)} max={1} aria-label={text.program} />
        </span>
      ) : (
        <span className="op-cell-none">{text.noProgram}</span>
      )}
      <span className={`op-cell-facts cw-numbers ${isStale ? 'cw-stale' : ''}`}>
        <span>
          {text.parts} <b>{state?.partsCount === undefined ? '–' : format.number(state.partsCount)}</b>
        </span>
        {state?.tool !== undefined && state.tool !== 0 && (
          <span>
            {text.tool} <b>{text.toolNumber(String(state.tool))}</b>
          </span>
        )}
        {state && state.spindleRpm > 0 && (
          <span>
            {text.spindle} <b>{format.number(state.spindleRpm)}</b> rpm
          </span>
        )}
        {held && (
          <span>
            {isHere ? <Hand size={18} aria-hidden /> : <LockKeyhole size={18} aria-hidden />} {isHere ? panel.control.hereShort : held.holder.person}
          </span>
        )}
      </span>
      <QualityLine machineId={machine.id} />
    </button>
  )
}
