/** The frame that is drawn around what is to be selected. */
import type { Point } from '../../model/commands.ts'
import type { Rect } from '../grid.ts'
import type { View } from '../view.ts'

export class Marquee {
  readonly #view: View
  readonly #frame = document.createElement('div')

  /** @param element the canvas's, where the frame lies */
  constructor(element: HTMLElement, view: View) {
    this.#view = view
    this.#frame.className = 'flow-marquee'
    this.#frame.hidden = true
    element.append(this.#frame)
  }

  /** Shows it between two points of the canvas. @returns what lies between them */
  stretch(from: Point, to: Point): Rect {
    const area = { left: Math.min(from.x, to.x), top: Math.min(from.y, to.y), right: Math.max(from.x, to.x), bottom: Math.max(from.y, to.y) }
    const { x, y, k } = this.#view.transform
    this.#frame.hidden = false
    this.#frame.style.transform = `translate(${area.left * k + x}px, ${area.top * k + y}px)`
    this.#frame.style.width = `${(area.right - area.left) * k}px`
    this.#frame.style.height = `${(area.bottom - area.top) * k}px`
    return area
  }

  hide(): void {
    this.#frame.hidden = true
  }

  remove(): void {
    this.#frame.remove()
  }
}
