/** Where one looks: which part of the canvas is in the window, how large, and going elsewhere. */
import type { Point } from '../model/commands.ts'
import type { FlowArea } from './flow-area.ts'
import type { Rect } from './grid.ts'

const ZOOM_MIN = 0.05
const ZOOM_MAX = 2.5
/** A flow too large to be read as a whole is opened at its beginning, this large. */
const READABLE = 0.65
/** Around everything, where all is shown, in pixels. */
const PADDING = 48
/** A node that was looked for is not smaller than this. */
const REVEALED = 0.7
/** And not nearer to the window's edge than this, in pixels. */
const EDGE = 80

export interface RevealOptions {
  /** Leaves the zoom as it is. */
  isZoomKept?: boolean
  /** How much of the canvas a panel lies over, in pixels. */
  coveredRight?: number
}

export class View {
  readonly #container: HTMLElement
  readonly #area: FlowArea
  #rect = new DOMRect()
  #size = { width: 0, height: 0 }

  constructor(container: HTMLElement, area: FlowArea) {
    this.#container = container
    this.#area = area
  }

  /** The window may have scrolled or a panel opened since the last look. */
  measurePlace(): void {
    this.#rect = this.#container.getBoundingClientRect()
  }

  measureSize(): void {
    this.measurePlace()
    this.#size = { width: this.#rect.width, height: this.#rect.height }
  }

  /** Where the canvas is in the window. */
  get rect(): DOMRect {
    return this.#rect
  }

  get size(): { readonly width: number; readonly height: number } {
    return this.#size
  }

  get transform(): { readonly x: number; readonly y: number; readonly k: number } {
    return this.#area.area.transform
  }

  get zoom(): number {
    return this.transform.k
  }

  /** Where on the canvas a point of the window is. */
  toCanvas(event: { clientX: number; clientY: number }): Point {
    const { x, y, k } = this.transform
    return { x: (event.clientX - this.#rect.left - x) / k, y: (event.clientY - this.#rect.top - y) / k }
  }

  /** Where in the window a point of the canvas is. */
  toWindow(point: Point): { clientX: number; clientY: number } {
    const { x, y, k } = this.transform
    return { clientX: point.x * k + x + this.#rect.left, clientY: point.y * k + y + this.#rect.top }
  }

  /** The middle of what is seen. */
  get middle(): Point {
    return this.toCanvas(this.#windowMiddle)
  }

  /** The part of the canvas that is seen. */
  get visible(): Rect {
    const { x, y, k } = this.transform
    return { left: -x / k, top: -y / k, right: (this.#size.width - x) / k, bottom: (this.#size.height - y) / k }
  }

  /** Zooms by a factor, a point of the window staying where it is. */
  async zoomAt(factor: number, at: { clientX: number; clientY: number }): Promise<void> {
    const { x, y, k } = this.transform
    const next = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, k * factor))
    if (next === k) return
    const left = at.clientX - this.#rect.left - x
    const top = at.clientY - this.#rect.top - y
    // Rete takes the shift of the origin for this zoom: offset times (1 - next / k)
    await this.#area.area.zoom(next, left * (1 - next / k), top * (1 - next / k))
  }

  async zoomBy(factor: number): Promise<void> {
    await this.zoomAt(factor, this.#windowMiddle)
  }

  async panBy(dx: number, dy: number): Promise<void> {
    const { x, y, k } = this.transform
    await this.#go({ x: x + dx, y: y + dy, k })
  }

  /** What a tab opens with: everything, if it can be read so; otherwise its top left corner. */
  async openOn(all: Rect | undefined): Promise<void> {
    const { width, height } = this.#size
    const isTooLarge = all && (width / (all.right - all.left) < READABLE || height / (all.bottom - all.top) < READABLE)
    if (isTooLarge) await this.#go({ x: 24 - all.left * READABLE, y: 24 - all.top * READABLE, k: READABLE })
    else await this.fit(all)
  }

  /** A part of the canvas in view, never larger than life; without one, the canvas's beginning. */
  async fit(all: Rect | undefined): Promise<void> {
    if (!all) {
      await this.#go({ x: 0, y: 0, k: 1 })
      return
    }
    const { width, height } = this.#size
    const k = Math.max(ZOOM_MIN, Math.min(1, (width - PADDING * 2) / (all.right - all.left), (height - PADDING * 2) / (all.bottom - all.top)))
    await this.#go({ x: width / 2 - ((all.left + all.right) / 2) * k, y: height / 2 - ((all.top + all.bottom) / 2) * k, k })
  }

  /** Puts a point into the middle of the window. */
  async centreOn({ x, y }: Point): Promise<void> {
    const k = this.zoom
    await this.#go({ x: this.#size.width / 2 - x * k, y: this.#size.height / 2 - y * k, k })
  }

  /** Moves the view, if need be, so that a point of the canvas is well seen. */
  async reveal({ x, y }: Point, { isZoomKept = false, coveredRight = 0 }: RevealOptions = {}): Promise<void> {
    const k = isZoomKept ? this.zoom : Math.max(this.zoom, REVEALED)
    const at = this.toWindow({ x, y })
    const { left, right, top, bottom } = this.#rect
    const isSeen =
      k === this.zoom && at.clientX > left + EDGE && at.clientX < right - coveredRight - EDGE && at.clientY > top + EDGE / 2 && at.clientY < bottom - EDGE / 2
    if (!isSeen) await this.#go({ x: (this.#size.width - coveredRight) / 2 - x * k, y: this.#size.height / 2 - y * k, k })
  }

  /** As it was when the same place was left. */
  async restore(transform: { x: number; y: number; k: number }): Promise<void> {
    await this.#go(transform)
  }

  async #go({ x, y, k }: { x: number; y: number; k: number }): Promise<void> {
    const { area } = this.#area
    if (k !== this.zoom) await area.zoom(k)
    await area.translate(x, y)
  }

  get #windowMiddle(): { clientX: number; clientY: number } {
    return { clientX: this.#rect.left + this.#size.width / 2, clientY: this.#rect.top + this.#size.height / 2 }
  }
}
