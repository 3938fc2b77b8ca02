/**
 * What becomes of a guard that nobody watches. With a gateway at the socket a job goes on, whoever else is
 * gone. With nobody, the machine is held at once, the port is kept, and whoever comes to the socket takes
 * over; after a long time-out the guard ends with the machine held.
 */
export interface OrphanWatch {
  /** The launcher's pipe ended without a word. */
  launcherGone(): void
  /** Somebody came to the socket or left it. */
  callersChanged(): void
  stop(): void
}

export function watchForOrphan(options: {
  launchersAtSocket: () => number
  gatewaysAtSocket: () => number
  /** How long a gateway may take to come back before the machine is held. */
  graceMs: number
  timeoutMs: number
  hold: () => void
  end: () => void
}): OrphanWatch {
  let hasPipe = true
  let isStopped = false
  let holdTimer: NodeJS.Timeout | undefined
  let endTimer: NodeJS.Timeout | undefined

  const look = () => {
    const isWatched = hasPipe || options.launchersAtSocket() > 0 || options.gatewaysAtSocket() > 0
    if (isWatched || isStopped) {
      clearTimeout(holdTimer)
      clearTimeout(endTimer)
      holdTimer = undefined
      endTimer = undefined
      return
    }
    holdTimer ??= setTimeout(options.hold, options.graceMs)
    endTimer ??= setTimeout(options.end, options.timeoutMs)
  }
  return {
    launcherGone() {
      hasPipe = false
      look()
    },
    callersChanged: look,
    stop() {
      isStopped = true
      look()
    },
  }
}
