/** How quality is since a time: by machine and characteristic, with the control limits of what was measured before. */
import { sql } from 'kysely'
import type { QualityOfDay } from '../api/index.ts'
import type { Store } from '../store/index.ts'
import { countOutside, limitsFrom } from './control-limits.ts'

const MOST_CHARACTERISTICS = 500
/** Of one characteristic: the newest of a day count. */
const MOST_VALUES = 5_000
/** Of one characteristic, in a small picture of its last values. */
const VALUES_SHOWN = 30
/** So many before the time make the control limits. */
const VALUES_BEFORE = 100

interface Row extends Pick<QualityOfDay, 'name' | 'unit' | 'lower' | 'upper' | 'measured' | 'inTolerance' | 'last' | 'lastIsInTolerance'> {
  /** Null: a count. */
  nominal: number | null
  machineId: string | null
  lastAt: Date
  /** Newest first. */
  values: number[]
  /** Newest first; the same nominal value and unit, since another part is another process. */
  before: number[]
}

export async function qualitySince({ db }: Pick<Store, 'db'>, from: Date): Promise<QualityOfDay[]> {
  const { rows } = await sql<Row>`
    with measured as (
      select m.id, m.characteristic, m."machineId", m.unit, m.nominal, m.lower, m.upper, m.at,
        coalesce(c.value, m.value) as value, coalesce(c."isInTolerance", m."isInTolerance") as "isInTolerance"
      from measurement m left join lateral (
        select value, "isInTolerance" from "measurementCorrection" where "measurementId" = m.id order by n desc limit 1) c on true
      where m.at >= ${from}),
    today as (
      select characteristic as name, "machineId", count(*)::int as measured, (count(*) filter (where "isInTolerance"))::int as "inTolerance",
        (array_agg(unit order by at desc, id desc))[1] as unit, (array_agg(nominal order by at desc, id desc))[1] as nominal,
        (array_agg(lower order by at desc, id desc))[1] as lower, (array_agg(upper order by at desc, id desc))[1] as upper,
        (array_agg("isInTolerance" order by at desc, id desc))[1] as "lastIsInTolerance", max(at) as "lastAt",
        (array_agg(value order by at desc, id desc))[1:${sql.lit(MOST_VALUES)}] as values
      from measured group by characteristic, "machineId" order by max(at) desc limit ${MOST_CHARACTERISTICS})
    select today.*, today.values[1] as last, coalesce(earlier.before, '{}') as before from today, lateral (
      select array_agg(value order by at desc, id desc) as before from (
        select m.value, m.at, m.id from measurement m
        where m.characteristic = today.name and m."machineId" is not distinct from today."machineId" and m.at < ${from}
          and m.nominal is not distinct from today.nominal and m.unit = today.unit
        order by m.at desc, m.id desc limit ${VALUES_BEFORE}) newest) earlier
    order by "lastAt" desc`.execute(db)
  return rows.map(({ name, nominal, machineId, unit, lower, upper, measured, inTolerance, last, lastIsInTolerance, lastAt, values, before }) => {
    // a chart of single values says nothing of counts
    const limits = nominal === null ? undefined : limitsFrom(before.toReversed())
    return {
      name,
      ...(machineId === null ? {} : { machineId }),
      unit,
      lower,
      upper,
      measured,
      inTolerance,
      ...(limits ? { control: { outside: countOutside(values, limits), ...limits, from: before.length } } : {}),
      last,
      lastIsInTolerance,
      lastAt: lastAt.toISOString(),
      values: values.slice(0, VALUES_SHOWN).toReversed(),
    }
  })
}
