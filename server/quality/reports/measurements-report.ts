/** The report of single measurements with all that is known of them. */
import type { CharacteristicDefinition, Measurement } from '../../api/index.ts'
import { definitionFacts, factsTable, tableOf } from './characteristic-facts.ts'
import type { ReportContent } from './contract.ts'
import type { CsvCell } from './csv.ts'
import type { ReportWords } from './words/index.ts'

/** Oldest first. */
export interface MeasurementsReport {
  measurements: readonly Measurement[]
  definition: CharacteristicDefinition
  revision: number
  words: ReportWords
}

export function measurementsContent({ measurements, definition, revision, words }: MeasurementsReport): ReportContent[] {
  const { columns, formats, facts } = words
  const rows = measurements.map((measured) => [
    String(measured.seq),
    String(measured.subgroup),
    formats.dateTime(new Date(measured.at)),
    `${formats.number(measured.value, definition.decimals)}${measured.corrections ? ` (${words.corrected})` : ''}`,
    { text: measured.isInTolerance ? words.inTolerance : words.outOfTolerance, style: measured.isInTolerance ? 'note' : 'bad' },
    measured.serial ?? '',
    measured.lot ?? '',
    measured.machineId ?? '',
    measured.by ?? '',
    measured.comment ?? '',
  ])
  return [
    factsTable([...definitionFacts(definition, revision, words), [facts.values, formats.integer(measurements.length)]]),
    tableOf(
      [
        '',
        columns.point,
        columns.when,
        `${columns.value} ${definition.unit}`.trim(),
        columns.verdict,
        columns.serial,
        columns.lot,
        columns.machine,
        columns.by,
        '',
      ],
      rows,
      ['auto', 'auto', 'auto', 'auto', 'auto', 'auto', 'auto', 'auto', 'auto', '*'],
    ),
  ]
}

const COLUMNS = [
  'seq',
  'subgroup',
  'at',
  'value',
  'size',
  'unit',
  'nominal',
  'lower',
  'upper',
  'isInTolerance',
  'source',
  'serial',
  'lot',
  'machineId',
  'program',
  'tool',
  'workOrder',
  'runId',
  'by',
  'gaugeId',
  'gaugeCalibratedAt',
  'gaugeDueAt',
  'comment',
  'revision',
  'id',
] as const satisfies readonly (keyof Measurement)[]

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

export function* measurementRows(measurements: Iterable<Measurement>): Generator<readonly CsvCell[]> {
  yield [...COLUMNS.map(snake), 'flags', 'value_first', 'correction_reasons']
  for (const measured of measurements)
    yield [
      ...COLUMNS.map((column) => measured[column]),
      measured.flags.join(' '),
      measured.corrections?.[0]?.from,
      measured.corrections?.map(({ reason, by }) => `${reason} (${by})`).join('; '),
    ]
}
