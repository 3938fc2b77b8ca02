/**
 * The picture under the nodes: wires, groups, the grid, boxes when zoomed out, and what other areas add. It is larger than the
 * window, so that it can be moved a little before it must be made anew.
 */
import type { Scene } from '../model/scene.ts'
import type { FlowArea } from './flow-area.ts'
import { enlarged, type Rect } from './grid.ts'
import type { CanvasLayer } from './layers.ts'
import { type Colours, type Look, paint } from './painter.ts'
import type { View } from './view.ts'

/** How much larger than the window on every side, in screen pixels (also in canvas.css). */
const BLEED = 160
const SHARPEN_MS = 120

/** What there is to paint, asked for when it is needed. */
export interface PictureHost {
  area: FlowArea
  view: View
  scene(): Scene
  colours(): Colours
  look(): Omit<Look, 'area' | 'groups' | 'colours' | 'size' | 'bleed' | 'isNear'>
  /** The box around everything. */
  bounds(): Rect | undefined
  /** The picture is to be made anew at the next frame. */
  again(): void
}

export class Picture {
  readonly #host: PictureHost
  readonly #container: HTMLElement
  readonly #canvas = document.createElement('canvas')
  readonly #context: CanvasRenderingContext2D
  /** Over the nodes; there only while a layer needs it. */
  readonly #above = document.createElement('canvas')
  readonly #layers = new Set<CanvasLayer>()
  /** The view the picture was made for. */
  #painted: { x: number; y: number; k: number; isNear: boolean } | undefined
  #sharpen: ReturnType<typeof setTimeout> | undefined
  /** It must be made anew, not only moved. */
  #isStale = true

  constructor(container: HTMLElement, host: PictureHost) {
    this.#container = container
    this.#host = host
    const context = this.#canvas.getContext('2d')
    if (!context) throw new Error('This browser draws no canvas')
    this.#context = context
    this.#canvas.className = 'flow-wires'
    this.#above.className = 'flow-above'
    for (const canvas of [this.#canvas, this.#above]) canvas.setAttribute('aria-hidden', 'true')
    container.prepend(this.#canvas)
  }

  close(): void {
    clearTimeout(this.#sharpen)
    this.#canvas.remove()
    this.#above.remove()
  }

  /** How wide a label is, in the font of the nodes. */
  widthOf(text: string): number {
    this.#context.save()
    this.#context.font = `500 14px ${this.#host.colours().font}`
    const { width } = this.#context.measureText(text)
    this.#context.restore()
    return width
  }

  addLayer(layer: CanvasLayer): () => void {
    this.#layers.add(layer)
    if (layer.where === 'over' && !this.#above.isConnected) {
      this.#container.append(this.#above)
      this.resize()
    }
    this.#host.again()
    return () => {
      this.#layers.delete(layer)
      if (![...this.#layers].some(({ where }) => where === 'over')) this.#above.remove()
      this.#host.again()
    }
  }

  /** Takes the window's size. */
  resize(): void {
    const { size } = this.#host.view
    const ratio = window.devicePixelRatio || 1
    for (const canvas of [this.#canvas, this.#above]) {
      const [width, height] = [size.width + BLEED * 2, size.height + BLEED * 2]
      canvas.width = Math.round(width * ratio)
      canvas.height = Math.round(height * ratio)
      canvas.style.width = `${width}px`
      canvas.style.height = `${height}px`
    }
    this.#isStale = true
  }

  makeStale(): void {
    this.#isStale = true
  }

  /** Moves the picture that is there with the view, or makes a new one. @returns whether there is a new one */
  show(isNear: boolean): boolean {
    const shift = this.#isStale ? undefined : this.#shift(isNear)
    if (!shift) {
      this.#paint(isNear)
      return true
    }
    this.#put(`translate(${shift.x}px, ${shift.y}px) scale(${shift.k})`)
    // when the view has come to rest the picture is made anew, sharp
    clearTimeout(this.#sharpen)
    if (shift.k !== 1 || !shift.isWhole) this.#sharpen = setTimeout(() => this.#host.again(), SHARPEN_MS)
    return false
  }

  /** How the picture that is there must be moved to fit the view; undefined when it no longer covers it. */
  #shift(isNear: boolean): { x: number; y: number; k: number; isWhole: boolean } | undefined {
    const { view, bounds } = this.#host
    const { x, y, k } = view.transform
    const painted = this.#painted
    if (!painted || painted.isNear !== isNear) return undefined
    const scale = k / painted.k
    if (scale < 0.5 || scale > 2) return undefined
    const { width, height } = view.size
    // the picture's corners in the window now
    const left = x - (painted.x + BLEED) * scale
    const top = y - (painted.y + BLEED) * scale
    const right = left + (width + BLEED * 2) * scale
    const bottom = top + (height + BLEED * 2) * scale
    const isWhole = left <= 0 && top <= 0 && right >= width && bottom >= height
    if (!isWhole) {
      // where there is nothing but the grid's dots, they may come a moment later
      const all = bounds()
      const isMissed =
        all &&
        ((left > 0 && all.left * k + x < left) ||
          (top > 0 && all.top * k + y < top) ||
          (right < width && all.right * k + x > right) ||
          (bottom < height && all.bottom * k + y > bottom))
      if (isMissed) return undefined
    }
    return { x: left + BLEED, y: top + BLEED, k: scale, isWhole }
  }

  #put(transform: string): void {
    if (this.#canvas.style.transform === transform) return
    this.#canvas.style.transform = transform
    this.#above.style.transform = transform
  }

  #paint(isNear: boolean): void {
    const { area, view, scene, colours, look, again } = this.#host
    const visible = enlarged(view.visible, BLEED / view.zoom)
    this.#isStale = false
    clearTimeout(this.#sharpen)
    this.#painted = { ...view.transform, isNear }
    this.#put('none')
    const all: Look = { ...look(), area, groups: scene().groups, colours: colours(), size: view.size, bleed: BLEED, isNear }
    const isUnfinished = paint(this.#context, all, visible)
    this.#paintLayers(this.#context, 'under', visible)
    const above = this.#above.isConnected ? this.#above.getContext('2d') : undefined
    if (above) {
      above.setTransform(1, 0, 0, 1, 0, 0)
      above.clearRect(0, 0, this.#above.width, this.#above.height)
      this.#paintLayers(above, 'over', visible)
    }
    // ways that are still to be found come with the next frames
    if (isUnfinished) again()
  }

  #paintLayers(context: CanvasRenderingContext2D, where: CanvasLayer['where'], visible: Rect): void {
    const layers = [...this.#layers].filter((layer) => layer.where === where).sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    const { area, view, scene, colours } = this.#host
    const { x, y, k } = view.transform
    const ratio = window.devicePixelRatio || 1
    for (const layer of layers) {
      context.save()
      context.setTransform(ratio * k, 0, 0, ratio * k, ratio * (x + BLEED), ratio * (y + BLEED))
      layer.paint(context, { scene: scene(), area, colours: colours(), visible, zoom: k })
      context.restore()
    }
  }
}
