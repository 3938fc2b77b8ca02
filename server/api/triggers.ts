/** Triggers: what starts the flows, when next, and what came of it. */
import { type Static, Type } from 'typebox'
import { route } from './route.ts'
import { ReasonField } from './versions.ts'

const closed = { additionalProperties: false }
const When = Type.String({ format: 'date-time' })
const TriggerId = Type.String({ minLength: 1, maxLength: 200 })

/** One value that is entered when a trigger is fired by hand. */
export const TriggerField = Type.Object({
  key: Type.String(),
  label: Type.String(),
  kind: Type.Enum(['text', 'number', 'yes-no', 'date', 'choice']),
  unit: Type.Optional(Type.String()),
  isRequired: Type.Boolean(),
  choices: Type.Optional(Type.Array(Type.String())),
})
export type TriggerField = Static<typeof TriggerField>

/** One time that a trigger fired, or should have. */
export const TriggerFiring = Type.Object({
  id: Type.String(),
  /** `time`: by its schedule; `by-hand`; `itself`: an event or a condition. */
  cause: Type.Enum(['time', 'by-hand', 'itself']),
  /** `due`, `offered`: it waits for the flow runtime. `begun`: the flow took it. */
  state: Type.Enum(['due', 'offered', 'begun', 'skipped', 'failed']),
  dueAt: When,
  begunAt: Type.Optional(When),
  runId: Type.Optional(Type.String()),
  runState: Type.Optional(Type.Enum(['active', 'completed', 'failed', 'interrupted', 'cancelled'])),
  isLate: Type.Boolean(),
  by: Type.Optional(Type.String()),
  text: Type.Optional(Type.String()),
  /** Why it was skipped or failed. */
  reason: Type.Optional(Type.String()),
  /** How many due times it stands for, when there are several. */
  missed: Type.Optional(Type.Integer()),
})
export type TriggerFiring = Static<typeof TriggerFiring>

/** When a trigger fires, as its node is set. */
export const TriggerTimes = Type.Union([
  Type.Object({ kind: Type.Literal('cron'), pattern: Type.String() }),
  Type.Object({ kind: Type.Literal('interval'), every: Type.Number(), unit: Type.Enum(['seconds', 'minutes', 'hours', 'days', 'weeks']) }),
  Type.Object({ kind: Type.Literal('once'), at: Type.String() }),
  Type.Object({
    kind: Type.Literal('calendar'),
    moment: Type.Enum(['shift-start', 'shift-end', 'working-day', 'first-working-day', 'last-working-day', 'working-time']),
    shift: Type.Optional(Type.String()),
    offsetMin: Type.Number(),
    time: Type.Optional(Type.String()),
    everyMin: Type.Optional(Type.Number()),
  }),
])
export type TriggerTimes = Static<typeof TriggerTimes>

export const TriggerView = Type.Object({
  /** The node's id in the running flows. */
  id: TriggerId,
  kind: Type.Enum(['time', 'event', 'condition', 'manual']),
  name: Type.String(),
  flowId: Type.Optional(Type.String()),
  flowName: Type.Optional(Type.String()),
  /** What sets it off, or what will happen, in words. */
  about: Type.Optional(Type.String()),
  times: Type.Optional(TriggerTimes),
  /** Time zone of its schedule. */
  zone: Type.Optional(Type.String()),
  only: Type.Optional(Type.Enum(['always', 'working-time', 'working-days'])),
  missed: Type.Optional(Type.Enum(['skip', 'once', 'all'])),
  isOn: Type.Boolean(),
  switchedBy: Type.Optional(Type.String()),
  switchedAt: Type.Optional(When),
  /** The flow behind it acts on a machine. Told of one trigger, not in the list. */
  moves: Type.Optional(Type.Boolean()),
  /** The next five times while it is on; in the list the next one. */
  next: Type.Array(When),
  /** The last five firings, newest first; in the list the last one. */
  last: Type.Array(TriggerFiring),
  fields: Type.Array(TriggerField),
  /**
   * Why it does not fire: switched off, the flow runtime is away, the flows are stopped, its schedule has no more times,
   * or it simply has not happened yet.
   */
  silence: Type.Optional(Type.Enum(['off', 'runtime-away', 'flows-stopped', 'no-more-times', 'never-fired'])),
})
export type TriggerView = Static<typeof TriggerView>

