/** Jobs, runs, the operator panel, work orders and connections over the API. */
import { type Static, Type } from 'typebox'
import { StartOptions } from '../../nodes/motion/program.ts'
import { MachineId } from './machines.ts'
import { route } from './route.ts'

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

export const Job = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['program', 'flow', 'confirmation']),
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
  progress: Type.Optional(Type.Object({ done: Type.Integer(), total: Type.Integer() })),
})
export type Job = Static<typeof Job>

const JobParams = Type.Object({ jobId: Type.String() })
export const listJobs = route({
  id: 'listJobs',
  method: 'get',
  path: '/api/jobs',
  access: 'jobs.view',
  tag: 'jobs',
  summary: 'Lists jobs, newest first.',
  query: Type.Object({ state: Type.Optional(JobState), machineId: Type.Optional(MachineId), limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }) }),
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
    },
    { additionalProperties: false },
  ),
  response: Job,
  errors: ['program-not-found', 'machine-not-found', 'lease-stale'],
})
export const cancelJob = route({
  id: 'cancelJob',
  method: 'post',
  path: '/api/jobs/:jobId/cancel',
  access: 'jobs.manage',
  tag: 'jobs',
  summary: 'Cancels a waiting job; an active machine job is stopped.',
  params: JobParams,
  response: Job,
  errors: ['job-ended'],
})

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
  outcome: Type.Enum(['received', 'completed', 'failed']),
  error: Type.Optional(Type.String()),
})
export const RunSummary = Type.Object({
  id: Type.String(),
  state: Type.Enum(['active', 'completed', 'failed', 'interrupted']),
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
export const listRuns = route({
  id: 'listRuns',
  method: 'get',
  path: '/api/runs',
  access: 'runs.view',
  tag: 'runs',
  summary: 'Lists runs, newest first.',
  query: Type.Object({
    before: Type.Optional(Type.String({ description: 'Run id: only older ones' })),
    state: Type.Optional(RunSummary.properties.state),
    limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  }),
  response: Type.Array(RunSummary),
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
  asks: Type.Array(Type.Object({ key: Type.String(), label: Type.String(), kind: Type.Enum(['number', 'text']), unit: Type.Optional(Type.String()) })),
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
      state: Type.Enum(['active', 'completed', 'failed', 'interrupted']),
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
      values: Type.Record(Type.String(), Type.Union([Type.String({ maxLength: 500 }), Type.Number()]), { default: {} }),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({ pressId: Type.String(), runId: Type.String() }),
  errors: ['button-gone', 'button-disabled', 'runtime-away', 'value-missing'],
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

/** A connection to an outside system. Secrets go in and never come out. */
export const Connection = Type.Object({
  id: Type.String(),
  name: Type.String(),
  connector: Type.String(),
  settings: Type.Record(Type.String(), Type.Unknown()),
  isEnabled: Type.Boolean(),
  state: Type.Enum(['starting', 'running', 'failing', 'off']),
  stateText: Type.Optional(Type.String()),
  /** Files or records that could not be taken, newest first, with the reason. */
  problems: Type.Array(Type.Object({ source: Type.String(), reason: Type.String(), at: When })),
})
export type Connection = Static<typeof Connection>
const ConnectionParams = Type.Object({ connectionId: Type.String() })
const ConnectionBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80 }),
    connector: Type.String(),
    settings: Type.Record(Type.String(), Type.Unknown()),
    secrets: Type.Optional(Type.Record(Type.String(), Type.String())),
    isEnabled: Type.Boolean({ default: true }),
  },
  { additionalProperties: false },
)
export const ConnectorInfo = Type.Object({
  id: Type.String(),
  label: Type.String(),
  summary: Type.String(),
  settings: Type.Unknown({ description: 'JSON Schema' }),
  secrets: Type.Array(Type.String()),
})
export const listConnectors = route({
  id: 'listConnectors',
  method: 'get',
  path: '/api/connectors',
  access: 'connections.view',
  tag: 'connections',
  summary: 'The kinds of outside system this product can connect.',
  response: Type.Array(ConnectorInfo),
})
export const listConnections = route({
  id: 'listConnections',
  method: 'get',
  path: '/api/connections',
  access: 'connections.view',
  tag: 'connections',
  summary: 'Lists connections.',
  response: Type.Array(Connection),
})
export const addConnection = route({
  id: 'addConnection',
  method: 'post',
  path: '/api/connections',
  access: 'connections.manage',
  tag: 'connections',
  summary: 'Adds a connection and starts it.',
  body: ConnectionBody,
  response: Connection,
  status: 201,
  errors: ['connection-name-taken'],
})
export const changeConnection = route({
  id: 'changeConnection',
  method: 'put',
  path: '/api/connections/:connectionId',
  access: 'connections.manage',
  tag: 'connections',
  summary: 'Changes a connection; omitted secrets stay.',
  params: ConnectionParams,
  body: ConnectionBody,
  response: Connection,
})
export const removeConnection = route({
  id: 'removeConnection',
  method: 'delete',
  path: '/api/connections/:connectionId',
  access: 'connections.manage',
  tag: 'connections',
  summary: 'Removes a connection; its work orders stay in the history.',
  params: ConnectionParams,
  response: Type.Object({ ok: Type.Literal(true) }),
})
