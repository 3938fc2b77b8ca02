/** Who can send to whom: along wires, and from link out to link in on the same tab. */
import type { FlowModel } from './flow-model.ts'
import { type FlowNode, kindOf } from './raw.ts'
import { wiresIn } from './wires.ts'

export type Direction = 'upstream' | 'downstream' | 'connected'

/** These nodes and all that their messages come from, go to, or either; a subflow's own ports included. */
export function reachable(model: FlowModel, place: string, ids: Iterable<string>, direction: Direction): Set<string> {
  const steps = new Map<string, Set<string>>()
  const step = (from: string, to: string) => {
    if (direction !== 'upstream') addTo(steps, from, to)
    if (direction !== 'downstream') addTo(steps, to, from)
  }
  for (const { from, to } of wiresIn(model, place)) step(from.id, to.id)
  for (const node of model.childrenOf(place)) {
    for (const target of linksOf(node)) if (model.get(target)?.z === place) step(node.id, target)
  }
  const seen = new Set(ids)
  for (const id of seen) for (const next of steps.get(id) ?? []) seen.add(next)
  return seen
}

/** Where a link out or link call leads. */
function linksOf(node: FlowNode): string[] {
  if (kindOf(node) !== 'node' || (node.type !== 'link out' && node.type !== 'link call') || !Array.isArray(node.links)) return []
  return node.links.filter((id): id is string => typeof id === 'string')
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key)
  if (set) set.add(value)
  else map.set(key, new Set([value]))
}
