/** What a person can do to flows; each is one step of the history. Labels are keys of the designer's texts. */
import type { NodeType } from '../../../server/api/flows.ts'
import { isGroup } from './collapsed.ts'
import type { FlowModel } from './flow-model.ts'
import { fitAfterChange, fitGroups, forgetInGroups } from './groups.ts'
import { type FlowNode, kindOf, newId, numberOf, parentOf, subflowPorts, textOf, wiresOf } from './raw.ts'
import { type PortEnd, partOfSubflow } from './scene.ts'
import { type WireEnds, wiresBehind } from './wires.ts'

/** The steps' names in the history. */
export type StepLabel =
  | 'add'
  | 'remove'
  | 'move'
  | 'connect'
  | 'disconnect'
  | 'change'
  | 'paste'
  | 'addTab'
  | 'removeTab'
  | 'changeTab'
  | 'moveTab'
  | 'splice'
  | 'group'
  | 'ungroup'
  | 'style'
  | 'subflow'
  | 'unpack'
  | 'ports'
  | 'junction'
  | 'links'
  | 'reconnect'
  | 'layout'
  | 'import'
  | 'adopt'
  | 'upgrade'
  | 'merge'
  | 'draft'
  | 'discard'
  | 'restore'

export interface Point {
  x: number
  y: number
}

/** A new node of a type at a place. @returns its id */
export function addNode(model: FlowModel, { type, parent, at }: { type: NodeType; parent: string; at: Point }): string {
  const id = newId()
  const defaults = structuredClone(type.defaults)
  // Node-RED's own mark for "number the name" (@node-red/nodes, e.g. 21-debug.html)
  if (defaults.name === '_DEFAULT_') defaults.name = freeNodeName(model, type.label)
  const node: FlowNode = {
    id,
    type: type.type,
    z: parent,
    name: '',
    ...defaults,
    x: Math.round(at.x),
    y: Math.round(at.y),
    wires: Array.from({ length: type.outputs }, () => []),
  }
  edit(model, 'add', (draft) => draft.put(node))
  return id
}

/** `debug 3` where `debug 1` and `debug 2` are taken. */
function freeNodeName(model: FlowModel, word: string): string {
  const taken = new Set(model.export().map((node) => textOf(node, 'name')))
  for (let number = 1; ; number += 1) if (!taken.has(`${word} ${number}`)) return `${word} ${number}`
}

/** A new config node, for every tab. @returns its id */
export function addConfigNode(model: FlowModel, type: NodeType, properties: Record<string, unknown>): string {
  const id = newId()
  edit(model, 'add', (draft) => draft.put({ id, type: type.type, name: '', ...structuredClone(type.defaults), ...properties }))
  return id
}

/** Takes nodes, junctions, config nodes and groups with all that is in them out, with the wires to them. */
export function removeNodes(model: FlowModel, ids: Iterable<string>): void {
  const gone = withMembers(model, ids)
  edit(model, 'remove', (draft) => {
    const parents = new Set<string>()
    for (const id of gone) {
      const node = draft.get(id)
      if (!node) continue
      const parent = parentOf(node)
      if (parent) parents.add(parent)
      for (const source of model.sourcesOf(id)) if (!gone.has(source.id)) dropWiresTo(model, source, gone)
    }
    for (const parent of parents) forgetSubflowOutputs(model, parent, gone)
    forgetInGroups(model, gone)
    for (const id of gone) draft.remove(id)
  })
}

function dropWiresTo(model: FlowModel, source: FlowNode, gone: ReadonlySet<string>): void {
  edit(model, 'remove', (draft) => {
    if (kindOf(source) === 'subflow') {
      const inputs = (source.in as { wires?: { id?: string }[] }[]).map((port) => ({
        ...port,
        wires: (port.wires ?? []).filter((wire) => !gone.has(wire.id ?? '')),
      }))
      draft.patch(source.id, { in: inputs })
    } else {
      draft.patch(source.id, { wires: wiresOf(draft.get(source.id) ?? source).map((output) => output.filter((target) => !gone.has(target))) })
    }
  })
}

/** A subflow's outputs name the node and port they come from. */
function forgetSubflowOutputs(model: FlowModel, parent: string, gone: ReadonlySet<string>): void {
  const subflow = model.get(parent)
  if (!subflow || kindOf(subflow) !== 'subflow') return
  const without = (port: object) => ({ ...port, wires: ((port as { wires?: { id?: string }[] }).wires ?? []).filter((wire) => !gone.has(wire.id ?? '')) })
  edit(model, 'remove', (draft) => {
    if (Array.isArray(subflow.out)) draft.patch(parent, { out: subflow.out.map(without) })
    if (subflow.status) draft.patch(parent, { status: without(subflow.status as object) })
  })
}

/** Moves nodes (and subflow ports) by a distance; the members of a moved group go with it. */
export function moveNodes(model: FlowModel, ids: Iterable<string>, by: Point, join?: unknown): void {
  if (by.x === 0 && by.y === 0) return
  edit(
    model,
    'move',
    (draft) => {
      const moved = withMembers(model, ids)
      for (const id of moved) {
        const part = partOfSubflow(id)
        const node = draft.get(id)
        if (part) movePart(model, part, by)
        else if (node) draft.patch(id, { x: numberOf(node, 'x') + by.x, y: numberOf(node, 'y') + by.y })
      }
      fitGroups(model, moved)
    },
    join,
  )
}

