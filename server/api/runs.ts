/** The run history over the API: what triggers set off, step by step, and what the messages held. */
import { type Static, Type } from 'typebox'
import { MessageCut } from './activity.ts'
import { FlowNode } from './flows.ts'
import { route } from './route.ts'
import { ReasonField } from './versions.ts'

const When = Type.String({ format: 'date-time' })
const closed = { additionalProperties: false }

/** One hop: a message reached a node, and what came of it. */
export const Hop = Type.Object({
  seq: Type.Integer(),
  nodeId: Type.String(),
  nodeType: Type.String(),
  nodeName: Type.Optional(Type.String()),
  /** Node the message came from; absent for the trigger. */
  from: Type.Optional(Type.String()),
  /** Milliseconds since the run began. */
  atMs: Type.Number(),
  /** When the node said that it was done, in the same measure; some never say so. */
  doneMs: Type.Optional(Type.Number()),
  outcome: Type.Enum(['received', 'completed', 'failed']),
  error: Type.Optional(Type.String()),
  /** Of the payload: characters of a text, bytes of binary data; of other values about as many as they are in JSON, where they were kept. */
  bytes: Type.Optional(Type.Integer()),
  /** What the message held is kept: `whole` can be sent again, `part` was cut or holds something secret. */
  message: Type.Optional(Type.Enum(['whole', 'part'])),
})
export const RunSummary = Type.Object({
  id: Type.String(),
  /** `cancelled`: a person ended it. */
  state: Type.Enum(['active', 'completed', 'failed', 'interrupted', 'cancelled']),
  trigger: Type.Object({
    nodeId: Type.String(),
    nodeType: Type.String(),
    nodeName: Type.Optional(Type.String()),
    flowId: Type.Optional(Type.String()),
    flowName: Type.Optional(Type.String()),
  }),
  startedAt: When,
  endedAt: Type.Optional(When),
  hops: Type.Integer(),
  /** Plain words: what happened. */
  summary: Type.Optional(Type.String()),
  /** True when the run was ended by silence because a node never said it was done. */
  endedBySettling: Type.Boolean(),
  /** Plain words: what the run waits for. It goes on after restarts. */
  waitsFor: Type.Optional(Type.String()),
  /** The run whose message was sent again. */
  replayOf: Type.Optional(Type.String()),
})
export type RunSummary = Static<typeof RunSummary>
/** Something outside the flow that the run caused or met. */
export const RunLink = Type.Object({
  kind: Type.Enum(['job', 'program', 'confirmation', 'workOrder', 'press', 'measurement', 'process']),
  id: Type.String(),
  text: Type.String(),
  at: When,
})
export const Run = Type.Object({ ...RunSummary.properties, detail: Type.Array(Hop), links: Type.Array(RunLink) })
export type Run = Static<typeof Run>

const RunId = Type.String({ minLength: 1, maxLength: 64 })
const RunParams = Type.Object({ runId: RunId })
const Seq = Type.Integer({ minimum: 0, maximum: 1_000_000 })

