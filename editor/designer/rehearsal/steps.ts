/** The steps of a rehearsal while a person edits them: as text that may be wrong, and what becomes of it. No view. */
import { type Origin, OUTSIDE_SOURCES, type RehearsalAnswer, type RehearsalAnswers, type RehearsalStep } from '../../../server/api/rehearsal.ts'
import { judgeField, type PanelField, type WorkOrder } from '../../../server/api/work.ts'
import { type FlowNode, kindOf, newId, textOf, wiresOf } from '../model/raw.ts'
import type { Workspace } from '../workspace.ts'
import type { RehearsalText } from './text.ts'

export type StepKind = RehearsalStep['do']
export const STEP_KINDS: readonly StepKind[] = ['order', 'give', 'send', 'press', 'answer', 'tag', 'wait']

/** All that the forms can hold; which of it counts is said by `do`. */
export interface StepDraft {
  key: string
  do: StepKind
  nodeId: string
  /** A message as JSON; empty: none. */
  message: string
  values: Readonly<Record<string, string>>
  choice: string
  /** Why, for those who read the answer. */
  comment: string
  /** Who presses or answers; empty: nobody in particular. */
  by: string
  connectionId: string
  /** Fields of the work order; those without a field of their own stay as they came. */
  order: Readonly<Record<string, unknown>>
  quantity: string
  tag: string
  /** Of the tag: JSON, or else the text itself. */
  value: string
  /** The connection can say what the tag is. */
  isKnown: boolean
  seconds: string
  /** That sends. */
  output: number
  /** Where message or order come from, until somebody changes them. */
  origin?: Origin | undefined
}
/** What one call gets back: written by hand as JSON, or taken from where the server knows it. */
export type AnswerDraft = { from: 'given'; text: string; output?: number | undefined } | Exclude<RehearsalAnswer, { from: 'given' }>
/** One a call, by node. */
export type AnswerDrafts = Readonly<Record<string, readonly AnswerDraft[]>>
export type Parts = Pick<Workspace, 'model' | 'types'>

/** One value that a button, a form or a question asks for. */
export interface Ask {
  key: string
  label: string
  kind: PanelField['kind']
  unit?: string
  choices?: string[]
  isOptional?: boolean
}

export const emptyStep = (kind: StepKind, more: Partial<StepDraft> = {}): StepDraft => ({
  key: newId(),
  do: kind,
  nodeId: '',
  message: '',
  values: {},
  choice: 'yes',
  comment: '',
  by: '',
  connectionId: '',
  order: {},
  quantity: '1',
  tag: '',
  value: '',
  isKnown: true,
  seconds: '60',
  output: 0,
  ...more,
})

export function asksOf(node: FlowNode | undefined): Ask[] {
  const asks: unknown = node?.type === 'cw-form' ? node.fields : node?.asks
  if (!Array.isArray(asks)) return []
  return asks
    .filter((ask): ask is Omit<Ask, 'choices'> & { choices?: unknown } => typeof ask?.key === 'string' && typeof ask.label === 'string')
    .map(({ choices, ...ask }) => ({ ...ask, ...(typeof choices === 'string' ? { choices: choices.split(',').map((each) => each.trim()) } : {}) }))
}

/** Where a message can be given, a button pressed, a person's answer stand in: nodes of one flow that are switched on. */
export function nodesFor(kind: StepKind, { model, types }: Parts, place: string | undefined): FlowNode[] {
  if (place === undefined) return []
  return model
    .childrenOf(place)
    .filter((node) => kindOf(node) === 'node' && node.d !== true && kindFits(kind, node, types))
    .sort((a, b) => Number(startsWork(b)) - Number(startsWork(a)) || Number(a.y) - Number(b.y) || Number(a.x) - Number(b.x))
}

function kindFits(kind: StepKind, node: FlowNode, types: Parts['types']): boolean {
  switch (kind) {
    case 'press':
      return node.type === 'cw-button' || node.type === 'cw-form'
    case 'answer':
      return node.type === 'cw-wait-person' || node.type === 'cw-approval'
    case 'order':
      return node.type === 'cw-work-orders' && textOf(node, 'connectionId') !== ''
    case 'tag':
      return tagsOf(node).length > 0
    case 'give':
      return startsWork(node) || OUTSIDE_SOURCES.has(node.type) || node.type.startsWith('subflow:') || (types.get(node.type)?.inputs ?? 0) > 0
    case 'send':
      return wiresOf(node).length > 0
    case 'wait':
      return false
    default:
      return kind satisfies never
  }
}

