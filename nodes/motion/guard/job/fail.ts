/** A job that cannot go on. */
import type { GuardCore } from '../core.ts'
import { stopFor } from '../hold-and-stop.ts'
import type { JobRun } from '../job-run.ts'

/** Holds, sees it standing, resets: what is in the controller's buffers is not to run. */
export function failJob(core: GuardCore, run: JobRun, text: string): void {
  if (core.phase.kind !== 'job' || core.phase.run !== run) return
  const { connection } = core.phase
  if (!connection.isOpen) return
  connection.realtime('feedHold')
  stopFor(core, connection, { kind: 'job-failed', text })
}
