/** For limits in tests that must hold on a busy machine, too. */

const TICK_MS = 5
/** Longer than this between two ticks, and either we worked or somebody else did. */
const GAP_MS = 20

/**
 * Begins a clock that runs while this process has a processor: what a busy machine gave to others does not count, own work that
 * kept the event loop does. For processes that share theirs with what they test.
 * @returns reads it once, in ms, and ends it
 */
export function ownTime(): () => number {
  let total = 0
  let last = performance.now()
  let worked = process.cpuUsage()
  const tick = () => {
    const now = performance.now()
    const { user, system } = process.cpuUsage(worked)
    total += Math.min(now - last, Math.max(GAP_MS, (user + system) / 1000))
    last = now
    worked = process.cpuUsage()
  }
  const timer = setInterval(tick, TICK_MS)
  return () => {
    clearInterval(timer)
    tick()
    return total
  }
}
