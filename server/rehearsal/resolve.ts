/**
 * Fills in what a rehearsal brings and answers: recorded content out of the run history (or of the test that keeps it), samples
 * out of the connectors' schemas. What a caller sends along as recorded or as a sample is not believed.
 */
import { UserError } from '../../base/errors.ts'
import type {
  ConnectionSamples,
  FlowNode,
  FlowTest,
  Recorded,
  RehearsalAnswer,
  RehearsalAnswers,
  RehearsalRequest,
  RehearsalStep,
  RunPin,
} from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { maySee } from './contents.ts'
import type { PlannedAnswer, RehearsalPlan } from './plan.ts'
import type { Recordings } from './recorded.ts'

type Values = Record<string, unknown>

export interface Resolved {
  request: RehearsalPlan['request']
  answers: RehearsalPlan['answers']
}

export interface Resolver {
  /** @throws UserError `recording-gone`, `no-sample`, `not-allowed` */
  resolve(request: RehearsalRequest, caller: Pick<Caller, 'capabilities'>): Promise<Resolved>
  /** The same for a test that is to be kept: with what was recorded in it, since the history is trimmed. */
  keep(test: FlowTest, caller: Pick<Caller, 'capabilities'>): Promise<FlowTest>
}

interface Place {
  nodeId: string
  runId: string
  seq: number
}

export function createResolver(deps: {
  recordings: Pick<Recordings, 'get'>
  pins: { list(nodeIds?: readonly string[]): Promise<RunPin[]> }
  tests: () => Promise<FlowTest[]>
  samples: () => Promise<ConnectionSamples[]>
}): Resolver {
  const { recordings, pins, tests, samples } = deps

  const recorded = async (
    place: Place,
    caller: Pick<Caller, 'capabilities'>,
  ): Promise<{ value: Values; at?: string | undefined; output?: number | undefined }> => {
    const kept = keptIn(await tests(), place)
    if (kept) return kept
    if (!maySee(caller))
      throw new UserError({
        code: 'not-allowed',
        status: 403,
        message: 'Recorded content takes the right to see what is in messages. Somebody who has it can keep a test with it, which you may then run.',
      })
    const found = (await recordings.get(place.nodeId, place.runId, place.seq)) ?? pinnedAt(await pins.list([place.nodeId]), place)
    if (!found)
      throw new UserError({
        code: 'recording-gone',
        status: 409,
        message: 'What was recorded is not in the run history any more. Choose another recorded answer, or give one.',
        details: { ...place },
      })
    if (found.leftOut.includes('payload'))
      throw new UserError({
        code: 'recording-gone',
        status: 409,
        message: 'The payload of what was recorded was too large to be kept whole. Choose another recorded answer, or give one.',
        details: { ...place },
      })
    return found
  }
  const sampleOf = async (connectionId: string, what: 'workOrder' | 'event'): Promise<Values> => {
    const found = (await samples()).find((each) => each.connectionId === connectionId)?.[what]
    if (typeof found !== 'object' || found === null)
      throw new UserError({
        code: 'no-sample',
        status: 409,
        message: 'The connector of this connection declares no shape that a sample could be made of. Enter the values.',
        details: { connectionId },
      })
    return found as Values
  }

  const stepOf = async (step: RehearsalStep, flows: readonly FlowNode[], caller: Pick<Caller, 'capabilities'>): Promise<RehearsalStep> => {
    if (step.do === 'order') return step.origin?.from === 'sample' ? { ...step, order: await sampleOf(step.connectionId, 'workOrder') } : step
    if ((step.do !== 'give' && step.do !== 'send') || !step.origin) return step
    const { origin } = step
    if (origin.from === 'recorded') {
      const { value, at } = await recorded({ nodeId: step.nodeId, runId: origin.runId, seq: origin.seq }, caller)
      return { ...step, message: value, origin: { ...origin, ...(at === undefined ? {} : { at }) } }
    }
    const connection = flows.find(({ id }) => id === step.nodeId)?.connection
    const { subject, text, payload } = await sampleOf(typeof connection === 'string' ? connection : '', 'event')
    return { ...step, message: { payload, ...(subject === undefined ? {} : { topic: subject }), ...(text === undefined ? {} : { text }) } }
  }
  const answerOf = async (answer: RehearsalAnswer, nodeId: string, caller: Pick<Caller, 'capabilities'>): Promise<PlannedAnswer> => {
    switch (answer.from) {
      case 'given':
        return { from: 'given', message: asMessage(answer.value), output: answer.output ?? 0 }
      case 'failure':
        return { from: 'failure', message: {}, output: 0, text: answer.text }
      case 'sample':
        // a confirmation: its connection says what comes back
        return { from: 'sample', message: {}, output: 0 }
      case 'recorded': {
        const { runId, seq } = answer
        const { value, at, output } = await recorded({ nodeId, runId, seq }, caller)
        return { from: 'recorded', message: value, output: answer.output ?? output ?? 0, runId, ...(at === undefined ? {} : { at }) }
      }
      default:
        return answer satisfies never
    }
  }

  return {
    async resolve({ answers = {}, ...request }, caller) {
      const steps = await Promise.all(request.steps.map((step) => stepOf(step, request.flows as FlowNode[], caller)))
      const planned = await Promise.all(
        Object.entries(answers).map(async ([nodeId, list]) => [nodeId, await Promise.all(list.map((answer) => answerOf(answer, nodeId, caller)))] as const),
      )
      return { request: { ...request, steps }, answers: Object.fromEntries(planned) }
    },
    async keep(test, caller) {
      const answers = await Promise.all(
        Object.entries(test.answers).map(async ([nodeId, list]) => {
          const whole = await Promise.all(
            list.map(async (answer): Promise<RehearsalAnswer> => {
              if (answer.from !== 'recorded') return answer
              const { value, at, output } = await recorded({ nodeId, runId: answer.runId, seq: answer.seq }, caller)
              return { ...answer, value, ...(at === undefined ? {} : { at }), ...(output === undefined ? {} : { output }) }
            }),
          )
          return [nodeId, whole] as const
        }),
      )
      const steps = await Promise.all(
        test.steps.map((step) => ('origin' in step && step.origin?.from === 'recorded' ? stepOf(step, [], caller) : Promise.resolve(step))),
      )
      return { ...test, steps, answers: Object.fromEntries(answers) }
    },
  }
}