const TriggerParams = Type.Object({ triggerId: TriggerId })

export const listTriggers = route({
  id: 'listTriggers',
  method: 'get',
  path: '/api/triggers',
  access: 'runs.view',
  tag: 'triggers',
  summary: 'Every trigger of the running flows, with its next time and its last firing.',
  response: Type.Array(TriggerView),
})
export const getTrigger = route({
  id: 'getTrigger',
  method: 'get',
  path: '/api/triggers/:triggerId',
  access: 'runs.view',
  tag: 'triggers',
  summary: 'One trigger and its firings, newest first.',
  params: TriggerParams,
  query: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }) }),
  response: Type.Object({ trigger: TriggerView, firings: Type.Array(TriggerFiring) }),
  errors: ['trigger-not-found'],
})
export const switchTrigger = route({
  id: 'switchTrigger',
  method: 'put',
  path: '/api/triggers/:triggerId',
  access: 'flows.deploy',
  tag: 'triggers',
  summary: 'Switches a trigger on or off. It stays so over deploys and restarts. What passes while it is off is not caught up.',
  params: TriggerParams,
  body: Type.Object({ isOn: Type.Boolean(), ...ReasonField }, closed),
  response: TriggerView,
  errors: ['trigger-not-found'],
})
export const fireTrigger = route({
  id: 'fireTrigger',
  method: 'post',
  path: '/api/triggers/:triggerId/fire',
  access: 'panel.press',
  tag: 'triggers',
  summary: 'Fires a trigger now. The same fireId twice is one firing. Others than manual triggers take the right to deploy flows as well.',
  params: TriggerParams,
  body: Type.Object(
    {
      fireId: Type.String({ minLength: 8, maxLength: 60 }),
      values: Type.Record(Type.String(), Type.Union([Type.String({ maxLength: 2000 }), Type.Number(), Type.Boolean()]), { default: {} }),
    },
    closed,
  ),
  response: TriggerFiring,
  errors: ['trigger-not-found', 'trigger-off', 'trigger-gone', 'runtime-away', 'value-missing', 'forbidden'],
})
export const previewTimes = route({
  id: 'previewTimes',
  method: 'post',
  path: '/api/triggers/preview',
  access: 'runs.view',
  tag: 'triggers',
  summary: 'The next times of a schedule that is being edited: the settings of a time trigger, and of the works calendar it refers to.',
  body: Type.Object(
    {
      config: Type.Record(Type.String(), Type.Unknown()),
      calendar: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      count: Type.Integer({ minimum: 1, maximum: 50, default: 5 }),
    },
    closed,
  ),
  response: Type.Object({
    next: Type.Array(When),
    zone: Type.String(),
    /** What is wrong with the settings, in words; there are then no times. */
    problem: Type.Optional(Type.String()),
  }),
})

/** A row of a condition, as it is now. */
export const ConditionRowNow = Type.Object({
  /** What it looks at; of tags only for those who may see what is in messages. */
  value: Type.Optional(Type.Unknown()),
  /**
   * Why it is not known: `never`: nothing was heard yet. `bad`: nobody can say just now. `stale`: older than it may be. `nothing`: there is
   * no such value or property. `message`: it is known when a message comes.
   */
  unknown: Type.Optional(Type.Enum(['never', 'bad', 'stale', 'nothing', 'message'])),
  /** Of a tag, when the other side said so; null where nobody knows. */
  at: Type.Optional(Type.Union([When, Type.Null()])),
  isTrue: Type.Optional(Type.Boolean()),
})
export type ConditionRowNow = Static<typeof ConditionRowNow>

export const previewCondition = route({
  id: 'previewCondition',
  method: 'post',
  path: '/api/triggers/preview-condition',
  access: 'runs.view',
  tag: 'triggers',
  summary: 'A condition that is being edited, with the values as they are now. Tags are asked for from then on: asked again a moment later, they are known.',
  body: Type.Object(
    { config: Type.Record(Type.String(), Type.Unknown()), /** Of the machine that its config node names. */ machineId: Type.Optional(Type.String()) },
    closed,
  ),
  response: Type.Object({
    rows: Type.Array(ConditionRowNow),
    /** Absent while it cannot be said: a value is not known, or an expression is part of it. */
    isTrue: Type.Optional(Type.Boolean()),
    problem: Type.Optional(Type.String()),
  }),
})
