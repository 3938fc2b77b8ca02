/** The job board over the API: queues in their order, who holds them, moving and retrying jobs, dead letters. */
import { type Static, Type } from 'typebox'
import { MachineId } from './machines.ts'
import { route } from './route.ts'
import { ReasonField } from './versions.ts'
import { Job, JobCause, JobPlan } from './work.ts'

const When = Type.String({ format: 'date-time' })
const tag = 'jobs'
const closed = { additionalProperties: false }
const JobParams = Type.Object({ jobId: Type.String({ maxLength: 100 }) })
/** `machine-<id>`, `flow`, `adapter` (to outside systems) or `maintenance`. */
const QueueName = Type.String({ pattern: '^(machine-[a-z0-9][a-z0-9-]{0,62}|flow|adapter|maintenance)$' })
const QueueParams = Type.Object({ queue: QueueName })

/** `held`: nothing new begins; `draining`: what waits is worked off and nothing new is taken. */
export const QueueMode = Type.Enum(['open', 'held', 'draining'])
const Rate = Type.Object({ jobs: Type.Integer({ minimum: 1, maximum: 100_000 }), seconds: Type.Number({ minimum: 0.1, maximum: 86_400 }) }, closed)
/** What becomes of the waiting jobs of a machine when one is broken off: nothing starts by itself either way. */
const AfterBreak = Type.Enum(['cancel', 'hold'])
const Why = Type.String({ maxLength: 300 })

/** How a queue is controlled. */
export const QueueControl = Type.Object({
  queue: Type.String(),
  mode: QueueMode,
  why: Type.Optional(Type.String()),
  by: Type.Optional(Type.String()),
  /** Since when it is held or draining. */
  since: Type.Optional(When),
  /** So many jobs may begin within so many seconds. */
  rate: Type.Optional(Rate),
  afterBreak: AfterBreak,
})
export type QueueControl = Static<typeof QueueControl>

/** A queue as a whole. */
export const JobQueue = Type.Object({
  ...QueueControl.properties,
  kind: Type.Enum(['machine', 'flow', 'adapter', 'maintenance']),
  machineId: Type.Optional(MachineId),
  /** The host that works it, when that is not the one that answers: the machine is wired there. */
  host: Type.Optional(Type.Object({ name: Type.String(), isSilent: Type.Boolean() })),
  /** The machine's name, or the kind. */
  name: Type.String(),
  waiting: Type.Integer(),
  active: Type.Array(Job),
  /** Failed or interrupted, and nobody has dealt with it. */
  dead: Type.Integer(),
  /** Waiting jobs that will miss their due date, as far as can be told, or have missed it. */
  late: Type.Integer(),
  /** When what runs should be done; of a machine only. */
  activeEndAt: Type.Optional(When),
  /** When all that waits should be done, if nothing holds it up (a held queue: if it were released now); absent while that is not known. */
  endAt: Type.Optional(When),
  /** Waiting jobs of which nobody knows how long they take. */
  unknown: Type.Integer(),
})
export type JobQueue = Static<typeof JobQueue>

/** A waiting job in its place. */
export const QueuedJob = Type.Object({
  ...Job.properties,
  /** 0 is next. */
  place: Type.Integer(),
  /** When it should begin and end, if nothing holds the queue up (a held queue: if it were released now). */
  startAt: Type.Optional(When),
  endAt: Type.Optional(When),
  isLate: Type.Boolean(),
})
export type QueuedJob = Static<typeof QueuedJob>

export const listQueues = route({
  id: 'listQueues',
  method: 'get',
  path: '/api/job-queues',
  access: 'jobs.view',
  tag,
  summary: 'Every queue: what runs, how much waits, when it should be done, who holds it.',
  response: Type.Array(JobQueue),
})
export const listQueue = route({
  id: 'listQueue',
  method: 'get',
  path: '/api/job-queues/:queue/jobs',
  access: 'jobs.view',
  tag,
  summary: 'The waiting jobs of a queue in their order, a page of them.',
  params: QueueParams,
  query: Type.Object({
    offset: Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0 }),
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
  }),
  response: Type.Object({ total: Type.Integer(), jobs: Type.Array(QueuedJob) }),
})
export const QueueChange = Type.Object(
  {
    mode: Type.Optional(QueueMode),
    /** Shown to everybody while it is held. */
    why: Type.Optional(Why),
    /** Null: as fast as it goes. */
    rate: Type.Optional(Type.Union([Rate, Type.Null()])),
    afterBreak: Type.Optional(AfterBreak),
    ...ReasonField,
  },
  closed,
)
export type QueueChange = Static<typeof QueueChange>
export const changeQueue = route({
  id: 'changeQueue',
  method: 'patch',
  path: '/api/job-queues/:queue',
  access: 'jobs.manage',
  tag,
  summary: 'Holds, releases or drains a queue, limits its rate. What runs goes on.',
  params: QueueParams,
  body: QueueChange,
  response: QueueControl,
  errors: ['machine-not-found'],
})

