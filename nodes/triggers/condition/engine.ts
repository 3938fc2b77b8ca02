/**
 * When a condition counts as come true: hysteresis against values that dance about a limit, dwell against short
 * moments, cool-down against too many. Pure: time and values come in, what is to be done comes out.
 *
 * A value that is not known (a machine that is away) changes nothing and fires nothing; a dwell begins anew when it is
 * known again, since nobody knows what was in between.
 */

export const OPERATORS = ['>', '>=', '<', '<=', '=', '!='] as const
type Operator = (typeof OPERATORS)[number]

export interface Comparison {
  operator: Operator
  to: number | string
  /** How far a number must come back before the comparison is no longer true. */
  hysteresis: number
}

/** @param was whether it was true before @returns undefined when the value cannot be compared */
export function compare({ operator, to, hysteresis }: Comparison, value: unknown, was: boolean): boolean | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const number = typeof value === 'number' ? value : Number(value)
  const limit = typeof to === 'number' ? to : Number(to.trim() === '' ? Number.NaN : to)
  if (operator === '=' || operator === '!=') {
    const isEqual =
      Number.isFinite(number) && Number.isFinite(limit)
        ? Math.abs(number - limit) <= (was === (operator === '=') ? hysteresis : 0)
        : String(value) === String(to)
    return isEqual === (operator === '=')
  }
  if (!Number.isFinite(number) || !Number.isFinite(limit)) return undefined
  const back = was ? hysteresis : 0
  switch (operator) {
    case '>':
      return number > limit - back
    case '>=':
      return number >= limit - back
    case '<':
      return number < limit + back
    case '<=':
      return number <= limit + back
    default:
      return operator satisfies never
  }
}

export interface Timing {
  /** It must be true for so long. */
  dwellMs: number
  /** After it came true it does not count again for so long. */
  coolDownMs: number
  /** True at the first look counts as come true. */
  countsAtStart: boolean
}

export interface ConditionState {
  /** Undefined before the first look. */
  isTrue: boolean | undefined
  /** Since when it would be true, while the dwell lasts. */
  since: number | undefined
  firedAt: number | undefined
}

export const atFirst: ConditionState = { isTrue: undefined, since: undefined, firedAt: undefined }

export interface Step {
  state: ConditionState
  /** It came true, or is no longer true. `held-back`: it came true within the cool-down. */
  edge?: 'true' | 'false' | 'held-back'
  /** Look again then, when nothing changes before. */
  wakeAt?: number
}

/** @param truth undefined: not known now */
export function step(state: ConditionState, { now, truth, timing }: { now: number; truth: boolean | undefined; timing: Timing }): Step {
  if (truth === undefined) return { state: { ...state, since: undefined } }
  if (state.isTrue === undefined && !(truth && timing.countsAtStart)) return { state: { ...state, isTrue: truth, since: undefined } }
  if (!truth) return { state: { ...state, isTrue: false, since: undefined }, ...(state.isTrue ? { edge: 'false' as const } : {}) }
  if (state.isTrue) return { state }
  const since = state.since ?? now
  if (now - since < timing.dwellMs) return { state: { ...state, isTrue: false, since }, wakeAt: since + timing.dwellMs }
  const isHeldBack = state.firedAt !== undefined && now - state.firedAt < timing.coolDownMs
  return isHeldBack
    ? { state: { ...state, isTrue: true, since: undefined }, edge: 'held-back' }
    : { state: { isTrue: true, since: undefined, firedAt: now }, edge: 'true' }
}
