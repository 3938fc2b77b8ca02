/** How queues are controlled: held or draining, by whom and why, how fast, and what a break of a machine does to what waits. */
import type { Kysely } from 'kysely'
import { UserError } from '../../base/errors.ts'
import type { QueueChange, QueueControl } from '../api/index.ts'
import type { Database } from '../store/index.ts'
import { cancelWaiting, findJobByKey, type JobRow } from './rows.ts'

type Db = Kysely<Database>

const open = (queue: string): QueueControl => ({ queue, mode: 'open', afterBreak: 'cancel' })

function toControl(row: {
  name: string
  mode: QueueControl['mode']
  why: string | null
  by: string | null
  at: Date
  rateJobs: number | null
  rateSeconds: number | null
  afterBreak: QueueControl['afterBreak']
}): QueueControl {
  return {
    queue: row.name,
    mode: row.mode,
    afterBreak: row.afterBreak,
    ...(row.why === null ? {} : { why: row.why }),
    ...(row.by === null ? {} : { by: row.by }),
    ...(row.mode === 'open' ? {} : { since: row.at.toISOString() }),
    ...(row.rateJobs === null || row.rateSeconds === null ? {} : { rate: { jobs: row.rateJobs, seconds: row.rateSeconds } }),
  }
}

export async function queueControls(db: Db): Promise<Map<string, QueueControl>> {
  const rows = await db.selectFrom('jobQueue').selectAll().execute()
  return new Map(rows.map((row) => [row.name, toControl(row)]))
}

export async function queueControl(db: Db, queue: string): Promise<QueueControl> {
  const row = await db.selectFrom('jobQueue').selectAll().where('name', '=', queue).executeTakeFirst()
  return row ? toControl(row) : open(queue)
}

export async function changeQueue(db: Db, queue: string, { mode, why, rate, afterBreak }: QueueChange, by: string): Promise<QueueControl> {
  const change = {
    ...(mode === undefined ? {} : { mode, why: mode === 'open' ? null : (why ?? null), by, at: new Date() }),
    ...(rate === undefined ? {} : { rateJobs: rate?.jobs ?? null, rateSeconds: rate?.seconds ?? null }),
    ...(afterBreak === undefined ? {} : { afterBreak }),
  }
  const row = await db
    .insertInto('jobQueue')
    .values({ name: queue, ...change })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ name: queue, ...change }))
    .returningAll()
    .executeTakeFirstOrThrow()
  return toControl(row)
}

/** @param key of the request: what was taken before is asked for again @throws UserError queue-draining */
export async function requireTaking(db: Db, queue: string, key?: string): Promise<void> {
  const { mode, by, why } = await queueControl(db, queue)
  if (mode !== 'draining') return
  if (key !== undefined && (await findJobByKey(db, key))) return
  throw new UserError({
    code: 'queue-draining',
    status: 409,
    message: `This queue is run empty and takes no new jobs${by ? `: ${by}` : ''}${why ? `, "${why}"` : ''}. Release it on the page "Jobs", then queue the job again.`,
  })
}

/** After a break nothing of a machine starts by itself: what waits is cancelled, or held, as its queue says. */
export async function breakOff(db: Db, queue: string, what: string): Promise<{ cancelled: JobRow[]; held?: QueueControl }> {
  const { afterBreak } = await queueControl(db, queue)
  if (afterBreak === 'hold')
    return { cancelled: [], held: await changeQueue(db, queue, { mode: 'held', why: `${what}. Look at the machine, then release the queue.` }, 'Cellwright') }
  return { cancelled: await cancelWaiting(db, queue, `It was waiting when ${what}. Look at the machine, then start it again.`) }
}
