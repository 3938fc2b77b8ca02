/**
 * The processes' log files. Children write straight into them, so that a guard's log does not break with the launcher; they cannot
 * be told to open another one. What is to be put aside is therefore copied, compressed, and then cut off at the front: every
 * writer appends (O_APPEND), and goes on at the new end.
 */
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** At the start of a process: only what grew while nobody looked after it. */
const TURN_OVER_BYTES = 50 * 1024 * 1024

/** `gateway.log` -> `gateway-20260131T120000Z.log`: put aside at that time. */
export const asideName = (file: string, at: Date): string => file.replace(/\.log$/, `-${at.toISOString().replaceAll(/[-:]|\.\d+/g, '')}.log`)

/** Puts a log file aside that grew too large. For one that nobody writes any more; see log-keeper.ts for the others. */
export function turnOver(file: string, limitBytes = TURN_OVER_BYTES): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  if (!existsSync(file) || statSync(file).size <= limitBytes) return
  renameSync(file, asideName(file, new Date()))
}

/** Opens a log file for appending. */
export function openLogFile(file: string): { fd: number; close: () => void } {
  turnOver(file)
  const fd = openSync(file, 'a', 0o600)
  return { fd, close: () => closeSync(fd) }
}

/** The last lines of a log file, for a person who asks why a process ended; empty when there is none. */
export function lastLines(file: string, count: number): string[] {
  if (!existsSync(file)) return []
  const fd = openSync(file, 'r')
  try {
    const { size } = fstatSync(fd)
    const buffer = Buffer.alloc(Math.min(size, 8192))
    readSync(fd, buffer, 0, buffer.length, size - buffer.length)
    return buffer.toString('utf8').trimEnd().split('\n').slice(-count)
  } finally {
    closeSync(fd)
  }
}
