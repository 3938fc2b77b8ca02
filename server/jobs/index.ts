/** Jobs: rows in PostgreSQL, dispatched by BullMQ. `createJobs` is what the gateway's composition root calls. */
import { messageOf, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcHandlers } from '../../base/rpc.ts'
import { cancelJob, getJob, type Job, listJobs as listJobsRoute, startProgram as startProgramRoute } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Runtime } from '../flows/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { Machines, Programs } from '../machines/contract.ts'
import { FLOWS, type Holders } from '../machines/index.ts'
import type { Runs } from '../runs/contract.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { Store } from '../store/index.ts'
import { openPostgresBull } from './bull-postgres.ts'
import { openRedisBull } from './bull-redis.ts'
import { ADAPTER_QUEUE, type ConfirmationSender, createConfirmationJobs } from './confirmation-jobs.ts'
import { createContext, howItIs } from './context.ts'
import type { Jobs } from './contract.ts'
import { createDispatch } from './dispatch.ts'
import { createFlowJobs, FLOW_QUEUE } from './flow-jobs.ts'
import { createMachineJobs, type ProgramRequest, tellCancelled } from './machine-jobs.ts'
import { reconcileEvery } from './reconcile.ts'
import { endJob, findJob, findJobByKey, insertJob, type JobRow, listJobs, markDispatched, openJobs, toJob } from './rows.ts'

export type { ConfirmationSender } from './confirmation-jobs.ts'

type RuntimeAsks = RpcHandlers<typeof gatewayRpc>['requests']

