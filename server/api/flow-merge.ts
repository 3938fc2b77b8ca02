/**
 * Putting two people's changes together, object by object and property by property, from what both began with. What only
 * one of them changed is taken; wires and the members of groups are put together one by one; what is left is asked.
 */
import type { FlowNode } from './flows.ts'
import { sameJson } from './same-json.ts'

export type Side = 'ours' | 'theirs'

/** A property that both changed, each in another way. */
interface PropertyClash {
  key: string
  base: unknown
  ours: unknown
  theirs: unknown
}

/** An object that needs a decision. */
export interface Clash {
  id: string
  /** `removed`: one took away what the other changed, or what the other put something on. */
  kind: 'changed' | 'removed'
  base: FlowNode | undefined
  ours: FlowNode | undefined
  theirs: FlowNode | undefined
  /** Of `changed`. */
  properties: readonly PropertyClash[]
}

/** Decisions: of a removed object under its id, of a property under `id key`. */
export type Decisions = ReadonlyMap<string, Side>
export const decisionKey = (id: string, property?: string) => (property === undefined ? id : `${id} ${property}`)

export interface MergePlan {
  base: ReadonlyMap<string, FlowNode>
  ours: readonly FlowNode[]
  theirs: readonly FlowNode[]
  clashes: readonly Clash[]
}

const POSITION: ReadonlySet<string> = new Set(['x', 'y', 'w', 'h'])
const byId = (flows: readonly FlowNode[]) => new Map(flows.map((node) => [node.id, node]))

/** Finds what has to be decided. */
export function planMerge(base: ReadonlyMap<string, FlowNode>, ours: readonly FlowNode[], theirs: readonly FlowNode[]): MergePlan {
  const our = byId(ours)
  const their = byId(theirs)
  const clashes: Clash[] = []
  for (const id of new Set([...base.keys(), ...our.keys(), ...their.keys()])) {
    const b = base.get(id)
    const o = our.get(id)
    const t = their.get(id)
    if (sameJson(o ?? null, t ?? null) || (sameOrNone(b, o) && sameOrNone(b, t))) continue
    if (o && t) {
      const properties = sameOrNone(b, o) || sameOrNone(b, t) ? [] : clashesOf(b, o, t)
      if (properties.length) clashes.push({ id, kind: 'changed', base: b, ours: o, theirs: t, properties })
    } else if (b && ((o && !isOnlyMoved(b, o)) || (t && !isOnlyMoved(b, t)))) {
      clashes.push({ id, kind: 'removed', base: b, ours: o, theirs: t, properties: [] })
    }
  }
  // a tab, subflow or group that one took away while the other put something on it, or changed something there
  const asked = new Set(clashes.map(({ id }) => id))
  for (const [remover, keeper] of [
    [our, their],
    [their, our],
  ] as const) {
    for (const node of keeper.values()) {
      if (sameOrNone(base.get(node.id), node)) continue
      const container = typeof node.z === 'string' ? base.get(node.z) : undefined
      if (!container || remover.has(container.id) || !keeper.has(container.id) || asked.has(container.id)) continue
      asked.add(container.id)
      clashes.push({ id: container.id, kind: 'removed', base: container, ours: our.get(container.id), theirs: their.get(container.id), properties: [] })
    }
  }
  // what lies in a container that is asked about is decided with it
  const containers = new Set(clashes.filter(({ kind }) => kind === 'removed').map(({ id }) => id))
  return {
    base,
    ours,
    theirs,
    clashes: clashes.filter(({ kind, ours: o, theirs: t, base: b }) => !(kind === 'removed' && containers.has(String((o ?? t ?? b)?.z)))),
  }
}

/** What is not decided yet. */
export function undecided({ clashes }: MergePlan, decisions: Decisions): string[] {
  return clashes.flatMap(({ id, kind, properties }) =>
    (kind === 'removed' ? [decisionKey(id)] : properties.map(({ key }) => decisionKey(id, key))).filter((key) => !decisions.has(key)),
  )
}

