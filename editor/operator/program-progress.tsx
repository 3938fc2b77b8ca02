/** How far a program is: its name, its phase, the line, the share and the time left. */
import type { MachineView } from '../../server/api/machines.ts'
import { useMachineText } from '../shared/machine/use-machine-text.ts'
import { formats, useLanguage } from '../shared/text/index.ts'

export type RunningJob = NonNullable<NonNullable<MachineView['state']>['job']>

export const shareOf = (job: RunningJob): number => (job.totalLines ? job.linesAcknowledged / job.totalLines : 0)

export function ProgramProgress({ job, isStale }: { job: RunningJob | undefined; isStale: boolean }) {
  const text = useMachineText()
  const format = formats(useLanguage())
  if (!job) return <p className="op-program-none">{text.noProgram}</p>
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
      <progress value={shareOf(job)} max={1} aria-label={text.program} />
      {job.remainingS !== undefined && (
        <p className="op-remaining cw-numbers" data-testid="remaining">
          {text.remaining(format.span(job.remainingS))}
        </p>
      )}
    </div>
  )
}
