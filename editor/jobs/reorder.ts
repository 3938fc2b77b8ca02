/** Putting a job at another place of its queue: where it goes, and how the list looks meanwhile. No DOM. */
import type { Place, QueuedJob } from '../../server/api/jobs.ts'

/** Rows of a long queue, as far as they are known. */
export type Rows = readonly (QueuedJob | undefined)[]

/** What is asked of the server to bring the job at `from` to `to` (both counted from 0); undefined: it stays, or the place is not known. */
export function placeOf(rows: Rows, from: number, to: number): Place | undefined {
  if (from === to) return undefined
  const there = rows[to]
  if (!there) return undefined
  return to < from ? { before: there.id } : { after: there.id }
}

/** The list with the job at its new place, until the server has told. */
export function moved(rows: Rows, from: number, to: number): Rows {
  const job = rows[from]
  if (!job || from === to) return rows
  const without = rows.toSpliced(from, 1)
  return without.toSpliced(to, 0, job).map((row, place) => (row && row.place !== place ? { ...row, place } : row))
}

/** How a row between `from` and `to` gives way: by one row up or down. */
export function shiftOf(index: number, from: number, to: number): -1 | 0 | 1 {
  if (from < to && index > from && index <= to) return -1
  if (to < from && index >= to && index < from) return 1
  return 0
}
