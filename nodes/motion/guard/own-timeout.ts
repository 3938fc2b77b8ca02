/** A limit for what comes from outside. It runs while this process does: after a sleep of it, what came meanwhile is read first. */

const STEP_MS = 50
/** After a sleep: for what lies there to be read, or for a question and its answer. */
const READ_MS = 250

/**
 * Calls back after so long of this process' own time; a sleep of it counts for little. For answers that are missing, never for
 * signs of life that must come: those end by the clock.
 * @returns gives it up
 */
export function ownTimeout(act: () => void, ms: number): () => void {
  let left = ms
  let last = performance.now()
  let timer: NodeJS.Timeout
  const tick = () => {
    const now = performance.now()
    const passed = now - last
    last = now
    const wasAsleep = passed > 2 * STEP_MS
    left -= Math.min(passed, 2 * STEP_MS)
    if (left > 0) plan()
    // the very moment after a sleep: nothing that came has been read yet
    else if (wasAsleep) timer = setTimeout(act, Math.min(ms, READ_MS))
    else act()
  }
  const plan = () => {
    timer = setTimeout(tick, Math.min(left, STEP_MS))
  }
  plan()
  return () => clearTimeout(timer)
}

/** For loops that wait for something and look each time whether their time is over. */
export interface OwnLimit {
  /** So long as {@link OwnLimit.end} was not called before. */
  readonly isOver: boolean
  /** Nothing is waited for any more: no timer is left behind. */
  end(): void
}

/** A limit of so long of this process' own time, as {@link ownTimeout}, that is looked at. Whoever begins it ends it. */
export function ownLimit(ms: number): OwnLimit {
  let isOver = false
  const end = ownTimeout(() => {
    isOver = true
  }, ms)
  return {
    get isOver() {
      return isOver
    },
    end,
  }
}

/** Resolves after so long of this process' own time, as {@link ownTimeout}. */
export const ownPause = (ms: number): Promise<void> => new Promise((resolve) => void ownTimeout(resolve, ms))
