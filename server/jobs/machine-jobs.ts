/**
 * Works the queue of each machine: one program at a time, each at most once. A job is over when its
 * guard says so; what cannot be known is `interrupted`, and then nothing that waited is started by itself.
 */
import { OperationalError, UserError } from '../../base/errors.ts'
import type { JobEnd } from '../../nodes/motion/guard/contract.ts'
import type { StartOptions } from '../../nodes/motion/program.ts'
import type { Machines, Programs } from '../machines/contract.ts'
import type { JobsContext } from './context.ts'
import type { QueueWorker } from './dispatch.ts'
import { cancelWaiting, claimJob, endJob, type JobRow, setProgress } from './rows.ts'

/** How long a job whose turn has come waits for its guard. */
const CONNECT_MS = 30_000
/** A guard answers when it has checked the whole program, which may be gigabytes. */
const START_MS = 3_600_000
const STATUS_MS = 10_000
const RETRY_MS = 1000
/** Least time between two published, and two stored, steps of progress. */
const TELL_MS = 250
const STORE_MS = 2000

/** What of a program is stored with its job: the content that was asked for is the content that runs. */
export interface ProgramRequest {
  programName: string
  sha256: string
  options?: StartOptions
  lease?: number
  /** The queue has it. A job without this was asked for while the gateway died: nobody may know of it. */
  isDispatched?: boolean
}

type End = Omit<JobEnd, 'jobId' | 'endedAt'>

/** A job that the guard has or is about to get. */
interface Running {
  row: JobRow
  machineId: string
  /** `starting` until the guard has answered `startJob`: only then it can be asked how the job stands. */
  phase: 'starting' | 'running'
  cancelledBy?: string
  /** The flow runtime went away before its guard had the job. */
  isRequesterGone?: true
  settle: (end: End) => void
  ended: Promise<End>
  toldAt: number
  storedAt: number
}

export interface MachineJobs {
  queueOf(machineId: string): string
  /** Begins to work a machine's queue, after what an earlier life left there is settled. */
  work(machineId: string): void
  /** Takes up what an earlier life left: `active` rows first, then `waiting` ones. */
  recover(rows: readonly JobRow[]): void
  /** Stops the machine of an active job. @throws OperationalError guard-gone */
  stop(row: JobRow, by: string): Promise<void>
  /** The runtime is gone: the guard of each job that a flow asked for follows the job's policy. */
  requesterGone(): void
}

