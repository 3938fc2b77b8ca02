/** One machine, large: state, position, feed, program, what it waits for, and what clears it when it stands. */
import type { MachineView } from '../../server/api/machines.ts'
import { OpenInterlocks, Resumable, WaitingJob } from '../shared/machine/machine-asks.tsx'
import { lookOf, stateKeyOf } from '../shared/machine/machine-state.ts'
import { Remedies } from '../shared/machine/remedies.tsx'
import { useMachineText } from '../shared/machine/use-machine-text.ts'
import { VirtualMark } from '../shared/machine/virtual-mark.tsx'
import { formats, useLanguage } from '../shared/text/index.ts'

const AXES = ['X', 'Y', 'Z', 'A', 'B', 'C']

export interface MachinePanelProps {
  machine: MachineView
  /** No news can come: nothing here may look current. */
  isStale: boolean
  mayOperate: boolean
}

type State = NonNullable<MachineView['state']>
type Job = NonNullable<State['job']>

export function MachinePanel({ machine, isStale: isLineStale, mayOperate }: MachinePanelProps) {
  const text = useMachineText()
  const format = formats(useLanguage())
  const key = stateKeyOf(machine)
  const { tone, icon: Icon } = lookOf(key)
  const { state } = machine
  const isStale = isLineStale || machine.guard !== 'running' || state?.link !== 'connected'
  const stale = isStale ? 'cw-stale' : ''
  const offset = state?.modal?.find((word) => /^G5[4-9]/.test(word))
  return (
    <section className={`op-machine ${machine.isVirtual ? 'cw-virtual' : ''}`} aria-label={machine.name} data-testid={`machine-${machine.id}`}>
      <header className="op-machine-head">
        <h1>{machine.name}</h1>
        {machine.isVirtual && <VirtualMark />}
        {isStale && state?.reportedAt && <span className="cw-stale">{text.asOf(format.time(state.reportedAt))}</span>}
      </header>
      <div className="op-state" data-tone={tone} data-testid="machine-state" data-state={key} role="status">
        <Icon size={36} aria-hidden fill={key === 'run' || key === 'hold' ? 'currentColor' : 'none'} />
        <div>
          <strong>{text.state[key]}</strong>
          <p>{state?.alarm && key === 'alarm' ? `${state.alarm.text} ${state.alarm.whatToDo}` : text.meaning[key]}</p>
        </div>
      </div>
      {state?.job?.waitingFor && <WaitingJob machineId={machine.id} job={state.job} mayOperate={mayOperate && !isLineStale} />}
      {state && (
        <>
          <OpenInterlocks interlocks={state.interlocks ?? []} />
          {state.resumable && !state.job && <Resumable machineId={machine.id} resumable={state.resumable} mayOperate={mayOperate} />}
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
            {offset && <Value label={text.workOffset} value={offset} unit={wordsOf(state.modal)} />}
            {state.tool !== undefined && <Value label={text.tool} value={state.tool === 0 ? text.noTool : text.toolNumber(String(state.tool))} unit="" />}
            {state.partsCount !== undefined && <Value label={text.parts} value={format.number(state.partsCount)} unit="" />}
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

/** Units and distance mode, where the controller said them: what a person must know before typing a number. */
const wordsOf = (modal: readonly string[] = []) => modal.filter((word) => ['G20', 'G21', 'G90', 'G91'].includes(word)).join(' ')

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

function Program({ job, isStale }: { job: Job | undefined; isStale: boolean }) {
  const text = useMachineText()
  const format = formats(useLanguage())
  if (!job) return <p className="op-program-none">{text.noProgram}</p>
  const share = job.totalLines ? job.linesAcknowledged / job.totalLines : 0
  return (
    <div className={`op-program ${isStale ? 'cw-stale' : ''}`} data-testid="program">
      <p>
        <strong>{job.programName}</strong>
        <span>{text.phase[job.phase]}</span>
        {(job.fromLine ?? 1) > 1 && <span>{text.fromLine(format.number(job.fromLine ?? 1))}</span>}
        <span className="cw-numbers" data-testid="program-line">
          {text.line(format.number(job.linesAcknowledged), format.number(job.totalLines))}
        </span>
      </p>
      <progress value={share} max={1} aria-label={text.program} />
      {job.remainingS !== undefined && (
        <p className="op-remaining cw-numbers" data-testid="remaining">
          {text.remaining(format.span(job.remainingS))}
        </p>
      )}
    </div>
  )
}
