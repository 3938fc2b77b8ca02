/** Control limits: the list of those that hold and held, and new ones from a time on. */
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { ChartError, chartStream } from '../../nodes/quality/engine/charts/index.ts'
import { type GivenLimits, listControlLimits, setControlLimits } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { json } from '../store/index.ts'
import { lockCharacteristic, type QualityContext, readCharacteristic } from './context.ts'
import { type Db, whoIs } from './contract.ts'
import { chartOptions } from './definition.ts'
import { limitsFrom } from './first-limits.ts'
import { phaseTeller } from './phases.ts'
import { readLimits, readPoints } from './points.ts'
import { type CharacteristicRow, viewLimits } from './rows.ts'

/** Points that limits may be made from. */
const MOST_POINTS = 20_000

export function limitRoutes(context: QualityContext): RouteHandler[] {
  const { store, charts, audit } = context
  return [
    handle(listControlLimits, async ({ params: { id } }) => {
      await readCharacteristic(store.db, id)
      const rows = await store.db.selectFrom('controlLimit').selectAll().where('characteristicId', '=', id).orderBy('n', 'desc').execute()
      return rows.map(viewLimits)
    }),
    handle(setControlLimits, async ({ params: { id }, body, caller }) => {
      const { phase, limits, reason } = body
      const who = whoIs(caller)
      const { stored, row } = await context.oneAtATime(id, () =>
        store.db.transaction().execute(async (tx) => {
          const row = await lockCharacteristic(tx, id)
          const made = await make(tx, row, limits)
          const isFromPoint = body.validFrom === undefined
          const stored = await tx
            .insertInto('controlLimit')
            .values({
              id: newId('lim'),
              characteristicId: id,
              phase,
              validFrom: body.validFrom === undefined ? made.at : new Date(body.validFrom),
              fromSubgroup: isFromPoint ? made.fromSubgroup : null,
              source: limits.source,
              given: json(made.given),
              basis: made.basis ? json(made.basis) : null,
              revision: row.revision,
              by: who.name,
              byId: who.id ?? null,
              reason,
            })
            .returningAll()
            .executeTakeFirstOrThrow()
          const next = phaseTeller(await readLimits(tx, id))({ subgroup: row.subgroup + 1, at: context.now() })
          await tx
            .updateTable('characteristic')
            .set((e) => ({ limitId: next?.id ?? null, changes: e('changes', '+', 1) }))
            .where('id', '=', id)
            .execute()
          return { stored, row }
        }),
      )
      charts.forget(id)
      audit.record({
        caller,
        action: 'set control limits',
        target: row.name,
        detail: { characteristicId: id, limitId: stored.id, phase, source: limits.source, reason },
      })
      context.publish({ kind: 'changed', characteristicId: id, what: 'limits' })
      return viewLimits(stored)
    }),
  ]

  async function make(
    db: Db,
    row: CharacteristicRow,
    limits: { source: 'data'; from: number; to: number } | { source: 'given'; given: GivenLimits },
  ): Promise<{ given: GivenLimits; at: Date; fromSubgroup: number; basis?: { from: number; to: number; points: number } }> {
    const impossible = (message: string, code = 'limits-impossible') => new UserError({ code, message })
    try {
      if (limits.source === 'given') {
        // what a chart that grows needs is complete, or it says what is missing
        chartStream(chartOptions(row.definition.chart, { asked: limits.given }))
        return { given: limits.given, at: new Date(context.now()), fromSubgroup: row.subgroup + 1 }
      }
      const { from, to } = limits
      if (from > to) throw impossible(`The range begins at point ${from} and ends at ${to}: exchange them.`)
      if (to - from >= MOST_POINTS) throw impossible(`Limits are made from ${MOST_POINTS} points at most. Take a shorter range.`)
      const points = await readPoints(db, row.id, { from, to: row.openValues > 0 ? Math.min(to, row.subgroup - 1) : to, last: MOST_POINTS })
      const [first] = points
      const last = points.at(-1)
      if (!first || !last) throw impossible(`There are no whole points from ${from} to ${to}. Choose others.`)
      if (points.filter(({ isExcluded }) => !isExcluded).length < 2)
        throw impossible('Limits need two points at least that are not excluded. Choose a longer range.')
      const { given, points: used } = limitsFrom(row.definition, points)
      return { given, at: new Date(first.at), fromSubgroup: first.subgroup, basis: { from: first.subgroup, to: last.subgroup, points: used } }
    } catch (error) {
      if (!(error instanceof ChartError)) throw error
      throw impossible(error.message, error.code === 'options-invalid' ? 'chart-not-fitting' : 'limits-impossible')
    }
  }
}
