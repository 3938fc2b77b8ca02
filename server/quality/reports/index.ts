/** Reports: what is known of quality as PDF and CSV. Other parts make documents of their own and give them to `pdfOf`. */
import { UserError } from '../../../base/errors.ts'
import { type CharacteristicReportQuery, getCharacteristicReport, type Measurement } from '../../api/index.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { QualityCore } from '../contract.ts'
import { capabilityContent, capabilityRows } from './capability-report.ts'
import { chartContent, chartRows } from './chart-report.ts'
import { contentWidth, type PdfDocument, type ReportContent } from './contract.ts'
import { csvOf } from './csv.ts'
import { measurementRows, measurementsContent } from './measurements-report.ts'
import { pdfOf } from './pdf.ts'
import { sendReport } from './send.ts'
import { wordsOf } from './words/index.ts'

export { factsTable, tableOf, toleranceText } from './characteristic-facts.ts'
export { contentWidth, type PdfDocument, type ReportContent, type ReportLanguage } from './contract.ts'
export { type CsvCell, csvOf } from './csv.ts'
export { pdfOf } from './pdf.ts'
export { sendReport } from './send.ts'
export { type ReportWords, wordsOf } from './words/index.ts'

export interface ReportsDeps {
  core: Pick<QualityCore, 'characteristic' | 'chart' | 'capability' | 'measurements'>
  /** Whose reports they are. */
  shop: () => string
}

/** A PDF of more rows would have hundreds of pages. */
const MOST_PRINTED = 5000
/** Points of a chart on paper: more are a bar of ink. */
const MOST_DRAWN = 20_000
const MOST_ROWS = 100_000
const PIECE = 1000

export function createReports({ core, shop }: ReportsDeps): { routes: RouteHandler[] } {
  async function measurementsOf(id: string, query: CharacteristicReportQuery): Promise<Measurement[]> {
    const { last, from, to, lot, format } = query
    const most = Math.min(last, format === 'pdf' ? MOST_PRINTED + 1 : MOST_ROWS)
    const found: Measurement[] = []
    for (let before: number | undefined; ; ) {
      const piece = await core.measurements({
        characteristicId: id,
        limit: PIECE,
        ...(before === undefined ? {} : { before }),
        ...(lot === undefined ? {} : { lot }),
        ...(from === undefined ? {} : { since: new Date(from) }),
        ...(to === undefined ? {} : { until: new Date(to) }),
      })
      found.push(...piece.filter(({ machineId }) => query.machineId === undefined || machineId === query.machineId))
      before = piece.at(-1)?.seq
      if (piece.length < PIECE || found.length >= most) break
    }
    found.splice(most)
    if (format === 'pdf' && found.length > MOST_PRINTED)
      throw new UserError({
        code: 'report-too-long',
        status: 422,
        message: `More than ${MOST_PRINTED} measurements would be a PDF of hundreds of pages. Choose fewer, or take them as CSV.`,
        details: { most: MOST_PRINTED },
      })
    return found.reverse()
  }

  return {
    routes: [
      handle(getCharacteristicReport, async ({ params: { id, report }, query, caller, response }) => {
        const { format, language, paper, ...choice } = query
        const { definition, revision } = await core.characteristic(id)
        const words = wordsOf(language)
        const orientation = report === 'capability' ? 'portrait' : 'landscape'
        const width = contentWidth(paper, orientation)
        const at = new Date()
        const name = `${definition.name} ${words.titles[report]} ${at.toISOString().slice(0, 10)}`
        const pdf = async (content: ReportContent[]) => {
          const document: PdfDocument = {
            language,
            paper,
            orientation,
            title: words.titles[report],
            subject: definition.name,
            shop: shop(),
            by: caller.name,
            at,
            content,
          }
          sendReport(response, { name, type: 'pdf', body: await pdfOf(document) })
        }
        const csv = async (rows: Parameters<typeof csvOf>[0]) => sendReport(response, { name, type: 'csv', body: await csvOf(rows) })
        switch (report) {
          case 'chart': {
            const chart = await core.chart(id, format === 'pdf' ? { ...choice, last: Math.min(choice.last, MOST_DRAWN) } : choice)
            return format === 'csv' ? csv(chartRows(chart)) : pdf(chartContent({ chart, definition, words, width }))
          }
          case 'capability': {
            const view = await core.capability(id, choice)
            return format === 'csv' ? csv(capabilityRows(view)) : pdf(capabilityContent({ view, definition, words, width }))
          }
          case 'measurements': {
            const measurements = await measurementsOf(id, query)
            return format === 'csv' ? csv(measurementRows(measurements)) : pdf(measurementsContent({ measurements, definition, revision, words }))
          }
          default:
            return report satisfies never
        }
      }),
    ],
  }
}
