/** Asks for status reports at the pace the moment needs, and notices when nobody answers. */

export interface Poller {
  /** A report came. */
  answered(): void
  /** Asks now, and keeps the new pace. */
  now(): void
  /** Resolves with the first report that answers a `?` sent after this call, or when the poller is stopped. */
  fresh(): Promise<void>
  /** Nobody waits for a report any more: none will come. */
  letGo(): void
  /** `?` sent since the last report. */
  readonly unanswered: number
  stop(): void
}

/** A tick that comes later than this was slept over. */
const LATE_MS = 100

/**
 * @param options.ask writes `?`
 * @param options.intervalMs pace right now
 * @param options.silenceMs how long `?` may go unanswered, of this process' own time; undefined where silence is normal (homing, critical alarm)
 * @param options.onSilence told once per silence
 */
export function createPoller(options: {
  ask: () => void
  intervalMs: () => number
  waitingIntervalMs: number
  silenceMs: () => number | undefined
  onSilence: () => void
}): Poller {
  let unanswered = 0
  let silentMs = 0
  let pacedMs = 0
  let pacedAt = performance.now()
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let waiters: { reportsToPass: number; resolve: () => void }[] = []

  const ask = () => {
    unanswered += 1
    options.ask()
  }
  const plan = () => {
    clearTimeout(timer)
    if (isStopped) return
    pacedMs = waiters.length ? Math.min(options.waitingIntervalMs, options.intervalMs()) : options.intervalMs()
    pacedAt = performance.now()
    timer = setTimeout(tick, pacedMs)
  }
  const tick = () => {
    if (isStopped) return
    // after a sleep of this process the first tick comes before the answers are read
    if (unanswered > 0) silentMs += Math.min(performance.now() - pacedAt, pacedMs + LATE_MS)
    const limit = options.silenceMs()
    if (limit === undefined) silentMs = 0
    else if (unanswered >= 3 && silentMs > limit) {
      unanswered = 0
      silentMs = 0
      options.onSilence()
      if (isStopped) return
    }
    ask()
    plan()
  }
  const letGo = () => {
    const left = waiters
    waiters = []
    for (const waiter of left) waiter.resolve()
  }
  plan()
  return {
    get unanswered() {
      return unanswered
    },
    answered() {
      unanswered = 0
      silentMs = 0
      const done = waiters.filter((waiter) => {
        waiter.reportsToPass -= 1
        return waiter.reportsToPass <= 0
      })
      if (done.length) waiters = waiters.filter((waiter) => waiter.reportsToPass > 0)
      for (const waiter of done) waiter.resolve()
    },
    now() {
      if (isStopped) return
      ask()
      plan()
    },
    fresh() {
      return new Promise((resolve) => {
        if (isStopped) return resolve()
        // a report on its way may answer an older `?`; several `?` may share one answer, then the next tick asks again
        waiters.push({ reportsToPass: unanswered > 0 ? 2 : 1, resolve })
        ask()
        plan()
      })
    },
    letGo,
    stop() {
      isStopped = true
      clearTimeout(timer)
      letGo()
    },
  }
}
