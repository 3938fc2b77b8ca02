/** Crossed R&R study by analysis of variance, parts and appraisers random. */
import { centered } from '../describe/moments.ts'
import { StatisticsError } from '../describe/statistics-error.ts'
import { fAbove } from '../distributions/index.ts'
import type { AnovaOptions, AnovaResult, AnovaRow, GageReading, VariationSource } from './contract.ts'
import { type CrossedStudy, crossedStudy } from './study.ts'
import { assertRrOptions, categories, variationLines } from './variation.ts'

interface Square {
  df: number
  ss: number
}
type Squares = Record<'part' | 'appraiser' | 'interaction' | 'equipment' | 'total', Square>

const ms = ({ ss, df }: Square) => ss / df

/**
 * Variance components; those estimated below 0 are set to 0 and named.
 * @throws StatisticsError a study that is not complete or has too few of something, no variation, an option that is none
 */
export function anovaStudy(readings: readonly GageReading[], options: AnovaOptions = {}): AnovaResult {
  assertRrOptions(options)
  const { errorTerm = 'interaction', poolingAlpha = 0.05 } = options
  if (!(poolingAlpha >= 0 && poolingAlpha <= 1)) throw new StatisticsError('option-invalid', `The level for pooling must be from 0 to 1, not ${poolingAlpha}.`)
  const study = crossedStudy(readings)
  const squares = sumsOfSquares(study)
  if (squares.total.ss === 0) throw new StatisticsError('no-variation', 'All readings are the same. Does the gauge resolve enough digits?')
  const interaction = against(squares.interaction, squares.equipment)
  const isPooled = poolingAlpha > 0 && (interaction.p ?? 0) > poolingAlpha
  const pooled: Square = { df: squares.interaction.df + squares.equipment.df, ss: squares.interaction.ss + squares.equipment.ss }
  const setToZero: VariationSource[] = []
  const component = (source: VariationSource, value: number) => {
    if (value >= 0) return value
    setToZero.push(source)
    return 0
  }
  const error = isPooled ? pooled : squares.equipment
  const main = isPooled ? pooled : squares.interaction
  const p = study.parts.length
  const a = study.appraisers.length
  const r = study.trials
  const repeatability = ms(error)
  const crossed = isPooled ? null : component('interaction', (ms(squares.interaction) - ms(squares.equipment)) / r)
  const appraiser = component('appraiser', (ms(squares.appraiser) - ms(main)) / (p * r))
  const part = component('part', (ms(squares.part) - ms(main)) / (a * r))
  const reproducibility = appraiser + (crossed ?? 0)
  const grr = repeatability + reproducibility
  return {
    method: 'anova',
    parts: p,
    appraisers: a,
    trials: r,
    ...variationLines(
      [
        ['gage-rr', grr],
        ['repeatability', repeatability],
        ['reproducibility', reproducibility],
        ['appraiser', appraiser],
        ...(crossed === null ? [] : ([['interaction', crossed]] as const)),
        ['part', part],
        ['total', grr + part],
      ],
      options,
    ),
    ...categories({ part: Math.sqrt(part), grr: Math.sqrt(grr) }, options.ndcFactor),
    setToZero,
    table: table(squares, errorTerm === 'interaction' ? squares.interaction : squares.equipment),
    pooledTable: isPooled ? table({ ...squares, equipment: pooled }, pooled, false) : null,
    errorTerm,
    poolingAlpha,
  }
}

function sumsOfSquares({ parts, appraisers, trials, cells }: CrossedStudy): Squares {
  const p = parts.length
  const a = appraisers.length
  const all = cells.flat(2)
  const mean = (values: readonly number[]) => centered(values).mean
  const partMeans = cells.map((byAppraiser) => mean(byAppraiser.flat()))
  const appraiserMeans = appraisers.map((_, i) => mean(cells.flatMap((byAppraiser) => byAppraiser[i] as readonly number[])))
  const grand = mean(all)
  let equipment = 0
  let interaction = 0
  cells.forEach((byAppraiser, i) => {
    byAppraiser.forEach((values, j) => {
      const cell = centered(values)
      equipment += cell.squares
      interaction += trials * (cell.mean - (partMeans[i] as number) - (appraiserMeans[j] as number) + grand) ** 2
    })
  })
  return {
    part: { df: p - 1, ss: a * trials * centered(partMeans).squares },
    appraiser: { df: a - 1, ss: p * trials * centered(appraiserMeans).squares },
    interaction: { df: (p - 1) * (a - 1), ss: interaction },
    equipment: { df: p * a * (trials - 1), ss: equipment },
    total: { df: p * a * trials - 1, ss: centered(all).squares },
  }
}

/** F and the chance of as much by accident; none where there is nothing to compare with. */
function against(square: Square, error: Square): { f: number | null; p: number | null } {
  if (!(error.ss > 0)) return { f: null, p: null }
  const f = ms(square) / ms(error)
  return { f, p: fAbove(f, square.df, error.df) }
}

function table(squares: Squares, error: Square, hasInteraction = true): AnovaRow[] {
  const row = (source: AnovaRow['source'], f: number | null = null, p: number | null = null): AnovaRow => ({
    source,
    df: squares[source].df,
    ss: squares[source].ss,
    ms: source === 'total' ? null : ms(squares[source]),
    f,
    p,
  })
  const tested = (source: 'part' | 'appraiser' | 'interaction', by: Square) => {
    const { f, p } = against(squares[source], by)
    return row(source, f, p)
  }
  return [
    tested('part', error),
    tested('appraiser', error),
    ...(hasInteraction ? [tested('interaction', squares.equipment)] : []),
    row('equipment'),
    row('total'),
  ]
}
