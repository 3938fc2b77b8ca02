/**
 * What the product can tell people and other programs: one catalogue. Each kind says how much it matters, who may hear of it, and what
 * facts it carries; rules, mails, browser push, webhooks and the OpenAPI document follow from it. Browser-safe.
 */
import { type Static, type TSchema, Type } from 'typebox'
import type { Capability } from './access.ts'
import { route } from './route.ts'
import { OverBudget } from './space.ts'

const When = Type.String({ format: 'date-time' })
const tag = 'notifications'

/** From what may wait to what somebody has to see to now. */
export const EVENT_SEVERITIES = ['info', 'warning', 'alarm'] as const
export const Severity = Type.Enum([...EVENT_SEVERITIES])
export type Severity = (typeof EVENT_SEVERITIES)[number]

export const EVENT_GROUPS = ['machines', 'jobs', 'quality', 'connections', 'flows', 'system', 'people'] as const
export type EventGroup = (typeof EVENT_GROUPS)[number]

interface EventKind {
  group: EventGroup
  severity: Severity
  /** Who has lost it hears nothing of this kind any more. */
  sees: Capability
  /** For programs that receive it. */
  means: string
  data: TSchema
}

const machine = { machineId: Type.String(), machine: Type.String({ description: 'What the machine is called.' }) }
const job = {
  jobId: Type.String(),
  kind: Type.Enum(['program', 'flow', 'confirmation', 'maintenance']),
  name: Type.String({ description: 'The program, the flow job, or what was to be confirmed.' }),
  machineId: Type.Optional(Type.String()),
  machine: Type.Optional(Type.String()),
  runId: Type.Optional(Type.String()),
  endedAt: When,
}
const reason = Type.Optional(Type.String())
const connection = { connectionId: Type.String(), connection: Type.String({ description: 'What the connection is called.' }) }
const version = { versionId: Type.String(), number: Type.Integer(), by: Type.String(), comment: Type.Optional(Type.String()) }

