/** The report of a control chart: as a document, and as a table. */
import type { CharacteristicDefinition, ChartView, Mark } from '../../api/index.ts'
import { definitionFacts, factsTable, tableOf } from './characteristic-facts.ts'
import { drawPanel, shortRule } from './chart-drawing.ts'
import type { ReportContent } from './contract.ts'
import type { CsvCell } from './csv.ts'
import type { ReportWords } from './words/index.ts'

export interface ChartReport {
  chart: ChartView
  definition: CharacteristicDefinition
  words: ReportWords
  /** Of a page, in points. */
  width: number
}

/** More would be a book; the CSV has them all. */
const MOST_ROWS = 200

export function chartContent({ chart, definition, words, width }: ChartReport): ReportContent[] {
  const { points } = chart
  const { formats } = words
  const [first, last] = [points.at[0], points.at.at(-1)]
  const content: ReportContent[] = [
    factsTable([
      ...definitionFacts(definition, chart.revision, words),
      [words.facts.points, words.pointsOf(formats.integer(points.subgroup.length), formats.integer(chart.total))],
      [
        words.facts.period,
        first === undefined || last === undefined ? undefined : words.periodOf(formats.dateTime(new Date(first)), formats.dateTime(new Date(last))),
      ],
    ]),
  ]
  if (chart.problem) content.push({ text: words.noChart(chart.problem.message), style: 'bad' })
  const height = chart.charts.length > 1 ? 150 : 230
  chart.charts.forEach((panel, index) => {
    const svg = drawPanel({ panel, chart, width, height, title: words.panels[panel.name], decimals: definition.decimals, words, namesPhases: index === 0 })
    content.push({ svg, width, margin: [0, 2, 0, 2] })
  })
  if (chart.charts.length) content.push({ text: words.legend, style: 'note', fontSize: 7 })
  content.push(...limitsOf(chart, definition, words), ...signalsOf(chart, definition, words), ...marksOf(chart, words))
  return content
}

function limitsOf({ charts, phases, points }: ChartView, { decimals }: CharacteristicDefinition, words: ReportWords): ReportContent[] {
  const { columns, formats } = words
  const number = (value: number | null) => formats.number(value, decimals + 2)
  const rows = phases.flatMap((phase) =>
    charts.flatMap(({ name, lines }) => {
      // of the newest point of the phase, where sizes differ
      const line = lines.findLast(({ from, to }) => from <= phase.to && to >= phase.from)
      return line
        ? [
            [
              phase.name,
              words.periodOf(String(points.subgroup[Math.max(0, phase.from)] ?? ''), String(points.subgroup[Math.max(0, phase.to)] ?? '')),
              words.panels[name],
              number(line.lower),
              number(line.center),
              number(line.upper),
              number(phase.sigma),
            ],
          ]
        : []
    }),
  )
  if (!rows.length) return []
  const isEstimated = phases.some(({ limitId }) => limitId === undefined)
  return [
    { text: words.limits, style: 'heading' },
    tableOf([columns.phase, columns.points, columns.chart, columns.lower, columns.center, columns.upper, columns.sigma], rows, [
      '*',
      'auto',
      'auto',
      'auto',
      'auto',
      'auto',
      'auto',
    ]),
    ...(isEstimated ? [{ text: words.estimated, style: 'note' }] : []),
  ]
}

/** A rule in words, with the lengths that the characteristic has set. */
function ruleText(rule: string, conventions: CharacteristicDefinition['chart']['conventions'], { rules }: ReportWords): string {
  switch (rule) {
    case 'nelson-1':
    case 'western-electric-1':
    case 'beyond-limits':
      return rules.beyond
    case 'nelson-2':
      return rules.run(conventions?.nelson2Length ?? 9)
    case 'western-electric-4':
      return rules.run(conventions?.westernElectric4Length ?? 8)
    case 'nelson-3':
      return rules.trend(conventions?.nelson3Length ?? 6)
    case 'nelson-4':
      return rules.alternating(conventions?.nelson4Length ?? 14)
    case 'nelson-5':
    case 'western-electric-2':
      return rules.twoOfThree
    case 'nelson-6':
    case 'western-electric-3':
      return rules.fourOfFive
    case 'nelson-7':
      return rules.hugging(conventions?.nelson7Length ?? 15)
    case 'nelson-8':
      return rules.outside(conventions?.nelson8Length ?? 8)
    default:
      return rule
  }
}

