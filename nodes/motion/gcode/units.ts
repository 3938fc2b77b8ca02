/** Does the size of a program fit the unit it says it is in? A guess, so never more than a warning. */

export interface UnitFacts {
  isInches: boolean
  /** Widest extent of the moves, mm. */
  spanMm: number
  /** mm/min; 0 without a cut. */
  largestFeed: number
  /** Widest travel of the machine, mm; undefined without limits. */
  travelMm: number | undefined
}

/** A whole part in mm is hardly ever smaller than this and milled as slowly. */
const SMALL_PART_MM = 12
const SLOW_FEED = 60
/** A part in inches is hardly ever larger than this, or milled as fast. */
const LARGE_PART_MM = 2500
const FAST_FEED = 25_000

/** @returns a whole sentence, or undefined when all looks well */
export function unitDoubt({ isInches, spanMm, largestFeed, travelMm }: UnitFacts): string | undefined {
  if (spanMm === 0 || largestFeed === 0) return undefined
  if (!isInches) {
    if (spanMm > SMALL_PART_MM || largestFeed > SLOW_FEED) return undefined
    return `The program is in mm, and only ${spanMm.toFixed(1)} mm across with a largest feed of ${largestFeed.toFixed(0)} mm/min: is it meant in inches (G20)?`
  }
  const fitsInMm = travelMm !== undefined && spanMm > travelMm && spanMm / 25.4 <= travelMm
  if (!fitsInMm && spanMm < LARGE_PART_MM && largestFeed < FAST_FEED) return undefined
  return `The program is in inches, and ${(spanMm / 25.4).toFixed(1)} inches across with a largest feed of ${(largestFeed / 25.4).toFixed(0)} inches/min: is it meant in mm (G21)?`
}
