/** CSV files with a header row that a person names on the command line: columns by name, and numbers that are numbers, told by line. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { CsvError, type Info, parse } from 'csv-parse/sync'
import { UserError } from '../../base/errors.ts'
import { fileProblem } from './files.ts'

export interface TableRow {
  /** In the file, the header being line 1. */
  line: number
  /** What stands in a column; empty where the row is too short. */
  text(column: string): string
  /** @throws UserError `csv-value-invalid` naming line and column */
  number(column: string): number
}

export interface Table {
  file: string
  has(column: string): boolean
  rows: TableRow[]
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

function invalid(code: string, message: string, details: Record<string, unknown>): UserError {
  return new UserError({ code, message, details })
}

/** A spreadsheet of a country with decimal commas separates columns by semicolons. */
const delimiterOf = (header: string) => [',', ';', '\t'].reduce((best, one) => (header.split(one).length > header.split(best).length ? one : best), ',')

function numberFrom(text: string, { line, column, hasDecimalComma }: { line: number; column: string; hasDecimalComma: boolean }): number {
  const plain = hasDecimalComma ? text.replace(',', '.') : text
  const refuse = (words: string) => invalid('csv-value-invalid', `Line ${line}: ${column} ${words}.`, { line, column, value: text })
  if (text === '') throw refuse('is empty')
  if (/^[+-]?(inf|infinity|∞)$/i.test(text)) throw refuse(`is infinite ("${text}")`)
  if (!NUMBER.test(plain)) throw refuse(`is not a number: "${text.slice(0, 40)}"`)
  const value = Number(plain)
  if (!Number.isFinite(value)) throw refuse(`is too large for a number: "${text.slice(0, 40)}"`)
  return value
}

function records(file: string, text: string, delimiter: string): { info: Info; record: string[] }[] {
  try {
    return parse(text, { bom: true, delimiter, info: true, relax_column_count: true, skip_empty_lines: true, trim: true }) as unknown as {
      info: Info
      record: string[]
    }[]
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    const line = typeof cause.lines === 'number' ? cause.lines : undefined
    throw new UserError({ code: 'csv-invalid', message: `${basename(file)} is not valid CSV: ${cause.message}`, details: { line }, cause })
  }
}

/**
 * @param columns names that must be in the header; case does not matter
 * @throws UserError `file-missing`, `file-unusable`, `csv-invalid`, `csv-empty`, `csv-columns-missing`
 */
export async function readTable(file: string, columns: readonly string[]): Promise<Table> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fileProblem(file, error)
  })
  const delimiter = delimiterOf(/^.*/.exec(text)?.[0] ?? '')
  const [head, ...rest] = records(file, text, delimiter)
  if (!head) throw invalid('csv-empty', `${basename(file)} is empty. It needs a header row with ${columns.join(', ')}.`, {})
  const names = head.record.map((name) => name.toLowerCase())
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) !== i)
  if (twice !== undefined) throw invalid('csv-columns-missing', `The header of ${basename(file)} names ${twice} twice.`, { column: twice })
  const missing = columns.filter((column) => !names.includes(column))
  if (missing.length)
    throw invalid(
      'csv-columns-missing',
      `${basename(file)} has no column ${missing.join(', ')}. Its header row names ${head.record.join(', ') || 'nothing'}.`,
      {
        missing,
        found: head.record,
      },
    )
  if (!rest.length) throw invalid('csv-empty', `${basename(file)} has a header and no rows.`, {})
  const place = new Map(names.map((name, i) => [name, i]))
  return {
    file,
    has: (column) => place.has(column),
    rows: rest.map(({ info: { lines: line }, record }) => {
      const cell = (column: string) => record[place.get(column) ?? -1] ?? ''
      return { line, text: cell, number: (column) => numberFrom(cell(column), { line, column, hasDecimalComma: delimiter === ';' }) }
    }),
  }
}