export function createMachineJobs(deps: { context: JobsContext; machines: Machines; programs: Programs }): MachineJobs {
  const { context, machines, programs } = deps
  const { db, log, dispatch, runs } = context
  const running = new Map<string, Running>()
  const workers = new Map<string, Promise<QueueWorker | undefined>>()
  const recovering = new Map<string, Promise<void>>()

  const queueOf = (machineId: string) => `machine-${machineId}`
  const nameOf = (machineId: string): string => {
    try {
      return machines.get(machineId).name
    } catch {
      return machineId // removed meanwhile
    }
  }

  const follow = (row: JobRow, phase: Running['phase']): Running => {
    let settle: (end: End) => void = () => {}
    const ended = new Promise<End>((resolve) => {
      settle = resolve
    })
    const job: Running = { row, machineId: row.machineId ?? '', phase, settle, ended, toldAt: 0, storedAt: 0 }
    running.set(row.id, job)
    return job
  }

  machines.onJobEnded((_machineId, end) => running.get(end.jobId)?.settle(end))
  machines.onGuard((machineId, isConnected) => {
    if (!isConnected) return
    for (const job of running.values()) if (job.machineId === machineId && job.phase === 'running') void findOut(job)
  })
  machines.onChange(({ state }) => {
    const active = state?.job
    const job = active && running.get(active.jobId)
    if (!job) return
    const progress = { done: active.linesAcknowledged, total: active.totalLines }
    const now = performance.now()
    if (now - job.toldAt >= TELL_MS) {
      job.toldAt = now
      context.progressed(job.row, progress)
    }
    if (now - job.storedAt >= STORE_MS) {
      job.storedAt = now
      setProgress(db, job.row.id, progress).catch((error) => log.debug({ err: error }, 'progress was not stored'))
    }
  })

  /** Asks the guard, as soon as it is there, how a job stands, and settles it unless it goes on. */
  const findOut = async (job: Running): Promise<void> => {
    for (;;) {
      if (context.isClosing || running.get(job.row.id) !== job) return
      try {
        const guard = await machines.whenConnected(job.machineId, CONNECT_MS)
        const status = await guard.call('jobStatus', { jobId: job.row.id }, { timeoutMs: STATUS_MS })
        if (status === null) return job.settle(neverSeen(job))
        if (status.state !== 'active') return job.settle(status)
        job.phase = 'running'
        return
      } catch (error) {
        // the machine was removed: nobody can tell any more
        if (error instanceof UserError) return job.settle({ ...neverSeen(job), text: `How the job stood is not known: ${error.message}` })
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
  }

  const neverSeen = (job: Running): End => ({
    ...nothingSent(
      'interrupted',
      `The guard of ${nameOf(job.machineId)} knows nothing of this job: it had not begun, or its journal is gone. Nothing is sent again; look at the machine and start it anew.`,
    ),
    isPositionTrusted: false,
  })

  const runDelivered = async (machineId: string, rowId: string): Promise<void> => {
    const token = new Date()
    const row = await context.surely(() => claimJob(db, rowId, token))
    if (!row) return
    const job = follow(row, 'starting')
    context.changed(row)
    void begin(job)
    await finish(job, await job.ended)
    log.info({ jobId: rowId, machineId }, 'a machine job ended')
  }

  /** Hands the job to the guard; how it ends comes through `job.ended`. */
  const begin = async (job: Running): Promise<void> => {
    const { row, machineId } = job
    const { programName, sha256, options, lease } = row.request as ProgramRequest
    try {
      const guard = await machines.whenConnected(machineId, CONNECT_MS)
      if (job.cancelledBy !== undefined) return job.settle(nothingSent('stopped', `Stopped by ${job.cancelledBy} before it began. Nothing was sent.`))
      if (context.isClosing) return // the row says it was active; the next life asks the guard
      const { whenRequesterGone } = machines.get(machineId)
      if (job.isRequesterGone && whenRequesterGone === 'hold')
        return job.settle(nothingSent('stopped', 'The flow runtime that asked for it went away before it began. Nothing was sent.'))
      await guard
        .call(
          'startJob',
          {
            jobId: row.id,
            programName,
            path: programs.path(sha256),
            sha256,
            by: row.requestedBy,
            whenRequesterGone,
            ...(options === undefined ? {} : { options }),
            ...(lease === undefined ? {} : { lease }),
          },
          { timeoutMs: START_MS },
        )
        .catch((error: unknown) => {
          if (error instanceof UserError && error.code !== 'job-seen') throw error
          // perhaps it has it, perhaps not: only the guard knows
          log.warn({ jobId: row.id, err: error }, 'the start of a job was not answered')
          void findOut(job)
        })
      job.phase = 'running'
    } catch (error) {
      const reason = error instanceof UserError || error instanceof OperationalError ? error.message : undefined
      if (reason === undefined) log.error({ jobId: row.id, err: error }, 'a job could not be started')
      job.settle(nothingSent('failed', reason ?? 'It could not be started because of a fault in Cellwright; the log has more. Nothing was sent.'))
    }
  }

  const finish = async (job: Running, end: End): Promise<void> => {
    if (context.isClosing) return // the next life asks the guard
    const { row, machineId } = job
    const machine = nameOf(machineId)
    const outcome = {
      linesSent: end.linesSent,
      linesAcknowledged: end.linesAcknowledged,
      totalLines: end.totalLines,
      durationMs: end.durationMs,
      text: end.text,
      isPositionTrusted: end.isPositionTrusted,
    }
    try {
      // before the row ends: what a person asks for after that is asked for knowingly
      const hasBegun = end.linesSent > 0 || end.state === 'interrupted'
      if (end.state === 'stopped' || (end.state !== 'completed' && hasBegun)) await cancelFollowers(job, end.state, machine)
      const ended = await context.surely(() =>
        endJob(db, row.id, {
          state: end.state,
          outcome,
          ...(end.state === 'completed' ? {} : { reason: end.text }),
          ...(end.totalLines ? { progress: { done: end.linesAcknowledged, total: end.totalLines } } : {}),
        }),
      )
      if (row.runId !== null) {
        const text =
          end.state === 'completed'
            ? `program ${row.name} ran ${end.linesAcknowledged} lines on ${machine}`
            : `program ${row.name} on ${machine} ${end.state}: ${end.text}`
        await runs.link(row.runId, { kind: 'program', id: row.programId ?? row.id, text })
      }
      if (ended) context.changed(ended)
    } finally {
      running.delete(row.id)
    }
  }

  /** After a break nothing starts by itself, also not what was queued behind it. */
  const cancelFollowers = async (job: Running, how: string, machine: string): Promise<void> => {
    const queue = queueOf(job.machineId)
    const reason = `It was waiting when ${job.row.name} on ${machine} was ${how === 'failed' ? 'broken off' : how}. Look at the machine, then start it again.`
    for (const row of await context.surely(() => cancelWaiting(db, queue, reason))) {
      context.changed(row)
      await tellCancelled(context, row)
      await dispatch.remove(queue, row.id).catch((error) => log.debug({ err: error }, 'a cancelled job stays in the queue; its row keeps it from running'))
    }
  }

  const recoverMachine = async (machineId: string, rows: readonly JobRow[]): Promise<void> => {
    for (const row of rows.filter((entry) => entry.state === 'active')) {
      const job = follow(row, 'running')
      void findOut(job)
      await finish(job, await job.ended)
    }
    for (const row of rows.filter((entry) => entry.state === 'waiting')) {
      if (!(row.request as ProgramRequest).isDispatched) {
        const reason = 'It was asked for just as the gateway went away, and whoever asked may not know of it. Start it again.'
        const cancelled = await context.surely(() => endJob(db, row.id, { state: 'cancelled', reason, from: ['waiting'] }))
        if (cancelled) {
          context.changed(cancelled)
          await tellCancelled(context, cancelled)
        }
        continue
      }
      // cancelled meanwhile: the claim finds that out
      await context.surely(() => dispatch.add(queueOf(machineId), row.id, { delivery: 'once' }))
    }
  }

  const work = (machineId: string): void => {
    if (workers.has(machineId)) return
    const begin = async () => {
      await recovering.get(machineId)
      if (context.isClosing) return undefined
      return dispatch.work(queueOf(machineId), { delivery: 'once', concurrency: 1 }, (rowId) => runDelivered(machineId, rowId))
    }
    const worker = begin()
    workers.set(machineId, worker)
    worker.catch((error) => {
      workers.delete(machineId)
      if (context.isClosing) return
      log.error({ machineId, err: error }, 'the queue of a machine cannot be worked; tried again')
      setTimeout(() => {
        if (!context.isClosing) work(machineId)
      }, RETRY_MS).unref()
    })
  }

  return {
    queueOf,
    work,
    recover(rows) {
      for (const [machineId, own] of Map.groupBy(rows, (row) => row.machineId ?? '')) {
        recovering.set(
          machineId,
          recoverMachine(machineId, own).catch((error) => {
            if (!context.isClosing) log.error({ machineId, err: error }, 'jobs of an earlier life could not be settled')
          }),
        )
        work(machineId)
      }
    },
    async stop(row, by) {
      const job = running.get(row.id)
      if (job?.phase === 'starting') job.cancelledBy = by
      const machineId = row.machineId ?? ''
      try {
        await machines.guard(machineId).call('stop', { by, hard: false }, { timeoutMs: 5000 })
      } catch (error) {
        // waiting for its guard: it will not be handed over any more
        if (job?.phase === 'starting' && error instanceof OperationalError) return
        throw error
      }
    },
    requesterGone() {
      for (const job of running.values()) {
        const { row, machineId } = job
        if (row.nodeId === null) continue
        // one that its guard still looks at does not begin then, and one that it has not got yet is not handed over
        if (job.phase === 'starting') job.isRequesterGone = true
        // a guard that is away holds or finishes by its own policy
        const tell = async () => machines.guard(machineId).call('requesterGone', { jobId: row.id }, { timeoutMs: 5000 })
        tell().catch((error) => log.warn({ jobId: row.id, err: error }, 'a guard could not be told that the flow runtime is gone'))
      }
    },
  }
}

/** Tells the run that asked for a program that it was not run. */
export async function tellCancelled({ runs }: JobsContext, row: JobRow): Promise<void> {
  if (row.runId === null) return
  await runs.link(row.runId, { kind: 'program', id: row.programId ?? row.id, text: `program ${row.name} was not run: ${row.reason ?? 'cancelled'}` })
}

function nothingSent(state: End['state'], text: string): End {
  return { state, text, linesSent: 0, linesAcknowledged: 0, totalLines: 0, durationMs: 0, isPositionTrusted: true }
}
