/** Nodes that somebody chose, with all that they need to stand by themselves: tabs, subflows, config nodes. Pure. */
import type { FlowNode } from '../api/index.ts'

const SUBFLOW = 'subflow:'
const isConfig = ({ type, x, y }: FlowNode) => type !== 'tab' && type !== 'subflow' && type !== 'group' && (x === undefined || y === undefined)

/** Also removes what leads out of the choice: wires, links, groups that are not in it. */
export function selectNodes(flows: readonly FlowNode[], chosen: readonly string[]): FlowNode[] {
  const byId = new Map(flows.map((node) => [node.id, node]))
  const children = new Map<string, FlowNode[]>()
  for (const node of flows) {
    if (typeof node.z !== 'string') continue
    const list = children.get(node.z)
    if (list) list.push(node)
    else children.set(node.z, [node])
  }
  const taken = new Set<string>()
  const left: FlowNode[] = chosen.flatMap((id) => byId.get(id) ?? [])
  /** Of these all that lies in them comes along; of other tabs only the tab itself. */
  const whole = new Set(left.map(({ id }) => id))
  for (let node = left.pop(); node; node = left.pop()) {
    if (taken.has(node.id)) continue
    taken.add(node.id)
    if (node.type === 'subflow' || (node.type === 'tab' && whole.has(node.id))) left.push(...(children.get(node.id) ?? []))
    if (node.type === 'group' && Array.isArray(node.nodes))
      for (const id of node.nodes) {
        const inside = byId.get(String(id))
        if (!inside) continue
        if (inside.type === 'group') whole.add(inside.id)
        left.push(inside)
      }
    if (node.type.startsWith(SUBFLOW)) {
      const definition = byId.get(node.type.slice(SUBFLOW.length))
      if (definition) left.push(definition)
    }
    const place = typeof node.z === 'string' ? byId.get(node.z) : undefined
    if (place) left.push(place)
    // as Node-RED does: every text that is the id of a config node refers to it
    for (const [key, value] of Object.entries(node)) {
      const used = key !== 'id' && key !== 'z' && typeof value === 'string' ? byId.get(value) : undefined
      if (used && isConfig(used)) left.push(used)
    }
  }
  return flows.filter(({ id }) => taken.has(id)).map((node) => cutLoose(node, taken))
}

function cutLoose(node: FlowNode, taken: ReadonlySet<string>): FlowNode {
  const isIn = (id: unknown) => taken.has(String(id))
  const { g, ...rest } = node
  const next: FlowNode = { ...(typeof g === 'string' && taken.has(g) ? node : (rest as FlowNode)) }
  if (Array.isArray(node.wires)) next.wires = (node.wires as unknown[]).map((port) => (Array.isArray(port) ? port.filter(isIn) : port))
  if (Array.isArray(node.links)) next.links = node.links.filter(isIn)
  if (Array.isArray(node.scope)) next.scope = node.scope.filter(isIn)
  if (node.type === 'group' && Array.isArray(node.nodes)) next.nodes = node.nodes.filter(isIn)
  return next
}

/** What stands at a path such as `rules.0.to`; own properties only. */
export function valueAt(node: FlowNode, path: string): unknown {
  let value: unknown = node
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

/** The node with another value there; the path must be there. */
export function withValueAt(node: FlowNode, path: string, value: unknown): FlowNode {
  const [first = '', ...rest] = path.split('.')
  const set = (holder: unknown, key: string, keys: readonly string[]): unknown => {
    const inner = (holder as Record<string, unknown>)[key]
    const next = keys.length ? set(inner, keys[0] ?? '', keys.slice(1)) : value
    if (Array.isArray(holder)) return holder.map((each, index) => (String(index) === key ? next : each))
    return { ...(holder as Record<string, unknown>), [key]: next }
  }
  return set(node, first, rest) as FlowNode
}