/**
 * Puts each at a place of its own, as one step: aligned, distributed, laid out. A place is what the file holds: a node's middle,
 * a group's upper left corner. Groups take their members along, so name either a group or what is in it.
 */
export function placeNodes(model: FlowModel, places: ReadonlyMap<string, Point>, label: 'move' | 'layout' = 'move'): void {
  edit(model, label, (draft) => {
    const moved = new Set<string>()
    for (const [id, { x, y }] of places) {
      const part = partOfSubflow(id)
      const port = part && subflowPorts(draft.get(part.subflow) ?? { id: '', type: '' }, part.side)[part.index]
      if (part && port) movePart(model, part, { x: x - port.x, y: y - port.y })
      const node = draft.get(id)
      if (!node) continue
      const by = { x: x - numberOf(node, 'x'), y: y - numberOf(node, 'y') }
      for (const member of kindOf(node) === 'group' ? withMembers(model, [id]) : [id]) {
        const at = draft.get(member)
        if (at) draft.patch(member, { x: numberOf(at, 'x') + by.x, y: numberOf(at, 'y') + by.y })
        moved.add(member)
      }
    }
    fitGroups(model, moved)
  })
}

/** The ids, and everything inside the groups among them. */
export function withMembers(model: FlowModel, ids: Iterable<string>): Set<string> {
  const all = new Set<string>()
  const visit = (id: string) => {
    if (all.has(id)) return
    all.add(id)
    const node = model.get(id)
    const members = node && kindOf(node) === 'group' ? node.nodes : undefined
    if (Array.isArray(members)) for (const member of members) if (typeof member === 'string') visit(member)
  }
  for (const id of ids) visit(id)
  return all
}

function movePart(model: FlowModel, { subflow, side, index }: NonNullable<ReturnType<typeof partOfSubflow>>, by: Point): void {
  const moved = (port: Record<string, unknown>) => ({ ...port, x: Number(port.x ?? 0) + by.x, y: Number(port.y ?? 0) + by.y })
  edit(model, 'move', (draft) => {
    const node = draft.get(subflow)
    const value = node?.[side]
    if (side === 'status') {
      if (value) draft.patch(subflow, { status: moved(value as Record<string, unknown>) })
    } else if (Array.isArray(value)) draft.patch(subflow, { [side]: value.map((port, at) => (at === index ? moved(port) : port)) })
  })
}

/** Draws a wire from an output to an input. @returns false when it is there already, or cannot be */
export function connect(model: FlowModel, from: PortEnd, to: PortEnd): boolean {
  if (from.id === to.id || isWired(model, from, to)) return false
  const target = partOfSubflow(to.id)
  const source = partOfSubflow(from.id)
  // a subflow's input straight to its output has no place in the flow file
  if (source && target) return false
  // groups, tabs and config nodes have no ports, and wires do not lead to other tabs
  const places = [placeOfEnd(model, from, source), placeOfEnd(model, to, target)]
  if (places[0] === undefined || places[0] !== places[1]) return false
  edit(model, 'connect', (draft) => {
    if (source) {
      const inputs = structuredClone(draft.get(source.subflow)?.in) as { wires?: { id: string }[] }[]
      inputs[source.index]?.wires?.push({ id: to.id })
      draft.patch(source.subflow, { in: inputs })
    } else if (target) {
      changeOutputWires(model, target, (wires) => [...wires, { id: from.id, port: from.port }])
    } else {
      const wires = wiresOf(draft.get(from.id) as FlowNode)
      while (wires.length <= from.port) wires.push([])
      draft.patch(from.id, { wires: wires.map((output, port) => (port === from.port ? [...output, to.id] : output)) })
    }
  })
  return true
}

function placeOfEnd(model: FlowModel, { id }: PortEnd, part: ReturnType<typeof partOfSubflow>): string | undefined {
  if (part) return part.subflow
  const node = model.get(id)
  return node && ['node', 'junction'].includes(kindOf(node)) ? parentOf(node) : undefined
}

export function isWired(model: FlowModel, from: PortEnd, to: PortEnd): boolean {
  const target = partOfSubflow(to.id)
  if (target) {
    const subflow = model.get(target.subflow)
    return subflow ? (subflowPorts(subflow, target.side)[target.index]?.wires.some((wire) => wire.id === from.id && wire.port === from.port) ?? false) : false
  }
  const source = partOfSubflow(from.id)
  if (source) {
    const subflow = model.get(source.subflow)
    return subflow ? (subflowPorts(subflow, 'in')[source.index]?.wires.some((wire) => wire.id === to.id) ?? false) : false
  }
  const node = model.get(from.id)
  return node ? (wiresOf(node)[from.port]?.includes(to.id) ?? false) : false
}

