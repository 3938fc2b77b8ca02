/**
 * From a draft to what the shadow runtime runs: the tabs that take part, nothing that starts by itself, and a stand-in for every
 * node that would act on the outside world.
 */
import { UserError } from '../../../base/errors.ts'
import type { CodeReason } from '../../api/findings.ts'
import { type FlowNode, OUTSIDE_SOURCES, type RehearsalStep } from '../../api/index.ts'
import { ruleOf } from '../../flows/fence-table.ts'
import { OUTSIDE_TYPE } from '../../runtime/shadow.ts'
import type { RehearsalPlan } from '../plan.ts'

/** Why a type that takes `flows.code` is replaced: it reaches beyond the process. */
const OUTSIDE: ReadonlySet<CodeReason> = new Set<CodeReason>([
  'programs',
  'files-write',
  'files-read',
  'files-watch',
  'network',
  'any-address',
  'address-here',
  'answers-here',
  'traffic',
])
/** What a node sets going by itself, switched off. */
const BY_ITSELF: Readonly<Record<string, object>> = { inject: { once: false, repeat: '', crontab: '' } }

export interface Prepared {
  flows: FlowNode[]
  /** Nodes on the tabs that take part, config nodes and comments aside: what can be covered. */
  nodes: FlowNode[]
  /** Nodes that were replaced, as they were. */
  outside: ReadonlyMap<string, FlowNode>
  /** Of those the ones that could have run here. */
  replaced: ReadonlySet<string>
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** @throws UserError `rehearsal-invalid` for a step at a node that is not there */
export function prepare({ request, answers }: Pick<RehearsalPlan, 'request' | 'answers'>): Prepared {
  const { steps } = request
  const all = request.flows as FlowNode[]
  const byId = new Map(all.map((node) => [node.id, node]))
  for (const step of steps) mustBeThere(step, byId)
  const tabs = tabsOf(request, byId, all)
  const isIn = (node: FlowNode) =>
    node.type === 'tab' ? tabs.has(node.id) : node.z === undefined || !isTab(byId.get(textOf(node.z))) || tabs.has(textOf(node.z))
  const outside = new Map<string, FlowNode>()
  const replaced = new Set<string>()
  const flows = all.filter(isIn).flatMap((node): FlowNode[] => {
    const rule = node.wires ? ruleOf(node.type, NO_OWN_TYPES) : undefined
    const isOutside = rule?.needs === 'flows.code' && OUTSIDE.has(rule.why as CodeReason)
    // what our own nodes send and ask goes to the stand-in gateway: they stand in for themselves
    const isReplaced = rule !== undefined && !isOutside && Object.hasOwn(answers, node.id) && !ANSWERED_BY_GATEWAY.has(node.type)
    if ((isOutside || isReplaced) && node.d !== true) {
      outside.set(node.id, node)
      if (isReplaced) replaced.add(node.id)
      return [standIn(node)]
    }
    // a connection that nobody uses any more
    if (!node.wires && node.z === undefined && ['mqtt-broker', 'websocket-listener', 'websocket-client', 'http proxy'].includes(node.type)) return []
    return [{ ...node, ...BY_ITSELF[node.type] } as FlowNode]
  })
  const nodes = all.filter((node) => tabs.has(textOf(node.z)) && node.wires && node.type !== 'comment' && node.d !== true)
  return { flows, nodes, outside, replaced }
}

/** Nodes whose calls the stand-in gateway catches. */
const ANSWERED_BY_GATEWAY: ReadonlySet<string> = new Set(['cw-confirm'])

const NO_OWN_TYPES: ReadonlySet<string> = new Set()
const isTab = (node: FlowNode | undefined) => node?.type === 'tab'

function standIn({ id, type, z, g, name, x, y, wires }: FlowNode): FlowNode {
  const place = { ...(z === undefined ? {} : { z }), ...(g === undefined ? {} : { g }), x, y }
  return { id, type: OUTSIDE_TYPE, ...place, name: name ?? type, ...(OUTSIDE_SOURCES.has(type) ? { isSource: true } : {}), wires } as FlowNode
}

function mustBeThere(step: RehearsalStep, byId: ReadonlyMap<string, FlowNode>): void {
  if (step.do === 'order' || step.do === 'tag' || step.do === 'wait') return
  const node = byId.get(step.nodeId)
  if (!node)
    throw new UserError({
      code: 'rehearsal-invalid',
      status: 422,
      message: `The rehearsal begins at node ${step.nodeId}, which is not in the draft any more. Choose another beginning.`,
      details: { nodeId: step.nodeId },
    })
  if (step.do === 'press' && node.type !== 'cw-button' && node.type !== 'cw-form')
    throw new UserError({
      code: 'rehearsal-invalid',
      status: 422,
      message: `"${textOf(node.name) || node.type}" is no button and no form: only those can be pressed.`,
      details: { nodeId: step.nodeId },
    })
}

/** A condition of this node is about a tag of the connection. */
export const looksAt = ({ type, connection, conditions }: FlowNode, { connectionId, tag }: { connectionId: string; tag: string }): boolean =>
  type === 'cw-condition-trigger' &&
  connection === connectionId &&
  listOf(conditions).some((row) => typeof row === 'object' && row !== null && 'tag' in row && row.tag === tag && 'what' in row && row.what === 'tag')

/** The tabs of the steps' nodes, those their links lead to, and those that take jobs or orders from them. */
function tabsOf({ tabs, steps }: RehearsalPlan['request'], byId: ReadonlyMap<string, FlowNode>, all: readonly FlowNode[]): Set<string> {
  if (tabs) return new Set(tabs)
  const found = new Set<string>()
  const reached: string[] = []
  const add = (tab: unknown) => {
    if (typeof tab !== 'string' || found.has(tab) || !isTab(byId.get(tab)) || byId.get(tab)?.disabled === true) return
    found.add(tab)
    reached.push(tab)
  }
  const connections = new Set<string>()
  for (const step of steps) {
    if (step.do === 'order') connections.add(step.connectionId)
    else if (step.do === 'tag') for (const { z } of all.filter((node) => looksAt(node, step))) add(z)
    else if (step.do !== 'wait') add(byId.get(step.nodeId)?.z)
  }
  const jobs = new Map<string, unknown>()
  for (const node of all) {
    if (node.type === 'cw-work-orders' && connections.has(textOf(node.connectionId))) add(node.z)
    if (node.type === 'cw-job-in') jobs.set(textOf(node.jobName), node.z)
  }
  for (let tab = reached.shift(); tab !== undefined; tab = reached.shift())
    for (const node of all) {
      if (node.z !== tab) continue
      if (node.type === 'link out' || node.type === 'link call') for (const id of listOf(node.links)) add(byId.get(String(id))?.z)
      if (node.type === 'cw-enqueue') add(jobs.get(textOf(node.jobName)))
    }
  return found
}
