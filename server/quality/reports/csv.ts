/** Tables for spreadsheets: RFC 4180, UTF-8 with a mark at its begin (without it Excel reads umlauts wrong). */

import { inSteps, type Steps } from '../../../base/steps.ts'

export type CsvCell = string | number | boolean | null | undefined

/**
 * Numbers have a point, whatever the language: a comma would be a new column. A text that a spreadsheet would take for a formula
 * gets an apostrophe in front (OWASP, CSV injection): `=`, `+`, `-`, `@`, tab, carriage return; so do their full-width forms.
 */
function cell(value: CsvCell): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : ''
  if (typeof value === 'boolean') return value ? '1' : '0'
  const text = /^[\s\0]*[=+\-@\t\r＝＋－＠]/u.test(value) ? `'${value}` : value
  return /[",;\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}

/** One line, with its end. */
export const csvLine = (cells: readonly CsvCell[]): string => `${cells.map(cell).join(',')}\r\n`

/** Rows between which the event loop may go on. */
const PIECE = 50

/** @param rows the first is the head; a hundred thousand are nothing that anybody has to wait for */
export function csvOf(rows: Iterable<readonly CsvCell[]>): Promise<string> {
  return inSteps(csvSteps(rows))
}

function* csvSteps(rows: Iterable<readonly CsvCell[]>): Steps<string> {
  const pieces = ['\uFEFF']
  let count = 0
  for (const row of rows) {
    pieces.push(csvLine(row))
    count += 1
    if (count % PIECE === 0) yield
  }
  return pieces.join('')
}
