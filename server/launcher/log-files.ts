/** The processes' log files. */
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

const TURN_OVER_BYTES = 10 * 1024 * 1024
const KEPT = 3

/**
 * Puts a log file that has grown beyond 10 MB aside, as `.1` to `.3`. A running process goes on writing to
 * its old file, so this is done when a process is started.
 */
export function turnOver(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  if (!existsSync(file) || statSync(file).size <= TURN_OVER_BYTES) return
  for (let n = KEPT - 1; n > 0; n -= 1) if (existsSync(`${file}.${n}`)) renameSync(`${file}.${n}`, `${file}.${n + 1}`)
  renameSync(file, `${file}.1`)
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