export interface JobsPart extends Jobs {
  /**
   * Settles what an earlier life left and begins to work the queues.
   * @param sender brings confirmations; from server/connections, which itself needs {@link Jobs}
   */
  start(sender: ConfirmationSender): Promise<void>
  routes: RouteHandler[]
  rpc: { requests: Pick<RuntimeAsks, 'runProgram' | 'enqueue' | 'jobState' | 'finishJob'> }
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
  runs: Pick<Runs, 'open' | 'link'>
  /** Whose a lease is. */
  holders: Pick<Holders, 'require'>
  audit: Audit
  /** Redis for dispatching @defaultValue PostgreSQL */
  redisUrl?: string | undefined
  /** node-postgres connection string */
  database: string
  /** How often waiting jobs are compared with their queues, and from which age on. @defaultValue 30 s both */
  reconciling?: { everyMs: number; youngMs: number }
}): Promise<JobsPart> {
  const { store, log, live, machines, programs, runtime, runs, holders, audit, redisUrl, database } = deps
  const { db } = store
  const bull = redisUrl === undefined ? await openPostgresBull({ database }) : await openRedisBull({ url: redisUrl, log })
  const dispatch = createDispatch(bull, log)
  const context = createContext({ db, log, runs, dispatch, live, runtime })
  const machineJobs = createMachineJobs({ context, machines, programs })
  const flowJobs = createFlowJobs({ context, runtime })
  const confirmationJobs = createConfirmationJobs({ context })
  runtime.onConnection((isConnected) => {
    flowJobs.runtimeChanged(isConnected)
    if (!isConnected) machineJobs.requesterGone()
  })
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

  const startProgram = async (request: Parameters<Jobs['startProgram']>[0]): Promise<JobRow> => {
    const { machineId, programId, requestedBy, key, runId, nodeId, options, lease } = request
    const machine = machines.get(machineId)
    const program = await programs.find(programId)
    const queue = machineJobs.queueOf(machineId)
    const stored: ProgramRequest = {
      programName: program.name,
      sha256: program.sha256,
      ...(options === undefined ? {} : { options }),
      ...(lease === undefined ? {} : { lease }),
    }
    const { row, isNew } = await insertJob(db, {
      kind: 'program',
      queue,
      name: program.name,
      machineId,
      programId: program.id,
      requestedBy,
      request: stored,
      key,
      runId,
      nodeId,
    })
    if (isNew) {
      context.changed(row)
      if (runId !== undefined) await runs.link(runId, { kind: 'job', id: row.id, text: `program ${program.name} queued for ${machine.name}` })
    }
    if (row.state !== 'waiting') return row
    try {
      await dispatch.add(queue, row.id, { delivery: 'once' })
      await markDispatched(db, row.id)
    } catch (error) {
      // whoever asked is told that it failed: then it must not start later
      const reason = `It could not be queued: ${messageOf(error)}`
      const failed = await endJob(db, row.id, { state: 'failed', reason, from: ['waiting'] }).catch(() => undefined) // the database is away too: it is cancelled at the next start
      if (failed) context.changed(failed)
      throw error
    }
    machineJobs.work(machineId)
    return row
  }

  const enqueueFlow = async (request: Parameters<Jobs['enqueueFlow']>[0]): Promise<JobRow> => {
    const { name, payload, requestedBy, key, priority, runId, nodeId } = request
    const { row, isNew } = await insertJob(db, { kind: 'flow', queue: FLOW_QUEUE, name, request: { payload }, requestedBy, key, priority, runId, nodeId })
    if (isNew) {
      context.changed(row)
      if (runId !== undefined) await runs.link(runId, { kind: 'job', id: row.id, text: `flow job "${name}" queued` })
    }
    if (row.state === 'waiting') await dispatch.add(FLOW_QUEUE, row.id, { delivery: 'once', priority: row.priority })
    return row
  }

  const cancel = async (jobId: string, by: string): Promise<Job> => {
    const row = await rowOf(jobId)
    if (row.state === 'waiting') {
      const reason = `Cancelled by ${by}.`
      const cancelled = await db
        .updateTable('job')
        .set({ state: 'cancelled', endedAt: new Date(), reason })
        .where('id', '=', jobId)
        .where('state', '=', 'waiting')
        .returningAll()
        .executeTakeFirst()
      if (cancelled) {
        if (cancelled.kind === 'confirmation') await confirmationSender?.givenUp((cancelled.request as { outboxId: string }).outboxId, reason)
        if (cancelled.kind === 'program') await tellCancelled(context, cancelled)
        await dispatch.remove(row.queue, jobId)
        return context.changed(cancelled)
      }
      return cancel(jobId, by) // it began meanwhile
    }
    if (row.state !== 'active') throw new UserError({ code: 'job-ended', message: `The job has ended already: ${row.state}.`, status: 409 })
    if (row.kind !== 'program')
      throw new UserError({
        code: 'job-active',
        message: row.kind === 'flow' ? 'A flow is working on it and has to end it itself.' : 'It is being sent just now; try again in a moment.',
        status: 409,
      })
    await machineJobs.stop(row, by)
    return toJob(await rowOf(jobId))
  }
  let confirmationSender: ConfirmationSender | undefined
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
        requestedBy: 'flow',
        key: `confirmation:${outboxId}`,
        runId,
      })
      if (isNew) context.changed(row)
      if (row.state === 'waiting') await dispatch.add(ADAPTER_QUEUE, row.id, { delivery: 'until-done' })
      return toJob(row)
    },
    get: async (jobId) => toJob(await rowOf(jobId)),
    onChange: (listener) => context.onChange(listener),
    async start(sender) {
      confirmationSender = sender
      const rows = Map.groupBy(await openJobs(db), (row) => row.kind)
      machineJobs.recover(rows.get('program') ?? [])
      await flowJobs.start(rows.get('flow') ?? [])
      await confirmationJobs.start(rows.get('confirmation') ?? [], sender)
      reconciling = reconcileEvery(context, deps.reconciling ?? { everyMs: 30_000 })
    },
    routes: [
      handle(listJobsRoute, async ({ query }) => (await listJobs(db, query)).map(toJob)),
      handle(getJob, async ({ params }) => toJob(await rowOf(params.jobId))),
      handle(startProgramRoute, async ({ body, caller }) => {
        const { machineId, programId, idempotencyKey, options, lease } = body
        if (lease !== undefined) holders.require(machineId, lease, caller.session)
        const row = await startProgram({
          machineId,
          programId,
          requestedBy: caller.name,
          ...(idempotencyKey === undefined ? {} : { key: `api:${caller.userId}:${idempotencyKey}` }),
          ...(options === undefined ? {} : { options }),
          ...(lease === undefined ? {} : { lease }),
        })
        audit.record({
          caller,
          action: 'job.start',
          target: row.id,
          detail: { machineId, program: row.name, ...(options === undefined ? {} : { options }), ...(lease === undefined ? {} : { lease }) },
        })
        return toJob(row)
      }),
      handle(cancelJob, async ({ params, caller }) => {
        const job = await cancel(params.jobId, caller.name)
        audit.record({ caller, action: 'job.cancel', target: job.id, detail: { name: job.name, state: job.state } })
        return job
      }),
    ],
    rpc: {
      requests: {
        async runProgram({ machineId, program, key: given, runId, nodeId, isRepeat, options, lease }) {
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
              })
          // asked again by a restarted runtime: its node hears the end all the same, after this answer
          setImmediate(() => context.tellNode(row))
          return { jobId: row.id }
        },
        async enqueue({ name, payload, key, priority, runId, nodeId }) {
          const row = await enqueueFlow({
            name,
            payload,
            requestedBy: `flow node ${nodeId}`,
            nodeId,
            ...(key === undefined ? {} : { key: `node:${nodeId}:${key}` }),
            ...(priority === undefined ? {} : { priority }),
            ...(runId === undefined ? {} : { runId }),
          })
          setImmediate(() => context.tellNode(row))
          return { jobId: row.id }
        },
        jobState: async ({ jobId }) => howItIs(await rowOf(jobId)),
        async finishJob(end) {
          const { jobId, state, outcome, reason } = end
          await flowJobs.finish({ jobId, state, ...(outcome === undefined ? {} : { outcome }), ...(reason === undefined ? {} : { reason }) })
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
