/** Hands flow jobs to the `cw-job-in` of their name in the flow runtime, and waits for their end. */
import { sql } from 'kysely'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { JobCause } from '../api/index.ts'
import type { Runtime } from '../flows/contract.ts'
import { unclaim } from './claim.ts'
import type { JobsContext } from './context.ts'
import { startPump } from './pump.ts'
import type { Pump } from './pump-contract.ts'
import { endJob, findJob, type JobRow, type Progress, setProgress } from './rows.ts'

export const FLOW_QUEUE = 'flow'
/** Flow jobs in the runtime at once. */
const CONCURRENCY = 10
const START_MS = 30_000
const CANCELLED = 'flow-job-cancelled'

/** A job that a flow has. */
interface Running {
  settle: (end: End) => void
  /** Resolves when its end is in its row. */
  stored: Promise<void>
}

interface End {
  state: 'completed' | 'failed' | 'interrupted' | 'cancelled'
  outcome?: unknown
  reason?: string
  cause?: JobCause
}

export interface FlowJobs {
  /** Settles what an earlier life was working on, and begins to work the queue. */
  start(rows: readonly JobRow[]): Promise<void>
  /** What the runtime says of a job's end; resolves when that is stored. Said once more (the answer was lost) it changes nothing. @throws UserError job-not-found, job-ended */
  finish(end: { jobId: string; state: 'completed' | 'failed'; outcome?: unknown; reason?: string; cause?: JobCause }): Promise<void>
  /** A person ends it; undefined when it has ended meanwhile. Its flow is kept from going on elsewhere. */
  cancel(row: JobRow, reason: string): Promise<JobRow | undefined>
  /** How far a flow says its job is. @throws UserError job-not-found, job-ended */
  progress(jobId: string, progress: Progress): Promise<void>
  /** A person has ended it on the pages of another host; the flow that has it here is kept from going on. */
  cancelledElsewhere(jobId: string, reason: string): void
  runtimeChanged(isConnected: boolean): void
}

/** Which deployment the flow runtime of this host runs (`flowVersion.number`). */
export interface Deployment {
  /** What runs; undefined while nothing does. */
  readonly runs: number | undefined
  /** What jobs are asked for under: newer than what runs while a deploy is under way. */
  readonly asks: number | undefined
  onChange(listener: () => void): void
}