/** What a stop of a machine does to the jobs behind what runs. */
export const StopEffect = Type.Object({
  machineId: MachineId,
  queue: Type.String(),
  /** `cancel`: they are cancelled. `hold`: they stay, and their queue is held. */
  afterBreak: AfterBreak,
  waiting: Type.Integer(),
  /** The first of them, in their order. */
  first: Type.Array(Type.String()),
})
export type StopEffect = Static<typeof StopEffect>
export const listStopEffects = route({
  id: 'listStopEffects',
  method: 'get',
  path: '/api/stop-effects',
  access: 'jobs.view',
  tag,
  summary: 'Of machines behind whose program others wait: what becomes of those when it is stopped or fails.',
  response: Type.Array(StopEffect),
})

/** Where a waiting job goes. */
const Place = Type.Union([
  Type.Object({ to: Type.Enum(['first', 'last']) }, closed),
  Type.Object({ before: Type.String({ maxLength: 100 }) }, closed),
  Type.Object({ after: Type.String({ maxLength: 100 }) }, closed),
])
export type Place = Static<typeof Place>
export const placeJob = route({
  id: 'placeJob',
  method: 'post',
  path: '/api/jobs/:jobId/place',
  access: 'jobs.manage',
  tag,
  summary: 'Moves a waiting job within its queue. It takes on the priority of its new place.',
  params: JobParams,
  body: Place,
  response: Job,
  errors: ['job-not-found', 'job-not-waiting', 'other-queue'],
})
export const planJob = route({
  id: 'planJob',
  method: 'patch',
  path: '/api/jobs/:jobId',
  access: 'jobs.manage',
  tag,
  summary: 'Changes priority and times of a waiting job; null takes a time away.',
  params: JobParams,
  body: Type.Object(
    {
      priority: Type.Optional(Type.Integer({ minimum: -1000, maximum: 1000 })),
      dueAt: Type.Optional(Type.Union([When, Type.Null()])),
      notBefore: Type.Optional(Type.Union([When, Type.Null()])),
      deadlineAt: Type.Optional(Type.Union([When, Type.Null()])),
    },
    closed,
  ),
  response: Job,
  errors: ['job-not-found', 'job-not-waiting'],
})

/** A machine that a job could go to, and what speaks against it. */
export const MoveTarget = Type.Object({
  machineId: MachineId,
  name: Type.String(),
  isVirtual: Type.Boolean(),
  can: Type.Boolean(),
  /** Why not, or what to look at, in whole sentences. */
  reasons: Type.Array(Type.String()),
  estimateS: Type.Optional(Type.Number()),
  /** When it would begin there. */
  startAt: Type.Optional(When),
})
export type MoveTarget = Static<typeof MoveTarget>
export const listMoveTargets = route({
  id: 'listMoveTargets',
  method: 'get',
  path: '/api/jobs/:jobId/targets',
  access: 'jobs.view',
  tag,
  summary: 'The other machines, and whether each can run the program of a waiting job: its guard checks it there.',
  params: JobParams,
  response: Type.Array(MoveTarget),
  errors: ['job-not-found', 'job-not-waiting'],
})
export const moveJob = route({
  id: 'moveJob',
  method: 'post',
  path: '/api/jobs/:jobId/move',
  access: 'machines.operate',
  tag,
  summary: 'Moves a waiting program to the end of the queue of another machine that can run it.',
  params: JobParams,
  body: Type.Object({ machineId: MachineId }, closed),
  response: Job,
  errors: ['job-not-found', 'job-not-waiting', 'machine-cannot', 'guard-gone', 'queue-draining'],
})

const Kin = Type.Object({ id: Type.String(), name: Type.String(), kind: Job.properties.kind, queue: Type.String(), state: Job.properties.state })
/** A job with everything around it. */
export const JobDetails = Type.Object({
  job: Job,
  /** What a flow job was given; absent for whoever may not see messages. */
  payload: Type.Optional(Type.Unknown()),
  /** The key under which it is one job, however often it is asked for. */
  key: Type.Optional(Type.String()),
  whenBlockerFails: JobPlan.properties.whenBlockerFails,
  /** What it waits for, or waited for. */
  dependsOn: Type.Array(Kin),
  /** What waits for it. */
  dependents: Type.Array(Kin),
  parent: Type.Optional(Kin),
  /** What was asked for in its flow. */
  children: Type.Array(Kin),
  /** The job as which it was tried again. */
  retriedAs: Type.Optional(Kin),
})
export type JobDetails = Static<typeof JobDetails>
export type JobKin = Static<typeof Kin>
export const getJobDetails = route({
  id: 'getJobDetails',
  method: 'get',
  path: '/api/jobs/:jobId/details',
  access: 'jobs.view',
  tag,
  summary: 'A job with what it waits for, what waits for it, what was asked for in its flow, and what it was given (with "flows.messages").',
  params: JobParams,
  response: JobDetails,
  errors: ['job-not-found'],
})

