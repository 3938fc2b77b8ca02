/**
 * How long each waiting program should really take on its machine: as its guard estimates it, with the machine's own acceleration
 * and limits, and the pace of a virtual one. Asked in the background, one program at a time a machine; while a guard is away, its jobs have no estimate.
 */
import { messageOf } from '../../base/errors.ts'
import { checkOn, paceOf } from '../machines/check.ts'
import type { Machines, Programs } from '../machines/contract.ts'
import type { JobsContext } from './context.ts'
import type { ProgramRequest } from './machine-jobs.ts'
import type { JobRow } from './rows.ts'

/** Told to pages; a page that shows others reads them when it shows them. */
const TOLD = 50

export interface Estimates {
  /** Has a job estimated that is not. */
  want(row: JobRow): void
  /** All that wait and have none. */
  wantAll(): Promise<void>
}

export function createEstimates(deps: { context: JobsContext; machines: Machines; programs: Pick<Programs, 'path'> }): Estimates {
  const { context, machines, programs } = deps
  const { db, log } = context
  /** By machine: what is still to be asked, by content and options. */
  const wanted = new Map<string, Map<string, JobRow>>()
  const asking = new Set<string>()

  const ask = async (machineId: string): Promise<void> => {
    const pending = wanted.get(machineId)
    for (const [key, row] of pending ?? []) {
      if (context.isClosing) return
      const { sha256, options } = row.request as ProgramRequest
      const { estimateS } = await checkOn(machines, machineId, { path: programs.path(sha256), sha256, ...(options === undefined ? {} : { options }) })
      pending?.delete(key)
      const rows = await db
        .updateTable('job')
        .set({ estimateS })
        .where('machineId', '=', machineId)
        .where('state', 'in', ['waiting', 'active'])
        .where('estimateS', 'is', null)
        .where('programId', '=', row.programId ?? '')
        .returningAll()
        .execute()
      for (const each of rows.slice(0, TOLD)) context.changed(each)
    }
  }

  const go = (machineId: string): void => {
    if (asking.has(machineId) || context.isClosing) return
    asking.add(machineId)
    ask(machineId)
      // a guard that is away or an older one: asked again when it comes back
      .catch((error) => {
        wanted.delete(machineId)
        log.debug({ machineId, reason: messageOf(error) }, 'a program was not estimated')
      })
      .finally(() => {
        asking.delete(machineId)
        if (wanted.get(machineId)?.size) go(machineId)
      })
  }

  const want = (row: JobRow): void => {
    const { machineId, request, state, estimateS } = row
    if (machineId === null || (state !== 'waiting' && state !== 'active') || estimateS !== null) return
    const { sha256, options } = request as ProgramRequest
    const ofMachine = wanted.get(machineId) ?? new Map<string, JobRow>()
    ofMachine.set(`${row.programId} ${sha256} ${JSON.stringify(options ?? {})}`, row)
    wanted.set(machineId, ofMachine)
    go(machineId)
  }
  const wantAll = async (machineId?: string): Promise<void> => {
    const rows = await db
      .selectFrom('job')
      .selectAll()
      .distinctOn(['machineId', 'programId'])
      .where('state', 'in', ['waiting', 'active'])
      .where('kind', '=', 'program')
      .where('estimateS', 'is', null)
      .$if(machineId !== undefined, (q) => q.where('machineId', '=', machineId ?? ''))
      .execute()
    for (const row of rows) want(row)
  }

  /** Of a virtual machine whose pace was changed, what waits takes another time. */
  const paces = new Map<string, number>()
  machines.onChange((machine) => {
    const pace = paceOf(machine)
    const before = paces.get(machine.id) ?? pace
    paces.set(machine.id, pace)
    if (before === pace || context.isClosing) return
    db.updateTable('job')
      .set({ estimateS: null })
      .where('machineId', '=', machine.id)
      .where('state', '=', 'waiting')
      .execute()
      .then(() => wantAll(machine.id))
      .catch((error) => log.debug({ err: error }, 'jobs could not be estimated anew'))
  })
  machines.onGuard((machineId, isConnected) => {
    if (isConnected && !context.isClosing) wantAll(machineId).catch((error) => log.debug({ err: error }, 'jobs without an estimate could not be looked for'))
  })
  return { want, wantAll: () => wantAll() }
}
