/** Ends a hold-to-run jog for everything that a page can notice; what it cannot, the guard ends by its time to live. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { type AxisValues, beatJog, endJog, startJog } from '../../../server/api/motion.ts'
import { call } from '../../shared/api.ts'
import { live } from '../../shared/live.ts'
import { createHold, type Hold, type HoldState, JOG_TTL_MS } from './hold-to-run.ts'

/** A start that is under way longer than that begins nothing any more. */
const START_WITHIN_MS = 400

export interface HoldToRun {
  state: HoldState
  press(direction: AxisValues, feedMmPerMin: number): void
  release(): void
}

export function useHold(machineId: string): HoldToRun {
  const [state, setState] = useState<HoldState>({ kind: 'ready' })
  const hold = useRef<Hold>(undefined)
  hold.current ??= createHold(setState)
  const release = useCallback(() => hold.current?.release(), [])
  const press = useCallback(
    (direction: AxisValues, feedMmPerMin: number) => {
      const params = { machineId }
      hold.current?.press({
        start: () => call(startJog, { params, body: { direction, feedMmPerMin, ttlMs: JOG_TTL_MS }, withinMs: START_WITHIN_MS }),
        beat: (token) => call(beatJog, { params, body: { token } }),
        end: (token) => call(endJog, { params, body: { token } }),
      })
    },
    [machineId],
  )
  useEffect(() => {
    // another window, another tab, a screen that goes dark, a page that is left, a menu that opens
    const onHidden = () => document.visibilityState !== 'visible' && release()
    const signs = ['blur', 'pagehide', 'freeze', 'offline', 'contextmenu', 'pointerup', 'pointercancel'] as const
    for (const sign of signs) addEventListener(sign, release)
    document.addEventListener('visibilitychange', onHidden)
    const unwatch = live().watch(() => live().state !== 'connected' && release())
    return () => {
      for (const sign of signs) removeEventListener(sign, release)
      document.removeEventListener('visibilitychange', onHidden)
      unwatch()
      release()
    }
  }, [release])
  return { state, press, release }
}
