/**
 * One life of one process, as the launcher sees it: spawned by this launcher, or adopted from an earlier
 * one. What should happen when it ends is the keeper's business (keeper.ts).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import type { Duplex, Writable } from 'node:stream'
import { type LauncherMessage, readJsonLines, type Vitals } from '../../base/child.ts'
import { commandThatDiesWith, dismissWatcher, type LastSignal } from '../../base/dies-with.ts'
import { openLogFile } from './log-files.ts'

/** How a life ended. */
export interface Ending {
  /** In words: `it was ended by SIGKILL`, `it ended with code 1`. */
  text: string
  /** The process said why it cannot work: a person must put something right. */
  cannotStart?: string
  /** The code of that, as errors carry it. */
  code?: string
  /** It ended by itself and without an error. */
  isClean: boolean
}

export interface Life {
  readonly pid: number
  readonly isAdopted: boolean
  /** Whether it gives signs of life at all: a silence then means that it hangs. */
  readonly givesSigns: boolean
  /** Resolves with what it told when it was ready; never, when it ends before that. */
  readonly ready: Promise<unknown>
  readonly ended: Promise<Ending>
  /** How it is, as far as it says, with each sign of life. */
  onSign(listener: (vitals: Partial<Vitals>) => void): void
  onNote(listener: (data: unknown) => void): void
  /** Tells it something; false where this life cannot be told anything. */
  note(data: unknown): boolean
  /** Asks it to close everything and end. */
  shutdown(): void
  /** Ends it now. */
  kill(): void
}

export interface Program {
  command: string
  args: readonly string[]
  /** Added to the environment it is given. */
  env?: Readonly<Record<string, string>>
}

export interface SpawnOptions {
  program: Program
  init: unknown
  env: Record<string, string>
  cwd: string
  logFile: string
  /** Makes it end with this launcher; without it the process decides for itself what the end of the pipe means. */
  last?: LastSignal
  /** Its nice value. @defaultValue 0 */
  nice?: number
  complain: (text: string) => void
}

const WATCHER_FD = 4

/**
 * Starts a process that speaks base/child.ts on file descriptor 3. It gets a session of its own, so that
 * Ctrl-C in the terminal does not reach it before its turn, and writes straight into its log file, so
 * that it loses nothing when this launcher dies.
 */
export function spawnLife(options: SpawnOptions): Life {
  const { program, last, complain } = options
  const run = last ? commandThatDiesWith({ ...program, fd: WATCHER_FD, last }) : { command: program.command, args: [...program.args] }
  const log = openLogFile(options.logFile)
  let child: ChildProcess
  try {
    child = spawn(run.command, run.args, {
      cwd: options.cwd,
      env: { ...options.env, ...program.env },
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log.fd, log.fd, 'pipe', last ? 'pipe' : 'ignore'],
    })
  } finally {
    log.close()
  }
  const pipe = child.stdio[3] as unknown as Duplex
  const watcher = child.stdio[WATCHER_FD] as unknown as Writable | null
  // how the process ended says more than a pipe that broke
  pipe.on('error', () => {})
  watcher?.on('error', () => {})
  if (options.nice && child.pid) {
    try {
      setPriority(child.pid, options.nice)
    } catch (error) {
      complain(`${program.command} keeps its normal priority: ${(error as Error).message}`)
    }
  }

  const signListeners: ((vitals: Partial<Vitals>) => void)[] = []
  const noteListeners: ((data: unknown) => void)[] = []
  let cannotStart: string | undefined
  let code: string | undefined
  let becomeReady: (data: unknown) => void = () => {}
  const ready = new Promise<unknown>((resolve) => {
    becomeReady = resolve
  })
  const take = (raw: unknown) => {
    const message = (typeof raw === 'object' && raw !== null ? raw : {}) as { type?: unknown; data?: unknown; message?: unknown; code?: unknown }
    switch (message.type) {
      case 'ready':
        becomeReady(message.data)
        break
      case 'heartbeat':
        break
      case 'failed':
        cannotStart = String(message.message)
        if (typeof message.code === 'string') code = message.code
        break
      case 'note':
        for (const listener of noteListeners) listener(message.data)
        break
      default:
        complain(`not understood: ${JSON.stringify(raw).slice(0, 200)}`)
        return
    }
    const vitals = message.type === 'heartbeat' ? vitalsIn(raw as Partial<Record<keyof Vitals, unknown>>) : {}
    for (const listener of signListeners) listener(vitals)
  }
  pipe.on(
    'data',
    readJsonLines(take, (line) => complain(`not understood: ${line.slice(0, 200)}`)),
  )
  const send = (message: LauncherMessage) => {
    if (!pipe.writable) return false
    pipe.write(`${JSON.stringify(message)}\n`)
    return true
  }
  send({ type: 'init', data: options.init })

  const ended = new Promise<Ending>((resolve) => {
    child.once('error', (error) => resolve({ text: `it could not be started: ${error.message}`, isClean: false }))
    child.once('exit', (exitCode, signal) => {
      if (last) endStrays(child.pid)
      dismissWatcher(watcher)
      // what it said last may still be in the pipe
      const tell = () =>
        resolve({
          text: signal ? `it was ended by ${signal}` : `it ended with code ${exitCode}`,
          ...(cannotStart === undefined ? {} : { cannotStart }),
          ...(code === undefined ? {} : { code }),
          isClean: exitCode === 0,
        })
      if (pipe.readableEnded || pipe.destroyed) tell()
      else {
        pipe.once('close', tell)
        // a process that it left behind may hold the other end
        setTimeout(() => pipe.destroy(), 500).unref()
      }
    })
  })
  return {
    pid: child.pid ?? 0,
    isAdopted: false,
    givesSigns: true,
    ready,
    ended,
    onSign: (listener) => signListeners.push(listener),
    onNote: (listener) => noteListeners.push(listener),
    note: (data) => send({ type: 'note', data }),
    shutdown: () => void send({ type: 'shutdown' }),
    kill: () => void child.kill('SIGKILL'),
  }
}

const VITALS = ['lagMs', 'rssBytes', 'heapBytes', 'heapLimitBytes', 'cpuPercent'] as const satisfies readonly (keyof Vitals)[]

/** The numbers of a heartbeat; whatever else stands there is left out. */
function vitalsIn(message: Partial<Record<keyof Vitals, unknown>>): Partial<Vitals> {
  return Object.fromEntries(VITALS.flatMap((name) => (Number.isFinite(message[name]) ? [[name, message[name]]] : [])))
}

/** Ends what a process that has ended left behind in its process group (its watcher too). */
function endStrays(pid: number | undefined): void {
  if (pid === undefined || process.platform === 'win32') return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
