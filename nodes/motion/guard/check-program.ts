/**
 * Looks at a whole program before its first line is sent: is it the file that was meant, would the controller take every
 * line, is every move inside the envelope and clear of what stands in the machine. Done in a thread of its own.
 */
import { randomUUID } from 'node:crypto'
import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fromErrorMessage, messageOf, UserError } from '../../../base/errors.ts'
import type { MachineModel } from '../gcode/index.ts'
import type { CheckAnswer, FlatFacts } from './check/contract.ts'
import { inWorker } from './check/thread.ts'
import type { LinePlace } from './program-lines.ts'
import type { FlatProgram } from './program-source.ts'

export interface ProgramToCheck {
  path: string
  sha256: string
  model: MachineModel
  /** Where what is written out for the controller is kept while the job runs. */
  dir: string
  signal: AbortSignal
}

/** A program that was found good, ready to be streamed. */
export interface CheckedProgram extends CheckAnswer {
  program: FlatProgram
}

/**
 * @throws UserError `program-changed` (not the file with this hash), `program-missing`, `program-empty`, `line-refused`,
 * `outside-envelope`, `keep-out` and others (with line, column, reason); OperationalError `check-failed`; the
 * reason of `signal` when aborted
 */
export async function checkProgram({ path, sha256, model, dir, signal }: ProgramToCheck): Promise<CheckedProgram> {
  const writeTo = writtenFile(dir)
  try {
    const answer = await inWorker({ kind: 'check', path, sha256, model, writeTo }, signal)
    if (answer.refusal) throw fromErrorMessage(answer.refusal)
    return { ...answer, program: await openFlat(answer.flat, model) }
  } catch (error) {
    await rm(writeTo, { force: true })
    throw error
  }
}

/** The file that is streamed stays open: what happens to its name does not matter any more. @throws UserError `program-missing` */
export async function openFlat(flat: FlatFacts, model: MachineModel, start?: { place: LinePlace; linesBefore: number }): Promise<FlatProgram> {
  const { path, form, sizeBytes, checksums } = flat
  const file = await open(path, 'r').catch((error) => {
    throw new UserError({ code: 'program-missing', message: `The program cannot be read: ${messageOf(error)}. Load it again and start anew.`, cause: error })
  })
  return {
    file,
    path,
    form,
    sizeBytes,
    checksums,
    totalLines: flat.totalLines - (start?.linesBefore ?? 0),
    from: start?.place ?? { at: 0, lines: 0 },
    maxLineLength: model.dialect.maxLineLength,
    blockDelete: model.blockDelete === true,
    async dispose() {
      await file.close()
      if (form === 'written') await rm(path, { force: true })
    },
  }
}

const WRITTEN = /^written-[0-9a-f-]{36}\.nc$/

/** A new name for what a check writes out. */
export function writtenFile(dir: string): string {
  return join(dir, `written-${randomUUID()}.nc`)
}

/** Removes what checks of a guard before this one have left. */
export async function removeWritten(dir: string): Promise<void> {
  for (const name of await readdir(dir)) if (WRITTEN.test(name)) await rm(join(dir, name), { force: true })
}
