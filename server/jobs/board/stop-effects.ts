/** What a stop does to those that wait behind what runs: said beside the button, before it is pressed. */
import { type Kysely, sql } from 'kysely'
import type { StopEffect } from '../../api/index.ts'
import type { Database } from '../../store/index.ts'

/** Jobs that are named. */
const NAMED = 3

export async function stopEffects(db: Kysely<Database>): Promise<StopEffect[]> {
  const { rows } = await sql<{ machineId: string; queue: string; afterBreak: StopEffect['afterBreak'] | null; waiting: number; first: string[] }>`
    select running."machineId", running.queue, q."afterBreak", behind.waiting, behind.first
    from (select distinct queue, "machineId" from job where kind = 'program' and state = 'active' and "machineId" is not null) as running
    left join "jobQueue" q on q.name = running.queue
    cross join lateral (
      select (select count(*)::integer from job where queue = running.queue and state = 'waiting') as waiting,
        array(select name from job where queue = running.queue and state = 'waiting' order by priority, position, id limit ${NAMED}) as first) as behind
    where behind.waiting > 0 order by running.queue`.execute(db)
  return rows.map(({ afterBreak, ...effect }) => ({ ...effect, afterBreak: afterBreak ?? 'cancel' }))
}
