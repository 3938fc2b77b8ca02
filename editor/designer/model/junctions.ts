/** Junctions: points where wires meet and part, so that many need not be drawn from end to end. */
import { connect, disconnect, type Point } from './commands.ts'
import type { FlowModel } from './flow-model.ts'
import { newId } from './raw.ts'
import type { PortEnd } from './scene.ts'
import { type WireEnds, wiresBehind } from './wires.ts'

/** A wire, and where it was cut. */
export interface Cut {
  wire: WireEnds
  at: Point
}

/**
 * Puts junctions where wires were cut. Wires that may run together get one: those from one output, those to one input, and
 * bundles where each source leads to each target. No message goes another way than before.
 * @returns the junctions
 */
export function cutWires(model: FlowModel, place: string, cuts: readonly Cut[]): Set<string> {
  const bundles = bundled(cuts.flatMap(({ wire, at }) => wiresBehind(model, wire).map((real) => ({ wire: real, at }))))
  const made = new Set<string>()
  const isDone = model.edit('junction', (draft) => {
    for (const bundle of bundles) {
      const id = newId()
      const at = middleOf(bundle.map((cut) => cut.at))
      draft.put({ id, type: 'junction', z: place, x: at.x, y: at.y, wires: [[]] })
      disconnect(
        model,
        bundle.map((cut) => cut.wire),
      )
      for (const { wire } of bundle) {
        connect(model, wire.from, { id, port: 0 })
        connect(model, { id, port: 0 }, wire.to)
      }
      made.add(id)
    }
  })
  return isDone ? made : new Set()
}

const keyOf = (end: PortEnd) => `${end.id}:${end.port}`

/** First by source; sources that lead to the very same targets go together. */
function bundled(cuts: readonly Cut[]): Cut[][] {
  const bySource = Map.groupBy(cuts, ({ wire }) => keyOf(wire.from))
  const targetsOf = (list: readonly Cut[]) => [...new Set(list.map(({ wire }) => keyOf(wire.to)))].sort().join(' ')
  return [...Map.groupBy(bySource.values(), targetsOf).values()].map((lists) => lists.flat())
}

function middleOf(points: readonly Point[]): Point {
  const sum = points.reduce((all, { x, y }) => ({ x: all.x + x, y: all.y + y }), { x: 0, y: 0 })
  return { x: Math.round(sum.x / points.length), y: Math.round(sum.y / points.length) }
}
