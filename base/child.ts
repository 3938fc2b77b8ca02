/**
 * A process's life under the launcher: JSON lines over the pipe on file descriptor 3.
 *
 * The launcher sends `init` first, `shutdown` at the end; the child sends `ready`, a heartbeat with its
 * event-loop lag, and whatever else its contract with the launcher says. End of file means that the
 * launcher is gone: what then happens is the child's own policy (docs/architecture.md).
 *
 * Only Node's own modules: the launcher and its children share this file, and the launcher runs before
 * anything is installed.
 */
import { Socket } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { StringDecoder } from 'node:string_decoder'
import { getHeapStatistics } from 'node:v8'

/** Sent by the launcher. `init.data` is checked by the child against its own schema. */
export type LauncherMessage = { type: 'init'; data: unknown } | { type: 'shutdown' } | { type: 'note'; data: unknown }

/** How a process is, measured by itself. */
export interface Vitals {
  /** Longest wait of its event loop since the last sign, in ms. */
  lagMs: number
  /** What it holds in memory; absent where the system does not tell. */
  rssBytes?: number
  /** Of JavaScript, and how much that may become before the process ends. */
  heapBytes: number
  heapLimitBytes: number
  /** Of one core since the last sign; threads may make it more than 100. */
  cpuPercent: number
}

/** Sent by a child. */
export type ChildMessage =
  | { type: 'ready'; data?: unknown }
  | ({ type: 'heartbeat' } & Vitals)
  | { type: 'failed'; message: string; code?: string }
  | { type: 'note'; data: unknown }

/** The child's end of the pipe. */
export interface LauncherLink {
  /** Everything the launcher passed at start. */
  readonly init: unknown
  /** Tells the launcher that this process does its work now. */
  ready(data?: unknown): void
  /** Tells the launcher why this process cannot start: a person must put something right, starting again does not help. */
  failed(message: string, code?: string): void
  /** Tells the launcher something in the child's own words (e.g. which machines should have guards). */
  note(data: unknown): void
  onNote(listener: (data: unknown) => void): void
}

const LONGEST_LINE = 16 * 1024 * 1024

/** Splits a byte stream into JSON lines; a line that is not JSON is handed to `onBad` and left out. */
export function readJsonLines(onMessage: (message: unknown) => void, onBad: (line: string) => void): (chunk: Buffer) => void {
  // a character may be cut by the end of a chunk
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return (chunk) => {
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST_LINE) {
      onBad(`${rest.slice(0, 100)}…`)
      rest = ''
    }
    for (const line of lines) {
      if (!line) continue
      let message: unknown
      try {
        message = JSON.parse(line)
      } catch {
        onBad(line)
        continue
      }
      onMessage(message)
    }
  }
}

/** Read from a file (libuv, uv_resident_set_memory): without file descriptors left, or without /proc, it throws. Nothing may die of being measured. */
function residentSize(): Pick<Vitals, 'rssBytes'> {
  try {
    return { rssBytes: process.memoryUsage.rss() }
  } catch {
    return {}
  }
}

/** Measures this process from one call to the next. */
export function measureVitals(): () => Vitals {
  const delay = monitorEventLoopDelay({ resolution: LAG_LOOK_MS })
  delay.enable()
  let cpu = process.cpuUsage()
  let at = performance.now()
  return () => {
    // what it measures is from one look to the next
    const lagMs = Math.max(0, Math.round(delay.max / 1e6) - LAG_LOOK_MS)
    delay.reset()
    const used = process.cpuUsage(cpu)
    const elapsedMs = Math.max(1, performance.now() - at)
    cpu = process.cpuUsage()
    at = performance.now()
    const heap = getHeapStatistics()
    return {
      lagMs,
      ...residentSize(),
      heapBytes: heap.used_heap_size,
      heapLimitBytes: heap.heap_size_limit,
      cpuPercent: Math.round((used.user + used.system) / 10 / elapsedMs),
    }
  }
}

const HEARTBEAT_MS = 1000
/** A look at the event loop wakes the process: often enough to see what a person could notice, no more. */
const LAG_LOOK_MS = 100

/**
 * Waits for `init`, ignores SIGINT and SIGTERM (the pipe is what a child obeys, so that shutdown keeps
 * its order on Ctrl-C too), and sends heartbeats. From here on a log line that cannot be written ends nothing.
 *
 * @param options.onShutdown close everything, then return; the process exits afterwards
 * @param options.onLauncherGone the pipe ended without a word; same promise as `onShutdown`
 */
export async function underLauncher(options: { onShutdown: () => Promise<void>; onLauncherGone: () => Promise<void> }): Promise<LauncherLink> {
  // the launcher reads these: once it is gone, a line written there fails with EPIPE and would end the process
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  const pipe = new Socket({ fd: 3, readable: true, writable: true })
  const noteListeners: ((data: unknown) => void)[] = []
  let isEnding = false
  const end = (how: () => Promise<void>) => {
    if (isEnding) return
    isEnding = true
    clearInterval(heartbeat)
    how().then(
      () => process.exit(0),
      (error) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  const send = (message: ChildMessage) => {
    if (pipe.writable) pipe.write(`${JSON.stringify(message)}\n`)
  }
  const vitals = measureVitals()
  const heartbeat = setInterval(() => send({ type: 'heartbeat', ...vitals() }), HEARTBEAT_MS)

  let gotInit: (data: unknown) => void = () => {}
  const init = new Promise<unknown>((resolve) => {
    gotInit = resolve
  })
  pipe.on(
    'data',
    readJsonLines(
      (raw) => {
        const message = raw as LauncherMessage
        if (message.type === 'init') gotInit(message.data)
        else if (message.type === 'shutdown') end(options.onShutdown)
        else if (message.type === 'note') for (const listener of noteListeners) listener(message.data)
      },
      (line) => console.error(`not a message from the launcher: ${line}`),
    ),
  )
  pipe.on('error', () => end(options.onLauncherGone))
  pipe.on('end', () => end(options.onLauncherGone))
  pipe.on('close', () => end(options.onLauncherGone))

  return {
    init: await init,
    ready: (data) => send({ type: 'ready', ...(data === undefined ? {} : { data }) }),
    failed: (message, code) => send({ type: 'failed', message, ...(code === undefined ? {} : { code }) }),
    note: (data) => send({ type: 'note', data }),
    onNote: (listener) => {
      noteListeners.push(listener)
    },
  }
}