export const retryJob = route({
  id: 'retryJob',
  method: 'post',
  path: '/api/jobs/:jobId/retry',
  access: 'jobs.manage',
  tag,
  summary: 'Queues a job again that ended badly: a program and a flow job as a new job, a confirmation under its own key. Programs need "machines.operate".',
  params: JobParams,
  response: Job,
  errors: ['job-not-found', 'job-not-ended', 'job-completed', 'job-retried', 'queue-draining'],
})
export const dismissJob = route({
  id: 'dismissJob',
  method: 'post',
  path: '/api/jobs/:jobId/dismiss',
  access: 'jobs.manage',
  tag,
  summary: 'Takes a failed job out of the dead letters, with the reason; it stays in the history.',
  params: JobParams,
  body: Type.Object({ why: Type.Optional(Why) }, { ...closed, default: {} }),
  response: Job,
  errors: ['job-not-found', 'job-not-dead'],
})

/** Which dead letters. */
const letterFilter = {
  queue: Type.Optional(QueueName),
  name: Type.Optional(Type.String({ maxLength: 200, description: 'Name of the job' })),
  cause: Type.Optional(JobCause),
  text: Type.Optional(Type.String({ maxLength: 200, description: 'Every word stands in name or reason' })),
}
export const LetterFilter = Type.Object(letterFilter, closed)
export type LetterFilter = Static<typeof LetterFilter>
export const listDeadLetters = route({
  id: 'listDeadLetters',
  method: 'get',
  path: '/api/dead-letters',
  access: 'jobs.view',
  tag,
  summary: 'Jobs that failed or were interrupted and that nobody has dealt with, newest first.',
  query: Type.Object({
    ...letterFilter,
    before: Type.Optional(Type.String({ maxLength: 100, description: 'Job id: only older ones' })),
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
  }),
  response: Type.Object({
    total: Type.Integer(),
    /** Of them by kind: programs make machines move when they are tried again. */
    kinds: Type.Object({ program: Type.Integer(), flow: Type.Integer(), confirmation: Type.Integer(), maintenance: Type.Integer() }),
    jobs: Type.Array(Job),
  }),
})
/** All jobs and causes that letters are of: the choices of a filter. */
export const LetterGroups = Type.Object({
  names: Type.Array(Type.Object({ name: Type.String(), queue: Type.String(), count: Type.Integer() })),
  causes: Type.Array(Type.Object({ cause: JobCause, count: Type.Integer() })),
})
export type LetterGroups = Static<typeof LetterGroups>
export const listLetterGroups = route({
  id: 'listLetterGroups',
  method: 'get',
  path: '/api/dead-letters/groups',
  access: 'jobs.view',
  tag,
  summary: 'What the dead letters are of: the most frequent names and causes.',
  response: LetterGroups,
})

/** A part of many dead letters is dealt with at a time; `after` says where the next part begins. */
const manyLetters = {
  filter: LetterFilter,
  /** Only what had ended by then: what a person has seen counted. */
  until: When,
  /** The id with which the last part ended. */
  after: Type.Optional(Type.String({ maxLength: 100 })),
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
}
export const LettersDone = Type.Object({
  done: Type.Integer(),
  /** What could not be done, and why; the first of each part. */
  refused: Type.Array(Type.Object({ jobId: Type.String(), name: Type.String(), why: Type.String() })),
  refusedTotal: Type.Integer(),
  /** Where the next part begins; absent when this was the last. */
  after: Type.Optional(Type.String()),
})
export type LettersDone = Static<typeof LettersDone>
export const retryLetters = route({
  id: 'retryLetters',
  method: 'post',
  path: '/api/dead-letters/retry',
  access: 'jobs.manage',
  tag,
  summary: 'Queues dead letters again, oldest first, a part of them at a time. Programs only where it is said, and with "machines.operate".',
  body: Type.Object(
    {
      ...manyLetters,
      /** Programs too: machines move when their turn comes. */
      mayMove: Type.Optional(Type.Boolean()),
    },
    closed,
  ),
  response: LettersDone,
  errors: ['not-allowed'],
})
export const dismissLetters = route({
  id: 'dismissLetters',
  method: 'post',
  path: '/api/dead-letters/dismiss',
  access: 'jobs.manage',
  tag,
  summary: 'Takes many jobs out of the dead letters, with the reason; they stay in the history.',
  body: Type.Object({ ...manyLetters, why: Type.String({ minLength: 1, maxLength: 300 }) }, closed),
  response: LettersDone,
})
export const enqueueFlowJob = route({
  id: 'enqueueFlowJob',
  method: 'post',
  path: '/api/flow-jobs',
  access: 'jobs.manage',
  tag,
  status: 201,
  summary: 'Queues a job for the "job in" node of that name.',
  body: Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 100 }),
      payload: Type.Optional(Type.Unknown()),
      /** The same key twice is one job. */
      idempotencyKey: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
      plan: Type.Optional(JobPlan),
    },
    closed,
  ),
  response: Job,
  errors: ['queue-draining', 'job-not-found'],
})
