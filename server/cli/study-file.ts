/** What CSV files hold for `cellwright capability` and `cellwright gage`; refusals of the engine with the line of the file. */
import { UserError } from '../../base/errors.ts'
import { StatisticsError } from '../../nodes/quality/engine/describe/index.ts'
import type { GageReading, ReferenceReading } from '../../nodes/quality/engine/gage/index.ts'
import { grouped, singles } from './subgroups-file.ts'
import { readTable } from './table-file.ts'

/** @param lineOf where a place of the engine is in the file */
export function withLines<T>(work: () => T, lineOf: (place: StatisticsError['place']) => number | undefined): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof StatisticsError)) throw error
    const line = lineOf(error.place)
    throw new UserError({
      code: `statistics-${error.code}`,
      message: line === undefined ? error.message : `Line ${line}: ${error.message}`,
      details: { ...error.place, ...(line === undefined ? {} : { line }) },
      cause: error,
    })
  }
}

export interface FoundSubgroups {
  subgroups: number[][]
  /** The line of each value. */
  lines: number[][]
}

/**
 * Column `value`, and `subgroup` where there are any; what is excluded leaves a gap.
 * @throws UserError `csv-…`, `subgroup-invalid`
 */
export async function subgroupsOfFile(file: string): Promise<FoundSubgroups> {
  const table = await readTable(file, ['value'])
  const found = table.has('subgroup') ? grouped(table) : singles(table)
  return {
    subgroups: found.map(({ subgroup: { values = [], excluded } }) => (excluded ? [] : [...values])),
    lines: found.map(({ lines }) => lines),
  }
}

/** Columns `part,appraiser,trial,value`. @throws UserError `csv-…` */
export async function crossedFile(file: string): Promise<{ readings: GageReading[]; lines: number[] }> {
  const { rows } = await readTable(file, ['part', 'appraiser', 'trial', 'value'])
  return {
    readings: rows.map((row) => ({ part: row.text('part'), appraiser: row.text('appraiser'), trial: row.text('trial'), value: row.number('value') })),
    lines: rows.map(({ line }) => line),
  }
}

/** Columns `part,reference,value`. @throws UserError `csv-…` */
export async function referenceFile(file: string): Promise<{ readings: ReferenceReading[]; lines: number[] }> {
  const { rows } = await readTable(file, ['part', 'reference', 'value'])
  return {
    readings: rows.map((row) => ({ part: row.text('part'), reference: row.number('reference'), value: row.number('value') })),
    lines: rows.map(({ line }) => line),
  }
}
