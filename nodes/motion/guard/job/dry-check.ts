/** The dry check: a program against the machine as it is now, without starting it. */

import { rm } from 'node:fs/promises'
import { UserError } from '../../../../base/errors.ts'
import type { ProgramReport, StartOptions } from '../../program.ts'
import { inWorker } from '../check/thread.ts'
import { writtenFile } from '../check-program.ts'
import type { GuardCore } from '../core.ts'
import { notIdle } from '../refusals.ts'
import { modelOf } from './snapshot.ts'

/** One at a time: a check uses a processor by itself, and a machine may be running beside it. */
let last: Promise<unknown> = Promise.resolve()

/**
 * @throws UserError `program-missing`, `program-changed`, `machine-not-idle` until the controller has said what it is;
 * OperationalError `check-failed`. What is wrong with the program is in the report.
 */
export function dryCheck(core: GuardCore, request: { path: string; sha256: string; options?: StartOptions }): Promise<ProgramReport> {
  const mine = last.then(() => check(core, request))
  last = mine.catch(() => {})
  return mine
}

async function check(core: GuardCore, { path, sha256, options }: { path: string; sha256: string; options?: StartOptions }): Promise<ProgramReport> {
  core.identified()
  await readAgain(core)
  const { memory } = core
  if (!memory) throw notIdle(core.view, 'The controller has not said what it is yet.')
  const model = modelOf(core, { memory, positionMm: core.view.status.machinePositionMm }, options?.blockDelete === true)
  const writeTo = writtenFile(core.journal.dir)
  try {
    const { report, refusal } = await inWorker({ kind: 'check', path, sha256, model, writeTo }, new AbortController().signal)
    // an empty program has no finding of its own
    if (refusal?.code === 'program-empty') throw new UserError(refusal)
    return report
  } finally {
    await rm(writeTo, { force: true })
  }
}

/** With the offsets as they are now, if the controller has nothing else to do; otherwise with those read last. */
async function readAgain(core: GuardCore): Promise<void> {
  if (core.phase.kind !== 'ready' || core.view.status.state !== 'idle') return
  const { connection } = core.phase
  await core.readMemory(connection, core.identified())
}
