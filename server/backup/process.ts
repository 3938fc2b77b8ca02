/** Asks the helper process (`run.ts`) one thing, and hears how far it is. */
import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fromErrorMessage, OperationalError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import { packageRoot } from '../cli/package-root.ts'
import type { Progress } from './format.ts'
import { type BackupQuestion, BackupSaid } from './question.ts'

const said = checker(BackupSaid)
/** It lets go of what it has open, and removes its half file. */
const GRACE_MS = 3000
const LONGEST_STDERR = 2000
/** Rows and files are streamed; scrypt takes 256 MB outside the heap. */
const MAX_MEMORY_MB = 1000
/** So long it may say nothing: a place that takes a connection and then is silent would keep every later back-up from being made. */
const SILENT_MS = 1_800_000
/** A place is tried out while somebody waits. */
const SILENT_TRY_MS = 90_000
/** A process that the system does not end (it waits for a network drive) is not waited for. */
const LEFT_MS = 5000
/** From the sources as from the bundle. */
const program = () => join(packageRoot(), import.meta.filename.endsWith('.ts') ? 'server/backup/run.ts' : join('dist', 'backup.js'))

/** @throws what the process threw; OperationalError stopped by the signal, backup-silent, helper-failed */
export async function askBackup(
  question: BackupQuestion,
  {
    signal,
    onProgress,
    onHostKey,
    silentMs = question.what === 'try' ? SILENT_TRY_MS : SILENT_MS,
  }: { signal: AbortSignal; onProgress?: (progress: Progress) => void; onHostKey?: (hostKey: string) => void; silentMs?: number },
): Promise<unknown> {
  const stopped = () => new OperationalError({ code: 'stopped', status: 409, message: 'The back-up was stopped. Nothing was left behind.' })
  if (signal.aborted) throw stopped()
  const child = spawn(process.execPath, [`--max-old-space-size=${MAX_MEMORY_MB}`, program()], { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true })
  try {
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
  } catch {
    // it has ended already, or the system does not let us: it is the same work at another speed
  }
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-LONGEST_STDERR)
  })
  // it may end before it has read the question: its end says so
  child.stdin.on('error', () => {})
  child.stdin.write(`${JSON.stringify(question)}\n`)
  let outcome: { result: unknown } | { error: Parameters<typeof fromErrorMessage>[0] } | undefined
  const watch = watchSilence(silentMs)
  createInterface({ input: child.stdout }).on('line', (line) => {
    watch.heard()
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      return // its end says what is wrong
    }
    if (!said.is(value)) return
    if ('progress' in value) onProgress?.(value.progress as Progress)
    else if ('hostKey' in value) onHostKey?.(value.hostKey)
    else outcome = value as NonNullable<typeof outcome>
  })
  let forcing: NodeJS.Timeout | undefined
  const gaveUp = Promise.withResolvers<string>()
  const end = () => {
    child.stdin.end()
    forcing ??= setTimeout(() => {
      child.kill('SIGKILL')
      forcing = setTimeout(() => gaveUp.resolve('it could not be ended'), LEFT_MS)
    }, GRACE_MS)
  }
  signal.addEventListener('abort', end, { once: true })
  watch.onSilent(end)
  try {
    const ended = new Promise<string>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, killed) => resolve(killed ?? String(code)))
    })
    const how = await Promise.race([ended, gaveUp.promise])
    if (signal.aborted) throw stopped()
    if (watch.isSilent())
      throw new OperationalError({
        code: 'backup-silent',
        message: `Nothing went on for ${Math.round(silentMs / 60_000) || 1} minutes, so it was given up. The place that it is brought to takes connections and does not answer, or a drive hangs: look there, then try it again.`,
      })
    if (!outcome)
      throw new OperationalError({
        code: 'helper-failed',
        message: `The process that works on back-ups ended without an answer (${how}). ${complaint.trim().split('\n').at(-1) ?? ''}`.trim(),
      })
    if ('error' in outcome) throw fromErrorMessage(outcome.error)
    return outcome.result
  } finally {
    watch.close()
    clearTimeout(forcing)
    signal.removeEventListener('abort', end)
    child.stdin.destroy()
  }
}

/** Counts the time in which nothing was heard. A computer that slept, or had no time for us, heard nothing either: that is not counted. */
function watchSilence(limitMs: number): { heard(): void; onSilent(listener: () => void): void; isSilent(): boolean; close(): void } {
  const everyMs = Math.max(10, Math.min(5000, limitMs / 10))
  let silentMs = 0
  let isSilent = false
  let listener = () => {}
  const timer = setInterval(() => {
    silentMs += everyMs
    if (silentMs < limitMs || isSilent) return
    isSilent = true
    listener()
  }, everyMs)
  return {
    heard() {
      silentMs = 0
    },
    onSilent(each) {
      listener = each
    },
    isSilent: () => isSilent,
    close: () => clearInterval(timer),
  }
}