/** What runs are looked for. */
const filters = {
  state: Type.Optional(RunSummary.properties.state),
  flowId: Type.Optional(Type.String({ maxLength: 64, description: 'Id of the tab of the trigger' })),
  trigger: Type.Optional(Type.String({ maxLength: 64, description: 'Id of the node that began the run' })),
  job: Type.Optional(Type.String({ maxLength: 64, description: 'Id of a job: runs that asked for it, or in which it was done' })),
  from: Type.Optional(Type.String({ format: 'date-time', description: 'Begun at this time or later' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Begun before this time' })),
  before: Type.Optional(Type.String({ maxLength: 64, description: 'Run id: only older ones' })),
}
export const listRuns = route({
  id: 'listRuns',
  method: 'get',
  path: '/api/runs',
  access: 'runs.view',
  tag: 'runs',
  summary: 'Lists runs, newest first.',
  query: Type.Object({ ...filters, limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }) }),
  response: Type.Array(RunSummary),
})
export const searchRuns = route({
  id: 'searchRuns',
  method: 'get',
  path: '/api/runs/search',
  access: 'runs.view',
  tag: 'runs',
  summary:
    'Finds runs by words in trigger, flow and what happened, newest first. Looks through a bounded part of the history at a time: `before` goes on from there.',
  query: Type.Object({
    ...filters,
    text: Type.Optional(Type.String({ maxLength: 200, description: 'Every word must stand somewhere' })),
    limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  }),
  response: Type.Object({
    runs: Type.Array(RunSummary),
    /** Where the next part begins; absent at the end of the history. */
    before: Type.Optional(Type.String()),
    /** So far back was looked. */
    lookedBackTo: Type.Optional(When),
  }),
})
export const listRunTriggers = route({
  id: 'listRunTriggers',
  method: 'get',
  path: '/api/runs/triggers',
  access: 'runs.view',
  tag: 'runs',
  summary: 'What began the last thousand runs: the choices of a filter.',
  response: Type.Array(
    Type.Object({
      nodeId: Type.String(),
      nodeType: Type.String(),
      nodeName: Type.Optional(Type.String()),
      flowId: Type.Optional(Type.String()),
      flowName: Type.Optional(Type.String()),
      runs: Type.Integer(),
    }),
  ),
})
export const listRunFlows = route({
  id: 'listRunFlows',
  method: 'get',
  path: '/api/runs/flows',
  access: 'runs.view',
  tag: 'runs',
  summary: 'Flows (tabs) that runs began in, the one that ran last first: the choices of a filter.',
  response: Type.Array(Type.Object({ flowId: Type.String(), flowName: Type.Optional(Type.String()), lastAt: When })),
})
export const getRun = route({
  id: 'getRun',
  method: 'get',
  path: '/api/runs/:runId',
  access: 'runs.view',
  tag: 'runs',
  summary: 'One run with its hops and what it caused.',
  params: Type.Object({ runId: Type.String() }),
  response: Run,
  errors: ['run-not-found'],
})

/** What a run looked like on the canvas. */
export const RunFlow = Type.Object({
  /** The deployed version that ran. */
  versionId: Type.Optional(Type.String()),
  deployedAt: Type.Optional(When),
  /** It is the one that runs now. */
  isCurrent: Type.Boolean(),
  /** Tabs and nodes of the tabs that the run came through, without their settings. */
  nodes: Type.Array(FlowNode),
})
export type RunFlow = Static<typeof RunFlow>
export const getRunFlow = route({
  id: 'getRunFlow',
  method: 'get',
  path: '/api/runs/:runId/flow',
  access: 'runs.view',
  tag: 'runs',
  summary: 'The flow as it was deployed when the run began: places, names and wires, no settings.',
  params: RunParams,
  response: RunFlow,
  errors: ['run-not-found'],
})

/** What a step was given. */
export const StepMessage = Type.Object({
  seq: Seq,
  /** Without secrets; parts may be left out (`cuts`). */
  msg: Type.Unknown(),
  cuts: Type.Array(MessageCut),
  bytes: Type.Integer(),
  /** It is the message as it was, and may be sent again. */
  isWhole: Type.Boolean(),
})
export type StepMessage = Static<typeof StepMessage>
export const getRunMessages = route({
  id: 'getRunMessages',
  method: 'get',
  path: '/api/runs/:runId/messages',
  access: 'flows.messages',
  tag: 'runs',
  summary: 'What the steps of a run were given, as far as it is kept; `seq` asks for single ones.',
  params: RunParams,
  query: Type.Object({ seq: Type.Optional(Type.String({ pattern: '^\\d{1,7}(,\\d{1,7}){0,99}$', description: 'Numbers of hops, with commas between' })) }),
  response: Type.Array(StepMessage),
  errors: ['run-not-found'],
})
export const exportRun = route({
  id: 'exportRun',
  method: 'get',
  path: '/api/runs/:runId/export',
  access: 'flows.messages',
  tag: 'runs',
  summary: 'Everything kept of a run, to be handed on: hops, links, messages and the flow as it was drawn.',
  params: RunParams,
  response: Type.Object({ format: Type.Literal('cellwright-run'), version: Type.Literal(1), run: Run, messages: Type.Array(StepMessage), flow: RunFlow }),
  errors: ['run-not-found'],
})
export const replayRun = route({
  id: 'replayRun',
  method: 'post',
  path: '/api/runs/:runId/replay',
  access: 'flows.deploy',
  tag: 'runs',
  status: 201,
  summary: 'Sends a kept message of a run again, in a run of its own: what its trigger sent, or what one step (a failed one) was given.',
  params: RunParams,
  body: Type.Object(
    {
      /** The step to begin at; without it the run begins anew. */
      seq: Type.Optional(Seq),
      /** A person has agreed that machines may move. */
      mayMove: Type.Optional(Type.Boolean()),
    },
    closed,
  ),
  response: Type.Object({ runId: Type.String() }),
  errors: ['run-not-found', 'message-not-kept', 'message-not-whole', 'node-gone', 'motion-ahead', 'runtime-away'],
})

/** A message that an output is taken to send in a rehearsal. */
export const RunPin = Type.Object({
  nodeId: Type.String(),
  output: Type.Integer(),
  msg: Type.Unknown(),
  runId: Type.Optional(Type.String()),
  seq: Type.Optional(Type.Integer()),
  by: Type.String(),
  at: When,
})
export type RunPin = Static<typeof RunPin>
const PinParams = Type.Object({ nodeId: Type.String({ minLength: 1, maxLength: 64 }) })
export const listRunPins = route({
  id: 'listRunPins',
  method: 'get',
  path: '/api/run-pins',
  access: 'flows.messages',
  tag: 'runs',
  summary: 'Outputs that are pinned for rehearsals.',
  response: Type.Array(RunPin),
})
export const pinStep = route({
  id: 'pinStep',
  method: 'put',
  path: '/api/run-pins/:nodeId',
  access: 'flows.deploy',
  tag: 'runs',
  summary: 'Pins what a node sent in a run, for rehearsals: the message that the step `seq` was given.',
  params: PinParams,
  body: Type.Object({ runId: RunId, seq: Seq, output: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })) }, closed),
  response: RunPin,
  errors: ['run-not-found', 'message-not-kept', 'message-not-whole'],
})
export const unpinStep = route({
  id: 'unpinStep',
  method: 'delete',
  path: '/api/run-pins/:nodeId',
  access: 'flows.deploy',
  tag: 'runs',
  summary: 'Takes the pins of a node away.',
  params: PinParams,
  response: Type.Object({ ok: Type.Literal(true) }),
})

