/** From what was picked to nodes of this installation: ids, what is shared, what is left out, and what goes with it apart from the flow. */
import type { Collision, FlowNode } from '../../api/index.ts'
import { newNodeId, type References, withIds } from '../../templates/new-ids.ts'
import { recordsIn } from '../json.ts'
import type { ContextValue } from './context-files.ts'
import type { CredentialSets } from './credentials.ts'
import type { Directory } from './directory.ts'
import { hereOf, type Item, nameOf, withUses } from './items.ts'

export interface Picks {
  items: readonly string[]
  collisions: Readonly<Record<string, Collision>>
  withCredentials: boolean
  withContext: boolean
  withGlobalContext: boolean
}

export interface Placed {
  put: FlowNode[]
  removed: string[]
  flows: { id: string; label: string }[]
  credentials: CredentialSets
  /** With the ids that its flows and nodes have here. */
  context: ContextValue[]
}

export interface Placing {
  items: ReadonlyMap<string, Item>
  directory: Pick<Directory, 'sets' | 'context'>
  here: ReadonlyMap<string, FlowNode>
  references: References
}

const DASHBOARD = 'ui-base'
const SECRET_KEPT = '__PWRD__'

/** Does nothing but compute. */
export function place(picks: Picks, { items, directory, here, references }: Placing): Placed {
  const chosen = withUses(items, picks.items)
  const ids = new Map<string, string>()
  const nodes: FlowNode[] = []
  const removed: string[] = []
  const credentials: CredentialSets = {}
  /** What is put, by the id that it had. */
  const brought = new Set<string>()
  const dashboard = [...here.values()].find(({ type }) => type === DASHBOARD)?.id
  let ownDashboard = dashboard

  for (const item of chosen) {
    if (item.kind === 'environment') {
      const merged = withEnvironment(item, here, picks.withCredentials ? directory.sets : {})
      nodes.push(...merged.put)
      Object.assign(credentials, merged.credentials)
      continue
    }
    const [first] = item.nodes
    // one installation, one dashboard: its pages become part of the one that is here
    if (first?.type === DASHBOARD) {
      if (ownDashboard !== undefined) {
        ids.set(first.id, ownDashboard)
        continue
      }
      ownDashboard = first.id
      first.path = '/dashboard'
    }
    const { state } = hereOf(item, here)
    const decision = picks.collisions[item.id] ?? (state === 'same' ? 'skip' : 'new-ids')
    // something of that id is here, and is used
    if (state !== 'no' && decision === 'skip') continue
    if (state === 'no' && decision === 'skip' && picks.items.includes(item.id)) continue
    if (state !== 'no' && decision === 'new-ids') for (const { id } of item.nodes) ids.set(id, newNodeId())
    else freeIds(item, here, ids)
    for (const { id } of item.nodes) brought.add(id)
    nodes.push(...item.nodes)
    if (decision === 'replace') {
      const stays = new Set(item.nodes.map(({ id }) => id))
      for (const node of here.values()) if (node.z === item.id && !stays.has(node.id)) removed.push(node.id)
    }
  }
  const idOf = (id: string) => ids.get(id) ?? id
  const put = withIds(nodes, ids, referencesWithin(nodes, ids, items, references))
  if (picks.withCredentials) for (const id of brought) if (Object.hasOwn(directory.sets, id)) credentials[idOf(id)] = directory.sets[id] ?? {}
  return {
    put,
    removed,
    flows: put.filter(({ type }) => type === 'tab').map((node) => ({ id: node.id, label: nameOf(node) })),
    credentials,
    context: contextFor(directory.context, picks, brought, idOf),
  }
}

/** In its place, but never on top of a node that stands somewhere else here. */
function freeIds(item: Item, here: ReadonlyMap<string, FlowNode>, ids: Map<string, string>): void {
  for (const { id } of item.nodes) {
    const other = here.get(id)
    if (other && id !== item.id && other.z !== item.id) ids.set(id, newNodeId())
  }
}

/**
 * Types that are not here do not say which of their settings hold ids. What names a config node that comes along is one: Node-RED
 * itself takes any text that is the id of a config node for a reference.
 */
function referencesWithin(nodes: readonly FlowNode[], ids: ReadonlyMap<string, string>, items: ReadonlyMap<string, Item>, known: References): References {
  const byType = new Map<string, Set<string>>()
  for (const node of nodes) {
    for (const [key, value] of Object.entries(node)) {
      if (typeof value !== 'string' || key === 'id' || key === 'type' || !ids.has(value) || items.get(value)?.kind !== 'config') continue
      const keys = byType.get(node.type) ?? new Set()
      byType.set(node.type, keys.add(key))
    }
  }
  return (type) => [...known(type), ...(byType.get(type) ?? [])]
}

/** There is one global environment: names that are not here are added, those that are stay. */
function withEnvironment(item: Item, here: ReadonlyMap<string, FlowNode>, sets: CredentialSets): { put: FlowNode[]; credentials: CredentialSets } {
  const [brought] = item.nodes
  if (!brought) return { put: [], credentials: {} }
  const ours = [...here.values()].find(({ type }) => type === brought.type)
  const known = recordsIn(ours, 'env')
  const names = new Set(known.map(({ name }) => name))
  const added = recordsIn(brought, 'env').filter(({ name }) => !names.has(name))
  if (!added.length) return { put: [], credentials: {} }
  const { modules: _, ...rest } = brought
  const node = { ...(ours ?? rest), env: [...known, ...added] } as FlowNode
  const secrets = sets[brought.id]?.map as Record<string, unknown> | undefined
  const isSecret = ({ type }: Record<string, unknown>) => type === 'cred'
  const own = added.filter(isSecret).filter(({ name }) => secrets !== undefined && Object.hasOwn(secrets, String(name)))
  if (!own.length) return { put: [node], credentials: {} }
  // those that are not named in it would be taken away (@node-red/runtime lib/nodes/credentials.js, global-config)
  const kept = known.filter(isSecret).flatMap(({ name }) => [
    [String(name), SECRET_KEPT],
    [`has_${name}`, true],
  ])
  const coming = own.flatMap(({ name }) => [
    [String(name), secrets?.[String(name)]],
    [`has_${name}`, true],
  ])
  return { put: [node], credentials: { [node.id]: { map: Object.fromEntries([...kept, ...coming]) } } }
}

/** Of nodes in an instance of a subflow the id is `<instance>-<node>`. */
function contextFor(context: readonly ContextValue[], picks: Picks, brought: ReadonlySet<string>, idOf: (id: string) => string): ContextValue[] {
  const mapped = (id: string) => id.split('-').map(idOf).join('-')
  const comes = (id: string | undefined) => id !== undefined && brought.has(id.split('-')[0] ?? '')
  return context.flatMap((value): ContextValue[] => {
    if (value.scope === 'global') return picks.withGlobalContext ? [value] : []
    if (!picks.withContext || !comes(value.scope === 'flow' ? value.flow : value.node)) return []
    return [{ ...value, ...(value.flow === undefined ? {} : { flow: mapped(value.flow) }), ...(value.node === undefined ? {} : { node: mapped(value.node) }) }]
  })
}
