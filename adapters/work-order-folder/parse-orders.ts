/**
 * Reads work orders from the text of a CSV or JSON file. Pure: no files, no clock.
 *
 * The rule for broken files is all or nothing: every broken row is named, and nothing is taken, so that
 * the corrected file can simply be dropped again.
 */
import { CsvError, parse } from 'csv-parse/sync'

/** A work order as this connector gives it on; the gateway checks it against its own schema. */
interface FolderOrder {
  number: string
  part: string
  revision?: string
  quantity: number
  dueDate?: string
  program?: string
  material?: string
}

/** One order and where in the file it stands. */
interface FoundOrder {
  /** `row 3` of a CSV file (the header is row 1), `order 2` of a JSON file. */
  place: string
  order: FolderOrder
}

export type ParsedFile = { isGood: true; orders: FoundOrder[] } | { isGood: false; problems: { place: string; reason: string }[] }

type Field = keyof FolderOrder
const FIELDS: readonly Field[] = ['number', 'part', 'revision', 'quantity', 'dueDate', 'program', 'material']
const REQUIRED: readonly Field[] = ['number', 'part', 'quantity']
const MAX_LENGTH: Record<Exclude<Field, 'quantity'>, number> = { number: 64, part: 120, revision: 40, dueDate: 40, program: 200, material: 120 }

/** Column names as ERP exports write them, reduced to letters and digits; English and German shops. */
const NAMES: Record<Field, readonly string[]> = {
  number: [
    'number',
    'no',
    'nr',
    'wo',
    'workorder',
    'workorderno',
    'workordernumber',
    'order',
    'orderno',
    'ordernumber',
    'auftrag',
    'auftragsnr',
    'auftragsnummer',
    'fertigungsauftrag',
  ],
  part: ['part', 'partno', 'partnumber', 'partname', 'item', 'itemno', 'itemnumber', 'article', 'artikel', 'artikelnr', 'teil', 'teilenummer'],
  revision: ['revision', 'rev', 'version', 'index'],
  quantity: ['quantity', 'qty', 'pieces', 'pcs', 'menge', 'stuckzahl', 'stueckzahl', 'anzahl'],
  dueDate: ['duedate', 'due', 'date', 'deliverydate', 'termin', 'liefertermin', 'fallig', 'faellig'],
  program: ['program', 'programname', 'ncprogram', 'cncprogram', 'programm', 'ncprogramm'],
  material: ['material', 'stock', 'werkstoff'],
}
const FIELD_OF = new Map(Object.entries(NAMES).flatMap(([field, names]) => names.map((name) => [name, field as Field])))

/** `Stück-Zahl ` and `stuckzahl` are one name. */
function reduced(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
}

/** Turns the cells of one record into an order, or says everything that is wrong with it. */
function toOrder(cells: Partial<Record<Field, unknown>>): FolderOrder | string[] {
  const wrong: string[] = []
  const text = (field: Exclude<Field, 'quantity'>): string | undefined => {
    const raw = cells[field]
    if (raw === undefined || raw === null || raw === '') {
      if (REQUIRED.includes(field)) wrong.push(`${field} is missing`)
      return undefined
    }
    if (typeof raw !== 'string' && typeof raw !== 'number') {
      wrong.push(`${field} must be text`)
      return undefined
    }
    const value = String(raw).trim()
    if (!value && REQUIRED.includes(field)) wrong.push(`${field} is missing`)
    if (value.length > MAX_LENGTH[field]) wrong.push(`${field} is longer than ${MAX_LENGTH[field]} characters`)
    return value || undefined
  }
  const number = text('number')
  const part = text('part')
  const revision = text('revision')
  const program = text('program')
  const material = text('material')
  const due = text('dueDate')
  const dueDate = due === undefined ? undefined : isoDate(due)
  if (due !== undefined && dueDate === undefined) wrong.push(`due date "${due}" is not a date such as 2026-11-30`)
  const quantity = wholeNumber(cells.quantity)
  if (cells.quantity === undefined || cells.quantity === null || cells.quantity === '') wrong.push('quantity is missing')
  else if (quantity === undefined || quantity < 1 || quantity > 1_000_000)
    wrong.push(`quantity "${String(cells.quantity)}" is not a whole number from 1 to 1000000`)
  if (wrong.length || number === undefined || part === undefined || quantity === undefined) return wrong
  return {
    number,
    part,
    quantity,
    ...(revision === undefined ? {} : { revision }),
    ...(dueDate === undefined ? {} : { dueDate }),
    ...(program === undefined ? {} : { program }),
    ...(material === undefined ? {} : { material }),
  }
}

function wholeNumber(raw: unknown): number | undefined {
  if (typeof raw === 'number') return Number.isInteger(raw) ? raw : undefined
  if (typeof raw !== 'string' || !/^\d{1,9}$/.test(raw.trim())) return undefined
  return Number(raw.trim())
}

