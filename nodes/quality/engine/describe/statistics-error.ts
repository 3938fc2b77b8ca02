/** Why data or settings make no statistic: which rule they break, and where. */

export type StatisticsErrorCode =
  | 'not-a-number'
  | 'not-finite'
  | 'too-few'
  | 'too-many'
  | 'no-variation'
  | 'tolerance-missing'
  | 'tolerance-reversed'
  | 'target-outside'
  | 'option-invalid'
  | 'study-duplicate'
  | 'study-incomplete'
  | 'reference-differs'
  | 'plan-not-there'

/** Where it is: numbers count from 0; `row` is the place in the list that was given. */
export interface StatisticsPlace {
  subgroup?: number
  row?: number
  /** The row that was there before, of two that are the same. */
  otherRow?: number
  part?: string
  appraiser?: string
  trial?: string
}

/** Data or settings that make no statistic; `message` is a whole English sentence or two. */
export class StatisticsError extends Error {
  override readonly name = 'StatisticsError'
  readonly code: StatisticsErrorCode
  readonly place: StatisticsPlace
  constructor(code: StatisticsErrorCode, message: string, place: StatisticsPlace = {}) {
    super(message)
    this.code = code
    this.place = place
  }
}

/** @throws StatisticsError `not-a-number`, `not-finite` */
export function assertFinite(value: unknown, what: string, place: StatisticsPlace = {}): asserts value is number {
  if (typeof value !== 'number' || Number.isNaN(value)) throw new StatisticsError('not-a-number', `${what} is not a number.`, place)
  if (!Number.isFinite(value)) throw new StatisticsError('not-finite', `${what} is infinite.`, place)
}

/** @throws StatisticsError `too-few`, `not-a-number`, `not-finite` with the row */
export function assertValues(values: readonly number[], least: number): void {
  if (values.length < least)
    throw new StatisticsError('too-few', `There ${values.length === 1 ? 'is 1 value' : `are ${values.length} values`}; at least ${least} are needed.`)
  values.forEach((value, row) => {
    assertFinite(value, `Value ${row + 1}`, { row })
  })
}
