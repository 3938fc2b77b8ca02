/** Subflows: a definition with its own ports, and instances of it (`type: 'subflow:<id>'`) on tabs and in other subflows. */
import { connect, disconnect, type Point, removeNodes, withMembers } from './commands.ts'
import type { FlowModel } from './flow-model.ts'
import { addToGroup, commonGroup, groupNodes, takeOutOfGroups, topmost } from './groups.ts'
import { snap } from './ports.ts'
import { type FlowNode, kindOf, newId, numberOf, parentOf, renamed, subflowOf, subflowPorts, textOf } from './raw.ts'
import { type PortEnd, partId, partOfSubflow } from './scene.ts'
import { type WireEnds, wiresIn } from './wires.ts'

/** What Node-RED gives a new subflow (@node-red/editor-client, subflow.js). */
const COLOUR = '#DDAA99'
/** From the middle of a subflow's port to that of the nearest node. */
const PORT_GAP = 160

/** A new subflow behind the tabs and other subflows. @returns its id */
export function addSubflow(model: FlowModel, name: string, ports: Record<string, unknown> = {}): string {
  const id = newId()
  const behind = model.export().findLastIndex((node) => node.type === 'tab' || node.type === 'subflow') + 1
  model.edit('subflow', (draft) =>
    draft.put({ id, type: 'subflow', name, info: '', category: '', in: [], out: [], env: [], meta: {}, color: COLOUR, ...ports }, behind),
  )
  return id
}

/** `Subflow 3` where `Subflow 1` and `Subflow 2` are taken. */
export function freeSubflowName(model: FlowModel, word: string): string {
  const taken = new Set(model.subflows().map((subflow) => textOf(subflow, 'name')))
  for (let number = taken.size + 1; ; number += 1) if (!taken.has(`${word} ${number}`)) return `${word} ${number}`
}

/** An instance of a subflow. @returns its id; undefined where it would stand inside itself */
export function addInstance(model: FlowModel, { subflow, parent, at }: { subflow: string; parent: string; at: Point }): string | undefined {
  const definition = model.get(subflow)
  if (!definition || kindOf(definition) !== 'subflow') return undefined
  const id = newId()
  const wires = subflowPorts(definition, 'out').map(() => [])
  const isDone = model.edit('add', (draft) =>
    draft.put({ id, type: `subflow:${subflow}`, z: parent, name: '', env: [], x: Math.round(at.x), y: Math.round(at.y), wires }),
  )
  return isDone ? id : undefined
}

export function instancesOf(model: FlowModel, subflow: string): FlowNode[] {
  return model.export().filter((node) => subflowOf(node) === subflow)
}

export type WhyNoSubflow = 'nothing' | 'several-places' | 'several-inputs'

/**
 * Whether these nodes can become a subflow. It has one input at most: whatever leads into them from outside must lead to the same
 * nodes, or messages would go where they did not go before.
 */
export function whyNoSubflow(model: FlowModel, ids: Iterable<string>): WhyNoSubflow | undefined {
  const nodes = topmost(model, ids)
  const place = nodes[0] && parentOf(nodes[0])
  if (place === undefined) return 'nothing'
  if (nodes.some((node) => parentOf(node) !== place)) return 'several-places'
  const { targetsBySource } = edgeOf(model, place, withMembers(model, idsOf(nodes)))
  const [first, ...rest] = [...targetsBySource.values()].map(({ targets }) => [...targets].sort().join())
  return rest.some((targets) => targets !== first) ? 'several-inputs' : undefined
}

/**
 * Moves nodes into a new subflow and puts an instance in their place, wired as they were.
 * @returns undefined where {@link whyNoSubflow} says why
 */
