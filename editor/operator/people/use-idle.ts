/** When nobody has touched the panel for a while: a warning first, then the person is signed out. */
import { useEffect, useRef, useState } from 'react'

/** Time to say "still here". */
const WARN_S = 30
const LOOK_MS = 500
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const

/**
 * @param afterMin 0: never
 * @returns seconds that are left once the warning is due; undefined before
 */
export function useIdle(afterMin: number, isWatched: boolean, onIdle: () => void): number | undefined {
  const [left, setLeft] = useState<number>()
  const told = useRef(onIdle)
  told.current = onIdle
  useEffect(() => {
    setLeft(undefined)
    if (!isWatched || afterMin <= 0) return
    let touchedAt = Date.now()
    const touched = () => {
      touchedAt = Date.now()
      setLeft(undefined)
    }
    for (const sign of SIGNS) addEventListener(sign, touched, { passive: true, capture: true })
    const timer = setInterval(() => {
      // the clock of the day, so that a panel that slept is signed out when it wakes
      const leftS = Math.ceil((touchedAt + afterMin * 60_000 - Date.now()) / 1000)
      if (leftS <= 0) {
        clearInterval(timer)
        told.current()
      } else setLeft(leftS <= WARN_S ? leftS : undefined)
    }, LOOK_MS)
    return () => {
      clearInterval(timer)
      for (const sign of SIGNS) removeEventListener(sign, touched, { capture: true })
    }
  }, [afterMin, isWatched])
  return left
}