/** Names are stored, and other programs wait for them: one that was released stays. */
export const EVENTS = {
  'machine.alarm': {
    group: 'machines',
    severity: 'alarm',
    sees: 'machines.view',
    means: 'A machine is in alarm.',
    data: Type.Object({ ...machine, text: Type.String(), whatToDo: Type.Optional(Type.String()) }),
  },
  'machine.alarm-over': { group: 'machines', severity: 'info', sees: 'machines.view', means: 'An alarm of a machine is over.', data: Type.Object(machine) },
  'machine.link-lost': {
    group: 'machines',
    severity: 'alarm',
    sees: 'machines.view',
    means: 'Nobody sees a machine: its link is lost, or its guard is not running.',
    data: Type.Object({ ...machine, what: Type.Enum(['link', 'guard']) }),
  },
  'machine.link-back': { group: 'machines', severity: 'info', sees: 'machines.view', means: 'A machine is seen again.', data: Type.Object(machine) },
  'machine.waits': {
    group: 'machines',
    severity: 'warning',
    sees: 'machines.view',
    means: 'A program waits for a person at the machine.',
    data: Type.Object({ ...machine, text: Type.String() }),
  },
  'message.shown': {
    group: 'machines',
    severity: 'warning',
    sees: 'machines.view',
    means: 'A flow shows a message on the operator panels.',
    data: Type.Object({
      messageId: Type.String(),
      priority: Type.Enum(['alarm', 'warning', 'action', 'info']),
      title: Type.String(),
      text: Type.Optional(Type.String()),
      machineId: Type.Optional(Type.String()),
      machine: Type.Optional(Type.String()),
    }),
  },
  'job.ended': { group: 'jobs', severity: 'info', sees: 'jobs.view', means: 'A program ran to its end.', data: Type.Object(job) },
  'job.failed': { group: 'jobs', severity: 'warning', sees: 'jobs.view', means: 'A job failed.', data: Type.Object({ ...job, reason }) },
  'job.interrupted': {
    group: 'jobs',
    severity: 'warning',
    sees: 'jobs.view',
    means: 'A job was broken off, and nothing starts it again by itself.',
    data: Type.Object({ ...job, reason }),
  },
  'job.stopped': {
    group: 'jobs',
    severity: 'info',
    sees: 'jobs.view',
    means: 'A person stopped or cancelled a program.',
    data: Type.Object({ ...job, reason }),
  },
  'run.failed': {
    group: 'flows',
    severity: 'warning',
    sees: 'runs.view',
    means: 'A run of a flow failed or was interrupted.',
    data: Type.Object({
      runId: Type.String(),
      state: Type.Enum(['failed', 'interrupted']),
      flow: Type.Optional(Type.String()),
      summary: Type.Optional(Type.String()),
    }),
  },
  'flow.asks': {
    group: 'flows',
    severity: 'warning',
    sees: 'machines.view',
    means: 'A flow waits for the answer of a person.',
    data: Type.Object({ stepId: Type.String(), runId: Type.String(), text: Type.String(), node: Type.Optional(Type.String()) }),
  },
  'trigger.missed': {
    group: 'flows',
    severity: 'warning',
    sees: 'runs.view',
    means: 'A trigger did not fire when it should have.',
    data: Type.Object({ triggerId: Type.String(), trigger: Type.String(), dueAt: When, missed: Type.Integer() }),
  },
  'deploy.done': { group: 'flows', severity: 'info', sees: 'flows.view', means: 'Flows were deployed.', data: Type.Object(version) },
  'deploy.failed': { group: 'flows', severity: 'warning', sees: 'flows.view', means: 'A deploy failed.', data: Type.Object(version) },
  'quality.signal': {
    group: 'quality',
    severity: 'warning',
    sees: 'quality.view',
    means: 'A measurement is out of its control limits or its tolerance.',
    data: Type.Object({
      signalId: Type.String(),
      characteristicId: Type.String(),
      characteristic: Type.String(),
      chart: Type.String(),
      rule: Type.String(),
      text: Type.String(),
      value: Type.Number(),
    }),
  },
  'quality.nonconformance': {
    group: 'quality',
    severity: 'warning',
    sees: 'quality.view',
    means: 'A nonconformance report was opened.',
    data: Type.Object({ documentId: Type.String(), number: Type.String(), openedBy: Type.String(), machineId: Type.Optional(Type.String()) }),
  },
  'gauge.due': {
    group: 'quality',
    severity: 'warning',
    sees: 'quality.view',
    means: 'A gauge has to be calibrated, or did not pass.',
    data: Type.Object({
      gaugeId: Type.String(),
      gauge: Type.String(),
      state: Type.Enum(['due-soon', 'overdue', 'failed']),
      dueOn: Type.Optional(Type.String()),
    }),
  },
  'connection.lost': {
    group: 'connections',
    severity: 'warning',
    sees: 'connections.view',
    means: 'A connection to an outside system is broken.',
    data: Type.Object({ ...connection, reason }),
  },
  'connection.back': { group: 'connections', severity: 'info', sees: 'connections.view', means: 'A connection works again.', data: Type.Object(connection) },
  'disk.low': {
    group: 'system',
    severity: 'alarm',
    sees: 'system.view',
    means: 'The disk is nearly full, or full.',
    data: Type.Object({ path: Type.String(), freeBytes: Type.Number(), state: Type.Enum(['low', 'critical', 'full']) }),
  },
  'disk.ok': {
    group: 'system',
    severity: 'info',
    sees: 'system.view',
    means: 'The disk has room again.',
    data: Type.Object({ path: Type.String(), freeBytes: Type.Number() }),
  },
  'space.over': {
    group: 'system',
    severity: 'warning',
    sees: 'system.view',
    means: 'The database, journals or logs take more than they may, and there is nothing left that may be deleted.',
    data: OverBudget,
  },
  'backup.failed': {
    group: 'system',
    severity: 'alarm',
    sees: 'system.view',
    means: 'A back-up failed.',
    data: Type.Object({ target: Type.String(), reason: Type.String() }),
  },
  'certificate.ends': {
    group: 'system',
    severity: 'warning',
    sees: 'system.view',
    means: 'The certificate of this server ends soon, or could not be read anew.',
    data: Type.Object({ endsAt: When, names: Type.Array(Type.String()), trouble: Type.Optional(Type.String()) }),
  },
  'process.unstable': {
    group: 'system',
    severity: 'alarm',
    sees: 'system.view',
    means: 'A process of the product ends again and again.',
    data: Type.Object({ process: Type.String(), restarts: Type.Integer() }),
  },
  'process.safe-mode': {
    group: 'system',
    severity: 'alarm',
    sees: 'system.view',
    means: 'The flows do not run: the flow runtime is in safe mode.',
    data: Type.Object({}),
  },
  'sign-in.new-device': {
    group: 'people',
    severity: 'info',
    sees: 'audit.view',
    means: 'Somebody signed in from an address that was not theirs before.',
    data: Type.Object({ userName: Type.String(), person: Type.String(), address: Type.String() }),
  },
  test: {
    group: 'system',
    severity: 'info',
    sees: 'machines.view',
    means: 'A person tries out whether notifications arrive.',
    data: Type.Object({ by: Type.String() }),
  },
} as const satisfies Record<string, EventKind>

