/**
 * What hands do at charts: drag moves the view, the wheel and two fingers zoom, a drag with Shift (or while a range is asked for) draws
 * a range, a press chooses the nearest point. Keys are in `plot-view.tsx`.
 */
import { isWhole, panned, type View, zoomed } from './view.ts'

const ZOOM_PER_PX = 1.0015
/** So far a pointer may go and it is still a press. */
const STILL_PX = 4

export interface HandsOptions {
  host: HTMLElement
  /** Where the points are drawn; undefined while nothing is. */
  area: () => DOMRect | undefined
  count: () => number
  view: () => View
  onView: (view: View) => void
  onHover: (index: number | undefined) => void
  onChoose: (index: number) => void
  onRange: (from: number, to: number, isDone: boolean) => void
}

type Held =
  | { kind: 'still' | 'pan'; startX: number; view: View }
  | { kind: 'range'; startX: number; from: number; hasMoved: boolean }
  | { kind: 'pinch'; distance: number; middle: number; view: View }

/** @returns `setBrush` makes every drag draw a range */
export function listenToHands({ host, area, count, view, onView, onHover, onChoose, onRange }: HandsOptions): { setBrush(isOn: boolean): void; end(): void } {
  const fingers = new Map<number, number>()
  let held: Held | undefined
  let isBrush = false

  const placeAt = (clientX: number, of = view()): number => {
    const rect = area()
    return rect ? of.from + ((clientX - rect.left) / rect.width) * (of.to - of.from) : 0
  }
  const pointAt = (clientX: number): number => Math.min(count() - 1, Math.max(0, Math.round(placeAt(clientX))))
  const isInside = (event: MouseEvent): boolean => {
    const rect = area()
    return rect !== undefined && count() > 0 && event.clientX >= rect.left && event.clientX <= rect.right
  }

  const down = (event: PointerEvent) => {
    if (!isInside(event) || (event.pointerType === 'mouse' && event.button !== 0)) return
    fingers.set(event.pointerId, event.clientX)
    host.setPointerCapture(event.pointerId)
    const [one, other] = [...fingers.values()]
    if (one !== undefined && other !== undefined) {
      held = { kind: 'pinch', distance: Math.max(10, Math.abs(one - other)), middle: placeAt((one + other) / 2), view: view() }
    } else if (isBrush || event.shiftKey) {
      held = { kind: 'range', startX: event.clientX, from: pointAt(event.clientX), hasMoved: false }
    } else {
      held = { kind: 'still', startX: event.clientX, view: view() }
    }
  }
  const move = (event: PointerEvent) => {
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, event.clientX)
    if (!held) {
      onHover(isInside(event) ? pointAt(event.clientX) : undefined)
      return
    }
    const rect = area()
    if (!rect) return
    switch (held.kind) {
      case 'still':
        if (Math.abs(event.clientX - held.startX) < STILL_PX) return
        held = { ...held, kind: 'pan' }
        onHover(undefined)
        return
      case 'pan': {
        const perPx = (held.view.to - held.view.from) / rect.width
        onView(panned(held.view, (held.startX - event.clientX) * perPx, count()))
        return
      }
      case 'range':
        if (Math.abs(event.clientX - held.startX) >= STILL_PX) held.hasMoved = true
        if (held.hasMoved) onRange(...sorted(held.from, pointAt(event.clientX)), false)
        return
      case 'pinch': {
        const [one, other] = [...fingers.values()]
        if (one === undefined || other === undefined) return
        const closer = zoomed(held.view, held.distance / Math.max(10, Math.abs(one - other)), held.middle, count())
        // what was between the fingers stays between them
        onView(panned(closer, held.middle - placeAt((one + other) / 2, closer), count()))
        return
      }
      default:
        held satisfies never
    }
  }
  const up = (event: PointerEvent) => {
    fingers.delete(event.pointerId)
    const was = held
    held = undefined
    if (!was || event.type === 'pointercancel') return
    if (was.kind === 'still') onChoose(pointAt(event.clientX))
    else if (was.kind === 'range') {
      if (was.hasMoved) onRange(...sorted(was.from, pointAt(event.clientX)), true)
      else onChoose(pointAt(event.clientX))
    } else if (was.kind === 'pinch') {
      // the finger that stays goes on moving the view
      const [rest] = [...fingers.values()]
      if (rest !== undefined) held = { kind: 'pan', startX: rest, view: view() }
    }
  }
  const wheel = (event: WheelEvent) => {
    if (!isInside(event)) return
    const rect = area()
    if (!rect) return
    const lines = event.deltaMode === 1 ? 16 : 1
    const now = view()
    const isAcross = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)
    const next = isAcross
      ? panned(now, (((event.deltaX || event.deltaY) * lines) / rect.width) * (now.to - now.from), count())
      : zoomed(now, ZOOM_PER_PX ** (event.deltaY * lines), placeAt(event.clientX), count())
    // at the end of what the chart can do the page scrolls
    if ((next.from === now.from && next.to === now.to) || (isWhole(now, count()) && event.deltaY > 0 && !isAcross)) return
    event.preventDefault()
    onView(next)
  }
  const leave = () => onHover(undefined)

  host.addEventListener('pointerdown', down)
  host.addEventListener('pointermove', move)
  host.addEventListener('pointerup', up)
  host.addEventListener('pointercancel', up)
  host.addEventListener('pointerleave', leave)
  host.addEventListener('wheel', wheel, { passive: false })
  return {
    setBrush(isOn) {
      isBrush = isOn
    },
    end() {
      host.removeEventListener('pointerdown', down)
      host.removeEventListener('pointermove', move)
      host.removeEventListener('pointerup', up)
      host.removeEventListener('pointercancel', up)
      host.removeEventListener('pointerleave', leave)
      host.removeEventListener('wheel', wheel)
    },
  }
}

const sorted = (one: number, other: number): [number, number] => (one < other ? [one, other] : [other, one])
