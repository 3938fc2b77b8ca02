/** What a machine does and knows now: state, place, offsets, interlocks, abilities. */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { CircleCheck, CircleHelp, TriangleAlert } from 'lucide-react'
import type { MachineState, MachineView } from '../../../server/api/machines.ts'
import { actOnMachine } from '../../../server/api/motion.ts'
import { call } from '../../shared/api.ts'
import { OpenInterlocks, Resumable, WaitingJob } from '../../shared/machine/machine-asks.tsx'
import { stateKeyOf } from '../../shared/machine/machine-state.ts'
import { Remedies } from '../../shared/machine/remedies.tsx'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useUnits } from '../../shared/use-units.tsx'
import { Abilities } from '../abilities.tsx'
import { useMachinesText } from '../use-machines-text.ts'
import type { Tab } from './tabs.ts'

const AXES = ['X', 'Y', 'Z', 'A', 'B', 'C']

export interface OverviewProps {
  machine: MachineView
  isStale: boolean
  mayOperate: boolean
  onTab: (tab: Tab) => void
}

export function Overview({ machine, isStale: isLineStale, mayOperate, onTab }: OverviewProps) {
  const text = useMachinesText()
  const words = useMachineText()
  const units = useUnits()
  const format = formats(useLanguage())
  const { state } = machine
  const key = stateKeyOf(machine)
  const isStale = isLineStale || machine.guard !== 'running' || state?.link !== 'connected'
  const stale = isStale ? 'cw-stale' : ''
  if (!state) return <p className="mf-hint m-scroll">{words.meaning[key]}</p>
  return (
    <div className="m-overview m-scroll">
      <div className="m-column">
        <section className={`m-panel ${machine.isVirtual ? 'cw-virtual' : ''}`}>
          <h2>{text.overview.now}</h2>
          <p>{state.alarm && key === 'alarm' ? `${state.alarm.text} ${state.alarm.whatToDo}` : words.meaning[key]}</p>
          {state.job?.waitingFor && <WaitingJob machineId={machine.id} job={state.job} mayOperate={mayOperate && !isLineStale} />}
          <OpenInterlocks interlocks={state.interlocks ?? []} />
          {!state.isPositionTrusted && <p className="cw-notice">{words.notTrusted}</p>}
          {state.resumable && !state.job && <Resumable machineId={machine.id} resumable={state.resumable} mayOperate={mayOperate} />}
          {(state.settingsDrift ?? 0) > 0 && (
            <p className="cw-notice">
              {words.drift(String(state.settingsDrift))}{' '}
              <button type="button" className="m-link" onClick={() => onTab('firmware')}>
                {text.overview.compare}
              </button>
            </p>
          )}
          {mayOperate && <Remedies machine={machine} />}
          <dl className={`m-facts cw-numbers ${stale}`}>
            {state.job && (
              <div>
                <dt>{words.program}</dt>
                <dd>
                  {state.job.programName}, {words.line(format.number(state.job.linesAcknowledged), format.number(state.job.totalLines))}
                </dd>
              </div>
            )}
            {state.lease && (
              <div>
                <dt>{text.overview.lease}</dt>
                <dd>{state.lease.holder}</dd>
              </div>
            )}
            <div>
              <dt>{words.feed}</dt>
              <dd>
                {units.feed(state.feedMmPerMin)} <small>{units.feedUnit}</small>
              </dd>
            </div>
            <div>
              <dt>{words.spindle}</dt>
              <dd>
                {format.number(state.spindleRpm)} <small>rpm</small>
              </dd>
            </div>
            <div>
              <dt>{text.overview.overrides}</dt>
              <dd>
                {state.overridesPercent.feed} / {state.overridesPercent.rapid} / {state.overridesPercent.spindle} <small>%</small>
              </dd>
            </div>
            {state.modal && (
              <div className="m-wide">
                <dt>{text.overview.modal}</dt>
                <dd>{state.modal.join(' ')}</dd>
              </div>
            )}
            {state.bufferFree && (
              <div>
                <dt>{text.overview.buffers}</dt>
                <dd>{text.overview.free(String(state.bufferFree.blocks), String(state.bufferFree.bytes))}</dd>
              </div>
            )}
            {state.pins && (
              <div>
                <dt>{words.pins}</dt>
                <dd>{state.pins}</dd>
              </div>
            )}
            {state.partsCount !== undefined && (
              <div>
                <dt>{words.parts}</dt>
                <dd>
                  {format.number(state.partsCount)}
                  {mayOperate && state.partsCount > 0 && <ResetParts machineId={machine.id} />}
                </dd>
              </div>
            )}
          </dl>
          {state.notices.length > 0 && (
            <ul className="m-notices">
              {state.notices.map((notice) => (
                <li key={notice}>{notice}</li>
              ))}
            </ul>
          )}
        </section>
        <section className="m-panel">
          <h2>{words.interlocks}</h2>
          <InterlockList interlocks={state.interlocks ?? []} onTab={onTab} />
        </section>
        <section className="m-panel">
          <h2>{text.abilities.title}</h2>
          <Abilities firmware={state.firmware} dialect={state.abilities?.dialect} abilities={state.abilities} />
          {!state.abilities && <p className="mf-hint">{text.abilities.unknown}</p>}
        </section>
      </div>
      <section className="m-panel">
        <h2>{text.offsets.title}</h2>
        <Offsets state={state} stale={stale} />
      </section>
    </div>
  )
}

