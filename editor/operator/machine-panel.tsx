/** One machine, large: state, position, feed, program, and what clears it when it stands. */
import { notifications } from '@mantine/notifications'
import { Cable, House, Play, Unlock } from 'lucide-react'
import { connectMachine, homeMachine, type MachineView, resumeMachine, unlockMachine } from '../../server/api/machines.ts'
import { call } from '../shared/api.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { HoldToConfirm } from './hold-to-confirm.tsx'
import { lookOf, stateKeyOf } from './machine-state.ts'
import { useOperatorText } from './use-operator-text.ts'

const AXES = ['X', 'Y', 'Z', 'A', 'B', 'C']

export interface MachinePanelProps {
  machine: MachineView
  /** No news can come: nothing here may look current. */
  isStale: boolean
  mayOperate: boolean
}

export function MachinePanel({ machine, isStale: isLineStale, mayOperate }: MachinePanelProps) {
  const text = useOperatorText()
  const format = formats(useLanguage())
  const key = stateKeyOf(machine)
  const { tone, icon: Icon } = lookOf(key)
  const { state } = machine
  const isStale = isLineStale || machine.guard !== 'running' || state?.link !== 'connected'
  const stale = isStale ? 'cw-stale' : ''
  return (
    <section className={`op-machine ${machine.isVirtual ? 'cw-virtual' : ''}`} aria-label={machine.name} data-testid={`machine-${machine.id}`}>
      <header className="op-machine-head">
        <h1>{machine.name}</h1>
        {machine.isVirtual && (
          <span className="op-virtual" title={text.virtualMeaning}>
            {text.virtual}
          </span>
        )}
        {isStale && state?.reportedAt && <span className="cw-stale">{text.asOf(format.time(state.reportedAt))}</span>}
      </header>
      <div className="op-state" data-tone={tone} data-testid="machine-state" data-state={key} role="status">
        <Icon size={36} aria-hidden fill={key === 'run' || key === 'hold' ? 'currentColor' : 'none'} />
        <div>
          <strong>{text.state[key]}</strong>
          <p>{state?.alarm && key === 'alarm' ? `${state.alarm.text} ${state.alarm.whatToDo}` : text.meaning[key]}</p>
        </div>
      </div>
      {state && (
        <>
          <dl className={`op-axes cw-numbers ${stale}`} aria-label={text.position}>
            {state.workPositionMm.map((value, axis) => (
              <div key={AXES[axis] ?? axis}>
                <dt>{AXES[axis]}</dt>
                <dd data-testid={`work-${AXES[axis]}`}>
                  {format.axisMm(value)} <small>mm</small>
                </dd>
                <dd className="op-machine-axis">
                  {text.machinePosition} {format.axisMm(state.machinePositionMm[axis] ?? 0)}
                </dd>
              </div>
            ))}
          </dl>
          <dl className={`op-values cw-numbers ${stale}`}>
            <Value label={text.feed} value={format.number(state.feedMmPerMin)} unit="mm/min" />
            <Value label={text.spindle} value={format.number(state.spindleRpm)} unit="rpm" />
            <Value label={text.feedOverride} value={format.number(state.overridesPercent.feed)} unit="%" />
            {state.pins && <Value label={text.pins} value={state.pins} unit="" />}
          </dl>
          {!state.isPositionTrusted && <p className="op-notice">{text.notTrusted}</p>}
          <Program job={state.job} isStale={isStale} />
          {state.notices.length > 0 && (
            <ul className="op-notices">
              {state.notices.slice(-2).map((notice) => (
                <li key={notice}>{notice}</li>
              ))}
            </ul>
          )}
        </>
      )}
      {mayOperate && <Remedies machine={machine} />}
    </section>
  )
}

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

type Job = NonNullable<NonNullable<MachineView['state']>['job']>

function Program({ job, isStale }: { job: Job | undefined; isStale: boolean }) {
  const text = useOperatorText()
  const format = formats(useLanguage())
  if (!job) return <p className="op-program-none">{text.noProgram}</p>
  const share = job.totalLines ? job.linesAcknowledged / job.totalLines : 0
  return (
    <div className={`op-program ${isStale ? 'cw-stale' : ''}`} data-testid="program">
      <p>
        <strong>{job.programName}</strong>
        <span>{text.phase[job.phase]}</span>
        <span className="cw-numbers" data-testid="program-line">
          {text.line(format.number(job.linesAcknowledged), format.number(job.totalLines))}
        </span>
      </p>
      <progress value={share} max={1} aria-label={text.program} />
    </div>
  )
}

/** What a person can do to bring the machine on, only where it applies; each says what will move. */
function Remedies({ machine }: { machine: MachineView }) {
  const text = useOperatorText()
  const key = stateKeyOf(machine)
  const params = { machineId: machine.id }
  const told = (work: Promise<unknown>) =>
    work.catch((error: Error) => notifications.show({ color: 'red', title: machine.name, message: error.message, autoClose: 10_000 }))
  const remedies = []
  if (key === 'hold')
    remedies.push(
      <HoldToConfirm
        key="resume"
        testId="resume"
        icon={<Play size={22} />}
        label={text.resume}
        says={text.resumeMeaning}
        hint={text.holdToConfirm}
        onConfirm={() => told(call(resumeMachine, { params }))}
      />,
    )
  if (key === 'alarm')
    remedies.push(
      <HoldToConfirm
        key="home"
        testId="home"
        icon={<House size={22} />}
        label={text.home}
        says={text.homeMeaning}
        hint={text.holdToConfirm}
        onConfirm={() => told(call(homeMachine, { params }))}
      />,
      <HoldToConfirm
        key="unlock"
        testId="unlock"
        icon={<Unlock size={22} />}
        label={text.unlock}
        says={text.unlockMeaning}
        hint={text.holdToConfirm}
        onConfirm={() => told(call(unlockMachine, { params }))}
      />,
    )
  if (key === 'waiting-for-person' || key === 'lost')
    remedies.push(
      <HoldToConfirm
        key="connect"
        testId="connect"
        icon={<Cable size={22} />}
        label={text.connect}
        says={text.connectMeaning}
        hint={text.holdToConfirm}
        onConfirm={() => told(call(connectMachine, { params }))}
      />,
    )
  return remedies.length ? <div className="op-remedies">{remedies}</div> : null
}
