/** Listening for a while. */
import { setTimeout as wait } from 'node:timers/promises'

const STEP_MS = 100

/** Waits so long, or until it is enough. What this process stood still does not count: it heard nothing then. */
export async function listenFor(ms: number, enough: AbortSignal): Promise<void> {
  for (let left = ms; left > 0 && !enough.aborted; left -= STEP_MS) await wait(STEP_MS, undefined, { signal: enough }).catch(() => {}) // heard enough
}