/** Tags that the conditions of a node look at, and of which connection. */
export function tagsOf(node: FlowNode): { connectionId: string; tag: string }[] {
  const { type, connection, conditions } = node
  if (type !== 'cw-condition-trigger' || typeof connection !== 'string' || !connection || !Array.isArray(conditions)) return []
  return conditions.flatMap((row: { what?: unknown; tag?: unknown } | null) =>
    row?.what === 'tag' && typeof row.tag === 'string' && row.tag ? [{ connectionId: connection, tag: row.tag }] : [],
  )
}

/** Inject and trigger nodes: they are where a flow begins. */
export const startsWork = ({ type }: FlowNode): boolean => type === 'inject' || /^cw-[a-z]+-trigger$/.test(type)

/** How a rehearsal begins at a node; undefined where it cannot. */
export function stepFor(node: FlowNode, { types }: Parts): StepKind | undefined {
  return (['order', 'press', 'answer', 'tag', 'give'] as const).find((kind) => kindFits(kind, node, types))
}

/** From what is kept to what is edited. */
export function draftOf(step: RehearsalStep): StepDraft {
  const words = (values: Record<string, string | number | boolean>) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]))
  switch (step.do) {
    case 'give':
      return emptyStep('give', { nodeId: step.nodeId, message: messageText(step.message), ...originOf(step) })
    case 'send':
      return emptyStep('send', { nodeId: step.nodeId, output: step.output, message: messageText(step.message), ...originOf(step) })
    case 'press':
      return emptyStep('press', { nodeId: step.nodeId, values: words(step.values), by: step.by ?? '' })
    case 'answer':
      return emptyStep('answer', {
        nodeId: step.nodeId,
        values: words(step.values),
        choice: step.choice ?? 'yes',
        comment: step.comment ?? '',
        by: step.by ?? '',
      })
    case 'order':
      return emptyStep('order', { connectionId: step.connectionId, order: step.order, quantity: String(step.order.quantity ?? 1), ...originOf(step) })
    case 'tag': {
      const { connectionId, tag, value, quality } = step
      return emptyStep('tag', { connectionId, tag, value: valueText(value), isKnown: quality !== 'bad' })
    }
    case 'wait':
      return emptyStep('wait', { seconds: String(step.s) })
    default:
      return step satisfies never
  }
}

const messageText = (message: unknown) => (message === undefined ? '' : JSON.stringify(message, null, 2))
/** A text that reads as something else stands in quotes. */
const valueText = (value: unknown) => (value === undefined ? '' : typeof value === 'string' && valueIn(value) === value ? value : JSON.stringify(value))
const originOf = ({ origin }: { origin?: Origin | undefined }) => (origin ? { origin } : {})

export const answerDraftsOf = (answers: RehearsalAnswers): AnswerDrafts =>
  Object.fromEntries(
    Object.entries(answers).map(([id, list]) => [
      id,
      list.map(
        (answer): AnswerDraft => (answer.from === 'given' ? { from: 'given', text: JSON.stringify(answer.value, null, 2), output: answer.output } : answer),
      ),
    ]),
  )

export type Read<T> = { value: T } | { wrong: string }

/** As a person writes a number: comma or point. */
function numberIn(text: string): number | undefined {
  const value = Number(text.trim().replace(',', '.'))
  return text.trim() !== '' && Number.isFinite(value) ? value : undefined
}

export function readJson(source: string, words: RehearsalText['wrong']): Read<unknown> {
  try {
    return { value: JSON.parse(source) as unknown }
  } catch (error) {
    return { wrong: words.json(error instanceof Error ? error.message : String(error)) }
  }
}

/** Numbers, true, false and objects as JSON; anything else is a text. */
function valueIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return numberIn(text) ?? text
  }
}

