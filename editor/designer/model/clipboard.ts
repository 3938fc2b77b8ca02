/** Copy and paste through the system clipboard, as Node-RED's own export JSON: both editors read each other. */
import type { Point } from './commands.ts'
import type { FlowModel } from './flow-model.ts'
import { type FlowNode, kindOf, newId, numberOf, parentOf, subflowOf, wiresOf } from './raw.ts'

/** The nodes as JSON, with the subflows and config nodes they need. Wires to what is not copied are left out. */
export function copyText(model: FlowModel, ids: ReadonlySet<string>): string {
  const chosen = new Set(ids)
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
    for (const [key, value] of Object.entries(node)) {
      if (key === 'id' || key === 'z' || key === 'g' || typeof value !== 'string') continue
      const named = model.get(value)
      if (named && kindOf(named) === 'config') need(value)
    }
  }
  for (const id of chosen) {
    const node = model.get(id)
    if (node) needsOf(node)
  }
  const nodes = model.export().filter((node) => chosen.has(node.id) || needed.has(node.id))
  return JSON.stringify(
    nodes.map((node) => {
      if (!chosen.has(node.id) || !Array.isArray(node.wires)) return node
      return { ...node, wires: wiresOf(node).map((targets) => targets.filter((target) => chosen.has(target))) }
    }),
    null,
    2,
  )
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
 * those of config nodes and subflows that are here already unchanged in type: they are shared.
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
    if (known && (kind === 'config' || kind === 'subflow') && known.type === node.type) shared.add(node.id)
    else if (known) ids.set(node.id, newId())
  }
  // what is inside a shared subflow is here already
  for (const node of incoming.values()) if (shared.has(parentOf(node) ?? '') && hasTab.has(parentOf(node) ?? '')) shared.add(node.id)

  const fresh = [...incoming.values()].filter((node) => !shared.has(node.id)).map((node) => renamed(node, ids))
  const loose = fresh.filter((node) => isLoose(node, ids, hasTab))
  const shift = shiftTo(loose, at)
  const placed = fresh.map((node) => {
    if (!loose.includes(node)) return node
    const isPlaced = kindOf(node) !== 'config'
    return { ...node, z: parent, ...(isPlaced && { x: numberOf(node, 'x') + shift.x, y: numberOf(node, 'y') + shift.y }) } as FlowNode
  })
  model.edit(label, (draft) => {
    for (const node of placed) draft.put(node)
  })
  return new Set(placed.filter((node) => parentOf(node) === parent && kindOf(node) !== 'config').map((node) => node.id))
}

/** On no tab that comes with it. Global config nodes stay global. */
function isLoose(node: FlowNode, ids: ReadonlyMap<string, string>, tabs: ReadonlySet<string>): boolean {
  const kind = kindOf(node)
  if (kind === 'tab' || kind === 'subflow') return false
  const parent = parentOf(node)
  if (kind === 'config' && parent === undefined) return false
  return parent === undefined || ![...tabs].some((tab) => (ids.get(tab) ?? tab) === parent)
}

function shiftTo(nodes: readonly FlowNode[], at: Point): Point {
  const placed = nodes.filter((node) => kindOf(node) !== 'config')
  if (placed.length === 0) return { x: 0, y: 0 }
  const xs = placed.map((node) => numberOf(node, 'x'))
  const ys = placed.map((node) => numberOf(node, 'y'))
  const middle = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2
  return { x: Math.round(at.x - middle(xs)), y: Math.round(at.y - middle(ys)) }
}

/** The object with every id in it replaced, wherever it stands. A subflow instance's type names an id too. */
function renamed(node: FlowNode, ids: ReadonlyMap<string, string>): FlowNode {
  if (ids.size === 0) return node
  const rename = (value: unknown): unknown => {
    if (typeof value === 'string') return ids.get(value) ?? value
    if (Array.isArray(value)) return value.map(rename)
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rename(inner)]))
    return value
  }
  const subflow = subflowOf(node)
  const next = rename(node) as FlowNode
  return subflow && ids.has(subflow) ? { ...next, type: `subflow:${ids.get(subflow)}` } : { ...next, type: node.type }
}
