/** The layout of what is looked at, as the server has it; the last one known is there at once, also while the server is not. */
import { useEffect, useState } from 'react'
import { getPanelLayout, type LayoutView } from '../../../server/api/panel-layouts.ts'
import { call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'

const KEY = 'cellwright-panel-layouts'
const MOST = 20

/** What was kept, whatever is wrong with it; what the server says takes its place a moment later. */
function kept(): Record<string, LayoutView> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Record<string, LayoutView>) : {}
  } catch {
    return {}
  }
}
const isUsable = (view: LayoutView | undefined): view is LayoutView =>
  Array.isArray(view?.layout?.tabs) && view.layout.tabs.length > 0 && Array.isArray(view.missing)

function keep(place: string, view: LayoutView): void {
  try {
    const { [place]: _before, ...others } = kept()
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries([...Object.entries(others).slice(1 - MOST), [place, view]])))
  } catch {
    // storage may be forbidden: the next start then asks first
  }
}

/**
 * @param place undefined: not known yet
 * @param who whoever is signed in: another role may have another layout
 */
export function useLayout(place: string | undefined, who: string | undefined): LayoutView | undefined {
  const revision = useLive('panel-layouts').value?.revision
  const [known, setKnown] = useState<Record<string, LayoutView>>(() => Object.fromEntries(Object.entries(kept()).filter(([, view]) => isUsable(view))))
  // biome-ignore lint/correctness/useExhaustiveDependencies: these say when to read again
  useEffect(() => {
    if (place === undefined || who === undefined) return
    let isOver = false
    call(getPanelLayout, { query: { place } }).then(
      (view) => {
        if (isOver) return
        setKnown((before) => (JSON.stringify(before[place]) === JSON.stringify(view) ? before : { ...before, [place]: view }))
        keep(place, view)
      },
      // the page tells of a lost line; what was known stays
      (error: Error) => console.info('panel layout:', error.message),
    )
    return () => {
      isOver = true
    }
  }, [place, who, revision])
  return place === undefined ? undefined : known[place]
}
