/** Messages on wires as they come: a wire that carries some is drawn stronger for a moment, and says how many there were. */
import type { ShownWire } from '../canvas/flow-area.ts'
import type { CanvasLayer, LayerView } from '../canvas/layers.ts'
import { type Curve, type Point, pointOn } from '../canvas/wire-shape.ts'
import type { ActivityStore } from './activity-store.ts'

/** How long a wire shows that something passed. */
export const GLOW_MS = 900
const GLOW_STEPS = 6
/** So far out nobody sees a curve or a dash. */
export const FAR_ZOOM = 0.2
/** Numbers need room. */
const COUNT_ZOOM = 0.55
const SHORTEST_PX = 46
const DASH = [4, 10]
const DASH_STEP = 14
const DASH_PX_PER_MS = 0.045

export interface WireLayerOptions {
  areCountsShown: () => boolean
  isStill: () => boolean
  /** `12`, `1.2k` in the person's language. */
  formatCount: (count: number) => string
}

export function createWireLayer(store: ActivityStore, options: WireLayerOptions): CanvasLayer {
  return {
    where: 'under',
    order: 10,
    paint(context, view) {
      paintGlow(context, view)
      if (options.areCountsShown() && view.zoom >= COUNT_ZOOM) paintCounts(context, view)
    },
  }

  function paintGlow(context: CanvasRenderingContext2D, { area, colours, zoom, visible }: LayerView): void {
    // by how long ago, in a few steps: one path a step, however many wires
    const steps: ShownWire[][] = Array.from({ length: GLOW_STEPS }, () => [])
    for (const [id, restedMs] of store.glowing(GLOW_MS)) {
      const step = Math.floor((restedMs / GLOW_MS) * GLOW_STEPS)
      const wire = steps[step] && area.wires.get(id)
      const box = wire && area.wireGrid.boxOf(id)
      if (box && box.right >= visible.left && box.left <= visible.right && box.bottom >= visible.top && box.top <= visible.bottom) steps[step]?.push(wire)
    }
    const isFar = zoom < FAR_ZOOM
    steps.forEach((wires, step) => {
      if (wires.length === 0) return
      context.beginPath()
      for (const { curves } of wires) trace(context, curves, isFar)
      context.globalAlpha = 0.85 * (1 - step / GLOW_STEPS)
      context.strokeStyle = colours.ink
      context.lineWidth = Math.max(3, 2 / zoom)
      context.stroke()
      if (isFar || options.isStill()) return
      // short dashes that wander the way the messages go
      context.globalAlpha = 1 - step / GLOW_STEPS
      context.strokeStyle = colours.surface
      context.lineWidth = Math.max(1.4, 1 / zoom)
      context.setLineDash(DASH)
      context.lineDashOffset = -(performance.now() * DASH_PX_PER_MS) % DASH_STEP
      context.stroke()
      context.setLineDash([])
    })
    context.globalAlpha = 1
  }

  function paintCounts(context: CanvasRenderingContext2D, { area, colours, visible, zoom }: LayerView): void {
    context.font = `500 11px ${colours.font}`
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    area.wireGrid.visit(visible, (id) => {
      const now = store.wires.get(id)
      const wire = area.wires.get(id)
      if (!now || now.count === 0 || !wire) return
      const at = middleOf(wire.curves)
      const [first, last] = [wire.curves[0]?.[0], wire.curves.at(-1)?.[3]]
      if (!at || !first || !last) return
      const text = options.formatCount(now.count)
      const width = context.measureText(text).width + 8
      // between two nodes that stand close together there is no room for it
      if (Math.hypot(last.x - first.x, last.y - first.y) * zoom < SHORTEST_PX || Math.hypot(last.x - first.x, last.y - first.y) < width + 8) return
      context.beginPath()
      context.roundRect(at.x - width / 2, at.y - 8, width, 16, 8)
      context.fillStyle = colours.surface
      context.fill()
      context.lineWidth = 1
      context.strokeStyle = colours.wire
      context.stroke()
      context.fillStyle = colours.ink
      context.fillText(text, at.x, at.y + 0.5)
    })
  }
}

function trace(context: CanvasRenderingContext2D, curves: readonly Curve[], isStraight: boolean): void {
  const first = curves[0]?.[0]
  const last = curves.at(-1)?.[3]
  if (!first || !last) return
  context.moveTo(first.x, first.y)
  if (isStraight) context.lineTo(last.x, last.y)
  else for (const [, b, c, d] of curves) context.bezierCurveTo(b.x, b.y, c.x, c.y, d.x, d.y)
}

/** The middle of the way, roughly: a curve counts as long as the line between its ends. */
function middleOf(curves: readonly Curve[]): Point | undefined {
  const lengths = curves.map(([from, , , to]) => Math.hypot(to.x - from.x, to.y - from.y))
  let left = lengths.reduce((sum, length) => sum + length, 0) / 2
  for (const [index, curve] of curves.entries()) {
    const length = lengths[index] ?? 0
    if (left <= length) return pointOn(curve, length === 0 ? 0.5 : left / length)
    left -= length
  }
  return curves.at(-1)?.[3]
}
