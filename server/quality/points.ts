/** The points of a chart, read from their rows: with corrections and exclusions, in bounded pieces. */
import { sql } from 'kysely'
import type { Db } from './contract.ts'
import type { PhaseLimit, Point } from './phases.ts'

/** Which points, by number or by what is known of them. */
export interface Which {
  /** From this number on, and up to that. */
  from?: number | undefined
  to?: number | undefined
  since?: Date | undefined
  until?: Date | undefined
  lot?: string | undefined
  machineId?: string | undefined
  /** The newest of those. */
  last: number
}

interface Row {
  subgroup: number
  at: number
  value: number
  size: number | null
  isInTolerance: boolean
  id?: string
}

/** Rows at once: what one answer of the database may take of the gateway's time. */
const PIECE = 4_000
/** More than the values of two points. */
const LEAST_PIECE = 250

/** Oldest first. */
export async function readPoints(db: Db, characteristicId: string, which: Which): Promise<Point[]> {
  const { from, to, since, until, lot, machineId, last } = which
  const ofRows = sql`m."characteristicId" = ${characteristicId}
    ${from === undefined ? sql`` : sql`and m.subgroup >= ${from}`} ${to === undefined ? sql`` : sql`and m.subgroup <= ${to}`}
    ${since ? sql`and m.at >= ${since}` : sql``} ${until ? sql`and m.at < ${until}` : sql``}
    ${lot === undefined ? sql`` : sql`and m.lot = ${lot}`} ${machineId === undefined ? sql`` : sql`and m."machineId" = ${machineId}`}`
  // one after the other: it may be a transaction
  const changes = await readCorrections(db, characteristicId, from)
  const excluded = await readExcluded(db, characteristicId, from)
  const points: Point[] = []
  // newest first, a piece at a time: `last` counts points, and a point may have many rows
  let before: number | undefined
  // of single values it is one piece; of subgroups the next are larger
  let piece = Math.min(PIECE, last * 2 + LEAST_PIECE)
  for (;;) {
    const { rows } = await sql<Row>`
      select m.subgroup, extract(epoch from m.at)::float8 * 1000 as at, m.value, m.size, m."isInTolerance" ${changes.size ? sql`, m.id` : sql``}
      from measurement m where ${ofRows} ${before === undefined ? sql`` : sql`and m.subgroup < ${before}`}
      order by m.subgroup desc, m.seq desc limit ${piece}`.execute(db)
    // the last subgroup of a full piece may be cut: it comes whole with the next
    const whole = rows.length < piece ? rows : withoutLast(rows)
    for (const row of whole) {
      const correction = row.id === undefined ? undefined : changes.get(row.id)
      const value = correction?.value ?? row.value
      const size = correction?.size ?? row.size
      const isInTolerance = correction?.isInTolerance ?? row.isInTolerance
      const point = points.at(-1)
      if (point?.subgroup === row.subgroup) {
        point.values.unshift(value)
        point.isInTolerance &&= isInTolerance
        point.isCorrected ||= correction !== undefined
        continue
      }
      if (points.length === last) return points.reverse()
      points.push({
        subgroup: row.subgroup,
        at: row.at,
        values: [value],
        size,
        isInTolerance,
        isExcluded: excluded.has(row.subgroup),
        isCorrected: correction !== undefined,
      })
    }
    if (rows.length < piece) return points.reverse()
    before = points.at(-1)?.subgroup
    piece = PIECE
  }
}

function withoutLast(rows: Row[]): Row[] {
  const cut = rows.at(-1)?.subgroup
  const kept = rows.filter(({ subgroup }) => subgroup !== cut)
  // one subgroup has at most as many values as an entry, far less than a piece
  return kept.length ? kept : rows
}

async function readCorrections(db: Db, characteristicId: string, from: number | undefined) {
  const { rows } = await sql<{ id: string; value: number; size: number | null; isInTolerance: boolean }>`
    select distinct on ("measurementId") "measurementId" as id, value, size, "isInTolerance" from "measurementCorrection"
    where "characteristicId" = ${characteristicId} ${from === undefined ? sql`` : sql`and subgroup >= ${from}`} order by "measurementId", n desc`.execute(db)
  return new Map(rows.map((row) => [row.id, row]))
}

async function readExcluded(db: Db, characteristicId: string, from: number | undefined): Promise<ReadonlySet<number>> {
  const { rows } = await sql<{ subgroup: number; kind: string }>`
    select distinct on (subgroup) subgroup, kind from "measurementMark"
    where "characteristicId" = ${characteristicId} and kind in ('exclude', 'include') ${from === undefined ? sql`` : sql`and subgroup >= ${from}`}
    order by subgroup, n desc`.execute(db)
  return new Set(rows.filter(({ kind }) => kind === 'exclude').map(({ subgroup }) => subgroup))
}

/** In the order in which they begin; of those that begin together the newest is last. */
export async function readLimits(db: Db, characteristicId: string): Promise<PhaseLimit[]> {
  const rows = await db
    .selectFrom('controlLimit')
    .select(['id', 'phase', 'validFrom', 'fromSubgroup', 'given'])
    .where('characteristicId', '=', characteristicId)
    .orderBy('validFrom')
    .orderBy('n')
    .execute()
  return rows.map(({ validFrom, ...row }) => ({ ...row, validFrom: validFrom.getTime() }))
}
