/**
 * Which protected flows a change touches. To a flow belongs everything that says what it does: its tab, the nodes on it, the subflows
 * they are instances of, the config nodes that any of these name, the global environment, and who sends into its link nodes.
 * Where a node stands counts too: whoever approves has seen all of it.
 */
import type { Steps } from '../../../base/steps.ts'
import type { FlowNode } from '../../api/index.ts'
import { sameJson } from '../../api/same-json.ts'

const SUBFLOW = 'subflow:'
const zOf = ({ z }: FlowNode) => (typeof z === 'string' ? z : '')

interface Index {
  byId: ReadonlyMap<string, FlowNode>
  byTab: ReadonlyMap<string, readonly FlowNode[]>
  /** Nodes on no tab that others may name. */
  configs: ReadonlySet<string>
  /** From link node to those that send to it. */
  senders: ReadonlyMap<string, readonly string[]>
  globals: readonly FlowNode[]
}

function* indexOf(flows: readonly FlowNode[]): Steps<Index> {
  const byId = new Map<string, FlowNode>()
  const byTab = new Map<string, FlowNode[]>()
  const configs = new Set<string>()
  const senders = new Map<string, string[]>()
  const globals: FlowNode[] = []
  for (const node of flows) {
    yield
    byId.set(node.id, node)
    const z = zOf(node)
    if (z) byTab.set(z, [...(byTab.get(z) ?? []), node])
    else if (node.type === 'global-config') globals.push(node)
    else if (node.type !== 'tab' && node.type !== 'subflow') configs.add(node.id)
    if ((node.type === 'link out' || node.type === 'link call') && Array.isArray(node.links))
      for (const to of node.links) if (typeof to === 'string') senders.set(to, [...(senders.get(to) ?? []), node.id])
  }
  return { byId, byTab, configs, senders, globals }
}

/** Every text in a node that names a config node, wherever it stands. */
function namedIn(value: unknown, configs: ReadonlySet<string>, found: Set<string>): void {
  if (typeof value === 'string') {
    if (configs.has(value)) found.add(value)
  } else if (Array.isArray(value)) for (const one of value) namedIn(one, configs, found)
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) namedIn(one, configs, found)
}

/** Ids of all that belongs to a flow. */
function* belongings(root: string, { byId, byTab, configs }: Index): Steps<Set<string>> {
  const all = new Set<string>()
  const waiting = [root]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (all.has(id)) continue
    yield
    const node = byId.get(id)
    if (!node) continue
    all.add(id)
    for (const inside of byTab.get(id) ?? []) waiting.push(inside.id)
    if (node.type.startsWith(SUBFLOW)) waiting.push(node.type.slice(SUBFLOW.length))
    const named = new Set<string>()
    for (const [key, value] of Object.entries(node)) if (key !== 'id' && key !== 'type' && key !== 'z') namedIn(value, configs, named)
    waiting.push(...named)
  }
  return all
}

const envOf = (globals: readonly FlowNode[]) => globals.map(({ env }) => env ?? [])

export interface TouchQuestion {
  before: readonly FlowNode[]
  after: readonly FlowNode[]
  /** Ids of tabs and subflows. */
  protectedIds: readonly string[]
  /** Whether a node's credentials change. */
  hasNewCredentials?: (nodeId: string) => boolean
}

/** Those of `protectedIds` that are not what they were. */
export function* touchedSteps({ before, after, protectedIds, hasNewCredentials = () => false }: TouchQuestion): Steps<string[]> {
  if (!protectedIds.length) return []
  const was = yield* indexOf(before)
  const is = yield* indexOf(after)
  const isGlobalChanged = !sameJson(envOf(was.globals), envOf(is.globals)) || [...was.globals, ...is.globals].some(({ id }) => hasNewCredentials(id))
  const touched: string[] = []
  for (const flowId of protectedIds) {
    const old = yield* belongings(flowId, was)
    const now = yield* belongings(flowId, is)
    let isTouched = isGlobalChanged && (old.size > 0 || now.size > 0)
    for (const id of new Set([...old, ...now])) {
      if (isTouched) break
      yield
      // wires into it from outside: whoever sends to its link nodes
      const sendersOf = ({ senders }: Index) => (senders.get(id) ?? []).filter((from) => !old.has(from) || !now.has(from)).toSorted()
      isTouched = !sameJson(was.byId.get(id), is.byId.get(id)) || hasNewCredentials(id) || !sameJson(sendersOf(was), sendersOf(is))
    }
    if (isTouched) touched.push(flowId)
  }
  return touched
}
