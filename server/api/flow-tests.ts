/**
 * Tests that are kept with the flows, what they can be made of (earlier runs, samples, pins), and the rule that has them run
 * before a deploy. Browser-safe.
 */
import { type Static, Type } from 'typebox'
import { RehearsalAnswers, RehearsalExpectation, RehearsalRequest } from './rehearsal.ts'
import { route } from './route.ts'
import { ReasonField } from './versions.ts'

const When = Type.String({ format: 'date-time' })
const NodeId = Type.String({ minLength: 1, maxLength: 200 })
const closed = { additionalProperties: false }

/** A case that is kept with a flow: given these steps and answers, expect this. */
export const FlowTest = Type.Object(
  {
    id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
    name: Type.String({ minLength: 1, maxLength: 120 }),
    /** The tab it is about. */
    flowId: NodeId,
    steps: RehearsalRequest.properties.steps,
    answers: RehearsalAnswers,
    expect: Type.Array(RehearsalExpectation, { maxItems: 200 }),
  },
  closed,
)
export type FlowTest = Static<typeof FlowTest>

const FlowTestParams = Type.Object({ testId: FlowTest.properties.id })
export const listFlowTests = route({
  id: 'listFlowTests',
  method: 'get',
  path: '/api/flow-tests',
  access: 'flows.deploy',
  tag: 'rehearsal',
  summary: 'The tests that are kept with the flows.',
  response: Type.Array(FlowTest),
})
export const putFlowTest = route({
  id: 'putFlowTest',
  method: 'put',
  path: '/api/flow-tests/:testId',
  access: 'flows.deploy',
  tag: 'rehearsal',
  summary: 'Keeps a test, or changes it.',
  params: FlowTestParams,
  body: Type.Object({ ...Type.Omit(FlowTest, ['id']).properties, ...ReasonField }, closed),
  response: FlowTest,
})
export const removeFlowTest = route({
  id: 'removeFlowTest',
  method: 'delete',
  path: '/api/flow-tests/:testId',
  access: 'flows.deploy',
  tag: 'rehearsal',
  summary: 'Removes a test.',
  params: FlowTestParams,
  response: Type.Object({ ok: Type.Literal(true) }),
  errors: ['flow-test-not-found'],
})

/** How a test came out. */
export const FlowTestOutcome = Type.Object({
  id: Type.String(),
  name: Type.String(),
  flowId: Type.String(),
  /** `broken`: it could not be rehearsed at all. */
  state: Type.Enum(['waits', 'runs', 'passed', 'failed', 'broken']),
  /** Nothing that it depends on changed since it passed at that time: it was not run again. */
  passedAt: Type.Optional(When),
  /** Why it is broken, or how its rehearsal ended. */
  text: Type.Optional(Type.String()),
  /** What was not as expected; `found` without `flows.messages` is left out. */
  unmet: Type.Array(Type.Object({ expected: RehearsalExpectation, found: Type.Optional(Type.Unknown()) })),
  /** Steps that failed or were left out, by their place. */
  steps: Type.Array(Type.Object({ index: Type.Integer(), state: Type.Enum(['failed', 'left-out']), text: Type.String() })),
})
export type FlowTestOutcome = Static<typeof FlowTestOutcome>

/** Which tests are run before each deploy, and refuse it when they fail. */
export const FlowTestRule = Type.Object(
  {
    /** All tests of all flows. */
    shop: Type.Boolean(),
    /** The tests of these flows in any case. */
    flowIds: Type.Array(NodeId, { maxItems: 1000 }),
  },
  closed,
)
export type FlowTestRule = Static<typeof FlowTestRule>
export const getFlowTestRule = route({
  id: 'getFlowTestRule',
  method: 'get',
  path: '/api/flow-test-rule',
  access: 'flows.view',
  tag: 'rehearsal',
  summary: 'Which flow tests are run before each deploy.',
  response: FlowTestRule,
})
export const setFlowTestRule = route({
  id: 'setFlowTestRule',
  method: 'put',
  path: '/api/flow-test-rule',
  access: 'flows.untested',
  tag: 'rehearsal',
  summary: 'Says which flow tests are run before each deploy.',
  body: FlowTestRule,
  response: FlowTestRule,
})
export const stopFlowTests = route({
  id: 'stopFlowTests',
  method: 'post',
  path: '/api/flow-test-runs/:deployId/stop',
  access: 'flows.deploy',
  tag: 'rehearsal',
  summary: 'Gives up a deploy of one’s own while its tests run. Nothing was changed then.',
  params: Type.Object({ deployId: Type.String({ maxLength: 100 }) }),
  response: Type.Object({ ok: Type.Literal(true) }),
  errors: ['deploy-not-testing'],
})

/** Something that a node really sent in an earlier run. */
export const Recorded = Type.Object({
  runId: Type.String(),
  seq: Type.Integer(),
  at: When,
  /** Output of the node as it is wired now. */
  output: Type.Integer(),
  /** What the node set in the message: of a trigger all of it. */
  value: Type.Record(Type.String(), Type.Unknown()),
  /** The names of what was too large to be kept or secret: left out of `value`. */
  leftOut: Type.Array(Type.String()),
  isPinned: Type.Boolean(),
})
export type Recorded = Static<typeof Recorded>
export const listRecorded = route({
  id: 'listRecorded',
  method: 'get',
  path: '/api/recorded/:nodeId',
  access: 'flows.messages',
  tag: 'rehearsal',
  summary: 'What a node really sent in earlier runs, newest first: answers for its stand-in. Looks through a bounded part of the history; `before` goes on.',
  params: Type.Object({ nodeId: NodeId }),
  query: Type.Object({
    before: Type.Optional(Type.String({ maxLength: 64, description: 'Run id: only older ones' })),
    limit: Type.Integer({ minimum: 1, maximum: 50, default: 10 }),
  }),
  response: Type.Object({
    recorded: Type.Array(Recorded),
    /** Where the next part begins; absent at the end of the history. */
    before: Type.Optional(Type.String()),
  }),
})

/** Samples that are made from the schemas of a connection's connector: never real. */
export const ConnectionSamples = Type.Object({
  connectionId: Type.String(),
  name: Type.String(),
  connector: Type.String(),
  workOrder: Type.Optional(Type.Unknown()),
  event: Type.Optional(Type.Unknown()),
  confirmation: Type.Optional(Type.Unknown()),
})
export type ConnectionSamples = Static<typeof ConnectionSamples>
export const listSamples = route({
  id: 'listSamples',
  method: 'get',
  path: '/api/rehearsal-samples',
  access: 'flows.deploy',
  tag: 'rehearsal',
  summary: 'For each connection what its connector could bring or answer, made from the schemas it declares.',
  response: Type.Array(ConnectionSamples),
})

/** A case made of what really happened. Nothing is kept by asking for it. */
export const caseFromRun = route({
  id: 'caseFromRun',
  method: 'get',
  path: '/api/runs/:runId/case',
  access: 'flows.messages',
  tag: 'rehearsal',
  summary: 'Makes a flow test of a run: what began it, what people did, what other systems answered, and what came of it.',
  params: Type.Object({ runId: Type.String({ minLength: 1, maxLength: 64 }) }),
  response: Type.Object({
    startedAt: When,
    flowId: NodeId,
    steps: RehearsalRequest.properties.steps,
    answers: RehearsalAnswers,
    expect: Type.Array(RehearsalExpectation),
    /** What could not be taken over, in words. */
    notes: Type.Array(Type.String()),
  }),
  errors: ['run-not-found', 'message-not-kept'],
})
