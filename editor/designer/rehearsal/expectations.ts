/** What a test may expect, offered from what came of a rehearsal. No view. */
import type { FlowTest } from '../../../server/api/flow-tests.ts'
import type { RehearsalExpectation, RehearsalReport } from '../../../server/api/rehearsal.ts'
import { sameJson } from '../model/raw.ts'
import type { Workspace } from '../workspace.ts'
import { isFleeting, leavesOf, without } from './fields.ts'
import { nodeName, portText } from './result-words.ts'
import type { RehearsalText } from './text.ts'

export type ExpectationKind = RehearsalExpectation['kind']
export const EXPECTATION_KINDS: readonly ExpectationKind[] = ['call', 'motion', 'message', 'unreached']
const MOST_MESSAGES = 100
type Facts = Pick<RehearsalReport, 'calls' | 'machines' | 'sent' | 'coverage'>

export interface Offer {
  key: string
  expectation: RehearsalExpectation
  isTicked: boolean
  /** What it was, to tell it from another of the same node. */
  detail?: string
  /** What could be compared besides: the body of a call, a message. As JSON. */
  content?: string
  isContentTicked: boolean
  /** Fields of the content that do not count. */
  left: ReadonlySet<string>
  /** What came out last, where the content is what was expected before. */
  cameOut?: unknown
}

/** What differs from one rehearsal to the next belongs to no expectation. */
const FLEETING = new Set(['_run', '_msgid', '_linkSource', '_job', 'pressId', 'pressedBy'])
function lasting(message: unknown): unknown {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return message
  return Object.fromEntries(Object.entries(message).filter(([key]) => !key.startsWith('_') && !FLEETING.has(key)))
}

/**
 * @param report what came out; without one only what is expected so far is offered
 * @param kept what the test that is being changed expects so far: its ticks stay, and what did not come out this time stays, too
 */
export function offersOf(report: Facts | undefined, kept: FlowTest['expect'] = []): Offer[] {
  const isNew = kept.length === 0
  const offers: Offer[] = []
  const left = [...kept]
  const add = (expectation: RehearsalExpectation, isTickedFirst: boolean, { content, detail }: { content?: unknown; detail?: string } = {}) => {
    if (offers.some((other) => sameJson(other.expectation, expectation) && other.content === text(content))) return
    const at = left.findIndex((each) => sameJson(bare(each), bare(expectation)))
    const found = at < 0 ? undefined : left.splice(at, 1)[0]
    const keptContent = found && contentOf(found)
    offers.push({
      key: String(offers.length),
      expectation,
      isTicked: found !== undefined || (isNew && isTickedFirst),
      isContentTicked: keptContent !== undefined,
      ...(detail === undefined ? {} : { detail }),
      ...offered(content, keptContent),
    })
  }
  for (const { nodeId, body, system, what } of report?.calls ?? [])
    add({ kind: 'call', nodeId }, true, { content: lasting(body), detail: `${system}, ${what}` })
  for (const { id, motions } of report?.machines ?? []) for (const { what, state } of motions) add({ kind: 'motion', machineId: id, what, state }, true)
  for (const nodeId of report?.coverage.nodesMissed ?? []) add({ kind: 'unreached', nodeId }, false)
  for (const { from, port, message } of (report?.sent ?? []).slice(0, MOST_MESSAGES)) add({ kind: 'message', from, port }, false, { content: lasting(message) })
  for (const expectation of left) {
    const content = contentOf(expectation)
    offers.push({
      key: String(offers.length),
      expectation: bare(expectation),
      isTicked: true,
      isContentTicked: content !== undefined,
      ...offered(content, content),
    })
  }
  return offers
}

/** The whole content with the kept values in it; fields that the test does not name do not count. */
function offered(content: unknown, kept: unknown): Pick<Offer, 'content' | 'left' | 'cameOut'> {
  if (content === undefined) return { left: new Set() }
  const whole = kept === undefined ? content : over(content, kept)
  const named = kept === undefined ? undefined : new Set(leavesOf(kept).map(({ name }) => name))
  // the payload is what a message is about
  const hasPayload = typeof whole === 'object' && whole !== null && 'payload' in whole
  const left = leavesOf(whole).filter(({ name, value, path }) => (named ? !named.has(name) : isFleeting(value) || (hasPayload && path[0] !== 'payload')))
  return { content: text(whole) ?? '', left: new Set(left.map(({ name }) => name)), ...(kept === undefined ? {} : { cameOut: content }) }
}

function over(content: unknown, kept: unknown): unknown {
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject(content) || !isObject(kept)) return kept
  const names = [...new Set([...Object.keys(content), ...Object.keys(kept)])]
  return Object.fromEntries(names.map((name) => [name, Object.hasOwn(kept, name) ? over(content[name], kept[name]) : content[name]]))
}

const text = (content: unknown): string | undefined => (content === undefined ? undefined : JSON.stringify(content, null, 2))

/** What is compared of a call or a message. */
function contentOf(expectation: RehearsalExpectation): unknown {
  return expectation.kind === 'call' ? expectation.body : expectation.kind === 'message' ? expectation.message : undefined
}

function bare(expectation: RehearsalExpectation): RehearsalExpectation {
  if (expectation.kind === 'call') return { kind: 'call', nodeId: expectation.nodeId }
  if (expectation.kind === 'message') return { kind: 'message', from: expectation.from, port: expectation.port }
  return expectation
}

/** What is kept of the ticked offers; undefined while a content is no JSON. */
export function ticked(offers: readonly Offer[]): RehearsalExpectation[] | undefined {
  const all: RehearsalExpectation[] = []
  for (const { expectation, isTicked, isContentTicked, content, left } of offers) {
    if (!isTicked) continue
    if (!isContentTicked || content === undefined) {
      all.push(expectation)
      continue
    }
    let value: unknown
    try {
      value = without(JSON.parse(content), left)
    } catch {
      // the form says so at the field
      return undefined
    }
    if (value === undefined) all.push(expectation)
    else if (expectation.kind === 'call') all.push({ ...expectation, body: value })
    else if (expectation.kind === 'message') all.push({ ...expectation, message: value as Record<string, unknown> })
  }
  return all
}

/** One expectation in a line; the report knows the machines' names. */
export function expectationText(
  expectation: RehearsalExpectation,
  workspace: Workspace,
  words: RehearsalText,
  report: Pick<RehearsalReport, 'machines'> | undefined,
): string {
  const { tests } = words
  switch (expectation.kind) {
    case 'call':
      return tests.expectCall(nodeName(workspace, expectation.nodeId))
    case 'motion':
      return tests.expectMotion(
        report?.machines.find(({ id }) => id === expectation.machineId)?.name ?? expectation.machineId,
        expectation.what ?? tests.anything,
        expectation.state ? tests.motionStates[expectation.state] : '',
      )
    case 'message':
      return tests.expectMessage(nodeName(workspace, expectation.from), portText(workspace, expectation.from, expectation.port, words))
    case 'unreached':
      return tests.expectUnreached(nodeName(workspace, expectation.nodeId))
    default:
      return expectation satisfies never
  }
}

/** What is expected beside what was found, where there is more than the line says. */
export function expectedContent(expectation: RehearsalExpectation): unknown {
  return expectation.kind === 'motion' ? { what: expectation.what, state: expectation.state } : contentOf(expectation)
}
