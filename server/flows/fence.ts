/**
 * The fence: may this person deploy these flows? It stands in front of `setFlows` and again in `saveFlows`, so that
 * the designer, an import, the API and the stock editor meet the same one.
 *
 * Who has `flows.code` may deploy everything. Everybody else may use safe types as they like, and must leave
 * everything that takes `flows.code` exactly as somebody with that capability deployed it:
 *
 * - **Code nodes** (by type, or because they smuggle: fence-content.ts) stay equal but for their place on the page.
 *   A copy is a new node. Removing one is allowed: that gives nobody any power.
 * - **Subflows with code in them**, however deep: the definition and every instance are code nodes themselves. A new
 *   instance would run the code with other inputs and other values, so it is refused like a copy.
 * - **What is around code**: a tab, group or subflow may not be switched on, replaced or taken away under it, and its
 *   values (`env`, also the global ones) stay as they are: code nodes read them, `exec` even as its command.
 * - **Messages into code**: a new wire from a safe node is allowed where a safe node led in before. There its author
 *   decided to take what such nodes send, and whoever may edit those can send anything already. Where only code led
 *   in, as from a function that checks to an `exec`, the author did not, and a wire past the check is refused.
 * - **Expressions** in safe nodes may not be written or changed, but their nodes may be moved, wired and switched. Those that only reckon
 *   are free (safe-jsonata.ts).
 */
import { UserError } from '../../base/errors.ts'
import { atOnce, inSteps, type Steps } from '../../base/steps.ts'
import { NODES } from '../../nodes/index.ts'
import { type Capability, type FindingBlanks, type FindingCode, type FlowNode, type FlowProblem, finding, type Why } from '../api/index.ts'
import { expression, NO_SETTING, wiresAreIds } from './fence-content.ts'
import { nodeIsEqual, PLACE, type Survey, surroundingsAreEqual, survey } from './fence-survey.ts'
import { type DeployCapability, ruleOf } from './fence-table.ts'

const OWN_TYPES: ReadonlySet<string> = new Set(NODES.map(({ type }) => type))

/**
 * What deploying a node of this type takes, its settings aside; for the palette. Instances of subflows are judged by
 * what is in the subflow, so their type alone takes no more than `flows.deploy`.
 * @defaultValue ownTypes the types that this product declares
 */
export function neededCapability(type: string, ownTypes: ReadonlySet<string> = OWN_TYPES): DeployCapability {
  return type.startsWith('subflow:') ? 'flows.deploy' : ruleOf(type, ownTypes).needs
}

export interface FenceQuestion {
  flows: readonly FlowNode[]
  /** The flows that were deployed last: what is in them was allowed to somebody. */
  deployed: readonly FlowNode[]
  /** Of the person who deploys. */
  capabilities: ReadonlySet<Capability>
  /** The types that this product declares. @defaultValue those in nodes/index.ts */
  ownTypes?: ReadonlySet<string>
  /** New credentials by node id, where they come beside the flows. */
  credentials?: Readonly<Record<string, unknown>> | undefined
}

/** What of the flows this person may not deploy; empty when all is well. Linear in the number of nodes and wires. */
export function checkFence(question: FenceQuestion): FlowProblem[] {
  return atOnce(fenceSteps(question))
}

function* fenceSteps({ flows, deployed, capabilities, ownTypes = OWN_TYPES, credentials }: FenceQuestion): Steps<FlowProblem[]> {
  if (capabilities.has('flows.code')) return []
  const now = yield* survey(flows, ownTypes)
  const before = yield* survey(deployed, ownTypes)
  const problems: FlowProblem[] = []
  const refuse: Refuse = (node, code, blanks) => {
    const { sentence, params } = finding(code, blanks)
    problems.push({ nodeId: node.id, message: `${nameOf(node)} ${sentence} Ask somebody with the capability "flows.code" to deploy this.`, code, params })
  }

  for (const node of flows) {
    yield
    // two nodes of one id: the runtime takes the last one, or both
    if (now.byId.get(node.id) !== node) refuse(node, 'id-unclear', { id: node.id })
    const old = before.byId.get(node.id)
    const why = now.codeIn(node)
    if (why !== undefined) checkCodeNode(node, { old, why, now, before, refuse })
    else checkSafeNode(node, { old, now, before, refuse })
    if (why === undefined && now.holdsCode(node)) checkContainer(node, { old, refuse })
    if (why !== undefined || now.holdsCode(node)) checkPlace(node, { now, before, refuse })
  }
  checkGlobalValues(flows, { deployed, now, refuse })
  for (const id of Object.keys(credentials ?? {})) {
    const node = now.byId.get(id)
    if (!node) continue
    if (now.codeIn(node) !== undefined || now.holdsCode(node) || (node.type === 'global-config' && now.hasCode)) refuse(node, 'code-credentials', {})
  }
  return problems
}

