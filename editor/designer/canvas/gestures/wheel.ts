/** What a wheel or a trackpad does to the view: it moves, and with Ctrl, Cmd or Alt it zooms. */
import type { View } from '../view.ts'

const LINE_PX = 20

export function moveByWheel(view: View, event: WheelEvent): void {
  const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1
  if (!event.ctrlKey && !event.metaKey && !event.altKey) {
    // two fingers on a trackpad tell both directions; a wheel has one, and Shift turns it
    const isTurned = event.shiftKey && event.deltaX === 0
    void view.panBy(-(isTurned ? event.deltaY : event.deltaX) * lines, isTurned ? 0 : -event.deltaY * lines)
    return
  }
  const step = Math.max(-120, Math.min(120, event.deltaY * lines))
  // a pinch on a trackpad comes as a wheel with Ctrl and small steps
  void view.zoomAt(Math.exp(-step * (Math.abs(step) < 30 ? 0.01 : 0.002)), event)
}
