/** Options with every default in its place, and what makes no chart refused. */
import { LARGEST_RANGE_SIZE } from '../constants/index.ts'
import { type RuleOptions, settleRules } from '../rules/index.ts'
import {
  CHART_KINDS,
  ChartError,
  type ChartKind,
  type ChartOptions,
  type CusumOptions,
  type EwmaOptions,
  type GivenLimits,
  PANELS_OF,
  type SigmaEstimator,
} from './contract.ts'

export interface ChartPlan {
  kind: ChartKind
  sigmas: number
  /** `null`: by the sizes of the phase. */
  estimator: SigmaEstimator | null
  weighting: 'minimum-variance' | 'equal'
  subgroupSize: number | null
  movingRangeSpan: number
  target: number | null
  ewma: Required<EwmaOptions>
  cusum: Required<CusumOptions>
  rules: RuleOptions
}

const ESTIMATORS: Record<ChartKind, readonly SigmaEstimator[]> = {
  'xbar-r': ['rbar', 'sbar', 'pooled', 'pooled-unbiased'],
  'xbar-s': ['sbar', 'rbar', 'pooled', 'pooled-unbiased'],
  'i-mr': ['mr-mean', 'mr-median'],
  p: [],
  np: [],
  c: [],
  u: [],
  ewma: ['rbar', 'sbar', 'pooled', 'pooled-unbiased', 'mr-mean', 'mr-median'],
  cusum: ['rbar', 'sbar', 'pooled', 'pooled-unbiased', 'mr-mean', 'mr-median'],
}

const refuse = (message: string): never => {
  throw new ChartError('options-invalid', message)
}

function number(name: string, value: number, { above, from, to }: { above?: number; from?: number; to?: number }): number {
  if (!Number.isFinite(value)) refuse(`${name} must be a number, not ${value}.`)
  if (above !== undefined && value <= above) refuse(`${name} must be above ${above}, not ${value}.`)
  if (from !== undefined && value < from) refuse(`${name} must be ${from} or more, not ${value}.`)
  if (to !== undefined && value > to) refuse(`${name} must be ${to} or less, not ${value}.`)
  return value
}

function whole(name: string, value: number, from: number, to: number): number {
  if (!Number.isInteger(value) || value < from || value > to) refuse(`${name} must be a whole number from ${from} to ${to}, not ${value}.`)
  return value
}

export const isVariables = (kind: ChartKind): boolean => ESTIMATORS[kind].length > 0

function oneOf<const T extends string>(name: string, value: T, known: readonly T[]): T {
  if (!known.includes(value)) refuse(`${name} must be ${known.join(' or ')}, not ${value}.`)
  return value
}

/** @throws ChartError `options-invalid` */
export function settleOptions(asked: ChartOptions): ChartPlan {
  const { kind } = asked
  if (!CHART_KINDS.includes(kind)) refuse(`There is no chart "${kind}". The kinds are ${CHART_KINDS.join(', ')}.`)
  const known = ESTIMATORS[kind]
  if (asked.estimator !== undefined && !known.includes(asked.estimator))
    refuse(
      known.length
        ? `A chart of kind ${kind} estimates sigma by ${known.join(', ')}, not by ${asked.estimator}.`
        : `A chart of kind ${kind} needs no estimator of sigma.`,
    )
  const rules = settleRules(asked.rules)
  if (typeof rules === 'string') return refuse(rules)
  const ewma = { lambda: 0.2, L: 3, limits: 'exact' as const, ...asked.ewma }
  const cusum = { k: 0.5, h: 5, units: 'standard-errors' as const, headStart: 0, ...asked.cusum }
  if (kind === 'cusum' && cusum.units === 'raw' && (asked.cusum?.k === undefined || asked.cusum.h === undefined))
    refuse('A CUSUM in the unit of the values needs k and h: both have defaults only in standard errors.')
  if (asked.target !== undefined && kind !== 'ewma' && kind !== 'cusum')
    refuse(`Only EWMA and CUSUM charts have a target. Give a chart of kind ${kind} its center.`)
  return {
    kind,
    sigmas: number('sigmas', asked.sigmas ?? 3, { above: 0 }),
    estimator: asked.estimator ?? (kind === 'ewma' || kind === 'cusum' ? null : (known[0] ?? null)),
    weighting: oneOf('weighting', asked.weighting ?? 'minimum-variance', ['minimum-variance', 'equal']),
    subgroupSize: asked.subgroupSize === undefined ? null : whole('subgroupSize', asked.subgroupSize, 1, Number.MAX_SAFE_INTEGER),
    movingRangeSpan: whole('movingRangeSpan', asked.movingRangeSpan ?? 2, 2, 100),
    target: asked.target === undefined ? null : number('target', asked.target, {}),
    ewma: {
      lambda: number('lambda', ewma.lambda, { above: 0, to: 1 }),
      L: number('L', ewma.L, { above: 0 }),
      limits: oneOf('ewma.limits', ewma.limits, ['exact', 'asymptotic']),
    },
    cusum: {
      k: number('k', cusum.k, { from: 0 }),
      h: number('h', cusum.h, { above: 0 }),
      units: oneOf('cusum.units', cusum.units, ['standard-errors', 'raw']),
      headStart: number('headStart', cusum.headStart, { from: 0, to: 1 }),
    },
    rules,
  }
}

/** @throws ChartError `options-invalid` for limits that cannot be */
export function checkGiven(kind: ChartKind, given: GivenLimits): GivenLimits {
  const { center, sigma, meanSize, panels = {} } = given
  if (center !== undefined) {
    number('The given center', center, isVariables(kind) ? {} : { from: 0 })
    if (kind === 'p' || kind === 'np') number('The given center, a share of 1,', center, { to: 1 })
  }
  if (sigma !== undefined) {
    if (!isVariables(kind)) refuse(`The sigma of a chart of kind ${kind} follows from its center: give only that.`)
    number('The given sigma', sigma, { above: 0 })
  }
  if (meanSize !== undefined) number('The given mean size', meanSize, { above: 0 })
  for (const [name, { center: middle, lower, upper, sigma: spread }] of Object.entries(panels)) {
    if (!PANELS_OF[kind].some((one) => one === name)) refuse(`A chart of kind ${kind} has no panel "${name}".`)
    number(`The given center of ${name}`, middle, {})
    if (lower !== null) number(`The given lower limit of ${name}`, lower, { to: middle })
    if (upper !== null) number(`The given upper limit of ${name}`, upper, { from: middle })
    if (spread !== undefined) number(`The given sigma of ${name}`, spread, { from: 0 })
  }
  return given
}

/** Ranges end where their constants do. */
export const largestSize = (plan: ChartPlan): number => (plan.kind === 'xbar-r' || plan.estimator === 'rbar' ? LARGEST_RANGE_SIZE : Number.POSITIVE_INFINITY)