/** ISO date of `2026-11-30`, `2026-11-30T…` or `30.11.2026`; slashes are refused, since shops read them both ways. */
function isoDate(text: string): string | undefined {
  const iso = /^(\d{4})-(\d{2})-(\d{2})(?:T\S*)?$/.exec(text)
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text)
  const parts = iso ? [iso[1], iso[2], iso[3]] : dotted ? [dotted[3], dotted[2], dotted[1]] : undefined
  if (!parts) return undefined
  const [year, month, day] = parts.map(Number)
  if (year === undefined || month === undefined || day === undefined) return undefined
  const date = new Date(Date.UTC(year, month - 1, day))
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  return date.toISOString().slice(0, 10)
}

/** Puts the records of a file together: all good, or every problem. The same order twice in one file counts once, unless it differs. */
function gather(records: { place: string; cells: Partial<Record<Field, unknown>> | string }[]): ParsedFile {
  const problems: { place: string; reason: string }[] = []
  const byNumber = new Map<string, FoundOrder>()
  for (const { place, cells } of records) {
    const order = typeof cells === 'string' ? [cells] : toOrder(cells)
    if (Array.isArray(order)) {
      problems.push({ place, reason: order.join('; ') })
      continue
    }
    const earlier = byNumber.get(order.number)
    if (earlier && JSON.stringify(earlier.order) !== JSON.stringify(order))
      problems.push({ place, reason: `order ${order.number} stands already at ${earlier.place}, with other content` })
    if (!earlier) byNumber.set(order.number, { place, order })
  }
  if (problems.length) return { isGood: false, problems }
  if (!byNumber.size) return { isGood: false, problems: [{ place: 'file', reason: 'there is no work order in it' }] }
  return { isGood: true, orders: [...byNumber.values()] }
}

/** The separator that the header row uses most. */
function delimiterOf(text: string): string {
  const header = text.slice(0, text.search(/[\r\n]|$/)).replaceAll(/"[^"]*"/g, '')
  const counted = [';', ',', '\t'].map((mark) => ({ mark, count: header.split(mark).length }))
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).mark
}

/** @param delimiter `auto` looks at the header row */
export function parseCsvOrders(text: string, delimiter: 'auto' | string): ParsedFile {
  const body = text.replace(/^\uFEFF/, '')
  let rows: { record: string[]; info: { lines: number } }[]
  try {
    rows = parse(body, {
      delimiter: delimiter === 'auto' ? delimiterOf(body) : delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
    }) as unknown as typeof rows
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return { isGood: false, problems: [{ place: typeof error.lines === 'number' ? `row ${error.lines}` : 'file', reason: error.message }] }
  }
  const [header, ...data] = rows
  if (!header) return { isGood: false, problems: [{ place: 'file', reason: 'it is empty' }] }
  const columns = header.record.map((name) => FIELD_OF.get(reduced(name)))
  const missing = REQUIRED.filter((field) => !columns.includes(field))
  if (missing.length)
    return {
      isGood: false,
      problems: [
        {
          place: 'row 1',
          reason: `the header row needs the columns ${REQUIRED.join(', ')}; ${missing.join(', ')} not found among: ${header.record.join(', ').slice(0, 300)}`,
        },
      ],
    }
  const twice = FIELDS.filter((field) => columns.filter((column) => column === field).length > 1)
  if (twice.length) return { isGood: false, problems: [{ place: 'row 1', reason: `more than one column stands for ${twice.join(', ')}` }] }
  return gather(
    data.map(({ record, info }) => {
      const place = `row ${info.lines}`
      if (record.length !== columns.length) return { place, cells: `it has ${record.length} cells, the header has ${columns.length}` }
      const cells: Partial<Record<Field, string>> = {}
      for (const [index, field] of columns.entries()) if (field) cells[field] = record[index] ?? ''
      return { place, cells }
    }),
  )
}

/** One order or an array of orders; the property names are as tolerant as the CSV columns. */
export function parseJsonOrders(text: string): ParsedFile {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    return { isGood: false, problems: [{ place: 'file', reason: `it is not valid JSON: ${error instanceof Error ? error.message : String(error)}` }] }
  }
  const list = Array.isArray(value) ? value : [value]
  return gather(
    list.map((entry: unknown, index) => {
      const place = `order ${index + 1}`
      if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return { place, cells: 'it is not an object' }
      const cells: Partial<Record<Field, unknown>> = {}
      for (const [name, content] of Object.entries(entry)) {
        const field = FIELD_OF.get(reduced(name))
        if (!field) continue
        if (field in cells) return { place, cells: `more than one property stands for ${field}` }
        cells[field] = content
      }
      return { place, cells }
    }),
  )
}
