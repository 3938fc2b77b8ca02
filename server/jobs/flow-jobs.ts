/** Hands flow jobs to the `cw-job-in` of their name in the flow runtime, and waits for their end. */
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Runtime } from '../flows/contract.ts'
import type { JobsContext } from './context.ts'
import type { QueueWorker } from './dispatch.ts'
import { claimJob, endJob, findJob, type JobRow } from './rows.ts'

export const FLOW_QUEUE = 'flow'
/** Flow jobs in the runtime at once. */
const CONCURRENCY = 10
const START_MS = 30_000

interface End {
  state: 'completed' | 'failed' | 'interrupted'
  outcome?: unknown
  reason?: string
}

export interface FlowJobs {
  start(rows: readonly JobRow[]): Promise<void>
  /** What the runtime says of a job's end. @throws UserError job-not-found, job-ended */
  finish(end: { jobId: string; state: 'completed' | 'failed'; outcome?: unknown; reason?: string }): Promise<void>
  runtimeChanged(isConnected: boolean): void
}

export function createFlowJobs(deps: { context: JobsContext; runtime: Pick<Runtime, 'peer'> }): FlowJobs {
  const { context, runtime } = deps
  const { db, log, dispatch, runs } = context
  const running = new Map<string, (end: End) => void>()
  let worker: QueueWorker | undefined
  let isConnected = false
  try {
    runtime.peer()
    isConnected = true
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error
    // not there yet: it connects later
  }

  const runDelivered = async (rowId: string): Promise<void> => {
    const token = new Date()
    const row = await context.surely(() => claimJob(db, rowId, token))
    if (!row) return
    context.changed(row)
    const ended = new Promise<End>((resolve) => running.set(rowId, resolve))
    void begin(row)
    const end = await ended
    running.delete(rowId)
    if (context.isClosing) return
    const after = await context.surely(() => endJob(db, rowId, end))
    if (after) context.changed(after)
  }

  const begin = async (row: JobRow): Promise<void> => {
    const settle = (end: End) => running.get(row.id)?.(end)
    // who asked for the job from a flow reads one story: the job goes on in that run
    const runId = row.runId ?? newId('run')
    try {
      if (row.runId === null) {
        await runs.open({ id: runId, trigger: { nodeId: '', nodeType: 'cw-job-in', nodeName: row.name } })
        await runs.link(runId, { kind: 'job', id: row.id, text: `flow job "${row.name}" asked for by ${row.requestedBy}` })
        await db.updateTable('job').set({ runId }).where('id', '=', row.id).execute()
      }
      const { payload } = row.request as { payload?: unknown }
      await runtime.peer().call('runJob', { jobId: row.id, name: row.name, payload: payload ?? null, runId }, { timeoutMs: START_MS })
    } catch (error) {
      if (error instanceof UserError) settle({ state: 'failed', reason: error.message })
      else {
        if (!(error instanceof OperationalError)) log.error({ jobId: row.id, err: error }, 'a flow job could not be started')
        settle({
          state: 'interrupted',
          reason: `It could not be handed to a flow for certain: ${messageOf(error)} Look at what it did before you start it again.`,
        })
      }
    }
  }

  return {
    async start(rows) {
      for (const row of rows) {
        if (row.state === 'waiting') await dispatch.add(FLOW_QUEUE, row.id, { delivery: 'once', priority: row.priority })
        else {
          const after = await endJob(db, row.id, {
            state: 'interrupted',
            reason: 'The gateway was restarted while a flow worked on it. If the flow ends it all the same, it is shown so.',
          })
          if (after) context.changed(after)
        }
      }
      worker = await dispatch.work(FLOW_QUEUE, { delivery: 'once', concurrency: CONCURRENCY }, runDelivered)
      if (!isConnected) worker.pause()
    },
    async finish({ jobId, ...end }) {
      const settle = running.get(jobId)
      if (settle) return settle(end)
      // begun in an earlier life of the gateway, or given up when the connection was lost: what truly happened counts
      const row = await endJob(db, jobId, { ...end, from: ['active', 'interrupted'] })
      if (row?.kind === 'flow') {
        context.changed(row)
        return
      }
      const found = await findJob(db, jobId)
      if (found?.kind !== 'flow') throw new UserError({ code: 'job-not-found', message: `There is no flow job ${jobId}.`, status: 404 })
      throw new UserError({ code: 'job-ended', message: `The job ${jobId} has ended already: ${found.state}.`, status: 409 })
    },
    runtimeChanged(connected) {
      isConnected = connected
      if (context.isClosing) return
      if (connected) {
        worker?.resume()
        return
      }
      worker?.pause()
      for (const settle of running.values())
        settle({ state: 'interrupted', reason: 'The flow runtime went away while a flow worked on it. Look at what it did before you start it again.' })
    },
  }
}
