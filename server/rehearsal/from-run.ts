/**
 * A case made of a run of the history: what began it, what people did on the way, what other systems answered, and what came of
 * it. Contents are told by where they are recorded; the server fills them in.
 */
import { UserError } from '../../base/errors.ts'
import type { Recorded } from '../api/flow-tests.ts'
import {
  type FlowNode,
  type FlowTest,
  OUTSIDE_CALLS,
  type RehearsalAnswer,
  type RehearsalExpectation,
  type RehearsalStep,
  type Run,
  type StepMessage,
} from '../api/index.ts'

type Values = Record<string, unknown>
type Sent = Recorded & { nodeId: string; to: string }

const MAX_STEPS = 100
/** Ends of a flow that are expected to be reached. */
const MAX_ENDS = 10

export interface RunCase extends Pick<FlowTest, 'flowId' | 'steps' | 'answers' | 'expect'> {
  startedAt: string
  notes: string[]
}

/**
 * @param sent what nodes sent in the run, by the number of its step
 * @param messages what steps were given, whole as they were kept
 * @throws UserError `message-not-kept`
 */
export function caseOf(options: { run: Run; flows: readonly FlowNode[]; sent: readonly Sent[]; messages: readonly StepMessage[] }): RunCase {
  const { run, flows, sent } = options
  const byId = new Map(flows.map((node) => [node.id, node]))
  const given = new Map(options.messages.map(({ seq, msg }) => [seq, isValues(msg) ? msg : {}]))
  const notes: string[] = []
  const nameOf = (id: string) => {
    const node = byId.get(id)
    return `"${textOf(node?.name) || textOf(node?.label) || node?.type || id}"`
  }
  const { nodeId: trigger } = run.trigger
  const tab = byId.get(trigger)?.z
  if (!byId.has(trigger) || typeof tab !== 'string')
    throw new UserError({
      code: 'message-not-kept',
      status: 409,
      message: 'What began this run is not part of the flows any more: a test of it could not begin.',
    })

  // --- what began it, and what people did
  const again = run.detail.find((hop, index) => index > 0 && hop.nodeId === trigger)
  const first = unique(sent.filter((each) => each.nodeId === trigger && (!again || each.seq < again.seq)))
  if (first.length === 0)
    throw new UserError({
      code: 'message-not-kept',
      status: 409,
      message: 'What began this run was not kept, or not for so long: a test of it could not begin.',
    })
  const steps: RehearsalStep[] = first.map((each) => beginning(each, byId.get(trigger), given.get(each.seq)))
  for (const one of unique(sent.filter((each) => each.nodeId !== trigger || (again && each.seq >= again.seq)))) {
    const node = byId.get(one.nodeId)
    const message = given.get(one.seq) ?? {}
    if (node?.type === 'cw-button') steps.push({ do: 'press', nodeId: node.id, values: asked(node, message.values), ...whose(message.pressedBy) })
    if (node?.type === 'cw-form') steps.push({ do: 'press', nodeId: node.id, values: asked(node, message.values), ...whose(message.enteredBy) })
    if (node?.type === 'cw-approval' && isValues(message.approval)) steps.push(...approvals(node, message.approval))
    if (node?.type === 'cw-wait-person' && isValues(message.answer) && one.output < 2)
      steps.push({
        do: 'answer',
        nodeId: node.id,
        choice: message.answer.choice === 'approved' ? 'yes' : 'no',
        values: message.answer.choice === 'approved' ? asked(node, message.values) : {},
      })
  }

  // --- what other systems answered
  const answers: Record<string, RehearsalAnswer[]> = {}
  for (const one of unique(sent)) {
    const { type } = byId.get(one.nodeId) ?? {}
    if (type === undefined || !OUTSIDE_CALLS.has(type)) continue
    if (one.leftOut.includes('payload')) {
      notes.push(`What ${nameOf(one.nodeId)} answered was too large to be kept: give an answer for it.`)
      continue
    }
    const list = answers[one.nodeId] ?? []
    answers[one.nodeId] = list
    if (list.length < 100) list.push({ from: 'recorded', runId: run.id, seq: one.seq, at: one.at, output: one.output })
  }

  // --- what came of it
  const expect: RehearsalExpectation[] = []
  const reached = new Set(run.detail.map(({ nodeId }) => nodeId))
  for (const id of reached) {
    const type = byId.get(id)?.type
    if (type === 'cw-confirm' || (type !== undefined && OUTSIDE_CALLS.has(type))) expect.push({ kind: 'call', nodeId: id })
  }
  for (const one of unique(sent)) {
    const node = byId.get(one.nodeId)
    if (node?.type !== 'cw-run-program') continue
    const { payload } = given.get(one.seq) ?? {}
    const machineId = byId.get(textOf(node.machine))?.machineId
    if (typeof machineId !== 'string' || !isValues(payload)) continue
    const state = MOTION_STATES.find((each) => each === payload.state)
    expect.push({ kind: 'motion', machineId, ...(typeof payload.program === 'string' ? { what: payload.program } : {}), ...(state ? { state } : {}) })
  }
  const ends = unique(sent.filter(({ to }) => !run.detail.some(({ from }) => from === to) && byId.get(to)?.type !== 'cw-confirm')).slice(0, MAX_ENDS)
  for (const { nodeId, output } of ends)
    if (!expect.some((each) => each.kind === 'message' && each.from === nodeId && each.port === output))
      expect.push({ kind: 'message', from: nodeId, port: output })
  if (steps.length > MAX_STEPS) notes.push(`Only the first ${MAX_STEPS} steps are taken over.`)
  if (run.detail.length < run.hops)
    notes.push(`The history keeps the first ${run.detail.length} of ${run.hops} steps in detail: what came after them is not in the test.`)
  return { startedAt: run.startedAt, flowId: tab, steps: steps.slice(0, MAX_STEPS), answers, expect, notes }
}

