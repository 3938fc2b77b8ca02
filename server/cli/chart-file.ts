/** `cellwright spc`: what a CSV file holds for a control chart, and the chart of it; needs no server. */
import { UserError } from '../../base/errors.ts'
import { CHART_KINDS, ChartError, type ChartKind, type ChartOptions, type ChartResult, controlChart } from '../../nodes/quality/engine/charts/index.ts'
import { type FoundSubgroup, grouped, marks, singles } from './subgroups-file.ts'
import { readTable, type Table } from './table-file.ts'

export interface FoundChart {
  result: ChartResult
  subgroups: readonly FoundSubgroup[]
}

/** @throws UserError `spc-kind-unknown` */
export function chartKindFrom(text: string): ChartKind {
  const kind = CHART_KINDS.find((one) => one === text.toLowerCase())
  if (!kind) throw new UserError({ code: 'spc-kind-unknown', message: `There is no chart "${text}". Say one of: ${CHART_KINDS.join(', ')}.` })
  return kind
}

const counts = (table: Table): FoundSubgroup[] =>
  table.rows.map((row, i) => ({
    name: String(i + 1),
    subgroup: { count: row.number('count'), ...(table.has('size') && { size: row.number('size') }), ...marks(table, row) },
    lines: [row.line],
  }))

const columnsOf: Record<ChartKind, readonly string[]> = {
  'xbar-r': ['subgroup', 'value'],
  'xbar-s': ['subgroup', 'value'],
  'i-mr': ['value'],
  p: ['count', 'size'],
  np: ['count', 'size'],
  c: ['count'],
  u: ['count', 'size'],
  ewma: ['value'],
  cusum: ['value'],
}

function subgroupsIn(table: Table, kind: ChartKind): FoundSubgroup[] {
  switch (kind) {
    case 'xbar-r':
    case 'xbar-s':
      return grouped(table)
    case 'ewma':
    case 'cusum':
      return table.has('subgroup') ? grouped(table) : singles(table)
    case 'i-mr':
      return singles(table)
    case 'p':
    case 'np':
    case 'c':
    case 'u':
      return counts(table)
  }
}

/** The engine's refusal, with the line of the file. */
function told(error: ChartError, subgroups: readonly FoundSubgroup[]): UserError {
  const { at, item, code } = error
  const found = at === undefined ? undefined : subgroups[at]
  const line = found?.lines[item ?? 0]
  return new UserError({
    code: code === 'options-invalid' ? 'chart-options-invalid' : `chart-${code}`,
    message: line === undefined ? error.message : `Line ${line}: ${error.message}`,
    details: { ...(line === undefined ? {} : { line, subgroup: found?.name }) },
    cause: error,
  })
}

/**
 * Reads the file and makes the chart of it.
 * @throws UserError `file-missing`, `file-unusable`, `csv-invalid`, `csv-empty`, `csv-columns-missing`, `csv-value-invalid`, `subgroup-invalid`,
 * and `chart-…` for what the engine refuses, with the line in the details
 */
export async function chartOfFile(file: string, options: ChartOptions): Promise<FoundChart> {
  const subgroups = subgroupsIn(await readTable(file, columnsOf[options.kind]), options.kind)
  try {
    return {
      result: controlChart(
        subgroups.map(({ subgroup }) => subgroup),
        options,
      ),
      subgroups,
    }
  } catch (error) {
    throw error instanceof ChartError ? told(error, subgroups) : error
  }
}
