/** The queues as the board shows them: what runs, what waits in which order, when it should be done, what will be late. */
import { type Kysely, sql } from 'kysely'
import type { JobQueue, QueuedJob } from '../../api/index.ts'
import type { Machines } from '../../machines/contract.ts'
import type { Database } from '../../store/index.ts'
import { ADAPTER_QUEUE } from '../confirmation-jobs.ts'
import { FLOW_QUEUE } from '../flow-jobs.ts'
import { MAINTENANCE_QUEUE } from '../maintenance-jobs.ts'
import { queueControls } from '../queue-controls.ts'
import { type JobRow, toJob } from '../rows.ts'

type Db = Kysely<Database>
type Deps = { db: Db; machines: Pick<Machines, 'list'> }

/** This part of a program counts as its beginning. */
const EARLY = 0.1

export const machineOfQueue = (queue: string): string | undefined => (queue.startsWith('machine-') ? queue.slice('machine-'.length) : undefined)

/** When what a machine works on should be done; now when it works on nothing. Undefined while nobody can tell. */
function activeEnd(machines: Pick<Machines, 'list'>, row: JobRow | undefined, now: number): number | undefined {
  if (!row) return now
  const job = machines.list().find(({ id }) => id === row.machineId)?.state?.job
  const estimateMs = row.estimateS === null ? undefined : row.estimateS * 1000
  const elapsedMs = row.startedAt === null ? 0 : now - row.startedAt.getTime()
  // at its beginning the controller takes lines faster than it moves: the estimate is the better word then
  const isEarly = estimateMs !== undefined && elapsedMs < estimateMs * EARLY
  if (job?.jobId === row.id && job.remainingS !== undefined && !isEarly) return now + job.remainingS * 1000
  return estimateMs === undefined ? undefined : Math.max(now, now + estimateMs - elapsedMs)
}

interface Totals {
  queue: string
  waiting: number
  unknown: number
  late: number
  endIn: number | null
}

/**
 * Waiting jobs with the seconds that pass before each begins, if one follows the other: an estimate that is not known counts
 * as no time at all, and `unknownBefore` says how many of those there are before it.
 */
const inOrder = (queue?: string) => sql`
  select id, queue, priority, position, "dueAt", "notBefore", coalesce("estimateS", 0) as seconds, "estimateS" is null as "isUnknown",
    row_number() over ordered - 1 as place,
    coalesce(sum("estimateS") over (ordered rows between unbounded preceding and 1 preceding), 0) as before,
    count(*) filter (where "estimateS" is null) over (ordered rows between unbounded preceding and 1 preceding) as "unknownBefore"
  from job where state = 'waiting' and "isReady" ${queue === undefined ? sql`` : sql`and queue = ${queue}`}
  window ordered as (partition by queue order by priority, position, id)`

