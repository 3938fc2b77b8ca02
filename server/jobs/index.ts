/** Jobs: rows in PostgreSQL, dispatched by BullMQ. `createJobs` is what the gateway's composition root calls. */
import { UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcHandlers } from '../../base/rpc.ts'
import {
  getJob,
  type Job,
  type JobQueue,
  listJobs as listJobsRoute,
  type QueueChange,
  type QueueControl,
  startProgram as startProgramRoute,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import type { Runtime } from '../flows/contract.ts'
import { aloneHost, type Hosts } from '../hosts/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { Machines, Programs } from '../machines/contract.ts'
import { FLOWS, type Holders } from '../machines/index.ts'
import type { Runs } from '../runs/contract.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { Store } from '../store/index.ts'
import { tracedBull } from '../telemetry/bull.ts'
import type { Telemetry } from '../telemetry/index.ts'
import type { KeptVersions } from '../versions/index.ts'
import { createAsking } from './asking.ts'
import { createMoves } from './board/move.ts'
import { createRetries } from './board/retry.ts'
import { boardRoutes } from './board/routes.ts'
import { listQueues, machineOfQueue } from './board/views.ts'
import { openPostgresBull } from './bull-postgres.ts'
import { openRedisBull } from './bull-redis.ts'
import { createJobCancelling, type JobCancelling } from './cancel.ts'
import { ADAPTER_QUEUE, type ConfirmationSender, createConfirmationJobs } from './confirmation-jobs.ts'
import { createContext, howItIs } from './context.ts'
import type { Jobs } from './contract.ts'
import { type Bull, createDispatch } from './dispatch.ts'
import { createEstimates } from './estimates.ts'
import { createFlowJobs, type Deployment, FLOW_QUEUE } from './flow-jobs.ts'
import { createGoneHosts } from './hosts.ts'
import { createMachineJobs } from './machine-jobs.ts'
import { createMaintenanceJobs, MAINTENANCE_QUEUE, type MaintenanceTask } from './maintenance-jobs.ts'
import { changeQueue, queueControls } from './queue-controls.ts'
import { changeByPerson, keptRules } from './queue-rules.ts'
import { reconcileEvery } from './reconcile.ts'
import { findJob, findJobByKey, forgetOldJobs, insertJob, type JobRow, listJobs, toJob, unsettledJobs } from './rows.ts'

export type { ConfirmationSender } from './confirmation-jobs.ts'
export type { Deployment } from './flow-jobs.ts'
export type { MaintenanceTask } from './maintenance-jobs.ts'

type RuntimeAsks = RpcHandlers<typeof gatewayRpc>['requests']

export interface JobsPart extends Jobs {
  /**
   * Settles what an earlier life left and begins to work the queues.
   * @param sender brings confirmations; from server/connections, which itself needs {@link Jobs}
   */
  start(sender: ConfirmationSender): Promise<void>
  /** Cancels the waiting jobs that these runs asked for; those under way go on. Resolves with how many were cancelled. */
  cancelOfRuns(runIds: readonly string[], reason: string): Promise<number>
  /** For whoever cancels on a person's behalf. */
  readonly cancelling: JobCancelling
  /** What waits for a machine is held, if anything does: its circumstances have changed. */
  holdWaiting(machineId: string, why: string): Promise<void>
  /** Every queue as it is: a look through all that waits. */
  queues(): Promise<JobQueue[]>
  /** BullMQ as the jobs use it, for whoever schedules: one connection for all. Closed with this part. */
  readonly bull: Bull
  /** Regular work of the product itself; before `start`. */
  maintain(task: MaintenanceTask): void
  routes: RouteHandler[]
  rpc: { requests: Pick<RuntimeAsks, 'runProgram' | 'enqueue' | 'jobState' | 'finishJob' | 'jobProgress' | 'controlQueue'> }
  /** Takes nothing new and does not wait for machines: guards go on, and the next life asks them. */
  close(): Promise<void>
}

export async function createJobs(deps: {
  store: Store
  log: Logger
  live: LiveHub
  machines: Machines
  programs: Programs
  runtime: Pick<Runtime, 'peer' | 'onConnection'>
  runs: Pick<Runs, 'open' | 'link' | 'fail' | 'isCancelled'>
  /** Whose a lease is. */
  holders: Pick<Holders, 'require'>
  audit: Audit
  /** @defaultValue nobody puts older rules of a queue back */
  versions?: Pick<KeptVersions, 'own'>
  /** Redis for dispatching @defaultValue PostgreSQL */
  redisUrl?: string | undefined
  /** node-postgres connection string */
  database: string
  /** Told of every delivery of BullMQ, and of every job. */
  telemetry?: Pick<Telemetry, 'bull' | 'jobs'> | undefined
  /** How many days jobs that have ended are kept. @defaultValue 90 */
  historyDays?: () => number
  /** This host among those that share the database. @defaultValue the only one */
  hosts?: Hosts
  /** What the flow runtime of this host runs, and under what its jobs are asked for. @defaultValue whatever runs takes every job */
  deployment?: Deployment
  /** Flow jobs that are not for this host: their flows act on machines of another one. @defaultValue none */
  jobsElsewhere?: () => readonly string[]
  /** Why no program may begin on this host now. @defaultValue it always may */
  obstacle?: () => string | undefined
  /** How often waiting jobs are compared with their queues, and from which age on. @defaultValue 30 s both */
  reconciling?: { everyMs: number; youngMs: number }
}): Promise<JobsPart> {
  const { store, log, live, machines, programs, runtime, runs, holders, audit, redisUrl, database, historyDays = () => 90, hosts = aloneHost() } = deps
  const host = hosts.name
  const { db } = store
  const opened = redisUrl === undefined ? await openPostgresBull({ database }) : await openRedisBull({ url: redisUrl, log })
  const bull = tracedBull(opened, deps.telemetry?.bull)
  const dispatch = createDispatch(bull, log)
  const context = createContext({
    db,
    log,
    runs,
    dispatch,
    live,
    host,
    runtime,
    hosts,
    telemetry: deps.telemetry?.jobs,
    deployment: deps.deployment && (() => deps.deployment?.asks),
  })
  const obstacle = deps.obstacle ?? (() => undefined)
  const machineJobs = createMachineJobs({ context, machines, programs, obstacle })
  const flowJobs = createFlowJobs({ context, runtime, deployment: deps.deployment, elsewhere: deps.jobsElsewhere })
  const confirmationJobs = createConfirmationJobs({ context })
  const maintenanceJobs = createMaintenanceJobs({ context })
  maintenanceJobs.add({ name: 'job-history', everyMs: 3_600_000, run: () => forgetOldJobs(db, historyDays()) })
  const gone = createGoneHosts({ context })
  const estimates = createEstimates({ context, machines, programs })
  const { startProgram, enqueueFlow } = createAsking({ context, machines, programs, machineJobs, estimates, obstacle })
  const moves = createMoves({ context, machines, programs, machineJobs })
  const retries = createRetries({ context, sender: () => confirmationSender, workMachine: (machineId) => machineJobs.work(machineId) })
  runtime.onConnection((isConnected) => {
    flowJobs.runtimeChanged(isConnected)
    if (isConnected) return
    machineJobs.requesterGone(host)
    // what its flows asked for may run on machines of other hosts
    hosts.bus.tell('runtime-gone', {})
  })
  hosts.bus.on('runtime-gone', (_body, from) => machineJobs.requesterGone(from))
  hosts.onGone((name) => machineJobs.requesterGone(name))
  hosts.bus.answer('job-stop', async (body) => {
    const { jobId, how, by } = body as { jobId: string; how: 'stop' | 'hold'; by: string }
    const row = await rowOf(jobId)
    if (row.state !== 'active') throw new UserError({ code: 'job-ended', message: `The job has ended already: ${row.state}.`, status: 409 })
    if (how === 'hold') return machineJobs.hold(row, by)
    await machineJobs.stop(row, by)
    return 'stopped'
  })
  hosts.bus.on('live', (body) => {
    const { topic, change } = body as { topic: string; change: unknown }
    if (topic === 'jobs') {
      const job = change as Job
      context.heard(job)
      if (job.kind === 'flow' && job.state === 'cancelled') flowJobs.cancelledElsewhere(job.id, job.reason ?? 'It was cancelled.')
    }
    if (topic === 'job-queues') context.controlHeard(change as QueueControl)
  })
  const ownMachines = () =>
    machines
      .list()
      .map(({ id }) => id)
      .filter((id) => machines.isHere(id))
  live.provide('job-queues', async () => [...(await queueControls(db)).values()])
  live.provide('jobs', async () => (await listJobs(db, { limit: 50 })).map(toJob))

  const rowOf = async (jobId: string): Promise<JobRow> => {
    const row = await findJob(db, jobId)
    if (!row) throw new UserError({ code: 'job-not-found', message: `There is no job ${jobId}.`, status: 404 })
    return row
  }

  const rowOfKey = async (key: string): Promise<JobRow> => {
    const row = await findJobByKey(db, key)
    if (!row)
      throw new UserError({
        code: 'job-not-found',
        message: 'The gateway went away before the program was queued. Nothing was sent to the machine; start it again.',
        status: 404,
      })
    return row
  }

  /** What a queue is called. @throws UserError queue-not-found, machine-not-found */
  const titleOfQueue = (queue: string): string => {
    const machineId = machineOfQueue(queue)
    if (machineId !== undefined) return machines.get(machineId).name
    if (![FLOW_QUEUE, ADAPTER_QUEUE, MAINTENANCE_QUEUE].includes(queue))
      throw new UserError({ code: 'queue-not-found', status: 404, message: `There is no queue "${queue}": machine-<id>, flow, adapter or maintenance.` })
    return queue
  }
  const queueChanged = (changed: QueueControl): QueueControl => {
    context.queueChanged(changed)
    return changed
  }
  const control = async (queue: string, change: QueueChange, by: { caller: Caller; restoredFrom?: string }): Promise<QueueControl> =>
    queueChanged(await changeByPerson(db, queue, change, { ...by, title: titleOfQueue(queue) }))
  deps.versions?.own(
    { kind: 'queue' },
    {
      sees: 'jobs.view',
      changes: 'jobs.manage',
      async restore({ caller, version, reason }) {
        const change = { ...keptRules(version.content), ...(reason === undefined ? {} : { reason }) }
        await control(version.subject, change, { caller, restoredFrom: version.id })
        audit.record({ caller, action: 'job-queue.change', target: version.subject, detail: change })
      },
    },
  )

  let confirmationSender: ConfirmationSender | undefined
  const cancelling = createJobCancelling({ context, machineJobs, flowJobs, confirmationJobs, sender: () => confirmationSender })
  let reconciling: { close(): void } | undefined

  return {
    startProgram: async (request) => toJob(await startProgram(request)),
    enqueueFlow: async (request) => toJob(await enqueueFlow(request)),
    async enqueueConfirmation({ outboxId, connectionId, name, runId }) {
      const { row, isNew } = await insertJob(db, {
        kind: 'confirmation',
        queue: ADAPTER_QUEUE,
        name,
        request: { outboxId, connectionId },
        ...context.asked(),
        requestedBy: 'flow',
        key: `confirmation:${outboxId}`,
        runId,
      })
      if (isNew) context.changed(row)
      if (row.state === 'waiting') await context.announce(row)
      return toJob(row)
    },
    get: async (jobId) => toJob(await rowOf(jobId)),
    cancelling,
    async cancelOfRuns(runIds, reason) {
      if (!runIds.length) return 0
      const rows = await db
        .selectFrom('job')
        .selectAll()
        .where('runId', 'in', [...runIds])
        .where('state', '=', 'waiting')
        .execute()
      let cancelled = 0
      for (const row of rows) if (await cancelling.ifWaiting(row, reason)) cancelled += 1
      return cancelled
    },
    queues: () => listQueues({ db, machines }),
    async holdWaiting(machineId, why) {
      const queue = machineJobs.queueOf(machineId)
      const waiting = await db.selectFrom('job').select('id').where('queue', '=', queue).where('state', '=', 'waiting').limit(1).executeTakeFirst()
      if (waiting) context.queueChanged(await changeQueue(db, queue, { mode: 'held', why }, 'Cellwright'))
    },
    onChange: (listener) => context.onChange(listener),
    async start(sender) {
      confirmationSender = sender
      for (const control of (await queueControls(db)).values()) context.queueChanged(control)
      const rows = Map.groupBy(await unsettledJobs(db, host, ownMachines()), (row) => row.kind)
      const waiting = await db.selectFrom('job').select('machineId').distinct().where('kind', '=', 'program').where('state', '=', 'waiting').execute()
      machineJobs.recover(
        rows.get('program') ?? [],
        waiting.flatMap(({ machineId }) => machineId ?? []),
      )
      await flowJobs.start(rows.get('flow') ?? [])
      await confirmationJobs.start(rows.get('confirmation') ?? [], sender)
      await maintenanceJobs.start(rows.get('maintenance') ?? [])
      await estimates.wantAll()
      reconciling = reconcileEvery(context, { hosts: gone, maintenance: maintenanceJobs, ...(deps.reconciling ?? { everyMs: 30_000 }) })
    },
    bull,
    maintain: (task) => maintenanceJobs.add(task),
    routes: [
      ...boardRoutes({ context, machines, moves, retries, audit, enqueueFlow, control }),
      handle(listJobsRoute, async ({ query }) => (await listJobs(db, query)).map(toJob)),
      handle(getJob, async ({ params }) => toJob(await rowOf(params.jobId))),
      handle(startProgramRoute, async ({ body, caller }) => {
        const { machineId, programId, idempotencyKey, options, lease, plan } = body
        if (lease !== undefined) holders.require(machineId, lease, caller.session)
        const row = await startProgram({
          machineId,
          programId,
          requestedBy: caller.name,
          ...(idempotencyKey === undefined ? {} : { key: `api:${caller.userId}:${idempotencyKey}` }),
          ...(options === undefined ? {} : { options }),
          ...(lease === undefined ? {} : { lease }),
          ...(plan === undefined ? {} : { plan }),
        })
        audit.record({
          caller,
          action: 'job.start',
          target: row.id,
          detail: { machineId, program: row.name, ...(options === undefined ? {} : { options }), ...(lease === undefined ? {} : { lease }) },
        })
        return toJob(row)
      }),
    ],
    rpc: {
      requests: {
        async runProgram({ machineId, program, key: given, runId, nodeId, isRepeat, options, lease, parentJob }) {
          if (lease !== undefined) holders.require(machineId, lease, FLOWS)
          const key = `node:${nodeId}:${given}`
          const row = isRepeat
            ? await rowOfKey(key)
            : await startProgram({
                machineId,
                programId: program,
                key,
                requestedBy: `flow node ${nodeId}`,
                nodeId,
                ...(runId === undefined ? {} : { runId }),
                ...(options === undefined ? {} : { options }),
                ...(lease === undefined ? {} : { lease }),
                ...(parentJob === undefined ? {} : { parentJob }),
              })
          // asked again by a restarted runtime: its node hears the end all the same, after this answer
          setImmediate(() => context.tellNode(row))
          return { jobId: row.id }
        },
        async enqueue({ name, payload, key, plan, runId, nodeId, parentJob }) {
          const row = await enqueueFlow({
            name,
            payload,
            requestedBy: `flow node ${nodeId}`,
            nodeId,
            ...(key === undefined ? {} : { key: `node:${nodeId}:${key}` }),
            ...(plan === undefined ? {} : { plan }),
            ...(runId === undefined ? {} : { runId }),
            ...(parentJob === undefined ? {} : { parentJob }),
          })
          setImmediate(() => context.tellNode(row))
          return { jobId: row.id }
        },
        jobState: async ({ jobId }) => howItIs(await rowOf(jobId)),
        async jobProgress({ jobId, ...progress }) {
          await flowJobs.progress(jobId, progress)
          return null
        },
        async controlQueue({ queue, mode, why, nodeId }) {
          titleOfQueue(queue)
          return queueChanged(await changeQueue(db, queue, { mode, ...(why === undefined ? {} : { why }) }, `flow node ${nodeId}`))
        },
        async finishJob(end) {
          const { jobId, state, outcome, reason, isUncaught } = end
          await flowJobs.finish({
            jobId,
            state,
            ...(outcome === undefined ? {} : { outcome }),
            ...(reason === undefined ? {} : { reason }),
            ...(isUncaught ? { cause: 'flow-error' } : {}),
          })
          return null
        },
      },
    },
    async close() {
      context.close()
      reconciling?.close()
      await dispatch.close()
    },
  }
}