function signalsOf({ charts, points }: ChartView, { chart: plan, decimals }: CharacteristicDefinition, words: ReportWords): ReportContent[] {
  const { columns, formats } = words
  const all = charts
    .flatMap((panel) => panel.signals.filter(({ at }) => at >= 0).map((signal) => ({ ...signal, panel: panel.name, value: panel.value[signal.at] ?? null })))
    .sort((a, b) => a.at - b.at)
  if (!all.length) return charts.length ? [{ text: words.signals, style: 'heading' }, { text: words.noSignals }] : []
  const rows = all
    .slice(0, MOST_ROWS)
    .map(({ at, rule, side, panel, value }) => [
      String(points.subgroup[at] ?? ''),
      formats.dateTime(new Date(points.at[at] ?? 0)),
      words.panels[panel],
      formats.number(value, decimals + 1),
      shortRule(rule),
      `${ruleText(rule, plan.conventions, words)}${side ? ` (${words.sides[side]})` : ''}`,
    ])
  return [
    { text: words.signals, style: 'heading' },
    tableOf([columns.point, columns.when, columns.chart, columns.value, '', columns.rule], rows, ['auto', 'auto', 'auto', 'auto', 'auto', '*']),
    ...(all.length > MOST_ROWS ? [{ text: words.moreSignals(formats.integer(all.length - MOST_ROWS)), style: 'note' }] : []),
  ]
}

const saidIn = ({ title, text }: Mark): string => [title, text].filter(Boolean).join(': ')

function marksOf({ marks }: ChartView, words: ReportWords): ReportContent[] {
  if (!marks.length) return []
  const { columns, formats } = words
  const rows = marks
    .slice(0, MOST_ROWS)
    .map((mark) => [String(mark.subgroup), words.markKinds[mark.kind], saidIn(mark), mark.by, formats.dateTime(new Date(mark.at))])
  return [
    { text: words.marks, style: 'heading' },
    tableOf([columns.point, columns.what, columns.said, columns.by, columns.when], rows, ['auto', 'auto', '*', 'auto', 'auto']),
  ]
}

/** One row for each point: what was measured, what is plotted in each panel with its limits, and which rules hold. */
export function* chartRows(chart: ChartView): Generator<readonly CsvCell[]> {
  const { points, charts } = chart
  const name = (panel: string, column: string) => `${panel.replaceAll('-', '_')}_${column}`
  const most = Math.max(0, ...(points.values ?? []).map(({ length }) => length))
  yield [
    'subgroup',
    'at',
    'size',
    ...Array.from({ length: most }, (_, i) => `value_${i + 1}`),
    ...charts.flatMap((panel) => ['value', 'lower', 'center', 'upper', 'sigma', 'rules'].map((column) => name(panel.name, column))),
    'excluded',
    'out_of_tolerance',
    'corrected',
    'said',
  ]
  const said = new Map<number, string[]>()
  for (const mark of chart.marks) said.set(mark.subgroup, [...(said.get(mark.subgroup) ?? []), `${mark.kind}: ${saidIn(mark)}`])
  const panels = charts.map((panel) => {
    const rules = new Map<number, string[]>()
    for (const { at, rule } of panel.signals) rules.set(at, [...(rules.get(at) ?? []), rule])
    return { panel, rules, next: 0 }
  })
  for (const [index, subgroup] of points.subgroup.entries()) {
    const cells: CsvCell[] = [
      subgroup,
      new Date(points.at[index] ?? 0).toISOString(),
      points.size[index],
      ...Array.from({ length: most }, (_, i) => points.values?.[index]?.[i]),
    ]
    for (const each of panels) {
      const { panel, rules } = each
      // lines come in the order of the points
      while ((panel.lines[each.next]?.to ?? Number.POSITIVE_INFINITY) < index) each.next += 1
      const line = panel.lines[each.next]
      const mine = line && line.from <= index ? line : undefined
      cells.push(panel.value[index], mine?.lower, mine?.center, mine?.upper, mine?.sigma, rules.get(index)?.join(' '))
    }
    yield [...cells, points.excluded[index], points.outOfTolerance[index], points.corrected[index], said.get(subgroup)?.join('; ')]
  }
}
