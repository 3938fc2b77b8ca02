/** What this panel is: an id of its own in each window, and the settings of this device. */
import { useSyncExternalStore } from 'react'

export interface PanelSettings {
  /** As others read it: "Mill 1, left". */
  name: string
  /** Minutes without a touch until the person is signed out; 0: never. */
  lockAfterMin: number
  hasSound: boolean
  /** The screen stays on while the panel is in sight; a kiosk's does in any case. */
  staysAwake: boolean
}

const KEY = 'cellwright-panel'
const ID_KEY = 'cellwright-panel-id'
const FIRST: PanelSettings = { name: '', lockAfterMin: 5, hasSound: true, staysAwake: false }

/** 128 random bits as hex: `crypto.randomUUID` exists on secure pages only. */
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Of this window: two windows are two panels, and a reload is the same one. */
export const panelId: string = (() => {
  try {
    const known = sessionStorage.getItem(ID_KEY)
    if (known && /^[0-9a-f]{32}$/.test(known)) return known
    const made = newId()
    sessionStorage.setItem(ID_KEY, made)
    return made
  } catch {
    // storage may be forbidden: the id then lasts as long as the page
    return newId()
  }
})()

/** Settings as they were stored, whatever is wrong with them. */
function settingsFrom(text: string | null): PanelSettings {
  if (text === null) return FIRST
  try {
    const { name, lockAfterMin, hasSound, staysAwake } = JSON.parse(text) as Record<string, unknown>
    return {
      name: typeof name === 'string' ? name.slice(0, 60) : FIRST.name,
      lockAfterMin: typeof lockAfterMin === 'number' && lockAfterMin >= 0 && lockAfterMin <= 480 ? lockAfterMin : FIRST.lockAfterMin,
      hasSound: typeof hasSound === 'boolean' ? hasSound : FIRST.hasSound,
      staysAwake: typeof staysAwake === 'boolean' ? staysAwake : FIRST.staysAwake,
    }
  } catch {
    // not ours, or broken
    return FIRST
  }
}

let settings: PanelSettings = (() => {
  try {
    return settingsFrom(localStorage.getItem(KEY))
  } catch {
    return FIRST
  }
})()
const watchers = new Set<() => void>()

export function changeSettings(change: Partial<PanelSettings>): void {
  settings = { ...settings, ...change }
  try {
    localStorage.setItem(KEY, JSON.stringify(settings))
  } catch {
    // storage may be forbidden: they then last as long as the page
  }
  for (const watcher of watchers) watcher()
}

const watch = (watcher: () => void) => {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

export function usePanelSettings(): PanelSettings {
  return useSyncExternalStore(watch, () => settings)
}
