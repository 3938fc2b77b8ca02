/** Readings from a table that somebody exported or pasted. Pure. */
import { csvInvalid } from './refusals.ts'

export interface CsvReading {
  line: number
  part: string
  /** Absent where the table has no such column. */
  appraiser?: string
  trial: number
  value: number
}

/** As their heads are called, also in German. */
const COLUMNS = {
  part: ['part', 'teil'],
  appraiser: ['appraiser', 'operator', 'prüfer', 'pruefer'],
  trial: ['trial', 'reading', 'messung', 'wiederholung'],
  value: ['value', 'wert', 'messwert'],
} as const
type Column = keyof typeof COLUMNS

/**
 * Separated by comma, semicolon or tab; with semicolon or tab a decimal comma is one too.
 * @throws UserError csv-invalid: no head, a column is missing, a quote without its end
 */
export function readingsIn(csv: string): { readings: CsvReading[]; problems: { line: number; text: string }[] } {
  const text = csv.replace(/^\uFEFF/, '')
  const [first = ''] = text.split(/\r?\n/, 1)
  const separator = first.includes('\t') ? '\t' : first.includes(';') ? ';' : ','
  const [head, ...rows] = rowsOf(text, separator)
  if (!head) throw csvInvalid('There is nothing in it. The first line has the names of the columns: part, appraiser, trial, value.')
  const at = {} as Record<Column, number>
  for (const column of Object.keys(COLUMNS) as Column[])
    at[column] = head.cells.findIndex((name) => (COLUMNS[column] as readonly string[]).includes(name.trim().toLowerCase()))
  const missing = (['part', 'trial', 'value'] as const).filter((column) => at[column] < 0)
  if (missing.length) throw csvInvalid(`The first line has no column "${missing.join('", "')}". It has to name the columns: part, appraiser, trial, value.`)
  const problems: { line: number; text: string }[] = []
  const readings = rows.flatMap(({ line, cells }): CsvReading[] => {
    const of = (column: Column) => (at[column] < 0 ? '' : (cells[at[column]] ?? '').trim())
    // what our own export puts in front of a text that a spreadsheet would take for a formula
    const named = (column: Column) => of(column).replace(/^'(?=[=+\-@])/, '')
    const value = numberIn(of('value'), separator !== ',')
    const trial = Number(of('trial'))
    if (value === undefined) problems.push({ line, text: `"${of('value')}" is no number.` })
    else if (!Number.isInteger(trial) || trial < 1) problems.push({ line, text: `"${of('trial')}" is no number of a trial: 1, 2, 3 …` })
    else return [{ line, part: named('part'), ...(at.appraiser < 0 ? {} : { appraiser: named('appraiser') }), trial, value }]
    return []
  })
  return { readings, problems }
}

/** A plain number; `1.234,5` and the like are none: nobody can say what was meant. */
function numberIn(text: string, takesComma: boolean): number | undefined {
  const plain = takesComma && /^[+-]?\d*,\d+$/.test(text) ? text.replace(',', '.') : text
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return undefined
  const value = Number(plain)
  return Number.isFinite(value) ? value : undefined
}

/** RFC 4180; lines without anything are left out. */
function rowsOf(text: string, separator: string): { line: number; cells: string[] }[] {
  const rows: { line: number; cells: string[] }[] = []
  let cells: string[] = []
  let cell = ''
  let isQuoted = false
  let line = 1
  let begun = 1
  const end = () => {
    cells.push(cell)
    if (cells.some((one) => one.trim() !== '')) rows.push({ line: begun, cells })
    cells = []
    cell = ''
  }
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i] as string
    if (c === '\n') line += 1
    if (isQuoted) {
      if (c !== '"') cell += c
      else if (text[i + 1] === '"') {
        cell += c
        i += 1
      } else isQuoted = false
    } else if (c === '"' && cell.trim() === '') {
      isQuoted = true
      cell = ''
    } else if (c === separator) {
      cells.push(cell)
      cell = ''
    } else if (c === '\n') {
      end()
      begun = line
    } else if (c !== '\r') cell += c
  }
  if (isQuoted) throw csvInvalid(`A quote that begins in line ${begun} has no end.`)
  end()
  return rows
}