export type EventType = keyof typeof EVENTS
export const EVENT_TYPES = Object.keys(EVENTS) as EventType[]
/** All that rules and people choose from: trying out is nothing that happens. */
export const TOLD_TYPES = EVENT_TYPES.filter((type) => type !== 'test')
export type EventData<T extends EventType> = Static<(typeof EVENTS)[T]['data']>
/** A name of the catalogue; not one of an older or newer version. */
export const isEventType = (type: string): type is EventType => Object.hasOwn(EVENTS, type)

export const EventTypeName = Type.Enum(EVENT_TYPES)
export const ToldTypeName = Type.Enum(TOLD_TYPES)

/** How something went out, or did not. `dropped`: nobody was to have it any more. */
export const DELIVERY_STATES = ['waiting', 'sent', 'dead', 'dropped'] as const
export const CHANNELS = ['mail', 'push', 'webhook', 'connection'] as const
export type Channel = (typeof CHANNELS)[number]

export const NotificationEvent = Type.Object({
  id: Type.String(),
  type: EventTypeName,
  severity: Severity,
  at: When,
  data: Type.Record(Type.String(), Type.Unknown()),
})
export type NotificationEvent = Static<typeof NotificationEvent>

export const Delivery = Type.Object({
  id: Type.String(),
  event: NotificationEvent,
  channel: Type.Enum([...CHANNELS]),
  /** Whom it is for, in words. */
  to: Type.String(),
  state: Type.Enum([...DELIVERY_STATES]),
  attempts: Type.Integer(),
  /** When it is tried next, while it waits. */
  nextAt: Type.Optional(When),
  /** Of HTTP, or of SMTP. */
  status: Type.Optional(Type.Integer()),
  /** Why it did not arrive, in the other side's words where it gave some. */
  error: Type.Optional(Type.String()),
  createdAt: When,
  endedAt: Type.Optional(When),
})
export type Delivery = Static<typeof Delivery>

export const listDeliveries = route({
  id: 'listDeliveries',
  method: 'get',
  path: '/api/notifications/deliveries',
  access: 'system.view',
  tag,
  summary: 'What was told to whom, and how it went; newest first.',
  query: Type.Object(
    {
      state: Type.Optional(Type.Enum([...DELIVERY_STATES])),
      channel: Type.Optional(Type.Enum([...CHANNELS])),
      webhookId: Type.Optional(Type.String({ maxLength: 100 })),
      limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
    },
    { additionalProperties: false },
  ),
  response: Type.Array(Delivery),
})
export const sendAgain = route({
  id: 'sendAgain',
  method: 'post',
  path: '/api/notifications/deliveries/:deliveryId/again',
  access: 'system.manage',
  tag,
  summary: 'Sends once more what was given up.',
  params: Type.Object({ deliveryId: Type.String({ maxLength: 100 }) }),
  response: Delivery,
  errors: ['delivery-not-found', 'delivery-not-dead'],
})
