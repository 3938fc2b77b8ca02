/** Copy and paste through the system clipboard, as Node-RED's own export JSON: both editors read each other. */
import { type Point, withMembers } from './commands.ts'
import type { Draft, FlowModel } from './flow-model.ts'
import { GRID, snap } from './ports.ts'
import { type FlowNode, kindOf, newId, numberOf, parentOf, renamed, sameJson, subflowOf, wiresOf } from './raw.ts'

/**
 * The nodes as JSON, groups with what is in them, and the subflows and config nodes they need. Wires to what is not copied are
 * left out, and so is the group of a node that is copied without it.
 */
export function copyText(model: FlowModel, ids: ReadonlySet<string>): string {
  const chosen = withMembers(model, ids)
  const needed = new Set<string>()
  const need = (id: string) => {
    if (chosen.has(id) || needed.has(id)) return
    needed.add(id)
    const node = model.get(id)
    if (node) needsOf(node)
    if (node && kindOf(node) === 'subflow') for (const child of model.childrenOf(id)) need(child.id)
  }
  const needsOf = (node: FlowNode) => {
    const subflow = subflowOf(node)
    if (subflow && model.get(subflow)) need(subflow)
    const look = (value: unknown) => {
      if (typeof value === 'string') {
        const named = model.get(value)
        if (named && kindOf(named) === 'config') need(value)
      } else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) look(inner)
    }
    for (const [key, value] of Object.entries(node)) if (!STRUCTURE.has(key)) look(value)
  }
  for (const id of chosen) {
    const node = model.get(id)
    if (node) needsOf(node)
  }
  // what was chosen may lie in a subflow that is needed as well: then all around it comes along
  const together = new Set([...chosen, ...needed])
  const nodes = model.export().filter((node) => together.has(node.id))
  return JSON.stringify(
    nodes.map((node) => (chosen.has(node.id) ? alone(node, together) : node)),
    null,
    2,
  )
}

/** Properties that say where an object stands, and never name a config node. */
const STRUCTURE: ReadonlySet<string> = new Set(['id', 'type', 'z', 'g', 'wires', 'nodes', 'in', 'out'])

/** The object without what ties it to others that do not come along. */
function alone(node: FlowNode, together: ReadonlySet<string>): FlowNode {
  const copy: FlowNode = { ...node }
  if (Array.isArray(node.wires)) copy.wires = wiresOf(node).map((targets) => targets.filter((target) => together.has(target)))
  if (typeof node.g === 'string' && !together.has(node.g)) delete copy.g
  return copy
}

/** What an import found; `at` is where JSON ends to be JSON, counted from 1. */
export type ReadFlows = { nodes: FlowNode[] } | { error: 'not-json'; at?: { line: number; column: number } } | { error: 'not-flows' | 'empty' }

/**
 * Reads Node-RED's export JSON: an array of objects with id and type, `{ flows: [...] }`, or one node. Text round it, as in a
 * forum post or a Markdown block, is left out. Objects of the same id become two, the later ones under ids of their own.
 */
export function readFlows(text: string): ReadFlows {
  const value = jsonIn(text)
  if (value instanceof SyntaxError) return { error: 'not-json', ...placeOf(value, text) }
  const list = Array.isArray(value)
    ? value
    : isNode(value)
      ? [value]
      : typeof value === 'object' && value !== null
        ? (value as { flows?: unknown }).flows
        : undefined
  if (!Array.isArray(list)) return { error: 'not-flows' }
  if (list.length === 0) return { error: 'empty' }
  return list.every(isNode) ? { nodes: eachOnce(list) } : { error: 'not-flows' }
}

const isNode = (item: unknown): item is FlowNode =>
  typeof item === 'object' &&
  item !== null &&
  typeof (item as FlowNode).id === 'string' &&
  (item as FlowNode).id !== '' &&
  typeof (item as FlowNode).type === 'string'

function jsonIn(text: string): unknown {
  const read = (part: string): unknown => {
    try {
      return JSON.parse(part)
    } catch (error) {
      return error
    }
  }
  const whole = read(text)
  if (!(whole instanceof SyntaxError)) return whole
  const inner = /```(?:json)?\s*([\s\S]*?)```/.exec(text)?.[1] ?? text.slice(Math.max(0, text.indexOf('[')), text.lastIndexOf(']') + 1)
  const part = read(inner)
  return part instanceof SyntaxError ? whole : part
}

