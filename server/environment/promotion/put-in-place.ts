/**
 * What a promotion makes of the flows that are here. Pure. Its flows take the place of those with the same ids, whole; settings that
 * flows share (config nodes: brokers, servers) and that were set otherwise here stay as they are here unless somebody says so, since
 * that is what differs between a test and the real thing.
 */
import { changesFrom } from '../../api/flow-changes.ts'
import type { FlowChanges, FlowNode } from '../../api/index.ts'
import { sameJson } from '../../api/same-json.ts'

interface ConfigChoice {
  id: string
  /** Properties that are not the same. */
  properties: string[]
  decision: 'ours' | 'theirs'
}

export interface InPlace {
  flows: FlowNode[]
  changes: FlowChanges
  /** Nodes as they are here, that were changed here since the last promotion, or that no promotion brought, and would be lost. */
  changedHere: FlowNode[]
  config: ConfigChoice[]
  lostWires: number
}

const PLACE = new Set(['x', 'y', 'w', 'h'])
/** Places on a canvas left out. */
const differs = (a: FlowNode, b: FlowNode): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !PLACE.has(key) && !sameJson(a[key], b[key]))
const isPlace = ({ type }: FlowNode) => type === 'tab' || type === 'subflow'
const isShared = ({ type, z, x }: FlowNode) => type !== 'tab' && type !== 'subflow' && x === undefined && (z === undefined || z === '')

/**
 * @param before what the last promotion from there had brought, as it was deployed here; undefined: there was none
 * @param scope `all`: what an earlier promotion brought and is not in this one goes
 * @param decisions for shared config nodes, by id
 * @param chosen what somebody chose for this shop, by node and property: it counts in a config node that stays, too
 */
export function putInPlace(
  now: readonly FlowNode[],
  {
    coming,
    before,
    scope,
    decisions,
    chosen = new Map(),
  }: {
    coming: readonly FlowNode[]
    before: readonly FlowNode[] | undefined
    scope: 'all' | 'some'
    decisions: ReadonlyMap<string, 'ours' | 'theirs'>
    chosen?: ReadonlyMap<string, Readonly<Record<string, string>>>
  },
): InPlace {
  const here = new Map(now.map((node) => [node.id, node]))
  const was = new Map((before ?? []).map((node) => [node.id, node]))
  const next = new Map(coming.map((node) => [node.id, node]))
  const places = new Set(coming.filter(isPlace).map(({ id }) => id))
  const changedHere: FlowNode[] = []
  const config: ConfigChoice[] = []

  for (const node of coming) {
    const own = here.get(node.id)
    if (!own) continue
    const properties = differs(own, node)
    if (!properties.length) continue
    const base = was.get(node.id)
    if (isShared(own) && isShared(node)) {
      // as it was brought, and changed only there: nobody here has a wish of their own
      const decision = decisions.get(node.id) ?? (base && !differs(own, base).length ? 'theirs' : 'ours')
      config.push({ id: node.id, properties, decision })
      if (decision === 'ours') next.set(node.id, { ...own, ...chosen.get(node.id) })
    } else if (!base || differs(own, base).length) changedHere.push(own)
  }

  const inPlace = (node: FlowNode) => typeof node.z === 'string' && places.has(node.z)
  const goes = (node: FlowNode): boolean => {
    if (next.has(node.id)) return false
    if (inPlace(node)) return true
    if (scope !== 'all' || !was.has(node.id)) return false
    if (node.type === 'tab') return true
    // flows that are not there any more go with all that lies on them
    if (typeof node.z === 'string' && node.z !== '') return was.has(node.z) && !kept.has(node.z)
    return !kept.has(node.id)
  }
  const others = now.filter((node) => !next.has(node.id) && !inPlace(node) && !was.has(node.id))
  const isUsed = (id: string) =>
    others.some((node) => node.type === `subflow:${id}` || Object.entries(node).some(([key, value]) => key !== 'id' && key !== 'z' && value === id))
  /** Subflows and shared settings that flows of this installation use. */
  const kept = new Set(
    scope === 'all'
      ? now.filter((node) => was.has(node.id) && !next.has(node.id) && node.type !== 'tab' && !node.z && isUsed(node.id)).map(({ id }) => id)
      : [],
  )
  const gone = new Set(now.filter(goes).map(({ id }) => id))
  // what was added here on a flow that goes, goes with it
  for (const node of now) if (typeof node.z === 'string' && gone.has(node.z) && !next.has(node.id)) gone.add(node.id)
  for (const id of gone) {
    const own = here.get(id)
    const base = was.get(id)
    if (own && (!base || differs(own, base).length)) changedHere.push(own)
  }

  const there = new Set(now.map(({ id }) => id))
  const flows = [
    ...now.flatMap((node) => (gone.has(node.id) ? [] : [next.get(node.id) ?? node])),
    ...coming.flatMap(({ id }) => (there.has(id) ? [] : (next.get(id) ?? []))),
  ]
  const { flows: tidy, lostWires } = withoutLooseEnds(flows, gone)
  const { put, removed } = changesFrom(here, tidy)
  return { flows: tidy, changes: { put, removed }, changedHere, config, lostWires }
}

/** Wires, links and scopes that led to what went. */
function withoutLooseEnds(flows: readonly FlowNode[], gone: ReadonlySet<string>): { flows: FlowNode[]; lostWires: number } {
  if (!gone.size) return { flows: [...flows], lostWires: 0 }
  let lostWires = 0
  const isGone = (id: unknown) => gone.has(String(id))
  const tidy = flows.map((node) => {
    let next = node
    if (Array.isArray(node.wires) && node.wires.flat().some(isGone)) {
      lostWires += node.wires.flat().filter(isGone).length
      next = { ...next, wires: (node.wires as unknown[]).map((port) => (Array.isArray(port) ? port.filter((id) => !isGone(id)) : port)) }
    }
    for (const key of ['links', 'scope'] as const) {
      const list = node[key]
      if (Array.isArray(list) && list.some(isGone)) next = { ...next, [key]: list.filter((id) => !isGone(id)) }
    }
    return next
  })
  return { flows: tidy, lostWires }
}
