/**
 * A small process of our own that is asked one thing and ends: for what would hold up the gateway's loop (a program to
 * rewrite) or must not be opened in it (a serial port). The question goes in as one line of JSON, the answer comes out as
 * one: `{"result": …}` or `{"error": …}` (base/errors.ts). It ends when its input does, so none outlives the gateway.
 */
import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { type ErrorMessage, fromErrorMessage, OperationalError } from '../../base/errors.ts'
import { packageRoot } from '../cli/package-root.ts'
import { followChild } from '../system/own-children.ts'

/** Which program: its source, and its name in dist/. */
export interface HelperEntry {
  source: string
  built: string
}

const LONGEST_ANSWER_BYTES = 64_000_000
const LONGEST_STDERR = 2000
/** For a process that is told to end before it has answered. */
const GRACE_MS = 2000

/** From the sources as from the bundle. */
const fileOf = ({ source, built }: HelperEntry) => join(packageRoot(), import.meta.filename.endsWith('.ts') ? source : join('dist', `${built}.js`))

/**
 * @param options.lowPriority gives way to everything else on this host @defaultValue false
 * @param options.maxMemoryMb heap of the process @defaultValue Node's own
 * @throws what the process threw; OperationalError `helper-failed` when it ended without an answer, `timed-out`, `closing` by the signal
 */
export async function askHelper(
  entry: HelperEntry,
  question: unknown,
  options: { timeoutMs: number; signal: AbortSignal; lowPriority?: boolean; maxMemoryMb?: number },
): Promise<unknown> {
  const { timeoutMs, signal, lowPriority = false, maxMemoryMb } = options
  if (signal.aborted) throw closing()
  const child = spawn(process.execPath, [...(maxMemoryMb === undefined ? [] : [`--max-old-space-size=${maxMemoryMb}`]), fileOf(entry)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
  followChild(child, `helper:${entry.built}`)
  if (lowPriority && child.pid !== undefined) {
    try {
      setPriority(child.pid, constants.priority.PRIORITY_LOW)
    } catch {
      // it has ended already, or the system does not let us: it is the same work at another speed
    }
  }
  let answer = ''
  let isTooLong = false
  let complaint = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    answer += text
    if (answer.length <= LONGEST_ANSWER_BYTES) return
    isTooLong = true
    child.kill('SIGKILL')
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-LONGEST_STDERR)
  })
  // it may end before it has read the question: its end says so
  child.stdin.on('error', () => {})
  child.stdin.write(`${JSON.stringify(question)}\n`)

  const stop = { reason: undefined as OperationalError | undefined }
  let forcing: NodeJS.Timeout | undefined
  const end = (reason: OperationalError) => {
    stop.reason ??= reason
    // it lets go of what it has open, if it still can
    child.stdin.end()
    forcing ??= setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
  }
  const timer = setTimeout(
    () => end(new OperationalError({ code: 'timed-out', message: `It took longer than ${Math.round(timeoutMs / 1000)} s and was given up.` })),
    timeoutMs,
  )
  const onAbort = () => end(closing())
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const how = await new Promise<string>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, killed) => resolve(killed ?? String(code)))
    })
    if (stop.reason) throw stop.reason
    const line = answer.split('\n', 1)[0] ?? ''
    let said: { result?: unknown; error?: ErrorMessage } | undefined
    try {
      if (!isTooLong) said = JSON.parse(line) as typeof said
    } catch {
      // said below, with how it ended
    }
    if (said?.error) throw fromErrorMessage(said.error)
    if (!said || !('result' in said))
      throw new OperationalError({
        code: 'helper-failed',
        message: `The process that was to do this ended without an answer (${how}). ${complaint.trim().split('\n').at(-1) ?? ''}`.trim(),
      })
    return said.result
  } finally {
    clearTimeout(timer)
    clearTimeout(forcing)
    signal.removeEventListener('abort', onAbort)
    child.stdin.destroy()
  }
}

const closing = () => new OperationalError({ code: 'closing', message: 'The gateway is ending. Nothing was changed; try again when it is back.' })
