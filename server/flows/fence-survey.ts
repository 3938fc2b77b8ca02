/** What the fence needs to know of a list of flow nodes: where code is, what is around it, what leads into it; and what counts as equal. */
import type { Steps } from '../../base/steps.ts'
import type { FlowNode, Why } from '../api/index.ts'
import { MAX_DEPTH, smuggled } from './fence-content.ts'
import { ruleOf } from './fence-table.ts'

export interface Survey {
  byId: ReadonlyMap<string, FlowNode>
  /** Why the node takes `flows.code`, or undefined when it is safe by its type. */
  codeIn(node: FlowNode): Why | undefined
  /** Is it a tab, group or subflow with code in it, however deep? */
  holdsCode(node: FlowNode): boolean
  /** Is there any code in these flows? */
  readonly hasCode: boolean
  /** What sends into a code node or an inject node, as `node/port`; nothing for others. */
  sourcesOf(id: string): ReadonlySet<string>
}

const SUBFLOW = 'subflow:'
const CONTAINERS: ReadonlySet<string> = new Set(['tab', 'group', 'subflow'])

export function* survey(flows: readonly FlowNode[], ownTypes: ReadonlySet<string>): Steps<Survey> {
  const byId = new Map<string, FlowNode>()
  const own = new Map<FlowNode, Why>()
  const instances = new Map<string, FlowNode[]>()
  for (const node of flows) {
    yield
    byId.set(node.id, node)
    const why = ownCode(node, ownTypes)
    if (why !== undefined) own.set(node, why)
    const definition = instanceOf(node)
    if (definition === undefined) continue
    const list = instances.get(definition)
    if (list) list.push(node)
    else instances.set(definition, [node])
  }

  // from every code node outwards: what it is in, what that is in, and where a subflow is used
  const holding = new Set<string>()
  const toDo: string[] = []
  const holds = (place: unknown) => {
    if (typeof place !== 'string' || place === '' || holding.has(place)) return
    holding.add(place)
    toDo.push(place)
  }
  for (const node of own.keys()) {
    yield
    holds(node.z)
    holds(node.g)
    if (node.type === 'subflow') holds(node.id)
  }
  for (let place = toDo.pop(); place !== undefined; place = toDo.pop()) {
    yield
    const around = byId.get(place)
    holds(around?.z)
    holds(around?.g)
    for (const instance of instances.get(place) ?? []) {
      holds(instance.z)
      holds(instance.g)
    }
  }

  const codeIn = (node: FlowNode): Why | undefined => {
    const why = own.get(node)
    if (why !== undefined) return why
    const definition = instanceOf(node)
    return definition !== undefined && holding.has(definition) ? { why: 'subflow-with-code' } : undefined
  }
  const watched = new Set<string>()
  for (const node of flows) {
    if (node.type === 'inject' || codeIn(node) !== undefined) watched.add(node.id)
    yield
  }
  const sources = watched.size ? yield* edges(flows, watched) : undefined
  return {
    byId,
    codeIn,
    holdsCode: (node) => CONTAINERS.has(node.type) && holding.has(node.id),
    hasCode: own.size > 0,
    sourcesOf: (id) => sources?.get(id) ?? NONE,
  }
}
const NONE: ReadonlySet<string> = new Set()

const instanceOf = ({ type }: FlowNode): string | undefined => (type.startsWith(SUBFLOW) ? type.slice(SUBFLOW.length) : undefined)

function ownCode(node: FlowNode, ownTypes: ReadonlySet<string>): Why | undefined {
  const hidden = smuggled(node)
  if (hidden !== undefined || instanceOf(node) !== undefined) return hidden
  const rule = ruleOf(node.type, ownTypes)
  return rule.needs === 'flows.code' ? { why: rule.why } : undefined
}

/** By the node that is sent to: every `node/port` that sends. Of the watched ones only, which keeps large flows quick. */
function* edges(flows: readonly FlowNode[], watched: ReadonlySet<string>): Steps<Map<string, Set<string>>> {
  const sources = new Map<string, Set<string>>()
  const addEdge = (target: unknown, node: FlowNode, port: number | string) => {
    if (typeof target !== 'string' || !watched.has(target)) return
    const source = `${node.id}/${port}`
    const set = sources.get(target)
    if (set) set.add(source)
    else sources.set(target, new Set([source]))
  }
  const each = (list: unknown, visit: (item: unknown, index: number) => void) => {
    if (Array.isArray(list)) list.forEach(visit)
  }
  for (const node of flows) {
    yield
    each(node.wires, (targets, port) => each(targets, (target) => addEdge(target, node, port)))
    // parseConfig makes these the wires of a link out, to whatever node they name
    if (node.type === 'link out') each(node.links, (target) => addEdge(target, node, 'link'))
    if (node.type === 'subflow')
      each(node.in, (input, port) =>
        each((input as { wires?: unknown } | null)?.wires, (wire) => addEdge((wire as { id?: unknown } | null)?.id, node, `in${port}`)),
      )
  }
  return sources
}

/** Where a node stands on the page. */
export const PLACE: ReadonlySet<string> = new Set(['x', 'y', 'w', 'h'])

/** Are two nodes the same but for these properties? A property that is absent differs from any value. */
export function nodeIsEqual(a: FlowNode, b: FlowNode, except: ReadonlySet<string>): boolean {
  if (a === b) return true
  let more = 0
  for (const key in a) {
    if (except.has(key)) {
      // config nodes are those without a place: gaining or losing one makes another kind of node
      if ((key === 'x' || key === 'y') && !Object.hasOwn(b, key)) return false
      continue
    }
    if (!Object.hasOwn(b, key) || !isEqual(a[key], b[key], 0)) return false
    more++
  }
  for (const key in b) {
    if (!except.has(key)) more--
    else if ((key === 'x' || key === 'y') && !Object.hasOwn(a, key)) return false
  }
  return more === 0
}

function isEqual(a: unknown, b: unknown, depth: number): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || depth > MAX_DEPTH) return false
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => isEqual(item, b[index], depth + 1))
  if (Array.isArray(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], depth + 1))
  )
}

/** Names, looks, and for groups the list of members: the runtime goes by each node's own `g`. */
const LOOKS = {
  tab: new Set([...PLACE, 'label', 'info', 'locked', 'disabled']),
  group: new Set([...PLACE, 'name', 'info', 'style', 'nodes']),
  subflow: new Set([...PLACE, 'info', 'category', 'color', 'icon', 'inputLabels', 'outputLabels', 'meta', 'in', 'out', 'status']),
}

/** Does a tab, group or subflow give the nodes in it what it gave before? A tab may be switched off. */
export function surroundingsAreEqual(node: FlowNode, old: FlowNode): boolean {
  switch (node.type) {
    case 'tab':
      return nodeIsEqual(node, old, LOOKS.tab) && (Boolean(node.disabled) || !old.disabled)
    case 'group':
      return nodeIsEqual(node, old, LOOKS.group)
    default:
      return (
        nodeIsEqual(node, old, LOOKS.subflow) &&
        (['in', 'out', 'status'] as const).every((side) => isEqual(withoutPlace(node[side]), withoutPlace(old[side]), 0))
      )
  }
}

function withoutPlace(ports: unknown): unknown {
  if (Array.isArray(ports)) return ports.map(withoutPlace)
  if (typeof ports !== 'object' || ports === null) return ports
  return Object.fromEntries(Object.entries(ports).filter(([key]) => !PLACE.has(key)))
}
