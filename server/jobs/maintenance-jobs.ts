/**
 * The product's own regular work (retention and the like) as jobs of the queue `maintenance`: seen on the board, held with it,
 * done once however many gateways share the database. BullMQ's job schedulers say when; a row unique by task and time is the job.
 */
import { messageOf } from '../../base/errors.ts'
import type { JobsContext } from './context.ts'
import { startPump } from './pump.ts'
import { endJob, insertJob, type JobRow } from './rows.ts'

export const MAINTENANCE_QUEUE = 'maintenance'

/** Regular work of a part of the product. */
export interface MaintenanceTask {
  /** Stable, kebab-case. */
  name: string
  everyMs: number
  /** Does it; returns what came of it, in words. A gateway that dies in the middle leaves it to the next time. */
  run(): Promise<string>
}

export interface MaintenanceJobs {
  add(task: MaintenanceTask): void
  start(rows: readonly JobRow[]): Promise<void>
  /** Says again when each task is due: whoever keeps that may have been wiped. */
  scheduleAll(): Promise<void>
}

export function createMaintenanceJobs({ context }: { context: JobsContext }): MaintenanceJobs {
  const { db, dispatch } = context
  const tasks = new Map<string, MaintenanceTask>()

  const due = async (name: string): Promise<void> => {
    const task = tasks.get(name)
    if (!task) return // of another version that shares the database
    const time = Math.floor(Date.now() / task.everyMs)
    const { row, isNew } = await insertJob(db, {
      kind: 'maintenance',
      queue: MAINTENANCE_QUEUE,
      name,
      key: `maintenance:${name}:${task.everyMs}:${time}`,
      request: {},
      requestedBy: 'Cellwright',
    })
    if (!isNew) return
    context.changed(row)
    await context.announce(row)
  }

  const run = async (row: JobRow): Promise<void> => {
    const task = tasks.get(row.name)
    const end = await (async () => {
      try {
        if (!task) return { state: 'failed', cause: 'task', reason: `This version knows no regular work called "${row.name}".` } as const
        return { state: 'completed', outcome: { text: await context.throughAbsence(() => task.run()) } } as const
      } catch (error) {
        return { state: 'failed', cause: 'task', reason: messageOf(error) } as const
      }
    })()
    if (context.isClosing) return
    const after = await context.surely(() => endJob(db, row.id, end))
    if (after) await context.ended(after)
  }

  const scheduleAll = async (): Promise<void> => {
    for (const { name, everyMs } of tasks.values()) await dispatch.every(MAINTENANCE_QUEUE, name, everyMs)
  }

  return {
    add: (task) => void tasks.set(task.name, task),
    async start(rows) {
      for (const row of rows) {
        const after = await endJob(db, row.id, { state: 'cancelled', reason: 'The gateway was restarted in the middle of it; it is done the next time.' })
        if (after) await context.ended(after)
      }
      await startPump(context, { queue: MAINTENANCE_QUEUE, concurrency: 1, run, due })
      await scheduleAll()
    },
    scheduleAll,
  }
}
