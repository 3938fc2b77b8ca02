/** What an import, an update or a removal makes of the flows that are there. Pure. */
import { changesFrom } from '../api/flow-changes.ts'
import { type Decisions, decisionKey, mergeFlows, planMerge, undecided } from '../api/flow-merge.ts'
import type { FlowChanges, FlowNode, ImportConflict, LayoutItem } from '../api/index.ts'
import { sameJson } from '../api/same-json.ts'

export interface Together {
  flows: FlowNode[]
  /** From what is there to `flows`. */
  changes: FlowChanges
  lostWires: number
  conflicts: ImportConflict[]
  /** All conflicts are decided. */
  isDecided: boolean
}

const byId = (flows: readonly FlowNode[]) => new Map(flows.map((node) => [node.id, node]))

/** Those of `now` with those of `next` in their places; the others of `next` behind them. */
function replaced(now: readonly FlowNode[], isReplaced: (id: string) => boolean, next: readonly FlowNode[]): FlowNode[] {
  const coming = byId(next)
  const there = new Set(now.map(({ id }) => id))
  return [
    ...now.flatMap((node) => {
      if (!isReplaced(node.id)) return [node]
      const found = coming.get(node.id)
      return found ? [found] : []
    }),
    ...next.filter(({ id }) => !there.has(id)),
  ]
}

/** Lies in one of these, or leads to one. */
function touches(node: FlowNode, ids: ReadonlySet<string>): boolean {
  if (ids.has(node.id) || ids.has(String(node.z)) || ids.has(String(node.g))) return true
  const lists = [Array.isArray(node.wires) ? node.wires.flat() : [], node.links, node.scope, node.nodes]
  return lists.some((list) => Array.isArray(list) && list.some((id) => ids.has(String(id))))
}

/**
 * Another version of an import in the place of the one that is there. Only what touches the import is compared: the flows of a whole
 * shop in one piece would hold up the event loop.
 * @param base its nodes as the import made them; absent: nothing that was changed here is kept
 */
export function putTogether(
  now: readonly FlowNode[],
  {
    ids,
    base,
    next,
    decisions = new Map(),
  }: { ids: ReadonlySet<string>; base?: readonly FlowNode[] | undefined; next: readonly FlowNode[]; decisions?: Decisions },
): Together {
  const isOfImport = (id: string) => ids.has(id)
  const ours = now.filter((node) => touches(node, ids))
  const before = base ? replaced(ours, isOfImport, base) : ours
  const plan = planMerge(byId(before), ours, replaced(ours, isOfImport, next))
  const merged = mergeFlows(plan, decisions)
  const own = withoutLooseLinks(merged.flows, before)
  const conflicts = plan.clashes.flatMap(({ id, kind, base: was, ours: here, theirs: coming, properties }): ImportConflict[] => {
    const node = here ?? coming ?? was
    const about = { nodeId: id, name: nameOf(node), nodeType: node?.type ?? '' }
    if (kind === 'removed') return [{ ...about, key: decisionKey(id), kind, ...sides(was, here, coming) }]
    return properties.map((each) => ({ ...about, key: decisionKey(id, each.key), kind, property: each.key, ...sides(each.base, each.ours, each.theirs) }))
  })
  const isOurs = new Set(ours.map(({ id }) => id))
  const { put, removed } = changesFrom(byId(ours), own)
  return {
    flows: replaced(now, (id) => isOurs.has(id), own),
    changes: { put, removed },
    lostWires: merged.lostWires,
    conflicts,
    isDecided: undecided(plan, decisions).length === 0,
  }
}

const sides = (base: unknown, ours: unknown, theirs: unknown) => ({
  ...(base === undefined ? {} : { base }),
  ...(ours === undefined ? {} : { ours }),
  ...(theirs === undefined ? {} : { theirs }),
})

export const nameOf = (node: FlowNode | undefined): string => {
  for (const value of [node?.name, node?.label]) if (typeof value === 'string' && value) return value
  return node?.type ?? ''
}

/** What a control of a panel is called: the words on it, or its part of the panel. */
export const controlName = (nodes: readonly FlowNode[]) => {
  const byNodeId = byId(nodes)
  return ({ shows }: LayoutItem): string => {
    if (shows.kind === 'block') return shows.block
    const node = byNodeId.get(shows.nodeId)
    return typeof node?.label === 'string' && node.label ? node.label : nameOf(node)
  }
}

/** Nodes taken out, and what led to them. */
function takenOut(now: readonly FlowNode[], ids: ReadonlySet<string>): Together {
  return putTogether(now, { ids, next: [] })
}

/** Links between tabs, and the nodes that a catch, status or complete node listens to. */
function withoutLooseLinks(flows: readonly FlowNode[], before: readonly FlowNode[]): FlowNode[] {
  const there = new Set(flows.map(({ id }) => id))
  const gone = new Set(before.filter(({ id }) => !there.has(id)).map(({ id }) => id))
  if (!gone.size) return [...flows]
  return flows.map((node) => {
    let next = node
    for (const key of ['links', 'scope'] as const) {
      const list = node[key]
      if (Array.isArray(list) && list.some((id) => gone.has(String(id)))) next = { ...next, [key]: list.filter((id) => !gone.has(String(id))) }
    }
    return next
  })
}

const PLACE = new Set(['x', 'y', 'w', 'h', 'l'])
/** How many of the nodes are not as the import made them: changed in more than their place, or gone. */
export function changedSince(base: readonly FlowNode[], now: ReadonlyMap<string, FlowNode>): number {
  return base.filter((node) => {
    const here = now.get(node.id)
    if (!here) return true
    return [...new Set([...Object.keys(node), ...Object.keys(here)])].some((key) => !PLACE.has(key) && !sameJson(node[key], here[key]))
  }).length
}

/** What a removal takes away, what is in its way, and what stays because others use it. */
export function planRemoval(now: readonly FlowNode[], ids: ReadonlySet<string>, withOwnWork: boolean) {
  const own = now.filter(({ id }) => ids.has(id))
  const places = new Set(own.filter(({ type }) => type === 'tab' || type === 'subflow').map(({ id }) => id))
  const ownWork = now.filter(({ id, z }) => !ids.has(id) && typeof z === 'string' && places.has(z))
  const subflows = new Set(own.filter(({ type }) => type === 'subflow').map(({ id }) => `subflow:${id}`))
  const gone = new Set([...ids, ...(withOwnWork ? ownWork.map(({ id }) => id) : [])])
  const others = now.filter(({ id }) => !gone.has(id))
  const isUsed = (id: string) => others.some((node) => Object.entries(node).some(([key, value]) => key !== 'id' && key !== 'z' && value === id))
  const kept = own.filter(
    (node) =>
      (node.x === undefined && node.type !== 'tab' && node.type !== 'subflow' && isUsed(node.id)) ||
      (node.type === 'subflow' && others.some(({ type }) => subflows.has(type) && type === `subflow:${node.id}`)),
  )
  // what is inside a subflow that stays, stays with it
  const keptIds = new Set(kept.map(({ id }) => id))
  const inside = own.filter(({ z }) => typeof z === 'string' && keptIds.has(z))
  for (const { id } of [...kept, ...inside]) gone.delete(id)
  const together = takenOut(now, gone)
  return { nodes: now.filter(({ id }) => gone.has(id)), ownWork, kept, ...together }
}
