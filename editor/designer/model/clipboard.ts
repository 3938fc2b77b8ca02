/** Copy and paste through the system clipboard, as Node-RED's own export JSON: both editors read each other. */
import { type Point, withMembers } from './commands.ts'
import type { Draft, FlowModel } from './flow-model.ts'
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
  const nodes = model.export().filter((node) => chosen.has(node.id) || needed.has(node.id))
  return JSON.stringify(
    nodes.map((node) => (chosen.has(node.id) ? alone(node, chosen) : node)),
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

/** What an import found. */
export type ReadFlows = { nodes: FlowNode[] } | { error: 'not-json' | 'not-flows' | 'empty' }

/** Reads Node-RED's export JSON: an array of objects with id and type, or `{ flows: [...] }`. */
export function readFlows(text: string): ReadFlows {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { error: 'not-json' }
  }
  const list = Array.isArray(value) ? value : typeof value === 'object' && value !== null ? (value as { flows?: unknown }).flows : undefined
  if (!Array.isArray(list)) return { error: 'not-flows' }
  if (list.length === 0) return { error: 'empty' }
  const isNode = (item: unknown): item is FlowNode =>
    typeof item === 'object' &&
    item !== null &&
    typeof (item as FlowNode).id === 'string' &&
    (item as FlowNode).id !== '' &&
    typeof (item as FlowNode).type === 'string'
  return list.every(isNode) ? { nodes: list } : { error: 'not-flows' }
}

/**
 * Puts copied or imported nodes in, as one step. Ids that are taken become new ones everywhere they are named, except
 * those of config nodes and subflows that are here already: they are shared (an imported subflow only while it is the same).
 * Loose nodes go to `parent`, their middle at `at`; whole tabs become tabs.
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
      known?.type === node.type && ((kind === 'config' && !isOfTab) || (kind === 'subflow' && (label === 'paste' || isSameSubflow(model, node.id, incoming))))
    if (isShared) shared.add(node.id)
    else if (known) ids.set(node.id, newId())
  }
  // what is inside a shared subflow is here already
  for (const node of incoming.values()) if (shared.has(parentOf(node) ?? '') && hasTab.has(parentOf(node) ?? '')) shared.add(node.id)

  const tabs = new Set([...hasTab].map((id) => ids.get(id) ?? id))
  const fresh = [...incoming.values()].filter((node) => !shared.has(node.id)).map((node) => renamed(node, ids))
  const here = new Set(fresh.map((node) => node.id))
  const loose = new Set(fresh.filter((node) => isLoose(node, tabs)))
  const shift = shiftTo([...loose], at)
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

function shiftTo(nodes: readonly FlowNode[], at: Point): Point {
  const placed = nodes.filter((node) => kindOf(node) !== 'config')
  if (placed.length === 0) return { x: 0, y: 0 }
  const xs = placed.map((node) => numberOf(node, 'x'))
  const ys = placed.map((node) => numberOf(node, 'y'))
  const middle = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2
  return { x: Math.round(at.x - middle(xs)), y: Math.round(at.y - middle(ys)) }
}
