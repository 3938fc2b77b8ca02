/** The lines at one place of a panel: center, limits and zones. NaN is a line that is not there. */
import type { ExplicitLimits } from './contract.ts'

export interface Lines {
  center: number
  /** As drawn. */
  lower: number
  upper: number
  /** As judged: a limit that the scale itself cuts off (a range below 0) can never be crossed. */
  judgedLower: number
  judgedUpper: number
  sigma: number
  low1: number
  high1: number
  low2: number
  high2: number
}

const NONE = Number.NaN

export const NO_LINES: Lines = {
  center: NONE,
  lower: NONE,
  upper: NONE,
  judgedLower: NONE,
  judgedUpper: NONE,
  sigma: NONE,
  low1: NONE,
  high1: NONE,
  low2: NONE,
  high2: NONE,
}

/** Lines around a center; `floor` and `ceiling` are where the scale ends. */
export function linesAround(
  center: number,
  sigma: number,
  { sigmas, floor = Number.NEGATIVE_INFINITY, ceiling = Number.POSITIVE_INFINITY }: { sigmas: number; floor?: number; ceiling?: number },
): Lines {
  const lower = center - sigmas * sigma
  const upper = center + sigmas * sigma
  return {
    center,
    lower: Math.max(floor, lower),
    upper: Math.min(ceiling, upper),
    judgedLower: lower <= floor ? NONE : lower,
    judgedUpper: upper >= ceiling ? NONE : upper,
    sigma,
    low1: center - sigma,
    high1: center + sigma,
    low2: center - 2 * sigma,
    high2: center + 2 * sigma,
  }
}

/** Lines as somebody set them. A zone is a third of the way to the limit where no sigma is named. */
export function linesFrom({ center, lower, upper, sigma }: ExplicitLimits): Lines {
  const down = sigma ?? (lower === null ? NONE : (center - lower) / 3)
  const up = sigma ?? (upper === null ? NONE : (upper - center) / 3)
  return {
    center,
    lower: lower ?? NONE,
    upper: upper ?? NONE,
    judgedLower: lower ?? NONE,
    judgedUpper: upper ?? NONE,
    sigma: down === up ? up : NONE,
    low1: center - down,
    high1: center + up,
    low2: center - 2 * down,
    high2: center + 2 * up,
  }
}

/** NaN does not go through JSON. */
export const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value)
