/** Jobs, the operator panel, work orders and connections over the API. */
import { type Static, Type } from 'typebox'
import { StartOptions } from '../../nodes/motion/program.ts'
import { PanelField } from '../../nodes/operator/fields.ts'
import { MachineId } from './machines.ts'
import { route } from './route.ts'

export { type FieldFault, type FieldValue, judgeField, PanelField } from '../../nodes/operator/fields.ts'

const When = Type.String({ format: 'date-time' })
/** `waiting` in the queue; `interrupted`: a process died while the machine had it, a person must look. */
export const JobState = Type.Enum(['waiting', 'active', 'completed', 'failed', 'stopped', 'interrupted', 'cancelled'])
export type JobState = Static<typeof JobState>

/** What came of a machine job. */
export const ProgramOutcome = Type.Object({
  linesSent: Type.Integer(),
  linesAcknowledged: Type.Integer(),
  totalLines: Type.Integer(),
  durationMs: Type.Number(),
  /** Plain words: completed, stopped by whom, which line failed and why. */
  text: Type.String(),
  isPositionTrusted: Type.Boolean(),
})
export type ProgramOutcome = Static<typeof ProgramOutcome>

/**
 * Why a job ended badly: `flow-error` a node failed and nothing caught it; `flow-said` the flow ended it as failed; `no-taker` no
 * flow takes jobs of that name; `runtime-gone`, `gateway-gone` a process went away in the middle; `deadline`; `dependency` what it
 * depends on failed; `not-queued`; `guard-refused` before anything was sent; `machine` while the program ran; `system-refused` the
 * outside system does not take it; `task` the product's own regular work.
 */
export const JobCause = Type.Enum([
  'flow-error',
  'flow-said',
  'no-taker',
  'runtime-gone',
  'gateway-gone',
  'deadline',
  'dependency',
  'not-queued',
  'guard-refused',
  'machine',
  'system-refused',
  'task',
])
export type JobCause = Static<typeof JobCause>
export const Job = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['program', 'flow', 'confirmation', 'maintenance']),
  queue: Type.String(),
  name: Type.String(),
  state: JobState,
  machineId: Type.Optional(Type.String()),
  programId: Type.Optional(Type.String()),
  runId: Type.Optional(Type.String()),
  requestedBy: Type.String(),
  createdAt: When,
  startedAt: Type.Optional(When),
  endedAt: Type.Optional(When),
  /** Why it failed, was stopped or interrupted, in plain words. */
  reason: Type.Optional(Type.String()),
  outcome: Type.Optional(Type.Unknown()),
  progress: Type.Optional(
    Type.Object({ done: Type.Integer(), total: Type.Integer(), /** What is being done, in words. */ text: Type.Optional(Type.String()) }),
  ),
  /** Lowest first, 0 is usual. */
  priority: Type.Integer(),
  /** The flow node that asked for it. */
  nodeId: Type.Optional(Type.String()),
  /** When it should be done. */
  dueAt: Type.Optional(When),
  notBefore: Type.Optional(When),
  /** When it has not begun by then, it fails. */
  deadlineAt: Type.Optional(When),
  /** How many jobs it depends on have not completed. */
  blockedBy: Type.Optional(Type.Integer()),
  /** How often it was begun, when more than once. */
  attempts: Type.Optional(Type.Integer()),
  /** The job whose failure this one makes good. */
  retryOf: Type.Optional(Type.String()),
  /** When somebody dealt with its failure: tried it again, or put it aside. */
  handledAt: Type.Optional(When),
  handledBy: Type.Optional(Type.String()),
  /** Why it was put aside, in that person's words. */
  handledWhy: Type.Optional(Type.String()),
  /** Why it ended badly, for advice on what to do. */
  cause: Type.Optional(JobCause),
  /** The flow job in whose flow it was asked for. */
  parentJob: Type.Optional(Type.String()),
  /** How long it should take. */
  estimateS: Type.Optional(Type.Number()),
})
export type Job = Static<typeof Job>

/** When and in which order a job is to be done. */
export const JobPlan = Type.Object(
  {
    /** Lowest first, 0 is usual. */
    priority: Type.Optional(Type.Integer({ minimum: -1000, maximum: 1000 })),
    /** When it should be done; tells people. */
    dueAt: Type.Optional(When),
    notBefore: Type.Optional(When),
    /** When it has not begun by then, it fails. */
    deadlineAt: Type.Optional(When),
    /** Jobs that must have completed before. */
    dependsOn: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { maxItems: 100 })),
    /** What becomes of it when one of those does not complete: it waits for a person, fails too, or goes on. */
    whenBlockerFails: Type.Optional(Type.Enum(['wait', 'fail', 'go-on'])),
  },
  { additionalProperties: false },
)
export type JobPlan = Static<typeof JobPlan>