type Refuse = <C extends FindingCode>(node: FlowNode, code: C, blanks: FindingBlanks[C]) => void
interface Change {
  old: FlowNode | undefined
  now: Survey
  before: Survey
  refuse: Refuse
}

function checkCodeNode(node: FlowNode, { old, why, now, before, refuse }: Change & { why: Why }): void {
  if (!old) {
    refuse(node, 'code-new', why)
    return
  }
  if (!nodeIsEqual(node, old, PLACE)) {
    refuse(node, 'code-changed', why)
    return
  }
  for (const value of Object.values(node)) {
    const used = typeof value === 'string' && value !== node.id ? before.byId.get(value) : undefined
    const kept = used && now.byId.get(used.id)
    if (used && before.codeIn(used) !== undefined && !(kept && now.codeIn(kept) !== undefined))
      refuse(node, 'code-uses-removed', { ...why, used: nameOf(used) })
  }
  const sources = before.sourcesOf(node.id)
  const added = [...now.sourcesOf(node.id)].filter((source) => !sources.has(source))
  if (!added.length) return
  const isEntrance = [...sources].some((source) => isSafeSource(source, before))
  if (!isEntrance || !added.every((source) => isSafeSource(source, now))) refuse(node, 'code-new-wire', why)
}

/** Of an edge `node/port`: does what sends take no more than `flows.deploy`? The entrance of a subflow is as good as any. */
function isSafeSource(source: string, flows: Survey): boolean {
  const node = flows.byId.get(source.slice(0, source.lastIndexOf('/')))
  return node !== undefined && (node.type === 'subflow' || flows.codeIn(node) === undefined)
}

function checkSafeNode(node: FlowNode, { old, now, before, refuse }: Change): void {
  if (!wiresAreIds(node)) refuse(node, 'wires-shape', {})
  if (!old || !nodeIsEqual(node, old, NO_SETTING)) {
    const found = expression(node)
    if (found !== undefined) refuse(node, 'expression', found)
  }
  // 20-inject.js: a message that comes in may bring its own list of paths to read and to set
  if (node.type !== 'inject') return
  const sources = old?.type === 'inject' ? before.sourcesOf(node.id) : new Set()
  if ([...now.sourcesOf(node.id)].some((source) => !sources.has(source))) refuse(node, 'inject-wire', {})
}

function checkContainer(node: FlowNode, { old, refuse }: Pick<Change, 'old' | 'refuse'>): void {
  if (!old || old.type !== node.type) refuse(node, 'container-new', {})
  else if (!surroundingsAreEqual(node, old)) refuse(node, node.type === 'subflow' ? 'subflow-changed' : 'container-changed', {})
}

/** A node whose tab is gone runs on a tab that the runtime makes up, which is switched on and has no values. */
function checkPlace(node: FlowNode, { now, before, refuse }: Omit<Change, 'old'>): void {
  for (const place of [node.z, node.g]) {
    if (typeof place === 'string' && before.byId.has(place) && before.byId.get(place)?.type !== now.byId.get(place)?.type) {
      refuse(node, 'container-removed', {})
      return
    }
  }
}

/** The values of all flows; the last node that gives one wins, so their order counts too. */
function checkGlobalValues(flows: readonly FlowNode[], { deployed, now, refuse }: { deployed: readonly FlowNode[]; now: Survey; refuse: Refuse }): void {
  if (!now.hasCode) return
  const ones = flows.filter(givesGlobalValues)
  const olds = deployed.filter(givesGlobalValues)
  const changed = ones.find((node, index) => {
    const old = olds[index]
    return !old || !nodeIsEqual(node, old, NOT_A_VALUE)
  })
  const removed = olds[ones.length]
  const node = changed ?? removed
  if (node) refuse(node, changed ? 'values-changed' : 'values-removed', {})
}
const NOT_A_VALUE = new Set(['name', 'info', 'modules'])
const givesGlobalValues = ({ type, env, credentials }: FlowNode) =>
  type === 'global-config' && (credentials !== undefined || (env !== undefined && !(Array.isArray(env) && env.length === 0)))

/** {@link checkFence} in steps, for flows whose new credentials, if any, are already in their nodes. */
export function refusals(next: readonly FlowNode[], previous: readonly FlowNode[], capabilities: ReadonlySet<Capability>): Promise<FlowProblem[]> {
  return inSteps(fenceSteps({ flows: next, deployed: previous, capabilities }))
}

/** @throws UserError `node-type-not-allowed` (403) naming every node */
export async function requireAllowed(next: readonly FlowNode[], previous: readonly FlowNode[], capabilities: ReadonlySet<Capability>): Promise<void> {
  const problems = await refusals(next, previous, capabilities)
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

export function nameOf(node: FlowNode): string {
  const name = typeof node.name === 'string' && node.name ? node.name : typeof node.label === 'string' && node.label ? node.label : node.id
  return `"${name}" (${node.type})`
}
