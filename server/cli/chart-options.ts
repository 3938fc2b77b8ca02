/** What `cellwright spc` is asked besides the file: rules, limits and the figures of EWMA and CUSUM, as the engine takes them. */
import { UserError } from '../../base/errors.ts'
import type { ChartKind, ChartOptions, ExplicitLimits, GivenLimits, SigmaEstimator } from '../../nodes/quality/engine/charts/index.ts'
import { PANELS_OF } from '../../nodes/quality/engine/charts/index.ts'
import { NELSON_RULES, type RuleId, type RuleOptions, WESTERN_ELECTRIC_RULES } from '../../nodes/quality/engine/rules/index.ts'

/** As commander gives them. */
export interface SpcOptions {
  rules: string
  convention?: string[]
  center?: number
  sigma?: number
  lower?: number
  upper?: number
  limitsFrom?: string
  sigmas?: number
  estimator?: string
  subgroupSize?: number
  span?: number
  target?: number
  lambda?: number
  L?: number
  asymptotic?: boolean
  k?: number
  h?: number
  raw?: boolean
  headStart?: number
}

const SETS: Record<string, readonly RuleId[]> = { none: [], nelson: NELSON_RULES, 'western-electric': WESTERN_ELECTRIC_RULES }
const SINGLE: readonly RuleId[] = [...NELSON_RULES, ...WESTERN_ELECTRIC_RULES]

function wrong(message: string): UserError {
  return new UserError({ code: 'chart-options-invalid', message })
}

function rulesFrom(text: string): RuleId[] {
  const names = text
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return names.flatMap((name) => {
    const found = Object.hasOwn(SETS, name) ? SETS[name] : SINGLE.filter((rule) => rule === name)
    if (!found || (!found.length && name !== 'none'))
      throw wrong(`There is no rule "${name}". Say nelson, western-electric, none, or single ones such as nelson-1,nelson-5,western-electric-4.`)
    return found
  })
}

/** `name=value`, as numbers and truths where they are; the engine knows which conventions there are. */
function conventionsFrom(texts: readonly string[]): Partial<RuleOptions> {
  return Object.fromEntries(
    texts.map((text) => {
      const [name = '', value = '', ...more] = text.split('=').map((part) => part.trim())
      if (name === '' || name === 'on' || value === '' || more.length)
        throw wrong(`--convention is written name=value, such as nelson2Length=8, not "${text}".`)
      return [name, value === 'true' || value === 'false' ? value === 'true' : Number.isNaN(Number(value)) ? value : Number(value)]
    }),
  )
}

function givenFrom(kind: ChartKind, { center, sigma, lower, upper }: SpcOptions): GivenLimits | undefined {
  const given: GivenLimits = { ...(center !== undefined && { center }), ...(sigma !== undefined && { sigma }) }
  if (lower === undefined && upper === undefined) return Object.keys(given).length ? given : undefined
  if (center === undefined) throw wrong('--lower and --upper need --center: the lines belong together.')
  if (sigma !== undefined) throw wrong('Say either --sigma, from which the limits follow, or the limits themselves with --lower and --upper.')
  const [first] = PANELS_OF[kind]
  const lines: ExplicitLimits = { center, lower: lower ?? null, upper: upper ?? null }
  return { center, panels: first ? { [first]: lines } : {} }
}

/** @throws UserError `chart-options-invalid` */
export function chartOptionsFrom(kind: ChartKind, asked: SpcOptions): ChartOptions {
  const given = givenFrom(kind, asked)
  return {
    kind,
    rules: { ...conventionsFrom(asked.convention ?? []), on: rulesFrom(asked.rules) },
    ...(given && { given }),
    ...(asked.limitsFrom !== undefined && { limitsFromPhase: asked.limitsFrom }),
    ...(asked.sigmas !== undefined && { sigmas: asked.sigmas }),
    // an unknown one is refused by the engine, which names those of this kind
    ...(asked.estimator !== undefined && { estimator: asked.estimator as SigmaEstimator }),
    ...(asked.subgroupSize !== undefined && { subgroupSize: asked.subgroupSize }),
    ...(asked.span !== undefined && { movingRangeSpan: asked.span }),
    ...(asked.target !== undefined && { target: asked.target }),
    ewma: {
      ...(asked.lambda !== undefined && { lambda: asked.lambda }),
      ...(asked.L !== undefined && { L: asked.L }),
      ...(asked.asymptotic && { limits: 'asymptotic' as const }),
    },
    cusum: {
      ...(asked.k !== undefined && { k: asked.k }),
      ...(asked.h !== undefined && { h: asked.h }),
      ...(asked.raw && { units: 'raw' as const }),
      ...(asked.headStart !== undefined && { headStart: asked.headStart }),
    },
  }
}
