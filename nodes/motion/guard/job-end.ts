/** How a job ends: once in the journal, once to those who watch. */
import { messageOf } from '../../../base/errors.ts'
import type { JobEnd } from './contract.ts'
import type { GuardCore } from './core.ts'
import type { JobRun } from './job-run.ts'
import { beforeStart } from './refusals.ts'

/** {@link endJob} where nobody waits. */
export function endJobSoon(core: GuardCore, run: JobRun, state: JobEnd['state'], text: string): void {
  endJob(core, run, state, text).catch((error) => core.view.setNotice('job-file', messageOf(error)))
}

/** Ends the job; its lease is the caller's to take back. */
export async function endJob(core: GuardCore, run: JobRun, state: JobEnd['state'], text: string): Promise<void> {
  const { hasStarted } = run
  const end = run.end(state, text, core.view.isPositionTrusted)
  const closed = run.close(beforeStart(text.replace(/\.$/, '')))
  if (hasStarted) tellEnd(core, end, run.request.programName)
  await closed
}

/** Writes an end down and tells it. */
export function tellEnd(core: GuardCore, end: JobEnd, programName: string): void {
  core.journal.endJob(end)
  if (end.state === 'failed' || end.state === 'interrupted')
    core.view.setNotice('job', `Program ${programName} ${end.state === 'failed' ? 'failed' : 'was interrupted'}. ${end.text}`)
  core.onJobEnded(end)
}
