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
/** From the sources as from the bundle. */
const program = () => join(packageRoot(), import.meta.filename.endsWith('.ts') ? 'server/backup/run.ts' : join('dist', 'backup.js'))

/** @throws what the process threw; OperationalError stopped by the signal, helper-failed */
export async function askBackup(
  question: BackupQuestion,
  { signal, onProgress, onHostKey }: { signal: AbortSignal; onProgress?: (progress: Progress) => void; onHostKey?: (hostKey: string) => void },
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
  createInterface({ input: child.stdout }).on('line', (line) => {
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
  const onAbort = () => {
    child.stdin.end()
    forcing ??= setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const how = await new Promise<string>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, killed) => resolve(killed ?? String(code)))
    })
    if (signal.aborted) throw stopped()
    if (!outcome)
      throw new OperationalError({
        code: 'helper-failed',
        message: `The process that works on back-ups ended without an answer (${how}). ${complaint.trim().split('\n').at(-1) ?? ''}`.trim(),
      })
    if ('error' in outcome) throw fromErrorMessage(outcome.error)
    return outcome.result
  } finally {
    clearTimeout(forcing)
    signal.removeEventListener('abort', onAbort)
    child.stdin.destroy()
  }
}