/** How much of the history is kept: whatever is reached first counts, messages apart from runs. */
export const RetentionLimits = Type.Object(
  {
    maxAgeDays: Type.Integer({ minimum: 1, maximum: 3650 }),
    maxRuns: Type.Integer({ minimum: 100, maximum: 10_000_000 }),
    /** Of runs with their steps, about. */
    maxMb: Type.Integer({ minimum: 10, maximum: 1_000_000 }),
    /** Of what steps were given; 0 keeps none. */
    maxMessageMb: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
  },
  closed,
)
export type RetentionLimits = Static<typeof RetentionLimits>
export const RetentionView = Type.Object({
  limits: RetentionLimits,
  /** What the settings of the installation say. */
  usual: RetentionLimits,
  /** Who has set others than those, and when. */
  setBy: Type.Optional(Type.String()),
  setAt: Type.Optional(When),
  /** What is kept now. */
  holds: Type.Object({ runs: Type.Integer(), oldestAt: Type.Optional(When), mb: Type.Number(), messageMb: Type.Number() }),
})
export type RetentionView = Static<typeof RetentionView>
export const getRetention = route({
  id: 'getRetention',
  method: 'get',
  path: '/api/run-retention',
  access: 'runs.view',
  tag: 'runs',
  summary: 'How much of the run history is kept, and how much there is.',
  response: RetentionView,
})
export const setRetention = route({
  id: 'setRetention',
  method: 'put',
  path: '/api/run-retention',
  access: 'system.manage',
  tag: 'runs',
  summary: 'Sets how much of the run history is kept, by age, number and bytes; null goes back to the settings of the installation. What is beyond is removed.',
  body: Type.Object({ limits: Type.Union([RetentionLimits, Type.Null()]), ...ReasonField }, closed),
  response: RetentionView,
})
