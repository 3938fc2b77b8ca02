/**
 * Fencing tokens: every one is higher than all before it, also those that a guard before this one gave. Numbers are set
 * aside on the disk a thousand at a time, before the first of them is given.
 */
import { closeSync, fdatasyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** So many are set aside at once. */
const BLOCK = 1000

export class TokenCounter {
  readonly #path: string
  #next: number
  #limit: number

  /** Reads and writes one tiny file, once, while nothing else runs yet. */
  constructor(path: string) {
    this.#path = path
    const reserved = readReserved(path)
    this.#next = reserved + 1
    this.#limit = reserved + BLOCK
    // with a disk that takes nothing, the clock is what a later guard will not be behind of
    if (!reserve(path, this.#limit)) this.#next = Math.max(this.#next, Date.now())
  }

  next(): number {
    const token = this.#next
    this.#next += 1
    if (token >= this.#limit) {
      // a few microseconds on a file of ten bytes, once in a thousand tokens
      this.#limit = token + BLOCK
      reserve(this.#path, this.#limit)
    }
    return token
  }
}

function readReserved(path: string): number {
  try {
    const found = Number(readFileSync(path, 'utf8').trim())
    return Number.isSafeInteger(found) && found >= 0 ? found : Date.now()
  } catch (error) {
    // an unreadable file hides how far it went: the clock is further
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 0 : Date.now()
  }
}

function reserve(path: string, limit: number): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const file = openSync(`${path}.tmp`, 'w', 0o600)
    try {
      writeSync(file, `${limit}\n`)
      fdatasyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(`${path}.tmp`, path)
    return true
  } catch {
    // a full disk: the journal tells the person, and no token is ever given twice by this process
    return false
  }
}
