/** What this browser is bound to. Known at once at a start, also while the server does not answer yet. */
import { useEffect, useSyncExternalStore } from 'react'
import { getKiosk, type Kiosk } from '../../../server/api/panel-layouts.ts'
import { call } from '../../shared/api.ts'

const KEY = 'cellwright-kiosk'
/** So that a kiosk that was bound anew or released elsewhere notices. */
const LOOK_MS = 60_000

function kept(): Kiosk | undefined {
  try {
    const value = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Kiosk | null
    return value && typeof value.place === 'string' && typeof value.lockAfterMin === 'number' ? value : undefined
  } catch {
    return undefined
  }
}

// a picture of a panel in a frame is no kiosk
const isFramed = window.parent !== window
let kiosk: Kiosk | undefined = isFramed ? undefined : kept()
const watchers = new Set<() => void>()

/** The server has said what this browser is. */
export function tellKiosk(told: Kiosk | null): void {
  if (isFramed || JSON.stringify(told ?? undefined) === JSON.stringify(kiosk)) return
  kiosk = told ?? undefined
  try {
    if (told) localStorage.setItem(KEY, JSON.stringify(told))
    else localStorage.removeItem(KEY)
  } catch {
    // storage may be forbidden: the next start then asks first
  }
  for (const watcher of watchers) watcher()
}

const watch = (watcher: () => void) => {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

/** @param who whoever is signed in; undefined: not known yet */
export function useKiosk(who: string | undefined): Kiosk | undefined {
  useEffect(() => {
    if (isFramed || who === undefined) return
    const look = () =>
      call(getKiosk).then(tellKiosk, (error: Error) => {
        // the page tells of a lost line
        console.info('kiosk:', error.message)
      })
    void look()
    const timer = setInterval(look, LOOK_MS)
    return () => clearInterval(timer)
  }, [who])
  return useSyncExternalStore(watch, () => kiosk)
}
