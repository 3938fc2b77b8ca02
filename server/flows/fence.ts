/**
 * The fence: may this author deploy these flows? Stands in front of `setFlows` and again in `saveFlows`, so that
 * the designer, an import, the API and the stock editor meet the same one.
 *
 * Who has `flows.code` may deploy everything. Who has only `flows.deploy` may change what is safe, and must leave
 * everything that takes `flows.code` exactly as somebody with that capability deployed it: not only the node, but
 * what could turn it into something else - new wires into it, its credentials, the values its surroundings give it,
 * and whether it is switched on.
 */
import { UserError } from '../../base/errors.ts'
import type { Capability, FlowNode, FlowProblem } from '../api/index.ts'
import { ruleOf } from './node-table.ts'

const SUBFLOW = 'subflow:'
/** Where a node stands, how it looks: nothing that changes what it does. `wires` are looked at from the other end. */
const HARMLESS = new Set(['x', 'y', 'w', 'h', 'wires', 'name', 'info', 'l', 'icon', 'inputLabels', 'outputLabels'])
const CONTAINERS = new Set(['tab', 'group', 'subflow'])

/**
 * What of `next` this author may not deploy; empty when all is well.
 * @param previous the flows that were deployed last; what is in them was allowed to somebody
 */
export function refusals(next: readonly FlowNode[], previous: readonly FlowNode[], capabilities: ReadonlySet<Capability>): FlowProblem[] {
  if (capabilities.has('flows.code')) return []
  const flows = survey(next)
  const before = survey(previous)
  const problems: FlowProblem[] = []
  const refuse = (node: FlowNode, what: string) => problems.push({ nodeId: node.id, message: `${nameOf(node)}: ${what}` })

  for (const node of next) {
    const old = before.byId.get(node.id)
    if (flows.takesCode(node)) {
      const why = node.type.startsWith(SUBFLOW) ? 'its subflow holds nodes that take the right to deploy code' : ruleOf(node.type).why
      if (!old || old.type !== node.type) refuse(node, `${why}. Deploying it takes the capability "flows.code".`)
      else if (!before.takesCode(old)) refuse(node, `${why}. Deploying it takes the capability "flows.code".`)
      else if (content(node) !== content(old)) refuse(node, `was changed, and ${why}. Changing it takes the capability "flows.code".`)
      else {
        const sources = before.sourcesOf(node.id)
        const added = [...flows.sourcesOf(node.id)].find((source) => !sources.has(source))
        if (added) refuse(node, `a new wire leads into it, and ${why}. Wiring it takes the capability "flows.code".`)
      }
      continue
    }
    if (!flows.holdsCode(node)) continue
    if (!old) refuse(node, 'is new and holds nodes that take the capability "flows.code".')
    else if (surroundings(node) !== surroundings(old))
      refuse(node, 'its values or its being switched off were changed, and nodes in it take the capability "flows.code".')
  }
  return problems
}

/** @throws UserError `node-type-not-allowed` (403) naming every node */
export function requireAllowed(next: readonly FlowNode[], previous: readonly FlowNode[], capabilities: ReadonlySet<Capability>): void {
  const problems = refusals(next, previous, capabilities)
  if (!problems.length) return
  throw new UserError({
    code: 'node-type-not-allowed',
    status: 403,
    message: `These flows hold changes that your role may not deploy: ${problems
      .slice(0, 3)
      .map((problem) => problem.message)
      .join(' ')}${problems.length > 3 ? ` (and ${problems.length - 3} more)` : ''}`,
    details: { problems },
  })
}

interface Survey {
  byId: ReadonlyMap<string, FlowNode>
  /** Does the node itself, or the subflow it is an instance of, take `flows.code`? */
  takesCode(node: FlowNode): boolean
  /** Is it something around nodes that take `flows.code`: a tab, a group, a subflow, or the global settings? */
  holdsCode(node: FlowNode): boolean
  /** Who sends into a node: `id/port`; for a subflow's inside, its inputs too. */
  sourcesOf(id: string): ReadonlySet<string>
}

function survey(flows: readonly FlowNode[]): Survey {
  const byId = new Map(flows.map((node) => [node.id, node]))
  const inside = new Map<string, FlowNode[]>()
  for (const node of flows) {
    for (const place of [node.z, node.g]) {
      if (typeof place !== 'string') continue
      const list = inside.get(place)
      if (list) list.push(node)
      else inside.set(place, [node])
    }
  }
  const known = new Map<string, boolean>()
  /** Anything in this place, however deep. A subflow cannot hold itself, but a malformed one might say so. */
  const placeTakesCode = (place: string): boolean => {
    const found = known.get(place)
    if (found !== undefined) return found
    known.set(place, false)
    const result = (inside.get(place) ?? []).some((node) => takesCode(node) || (CONTAINERS.has(node.type) && placeTakesCode(node.id)))
    known.set(place, result)
    return result
  }
  const takesCode = (node: FlowNode): boolean =>
    node.type.startsWith(SUBFLOW) ? placeTakesCode(node.type.slice(SUBFLOW.length)) : ruleOf(node.type).needs === 'flows.code'
  let anyCode: boolean | undefined
  const sources = new Map<string, Set<string>>()
  const addSource = (target: unknown, source: string) => {
    if (typeof target !== 'string') return
    const set = sources.get(target)
    if (set) set.add(source)
    else sources.set(target, new Set([source]))
  }
  for (const node of flows) {
    if (Array.isArray(node.wires))
      node.wires.forEach((targets: unknown, port) => {
        if (Array.isArray(targets)) for (const target of targets) addSource(target, `${node.id}/${port}`)
      })
    if (node.type === 'subflow' && Array.isArray(node.in))
      node.in.forEach((input: unknown, port) => {
        const wires = (input as { wires?: unknown } | null)?.wires
        if (Array.isArray(wires)) for (const wire of wires) addSource((wire as { id?: unknown } | null)?.id, `${node.id}/in ${port}`)
      })
  }
  const none: ReadonlySet<string> = new Set()
  return {
    byId,
    takesCode,
    holdsCode(node) {
      if (CONTAINERS.has(node.type)) return placeTakesCode(node.id)
      if (node.type !== 'global-config') return false
      anyCode ??= flows.some(takesCode)
      return anyCode
    },
    sourcesOf: (id) => sources.get(id) ?? none,
  }
}

/** Everything of a node that could change what it does, as comparable text. */
function content(node: FlowNode): string {
  return canonical(Object.fromEntries(Object.entries(node).filter(([key]) => !HARMLESS.has(key))))
}

/** What a container gives to the nodes in it. */
function surroundings(node: FlowNode): string {
  const { env, disabled, d, modules, credentials, z, g } = node
  return canonical({ env, isOff: Boolean(disabled ?? d), modules, credentials, z, g })
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  )
}

export function nameOf(node: FlowNode): string {
  const name = typeof node.name === 'string' && node.name ? node.name : typeof node.label === 'string' && node.label ? node.label : node.id
  return `"${name}" (${node.type})`
}