/** What a person wrote: a message where it is one, else its payload. */
function asMessage(value: unknown): Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'payload' in value ? (value as Values) : { payload: value }
}

/** A pin keeps its message longer than the history: whole, with what came along from before the node. */
function pinnedAt(pins: readonly RunPin[], { runId, seq }: Place): Pick<Recorded, 'value' | 'at' | 'output' | 'leftOut'> | undefined {
  const pin = pins.find((each) => each.runId === runId && each.seq === seq)
  if (typeof pin?.msg !== 'object' || pin.msg === null) return undefined
  const value = Object.fromEntries(Object.entries(pin.msg).filter(([name]) => !name.startsWith('_') && name !== 'req' && name !== 'res'))
  return { value, at: pin.at, output: pin.output, leftOut: [] }
}

/** Tests keep what was recorded: the history is trimmed. */
function keptIn(
  tests: readonly FlowTest[],
  { nodeId, runId, seq }: Place,
): { value: Values; at?: string | undefined; output?: number | undefined } | undefined {
  for (const { answers, steps } of tests) {
    for (const answer of (answers as RehearsalAnswers)[nodeId] ?? [])
      if (answer.from === 'recorded' && answer.runId === runId && answer.seq === seq && answer.value)
        return { value: answer.value, at: answer.at, output: answer.output }
    for (const step of steps) {
      if ((step.do !== 'give' && step.do !== 'send') || step.nodeId !== nodeId || step.origin?.from !== 'recorded' || !step.message) continue
      if (step.origin.runId === runId && step.origin.seq === seq) return { value: step.message, at: step.origin.at }
    }
  }
  return undefined
}
