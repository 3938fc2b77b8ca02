/**
 * The drawn line of a chart as a strip of pieces: moving the view moves the strip, which draws nothing, and a piece is drawn once, when it
 * comes near. So that a hundred thousand points pan as lightly as ten, also where canvases are drawn by the processor.
 */
import type { PlotColors } from './colors.ts'
import { type Paper, paintPiece } from './paint.ts'
import type { PlotModel, PlotPanel, Step } from './panel.ts'
import type { View } from './view.ts'

/** CSS pixels of a piece. */
const PIECE_PX = 256
/** Positions of elements are floats of 24 bits: beyond this they would be a pixel off. */
const FARTHEST_PX = 100_000

interface StripOptions {
  panel: PlotPanel
  steps: readonly Step[]
  model: PlotModel
  /** What lies at the bottom and at the top. */
  height: { low: number; high: number }
  isFirst: boolean
  colors: PlotColors
  /** Of the drawing area, CSS pixels. */
  widthPx: number
  heightPx: number
}

export interface Strip {
  element: HTMLElement
  /** Anything but the view has changed: every piece is drawn anew. */
  set(options: StripOptions): void
  /** @returns whether there is something to draw ahead: call `ahead` in a frame that has nothing else to do */
  show(view: View): boolean
  /** Draws one piece that will soon be seen. @returns whether there is more */
  ahead(): boolean
}

export function makeStrip(): Strip {
  const element = document.createElement('div')
  element.className = 'plot-strip'
  const inner = document.createElement('div')
  inner.className = 'plot-strip-inner'
  element.append(inner)
  const pieces = new Map<number, HTMLCanvasElement>()
  const spare: HTMLCanvasElement[] = []
  let options: StripOptions | undefined
  /** CSS pixels from one place to the next. */
  let step = 0
  /** The piece at which positions of elements begin. */
  let origin = 0
  let seen: [number, number] = [0, -1]

  const forget = (piece: number) => {
    const canvas = pieces.get(piece)
    if (!canvas) return
    pieces.delete(piece)
    canvas.remove()
    spare.push(canvas)
  }
  const forgetAll = () => {
    for (const piece of [...pieces.keys()]) forget(piece)
  }

  const draw = (piece: number) => {
    if (!options || pieces.has(piece)) return
    const { heightPx, height, colors } = options
    const ratio = devicePixelRatio
    const canvas = spare.pop() ?? document.createElement('canvas')
    const [width, whole] = [Math.round(PIECE_PX * ratio), Math.round(heightPx * ratio)]
    if (canvas.width !== width || canvas.height !== whole) {
      canvas.width = width
      canvas.height = whole
      canvas.style.width = `${PIECE_PX}px`
      canvas.style.height = `${heightPx}px`
    }
    const context = canvas.getContext('2d')
    if (!context) return
    context.clearRect(0, 0, width, whole)
    const begin = piece * width
    const across = step * ratio
    const paper: Paper = {
      context,
      width,
      height: Math.round(heightPx * ratio),
      ratio,
      step: across,
      begin,
      from: begin / across - 0.5,
      to: (begin + width) / across - 0.5,
      x: (place) => (place + 0.5) * across - begin,
      y: (value) => ((height.high - value) / (height.high - height.low)) * heightPx * ratio,
    }
    context.save()
    context.beginPath()
    context.rect(0, 0, width, paper.height)
    context.clip()
    paintPiece(paper, options, colors)
    context.restore()
    canvas.style.left = `${(piece - origin) * PIECE_PX}px`
    inner.append(canvas)
    pieces.set(piece, canvas)
  }

  /** Pieces that there is anything on. */
  const isThere = (piece: number): boolean => options !== undefined && piece >= 0 && piece * PIECE_PX < options.model.count * step
  const missing = (): number | undefined => [seen[1] + 1, seen[0] - 1].find((piece) => isThere(piece) && !pieces.has(piece))

  return {
    element,
    set(next) {
      options = next
      forgetAll()
      element.style.width = `${next.widthPx}px`
      element.style.height = `${next.heightPx}px`
      step = 0
    },
    show(view) {
      if (!options) return false
      const wanted = options.widthPx / (view.to - view.from)
      // moving the view leaves a rounding behind, which is no other scale
      if (Math.abs(wanted - step) > step * 1e-9) {
        step = wanted
        forgetAll()
      }
      const left = (view.from + 0.5) * step
      seen = [Math.floor(left / PIECE_PX), Math.floor((left + options.widthPx) / PIECE_PX)]
      for (const piece of [...pieces.keys()]) if (piece < seen[0] - 2 || piece > seen[1] + 2) forget(piece)
      if (Math.abs(left - origin * PIECE_PX) > FARTHEST_PX || pieces.size === 0) {
        origin = seen[0]
        for (const [piece, canvas] of pieces) canvas.style.left = `${(piece - origin) * PIECE_PX}px`
      }
      for (let piece = seen[0]; piece <= seen[1]; piece += 1) if (isThere(piece)) draw(piece)
      // on whole pixels: between them every piece would be blurred, and their edges would show
      inner.style.transform = `translateX(${Math.round((origin * PIECE_PX - left) * devicePixelRatio) / devicePixelRatio}px)`
      return missing() !== undefined
    },
    ahead() {
      const piece = missing()
      if (piece !== undefined) draw(piece)
      return missing() !== undefined
    },
  }
}
