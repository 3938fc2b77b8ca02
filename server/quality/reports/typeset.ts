/** Lays a document out with pdfmake. Only the process that makes PDFs loads it: pdfmake is large, and a long report takes its time. */
import { createRequire } from 'node:module'
import pdfmake, { type CustomTableLayout } from 'pdfmake'
import { MARGIN, type PdfDocument } from './contract.ts'
import { wordsOf } from './words/index.ts'

/** As the package brings them; it says where their files are. */
const roboto = createRequire(import.meta.url)('pdfmake/fonts/Roboto.js') as { Roboto: Record<'normal' | 'bold' | 'italics' | 'bolditalics', string> }
type Definition = Parameters<typeof pdfmake.createPdf>[0]

const GREY = '#5b6470'
const LINE = '#c4cad2'

const LAYOUTS: Record<string, CustomTableLayout> = {
  report: {
    hLineWidth: (row, { table }) => (row === 0 || row === table.body.length || row === (table.headerRows ?? 0) ? 0.8 : 0.4),
    vLineWidth: () => 0,
    hLineColor: () => LINE,
    fillColor: (row, { table }) => (row < (table.headerRows ?? 0) ? '#eef0f3' : null),
    paddingLeft: () => 4,
    paddingRight: () => 4,
    paddingTop: () => 2.5,
    paddingBottom: () => 2.5,
  },
  facts: {
    hLineWidth: () => 0,
    vLineWidth: () => 0,
    paddingLeft: () => 0,
    paddingRight: () => 10,
    paddingTop: () => 1.5,
    paddingBottom: () => 1.5,
  },
}

let isReady = false
function prepare(): void {
  if (isReady) return
  isReady = true
  pdfmake.addFonts(roboto)
  pdfmake.addTableLayouts(LAYOUTS)
  // what is in a report comes from people: it reaches no network, and no file but the fonts
  pdfmake.setUrlAccessPolicy(() => false)
  const fonts = new Set(Object.values(roboto.Roboto))
  pdfmake.setLocalAccessPolicy((path) => fonts.has(path))
}

/** @returns the bytes of a PDF with its fonts in it */
export async function typeset(document: PdfDocument): Promise<Buffer> {
  prepare()
  return pdfmake.createPdf(definition(document)).getBuffer()
}

function definition({ language, paper = 'a4', orientation = 'portrait', title, subject, number, shop, by, at, content }: PdfDocument): Definition {
  const words = wordsOf(language)
  const when = words.formats.dateTime(at)
  return {
    pageSize: paper === 'a4' ? 'A4' : 'LETTER',
    pageOrientation: orientation,
    pageMargins: [MARGIN, 68, MARGIN, 44],
    language: language === 'de' ? 'de-DE' : 'en',
    info: { title: [title, subject].filter(Boolean).join(': '), author: shop, creator: 'Cellwright', producer: 'Cellwright', creationDate: at },
    defaultStyle: { font: 'Roboto', fontSize: 9, lineHeight: 1.1 },
    styles: {
      heading: { fontSize: 11, bold: true, margin: [0, 10, 0, 4] },
      note: { color: GREY },
      label: { color: GREY },
      head: { bold: true, color: '#2b333d' },
      bad: { bold: true, color: '#a4161a' },
    },
    header: {
      margin: [MARGIN, 22, MARGIN, 0],
      stack: [
        {
          columns: [
            { width: '*', text: clean([title, subject].filter(Boolean).join(': ')), bold: true, fontSize: 13, lineHeight: 1 },
            { width: 'auto', alignment: 'right', text: clean([shop, number].filter(Boolean).join('  ')), color: GREY, margin: [12, 3, 0, 0] },
          ],
        },
        { canvas: [{ type: 'line', x1: 0, y1: 5, x2: pageWidth(paper, orientation) - 2 * MARGIN, y2: 5, lineWidth: 0.8, lineColor: LINE }] },
      ],
    },
    footer: (page, pages) => ({
      margin: [MARGIN, 12, MARGIN, 0],
      columns: [
        { width: '*', text: clean(words.madeBy(by, when)), color: GREY, fontSize: 8 },
        { width: 'auto', text: words.page(page, pages), color: GREY, fontSize: 8 },
      ],
    }),
    content: cleaned(content) as PdfDocument['content'],
    // no heading at the end of a page, away from what it heads
    pageBreakBefore: ({ style }, { getFollowingNodesOnPage }) => style === 'heading' && getFollowingNodesOnPage().length === 0,
  }
}

const pageWidth = (paper: 'a4' | 'letter', orientation: 'portrait' | 'landscape'): number =>
  paper === 'a4' ? (orientation === 'portrait' ? 595.28 : 841.89) : orientation === 'portrait' ? 612 : 792

/** Signs that Roboto has not, by what says the same. */
const OTHER_SIGNS: Record<string, string> = { '⌀': 'Ø', '∅': 'Ø', '→': '->', '←': '<-', '✓': 'x', '\u0304': '', '\u0305': '' }
const clean = (text: string): string => text.replaceAll(/⌀|∅|→|←|✓|\u0304|\u0305/gu, (sign) => OTHER_SIGNS[sign] ?? sign)

/** Nothing but what is typeset: a picture by address would be fetched, were it not refused. */
function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return clean(value)
  if (Array.isArray(value)) return value.map(cleaned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cleaned(inner)]))
}
