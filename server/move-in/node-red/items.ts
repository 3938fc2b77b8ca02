/** What of flows can be brought by itself: flows, subflows, config nodes that several use, the global environment; and what uses what. */
import type { Steps } from '../../../base/steps.ts'
import type { FlowNode, MoveInItem } from '../../api/index.ts'
import { sameJson } from '../../api/same-json.ts'

export interface Item {
  id: string
  kind: MoveInItem['kind']
  label: string
  /** The flow, subflow or config node itself first. */
  nodes: FlowNode[]
  /** Ids of other items that come along. */
  uses: Set<string>
  /** Flows that link nodes of it lead to. */
  linksTo: Set<string>
}

const SUBFLOW = 'subflow:'
const ENVIRONMENT = 'global-config'
const MOST_DEPTH = 8

export const nameOf = (node: FlowNode): string => {
  for (const key of ['label', 'name']) {
    const text = node[key]
    if (typeof text === 'string' && text.trim() !== '') return text
  }
  return node.type
}

export function* itemsOf(nodes: readonly FlowNode[]): Steps<Map<string, Item>> {
  const items = new Map<string, Item>()
  const itemOf = new Map<string, string>()
  const make = (node: FlowNode, kind: Item['kind']) =>
    items.set(node.id, { id: node.id, kind, label: nameOf(node), nodes: [node], uses: new Set(), linksTo: new Set() })
  for (const node of nodes) {
    if (node.type === 'tab') make(node, 'flow')
    else if (node.type === 'subflow') make(node, 'subflow')
  }
  for (const node of nodes) {
    yield
    if (node.type === 'tab' || node.type === 'subflow') {
      itemOf.set(node.id, node.id)
      continue
    }
    const home = typeof node.z === 'string' ? items.get(node.z) : undefined
    if (home) {
      home.nodes.push(node)
      itemOf.set(node.id, home.id)
    } else if (node.type === ENVIRONMENT) {
      if (Array.isArray(node.env) && node.env.length > 0) make(node, 'environment')
    } else {
      make(node, 'config')
      itemOf.set(node.id, node.id)
    }
  }
  for (const item of items.values()) {
    for (const node of item.nodes) {
      yield
      if (node.type.startsWith(SUBFLOW)) use(item, items.get(node.type.slice(SUBFLOW.length)))
      for (const id of textsIn(node)) {
        const home = items.get(itemOf.get(id) ?? '')
        if (!home || home === item) continue
        if (home.kind === 'config') use(item, home)
        else if (home.kind === 'flow' && LINKS.has(node.type)) item.linksTo.add(home.id)
      }
    }
  }
  return items
}

const LINKS = new Set(['link in', 'link out', 'link call'])
const use = (item: Item, other: Item | undefined) => {
  if (other && other !== item) item.uses.add(other.id)
}

/** Every text in the settings of a node: any of them may be an id. */
function* textsIn(node: FlowNode): Generator<string> {
  const left: [unknown, number][] = Object.entries(node).flatMap(([key, value]): [unknown, number][] => (PLACES.has(key) ? [] : [[value, 0]]))
  for (let next = left.pop(); next; next = left.pop()) {
    const [value, depth] = next
    if (typeof value === 'string') yield value
    else if (typeof value === 'object' && value !== null && depth < MOST_DEPTH) for (const inner of Object.values(value)) left.push([inner, depth + 1])
  }
}
const PLACES = new Set(['id', 'type', 'z', 'g', 'x', 'y', 'wires'])

/** What was picked and all that it uses. */
export function withUses(items: ReadonlyMap<string, Item>, picked: Iterable<string>): Item[] {
  const found = new Map<string, Item>()
  const left = [...picked]
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    const item = items.get(id)
    if (!item || found.has(id)) continue
    found.set(id, item)
    left.push(...item.uses)
  }
  // in the order of the file
  return [...items.values()].filter(({ id }) => found.has(id))
}

/** How it stands to the flows that are here. */
export function hereOf(item: Item, here: ReadonlyMap<string, FlowNode>): { state: MoveInItem['here']; count: number } {
  let taken = 0
  let same = 0
  for (const node of item.nodes) {
    const other = here.get(node.id)
    if (!other) continue
    taken += 1
    if (sameJson(other, node)) same += 1
  }
  if (taken === 0) return { state: 'no', count: 0 }
  return same === item.nodes.length ? { state: 'same', count: same } : { state: 'collides', count: taken }
}
