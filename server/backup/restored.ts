/** That this host was restored from a back-up: told in the audit log once, and a copy stands still until a person lets it begin. */
import { readFile } from 'node:fs/promises'
import { type Static, Type } from 'typebox'
import { writeOwnerFile } from '../../base/owner-file.ts'
import { checker } from '../../base/schema.ts'

const Mark = Type.Object({
  at: Type.String(),
  as: Type.Enum(['copy', 'replacement']),
  backupAt: Type.String(),
  host: Type.String(),
  isHeld: Type.Boolean(),
  isRecorded: Type.Boolean(),
})
const mark = checker(Mark)
/** The launcher starts a copy with its flows stopped while `isHeld`. */
export type RestoredMark = Static<typeof Mark>

export async function readMark(file: string): Promise<RestoredMark | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    return mark.is(value) ? value : undefined
  } catch {
    return undefined // it never was
  }
}

export async function writeMark(file: string, value: RestoredMark): Promise<void> {
  await writeOwnerFile(file, `${JSON.stringify(value)}\n`, { isSynced: true })
}