/**
 * The flows of both. What is not decided is taken as ours has it.
 * @returns the flows, and how many wires fell away because what they led to is gone
 */
export function mergeFlows({ base, ours, theirs, clashes }: MergePlan, decisions: Decisions): { flows: FlowNode[]; lostWires: number } {
  const our = byId(ours)
  const their = byId(theirs)
  const clashOf = new Map(clashes.map((clash) => [clash.id, clash]))
  /** Of each container asked about: whose it is. */
  const containerSide = new Map<string, Side>()
  for (const { id, kind } of clashes) if (kind === 'removed') containerSide.set(id, decisions.get(decisionKey(id)) ?? 'ours')
  const pick = (id: string): FlowNode | undefined => {
    const b = base.get(id)
    const o = our.get(id)
    const t = their.get(id)
    const side = containerSide.get(id) ?? containerSide.get(String((o ?? t ?? b)?.z))
    if (side) return side === 'ours' ? o : t
    if (sameJson(o ?? null, t ?? null) || sameOrNone(b, o)) return t
    if (sameOrNone(b, t)) return o
    if (!o || !t) return undefined
    return mergeNode(b, o, t, (key) => (clashOf.get(id) ? (decisions.get(decisionKey(id, key)) ?? 'ours') : 'ours'))
  }
  const picked = new Map<string, FlowNode>()
  for (const id of new Set([...base.keys(), ...our.keys(), ...their.keys()])) {
    const node = pick(id)
    if (node) picked.set(id, node)
  }
  const order = orderOf({ base, ours, theirs }, new Set(picked.keys()))
  return withoutLooseEnds(
    order.map((id) => picked.get(id) as FlowNode),
    picked,
    base,
  )
}

const sameOrNone = (a: FlowNode | undefined, b: FlowNode | undefined) => a === b || (a !== undefined && b !== undefined && sameJson(a, b))
const keysOf = (...nodes: (FlowNode | undefined)[]) => new Set(nodes.flatMap((node) => (node ? Object.keys(node) : [])))
const isOnlyMoved = (before: FlowNode, after: FlowNode) => [...keysOf(before, after)].every((key) => POSITION.has(key) || sameJson(before[key], after[key]))

/** Lists that people add to and take from: put together one by one. */
const isList = (key: string, node: FlowNode) => key === 'links' || (key === 'nodes' && node.type === 'group') || (key === 'scope' && Array.isArray(node.scope))

function clashesOf(b: FlowNode | undefined, o: FlowNode, t: FlowNode): PropertyClash[] {
  return [...keysOf(b, o, t)]
    .filter((key) => !POSITION.has(key) && key !== 'wires' && !isList(key, o))
    .filter((key) => !sameJson(o[key], t[key]) && !sameJson(b?.[key], o[key]) && !sameJson(b?.[key], t[key]))
    .map((key) => ({ key, base: b?.[key], ours: o[key], theirs: t[key] }))
}

function mergeNode(b: FlowNode | undefined, o: FlowNode, t: FlowNode, decide: (key: string) => Side): FlowNode {
  const merged: Record<string, unknown> = {}
  for (const key of keysOf(o, t)) {
    const value = propertyOf(key, b, o, t, decide)
    if (value !== undefined) merged[key] = value
  }
  return merged as FlowNode
}

function propertyOf(key: string, b: FlowNode | undefined, o: FlowNode, t: FlowNode, decide: (key: string) => Side): unknown {
  if (sameJson(o[key], t[key]) || sameJson(b?.[key], t[key])) return o[key]
  if (sameJson(b?.[key], o[key])) return t[key]
  if (key === 'wires') return mergeWires(b?.wires, o.wires, t.wires)
  if (isList(key, o) && isTexts(o[key]) && isTexts(t[key])) return mergeList(isTexts(b?.[key]) ? (b[key] as string[]) : [], o[key], t[key])
  // both moved it: where it stands is nobody's loss
  if (POSITION.has(key)) return o[key]
  return decide(key) === 'ours' ? o[key] : t[key]
}

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((one) => typeof one === 'string')

