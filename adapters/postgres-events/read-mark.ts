/** How far a table has been read: a cursor, and what was read from there on. Kept as JSON by the gateway. */
import { type Static, Type } from 'typebox'
import { checker } from '../../base/schema.ts'

/** Rows that are remembered; in a flood the time that a row may come late is shorter. */
const MOST_KNOWN = 5000

const ReadMark = Type.Object({
  /** Looks begin here; undefined: at the first row. */
  low: Type.Optional(Type.String()),
  /** Rows from there on that were told of, in the table's order, and when (epoch ms). */
  known: Type.Array(Type.Object({ key: Type.String(), cursor: Type.String(), at: Type.Number() })),
})
export interface ReadMark {
  low: string | undefined
  known: Known[]
}
export type Known = Static<typeof ReadMark>['known'][number]

const check = checker(ReadMark)

export function writeMark({ low, known }: ReadMark): string {
  return JSON.stringify({ ...(low === undefined ? {} : { low }), known })
}

/** @returns undefined where nothing was kept */
export function readMark(text: string | undefined): ReadMark | undefined {
  if (text === undefined) return undefined
  const { low, known } = check.parse(JSON.parse(text), 'The mark of a table')
  return { low, known }
}

/**
 * The mark after rows were read. A look begins as far down as the first row that was told of lately: beside it others may still come.
 * @param rows from `low` on and told of, in the table's order
 * @param until rows told of up to then have no neighbours to come
 * @param most rows that are kept at most, beside those with the same cursor
 */
export function markAfter({
  low,
  rows,
  until,
  most = MOST_KNOWN,
}: {
  low: string | undefined
  rows: readonly Known[]
  until: number
  most?: number
}): ReadMark {
  const lately = rows.findIndex(({ at }) => at > until)
  const past = Math.max(lately < 0 ? rows.length : lately, rows.length - most)
  const last = rows[past - 1]
  if (!last) return { low, known: [...rows] }
  // those with the cursor at which the next look begins are read again, and known
  return { low: last.cursor, known: rows.slice(rows.findIndex(({ cursor }) => cursor === last.cursor)) }
}