const MOTION_STATES = ['completed', 'failed', 'stopped', 'interrupted'] as const

const whose = (name: unknown): { by?: string } => (typeof name === 'string' && name ? { by: name.slice(0, 60) } : {})

/** One answer for each who approved, and the refusal that ended it. */
function approvals(node: FlowNode, { approvedBy, refusedBy }: Values): RehearsalStep[] {
  const one = (choice: string, answer: Values): RehearsalStep => ({
    do: 'answer',
    nodeId: node.id,
    choice,
    values: {},
    ...whose(answer.by),
    ...(typeof answer.comment === 'string' ? { comment: answer.comment.slice(0, 500) } : {}),
  })
  return [
    ...(Array.isArray(approvedBy) ? approvedBy.filter(isValues).map((answer) => one('yes', answer)) : []),
    ...(isValues(refusedBy) ? [one('no', refusedBy)] : []),
  ]
}

/** A work order comes in as one; everything else is sent as the trigger sent it. */
function beginning(sent: Sent, node: FlowNode | undefined, message: Values | undefined): RehearsalStep {
  const order = message?.workOrder
  // who sends a form begins with it
  if (node?.type === 'cw-form') return { do: 'press', nodeId: node.id, values: asked(node, sent.value.values), ...whose(sent.value.enteredBy) }
  if (node?.type === 'cw-work-orders' && isValues(order)) return { do: 'order', connectionId: textOf(node.connectionId), order }
  const { runId, seq, at } = sent
  return { do: 'send', nodeId: sent.nodeId, output: sent.output, message: sent.value, origin: { from: 'recorded', runId, seq, at } }
}

/** Of the values in a message those that the node asks for. */
function asked(node: FlowNode, values: unknown): Record<string, string | number | boolean> {
  const list = node.type === 'cw-form' ? node.fields : node.asks
  const asks = Array.isArray(list) ? (list as { key?: unknown }[]) : []
  const all = isValues(values) ? values : {}
  return Object.fromEntries(
    asks.flatMap(({ key }): [string, string | number | boolean][] => {
      const value = typeof key === 'string' ? all[key] : undefined
      return typeof key === 'string' && (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') ? [[key, value]] : []
    }),
  )
}

/** One message over two wires was sent once: they follow each other, and hold the same. */
function unique(sent: readonly Sent[]): Sent[] {
  return sent.filter(
    (one, index) =>
      !sent.some(
        (other, before) =>
          before < index &&
          other.nodeId === one.nodeId &&
          other.output === one.output &&
          other.to !== one.to &&
          JSON.stringify(other.value) === JSON.stringify(one.value),
      ),
  )
}

const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
