/** What a rehearsal reached, on the canvas: nodes and wires that messages went over, and those that were never taken. */
import type { ShownWire } from '../canvas/flow-area.ts'
import type { CanvasLayer, MarkSource } from '../canvas/layers.ts'
import type { Coverage } from './coverage.ts'
import type { RehearsalStore } from './rehearsal-store.ts'
import type { RehearsalText } from './text.ts'

interface Reach {
  reached: ReadonlySet<string>
  missed: ReadonlySet<string>
  wires: readonly string[]
  wiresMissed: readonly string[]
}

/** Made once. */
const known = new WeakMap<Coverage, Reach>()
function reachOf(coverage: Coverage): Reach {
  const found = known.get(coverage)
  if (found) return found
  const { nodes, nodesMissed, wires, wiresMissed } = coverage
  const idOf = ({ from, port, to }: (typeof wires)[number]) => `${from}:${port}:${to}`
  const made = { reached: new Set(nodes), missed: new Set(nodesMissed), wires: wires.map(idOf), wiresMissed: wiresMissed.map(idOf) }
  known.set(coverage, made)
  return made
}

export function rehearsalMarks(store: RehearsalStore, text: () => RehearsalText): MarkSource {
  return (id) => {
    const { coverage } = store
    if (!coverage || !store.isPanelShown) return undefined
    const { reached, missed } = reachOf(coverage)
    const { legend } = text()
    if (reached.has(id)) return [{ kind: 'rehearsal-reached', text: '✓', title: legend.isReached }]
    return missed.has(id) ? [{ kind: 'rehearsal-missed', text: '–', title: legend.isMissed }] : undefined
  }
}

/** @param colour of the wires that were taken, as it is in this theme */
export function rehearsalLayer(store: RehearsalStore, colour: () => string): CanvasLayer {
  return {
    where: 'under',
    order: 5,
    paint(context, { area, colours, zoom }) {
      const { coverage } = store
      if (!coverage || !store.isPanelShown) return
      const { wires, wiresMissed } = reachOf(coverage)
      const stroke = (ids: readonly string[]) => {
        context.beginPath()
        for (const id of ids) {
          const wire = area.wires.get(id)
          if (wire) trace(context, wire)
        }
        context.stroke()
      }
      // over the wire that is there: gaps in it, and so dashes
      context.strokeStyle = colours.surface
      context.lineWidth = Math.max(5, 3 / zoom)
      context.setLineDash([6, 8])
      stroke(wiresMissed)
      context.setLineDash([])
      context.strokeStyle = colour()
      context.lineWidth = Math.max(4, 2.5 / zoom)
      stroke(wires)
    },
  }
}

function trace(context: CanvasRenderingContext2D, { curves }: ShownWire): void {
  const first = curves[0]?.[0]
  if (!first) return
  context.moveTo(first.x, first.y)
  for (const [, b, c, d] of curves) context.bezierCurveTo(b.x, b.y, c.x, c.y, d.x, d.y)
}
