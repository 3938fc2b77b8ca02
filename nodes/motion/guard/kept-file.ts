/** A small fact that must outlive this process: a JSON file of its own, replaced whole. */
import { mkdirSync, readFileSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Static, TSchema } from 'typebox'
import { checker } from '../../../base/schema.ts'

export interface KeptFile<T> {
  /** What the file said at the start, or was told since. */
  readonly value: T | undefined
  /**
   * Takes on a value at once and resolves when it is on the disk.
   * @throws Error when it cannot be written; the value counts all the same until this process ends
   */
  write(value: T): Promise<void>
  /** Resolves when nothing is being written any more, whether it could be or not. */
  settled(): Promise<void>
}

/**
 * Reads the file once, at the start of the process (synchronously, a few hundred bytes). A file that is damaged counts
 * as none: it is replaced by the next write.
 */
export function keepFile<S extends TSchema>(path: string, schema: S): KeptFile<Static<S>> {
  const known = checker(schema)
  let value = readOnce(path, (raw): raw is Static<S> => known.is(raw))
  let writing: Promise<void> = Promise.resolve()
  return {
    get value() {
      return value
    },
    write(next) {
      value = next
      // one after the other: the last one told is the last one written
      const written = writing.then(() => replace(path, JSON.stringify(next)))
      writing = written.catch(() => {})
      return written
    },
    settled: () => writing,
  }
}

function readOnce<T>(path: string, isKnown: (raw: unknown) => raw is T): T | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const raw: unknown = JSON.parse(text)
    return isKnown(raw) ? raw : undefined
  } catch {
    // half written or overwritten
    return undefined
  }
}

async function replace(path: string, text: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const next = `${path}.tmp`
  const file = await open(next, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.datasync()
    await file.close()
    await rename(next, path)
  } catch (error) {
    await file.close().catch(() => {})
    await rm(next, { force: true })
    throw error
  }
}