const JobParams = Type.Object({ jobId: Type.String() })
export const listJobs = route({
  id: 'listJobs',
  method: 'get',
  path: '/api/jobs',
  access: 'jobs.view',
  tag: 'jobs',
  summary: 'Lists jobs, newest first.',
  query: Type.Object({
    state: Type.Optional(JobState),
    machineId: Type.Optional(MachineId),
    queue: Type.Optional(Type.String({ maxLength: 100 })),
    isEnded: Type.Optional(Type.Boolean({ description: 'Only those that have ended, or only those that have not' })),
    before: Type.Optional(Type.String({ maxLength: 100, description: 'Job id: only what was asked for before it' })),
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
  }),
  response: Type.Array(Job),
})
export const getJob = route({
  id: 'getJob',
  method: 'get',
  path: '/api/jobs/:jobId',
  access: 'jobs.view',
  tag: 'jobs',
  summary: 'One job.',
  params: JobParams,
  response: Job,
})
export const startProgram = route({
  id: 'startProgram',
  method: 'post',
  path: '/api/jobs',
  access: 'machines.operate',
  tag: 'jobs',
  status: 201,
  summary: 'Queues a program for a machine. The machine moves when its turn comes.',
  body: Type.Object(
    {
      machineId: MachineId,
      programId: Type.String(),
      /** The same key twice is one job. */ idempotencyKey: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
      options: Type.Optional(StartOptions),
      /** Token of a lease that the caller holds. */
      lease: Type.Optional(Type.Integer()),
      plan: Type.Optional(JobPlan),
    },
    { additionalProperties: false },
  ),
  response: Job,
  errors: ['program-not-found', 'machine-not-found', 'lease-stale', 'queue-draining', 'job-not-found', 'disk-critical'],
})
/** A button that a flow put on the operator panel. */
export const PanelButton = Type.Object({
  nodeId: Type.String(),
  label: Type.String(),
  /** What will happen when it is pressed, in words. */
  says: Type.String(),
  color: Type.Enum(['normal', 'blue']),
  machineId: Type.Optional(Type.String()),
  /** Values to enter before pressing. */
  asks: Type.Array(PanelField),
  /** A form is opened to be filled in; a button is pressed. Absent: a button. */
  kind: Type.Optional(Type.Enum(['button', 'form'])),
  /** The right that a press takes. Absent: `panel.press`. */
  who: Type.Optional(Type.Enum(['panel.press', 'machines.operate', 'flows.deploy'])),
  /** How the machine must be: `standing`, or `idle` (stands ready, nobody uses it, interlocks safe). Absent: reachable and without alarm. */
  needs: Type.Optional(Type.Enum(['standing', 'idle'])),
  isEnabled: Type.Boolean(),
  /** Why it cannot be pressed, shown on it. */
  reason: Type.Optional(Type.String()),
  /** The waiting messages the next press will release, oldest first (e.g. one per work order). */
  waiting: Type.Array(Type.Object({ id: Type.String(), text: Type.String() })),
  /** What the run of the last press is doing. */
  lastPress: Type.Optional(
    Type.Object({
      pressId: Type.String(),
      runId: Type.Optional(Type.String()),
      at: When,
      by: Type.String(),
      state: Type.Enum(['active', 'completed', 'failed', 'interrupted', 'cancelled']),
      text: Type.Optional(Type.String()),
    }),
  ),
})
export type PanelButton = Static<typeof PanelButton>
export const listPanel = route({
  id: 'listPanel',
  method: 'get',
  path: '/api/panel',
  access: 'machines.view',
  tag: 'panel',
  summary: 'The buttons that running flows offer.',
  response: Type.Array(PanelButton),
})
export const pressButton = route({
  id: 'pressButton',
  method: 'post',
  path: '/api/panel/:nodeId/press',
  access: 'panel.press',
  tag: 'panel',
  summary: 'Presses a flow button. The same pressId twice is one press.',
  params: Type.Object({ nodeId: Type.String() }),
  body: Type.Object(
    {
      pressId: Type.String({ minLength: 8, maxLength: 60 }),
      waitingId: Type.Optional(Type.String()),
      values: Type.Record(Type.String(), Type.Union([Type.String({ maxLength: 2000 }), Type.Number(), Type.Boolean()]), { default: {} }),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({ pressId: Type.String(), runId: Type.String() }),
  errors: ['button-gone', 'button-disabled', 'not-allowed', 'runtime-away', 'value-missing'],
})

/** One order to make parts, as the ERP side gave it. */
export const WorkOrder = Type.Object({
  /** The ERP's number. */
  number: Type.String({ minLength: 1, maxLength: 64 }),
  part: Type.String({ minLength: 1, maxLength: 120 }),
  revision: Type.Optional(Type.String({ maxLength: 40 })),
  quantity: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  /** ISO date, shop time. */
  dueDate: Type.Optional(Type.String({ maxLength: 40 })),
  /** Program name in the program library. */
  program: Type.Optional(Type.String({ maxLength: 200 })),
  material: Type.Optional(Type.String({ maxLength: 120 })),
})
export type WorkOrder = Static<typeof WorkOrder>
export const WorkOrderView = Type.Object({
  id: Type.String(),
  connectionId: Type.String(),
  order: WorkOrder,
  source: Type.String(),
  state: Type.Enum(['new', 'delivered', 'confirmed', 'refused']),
  receivedAt: When,
  confirmationFile: Type.Optional(Type.String()),
})
export type WorkOrderView = Static<typeof WorkOrderView>
export const listWorkOrders = route({
  id: 'listWorkOrders',
  method: 'get',
  path: '/api/work-orders',
  access: 'jobs.view',
  tag: 'connections',
  summary: 'Work orders received, newest first.',
  query: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }) }),
  response: Type.Array(WorkOrderView),
})
