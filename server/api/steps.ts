/** Open steps of orchestration nodes over the API: what a run waits for, who is asked, who has which named resource. Browser-safe. */
import { type Static, Type } from 'typebox'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const closed = { additionalProperties: false }

/** What a person is asked. */
export const StepAsk = Type.Object({
  title: Type.String({ maxLength: 200 }),
  /** What it is about and what an answer does, in words. */
  text: Type.Optional(Type.String({ maxLength: 2000 })),
  fields: Type.Array(
    Type.Object({
      key: Type.String({ maxLength: 40 }),
      label: Type.String({ maxLength: 60 }),
      kind: Type.Enum(['number', 'text']),
      unit: Type.Optional(Type.String({ maxLength: 20 })),
    }),
    { maxItems: 20 },
  ),
  choices: Type.Array(
    Type.Object({
      key: Type.String({ maxLength: 40 }),
      label: Type.String({ maxLength: 60 }),
      /** How it is drawn; `yes` alone needs the fields. */
      kind: Type.Enum(['yes', 'no', 'other']),
    }),
    { minItems: 1, maxItems: 6 },
  ),
  /** The right that an answer takes. */
  who: Type.Enum(['panel.press', 'machines.operate', 'flows.deploy']),
  /** People, by name, who may not answer: they did the work, or have answered already. */
  notBy: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { maxItems: 20 })),
  /** Choices that need a comment, by key. */
  needsComment: Type.Optional(Type.Array(Type.String({ maxLength: 40 }), { maxItems: 6 })),
  machineId: Type.Optional(Type.String({ maxLength: 100 })),
  deadline: Type.Optional(When),
  isEscalated: Type.Optional(Type.Boolean()),
})
export type StepAsk = Static<typeof StepAsk>

const StepOutcome = Type.Enum(['done', 'timed-out', 'failed', 'cancelled'])

/** One step: something that a run waits for, or waited for. */
export const StepView = Type.Object({
  id: Type.String(),
  runId: Type.String(),
  nodeId: Type.String(),
  nodeType: Type.String(),
  nodeName: Type.Optional(Type.String()),
  /** What has to come: a time, an event, an answer, a named resource, or what the step gave to the flow. */
  kind: Type.Enum(['time', 'event', 'person', 'lock', 'scope']),
  /** The step around it. */
  parentId: Type.Optional(Type.String()),
  state: Type.Enum(['waiting', 'ended']),
  outcome: Type.Optional(StepOutcome),
  /** What it waits for, or how it ended, in words. */
  text: Type.String(),
  since: When,
  dueAt: Type.Optional(When),
  endedAt: Type.Optional(When),
  /** Something of it is in the flow just now. */
  isOut: Type.Boolean(),
  /** Its node is not in the running flows: it goes on when the node is back, or a person ends it. */
  isNodeMissing: Type.Boolean(),
  /** Event or resource. */
  key: Type.Optional(Type.String()),
  ask: Type.Optional(StepAsk),
})
export type StepView = Static<typeof StepView>

const StepParams = Type.Object({ stepId: Type.String({ maxLength: 100 }) })

export const listSteps = route({
  id: 'listSteps',
  method: 'get',
  path: '/api/steps',
  access: 'runs.view',
  tag: 'steps',
  summary: 'What runs wait for: steps of one run (ended ones too), or all that are open, oldest first.',
  query: Type.Object({
    runId: Type.Optional(Type.String({ maxLength: 100 })),
    nodeId: Type.Optional(Type.String({ maxLength: 100 })),
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }),
  }),
  response: Type.Array(StepView),
})

export const getStep = route({
  id: 'getStep',
  method: 'get',
  path: '/api/steps/:stepId',
  access: 'flows.messages',
  tag: 'steps',
  summary: 'One step, with the message it keeps.',
  params: StepParams,
  response: Type.Object({ ...StepView.properties, message: Type.Unknown() }),
  errors: ['step-not-found'],
})

/** A question that waits for a person. */
export const WaitingAsk = Type.Object({
  stepId: Type.String(),
  runId: Type.String(),
  nodeId: Type.String(),
  since: When,
  ask: StepAsk,
})
export type WaitingAsk = Static<typeof WaitingAsk>

export const listAsks = route({
  id: 'listAsks',
  method: 'get',
  path: '/api/asks',
  access: 'machines.view',
  tag: 'steps',
  summary: 'What flows ask people, oldest first.',
  response: Type.Array(WaitingAsk),
})
export const answerAsk = route({
  id: 'answerAsk',
  method: 'post',
  path: '/api/asks/:stepId/answer',
  access: 'panel.press',
  tag: 'steps',
  summary: 'Answers a question of a flow. The first answer counts; the same answerId twice is one answer.',
  params: StepParams,
  body: Type.Object(
    {
      answerId: Type.String({ minLength: 8, maxLength: 60 }),
      choice: Type.String({ maxLength: 40 }),
      values: Type.Record(Type.String(), Type.Union([Type.String({ maxLength: 500 }), Type.Number()]), { default: {} }),
      comment: Type.Optional(Type.String({ maxLength: 1000 })),
    },
    closed,
  ),
  response: StepView,
  errors: ['step-not-found', 'answered-already', 'value-missing', 'not-allowed'],
})

export const endStep = route({
  id: 'endStep',
  method: 'post',
  path: '/api/steps/:stepId/end',
  access: 'jobs.manage',
  tag: 'steps',
  summary: 'Ends an open step, and those inside it, as cancelled: what waits there does not go on.',
  params: StepParams,
  body: Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500 }) }, closed),
  response: StepView,
  errors: ['step-not-found', 'step-ended'],
})

export const raiseEvent = route({
  id: 'raiseEvent',
  method: 'post',
  path: '/api/events/:name',
  access: 'jobs.manage',
  tag: 'steps',
  summary: 'Tells flows that something happened: every "wait for event" with this name and key goes on.',
  params: Type.Object({ name: Type.String({ minLength: 1, maxLength: 100 }) }),
  body: Type.Object({ key: Type.Optional(Type.String({ maxLength: 200 })), payload: Type.Optional(Type.Unknown()) }, closed),
  response: Type.Object({ woken: Type.Integer() }),
})

/** A named resource: who has it, and who waits. */
export const LockView = Type.Object({
  name: Type.String(),
  holder: Type.Optional(
    Type.Object({ stepId: Type.String(), runId: Type.String(), nodeName: Type.Optional(Type.String()), since: When, until: Type.Optional(When) }),
  ),
  /** Grows with each holder: a fence against one that had it before. */
  token: Type.Integer(),
  waiting: Type.Array(Type.Object({ stepId: Type.String(), runId: Type.String(), nodeName: Type.Optional(Type.String()), since: When })),
})
export type LockView = Static<typeof LockView>
export const listLocks = route({
  id: 'listLocks',
  method: 'get',
  path: '/api/locks',
  access: 'runs.view',
  tag: 'steps',
  summary: 'Named resources that flows share: who has each, and who waits for it.',
  response: Type.Array(LockView),
})