/** Where the engine says that it stopped: V8 tells a position, Firefox a line and a column. */
function placeOf({ message }: SyntaxError, text: string): { at?: { line: number; column: number } } {
  const told = /line (\d+) column (\d+)/.exec(message)
  if (told) return { at: { line: Number(told[1]), column: Number(told[2]) } }
  const position = /position (\d+)/.exec(message)?.[1]
  if (position === undefined && !/end of JSON input/.test(message)) return {}
  const before = text.slice(0, position === undefined ? text.length : Number(position)).split('\n')
  return { at: { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 } }
}

/** Two objects under one id cannot be told apart by their wires: those stay with the first. */
function eachOnce(nodes: readonly FlowNode[]): FlowNode[] {
  const seen = new Set<string>()
  return nodes.map((node) => {
    const id = seen.has(node.id) ? newId() : node.id
    seen.add(id)
    return id === node.id ? node : { ...node, id }
  })
}

/**
 * Puts copied or imported nodes in, as one step. Ids that are taken become new ones everywhere they are named, except
 * those of config nodes and subflows that are here already: they are shared (imported ones only while they are the same).
 * Loose nodes go to `parent`, their middle at `at` or below, where they cover nothing; whole tabs become tabs.
 * @returns the ids that came onto the canvas
 */
export function paste(
  model: FlowModel,
  nodes: readonly FlowNode[],
  { parent, at, label }: { parent: string; at: Point; label: 'paste' | 'import' },
): Set<string> {
  const incoming = new Map(nodes.map((node) => [node.id, node]))
  const hasTab = new Set(nodes.filter((node) => ['tab', 'subflow'].includes(kindOf(node))).map((node) => node.id))
  const shared = new Set<string>()
  const ids = new Map<string, string>()
  for (const node of incoming.values()) {
    const known = model.get(node.id)
    const kind = kindOf(node)
    // a config node of one tab is copied with the tab
    const isOfTab = incoming.get(parentOf(node) ?? '')?.type === 'tab'
    const isShared =
      known?.type === node.type &&
      ((kind === 'config' && !isOfTab && (label === 'paste' || isSameConfig(known, node))) ||
        (kind === 'subflow' && (label === 'paste' || isSameSubflow(model, node.id, incoming))))
    if (isShared) shared.add(node.id)
    else if (known) ids.set(node.id, newId())
  }
  // what is inside a shared subflow is here already
  for (const node of incoming.values()) if (shared.has(parentOf(node) ?? '') && hasTab.has(parentOf(node) ?? '')) shared.add(node.id)

  const tabs = new Set([...hasTab].map((id) => ids.get(id) ?? id))
  const fresh = [...incoming.values()].filter((node) => !shared.has(node.id)).map((node) => renamed(node, ids))
  const here = new Set(fresh.map((node) => node.id))
  const loose = new Set(fresh.filter((node) => isLoose(node, tabs)))
  const shift = shiftTo([...loose], at, model.childrenOf(parent))
  const placed = fresh.map((node) => {
    const whole = inItsGroup(node, here)
    if (!loose.has(node)) return whole
    const isPlaced = kindOf(node) !== 'config'
    return { ...whole, z: parent, ...(isPlaced && { x: numberOf(node, 'x') + shift.x, y: numberOf(node, 'y') + shift.y }) } as FlowNode
  })
  const isDone = model.edit(label, (draft) => {
    for (const node of placed) draft.put(node)
    answerLinks(draft, placed, here)
  })
  return new Set(isDone ? placed.filter((node) => parentOf(node) === parent && kindOf(node) !== 'config').map((node) => node.id) : [])
}

/** On no tab that comes with it. Global config nodes stay global. */
function isLoose(node: FlowNode, tabs: ReadonlySet<string>): boolean {
  const kind = kindOf(node)
  if (kind === 'tab' || kind === 'subflow') return false
  const parent = parentOf(node)
  if (kind === 'config' && parent === undefined) return false
  return parent === undefined || !tabs.has(parent)
}

/** The definition and all in it, where they stand apart: an import never changes what instances that are here do. */
function isSameSubflow(model: FlowModel, id: string, incoming: ReadonlyMap<string, FlowNode>): boolean {
  const inside = [...incoming.values()].filter((node) => parentOf(node) === id)
  return (
    sameJson(model.get(id), incoming.get(id)) && inside.length === model.childrenOf(id).length && inside.every((node) => sameJson(model.get(node.id), node))
  )
}

