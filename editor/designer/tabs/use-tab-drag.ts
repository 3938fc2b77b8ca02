/** Dragging a tab to another place in the bar. Keyboards have "move left" and "move right" in the tab's menu. */
import { type PointerEvent as ReactPointerEvent, type RefObject, useState } from 'react'

const THRESHOLD_PX = 6

export interface TabDrag {
  /** The tab before which the dragged one would go; `''`: behind the last. */
  before: string | undefined
  begin: (event: ReactPointerEvent, id: string) => void
}

export function useTabDrag(list: RefObject<HTMLElement | null>, onMove: (id: string, before: string | undefined) => void): TabDrag {
  const [before, setBefore] = useState<string>()
  const begin = ({ nativeEvent: down }: ReactPointerEvent, id: string) => {
    // a finger in the bar scrolls it
    if (down.button !== 0 || down.pointerType === 'touch') return
    const abort = new AbortController()
    const { signal } = abort
    let target: string | undefined
    const end = () => {
      abort.abort()
      setBefore(undefined)
    }
    addEventListener(
      'pointermove',
      (move) => {
        if (move.pointerId !== down.pointerId) return
        if (target === undefined && Math.abs(move.clientX - down.clientX) < THRESHOLD_PX) return
        target = tabBefore(list.current, move.clientX)
        setBefore(target)
      },
      { signal },
    )
    addEventListener(
      'pointerup',
      (up) => {
        if (up.pointerId !== down.pointerId) return
        end()
        if (target !== undefined && target !== id) onMove(id, target === '' ? undefined : target)
      },
      { signal },
    )
    addEventListener('pointercancel', end, { signal })
    addEventListener(
      'keydown',
      (key) => {
        if (key.key === 'Escape') end()
      },
      { signal, capture: true },
    )
  }
  return { before, begin }
}

/** The tab whose middle is right of the pointer. */
function tabBefore(list: HTMLElement | null, x: number): string {
  for (const tab of list?.querySelectorAll<HTMLElement>('[data-tab]') ?? []) {
    const { left, width } = tab.getBoundingClientRect()
    if (x < left + width / 2) return tab.dataset.tab ?? ''
  }
  return ''
}
