/** Hears a gauge that types, and keys of a keyboard, while the tab is open: wherever the focus is but in a field that somebody fills in. */
import { useEffect, useRef } from 'react'
import { UNDER_ID } from '../operator-dialog.tsx'
import { createWedge, FASTEST_PERSON_MS, type Typed } from './wedge.ts'

/** The field of the value has it: it is no field of its own. */
export const VALUE_FIELD = 'entry-value'

function isOtherField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement) || target.dataset.testid === VALUE_FIELD) return false
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement || target instanceof HTMLSelectElement
}

/** Two hands, or a key that bounces. */
const MOST_AT_ONCE = 3

/** A dialog lies over the tab: what is typed is for it. */
export const isCovered = (): boolean => document.getElementById(UNDER_ID)?.hasAttribute('inert') === true

/** @param handlers.onKeys keys of a number that a person typed, outside of every field */
export function useWedge(handlers: { onLine: (line: Typed) => void; onKeys: (keys: readonly string[]) => void }, isWanted: boolean): void {
  const latest = useRef(handlers)
  latest.current = handlers
  useEffect(() => {
    if (!isWanted) return
    const wedge = createWedge()
    /** Keys that may be the first of a gauge, or of a badge: they are a person's when few come so quickly. */
    let keys: string[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const settle = () => {
      if (keys.length > 0 && keys.length <= MOST_AT_ONCE) latest.current.onKeys(keys)
      keys = []
    }
    const hear = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isOtherField(event.target) || isCovered()) return
      const typed = wedge.key(event.key, event.timeStamp)
      if (typeof typed === 'object') {
        // its Enter must not press what has the focus
        event.preventDefault()
        event.stopPropagation()
        keys = []
        latest.current.onLine(typed)
        return
      }
      const isInValue = event.target instanceof HTMLElement && event.target.dataset.testid === VALUE_FIELD
      if (!isInValue && /^[0-9.,+-]$/.test(event.key)) {
        event.preventDefault()
        clearTimeout(timer)
        // those before it came more slowly, also when this page is late to hear of them
        if (typed === undefined) settle()
        keys.push(event.key)
        timer = setTimeout(settle, FASTEST_PERSON_MS)
      }
    }
    document.addEventListener('keydown', hear, true)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('keydown', hear, true)
    }
  }, [isWanted])
}
