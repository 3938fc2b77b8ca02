/** Subgroups of measured values in a table: where each stands in its file, and which are excluded. */
import { UserError } from '../../base/errors.ts'
import type { Subgroup } from '../../nodes/quality/engine/charts/index.ts'
import type { Table, TableRow } from './table-file.ts'

/** One subgroup and where it stands in the file. */
export interface FoundSubgroup {
  /** As the file names it; its number where it names none. */
  name: string
  subgroup: Subgroup
  /** The line of each value. */
  lines: number[]
}

/** What stands for "no" in the column `excluded`; anything else is a yes, or the reason. */
const NOT_EXCLUDED: ReadonlySet<string> = new Set(['', '0', 'no', 'n', 'false', 'nein'])

/** Columns that every chart may have. */
export function marks(table: Table, row: TableRow): Pick<Subgroup, 'phase' | 'excluded'> {
  const phase = table.has('phase') ? row.text('phase') : ''
  return { ...(phase && { phase }), ...(table.has('excluded') && !NOT_EXCLUDED.has(row.text('excluded').toLowerCase()) && { excluded: true }) }
}

/** Each row is one. */
export const singles = (table: Table): FoundSubgroup[] =>
  table.rows.map((row, i) => ({ name: String(i + 1), subgroup: { values: [row.number('value')], ...marks(table, row) }, lines: [row.line] }))

/** Rows of a subgroup follow one another: one that comes back later is a mistake in the file, not more of the same. */
export function grouped(table: Table): FoundSubgroup[] {
  const found: FoundSubgroup[] = []
  const ended = new Map<string, number>()
  let values: number[] = []
  for (const row of table.rows) {
    const name = row.text('subgroup')
    const refuse = (message: string) => {
      throw new UserError({ code: 'subgroup-invalid', message: `Line ${row.line}: ${message}`, details: { line: row.line, subgroup: name } })
    }
    if (name === '') refuse('subgroup is empty.')
    const last = found.at(-1)
    const own = marks(table, row)
    const value = row.number('value')
    if (last?.name !== name) {
      if (ended.has(name)) refuse(`subgroup ${name} ended already on line ${ended.get(name)}. The rows of a subgroup must follow one another.`)
      if (last) ended.set(last.name, last.lines.at(-1) ?? 0)
      values = [value]
      found.push({ name, subgroup: { values, ...own }, lines: [row.line] })
      continue
    }
    if (last.subgroup.phase !== own.phase || last.subgroup.excluded !== own.excluded)
      refuse(`subgroup ${name} has another phase, or is excluded, on the line before. Its rows must agree.`)
    values.push(value)
    last.lines.push(row.line)
  }
  return found
}
