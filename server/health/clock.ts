/** Notices when this computer's clock was set, or the computer slept: times in logs and schedules do not fit together then. */
const LOOK_MS = 5000
/** A busy process looks late; both clocks are late then. What differs by more is a jump. */
const JUMP_MS = 2000
const KEPT = 5

export interface ClockWatch {
  readonly jumps: readonly { at: string; ms: number }[]
  close(): void
}

/** Two clocks: one that people set, one that only counts on. */
export interface Clocks {
  wall: () => number
  steady: () => number
}

/** @returns how far the wall clock moved against the steady one since the last call, when that is a jump */
export function jumpsOf({ wall, steady }: Clocks): () => number | undefined {
  let before = wall() - steady()
  return () => {
    const now = wall() - steady()
    const ms = Math.round(now - before)
    before = now
    return Math.abs(ms) > JUMP_MS ? ms : undefined
  }
}

export function watchClock(onJump: (ms: number) => void, clocks: Clocks = { wall: Date.now, steady: () => performance.now() }): ClockWatch {
  const look = jumpsOf(clocks)
  const jumps: { at: string; ms: number }[] = []
  const timer = setInterval(() => {
    const ms = look()
    if (ms === undefined) return
    jumps.push({ at: new Date(clocks.wall()).toISOString(), ms })
    if (jumps.length > KEPT) jumps.shift()
    onJump(ms)
  }, LOOK_MS).unref()
  return { jumps, close: () => clearInterval(timer) }
}