export function createFlowJobs(deps: {
  context: JobsContext
  runtime: Pick<Runtime, 'peer'>
  deployment?: Deployment | undefined
  /** Names of jobs that another host takes. */
  elsewhere?: (() => readonly string[]) | undefined
}): FlowJobs {
  const { context, runtime, deployment } = deps
  const { db, log, runs } = context
  const running = new Map<string, Running>()
  context.hosts.bus.on(CANCELLED, (body) => {
    const { jobId, reason } = body as { jobId: string; reason: string }
    running.get(jobId)?.settle({ state: 'cancelled', reason })
  })
  let pump: Pump | undefined
  let isConnected = false
  try {
    runtime.peer()
    isConnected = true
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error
    // not there yet: it connects later
  }

  /** A host with an older deployment may not know the flow that a job is for; one without the machine could not act on it. */
  const only = () => {
    const names = deps.elsewhere?.() ?? []
    if (!deployment && !names.length) return undefined
    const isKnown = deployment ? sql`(j.deployment is null or j.deployment <= ${deployment.runs ?? 0})` : sql`true`
    return names.length ? sql`${isKnown} and j.name <> all(${[...names]}::text[])` : isKnown
  }

  const mayReserve = (name: string): boolean =>
    (!deployment || (deployment.runs !== undefined && deployment.runs === deployment.asks)) && !deps.elsewhere?.().includes(name)

  const run = async (row: JobRow): Promise<void> => {
    if (!isConnected) {
      // it went away in this moment; nothing was handed over
      const back = await context.surely(() => unclaim(db, row))
      if (back) context.changed(back)
      return
    }
    const ended = Promise.withResolvers<End>()
    const stored = Promise.withResolvers<void>()
    running.set(row.id, { settle: ended.resolve, stored: stored.promise })
    void begin(row)
    const end = await ended.promise
    running.delete(row.id)
    // nobody is answered then: the flow says it again to the next life
    if (context.isClosing) return
    try {
      const after = await context.surely(() => endJob(db, row.id, end))
      stored.resolve()
      if (after) await context.ended(after)
    } catch (error) {
      stored.promise.catch(() => {}) // perhaps nobody waits for it
      if (!context.isClosing) stored.reject(error)
      throw error
    }
  }

  const begin = async (row: JobRow): Promise<void> => {
    const settle = (end: End) => running.get(row.id)?.settle(end)
    // who asked for the job from a flow reads one story: the job goes on in that run, unless that is in another host's runtime
    const isOthers = row.runId !== null && row.askedOn !== null && row.askedOn !== context.host
    const runId = isOthers ? newId('run') : (row.runId ?? newId('run'))
    try {
      if (isOthers && row.runId !== null) {
        const { runId: asking } = row
        await context.surely(() => runs.open({ id: runId, trigger: { nodeId: '', nodeType: 'cw-job-in', nodeName: row.name } }))
        await context.surely(() =>
          runs.link(runId, { kind: 'job', id: row.id, text: `flow job "${row.name}" asked for by run ${asking} on host "${row.askedOn}"` }),
        )
        await context.surely(() =>
          runs.link(asking, { kind: 'job', id: row.id, text: `flow job "${row.name}" worked on by host "${context.host}" in run ${runId}` }),
        )
      }
      if (row.runId === null) {
        // nothing is handed over yet: a database that is away is waited for
        await context.surely(() => runs.open({ id: runId, trigger: { nodeId: '', nodeType: 'cw-job-in', nodeName: row.name } }))
        await context.surely(() => runs.link(runId, { kind: 'job', id: row.id, text: `flow job "${row.name}" asked for by ${row.requestedBy}` }))
        // last: without a run it was never handed over, and the next life may begin it
        await context.surely(() => db.updateTable('job').set({ runId }).where('id', '=', row.id).execute())
      }
      const { payload } = row.request as { payload?: unknown }
      await runtime.peer().call('runJob', { jobId: row.id, name: row.name, payload: payload ?? null, runId }, { timeoutMs: START_MS })
    } catch (error) {
      // a run of its own never begins then: were it taken on all the same, its first step takes it up again
      if (row.runId === null || isOthers)
        runs.fail(runId, messageOf(error)).catch((failure) => log.warn({ runId, err: failure }, 'a run that never began could not be ended'))
      if (error instanceof UserError)
        settle({ state: 'failed', reason: error.message, cause: error.code === 'no-job-in' || error.code === 'job-in-not-wired' ? 'no-taker' : 'flow-error' })
      else {
        if (!(error instanceof OperationalError)) log.error({ jobId: row.id, err: error }, 'a flow job could not be started')
        settle({
          state: 'interrupted',
          cause: 'runtime-gone',
          reason: `It could not be handed to a flow for certain: ${messageOf(error)} Look at what it did before you start it again.`,
        })
      }
    }
  }

  return {
    async start(rows) {
      for (const row of rows) {
        if (row.runId === null) {
          const back = await unclaim(db, row)
          if (back) context.changed(back)
          continue
        }
        const reason = 'The gateway was restarted while a flow worked on it. If the flow ends it all the same, it is shown so.'
        const after = await endJob(db, row.id, { state: 'interrupted', cause: 'gateway-gone', reason })
        if (!after) continue
        // perhaps no flow had it yet, and then nothing else would say what became of it
        await runs.link(row.runId, { kind: 'job', id: row.id, text: `flow job "${row.name}" interrupted: ${reason}` })
        await context.ended(after)
      }
      pump = await startPump(context, { queue: FLOW_QUEUE, concurrency: CONCURRENCY, run, isPaused: !isConnected, only, mayReserve })
      deployment?.onChange(() => pump?.wake())
    },
    async finish({ jobId, ...said }) {
      const end: End = said.state === 'failed' ? { cause: 'flow-said', ...said } : said
      const here = running.get(jobId)
      if (here) {
        here.settle(end)
        return here.stored
      }
      // begun in an earlier life of the gateway, or given up when the connection was lost: what truly happened counts
      const row = await endJob(db, jobId, { ...end, from: ['active', 'interrupted'] })
      if (row?.kind === 'flow') {
        await context.ended(row)
        return
      }
      const found = await findJob(db, jobId)
      if (found?.kind !== 'flow') throw new UserError({ code: 'job-not-found', message: `There is no flow job ${jobId}.`, status: 404 })
      // a flow ends its job once: this is what it said before, and did not hear the answer
      if (found.state === end.state) return
      throw new UserError({ code: 'job-ended', message: `The job ${jobId} has ended already: ${found.state}.`, status: 409 })
    },
    async cancel(row, reason) {
      const after = await context.surely(() => endJob(db, row.id, { state: 'cancelled', reason }))
      running.get(row.id)?.settle({ state: 'cancelled', reason })
      // the host that works on it has a place free for another one
      context.hosts.bus.tell(CANCELLED, { jobId: row.id, reason })
      if (after) await context.ended(after)
      return after
    },
    async progress(jobId, progress) {
      const row = await setProgress(db, jobId, progress)
      if (row?.kind === 'flow') return context.progressed(row, progress)
      const found = await findJob(db, jobId)
      if (found?.kind !== 'flow') throw new UserError({ code: 'job-not-found', message: `There is no flow job ${jobId}.`, status: 404 })
      throw new UserError({ code: 'job-ended', message: `The job ${jobId} is not worked on: ${found.state}.`, status: 409 })
    },
    cancelledElsewhere(jobId, reason) {
      const here = running.get(jobId)
      if (!here) return
      const halt = async () => runtime.peer().call('halt', { runIds: [], jobIds: [jobId], reason }, { timeoutMs: START_MS })
      halt().catch((error) => log.warn({ jobId, reason: messageOf(error) }, 'a flow could not be told that its job was cancelled on another host'))
      here.settle({ state: 'cancelled', reason })
    },
    runtimeChanged(connected) {
      isConnected = connected
      if (context.isClosing) return
      if (connected) {
        pump?.resume()
        return
      }
      pump?.pause()
      for (const here of running.values())
        here.settle({
          state: 'interrupted',
          cause: 'runtime-gone',
          reason: 'The flow runtime went away while a flow worked on it. Look at what it did before you start it again.',
        })
    },
  }
}
