/** The wires of one tab or subflow as pairs of ends, the subflow's own ports included. */
import { drawnAs, isGroup } from './collapsed.ts'
import type { FlowModel } from './flow-model.ts'
import { kindOf, parentOf, subflowPorts, wiresOf } from './raw.ts'
import { type PortEnd, partId } from './scene.ts'

export interface WireEnds {
  from: PortEnd
  to: PortEnd
}

/** Every wire of a tab or subflow; wires to what is not there are left out. */
export function wiresIn(model: FlowModel, place: string): WireEnds[] {
  const wires: WireEnds[] = []
  const isHere = (id: string) => {
    const node = model.get(id)
    return node !== undefined && parentOf(node) === place && ['node', 'junction'].includes(kindOf(node))
  }
  for (const node of model.childrenOf(place)) {
    if (!isHere(node.id)) continue
    wiresOf(node).forEach((targets, port) => {
      for (const target of targets) if (isHere(target)) wires.push({ from: { id: node.id, port }, to: { id: target, port: 0 } })
    })
  }
  const definition = model.get(place)
  if (!definition || kindOf(definition) !== 'subflow') return wires
  for (const side of ['in', 'out', 'status'] as const) {
    subflowPorts(definition, side).forEach((port, index) => {
      const part = { id: partId(place, side, index), port: 0 }
      for (const { id, port: output } of port.wires) {
        if (!isHere(id)) continue
        wires.push(side === 'in' ? { from: part, to: { id, port: 0 } } : { from: { id, port: output }, to: part })
      }
    })
  }
  return wires
}

/** The wires that one stands for: itself, or at a folded group all that go the same way over its edge. */
export function wiresBehind(model: FlowModel, wire: WireEnds): WireEnds[] {
  const boxes = new Set([wire.from.id, wire.to.id].filter((id) => isGroup(model.get(id))))
  const [box] = boxes
  const place = box === undefined ? undefined : parentOf(model.get(box) ?? { id: '', type: '' })
  if (place === undefined) return [wire]
  const isEnd = (end: PortEnd, drawn: PortEnd) =>
    boxes.has(drawn.id) ? drawnAs(model, end.id, boxes) === drawn.id : end.id === drawn.id && end.port === drawn.port
  return wiresIn(model, place).filter(({ from, to }) => isEnd(from, wire.from) && isEnd(to, wire.to))
}

/** The ports inside a group that wires over its edge begin or end at; each once. */
export function edgePorts(model: FlowModel, group: string, side: 'input' | 'output'): PortEnd[] {
  const object = model.get(group)
  const place = object && isGroup(object) ? parentOf(object) : undefined
  if (place === undefined) return []
  const isInside = (id: string) => drawnAs(model, id, new Set([group])) === group
  const ends = wiresIn(model, place).flatMap(({ from, to }) => {
    if (isInside(from.id) === isInside(to.id)) return []
    const [inner, outward] = isInside(from.id) ? ([from, 'output'] as const) : ([to, 'input'] as const)
    return outward === side ? [inner] : []
  })
  return [...new Map(ends.map((end) => [`${end.id}:${end.port}`, end])).values()]
}
