/**
 * Tells the system's service manager how we are: systemd's protocol (sd_notify(3)). Its socket takes datagrams, which Node
 * does not send to files; `systemd-notify`, which is part of every systemd, does it, and waits until it was heard.
 */
import { execFile } from 'node:child_process'
import { messageOf } from '../../base/errors.ts'

/** What it is told: `READY`, `STOPPING`, `STATUS`, `WATCHDOG`, `EXTEND_TIMEOUT_USEC`. */
export type Told = Partial<Record<'READY' | 'STOPPING' | 'STATUS' | 'WATCHDOG' | 'EXTEND_TIMEOUT_USEC', string>>

export interface ServiceManager {
  /** How often it wants a sign at least; undefined: it wants none. */
  readonly watchdogMs: number | undefined
  /** Returns at once; what is told meanwhile goes along with the next message. */
  tell(what: Told): void
  /** Resolves when all of it was handed over, or could not be. */
  readonly told: Promise<void>
}

const LONGEST_MS = 10_000

/** What is told, as the program takes it: one line each, so nothing of it may be two. */
const argumentsOf = (what: Told) => Object.entries(what).map(([name, value]) => `${name}=${value.replaceAll(/[\r\n]+/g, ' ')}`)

/** The service manager that started this process; undefined when none did. */
export function serviceManager(options: { env?: NodeJS.ProcessEnv; complain: (text: string) => void }): ServiceManager | undefined {
  const { env = process.env, complain } = options
  const socket = env.NOTIFY_SOCKET
  if (!socket) return undefined
  const isForUs = env.WATCHDOG_PID === undefined || env.WATCHDOG_PID === String(process.pid)
  const usec = isForUs ? Number(env.WATCHDOG_USEC) : Number.NaN
  let waiting: Told | undefined
  let sending: Promise<void> | undefined
  let hasComplained = false

  const send = (what: Told) =>
    new Promise<void>((resolve) => {
      execFile('systemd-notify', argumentsOf(what), { env: { NOTIFY_SOCKET: socket, PATH: env.PATH ?? '/usr/bin:/bin' }, timeout: LONGEST_MS }, (error) => {
        if (error && !hasComplained) complain(`systemd cannot be told how we are: ${messageOf(error)}`)
        hasComplained = error !== null
        resolve()
      })
    })
  const sendAll = async () => {
    while (waiting) {
      const what = waiting
      waiting = undefined
      await send(what)
    }
    sending = undefined
  }
  return {
    watchdogMs: usec > 0 ? usec / 1000 : undefined,
    tell(what) {
      waiting = { ...waiting, ...what }
      sending ??= sendAll()
    },
    get told() {
      return sending ?? Promise.resolve()
    },
  }
}
