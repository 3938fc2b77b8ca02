/** What of the live figures this person wants to see on the canvas; kept in this browser. */

const KEY = 'cellwright-live'

export interface LiveSettings {
  areCountsShown: boolean
  areTimesShown: boolean
}
const FIRST: LiveSettings = { areCountsShown: true, areTimesShown: false }

let settings: LiveSettings | undefined
const listeners = new Set<() => void>()

export function liveSettings(): LiveSettings {
  settings ??= read()
  return settings
}

export function setLiveSettings(change: Partial<LiveSettings>): void {
  settings = { ...liveSettings(), ...change }
  try {
    localStorage.setItem(KEY, JSON.stringify(settings))
  } catch {
    // storage may be forbidden: the choice then lasts as long as the page
  }
  for (const listener of [...listeners]) listener()
}

export function watchLiveSettings(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function read(): LiveSettings {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, unknown>
    const flag = (name: keyof LiveSettings) => (typeof kept[name] === 'boolean' ? kept[name] : FIRST[name])
    return { areCountsShown: flag('areCountsShown'), areTimesShown: flag('areTimesShown') }
  } catch {
    return FIRST
  }
}