export async function listQueues({ db, machines }: Deps): Promise<JobQueue[]> {
  const now = Date.now()
  const [controls, active, dead] = await Promise.all([
    queueControls(db),
    db.selectFrom('job').selectAll().where('state', '=', 'active').orderBy('startedAt').execute(),
    db
      .selectFrom('job')
      .select(['queue', (e) => e.fn.countAll<string>().as('n')])
      .where('state', 'in', ['failed', 'interrupted'])
      .where('handledAt', 'is', null)
      .groupBy('queue')
      .execute(),
  ])
  const byQueue = Map.groupBy(active, (row) => row.queue)
  const begins: Record<string, number> = {}
  const beginIn: Record<string, number> = {}
  for (const { id } of machines.list()) {
    const queue = `machine-${id}`
    const end = activeEnd(machines, byQueue.get(queue)?.[0], now)
    if (end === undefined) continue
    begins[queue] = end
    beginIn[queue] = (end - now) / 1000
  }
  // times as seconds from now: cheaper than dates, ten thousand times
  const totals = await sql<Totals>`
    select queue, count(*)::integer as waiting, count(*) filter (where "isUnknown")::integer as unknown,
      count(*) filter (where "dueIn" < 0 or "dueIn" < begin + seconds)::integer as late, max(begin + seconds) as "endIn"
    from (
      select o.queue, o.seconds, o."isUnknown", extract(epoch from o."dueAt" - ${new Date(now)}::timestamptz) as "dueIn",
        greatest(coalesce(b.value::double precision, 0) + o.before, extract(epoch from o."notBefore" - ${new Date(now)}::timestamptz)) as begin
      from (${inOrder()}) as o left join jsonb_each_text(${JSON.stringify(beginIn)}::jsonb) as b on b.key = o.queue) as planned
    group by queue`.execute(db)
  const totalOf = new Map(totals.rows.map((row) => [row.queue, row]))
  const deadOf = new Map(dead.map(({ queue, n }) => [queue, Number(n)]))

  const view = (queue: string, facts: Pick<JobQueue, 'kind' | 'name' | 'machineId'>): JobQueue => {
    const total = totalOf.get(queue)
    const isMachine = facts.kind === 'machine'
    const working = byQueue.get(queue) ?? []
    const begin = begins[queue]
    const control = controls.get(queue)
    const isKnown = isMachine && begin !== undefined && (total?.unknown ?? 0) === 0
    return {
      ...(control ?? { queue, mode: 'open', afterBreak: 'cancel' }),
      ...facts,
      waiting: total?.waiting ?? 0,
      active: working.map(toJob),
      dead: deadOf.get(queue) ?? 0,
      late: total?.late ?? 0,
      unknown: isMachine ? (total?.unknown ?? 0) : 0,
      ...(isMachine && working.length && begin !== undefined ? { activeEndAt: new Date(begin).toISOString() } : {}),
      ...(isKnown && total?.endIn != null ? { endAt: new Date(now + Number(total.endIn) * 1000).toISOString() } : {}),
    }
  }
  return [
    ...machines.list().map(({ id, name, host }) => ({
      ...view(`machine-${id}`, { kind: 'machine', name, machineId: id }),
      ...(host ? { host: { name: host.name, isSilent: host.isSilent } } : {}),
    })),
    view(FLOW_QUEUE, { kind: 'flow', name: FLOW_QUEUE }),
    view(ADAPTER_QUEUE, { kind: 'adapter', name: ADAPTER_QUEUE }),
    view(MAINTENANCE_QUEUE, { kind: 'maintenance', name: MAINTENANCE_QUEUE }),
  ]
}

/** A page of what waits in a queue. */
export async function listQueue(
  { db, machines }: Deps,
  { queue, offset, limit }: { queue: string; offset: number; limit: number },
): Promise<{ total: number; jobs: QueuedJob[] }> {
  const now = Date.now()
  const machineId = machineOfQueue(queue)
  const active = await db.selectFrom('job').selectAll().where('queue', '=', queue).where('state', '=', 'active').limit(1).executeTakeFirst()
  const begin = machineId === undefined ? now : activeEnd(machines, active, now)
  // in the order of the index: PostgreSQL stops at the end of the page
  const [planned, total] = await Promise.all([
    sql<{ id: string; place: number; before: number; unknownBefore: number }>`
      select id, place::integer as place, before, "unknownBefore"::integer as "unknownBefore" from (${inOrder(queue)}) as o
      order by priority, position, id offset ${offset} limit ${limit}`.execute(db),
    countWaiting(db, queue),
  ])
  const ids = planned.rows.map(({ id }) => id)
  const rows = ids.length ? await db.selectFrom('job').selectAll().where('id', 'in', ids).execute() : []
  const rowOf = new Map(rows.map((row) => [row.id, row]))
  const isScheduled = machineId !== undefined && begin !== undefined
  return {
    total,
    jobs: planned.rows.flatMap(({ id, place, before, unknownBefore }) => {
      const row = rowOf.get(id)
      if (!row) return []
      const startAt = new Date(Math.max((begin ?? now) + before * 1000, row.notBefore?.getTime() ?? 0))
      const endAt = new Date(startAt.getTime() + (row.estimateS ?? 0) * 1000)
      const isKnown = isScheduled && unknownBefore === 0 && row.blockedBy === 0
      return [
        {
          ...toJob(row),
          place,
          ...(isKnown ? { startAt: startAt.toISOString() } : {}),
          ...(isKnown && row.estimateS !== null ? { endAt: endAt.toISOString() } : {}),
          isLate: row.dueAt !== null && (row.dueAt.getTime() < now || row.dueAt < endAt),
        },
      ]
    }),
  }
}

async function countWaiting(db: Db, queue: string): Promise<number> {
  const { n } = await db
    .selectFrom('job')
    .select((e) => e.fn.countAll<string>().as('n'))
    .where('queue', '=', queue)
    .where('state', '=', 'waiting')
    .where('isReady', '=', true)
    .executeTakeFirstOrThrow()
  return Number(n)
}
