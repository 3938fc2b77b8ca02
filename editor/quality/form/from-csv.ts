/** A list of characteristics as a CSV file: lines to definitions, with what is wrong by line. No DOM. */
import { CHART_KINDS } from '../../../nodes/quality/engine/charts/contract.ts'
import type { CharacteristicDefinition } from '../../../server/api/quality/index.ts'
import type { Num } from '../../shared/number-field.tsx'
import { type ChartKind, definitionOf, isOfCounts, newDraft, problemsOf, withKind } from './draft.ts'

/** Why a line is not imported. */
export type LineProblem =
  | { code: 'noName' | 'reversed' | 'nominal' | 'subgroup' }
  | { code: 'number'; column: string; value: string }
  | { code: 'kind'; value: string }

interface ReadLine {
  /** In the file, from 1. */
  line: number
  name: string
  definition: CharacteristicDefinition | undefined
  problem: LineProblem | undefined
}

export type ReadFile = { lines: ReadLine[] } | { problem: 'noColumns' | 'empty' }

/** The names that a column goes by, without case and spaces. */
const COLUMNS = {
  name: ['name', 'characteristic', 'merkmal', 'bezeichnung'],
  part: ['part', 'teil', 'partnumber', 'teilenummer'],
  partRevision: ['revision', 'partrevision', 'stand', 'index'],
  feature: ['feature', 'balloon', 'position', 'merkmalsnummer'],
  operation: ['operation', 'arbeitsgang'],
  unit: ['unit', 'einheit'],
  nominal: ['nominal', 'nennmaß', 'nennmass', 'nennwert', 'target'],
  lower: ['lower', 'lsl', 'min', 'usg', 'ugw'],
  upper: ['upper', 'usl', 'max', 'osg', 'ogw'],
  plus: ['plus', 'upperdeviation', '+', 'oberesabmaß'],
  minus: ['minus', 'lowerdeviation', '-', 'unteresabmaß'],
  decimals: ['decimals', 'digits', 'nachkommastellen'],
  chart: ['chart', 'kind', 'karte', 'regelkarte'],
  subgroup: ['subgroup', 'subgroupsize', 'stichprobe', 'stichprobenumfang'],
} as const
type Column = keyof typeof COLUMNS

export function readCsv(content: string): ReadFile {
  const rows = rowsOf(content.replace(/^\uFEFF/, ''))
  const [names, ...rest] = rows
  if (!names) return { problem: 'empty' }
  const columns = names.cells.map((cell) => columnOf(cell))
  if (!columns.includes('name')) return { problem: 'noColumns' }
  if (rest.length === 0) return { problem: 'empty' }
  return {
    lines: rest.map(({ line, cells }) =>
      readLine(line, new Map(columns.flatMap((column, index) => (column ? [[column, cells[index]?.trim() ?? ''] as const] : [])))),
    ),
  }
}

const columnOf = (cell: string): Column | undefined => {
  const wanted = cell.toLowerCase().replace(/[\s_.]/g, '')
  return (Object.keys(COLUMNS) as Column[]).find((column) => (COLUMNS[column] as readonly string[]).includes(wanted))
}

/** A cell that says nothing of use ends the line. */
class Unreadable extends Error {
  readonly problem: LineProblem
  constructor(problem: LineProblem) {
    super(problem.code)
    this.problem = problem
  }
}

function readLine(line: number, cells: ReadonlyMap<Column, string>): ReadLine {
  const name = cells.get('name') ?? ''
  try {
    return { line, name, definition: definitionFrom(name, cells), problem: undefined }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return { line, name, definition: undefined, problem: error.problem }
  }
}

