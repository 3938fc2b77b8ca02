/**
 * Works the queue of each machine: one program at a time, each at most once. A job is over when its
 * guard says so; what cannot be known is `interrupted`, and then nothing that waited is started by itself.
 */
import { OperationalError, UserError } from '../../base/errors.ts'
import type { JobEnd } from '../../nodes/motion/guard/contract.ts'
import type { StartOptions } from '../../nodes/motion/program.ts'
import type { Machines, Programs } from '../machines/contract.ts'
import type { JobsContext } from './context.ts'
import { startPump } from './pump.ts'
import type { Pump } from './pump-contract.ts'
import { breakOff, changeQueue } from './queue-controls.ts'
import { endJob, type JobRow, setProgress } from './rows.ts'

/** How long a job whose turn has come waits for its guard. */
const CONNECT_MS = 30_000
/** A guard answers when it has checked the whole program, which may be gigabytes. */
const START_MS = 3_600_000
const STATUS_MS = 10_000
/** For the host of a machine to stop a job there. */
const ASK_MS = 6000
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
}

type End = Omit<JobEnd, 'jobId' | 'endedAt'>

/** A job that the guard has or is about to get. */
interface Running {
  row: JobRow
  machineId: string
  /** `starting` until the guard has answered `startJob`: only then it can be asked how the job stands. */
  phase: 'starting' | 'running'
  cancelledBy?: string
  /** Why those behind it could not begin either. */
  holdsQueue?: string
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
  /** Takes up what an earlier life left: `active` rows, those that it had not told anybody of, and the queues in which some wait. */
  recover(rows: readonly JobRow[], waiting: readonly string[]): void
  /** Stops the machine of an active job. @throws OperationalError guard-gone */
  stop(row: JobRow, by: string): Promise<void>
  /** Feed hold: it keeps its job. One that its guard has not begun yet is stopped: it would move later. @throws OperationalError guard-gone */
  hold(row: JobRow, by: string): Promise<'held' | 'stopped'>
  /** The runtime of a host is gone: the guard of each job that a flow there asked for follows the job's policy. */
  requesterGone(host: string): void
}

