/** Moves a waiting program to another machine, when that machine's guard says that it can run it. */

import { sql } from 'kysely'
import { messageOf, UserError } from '../../../base/errors.ts'
import type { ProgramReport } from '../../../nodes/motion/program.ts'
import type { MoveTarget } from '../../api/index.ts'
import { checkOn } from '../../machines/check.ts'
import type { Machines, Programs } from '../../machines/contract.ts'
import type { JobsContext } from '../context.ts'
import type { MachineJobs, ProgramRequest } from '../machine-jobs.ts'
import { requireTaking } from '../queue-controls.ts'
import type { JobRow } from '../rows.ts'
import { notWaiting, requireWaiting } from './order.ts'
import { listQueues } from './views.ts'

/** Findings told of a machine that cannot. */
const TOLD = 3

export interface Moves {
  /** @throws UserError job-not-found, job-not-waiting, not-a-program */
  targets(jobId: string): Promise<MoveTarget[]>
  /** @throws UserError machine-cannot (`details.reasons`), job-not-waiting, not-a-program, queue-draining; OperationalError guard-gone */
  move(jobId: string, machineId: string): Promise<JobRow>
}

export function createMoves(deps: { context: JobsContext; machines: Machines; programs: Pick<Programs, 'path'>; machineJobs: MachineJobs }): Moves {
  const { context, machines, programs, machineJobs } = deps
  const { db } = context

  const requireProgram = async (jobId: string): Promise<JobRow> => {
    const row = await requireWaiting(db, jobId)
    if (row.kind !== 'program')
      throw new UserError({ code: 'not-a-program', status: 409, message: `"${row.name}" is no program: only programs go from machine to machine.` })
    const { options, lease } = row.request as ProgramRequest
    if (options?.planId !== undefined || lease !== undefined)
      throw new UserError({
        code: 'not-a-program',
        status: 409,
        message: `"${row.name}" was asked for with ${lease === undefined ? 'a start in mid-program' : 'a lease'} that counts for its machine only. Cancel it and start it anew.`,
      })
    return row
  }

  const check = (row: JobRow, machineId: string): Promise<ProgramReport> => {
    const { sha256, options } = row.request as ProgramRequest
    return checkOn(machines, machineId, { path: programs.path(sha256), sha256, ...(options === undefined ? {} : { options }) })
  }
  const whyNot = (report: ProgramReport): string[] =>
    report.isRunnable
      ? []
      : report.findings
          .filter(({ severity }) => severity === 'error')
          .slice(0, TOLD)
          .map(({ line, text }) => `Line ${line}: ${text}`)

  return {
    async targets(jobId) {
      const row = await requireProgram(jobId)
      const queues = await listQueues({ db, machines })
      return Promise.all(
        machines
          .list()
          .filter(({ id }) => id !== row.machineId)
          .map(async ({ id, name, isVirtual }): Promise<MoveTarget> => {
            const target = { machineId: id, name, isVirtual }
            try {
              const report = await check(row, id)
              const endAt = queues.find(({ machineId }) => machineId === id)?.endAt
              return {
                ...target,
                can: report.isRunnable,
                reasons: whyNot(report),
                estimateS: report.estimateS,
                ...(endAt === undefined ? {} : { startAt: endAt }),
              }
            } catch (error) {
              return { ...target, can: false, reasons: [messageOf(error)] }
            }
          }),
      )
    },
    async move(jobId, machineId) {
      const row = await requireProgram(jobId)
      const { name } = machines.get(machineId)
      if (row.machineId === machineId) return row
      const queue = machineJobs.queueOf(machineId)
      await requireTaking(db, queue)
      const report = await check(row, machineId)
      if (!report.isRunnable) {
        const reasons = whyNot(report)
        throw new UserError({ code: 'machine-cannot', status: 409, message: `${name} cannot run "${row.name}". ${reasons.join(' ')}`, details: { reasons } })
      }
      const moved = await db
        .updateTable('job')
        .set({ machineId, queue, position: sql<number>`nextval('"jobPosition"')`, estimateS: report.estimateS })
        .where('id', '=', jobId)
        .where('state', '=', 'waiting')
        .where('queue', '=', row.queue)
        .returningAll()
        .executeTakeFirst()
      if (!moved) throw notWaiting({ name: row.name, state: 'active' })
      context.changed(moved)
      machineJobs.work(machineId)
      await context.announce(moved)
      return moved
    },
  }
}
