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

/**
 * @param options.ask writes `?`
 * @param options.intervalMs pace right now
 * @param options.silenceMs how long `?` may go unanswered; undefined where silence is normal (homing, critical alarm)
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
  let silentSince: number | undefined
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let waiters: { reportsToPass: number; resolve: () => void }[] = []

  const ask = () => {
    silentSince ??= performance.now()
    unanswered += 1
    options.ask()
  }
  const plan = () => {
    clearTimeout(timer)
    if (isStopped) return
    const pace = waiters.length ? Math.min(options.waitingIntervalMs, options.intervalMs()) : options.intervalMs()
    timer = setTimeout(tick, pace)
  }
  const tick = () => {
    if (isStopped) return
    const limit = options.silenceMs()
    if (limit === undefined) silentSince = undefined
    // three questions at least: after a sleep of this process the first tick comes before the answers are read
    else if (unanswered >= 3 && silentSince !== undefined && performance.now() - silentSince > limit) {
      unanswered = 0
      silentSince = undefined
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
      silentSince = undefined
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