/** Their list, with what ours added and without what ours took away. */
function mergeList(base: readonly string[], ours: readonly string[], theirs: readonly string[]): string[] {
  const removed = new Set(base.filter((id) => !ours.includes(id)))
  const merged = theirs.filter((id) => !removed.has(id))
  return [...merged, ...ours.filter((id) => !base.includes(id) && !merged.includes(id))]
}

function mergeWires(base: unknown, ours: unknown, theirs: unknown): unknown {
  const ports = (value: unknown): string[][] => (Array.isArray(value) ? value.map((port) => (isTexts(port) ? port : [])) : [])
  const [b, o, t] = [ports(base), ports(ours), ports(theirs)]
  // an output that one took away stays away
  const count = o.length === b.length ? t.length : t.length === b.length ? o.length : Math.max(o.length, t.length)
  return Array.from({ length: count }, (_, port) => mergeList(b[port] ?? [], o[port] ?? [], t[port] ?? []))
}

/** Their order, with what ours added behind the object it follows in ours; ours where only ours moved tabs. */
function orderOf({ base, ours, theirs }: Pick<MergePlan, 'base' | 'ours' | 'theirs'>, kept: ReadonlySet<string>): string[] {
  const isInTheirs = new Set(theirs.map(({ id }) => id))
  const behind = new Map<string | undefined, string[]>()
  let before: string | undefined
  for (const { id } of ours) {
    if (!isInTheirs.has(id) && kept.has(id)) {
      const list = behind.get(before)
      if (list) list.push(id)
      else behind.set(before, [id])
    } else if (isInTheirs.has(id) && kept.has(id)) before = id
  }
  const order = [...(behind.get(undefined) ?? [])]
  for (const { id } of theirs) if (kept.has(id)) order.push(id, ...(behind.get(id) ?? []))
  const tabsOf = (flows: Iterable<FlowNode>) => [...flows].filter(({ type, id }) => type === 'tab' && base.has(id) && kept.has(id)).map(({ id }) => id)
  const [baseTabs, ourTabs, theirTabs] = [tabsOf(base.values()), tabsOf(ours), tabsOf(theirs)]
  if (baseTabs.join() !== theirTabs.join() || baseTabs.join() === ourTabs.join()) return order
  const moved = new Set(ourTabs)
  const next = ourTabs.values()
  return order.map((id) => (moved.has(id) ? (next.next().value ?? id) : id))
}

/** Takes away wires and group members that lead to what the merge left out; those that led nowhere before stay as they are. */
function withoutLooseEnds(
  flows: readonly FlowNode[],
  kept: ReadonlyMap<string, FlowNode>,
  base: ReadonlyMap<string, FlowNode>,
): { flows: FlowNode[]; lostWires: number } {
  let lostWires = 0
  const isLoose = (id: string) => base.has(id) && !kept.has(id)
  return {
    flows: flows.map((node) => {
      let next = node
      if (Array.isArray(node.wires) && node.wires.some((port) => isTexts(port) && port.some(isLoose))) {
        next = {
          ...next,
          wires: node.wires.map((port: unknown) => {
            if (!isTexts(port)) return port
            const left = port.filter((id) => !isLoose(id))
            lostWires += port.length - left.length
            return left
          }),
        }
      }
      if (node.type === 'group' && isTexts(node.nodes) && node.nodes.some(isLoose)) next = { ...next, nodes: node.nodes.filter((id) => !isLoose(id)) }
      if (typeof node.g === 'string' && isLoose(node.g)) {
        const { g: _, ...rest } = next
        next = rest as FlowNode
      }
      return next
    }),
    get lostWires() {
      return lostWires
    },
  }
}
