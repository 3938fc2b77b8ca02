/** The program at work on the machine: how far, how long still, what it waits for; or why it did not start. */
import { CircleAlert, X } from 'lucide-react'
import type { MachineView } from '../../../server/api/machines.ts'
import type { Job } from '../../../server/api/work.ts'
import { upsertBy, useLive } from '../../shared/live.ts'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { useProgramsText } from '../use-programs-text.ts'

export interface JobBannerProps {
  machine: MachineView
  /** The job this page has asked for. */
  started: Job | undefined
  isStale: boolean
  /** Code and picture go with the machine. */
  isFollowing: boolean
  /** Undefined where there is nothing to follow: another program runs. */
  onFollow: ((isFollowing: boolean) => void) | undefined
  onForget: () => void
}

export function JobBanner({ machine, started, isStale, isFollowing, onFollow, onForget }: JobBannerProps) {
  const text = useProgramsText().job
  const words = useMachineText()
  const common = useCommonText()
  const format = formats(useLanguage())
  const jobs = useLive(
    'jobs',
    upsertBy((job) => job.id),
  )
  const job = machine.state?.job
  const known = started && (jobs.value?.find(({ id }) => id === started.id) ?? started)
  if (job)
    return (
      <div
        className={`job-banner ${isStale ? 'cw-stale' : ''}`}
        data-waiting={job.phase === 'waiting' || undefined}
        data-testid="job-banner"
        data-state="running"
      >
        <strong>{words.phase[job.phase]}</strong>
        <span className="cw-numbers">{words.line(format.number(job.linesAcknowledged), format.number(job.totalLines))}</span>
        <progress max={1} value={job.totalLines ? job.linesAcknowledged / job.totalLines : 0} aria-label={words.program} />
        {job.remainingS !== undefined && <span className="cw-numbers">{words.remaining(format.span(job.remainingS))}</span>}
        {job.waitingFor && <span>{job.waitingFor.text}</span>}
        {onFollow && (
          <label>
            <input type="checkbox" checked={isFollowing} onChange={(event) => onFollow(event.currentTarget.checked)} /> {text.follow}
          </label>
        )}
        <a href={`/operator#${machine.id}`}>{text.toPanel}</a>
      </div>
    )
  if (!known) return null
  const isBad = known.state === 'failed' || known.state === 'interrupted'
  return (
    <div className="job-banner" data-bad={isBad || undefined} role={isBad ? 'alert' : 'status'} data-testid="job-banner" data-state={known.state}>
      {isBad && <CircleAlert size={18} aria-hidden />}
      <strong>{text.states[known.state]}</strong>
      <span>{known.reason ?? outcomeText(known.outcome)}</span>
      {known.state !== 'waiting' && known.state !== 'active' && (
        <button type="button" className="p-back" onClick={onForget} aria-label={common.close}>
          <X size={18} aria-hidden />
        </button>
      )}
    </div>
  )
}

function outcomeText(outcome: unknown): string {
  return typeof outcome === 'object' && outcome !== null && 'text' in outcome ? String(outcome.text) : ''
}