/** A group and its members name each other, and nothing that did not come along. */
function inItsGroup(node: FlowNode, here: ReadonlySet<string>): FlowNode {
  const isGroupGone = typeof node.g === 'string' && !here.has(node.g)
  const hasGone = kindOf(node) === 'group' && Array.isArray(node.nodes) && node.nodes.some((id) => !here.has(id))
  if (!isGroupGone && !hasGone) return node
  const whole: FlowNode = { ...node }
  if (isGroupGone) delete whole.g
  if (hasGone) whole.nodes = (node.nodes as string[]).filter((id) => here.has(id))
  return whole
}

/** Link nodes that were here name the copies that link to them. */
function answerLinks(draft: Draft, placed: readonly FlowNode[], here: ReadonlySet<string>): void {
  for (const node of placed) {
    if ((node.type !== 'link in' && node.type !== 'link out') || !Array.isArray(node.links)) continue
    for (const id of node.links) {
      const other = here.has(id) ? undefined : draft.get(id)
      if ((other?.type === 'link in' || other?.type === 'link out') && Array.isArray(other.links) && !other.links.includes(node.id))
        draft.patch(id, { links: [...other.links, node.id] })
    }
  }
}

/** About a node's size: nearer than this, one would cover the other. */
const APART = { x: 100, y: 30 }
const TRIES = 200

/** By how much they move, in steps of the grid, so that what stood on it goes on doing so. */
function shiftTo(nodes: readonly FlowNode[], at: Point, there: readonly FlowNode[]): Point {
  const placed = nodes.filter((node) => kindOf(node) === 'node' || kindOf(node) === 'junction')
  const [first = at, ...others] = placed.map((node) => ({ x: numberOf(node, 'x'), y: numberOf(node, 'y') }))
  const all = [first, ...others]
  const middle = (axis: 'x' | 'y') => {
    const values = all.map((point) => point[axis])
    // not by spreading: there may be more of them than a call takes
    return (values.reduce((a, b) => Math.min(a, b)) + values.reduce((a, b) => Math.max(a, b))) / 2
  }
  const shift = { x: snap(at.x - middle('x')), y: snap(at.y - middle('y')) }
  const rows = Map.groupBy(
    there.filter((node) => kindOf(node) === 'node' || kindOf(node) === 'junction'),
    (node) => Math.floor(numberOf(node, 'y') / APART.y),
  )
  const isCovered = ({ x, y }: Point) => {
    const row = Math.floor((y + shift.y) / APART.y)
    return [row - 1, row, row + 1].some((one) =>
      rows.get(one)?.some((node) => Math.abs(numberOf(node, 'x') - x - shift.x) < APART.x && Math.abs(numberOf(node, 'y') - y - shift.y) < APART.y),
    )
  }
  for (let tries = 0; tries < TRIES && placed.length > 0 && all.some(isCovered); tries += 1) shift.y += GRID
  return shift
}

/** Secrets are never in either. */
function isSameConfig(known: FlowNode, node: FlowNode): boolean {
  const { credentials: _, ...rest } = node
  return sameJson(known, rest)
}

/**
 * Puts imported objects in the place of those that are here under the same ids; what is new is added, and what stood on a tab or in a
 * subflow of the import and is not in it goes. One step.
 * @returns false when it was refused
 */
export function replaceSame(model: FlowModel, nodes: readonly FlowNode[], { parent }: { parent: string }): boolean {
  const incoming = new Set(nodes.map((node) => node.id))
  const whole = nodes.filter((node) => kindOf(node) === 'tab' || kindOf(node) === 'subflow').map((node) => node.id)
  return model.edit('import', (draft) => {
    for (const place of whole) for (const child of model.childrenOf(place)) if (!incoming.has(child.id)) draft.remove(child.id)
    for (const node of nodes) {
      const kind = kindOf(node)
      const known = draft.get(node.id)
      const place = parentOf(node)
      const isLost =
        kind !== 'tab' && kind !== 'subflow' && !(kind === 'config' && place === undefined) && !(place && (incoming.has(place) || draft.get(place)))
      draft.put(isLost ? { ...node, z: (known && parentOf(known)) ?? parent } : node)
    }
  })
}
