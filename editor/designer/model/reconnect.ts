/** Taking nodes out of a chain without breaking it: what led to them leads to what they led to. */
import { connect, disconnect, removeNodes, withMembers } from './commands.ts'
import type { FlowModel } from './flow-model.ts'
import { parentOf } from './raw.ts'
import type { PortEnd } from './scene.ts'
import { type WireEnds, wiresIn } from './wires.ts'

/** Removes nodes and closes the gap. */
export function removeAndReconnect(model: FlowModel, ids: Iterable<string>): void {
  const gone = withMembers(model, ids)
  const bridges = bridgesOver(model, gone)
  model.edit('reconnect', () => {
    removeNodes(model, gone)
    for (const { from, to } of bridges) connect(model, from, to)
  })
}

/** Takes nodes out of the wiring, closes the gap, and leaves them standing with the wires among themselves. */
export function detach(model: FlowModel, ids: Iterable<string>): void {
  const loose = withMembers(model, ids)
  const bridges = bridgesOver(model, loose)
  model.edit('reconnect', () => {
    for (const place of placesOf(model, loose)) {
      disconnect(
        model,
        wiresIn(model, place).filter(({ from, to }) => loose.has(from.id) !== loose.has(to.id)),
      )
    }
    for (const { from, to } of bridges) connect(model, from, to)
  })
}

function placesOf(model: FlowModel, ids: Iterable<string>): Set<string> {
  const places = [...ids].map((id) => model.get(id)).map((node) => node && parentOf(node))
  return new Set(places.filter((place) => place !== undefined))
}

/** For each wire into the nodes: to everything outside that can be reached through them. */
function bridgesOver(model: FlowModel, inside: ReadonlySet<string>): WireEnds[] {
  const bridges: WireEnds[] = []
  for (const place of placesOf(model, inside)) {
    const wires = wiresIn(model, place)
    const leaving = Map.groupBy(wires, ({ from }) => from.id)
    for (const { from, to } of wires) {
      if (inside.has(from.id) || !inside.has(to.id)) continue
      for (const end of reachedThrough(to.id, inside, leaving)) bridges.push({ from, to: end })
    }
  }
  return bridges
}

function reachedThrough(start: string, inside: ReadonlySet<string>, leaving: ReadonlyMap<string, WireEnds[]>): PortEnd[] {
  const seen = new Set([start])
  const ends = new Map<string, PortEnd>()
  for (const id of seen) {
    for (const { to } of leaving.get(id) ?? []) {
      if (inside.has(to.id)) seen.add(to.id)
      else ends.set(to.id, to)
    }
  }
  return [...ends.values()]
}
