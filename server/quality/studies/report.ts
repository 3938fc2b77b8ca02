/** The report of a study as a document. */
import type { StudyResult, StudyView } from '../../api/index.ts'
import { contentWidth, factsTable, type PdfDocument, type ReportContent, type ReportLanguage, tableOf, wordsOf } from '../reports/index.ts'
import { decimalsOf, dot, INK, path, rangeOf, rect, svgOf, words as svgWords, ticks } from '../reports/svg.ts'
import { appraisersOf, partsOf } from './plan.ts'
import { type StudyWords, studyWords } from './report-words.ts'

interface Said {
  view: StudyView
  text: StudyWords
  formats: ReturnType<typeof wordsOf>['formats']
}
const DIGITS = 5
const HEIGHT = 150
const LEFT = 44
const TOP = 8
const FOOT = 18
/** More names do not fit below an axis. */
const MOST_NAMES = 25

export function studyDocument(
  view: StudyView,
  { language, paper, ...head }: { language: ReportLanguage; paper: NonNullable<PdfDocument['paper']> } & Pick<PdfDocument, 'shop' | 'by' | 'at'>,
): PdfDocument {
  const said = { view, text: studyWords(language), formats: wordsOf(language).formats }
  const width = contentWidth(paper, 'portrait')
  const { definition } = view.study
  return {
    ...head,
    language,
    paper,
    orientation: 'portrait',
    title: said.text.title,
    subject: definition.name,
    content: [
      facts(said),
      ...verdict(said),
      ...(view.result?.kind === 'crossed' ? crossed(said, view.result) : []),
      ...(view.result?.kind === 'bias' ? bias(said, view.result) : []),
      ...pictures(said, width),
      heading(said.text.headings.readings),
      readings(said),
    ],
  }
}

const heading = (text: string): ReportContent => ({ text, style: 'heading' })

const SMALLEST_P = 0.0001
/** A probability is never nought. */
const probability = (formats: Said['formats'], p: number | null | undefined): string =>
  typeof p === 'number' && p < SMALLEST_P ? `< ${formats.number(SMALLEST_P, 4)}` : formats.number(p, 4)

function facts({ view: { study }, text, formats }: Said): ReportContent {
  const { definition, revision, readings: done, of } = study
  const { design, limits, unit, decimals, toleranceWidth } = definition
  const { methods } = text
  const method = design.kind === 'bias' ? methods.bias : design.method === 'anova' ? methods.anova(design.errorTerm) : methods['average-and-range']
  return factsTable(
    [
      [text.facts.gauge, definition.gauge],
      [text.facts.characteristic, definition.characteristic],
      [text.facts.tolerance, toleranceWidth === undefined ? undefined : `${formats.number(toleranceWidth, decimals)} ${unit}`],
      [text.facts.parts, formats.integer(partsOf(design).length)],
      [text.facts.appraisers, appraisersOf(design).join(', ')],
      [text.facts.trials, formats.integer(design.trials)],
      [text.facts.method, method],
      [
        text.facts.limits,
        design.kind === 'bias'
          ? undefined
          : text.limitsOf(
              formats.significant(limits.acceptablePercent),
              formats.significant(limits.unacceptablePercent),
              formats.integer(limits.ndc),
              limits.of,
              limits.source,
            ),
      ],
      [text.facts.plan, formats.integer(revision)],
      [text.facts.readings, `${formats.integer(done)} / ${formats.integer(of)}`],
    ],
    2,
  )
}

function verdict({ view, text, formats }: Said): ReportContent[] {
  const { closing } = view.study
  const { result, problem } = view
  const figures =
    result?.kind === 'crossed'
      ? ` (${text.grr} ${formats.number(result.grrPercent, 2)}, ${text.ndc} ${result.ndc === null ? '–' : formats.integer(result.ndc)})`
      : ''
  return [
    ...(result ? [{ text: `${text.byLimits}: ${text.verdicts[result.proposal]}${figures}`, margin: [0, 2, 0, 0] } as ReportContent] : []),
    ...(problem ? [{ text: problem.text } as ReportContent] : []),
    closing
      ? {
          text: [
            { text: `${text.decided}: ${text.verdicts[closing.verdict]}. `, bold: true },
            `${closing.text} (${closing.by}, ${formats.dateTime(new Date(closing.at))})`,
          ],
          margin: [0, 2, 0, 4],
        }
      : { text: text.open, margin: [0, 2, 0, 4] },
  ]
}

