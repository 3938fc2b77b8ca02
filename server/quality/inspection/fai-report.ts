/** An inspection on paper: the three forms of AS9102 with the numbers of their fields, or the results of a plain one; and its results as a table. */
import { FORM_ONE, FORM_THREE, FORM_TWO, type FormField, type Inspection, type InspectionResult, keyOf, piecesOf } from '../../api/index.ts'
import {
  type CsvCell,
  factsTable,
  type PdfDocument,
  type ReportContent,
  type ReportLanguage,
  type ReportWords,
  tableOf,
  toleranceText,
  wordsOf,
} from '../reports/index.ts'
import { faiWords } from './words.ts'

type Balloon = Inspection['plan']['balloons'][number]

export function inspectionDocument(
  inspection: Inspection,
  more: Pick<PdfDocument, 'language' | 'shop' | 'by' | 'at'> & { paper: 'a4' | 'letter' },
): PdfDocument {
  const { language } = more
  const words = wordsOf(language)
  const say = faiWords(language)
  const { plan, number } = inspection
  const content = plan.isFirstArticle
    ? [...formOne(inspection, language, words), ...formTwo(inspection, language), ...formThree(inspection, language, words)]
    : [...plainHead(inspection, words, language), ...formThree(inspection, language, words)]
  return {
    ...more,
    orientation: 'landscape',
    title: plan.isFirstArticle ? say.firstArticle : say.inspection,
    subject: [plan.part, plan.partRevision].filter(Boolean).join(' / '),
    number,
    content: [{ text: say.states[inspection.state], style: inspection.state === 'rejected' ? 'bad' : 'head', margin: [0, 0, 0, 4] }, ...content],
  }
}

const titled = ({ number, ...names }: FormField, language: ReportLanguage): string => `${number}. ${names[language]}`

/** The last time that somebody did it; what was opened again since counts no more. */
function signedBy({ acts, state }: Inspection, names: readonly string[]): { by: string; at: Date } | undefined {
  if (state === 'open' || state === 'withdrawn') return undefined
  const act = acts.findLast((one) => names.includes(one.act))
  return act && { by: act.by, at: new Date(act.at) }
}

function formOne(inspection: Inspection, language: ReportLanguage, words: ReportWords): ReportContent[] {
  const { plan, forms, number, results } = inspection
  const { one } = forms
  const say = faiWords(language)
  const verified = signedBy(inspection, ['verify'])
  const approved = signedBy(inspection, ['accept', 'reject'])
  const { date } = words.formats
  const given: Partial<Record<keyof typeof FORM_ONE, string | undefined>> = {
    ...one,
    part: plan.part,
    partName: plan.partName,
    serial: inspection.serials.join(', '),
    fair: number,
    partRevision: plan.partRevision,
    drawing: plan.drawing,
    drawingRevision: plan.drawingRevision,
    scope: one.scope && say.scopes[one.scope],
    extent: one.extent && say.extents[one.extent],
    hasNonconformance: results.some(({ isConforming }) => !isConforming) ? words.yes : words.no,
    verifiedBy: verified?.by,
    verifiedAt: verified && date(verified.at),
    approvedBy: approved && `${approved.by} (${say.states[inspection.state]})`,
    approvedAt: approved && date(approved.at),
  } as never
  const fields = (Object.keys(FORM_ONE) as (keyof typeof FORM_ONE)[]).filter((name) => !name.startsWith('assembly'))
  const facts = fields.map((name) => [titled(FORM_ONE[name], language), given[name] || '–'] as const)
  const content: ReportContent[] = [{ text: say.formOne, style: 'heading' }, factsTable(facts, 2)]
  if (one.assembly.length)
    content.push(
      tableOf(
        [FORM_ONE.assemblyPart, FORM_ONE.assemblyName, FORM_ONE.assemblyType, FORM_ONE.assemblyFair].map((each) => titled(each, language)),
        one.assembly.map(({ part, name, type, fair }) => [part, name ?? '', type ?? '', fair ?? '']),
        ['*', '*', 'auto', 'auto'],
      ),
    )
  return content
}

function plainHead(inspection: Inspection, words: ReportWords, language: ReportLanguage): ReportContent[] {
  const { plan, serials, lot, quantity, workOrder } = inspection
  const say = faiWords(language)
  const verified = signedBy(inspection, ['verify'])
  const decided = signedBy(inspection, ['accept', 'reject'])
  return [
    factsTable([
      [words.facts.part, plan.part],
      [say.name, plan.partName],
      [words.facts.revision, plan.partRevision],
      [say.drawing, [plan.drawing, plan.drawingRevision].filter(Boolean).join(' / ')],
      [words.facts.lot, lot],
      [say.workOrder, workOrder],
      [say.quantity, words.formats.integer(quantity)],
      [words.columns.serial, serials.join(', ')],
      [say.verified, verified && `${verified.by}, ${words.formats.date(verified.at)}`],
      [say.decided, decided && `${decided.by}, ${words.formats.date(decided.at)}`],
    ]),
  ]
}

