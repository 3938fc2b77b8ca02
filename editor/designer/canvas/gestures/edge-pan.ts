/** While something is dragged to the edge of the window, the view goes along. */
import type { Point } from '../../model/commands.ts'
import type { View } from '../view.ts'

/** How near to the window's edge, and how far a frame at most. */
const EDGE_PX = 36
const STEP_PX = 14

export class EdgePan {
  readonly #view: View
  readonly #act: (event: PointerEvent) => void
  #going: { frame: number; event: PointerEvent } | undefined

  /** @param act what the move means where the view is now */
  constructor(view: View, act: (event: PointerEvent) => void) {
    this.#view = view
    this.#act = act
  }

  follow(event: PointerEvent): void {
    if (this.#going) {
      this.#going.event = event
      return
    }
    if (!this.#step(event)) return
    const step = () => {
      const going = this.#going
      const by = going && this.#step(going.event)
      if (!going || !by) {
        this.#going = undefined
        return
      }
      void this.#view.panBy(-by.x, -by.y).then(() => this.#going === going && this.#act(going.event))
      going.frame = requestAnimationFrame(step)
    }
    this.#going = { event, frame: requestAnimationFrame(step) }
  }

  end(): void {
    if (this.#going) cancelAnimationFrame(this.#going.frame)
    this.#going = undefined
  }

  /** How far the view goes at the next frame; undefined when it stays. */
  #step({ clientX, clientY }: PointerEvent): Point | undefined {
    const { left, right, top, bottom } = this.#view.rect
    const by = { x: push(clientX, left, right), y: push(clientY, top, bottom) }
    return by.x === 0 && by.y === 0 ? undefined : by
  }
}

function push(at: number, low: number, high: number): number {
  if (at < low + EDGE_PX) return -Math.min(1, (low + EDGE_PX - at) / EDGE_PX) * STEP_PX
  return at > high - EDGE_PX ? Math.min(1, (at - high + EDGE_PX) / EDGE_PX) * STEP_PX : 0
}
