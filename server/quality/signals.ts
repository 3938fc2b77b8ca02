/** Signals: what a chart or a tolerance says of a new point, stored with it. */
import type { Insertable } from 'kysely'
import { newId } from '../../base/ids.ts'
import { type CharacteristicDefinition, listSignals, type SignalView } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { json } from '../store/index.ts'
import type { Database } from '../store/tables.ts'
import type { QualityContext } from './context.ts'
import type { Db } from './contract.ts'
import type { Judged } from './live-charts.ts'
import type { Point } from './phases.ts'
import { type CharacteristicRow, type MeasurementRow, readSignals, viewSignal } from './rows.ts'
import { ruleInWords, toleranceInWords } from './words.ts'

export type NewSignal = Omit<SignalView, 'id' | 'characteristicId' | 'name' | 'at'> & { limitId?: string }

/** What the rules of the chart say of a point. */
export function signalsOf({ verdict, first, limit }: Judged, point: Point, { chart, afterSignal }: CharacteristicDefinition): NewSignal[] {
  return verdict.panels.flatMap(({ name, value, center, lower, upper, signals }) =>
    signals.map(({ rule, from, at, side }) => ({
      subgroup: point.subgroup,
      chart: name,
      rule,
      text: ruleInWords({ rule, ...(side ? { side } : {}) }, chart.conventions as Parameters<typeof ruleInWords>[1]),
      subgroups: Array.from({ length: at - from + 1 }, (_, i) => first + from + i),
      value: value ?? 0,
      asks: afterSignal,
      limitId: limit.id,
      ...(side ? { side: side === 'upper' ? ('above' as const) : ('below' as const) } : {}),
      ...(lower === null ? {} : { lower }),
      ...(center === null ? {} : { center }),
      ...(upper === null ? {} : { upper }),
    })),
  )
}

export function outOfTolerance({ subgroup, value, nominal, lower, upper }: MeasurementRow, asks: SignalView['asks']): NewSignal {
  return {
    subgroup: subgroup ?? 0,
    chart: 'tolerance',
    rule: 'out-of-tolerance',
    text: `out of tolerance (${toleranceInWords(lower, upper)})`,
    subgroups: [subgroup ?? 0],
    value,
    asks,
    side: upper !== null && value > upper ? 'above' : 'below',
    ...(lower === null ? {} : { lower }),
    ...(nominal === null ? {} : { center: nominal }),
    ...(upper === null ? {} : { upper }),
  }
}

export async function storeSignals(db: Db, { row, signals }: { row: CharacteristicRow; signals: readonly NewSignal[] }): Promise<SignalView[]> {
  if (!signals.length) return []
  const rows = await db
    .insertInto('qualitySignal')
    .values(
      signals.map(
        ({ subgroup, chart, rule, text, subgroups, side, value, lower, center, upper, limitId, asks }): Insertable<Database['qualitySignal']> => ({
          id: newId('sig'),
          characteristicId: row.id,
          subgroup,
          chart,
          rule,
          text,
          subgroups: json(subgroups),
          side: side ?? null,
          value,
          lower: lower ?? null,
          center: center ?? null,
          upper: upper ?? null,
          limitId: limitId ?? null,
          asks,
        }),
      ),
    )
    .returningAll()
    .execute()
  return rows.sort((a, b) => a.n - b.n).map((one) => viewSignal({ ...one, name: row.name }))
}

/** Signals that wait, on every characteristic: for pages that begin to listen. */
export const openSignals = (db: Db): Promise<SignalView[]> => readSignals(db, { open: true, limit: 500 })

export function signalRoutes({ store }: Pick<QualityContext, 'store'>): RouteHandler[] {
  return [
    handle(listSignals, ({ query: { characteristicId, open, from, limit } }) =>
      readSignals(store.db, { characteristicId, open, limit, ...(from === undefined ? {} : { from: new Date(from) }) }),
    ),
  ]
}
