/** One machine, large: state, position, feed, program, what it waits for, and what clears it when it stands. */
import { Gauge } from 'lucide-react'
import { useState } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import { OpenInterlocks, WaitingJob } from '../../shared/machine/machine-asks.tsx'
import { lookOf, stateKeyOf } from '../../shared/machine/machine-state.ts'
import { Remedies } from '../../shared/machine/remedies.tsx'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import { VirtualMark } from '../../shared/machine/virtual-mark.tsx'
import { formats, useLanguage } from '../../shared/text/index.ts'
import type { LengthUnit } from '../../shared/units.ts'
import { useUnits } from '../../shared/use-units.tsx'
import { alarmInWords } from '../alarm-words.ts'
import { useHandGate, usePanelState } from '../gate.ts'
import { OverridesDialog } from '../overrides.tsx'
import { PositionReadout } from '../position-readout.tsx'
import { ProgramProgress } from '../program-progress.tsx'
import { QualityLine } from '../quality/quality-line.tsx'
import { ToolChange } from '../tool-change.tsx'
import { usePanelText } from '../use-operator-text.ts'

export function StatusTab({ machine, isStale, onResume }: { machine: MachineView; isStale: boolean; onResume: () => void }) {
  const text = useMachineText()
  const { state } = machine
  return (
    <section className={`op-machine ${machine.isVirtual ? 'cw-virtual' : ''}`} aria-label={machine.name} data-testid={`machine-${machine.id}`}>
      <MachineHead machine={machine} isStale={isStale} />
      <MachineWaits machine={machine} isStale={isStale} onResume={onResume} />
      {state && (
        <>
          <PositionReadout machine={machine} isStale={isStale} />
          <MachineValues machine={machine} isStale={isStale} />
          <OverridesKey machine={machine} isStale={isStale} />
          <QualityLine machineId={machine.id} isLarge />
          {!state.isPositionTrusted && <p className="op-notice">{text.notTrusted}</p>}
          {state.notices.length > 0 && (
            <ul className="op-notices">
              {state.notices.slice(-2).map((notice) => (
                <li key={notice}>{notice}</li>
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  )
}

/** State in words, colour and shape, large; an alarm in plain language. */
export function MachineHead({ machine, isStale }: { machine: MachineView; isStale: boolean }) {
  const text = useMachineText()
  const format = formats(useLanguage())
  const key = stateKeyOf(machine)
  const { tone, icon: Icon } = lookOf(key)
  const { state } = machine
  return (
    <div className="op-state" data-tone={tone} data-testid="machine-state" data-state={key} role="status">
      <Icon size={44} aria-hidden fill={key === 'run' || key === 'hold' ? 'currentColor' : 'none'} />
      <div>
        <header className="op-machine-head">
          <h1>{machine.name}</h1>
          {machine.isVirtual && <VirtualMark />}
          {isStale && state?.reportedAt && <span className="cw-stale">{text.asOf(format.time(state.reportedAt))}</span>}
        </header>
        <strong>{text.state[key]}</strong>
        <p>{state?.alarm && key === 'alarm' ? alarmInWords(state.alarm) : text.meaning[key]}</p>
      </div>
    </div>
  )
}

/** What a machine waits for, and what clears it when it stands; how far its program is. */
export function MachineWaits({ machine, isStale, onResume }: { machine: MachineView; isStale: boolean; onResume: () => void }) {
  const text = useMachineText()
  const format = formats(useLanguage())
  const { mayOperate } = usePanelState()
  const gate = useHandGate(machine)
  const { state } = machine
  return (
    <>
      {gate === undefined && <Remedies machine={machine} />}
      <ProgramProgress job={state?.job} isStale={isStale} />
      {state?.job && <ToolChange machine={machine} job={state.job} />}
      {state?.job?.waitingFor && <WaitingJob machineId={machine.id} job={state.job} mayOperate={gate === undefined} />}
      {state && <OpenInterlocks interlocks={state.interlocks ?? []} />}
      {state?.resumable && !state.job && (
        <div className="cw-notice" data-testid="resumable">
          <strong>{text.resumable(state.resumable.programName, format.number(state.resumable.line))}</strong>
          <p>
            <code>{state.resumable.text}</code> {text.resumableHow}
          </p>
          {mayOperate && (
            <button type="button" className="op-plain" onClick={onResume} data-testid="resume-look">
              {text.resumableOpen}
            </button>
          )}
        </div>
      )}
    </>
  )
}

/** Feed, spindle, work offset, tool, parts. */
export function MachineValues({ machine, isStale }: { machine: MachineView; isStale: boolean }) {
  const text = useMachineText()
  const format = formats(useLanguage())
  const units = useUnits()
  const { state } = machine
  if (!state) return null
  const offset = state.modal?.find((word) => /^G5[4-9]/.test(word))
  return (
    <dl className={`op-values cw-numbers ${isStale ? 'cw-stale' : ''}`}>
      <Value label={text.feed} value={units.feed(state.feedMmPerMin)} unit={units.feedUnit} />
      <Value label={text.spindle} value={format.number(state.spindleRpm)} unit="rpm" />
      {offset && <Value label={text.workOffset} value={offset} unit={wordsOf(state.modal, units.unit)} />}
      {state.tool !== undefined && <Value label={text.tool} value={state.tool === 0 ? text.noTool : text.toolNumber(String(state.tool))} unit="" />}
      {state.partsCount !== undefined && <Value label={text.parts} value={format.number(state.partsCount)} unit="" />}
      {state.pins && <Value label={text.pins} value={state.pins} unit="" />}
    </dl>
  )
}

/** What the overrides are, and the way to change them. */
export function OverridesKey({ machine, isStale }: { machine: MachineView; isStale: boolean }) {
  const text = useMachineText()
  const panel = usePanelText()
  const format = formats(useLanguage())
  const [isOverriding, setOverriding] = useState(false)
  const { state } = machine
  if (!state) return null
  return (
    <>
      <button type="button" className={`op-overrides cw-numbers ${isStale ? 'cw-stale' : ''}`} onClick={() => setOverriding(true)} data-testid="overrides">
        <Gauge size={22} aria-hidden />
        <strong>{panel.overrides.title}</strong>
        <span>
          {text.feed} {format.number(state.overridesPercent.feed)} % · {panel.overrides.rapid} {format.number(state.overridesPercent.rapid)} % · {text.spindle}{' '}
          {format.number(state.overridesPercent.spindle)} %
        </span>
      </button>
      {isOverriding && <OverridesDialog machine={machine} onClose={() => setOverriding(false)} />}
    </>
  )
}

/** Units and distance mode, where the controller said them: what a person must know before typing G-code. Another unit than the one shown is named. */
const wordsOf = (modal: readonly string[] = [], shown: LengthUnit) =>
  modal
    .filter((word) => ['G20', 'G21', 'G90', 'G91'].includes(word))
    .map((word) => ((word === 'G20' && shown !== 'in') || (word === 'G21' && shown !== 'mm') ? `${word} (${word === 'G20' ? 'in' : 'mm'})` : word))
    .join(' ')

function Value({ label, value, unit }: { label: string; value: string; unit: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {value} <small>{unit}</small>
      </dd>
    </div>
  )
}