/** What is sent of a step, or what is still wrong with it. */
export function readStep(step: StepDraft, { model }: Parts, words: RehearsalText['wrong']): Read<RehearsalStep> {
  if (step.do === 'wait') {
    const s = numberIn(step.seconds)
    return s !== undefined && s >= 0 && s <= 31_536_000 ? { value: { do: 'wait', s } } : { wrong: words.seconds }
  }
  if (step.do === 'order') return readOrder(step, words)
  if (step.do === 'tag') return readTag(step, words)
  const node = model.get(step.nodeId)
  if (!node) return { wrong: step.nodeId === '' ? words.noNode : words.gone }
  if (step.do === 'give' || step.do === 'send') {
    // what was recorded may be hidden from this person: the server has it
    const origin = step.origin
    const sends = step.do === 'send' ? ({ do: 'send', nodeId: node.id, output: step.output } as const) : ({ do: 'give', nodeId: node.id } as const)
    if (origin && step.message.trim() === '') return { value: { ...sends, origin } }
    if (step.do === 'give' && step.message.trim() === '') return startsWork(node) ? { value: { do: 'give', nodeId: node.id } } : { wrong: words.needsMessage }
    const read = readJson(step.message, words)
    if ('wrong' in read) return read
    const { value } = read
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { wrong: words.object }
    return { value: { ...sends, message: value as Record<string, unknown>, ...(origin ? { origin } : {}) } }
  }
  const values: Record<string, string | number | boolean> = {}
  const isNeeded = step.do === 'press' || step.choice === 'yes'
  for (const field of isNeeded ? asksOf(node) : []) {
    const { value, fault } = judgeField(field, field.kind === 'yes-no' ? step.values[field.key] === 'true' : step.values[field.key])
    if (fault) return { wrong: fault === 'not-a-number' ? words.number(field.label) : words.value(field.label) }
    if (value !== undefined) values[field.key] = value
  }
  const by = step.by.trim() === '' ? {} : { by: step.by.trim() }
  if (step.do === 'press') return { value: { do: 'press', nodeId: node.id, values, ...by } }
  const comment = step.comment.trim() === '' ? {} : { comment: step.comment.trim() }
  return { value: { do: 'answer', nodeId: node.id, choice: step.choice, values, ...comment, ...by } }
}

function readTag({ connectionId, tag, value, isKnown }: StepDraft, words: RehearsalText['wrong']): Read<RehearsalStep> {
  if (connectionId === '' || tag === '') return { wrong: words.noTag }
  if (!isKnown) return { value: { do: 'tag', connectionId, tag, quality: 'bad' } }
  return value.trim() === '' ? { wrong: words.noValue } : { value: { do: 'tag', connectionId, tag, value: valueIn(value.trim()) } }
}

function readOrder({ order, quantity, connectionId, origin }: StepDraft, words: RehearsalText['wrong']): Read<RehearsalStep> {
  if (connectionId === '') return { wrong: words.noNode }
  const count = numberIn(quantity)
  if (count === undefined || !Number.isInteger(count) || count < 1) return { wrong: words.quantity }
  const all: Partial<Record<keyof WorkOrder, unknown>> = { ...order, quantity: count }
  const value = Object.fromEntries(Object.entries(all).filter(([, each]) => each !== ''))
  if (!value.number || !value.part) return { wrong: words.orderNumber }
  return { value: { do: 'order', connectionId, order: value, ...(origin ? { origin } : {}) } }
}

/** All steps, or undefined while one is wrong. */
export function readSteps(steps: readonly StepDraft[], parts: Parts, words: RehearsalText['wrong']): RehearsalStep[] | undefined {
  const read = steps.map((step) => readStep(step, parts, words))
  return read.some((each) => 'wrong' in each) ? undefined : read.flatMap((each) => ('value' in each ? [each.value] : []))
}

/** Nodes without an answer are left out; undefined while one is no JSON. */
export function readAnswers(answers: AnswerDrafts, words: RehearsalText['wrong']): RehearsalAnswers | undefined {
  const all: RehearsalAnswers = {}
  for (const [nodeId, drafts] of Object.entries(answers)) {
    const values: RehearsalAnswer[] = []
    for (const draft of drafts) {
      if (draft.from !== 'given') {
        if (draft.from === 'failure' && draft.text.trim() === '') return undefined
        values.push(draft)
        continue
      }
      if (draft.text.trim() === '') continue
      const read = readJson(draft.text, words)
      if ('wrong' in read) return undefined
      values.push({ from: 'given', value: read.value, ...(draft.output === undefined ? {} : { output: draft.output }) })
    }
    if (values.length > 0) all[nodeId] = values
  }
  return all
}
