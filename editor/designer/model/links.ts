/** Wires that would cross half a flow, replaced by a pair of link nodes. */
import { connect, disconnect } from './commands.ts'
import type { FlowModel } from './flow-model.ts'
import { addToGroup } from './groups.ts'
import { type FlowNode, newId } from './raw.ts'
import type { PortEnd } from './scene.ts'
import { type WireEnds, wiresBehind } from './wires.ts'

/** Where an end of a wire is drawn. */
export type PlaceOfEnd = (end: PortEnd, side: 'input' | 'output') => { x: number; y: number }

/** Between a port and the middle of its link node. */
const DISTANCE = 60

/**
 * One link out for each output, one link in for each input; who led to whom stays so.
 * @returns the link nodes
 */
export function splitWithLinks(model: FlowModel, place: string, wires: readonly WireEnds[], at: PlaceOfEnd): Set<string> {
  const all = wires.flatMap((wire) => wiresBehind(model, wire))
  const outs = new Map<string, FlowNode & { links: string[] }>()
  const ins = new Map<string, FlowNode & { links: string[] }>()
  for (const { from, to } of all) {
    const out = outs.get(keyOf(from)) ?? { ...linkNode('link out', place, at(from, 'output'), DISTANCE), mode: 'link', wires: [] }
    const into = ins.get(keyOf(to)) ?? { ...linkNode('link in', place, at(to, 'input'), -DISTANCE), wires: [[]] }
    outs.set(keyOf(from), out)
    ins.set(keyOf(to), into)
    if (!out.links.includes(into.id)) out.links.push(into.id)
    if (!into.links.includes(out.id)) into.links.push(out.id)
  }
  const made = [...outs.values(), ...ins.values()]
  const isDone = model.edit('links', (draft) => {
    disconnect(model, all)
    for (const node of made) draft.put(node)
    for (const { from, to } of all) {
      const [out, into] = [outs.get(keyOf(from)), ins.get(keyOf(to))]
      if (!out || !into) continue
      connect(model, from, { id: out.id, port: 0 })
      connect(model, { id: into.id, port: 0 }, to)
      // a link stands in the group of the node it is for
      for (const [link, end] of [
        [out.id, from.id],
        [into.id, to.id],
      ] as const) {
        const group = draft.get(end)?.g
        if (typeof group === 'string') addToGroup(model, group, [link])
      }
    }
  })
  return new Set(isDone ? made.map((node) => node.id) : [])
}

const keyOf = (end: PortEnd) => `${end.id}:${end.port}`

function linkNode(type: string, z: string, port: { x: number; y: number }, by: number): FlowNode & { links: string[] } {
  return { id: newId(), type, z, name: '', links: [], x: Math.round(port.x + by), y: Math.round(port.y) }
}
