/** What was measured today, by name: for the panel, and for forms that offer names. */
import { sql } from 'kysely'
import { listCharacteristics, listQualitySince, type MeasuredName } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { Store } from '../store/index.ts'
import { qualitySince } from './since.ts'

/** Names that a form offers: a shop has hundreds. */
const MOST = 2000

export function todayRoutes(store: Pick<Store, 'db'>): RouteHandler[] {
  return [
    handle(listCharacteristics, async () => {
      // from one name to the next over the index: the measurements in between are not read
      const { rows } = await sql<Omit<MeasuredName, 'lastAt'> & { lastAt: Date }>`
        with recursive each as (
          (select characteristic from measurement order by characteristic limit 1)
          union all
          select (select m.characteristic from measurement m where m.characteristic > each.characteristic order by m.characteristic limit 1) from each
          where each.characteristic is not null)
        select last.* from each, lateral (
          select characteristic as name, unit, nominal, lower, upper, at as "lastAt" from measurement m
          where m.characteristic = each.characteristic order by at desc limit 1) last
        order by name limit ${MOST}`.execute(store.db)
      return rows.map(({ lastAt, ...row }) => ({ ...row, lastAt: lastAt.toISOString() }))
    }),
    handle(listQualitySince, ({ query: { from } }) => qualitySince(store, new Date(from))),
  ]
}
