/** The order of the waiting jobs of a queue: by priority, then by position; a job goes between two others without touching them. */
import { type Kysely, sql } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import type { Place } from '../../api/index.ts'
import type { Database } from '../../store/index.ts'
import { findJob, type JobRow } from '../rows.ts'

type Db = Kysely<Database>
type Slot = Pick<JobRow, 'id' | 'priority' | 'position'>

const atTheEnd = sql<number>`nextval('"jobPosition"')`

/** @throws UserError job-not-found, job-not-waiting */
export async function requireWaiting(db: Db, jobId: string): Promise<JobRow> {
  const row = await findJob(db, jobId)
  if (!row) throw new UserError({ code: 'job-not-found', message: `There is no job ${jobId}.`, status: 404 })
  if (row.state !== 'waiting') throw notWaiting(row)
  return row
}

export function notWaiting(row: Pick<JobRow, 'name' | 'state'>): UserError {
  return new UserError({
    code: 'job-not-waiting',
    status: 409,
    message: row.state === 'active' ? `"${row.name}" has begun: only what waits can be changed.` : `"${row.name}" does not wait any more: it was ${row.state}.`,
  })
}

/**
 * Moves a waiting job to another place of its queue; it takes on the priority of that place.
 * @throws UserError job-not-found, job-not-waiting, other-queue
 */
export async function placeJob(db: Db, jobId: string, place: Place): Promise<JobRow> {
  return db.transaction().execute(async (transaction) => {
    const row = await requireWaiting(transaction, jobId)
    // moves of one queue take turns: two that halve the same gap would get the same place
    await sql`select pg_advisory_xact_lock(hashtext(${`job-order ${row.queue}`}))`.execute(transaction)
    const slot = await slotFor(transaction, row, place)
    const moved =
      slot &&
      (await transaction
        .updateTable('job')
        .set({ priority: slot.priority, position: slot.position ?? atTheEnd })
        .where('id', '=', jobId)
        .where('state', '=', 'waiting')
        .returningAll()
        .executeTakeFirst())
    if (slot && !moved) throw notWaiting({ name: row.name, state: 'active' })
    return moved ?? row
  })
}

/** @returns where it goes, `position` undefined for behind everything of its priority; undefined when it stays where it is */
async function slotFor(db: Db, row: JobRow, place: Place): Promise<{ priority: number; position: number | undefined } | undefined> {
  const others = () =>
    db.selectFrom('job').select(['id', 'priority', 'position']).where('queue', '=', row.queue).where('state', '=', 'waiting').where('id', '<>', row.id)
  if ('to' in place) {
    const isFirst = place.to === 'first'
    const direction = isFirst ? 'asc' : 'desc'
    const edge = await others().orderBy('priority', direction).orderBy('position', direction).limit(1).executeTakeFirst()
    if (!edge) return undefined
    return { priority: edge.priority, position: isFirst ? edge.position - 1 : undefined }
  }
  const isBefore = 'before' in place
  const anchorId = isBefore ? place.before : place.after
  if (anchorId === row.id) return undefined
  for (let isAgain = false; ; isAgain = true) {
    const anchor = await anchorOf(db, row, anchorId)
    const ofPriority = others().where('priority', '=', anchor.priority)
    const neighbour: Slot | undefined = isBefore
      ? await ofPriority.where('position', '<', anchor.position).orderBy('position', 'desc').limit(1).executeTakeFirst()
      : await ofPriority.where('position', '>', anchor.position).orderBy('position', 'asc').limit(1).executeTakeFirst()
    if (!neighbour) return { priority: anchor.priority, position: isBefore ? anchor.position - 1 : undefined }
    const position = (anchor.position + neighbour.position) / 2
    if ((position !== anchor.position && position !== neighbour.position) || isAgain) return { priority: anchor.priority, position }
    // halved so often that nothing fits between any more
    await renumber(db, row.queue, anchor.priority)
  }
}

async function anchorOf(db: Db, row: JobRow, anchorId: string): Promise<Slot> {
  const anchor = await requireWaiting(db, anchorId)
  if (anchor.queue === row.queue) return anchor
  throw new UserError({ code: 'other-queue', status: 409, message: `"${anchor.name}" waits in another queue now. Look at the board again.` })
}

async function renumber(db: Db, queue: string, priority: number): Promise<void> {
  await sql`
    update job set position = placed.position from (
      select id, ${atTheEnd} as position from (
        select id from job where queue = ${queue} and state = 'waiting' and priority = ${priority} order by position, id) as ordered) as placed
    where placed.id = job.id`.execute(db)
}
