/** Readings of a crossed study as a table without a gap. */
import { assertFinite, StatisticsError } from '../describe/statistics-error.ts'
import type { GageReading } from './contract.ts'

export interface CrossedStudy {
  parts: readonly string[]
  appraisers: readonly string[]
  trials: number
  /** Values by part, then appraiser. */
  cells: readonly (readonly (readonly number[])[])[]
}

/** In the order in which they come first. */
class Names {
  readonly list: string[] = []
  readonly #places = new Map<string, number>()
  place(name: string): number {
    const known = this.#places.get(name)
    if (known !== undefined) return known
    this.#places.set(name, this.list.length)
    return this.list.push(name) - 1
  }
}

const MOST_NAMED = 5

/**
 * @throws StatisticsError `study-duplicate` (the same part, appraiser and trial twice: both rows), `study-incomplete` (which cells are
 * missing), `too-few`: fewer than two parts, appraisers or trials; `not-a-number`, `not-finite` with the row
 */
export function crossedStudy(readings: readonly GageReading[]): CrossedStudy {
  const parts = new Names()
  const appraisers = new Names()
  const trials = new Names()
  const cells: Map<number, { value: number; row: number }>[][] = []
  readings.forEach(({ part, appraiser, trial, value }, row) => {
    assertFinite(value, `The value of part ${part}, appraiser ${appraiser}, trial ${trial}`, { row, part, appraiser, trial })
    const p = parts.place(part)
    const a = appraisers.place(appraiser)
    const t = trials.place(trial)
    cells[p] ??= []
    const byAppraiser = cells[p]
    byAppraiser[a] ??= new Map()
    const cell = byAppraiser[a]
    const before = cell.get(t)
    if (before)
      throw new StatisticsError('study-duplicate', `Part ${part}, appraiser ${appraiser}, trial ${trial} is there twice.`, {
        row,
        otherRow: before.row,
        part,
        appraiser,
        trial,
      })
    cell.set(t, { value, row })
  })
  assertEnough(parts.list.length, 'part')
  assertEnough(appraisers.list.length, 'appraiser')
  assertEnough(trials.list.length, 'trial')
  const gaps: { part: string; appraiser: string; trial: string }[] = []
  const complete = parts.list.map((part, p) =>
    appraisers.list.map((appraiser, a) =>
      trials.list.map((trial, t) => {
        const reading = cells[p]?.[a]?.get(t)
        if (!reading) gaps.push({ part, appraiser, trial })
        return reading?.value ?? Number.NaN
      }),
    ),
  )
  const [first] = gaps
  if (first) {
    const named = gaps.slice(0, MOST_NAMED).map(({ part, appraiser, trial }) => `part ${part}, appraiser ${appraiser}, trial ${trial}`)
    const more = gaps.length > MOST_NAMED ? ` and ${gaps.length - MOST_NAMED} more` : ''
    throw new StatisticsError('study-incomplete', `Every appraiser must measure every part in every trial. Missing: ${named.join('; ')}${more}.`, first)
  }
  return { parts: parts.list, appraisers: appraisers.list, trials: trials.list.length, cells: complete }
}

function assertEnough(count: number, what: string): void {
  if (count < 2) throw new StatisticsError('too-few', `A crossed study needs at least 2 ${what}s, and there ${count ? 'is 1' : 'is none'}.`)
}