export function subflowFromNodes(model: FlowModel, ids: Iterable<string>, name: string): { subflow: string; instance: string } | undefined {
  const nodes = topmost(model, ids)
  const place = nodes[0] && parentOf(nodes[0])
  if (place === undefined || whyNoSubflow(model, idsOf(nodes))) return undefined
  const inside = withMembers(model, idsOf(nodes))
  const { targetsBySource, outputs, crossing } = edgeOf(model, place, inside)
  const box = middleBox([...inside].map((id) => model.get(id)).filter((node) => node !== undefined && kindOf(node) !== 'group') as FlowNode[])
  const entered = new Set([...targetsBySource.values()].flatMap(({ targets }) => [...targets]))
  const by = { x: snap(60 + (entered.size ? PORT_GAP : 0) - box.left), y: snap(80 - box.top) }
  const group = commonGroup(model, nodes)
  let made: { subflow: string; instance: string } | undefined
  const isDone = model.edit('subflow', (draft) => {
    disconnect(model, crossing)
    const at = { x: snap((box.left + box.right) / 2), y: snap((box.top + box.bottom) / 2) }
    const heights = [...entered].map((id) => numberOf(model.get(id) as FlowNode, 'y') + by.y)
    const subflow = addSubflow(model, name, {
      in: entered.size ? [{ x: 60, y: middleOf(heights), wires: [...entered].map((id) => ({ id })) }] : [],
      out: outputPorts(
        outputs.map(({ from }) => ({ from, y: numberOf(model.get(from.id) as FlowNode, 'y') + by.y })),
        snap(box.right + by.x + PORT_GAP),
      ),
    })
    const instance = addInstance(model, { subflow, parent: place, at }) as string
    if (group !== undefined) addToGroup(model, group, [instance])
    takeOutOfGroups(model, idsOf(nodes))
    for (const id of inside) {
      const node = draft.get(id)
      if (node) draft.patch(id, { z: subflow, x: numberOf(node, 'x') + by.x, y: numberOf(node, 'y') + by.y })
    }
    for (const { source } of targetsBySource.values()) connect(model, source, { id: instance, port: 0 })
    outputs.forEach(({ targets }, port) => {
      for (const target of targets) connect(model, { id: instance, port }, target)
    })
    made = { subflow, instance }
  })
  return isDone ? made : undefined
}

/** Each at the height of its node, as far as the one above leaves room. */
function outputPorts(outputs: readonly { from: PortEnd; y: number }[], x: number) {
  let next = Number.NEGATIVE_INFINITY
  return outputs.map(({ from, y }) => {
    const at = Math.max(y, next)
    next = at + 60
    return { x, y: at, wires: [{ id: from.id, port: from.port }] }
  })
}

/** What leads over the edge of some nodes of a place. */
function edgeOf(model: FlowModel, place: string, inside: ReadonlySet<string>) {
  const crossing = wiresIn(model, place).filter(({ from, to }) => inside.has(from.id) !== inside.has(to.id))
  const targetsBySource = new Map<string, { source: PortEnd; targets: Set<string> }>()
  const outputs = new Map<string, { from: PortEnd; targets: PortEnd[] }>()
  for (const { from, to } of crossing) {
    const key = `${from.id}:${from.port}`
    if (inside.has(to.id)) {
      const known = targetsBySource.get(key) ?? { source: from, targets: new Set() }
      targetsBySource.set(key, known)
      known.targets.add(to.id)
    } else {
      const known = outputs.get(key) ?? { from, targets: [] }
      outputs.set(key, known)
      known.targets.push(to)
    }
  }
  const height = ({ from }: { from: PortEnd }) => numberOf(model.get(from.id) ?? { id: '', type: '' }, 'y') + from.port / 100
  return { crossing, targetsBySource, outputs: [...outputs.values()].sort((a, b) => height(a) - height(b)) }
}

const idsOf = (nodes: readonly FlowNode[]) => nodes.map((node) => node.id)
const middleOf = (values: readonly number[]) => Math.round((Math.min(...values) + Math.max(...values)) / 2)

/** The box around the middles of nodes. */
function middleBox(nodes: readonly FlowNode[]) {
  const xs = nodes.map((node) => numberOf(node, 'x'))
  const ys = nodes.map((node) => numberOf(node, 'y'))
  if (nodes.length === 0) return { left: 0, right: 0, top: 0, bottom: 0 }
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) }
}

/**
 * Puts what is in a subflow in place of one of its instances, wired as the instance was. It comes as a group that has the
 * instance's environment, so that what reads it finds the same values; catch and status nodes hear that group only.
 * The subflow itself stays. @returns the group, undefined when there is nothing to unpack
 */
export function unpackInstance(model: FlowModel, id: string): string | undefined {
  const instance = model.get(id)
  const definition = instance && model.get(subflowOf(instance) ?? '')
  const place = instance && parentOf(instance)
  if (!instance || definition?.type !== 'subflow' || place === undefined) return undefined
  const contents = model.childrenOf(definition.id)
  const ids = new Map(contents.map((node) => [node.id, newId()]))
  const box = middleBox(contents.filter((node) => ['node', 'junction'].includes(kindOf(node))))
  const by = { x: snap(numberOf(instance, 'x') - (box.left + box.right) / 2), y: snap(numberOf(instance, 'y') - (box.top + box.bottom) / 2) }
  const wires = wiresIn(model, place)
  const sources = wires.filter(({ to }) => to.id === id).map(({ from }) => from)
  let group: string | undefined
  const isDone = model.edit('unpack', (draft) => {
    for (const node of contents) {
      const copy = renamed(node, ids)
      const isPlaced = kindOf(node) !== 'config'
      draft.put({
        ...copy,
        z: place,
        ...(isPlaced && { x: numberOf(node, 'x') + by.x, y: numberOf(node, 'y') + by.y }),
        ...(isPlaced && instance.d === true && { d: true }),
        ...((node.type === 'catch' || node.type === 'status') && !node.scope && { scope: 'group' }),
      } as FlowNode)
    }
    for (const { id: target } of subflowPorts(definition, 'in').flatMap((port) => port.wires)) {
      for (const source of sources) connect(model, source, { id: ids.get(target) ?? '', port: 0 })
    }
    subflowPorts(definition, 'out').forEach((output, port) => {
      const targets = wires.filter(({ from }) => from.id === id && from.port === port).map(({ to }) => to)
      for (const wire of output.wires) {
        // an output may be wired to the subflow's own input: what comes in goes out
        const from = wire.id === definition.id ? sources : [{ id: ids.get(wire.id) ?? '', port: wire.port }]
        for (const one of from) for (const target of targets) connect(model, one, target)
      }
    })
    const env = environment(definition, instance)
    const name = textOf(instance, 'name') || textOf(definition, 'name')
    group = groupNodes(model, [...ids.values()], { name, ...(env.length && { env }) })
    if (group !== undefined && typeof instance.g === 'string') addToGroup(model, instance.g, [group])
    removeNodes(model, [id])
  })
  return isDone ? group : undefined
}