function definitionFrom(name: string, cells: ReadonlyMap<Column, string>): CharacteristicDefinition {
  const number = (column: Column): Num => {
    const value = cells.get(column) ?? ''
    if (value === '') return ''
    const read = numberOf(value)
    if (read === undefined) throw new Unreadable({ code: 'number', column, value })
    return read
  }
  const chart = (cells.get('chart') || 'i-mr').toLowerCase().replaceAll('/', '-')
  const kind = CHART_KINDS.find((one) => one === chart) as ChartKind | undefined
  if (!kind) throw new Unreadable({ code: 'kind', value: chart })
  const nominal = number('nominal')
  const decimals = number('decimals')
  const size = number('subgroup')
  const [plus, minus] = [number('plus'), number('minus')]
  // adding deviations must not make 10.020000000000001 of 10.02
  const beside = (by: Num): Num => (nominal === '' || by === '' ? '' : Number((nominal + by).toPrecision(12)))
  const [lower, upper] = [number('lower'), number('upper')]
  const draft = {
    ...withKind(newDraft(), kind),
    name,
    part: cells.get('part') ?? '',
    partRevision: cells.get('partRevision') ?? '',
    feature: cells.get('feature') ?? '',
    operation: cells.get('operation') ?? '',
    ...(cells.has('unit') ? { unit: cells.get('unit') ?? '' } : {}),
    nominal: isOfCounts(kind) ? ('' as const) : nominal,
    // a deviation below is written with or without its sign
    lower: lower === '' ? beside(minus === '' ? '' : -Math.abs(minus)) : lower,
    upper: upper === '' ? beside(plus) : upper,
    ...(decimals === '' ? {} : { decimals }),
    ...(size === '' ? {} : { subgroupSize: size }),
  }
  const problems = problemsOf(draft)
  if (problems.name) throw new Unreadable({ code: 'noName' })
  if (problems.nominal) throw new Unreadable({ code: 'nominal' })
  if (problems.upper) throw new Unreadable({ code: 'reversed' })
  if (problems.subgroupSize || ((kind === 'i-mr' || isOfCounts(kind)) && draft.subgroupSize !== 1)) throw new Unreadable({ code: 'subgroup' })
  return definitionOf(draft)
}

/** `10.02`, `10,02` and `1.234,5`: the last of point and comma is the decimal one. A single one before three digits is taken as decimal too: lengths are not written with thousands. */
function numberOf(value: string): number | undefined {
  const plain = value.replace(/[\s']/g, '').replace(/^[±+]/, '')
  const isComma = plain.lastIndexOf(',') > plain.lastIndexOf('.')
  const clean = isComma ? plain.replaceAll('.', '').replace(',', '.') : plain.replaceAll(',', '')
  const read = Number(clean)
  return clean === '' || !Number.isFinite(read) || !/^-?[\d.]+(e[+-]?\d+)?$/i.test(clean) ? undefined : read
}

/** Rows of a CSV file with comma, semicolon or tab, whichever the first line has most of. Quotes as usual; empty lines are left out. */
function rowsOf(content: string): { line: number; cells: string[] }[] {
  const [first = ''] = content.split(/\r?\n/, 1)
  const separator = [',', ';', '\t'].map((mark) => ({ mark, count: first.split(mark).length })).sort((a, b) => b.count - a.count)[0]?.mark ?? ','
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
  for (let index = 0; index < content.length; index += 1) {
    const char = content[index] as string
    if (isQuoted) {
      if (char === '"' && content[index + 1] === '"') {
        cell += '"'
        index += 1
      } else if (char === '"') isQuoted = false
      else cell += char
      if (char === '\n') line += 1
    } else if (char === '"' && cell === '') isQuoted = true
    else if (char === separator) {
      cells.push(cell)
      cell = ''
    } else if (char === '\n') {
      end()
      line += 1
      begun = line
    } else if (char !== '\r') cell += char
  }
  if (cell !== '' || cells.length > 0) end()
  return rows
}

/** A file that shows how it is done. */
export const EXAMPLE_CSV = `name,part,revision,feature,unit,nominal,lower,upper,decimals,chart,subgroup
Bore diameter,A-1001,B,12,mm,10.000,10.000,10.015,3,xbar-r,5
Length over all,A-1001,B,3,mm,48.50,48.40,48.60,2,i-mr,1
Scratches,A-1001,B,,,,,4,0,c,1
`
