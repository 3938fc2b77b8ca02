/** Keeps the screen on while the panel is in sight: the Screen Wake Lock of the browser (W3C), which it takes away whenever the page is hidden. */
import { useEffect, useSyncExternalStore } from 'react'

/** `insecure`: browsers have it on secure pages only. `refused`: a battery that is nearly empty, a policy of the device. */
export type AwakeState = 'off' | 'kept' | 'refused' | 'insecure' | 'unknown'

let state: AwakeState = 'off'
const watchers = new Set<() => void>()
const become = (next: AwakeState) => {
  if (state === next) return
  state = next
  for (const watcher of watchers) watcher()
}
const watch = (watcher: () => void) => {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

/** Whether the screen is kept on, or why not. */
export function useAwakeState(): AwakeState {
  return useSyncExternalStore(watch, () => state)
}

/** Keeps the screen on for as long as it is wanted; asked for again when the page is in sight again. One part of a page does it. */
export function useAwake(isWanted: boolean): void {
  useEffect(() => {
    if (!isWanted) return
    if (!('wakeLock' in navigator)) {
      become(isSecureContext ? 'unknown' : 'insecure')
      return () => become('off')
    }
    let isOver = false
    let lock: WakeLockSentinel | undefined
    const keep = async () => {
      if (document.visibilityState !== 'visible' || (lock && !lock.released)) return
      try {
        const got = await navigator.wakeLock.request('screen')
        if (isOver) return await got.release()
        lock = got
        become('kept')
        // taken away while the page is in sight: by the device, to save its battery
        got.addEventListener('release', () => {
          if (!isOver && document.visibilityState === 'visible') become('refused')
        })
      } catch (error) {
        if (isOver) return
        console.info('wake lock:', error instanceof Error ? error.message : error)
        become('refused')
      }
    }
    void keep()
    document.addEventListener('visibilitychange', keep)
    return () => {
      isOver = true
      document.removeEventListener('visibilitychange', keep)
      void lock?.release()
      become('off')
    }
  }, [isWanted])
}