type Variable = Record<string, unknown>

/** The subflow's variables with the instance's values. How they are asked for (`ui`) is the subflow's matter. */
function environment(definition: FlowNode, instance: FlowNode): Variable[] {
  const all = new Map<unknown, Variable>()
  for (const list of [definition.env, instance.env]) {
    if (!Array.isArray(list)) continue
    for (const entry of list as unknown[]) {
      if (typeof entry !== 'object' || entry === null) continue
      const { ui: _, ...variable } = entry as Variable
      all.set(variable.name, variable)
    }
  }
  return [...all.values()]
}

/** A subflow with everything in it and every instance of it. */
export function removeSubflow(model: FlowModel, id: string): void {
  if (model.get(id)?.type !== 'subflow') return
  model.edit('removeTab', (draft) => {
    removeNodes(model, idsOf(instancesOf(model, id)))
    for (const child of model.childrenOf(id)) draft.remove(child.id)
    draft.remove(id)
  })
}

/** Gives a subflow an input, another output, or a status output, beside what is there. */
export function addSubflowPort(model: FlowModel, subflow: string, side: 'in' | 'out' | 'status'): void {
  const definition = model.get(subflow)
  if (!definition || kindOf(definition) !== 'subflow') return
  const there = subflowPorts(definition, side)
  if (side !== 'out' && there.length > 0) return
  const box = middleBox(model.childrenOf(subflow).filter((node) => ['node', 'junction'].includes(kindOf(node))))
  const last = there.at(-1)
  const x = side === 'in' ? box.left - PORT_GAP : box.right + PORT_GAP
  const middle = (box.top + box.bottom) / 2
  const y = side === 'status' ? Math.max(box.bottom, ...subflowPorts(definition, 'out').map((port) => port.y)) + 60 : middle
  const port = { x: snap(last?.x ?? x), y: snap(last ? last.y + 60 : y), wires: [] }
  model.edit('ports', (draft) => draft.patch(subflow, side === 'status' ? { status: port } : { [side]: [...rawPorts(definition, side), port] }))
}

/** Takes subflow ports away, with the wires at them, in the subflow and at every instance. */
export function removeSubflowPorts(model: FlowModel, ids: Iterable<string>): void {
  const parts = [...ids].map(partOfSubflow).filter((part) => part !== undefined)
  if (parts.length === 0) return
  model.edit('ports', (draft) => {
    // the last first, so that numbers stay right
    for (const { subflow, side, index } of parts.sort((a, b) => b.index - a.index)) {
      const definition = draft.get(subflow)
      if (!definition) continue
      if (side === 'status') {
        draft.patch(subflow, { status: undefined })
        continue
      }
      draft.patch(subflow, { [side]: rawPorts(definition, side).filter((_, at) => at !== index) })
      for (const instance of instancesOf(model, subflow)) {
        if (side === 'out' && Array.isArray(instance.wires))
          draft.patch(instance.id, { wires: instance.wires.filter((_: unknown, at: number) => at !== index) })
        if (side === 'in') disconnect(model, wiresTo(model, instance))
      }
    }
  })
}

function wiresTo(model: FlowModel, node: FlowNode): WireEnds[] {
  return wiresIn(model, parentOf(node) ?? '').filter(({ to }) => to.id === node.id)
}

function rawPorts(definition: FlowNode, side: 'in' | 'out'): unknown[] {
  const list = definition[side]
  return Array.isArray(list) ? list : []
}

/** The ids under which a subflow's ports are selected. */
export function portIds(subflow: FlowNode): string[] {
  return (['in', 'out', 'status'] as const).flatMap((side) => subflowPorts(subflow, side).map((_, index) => partId(subflow.id, side, index)))
}