function crossed({ text, formats }: Said, { lines, table, pooledTable }: Extract<StudyResult, { kind: 'crossed' }>): ReportContent[] {
  const hasTolerance = lines.some(({ tolerancePercent }) => tolerancePercent !== null)
  const { columns } = text
  const anova = (title: string, rows: NonNullable<typeof table>) => [
    heading(title),
    tableOf(
      ['', 'DF', 'SS', 'MS', 'F', 'p'],
      rows.map(({ source, df, ss, ms, f, p }) => [
        text.anovaSources[source],
        formats.integer(df),
        formats.significant(ss, DIGITS + 1),
        formats.significant(ms, DIGITS + 1),
        formats.number(f, 3),
        probability(formats, p),
      ]),
      ['*', 'auto', 'auto', 'auto', 'auto', 'auto'],
    ),
  ]
  return [
    heading(text.headings.variation),
    tableOf(
      [columns.source, columns.sd, columns.variance, columns.contribution, columns.study, ...(hasTolerance ? [columns.tolerance] : [])],
      lines.map(({ source, standardDeviation, variance, contributionPercent, studyPercent, tolerancePercent }) => [
        text.sources[source],
        formats.significant(standardDeviation, DIGITS),
        formats.significant(variance, DIGITS),
        formats.number(contributionPercent, 2),
        formats.number(studyPercent, 2),
        ...(hasTolerance ? [formats.number(tolerancePercent, 2)] : []),
      ]),
      ['*', 'auto', 'auto', 'auto', 'auto', ...(hasTolerance ? ['auto'] : [])],
    ),
    ...(table ? anova(text.headings.anova, table) : []),
    ...(pooledTable ? anova(text.headings.pooled, pooledTable) : []),
  ]
}

function bias({ text, formats }: Said, { lines, linearity }: Extract<StudyResult, { kind: 'bias' }>): ReportContent[] {
  const say = (value: number | null) => formats.significant(value, DIGITS)
  return [
    heading(text.headings.bias),
    tableOf(
      text.biasColumns,
      lines.map((line) => [
        line.part,
        say(line.reference),
        formats.integer(line.count),
        say(line.mean),
        say(line.bias),
        `${say(line.lower)} … ${say(line.upper)}`,
        say(line.t),
        probability(formats, line.p),
        line.isAcceptable ? text.yes : text.no,
      ]),
      ['*', 'auto', 'auto', 'auto', 'auto', 'auto', 'auto', 'auto', 'auto'],
    ),
    ...(linearity
      ? [
          heading(text.headings.linearity),
          { text: text.line(say(linearity.intercept.value), say(linearity.slope.value), formats.number(linearity.rSquaredPercent, 1)) } as ReportContent,
        ]
      : []),
  ]
}

/** Readings over parts and over appraisers, beside each other. */
function pictures({ view, text, formats }: Said, width: number): ReportContent[] {
  if (view.missing.length > 0) return []
  const { design } = view.study.definition
  const half = (width - 12) / 2
  const draw = (of: 'part' | 'appraiser', names: readonly string[]) =>
    dots(
      names.map((name) => ({ name, values: view.readings.filter((one) => one[of] === name).map(({ value }) => value) })),
      half,
      formats.number,
    )
  return [
    {
      columns: [
        { width: half, stack: [heading(text.headings.byPart), { svg: draw('part', partsOf(design)) }] },
        { width: half, stack: [heading(text.headings.byAppraiser), { svg: draw('appraiser', appraisersOf(design)) }] },
      ],
      columnGap: 12,
      unbreakable: true,
    } as ReportContent,
  ]
}

/** Every reading as a dot, the means joined by a line. */
function dots(groups: readonly { name: string; values: readonly number[] }[], width: number, number: Said['formats']['number']): string {
  const { low, high } = rangeOf(groups.flatMap(({ values }) => [...values]))
  const inner = { width: width - LEFT - 4, height: HEIGHT - TOP - FOOT }
  const x = (place: number) => LEFT + ((place + 0.5) / groups.length) * inner.width
  const y = (value: number) => TOP + ((high - value) / (high - low)) * inner.height
  const marks = ticks(low, high, 5)
  const every = Math.ceil(groups.length / MOST_NAMES)
  return svgOf(width, HEIGHT, [
    rect(LEFT, TOP, inner.width, inner.height, 'none', INK.line),
    ...marks.map((mark) => svgWords(LEFT - 4, y(mark) + 2.4, number(mark, decimalsOf(marks)), { anchor: 'end', color: INK.grey, size: 6.5 })),
    ...groups.flatMap(({ name }, place) =>
      place % every ? [] : [svgWords(x(place), HEIGHT - 6, name.length > 8 ? `${name.slice(0, 7)}…` : name, { anchor: 'middle', color: INK.grey, size: 6 })],
    ),
    path(
      groups.map(({ values }, place) => [x(place), y(values.reduce((sum, value) => sum + value, 0) / values.length)] as const),
      { color: INK.center },
    ),
    ...groups.flatMap(({ values }, place) => values.map((value) => dot(x(place), y(value), 1.3, INK.data, INK.data))),
  ])
}

function readings({ view, text, formats }: Said): ReportContent {
  const { decimals } = view.study.definition
  const say = (value: number) => formats.number(value, decimals)
  return tableOf(
    text.readingColumns,
    view.readings.map(({ part, appraiser, trial, value, by, at, corrected }) => [
      part,
      appraiser,
      formats.integer(trial),
      corrected ? `${say(value)} (${corrected.map((before) => `${text.corrected} ${say(before.value)}: ${before.reason}`).join('; ')})` : say(value),
      by,
      formats.dateTime(new Date(at)),
    ]),
    ['auto', 'auto', 'auto', '*', 'auto', 'auto'],
  )
}