export function createMachineJobs(deps: {
  context: JobsContext
  machines: Machines
  programs: Programs
  /** Why no program may begin on this host now. */
  obstacle: () => string | undefined
}): MachineJobs {
  const { context, machines, programs, obstacle } = deps
  const { db, log, runs } = context
  const running = new Map<string, Running>()
  const workers = new Map<string, Promise<Pump | undefined>>()
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

  machines.onHere((machineId, isHere) => {
    if (isHere) return cameHere(machineId)
    const worker = workers.get(machineId)
    workers.delete(machineId)
    worker?.then((pump) => pump?.close()).catch((error) => log.warn({ machineId, err: error }, 'the queue of a machine that has left is still heard of'))
  })
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

  const run = async (row: JobRow): Promise<void> => {
    const job = follow(row, 'starting')
    void begin(job)
    await finish(job, await job.ended)
    log.info({ jobId: row.id, machineId: job.machineId }, 'a machine job ended')
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
      const why = obstacle()
      if (why !== undefined) {
        job.holdsQueue = 'The disk is nearly full: no program is begun'
        return job.settle(nothingSent('failed', why))
      }
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
          // it said no, and wrote that down as well as it could
          if (error instanceof OperationalError && error.code === 'journal-failed') {
            job.holdsQueue = `The disk is full: the guard of ${nameOf(machineId)} cannot write down what it does`
            throw error
          }
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
      if (job.holdsQueue !== undefined) await holdQueue(job, job.holdsQueue)
      const ended = await context.surely(() =>
        endJob(db, row.id, {
          state: end.state,
          outcome,
          ...(end.state === 'completed' ? {} : { reason: end.text }),
          ...(end.state === 'failed' || end.state === 'interrupted' ? { cause: hasBegun ? 'machine' : 'guard-refused' } : {}),
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
      if (ended) await context.ended(ended)
    } finally {
      running.delete(row.id)
    }
  }

  /** After a break nothing starts by itself, also not what was queued behind it. */
  const cancelFollowers = async (job: Running, how: string, machine: string): Promise<void> => {
    const what = `${job.row.name} on ${machine} was ${how === 'failed' ? 'broken off' : how}`
    const { cancelled, held } = await context.surely(() => breakOff(db, queueOf(job.machineId), what))
    if (held) context.queueChanged(held)
    for (const row of cancelled) await context.ended(row)
  }

  /** Those that wait would only fail one after the other. */
  const holdQueue = async (job: Running, why: string): Promise<void> => {
    const held = await context.surely(() =>
      changeQueue(db, queueOf(job.machineId), { mode: 'held', why: `${why}. Make room, then release the queue.` }, 'Cellwright'),
    )
    context.queueChanged(held)
  }

  const recoverMachine = async (rows: readonly JobRow[]): Promise<void> => {
    for (const row of rows.filter((entry) => entry.state === 'active')) {
      const job = follow(row, 'running')
      void findOut(job)
      await finish(job, await job.ended)
    }
    for (const row of rows.filter((entry) => !entry.isReady)) {
      const reason = 'It was asked for just as the gateway went away, and whoever asked may not know of it. Start it again.'
      const cancelled = await context.surely(() => endJob(db, row.id, { state: 'cancelled', reason, from: ['waiting'] }))
      if (cancelled) await context.ended(cancelled)
    }
  }

  const work = (machineId: string): void => {
    // the queue of a machine of another host is that host's
    if (workers.has(machineId) || !machines.isHere(machineId)) return
    const begin = async () => {
      await recovering.get(machineId)
      if (context.isClosing) return undefined
      return startPump(context, { queue: queueOf(machineId), concurrency: 1, isAlone: true, run })
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

  /** Its own host knows whether the guard has it yet; a stop of the machine alone would leave one that is about to begin. */
  const askItsHost = (row: JobRow, how: 'stop' | 'hold', by: string): Promise<unknown> | undefined => {
    const machineId = row.machineId ?? ''
    const { host } = machines.get(machineId)
    if (!host) return undefined
    return context.hosts.bus.ask(host.name, 'job-stop', { jobId: row.id, how, by }, { timeoutMs: ASK_MS }).catch((error: unknown) => {
      if (!(error instanceof OperationalError) || (error.code !== 'host-silent' && error.code !== 'host-unreachable')) throw error
      throw new OperationalError({
        code: 'stop-not-confirmed',
        status: 504,
        message: `Host "${host.name}", to which "${machineId}" is wired, has not confirmed it. Take it that the machine has NOT stopped: use its emergency stop.`,
        cause: error,
      })
    })
  }

  const stop: MachineJobs['stop'] = async (row, by) => {
    const elsewhere = askItsHost(row, 'stop', by)
    if (elsewhere) {
      await elsewhere
      return
    }
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
  }

  /** What its last host left is settled here, before anything of it begins here. */
  const cameHere = (machineId: string): void => {
    if (!hasStarted || context.isClosing) return
    const settle = async () => {
      const rows = await context.surely(() =>
        db.selectFrom('job').selectAll().where('machineId', '=', machineId).where('kind', '=', 'program').where('state', '=', 'active').execute(),
      )
      await recoverMachine(rows)
    }
    recovering.set(
      machineId,
      settle().catch((error) => {
        if (!context.isClosing) log.error({ machineId, err: error }, 'jobs that another host left could not be settled')
      }),
    )
    work(machineId)
  }
  let hasStarted = false

  return {
    queueOf,
    work,
    recover(rows, waiting) {
      hasStarted = true
      for (const [machineId, own] of Map.groupBy(rows, (row) => row.machineId ?? '')) {
        recovering.set(
          machineId,
          recoverMachine(own).catch((error) => {
            if (!context.isClosing) log.error({ machineId, err: error }, 'jobs of an earlier life could not be settled')
          }),
        )
        work(machineId)
      }
      for (const machineId of waiting) work(machineId)
      // other hosts are asked for programs too, and only BullMQ tells of them
      for (const { id } of machines.list()) work(id)
    },
    stop,
    async hold(row, by) {
      const elsewhere = askItsHost(row, 'hold', by)
      if (elsewhere) return (await elsewhere) as 'held' | 'stopped'
      if (running.get(row.id)?.phase === 'starting') {
        await stop(row, by)
        return 'stopped'
      }
      await machines.guard(row.machineId ?? '').call('hold', { by }, { timeoutMs: 5000 })
      return 'held'
    },
    requesterGone(host) {
      for (const job of running.values()) {
        const { row, machineId } = job
        if (row.nodeId === null || (row.askedOn !== null && row.askedOn !== host)) continue
        // one that its guard still looks at does not begin then, and one that it has not got yet is not handed over
        if (job.phase === 'starting') job.isRequesterGone = true
        // a guard that is away holds or finishes by its own policy
        const tell = async () => machines.guard(machineId).call('requesterGone', { jobId: row.id }, { timeoutMs: 5000 })
        tell().catch((error) => log.warn({ jobId: row.id, err: error }, 'a guard could not be told that the flow runtime is gone'))
      }
    },
  }
}

function nothingSent(state: End['state'], text: string): End {
  return { state, text, linesSent: 0, linesAcknowledged: 0, totalLines: 0, durationMs: 0, isPositionTrusted: true }
}