/** Takes wires away. A wire at a folded group stands for all that go the same way over its edge. */
export function disconnect(model: FlowModel, wires: Iterable<WireEnds>): void {
  edit(model, 'disconnect', (draft) => {
    for (const { from, to } of [...wires].flatMap((wire) => wiresBehind(model, wire))) {
      const source = partOfSubflow(from.id)
      const target = partOfSubflow(to.id)
      if (source) {
        const inputs = draft.get(source.subflow)?.in
        if (Array.isArray(inputs)) {
          draft.patch(source.subflow, {
            in: inputs.map((port, at) => (at === source.index ? { ...port, wires: port.wires.filter((wire: { id: string }) => wire.id !== to.id) } : port)),
          })
        }
      } else if (target) {
        changeOutputWires(model, target, (before) => before.filter((wire) => !(wire.id === from.id && (wire.port ?? 0) === from.port)))
      } else {
        const node = draft.get(from.id)
        if (node) draft.patch(from.id, { wires: wiresOf(node).map((output, port) => (port === from.port ? output.filter((id) => id !== to.id) : output)) })
      }
    }
  })
}

type OutputWire = { id: string; port: number }
function changeOutputWires(
  model: FlowModel,
  { subflow, side, index }: NonNullable<ReturnType<typeof partOfSubflow>>,
  change: (wires: OutputWire[]) => OutputWire[],
): void {
  edit(model, 'connect', (draft) => {
    const value = draft.get(subflow)?.[side]
    const changed = (port: { wires?: OutputWire[] }) => ({ ...port, wires: change(port.wires ?? []) })
    if (side === 'status') draft.patch(subflow, { status: changed(value as object) })
    else if (Array.isArray(value)) draft.patch(subflow, { [side]: value.map((port, at) => (at === index ? changed(port) : port)) })
  })
}

/** Puts a node that is on the canvas into the middle of a wire. */
export function spliceInto(model: FlowModel, id: string, wire: WireEnds): void {
  if ([wire.from.id, wire.to.id].some((end) => isGroup(model.get(end)))) return
  edit(model, 'splice', () => {
    disconnect(model, [wire])
    connect(model, wire.from, { id, port: 0 })
    connect(model, { id, port: 0 }, wire.to)
  })
}

/** Sets properties of any object: a node's form, its name, whether it is disabled. */
export function change(model: FlowModel, id: string, properties: Record<string, unknown>, join?: unknown): void {
  edit(
    model,
    'change',
    (draft) => {
      const before = draft.get(id)
      draft.patch(id, properties)
      const node = draft.get(id)
      // fewer outputs: the wires of those that are gone go too (Node-RED does the same)
      const outputs = properties.outputs
      if (node && typeof outputs === 'number' && Array.isArray(node.wires) && node.wires.length > outputs) {
        draft.patch(id, { wires: wiresOf(node).slice(0, outputs) })
      }
      fitAfterChange(model, before, node)
    },
    join,
  )
}

/** Disables or enables nodes (`d`, as Node-RED stores it). */
export function setDisabled(model: FlowModel, ids: Iterable<string>, isDisabled: boolean): void {
  edit(model, 'change', (draft) => {
    for (const id of ids) draft.patch(id, { d: isDisabled ? true : undefined })
  })
}

/** A new tab behind the others. @returns its id */
export function addTab(model: FlowModel, label: string): string {
  const id = newId()
  const behind = model.export().findLastIndex((node) => node.type === 'tab') + 1
  edit(model, 'addTab', (draft) => draft.put({ id, type: 'tab', label, disabled: false, info: '', env: [] }, behind))
  return id
}

/** Sets properties of a tab or subflow; `undefined` removes one. */
export function changeTab(
  model: FlowModel,
  id: string,
  properties: { label?: string; disabled?: boolean; locked?: boolean | undefined; info?: string; name?: string },
): void {
  edit(model, 'changeTab', (draft) => draft.patch(id, properties))
}

/** Moves a tab before another, or to the end. */
export function moveTab(model: FlowModel, id: string, before: string | undefined): void {
  edit(model, 'moveTab', (draft) => {
    const order = model.export().map((node) => node.id)
    const from = order.indexOf(id)
    const to = before === undefined ? order.findLastIndex((other) => model.get(other)?.type === 'tab') + 1 : order.indexOf(before)
    draft.reorder(id, from < to ? to - 1 : to)
  })
}

/** A tab or subflow with all that is on it. */
export function removeTab(model: FlowModel, id: string): void {
  edit(model, 'removeTab', (draft) => {
    for (const child of model.childrenOf(id)) draft.remove(child.id)
    draft.remove(id)
  })
}

/** `flow 3` where `flow 1` and `flow 2` are taken. */
export function freeTabName(model: FlowModel, word: string): string {
  const taken = new Set(model.tabs().map((tab) => textOf(tab, 'label')))
  for (let number = model.tabs().length + 1; ; number += 1) if (!taken.has(`${word} ${number}`)) return `${word} ${number}`
}

function edit(model: FlowModel, label: StepLabel, work: Parameters<FlowModel['edit']>[1], join?: unknown): void {
  model.edit(label, work, join)
}