function ResetParts({ machineId }: { machineId: string }) {
  const text = useMachinesText().overview
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      color="gray"
      onClick={() =>
        call(actOnMachine, { params: { machineId }, body: { action: { kind: 'reset-parts-count' } } }).catch((error: Error) =>
          notifications.show({ color: 'red', message: error.message }),
        )
      }
    >
      {text.resetParts}
    </Button>
  )
}

/** Where the tool is, and every place the controller keeps: rows are places, columns axes. */
function Offsets({ state, stale }: { state: MachineState; stale: string }) {
  const text = useMachinesText().offsets
  const units = useUnits()
  const axes = state.abilities?.axes ?? AXES.slice(0, state.machinePositionMm.length)
  const rows: { name: string; values: readonly number[]; isActive: boolean }[] = [
    { name: text.machine, values: state.machinePositionMm, isActive: false },
    { name: text.work, values: state.workPositionMm, isActive: false },
    ...Object.entries(state.offsetsMm ?? {}).map(([name, values]) => ({ name, values, isActive: state.modal?.includes(name) ?? false })),
  ]
  return (
    <div className="m-table-box">
      <table className={`m-table cw-numbers ${stale}`} data-testid="offsets">
        <thead>
          <tr>
            <th scope="col">{text.place}</th>
            {axes.map((axis) => (
              <th key={axis} scope="col" className="m-right">
                {axis} <small>{units.axis(AXES.indexOf(axis), 0).unit}</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, values, isActive }) => (
            <tr key={name} data-active={isActive || undefined}>
              <th scope="row">
                {name}
                {isActive && <small> {text.active}</small>}
                {text.names[name as keyof typeof text.names] && <small className="m-dim"> {text.names[name as keyof typeof text.names]}</small>}
              </th>
              {axes.map((axis, index) => (
                <td key={axis} className="m-right">
                  {/* TLO is one number: the length along the tool axis */}
                  {values.length === 1 && index === 2
                    ? units.place(values[0] ?? 0)
                    : values[index] === undefined || (values.length === 1 && index !== 2)
                      ? ''
                      : units.axis(AXES.indexOf(axis), values[index]).text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {!state.offsetsMm && <p className="mf-hint">{text.notRead}</p>}
    </div>
  )
}

const INTERLOCK_LOOKS = { safe: CircleCheck, unsafe: TriangleAlert, unknown: CircleHelp }

function InterlockList({ interlocks, onTab }: { interlocks: NonNullable<MachineState['interlocks']>; onTab: (tab: Tab) => void }) {
  const text = useMachinesText()
  const words = useMachineText()
  const format = formats(useLanguage())
  if (!interlocks.length)
    return (
      <p className="mf-hint">
        {text.overview.noInterlocks}{' '}
        <button type="button" className="m-link" onClick={() => onTab('settings')}>
          {text.tabs.settings}
        </button>
      </p>
    )
  return (
    <ul className="m-interlocks">
      {interlocks.map((one) => {
        const Icon = INTERLOCK_LOOKS[one.state]
        return (
          <li key={one.id} data-state={one.state}>
            <Icon size={18} aria-hidden />
            <strong>{one.name}</strong>
            <span>{words.interlock[one.state]}</span>
            <time dateTime={one.since}>{text.overview.since(format.time(one.since))}</time>
          </li>
        )
      })}
    </ul>
  )
}
