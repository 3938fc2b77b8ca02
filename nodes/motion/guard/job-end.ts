/** How a job ends: once in the journal, once to those who watch. */
import { messageOf } from '../../../base/errors.ts'
import type { JobEnd } from './contract.ts'
import type { GuardCore } from './core.ts'
import type { JobRun } from './job-run.ts'
import type { UnfinishedJob } from './journal-records.ts'
import { beforeStart } from './refusals.ts'

/** {@link endJob} where nobody waits. */
export function endJobSoon(core: GuardCore, run: JobRun, state: JobEnd['state'], text: string): void {
  endJob(core, run, state, text).catch((error) => core.view.setNotice('job-file', messageOf(error)))
}

/** Ends the job; its lease is the caller's to take back. */
export async function endJob(core: GuardCore, run: JobRun, state: JobEnd['state'], text: string): Promise<void> {
  const { hasStarted, request } = run
  const end = run.end(state, text, core.view.isPositionTrusted)
  if (hasStarted && state === 'completed') core.remembered.setPartsCount(core.remembered.partsCount + 1)
  else if (hasStarted) {
    const mark = run.markToGoOn()
    const { jobId, programName, sha256 } = request
    core.programs.brokenOff(mark && { jobId, programName, sha256, line: mark.number, text: mark.text })
  }
  const closed = run.close(beforeStart(text.replace(/\.$/, '')))
  if (hasStarted) tellEnd(core, end, request.programName)
  await closed
}

/** Writes an end down and tells it. */
export function tellEnd(core: GuardCore, end: JobEnd, programName: string): void {
  core.journal.endJob(end)
  if (end.state === 'failed' || end.state === 'interrupted')
    core.view.setNotice('job', `Program ${programName} ${end.state === 'failed' ? 'failed' : 'was interrupted'}. ${end.text}`)
  core.onJobEnded(end)
}

/** A job whose guard died under it: where it could be gone on with, as far as its journal tells. */
export function markBrokenOff(core: GuardCore, { start, progress }: UnfinishedJob): void {
  const { jobId, programName, sha256 } = start
  if (progress) core.programs.brokenOff({ jobId, programName, sha256, line: progress.line, text: progress.text })
}
