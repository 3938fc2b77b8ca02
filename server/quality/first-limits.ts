/** Limits made from points: those that a person asks for, and the first ones, which are made by themselves. */
import { newId } from '../../base/ids.ts'
import { asGiven, ChartError, controlChart } from '../../nodes/quality/engine/charts/index.ts'
import type { CharacteristicDefinition, GivenLimits } from '../api/index.ts'
import { json } from '../store/index.ts'
import type { Db } from './contract.ts'
import { chartOptions } from './definition.ts'
import { type Point, subgroupOf } from './phases.ts'
import { readPoints } from './points.ts'
import type { CharacteristicRow } from './rows.ts'

/** With points that make no limits (all alike) it is tried again at every so many. */
const TRY_EVERY = 5
/** First limits are made from the newest so many at most. */
const MOST = 1000

/** @throws ChartError no limits can be made of these points */
export function limitsFrom({ chart }: Pick<CharacteristicDefinition, 'chart'>, points: readonly Point[]): { given: GivenLimits; points: number } {
  const result = controlChart(
    points.map((point) => subgroupOf(chart, point, undefined)),
    chartOptions(chart, {}),
  )
  const [phase] = result.phases
  if (!phase) throw new ChartError('no-data', 'There are no subgroups.')
  const given = asGiven(phase)
  if (given.sigma === 0)
    throw new ChartError('no-limits', 'The values do not vary, so that every limit would be the center. Does the gauge resolve enough digits?')
  return { given, points: phase.subgroups }
}

/** Makes the first limits of a characteristic that has none, once there are points enough; within the transaction that added the last of them. */
export async function makeFirstLimits(db: Db, row: CharacteristicRow, now: number): Promise<void> {
  const { definition, subgroup, openValues, id } = row
  const after = definition.chart.autoLimitsAfter
  const whole = openValues > 0 ? subgroup - 1 : subgroup
  if (after === null || openValues > 0 || whole < after || (whole - after) % TRY_EVERY !== 0) return
  const points = await readPoints(db, id, { to: whole, last: Math.max(after, Math.min(whole, MOST)) })
  const [first] = points
  if (!first) return
  let made: ReturnType<typeof limitsFrom>
  try {
    made = limitsFrom(definition, points)
  } catch (error) {
    if (error instanceof ChartError) return
    throw error
  }
  const limitId = newId('lim')
  await db
    .insertInto('controlLimit')
    .values({
      id: limitId,
      characteristicId: id,
      phase: 'First limits',
      validFrom: new Date(first.at),
      fromSubgroup: first.subgroup,
      source: 'data',
      given: json(made.given),
      basis: json({ from: first.subgroup, to: whole, points: made.points }),
      revision: row.revision,
      by: 'Cellwright',
      reason: `Made by itself from the first ${made.points} points`,
      at: new Date(now),
    })
    .execute()
  await db
    .updateTable('characteristic')
    .set((e) => ({ limitId, changes: e('changes', '+', 1) }))
    .where('id', '=', id)
    .execute()
  row.limitId = limitId
  row.changes += 1
}