function formTwo({ forms }: Inspection, language: ReportLanguage): ReportContent[] {
  const say = faiWords(language)
  const columns = Object.keys(FORM_TWO) as (keyof typeof FORM_TWO)[]
  const rows = forms.two.map((row) =>
    columns.map((name) => (name === 'customerApproval' ? (row.customerApproval ? say.approvals[row.customerApproval] : '') : (row[name] ?? ''))),
  )
  return [
    { text: say.formTwo, style: 'heading' },
    rows.length
      ? tableOf(
          columns.map((name) => titled(FORM_TWO[name], language)),
          rows,
          ['*', '*', 'auto', '*', 'auto', '*', 'auto', 'auto', 'auto'],
        )
      : { text: say.noProduct, style: 'note' },
  ]
}

/** What a balloon asks for, in words: of a measured one nominal and tolerance. */
function requirementText(balloon: Balloon, { characteristics }: Inspection, words: ReportWords): string {
  const measured = characteristics.find(({ id }) => id === balloon.characteristicId)
  const limits =
    measured &&
    `${measured.name}${measured.nominal === null ? '' : ` ${words.formats.number(measured.nominal, measured.decimals)}`} (${toleranceText(measured, words)}) ${measured.unit}`.trim()
  return [balloon.requirement, limits].filter(Boolean).join('; ')
}

function resultText(result: InspectionResult, balloon: Balloon, { characteristics }: Inspection, words: ReportWords, language: ReportLanguage): string {
  const decimals = characteristics.find(({ id }) => id === balloon.characteristicId)?.decimals ?? 3
  const value = result.value === undefined ? faiWords(language).verdicts[result.isConforming ? 'yes' : 'no'] : words.formats.number(result.value, decimals)
  return `${value}${result.isCorrected ? ` (${words.corrected})` : ''}`
}

function formThree(inspection: Inspection, language: ReportLanguage, words: ReportWords): ReportContent[] {
  const { plan, results, quantity, serials } = inspection
  const say = faiWords(language)
  const byKey = new Map(results.map((result) => [keyOf(result.balloon, result.piece), result]))
  const rows = plan.balloons.flatMap((balloon) => {
    const pieces = piecesOf(balloon, quantity)
    return Array.from({ length: pieces }, (_, index) => index + 1).map((piece) => {
      const result = byKey.get(keyOf(balloon.number, piece))
      return [
        balloon.number,
        piece === 1 ? (balloon.place ?? '') : '',
        piece === 1 ? (balloon.designator ?? '') : '',
        piece === 1 ? requirementText(balloon, inspection, words) : '',
        ...(quantity > 1 ? [serials[piece - 1] ?? String(piece)] : []),
        { text: result ? resultText(result, balloon, inspection, words, language) : '–', ...(result && !result.isConforming ? { style: 'bad' } : {}) },
        result?.tooling ?? balloon.tooling ?? '',
        result?.nonconformance ?? '',
        result?.text ?? '',
      ]
    })
  })
  const { number, place, designator, requirement, results: found, tooling, nonconformance, comments } = FORM_THREE
  const head = [number, place, designator, requirement].map((each) => titled(each, language))
  const tail = [found, tooling, nonconformance, comments].map((each) => titled(each, language))
  return [
    { text: plan.isFirstArticle ? say.formThree : say.results, style: 'heading', ...(plan.isFirstArticle ? { pageBreak: 'before' as const } : {}) },
    tableOf([...head, ...(quantity > 1 ? [say.piece] : []), ...tail], rows, [
      'auto',
      'auto',
      'auto',
      '*',
      ...(quantity > 1 ? ['auto'] : []),
      'auto',
      'auto',
      'auto',
      '*',
    ]),
  ]
}

/** One row for each result that there is to be. */
export function* inspectionRows(inspection: Inspection): Generator<readonly CsvCell[]> {
  yield [
    'number',
    'part',
    'part_revision',
    'balloon',
    'place',
    'designator',
    'requirement',
    'piece',
    'serial',
    'characteristic',
    'unit',
    'nominal',
    'lower',
    'upper',
    'value',
    'is_conforming',
    'tooling',
    'nonconformance',
    'comment',
    'by',
    'at',
    'measurement_id',
  ]
  const { plan, quantity, serials, results, characteristics, number } = inspection
  const byKey = new Map(results.map((result) => [keyOf(result.balloon, result.piece), result]))
  for (const balloon of plan.balloons) {
    const measured = characteristics.find(({ id }) => id === balloon.characteristicId)
    for (let piece = 1; piece <= piecesOf(balloon, quantity); piece += 1) {
      const result = byKey.get(keyOf(balloon.number, piece))
      yield [
        number,
        plan.part,
        plan.partRevision,
        balloon.number,
        balloon.place,
        balloon.designator,
        balloon.requirement,
        piece,
        serials[piece - 1],
        measured?.name,
        measured?.unit,
        measured?.nominal,
        measured?.lower,
        measured?.upper,
        result?.value,
        result?.isConforming,
        result?.tooling ?? balloon.tooling,
        result?.nonconformance,
        result?.text,
        result?.by,
        result?.at,
        result?.measurementId,
      ]
    }
  }
}
