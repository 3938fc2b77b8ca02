/** The report of a capability study: as a document, and as a table. */
import type { CapabilityView, CharacteristicDefinition } from '../../api/index.ts'
import { drawHistogram, drawNormalPlot } from './capability-drawing.ts'
import { definitionFacts, factsTable, tableOf } from './characteristic-facts.ts'
import type { ReportContent } from './contract.ts'
import type { CsvCell } from './csv.ts'
import type { ReportWords } from './words/index.ts'

export interface CapabilityReport {
  view: CapabilityView
  definition: CharacteristicDefinition
  words: ReportWords
  width: number
}

type Indices = NonNullable<CapabilityView['indices']>
const WITHIN = ['cp', 'cpl', 'cpu', 'cpk', 'cpm'] as const satisfies readonly (keyof Indices)[]
const OVERALL = ['pp', 'ppl', 'ppu', 'ppk', 'cpmOverall'] as const satisfies readonly (keyof Indices)[]
const NAMES: Record<(typeof WITHIN)[number] | (typeof OVERALL)[number], string> = {
  cp: 'Cp',
  cpl: 'CPL',
  cpu: 'CPU',
  cpk: 'Cpk',
  cpm: 'Cpm',
  pp: 'Pp',
  ppl: 'PPL',
  ppu: 'PPU',
  ppk: 'Ppk',
  cpmOverall: 'Ppm (Taguchi)',
}

export function capabilityContent({ view, definition, words, width }: CapabilityReport): ReportContent[] {
  const { capability: say, facts, formats } = words
  const { decimals } = definition
  const more = decimals + 2
  const content: ReportContent[] = [
    factsTable([
      ...definitionFacts(definition, view.revision, words),
      [facts.values, formats.integer(view.values)],
      [facts.points, formats.integer(view.subgroups)],
      [facts.period, view.from && view.to ? words.periodOf(formats.dateTime(new Date(view.from)), formats.dateTime(new Date(view.to))) : undefined],
      [say.mean, view.mean === null ? undefined : formats.number(view.mean, more)],
      [say.minimum, view.min === null ? undefined : formats.number(view.min, decimals)],
      [say.maximum, view.max === null ? undefined : formats.number(view.max, decimals)],
      [say.sigmaWithin, view.indices && `${formats.significant(view.indices.within.sigma)} (${view.indices.within.estimator})`],
      [say.sigmaOverall, view.indices && formats.significant(view.indices.overall.sigma)],
      [
        say.normality,
        view.normality && say.normalityOf(formats.number(view.normality.statistic, 3), formats.number(view.normality.p, 3), view.normality.isBound),
      ],
    ]),
  ]
  if (view.excluded) content.push({ text: say.excluded(formats.integer(view.excluded)), style: 'note' })
  if (view.signals) content.push({ text: say.unstable(formats.integer(view.signals)), style: 'bad', margin: [0, 2, 0, 2] })
  if (view.problem) content.push({ text: say.problem(view.problem.message), style: 'bad', margin: [0, 2, 0, 2] })
  const half = { width: width / 2 - 6, height: 190 }
  const drawn = [
    { title: say.histogram, svg: drawHistogram(view, words, half) },
    { title: say.normalPlot, svg: drawNormalPlot(view, words, half) },
  ].flatMap(({ title, svg }) =>
    svg === undefined
      ? []
      : [
          {
            stack: [
              { text: title, style: 'heading' },
              { svg, width: half.width },
            ],
          },
        ],
  )
  if (drawn.length) content.push({ columns: drawn, columnGap: 12 }, { text: say.histogramLegend, style: 'note', fontSize: 7 })
  if (view.indices) content.push(...indexTables(view.indices, words))
  return content
}

function indexTables(indices: Indices, words: ReportWords): ReportContent[] {
  const { capability: say, formats, columns } = words
  const rowOf = (key: keyof typeof NAMES) => {
    const index = indices[key]
    return [NAMES[key], index ? formats.number(index.value, 2) : '–', index ? words.fromTo(formats.number(index.lower, 2), formats.number(index.upper, 2)) : '']
  }
  const head = (title: string) => [title, columns.value, columns.interval]
  const ppm = (title: string, { below, above, total }: Indices['observedPpm']) => [
    title,
    formats.significant(below, 4),
    formats.significant(above, 4),
    formats.significant(total, 4),
  ]
  return [
    { text: say.indices, style: 'heading' },
    {
      columns: [tableOf(head(say.within), WITHIN.map(rowOf), ['*', 'auto', 'auto']), tableOf(head(say.overall), OVERALL.map(rowOf), ['*', 'auto', 'auto'])],
      columnGap: 12,
    },
    { text: say.confidence(formats.significant(indices.cpk.confidence * 100, 4)), style: 'note' },
    { text: say.ppm, style: 'heading' },
    tableOf(
      ['', say.below, say.above, say.total],
      [ppm(say.observed, indices.observedPpm), ppm(say.expectedWithin, indices.expectedWithinPpm), ppm(say.expectedOverall, indices.expectedOverallPpm)],
      ['*', 'auto', 'auto', 'auto'],
    ),
  ]
}

/** One row for each figure. */
export function* capabilityRows(view: CapabilityView): Generator<readonly CsvCell[]> {
  yield ['figure', 'value', 'lower', 'upper', 'confidence', 'df']
  const plain: Record<string, number | null> = {
    values: view.values,
    subgroups: view.subgroups,
    excluded: view.excluded,
    signals: view.signals,
    mean: view.mean,
    min: view.min,
    max: view.max,
    tolerance_lower: view.tolerance.lower,
    tolerance_upper: view.tolerance.upper,
    target: view.tolerance.target,
  }
  for (const [name, value] of Object.entries(plain)) yield [name, value]
  if (view.problem) yield ['problem', view.problem.code]
  const { indices, normality } = view
  if (normality) yield* [['anderson_darling', normality.statistic] as const, [normality.isBound ? 'p_below' : 'p', normality.p] as const]
  if (!indices) return
  yield [`sigma_within_${indices.within.estimator.replaceAll('-', '_')}`, indices.within.sigma, null, null, null, indices.within.df]
  yield ['sigma_overall', indices.overall.sigma, null, null, null, indices.overall.df]
  for (const key of [...WITHIN, ...OVERALL]) {
    const index = indices[key]
    yield [key === 'cpmOverall' ? 'cpm_overall' : key, index?.value, index?.lower, index?.upper, index?.confidence, index?.df]
  }
  const sides = { observed_ppm: indices.observedPpm, expected_within_ppm: indices.expectedWithinPpm, expected_overall_ppm: indices.expectedOverallPpm }
  for (const [name, { below, above, total }] of Object.entries(sides))
    yield* [[`${name}_below`, below] as const, [`${name}_above`, above] as const, [name, total] as const]
}
