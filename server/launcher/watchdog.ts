/**
 * When the service manager is told that all is well, and when it is not told, which makes it end this launcher and start another.
 *
 * The launcher itself starts a gateway again that crashed or hangs; another launcher helps only when that has not helped for
 * long. The end of a launcher makes every guard hold its machine: so it never comes while one of them is at work.
 */
import type { ServiceManager } from './service-manager.ts'

export interface Watched {
  /** As in the launcher's processes. */
  isGatewayRunning(): boolean
  areMachinesAtRest(): Promise<boolean>
}

export interface WatchdogTimings {
  /** So long the launcher may try by itself. */
  patienceMs: number
  /** A gateway counts as back when it has run for so long. */
  steadyMs: number
}

const TIMINGS: WatchdogTimings = { patienceMs: 300_000, steadyMs: 30_000 }

/** How long the gateway has been away without having come back for good. */
export function createPatience({ patienceMs, steadyMs }: WatchdogTimings): (isRunning: boolean, nowMs: number) => 'well' | 'patient' | 'exhausted' {
  let awaySince: number | undefined
  let backSince: number | undefined
  return (isRunning, nowMs) => {
    if (isRunning) {
      backSince ??= nowMs
      if (nowMs - backSince >= steadyMs) awaySince = undefined
    } else {
      backSince = undefined
      awaySince ??= nowMs
    }
    // one that runs just now is well, however often it crashed before
    if (isRunning) return 'well'
    return nowMs - (awaySince ?? nowMs) < patienceMs ? 'patient' : 'exhausted'
  }
}

/**
 * One look: what the service manager is told now; undefined: nothing, so that it ends this launcher when that goes on.
 * @param how what patience says
 */
export async function beatFor(
  how: ReturnType<ReturnType<typeof createPatience>>,
  areMachinesAtRest: Watched['areMachinesAtRest'],
): Promise<string | undefined> {
  if (how === 'well') return 'Runs.'
  if (how === 'patient') return 'The gateway is being started again.'
  if (await areMachinesAtRest()) return undefined
  return 'The gateway does not come back, and a machine is not at rest: nothing else is ended.'
}

/** Beats until it is stopped. @returns how to stop it */
export function keepBeating(options: { manager: ServiceManager; watched: Watched; complain: (text: string) => void; timings?: WatchdogTimings }): () => void {
  const { manager, watched, complain, timings = TIMINGS } = options
  const everyMs = Math.min(10_000, (manager.watchdogMs ?? 40_000) / 4)
  const patience = createPatience(timings)
  let isLooking = false
  let isSilent = false
  const look = async () => {
    // asking the guards may take a moment
    if (isLooking) return
    isLooking = true
    try {
      const status = await beatFor(patience(watched.isGatewayRunning(), performance.now()), () => watched.areMachinesAtRest())
      if (status === undefined && !isSilent)
        complain(
          'the gateway has not come back for minutes, and every machine is at rest: systemd is no longer told that all is well, so that it starts everything anew',
        )
      isSilent = status === undefined
      if (status !== undefined) manager.tell({ WATCHDOG: '1', STATUS: status })
    } finally {
      isLooking = false
    }
  }
  const timer = setInterval(() => void look(), everyMs)
  return () => clearInterval(timer)
}
