/** Dragging a node type out of the palette: pointer events, so that a finger can do it too. */
import type { NodeType } from '../../../server/api/flows.ts'

export interface PaletteDragHost {
  /** The type is over the canvas, or not. */
  over(type: NodeType, at: { clientX: number; clientY: number } | undefined): void
  drop(type: NodeType, at: { clientX: number; clientY: number }): void
  /** Pressed and let go without a drag. */
  click(type: NodeType): void
}

const THRESHOLD_PX = 5

/** Begins at a pointerdown on a palette entry; looks after itself until the pointer is let go. */
export function beginPaletteDrag(event: PointerEvent, type: NodeType, source: HTMLElement, canvas: () => HTMLElement | null, host: PaletteDragHost): void {
  if (event.button !== 0) return
  const start = { x: event.clientX, y: event.clientY }
  const abort = new AbortController()
  const { signal } = abort
  let ghost: HTMLElement | undefined
  const isOver = ({ clientX, clientY }: PointerEvent) => {
    const box = canvas()?.getBoundingClientRect()
    return box !== undefined && clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom
  }
  const end = () => {
    abort.abort()
    ghost?.remove()
    host.over(type, undefined)
  }
  window.addEventListener(
    'pointermove',
    (move) => {
      if (move.pointerId !== event.pointerId) return
      if (!ghost) {
        const distance = Math.hypot(move.clientX - start.x, move.clientY - start.y)
        if (distance < THRESHOLD_PX) return
        // a finger that goes up or down scrolls the palette
        if (move.pointerType === 'touch' && Math.abs(move.clientY - start.y) > Math.abs(move.clientX - start.x)) {
          end()
          return
        }
        ghost = ghostOf(source)
      }
      move.preventDefault()
      ghost.style.transform = `translate(${move.clientX + 8}px, ${move.clientY - 15}px)`
      host.over(type, isOver(move) ? move : undefined)
    },
    { signal },
  )
  window.addEventListener(
    'pointerup',
    (up) => {
      if (up.pointerId !== event.pointerId) return
      const hasDragged = ghost !== undefined
      end()
      if (!hasDragged) host.click(type)
      else if (isOver(up)) host.drop(type, up)
    },
    { signal },
  )
  window.addEventListener('pointercancel', end, { signal })
  window.addEventListener(
    'keydown',
    (key) => {
      if (key.key === 'Escape') end()
    },
    { signal, capture: true },
  )
}

function ghostOf(source: HTMLElement): HTMLElement {
  const ghost = source.cloneNode(true) as HTMLElement
  ghost.className = `${source.className} palette-ghost`
  ghost.removeAttribute('data-testid')
  ghost.setAttribute('aria-hidden', 'true')
  document.body.append(ghost)
  return ghost
}
