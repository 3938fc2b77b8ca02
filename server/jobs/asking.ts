/** Queues what is asked for: programs of machines, and jobs of flows. */
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import type { Machines, Programs } from '../machines/contract.ts'
import { claimedWith } from './claim.ts'
import type { JobsContext } from './context.ts'
import type { Jobs } from './contract.ts'
import type { Estimates } from './estimates.ts'
import { FLOW_QUEUE } from './flow-jobs.ts'
import type { MachineJobs, ProgramRequest } from './machine-jobs.ts'
import { requireTaking } from './queue-controls.ts'
import { endJob, findJobByKey, insertJob, type JobRow, markReady } from './rows.ts'

export interface Asking {
  /** @throws UserError machine-not-found, program-not-found, queue-draining, job-not-found (of `dependsOn`); OperationalError disk-critical */
  startProgram(request: Parameters<Jobs['startProgram']>[0]): Promise<JobRow>
  /** @throws UserError queue-draining, job-not-found (of `dependsOn`) */
  enqueueFlow(request: Parameters<Jobs['enqueueFlow']>[0]): Promise<JobRow>
}

export function createAsking(deps: {
  context: JobsContext
  machines: Machines
  programs: Programs
  machineJobs: MachineJobs
  estimates: Pick<Estimates, 'want'>
  obstacle: () => string | undefined
}): Asking {
  const { context, machines, programs, machineJobs, estimates, obstacle } = deps
  const { db, log, runs } = context

  /** What a node asks for a run that a person has just cancelled is not done any more. @throws UserError run-cancelled */
  const requireGoing = (runId: string | undefined): void => {
    if (runId !== undefined && runs.isCancelled(runId)) throw runCancelled()
  }
  /** The same once more: it may have been cancelled while the row was written. */
  const requireStillGoing = async (row: JobRow): Promise<void> => {
    if (row.runId === null || !runs.isCancelled(row.runId)) return
    const cancelled = await endJob(db, row.id, { state: 'cancelled', reason: 'Its run was cancelled.', from: ['waiting'] })
    if (cancelled) await context.ended(cancelled)
    throw runCancelled()
  }

  const startProgram = async (request: Parameters<Jobs['startProgram']>[0]): Promise<JobRow> => {
    const { machineId, programId, requestedBy, key, runId, nodeId, options, lease, plan, parentJob } = request
    requireGoing(runId)
    const machine = machines.get(machineId)
    const program = await programs.find(programId)
    const queue = machineJobs.queueOf(machineId)
    await requireTaking(db, queue, key)
    // another host judges its own disk when the turn comes
    const why = machines.isHere(machineId) ? obstacle() : undefined
    if (why !== undefined && !(key !== undefined && (await findJobByKey(db, key)))) throw diskCritical(why)
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
      ...context.asked(),
      key,
      runId,
      nodeId,
      plan,
      parentJob,
      // nobody takes it before it is certain that whoever asked is told of it
      isReady: false,
    })
    if (isNew) {
      context.changed(row)
      if (runId !== undefined) await runs.link(runId, { kind: 'job', id: row.id, text: `program ${program.name} queued for ${machine.name}` })
    }
    if (row.state !== 'waiting') return row
    if (isNew) await requireStillGoing(row)
    try {
      await markReady(db, row.id)
    } catch (error) {
      // whoever asked is told that it failed: then it must not start later
      const reason = `It could not be queued: ${messageOf(error)}`
      const failed = await endJob(db, row.id, { state: 'failed', cause: 'not-queued', reason, from: ['waiting'] }).catch(() => undefined) // the database is away too: it is cancelled at the next start
      if (failed) await context.ended(failed)
      throw error
    }
    machineJobs.work(machineId)
    await context.announce(row)
    estimates.want(row)
    return row
  }

  /** The answer to the write may be what was lost: its row has begun then, and nobody would work on it. */
  const takeUp = async (place: NonNullable<ReturnType<JobsContext['reserve']>>): Promise<void> => {
    let row: JobRow | undefined
    try {
      row = await context.surely(() => claimedWith(db, { queue: FLOW_QUEUE, token: place.token }))
    } catch (error) {
      // the next life finds it in its row
      if (!context.isClosing) log.error({ err: error }, 'whether a flow job has begun could not be looked up')
    }
    if (row) place.begin(row)
    else place.giveBack()
  }

  const enqueueFlow = async (request: Parameters<Jobs['enqueueFlow']>[0]): Promise<JobRow> => {
    const { name, payload, requestedBy, key, plan, runId, nodeId, parentJob } = request
    requireGoing(runId)
    // an idle queue takes it with the statement that writes it
    const place = plan === undefined ? context.reserve(FLOW_QUEUE, name) : undefined
    let isBegun = false
    try {
      if (!place) await requireTaking(db, FLOW_QUEUE, key)
      const { row, isNew } = await insertJob(db, {
        kind: 'flow',
        queue: FLOW_QUEUE,
        name,
        request: { payload },
        ...context.asked(),
        requestedBy,
        key,
        plan,
        runId,
        nodeId,
        parentJob,
        begin: place,
      })
      if (isNew && !row.isReady) {
        await db.deleteFrom('job').where('id', '=', row.id).execute()
        await requireTaking(db, FLOW_QUEUE)
      }
      isBegun = isNew && place !== undefined && row.claim === place.token
      if (isBegun) place?.begin(row)
      else if (isNew) context.changed(row)
      if (isNew && runId !== undefined) await runs.link(runId, { kind: 'job', id: row.id, text: `flow job "${name}" queued` })
      if (row.state === 'waiting') {
        if (isNew) await requireStillGoing(row)
        void context.announce(row)
      }
      return row
    } catch (error) {
      if (!place || isBegun || !(error instanceof OperationalError)) throw error
      isBegun = true
      void takeUp(place)
      throw error
    } finally {
      if (!isBegun) place?.giveBack()
    }
  }

  return { startProgram, enqueueFlow }
}

const diskCritical = (why: string) => new OperationalError({ code: 'disk-critical', status: 507, message: why })
const runCancelled = () => new UserError({ code: 'run-cancelled', status: 409, message: 'This run was cancelled: nothing more is queued for it.' })
