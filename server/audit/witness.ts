/**
 * The end of the chain as this host last saw it, in a file outside the database: a database that was put back to an older state, with
 * an older head that was signed properly at its time, is found by it.
 */
import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { Type } from 'typebox'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'

const Seen = Type.Object({ seq: Type.Integer({ minimum: 0 }), hash: Type.String({ pattern: '^[0-9a-f]{64}$' }) })
const seen = checker(Seen)
/** It grows with every entry; the disk need not know of each. */
const WRITE_EVERY_MS = 5000

export interface Witness {
  readonly last: { seq: number; hash: string } | undefined
  saw(head: { seq: number; hash: string }): void
  close(): Promise<void>
}

/** @param file left out where nothing is to be remembered */
export function openWitness({ file, log }: { file: string | undefined; log: Logger }): Witness {
  let last: { seq: number; hash: string } | undefined
  let written: number | undefined
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  if (file !== undefined) {
    try {
      const found: unknown = JSON.parse(readFileSync(file, 'utf8'))
      if (seen.is(found)) last = found
      written = last?.seq
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        log.error({ reason: messageOf(error), file }, 'what was remembered of the audit log cannot be read')
    }
  }
  const write = async () => {
    if (file === undefined || !last || last.seq === written) return
    const { seq, hash } = last
    try {
      await writeFile(`${file}.new`, `${JSON.stringify({ seq, hash })}\n`, { mode: 0o600 })
      await rename(`${file}.new`, file)
      written = seq
    } catch (error) {
      log.warn({ reason: messageOf(error), file }, 'the end of the audit log cannot be remembered now; tried again with the next entry')
    }
  }
  return {
    get last() {
      return last
    },
    saw({ seq, hash }) {
      if (last && seq <= last.seq) return
      last = { seq, hash }
      timer ??= setTimeout(() => {
        timer = undefined
        writing = write()
      }, WRITE_EVERY_MS).unref()
    },
    async close() {
      clearTimeout(timer)
      await writing
      await write()
    },
  }
}
