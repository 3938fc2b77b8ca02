/** How a job on LinuxCNC is ended in the books. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobEnd } from '../contract.ts'
import type { LinuxcncCore } from './core.ts'
import type { LinuxcncRun } from './run.ts'

/** The file LinuxCNC reads: it must see it under the same path. */
export const copyPath = (core: LinuxcncCore, jobId: string): string => join(core.journal.dir, 'linuxcnc', `${jobId.replaceAll(/[^A-Za-z0-9_-]/g, '_')}.ngc`)

/** Ends the job; what the phase becomes is the caller's. */
export function endRun(core: LinuxcncCore, run: LinuxcncRun, state: JobEnd['state'], text: string): void {
  tellEnd(core, run.end(state, text, core.isPositionTrusted), run.request.programName)
  rm(copyPath(core, run.request.jobId), { force: true }).catch(() => {})
  core.changed()
}

export function tellEnd(core: LinuxcncCore, end: JobEnd, programName: string): void {
  core.journal.endJob(end)
  if (end.state === 'failed' || end.state === 'interrupted')
    core.setNotice('job', `Program ${programName} ${end.state === 'failed' ? 'failed' : 'was interrupted'}. ${end.text}`)
  core.onJobEnded(end)
}
