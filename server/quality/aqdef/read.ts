/**
 * Reads the Q-DAS ASCII transfer format. Facts come from readers and example files in public (github.com/diribet/aqdef-tools,
 * github.com/successfactory/aqdef-reader, wiki.elias-gmbh.de on the DFD export, docplayer.org/39515 by Q-DAS); the format's own manual was
 * not at hand.
 *
 * - `.dfd` describes, `.dfx` has values, `.dfq` both. Lines end with CR LF.
 * - A line is `K2002/3 text`: key, number of the part or characteristic (0: all of them; left out: 1), a blank, the value. Characteristics are
 *   counted through the whole file and belong to the part before them. K0100 says how many there are (it is no version; K0101 is not needed).
 * - Values: `K0001/3 1.6`, and what is known of each in further K00xx lines: a key that is there already begins the next value. Or one line
 *   for all characteristics, separated by the sign 15, the fields of each by the sign 20: value, attribute, time, events, batch, nest,
 *   operator, machine, process parameter, gauge. Of counts (K2004 is 1, 5 or 6): size, count, nothing, then as above from the attribute on.
 * - Attribute 0 is a valid value; any other is one that does not count.
 * - Times are `d.m.yyyy/h:m:s` by the clock of whoever wrote them, also `m/d/yyyy` and `yyyy-m-d`.
 * - The batch may begin with `#`.
 */
import { DateTime } from 'luxon'
import type { Steps } from '../../../base/steps.ts'

interface Line {
  /** From 1. */
  line: number
  value: string
}
export interface AqdefValue {
  /** Where it stands. */
  line: number
  fields: Map<string, Line>
}
export interface AqdefCharacteristic {
  index: number
  line: number
  part: ReadonlyMap<string, Line>
  fields: Map<string, Line>
  values: AqdefValue[]
}
export interface AqdefFile {
  characteristics: AqdefCharacteristic[]
  problems: { line: number; code: string; text: string }[]
}

const CHARACTERISTIC_SIGN = '\u000F'
const FIELD_SIGN = '\u0014'
const MEASURED = ['K0001', 'K0002', 'K0004', 'K0005', 'K0006', 'K0007', 'K0008', 'K0010', 'K0011', 'K0012']
const COUNTED = ['K0020', 'K0021', undefined, ...MEASURED.slice(1)]
/** Of whole files, catalogues, groups, charts, and what Q-DAS keeps for itself: nothing that we have a place for. */
const IGNORED = /^K(01\d\d|4\d{3}|5\d{3}|8\d{3})$/

/** By its mark; without one UTF-8 if it is that, else Windows-1252. */
export function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // no UTF-8: what Windows programs write
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

export const isCounted = ({ fields }: Pick<AqdefCharacteristic, 'fields'>): boolean => ['1', '5', '6'].includes(fields.get('K2004')?.value ?? '')

/** Lines between which the event loop may go on. */
const PIECE = 100

/** In steps (base/steps.ts): files have hundreds of thousands of lines. */
export function* readAqdef(text: string): Steps<AqdefFile> {
  const problems: AqdefFile['problems'] = []
  const parts = new Map<number, Map<string, Line>>()
  const characteristics = new Map<number, AqdefCharacteristic>()
  const forAll = { part: new Map<string, Line>(), characteristic: new Map<string, Line>() }
  let part = 1
  let announced: Line | undefined

  const partOf = (index: number) => {
    const known = parts.get(index) ?? new Map<string, Line>()
    parts.set(index, known)
    return known
  }
  const put = (characteristic: AqdefCharacteristic, key: string, value: Line) => {
    const last = characteristic.values.at(-1)
    if (last && !last.fields.has(key)) last.fields.set(key, value)
    else characteristic.values.push({ line: value.line, fields: new Map([[key, value]]) })
  }

  const keyLine = (line: number, content: string) => {
    const [, key = '', place = '', value = ''] = /^(K\d{4})(?:\/(\d*(?:\/\d+)?))?(?:\s+(.*))?$/.exec(content) ?? []
    if (key === '') {
      problems.push({ line, code: 'not-a-field', text: `“${content.slice(0, 60)}” is no field: a line begins with K and four figures.` })
      return
    }
    if (key === 'K0100') announced = { line, value: value.trim() }
    if (IGNORED.test(key) && key !== 'K8500') return
    const index = place === '' ? 1 : Number.parseInt(place, 10)
    const entry = { line, value: value.trim() }
    switch (key[1]) {
      case '1':
        if (index === 0) forAll.part.set(key, entry)
        else {
          part = index
          partOf(index).set(key, entry)
        }
        return
      case '2':
      case '8': {
        if (index === 0) {
          forAll.characteristic.set(key, entry)
          return
        }
        const known = characteristics.get(index) ?? { index, line, part: partOf(part), fields: new Map<string, Line>(), values: [] }
        characteristics.set(index, known)
        known.fields.set(key, entry)
        return
      }
      case '0': {
        if (entry.value === '') return
        const of = index === 0 ? [...characteristics.values()] : [characteristics.get(index)]
        for (const one of of) {
          if (one) put(one, key, entry)
          else
            problems.push({ line, code: 'not-described', text: `Characteristic ${index} is not described above, so that nothing can be done with its value.` })
        }
        return
      }
      default:
        problems.push({ line, code: 'unknown-field', text: `${key} is none of the fields of a part (K1), a characteristic (K2) or a value (K0).` })
    }
  }
  const valuesLine = (line: number, content: string) => {
    content.split(CHARACTERISTIC_SIGN).forEach((portion, at) => {
      if (portion === '') return
      const one = characteristics.get(at + 1)
      if (!one) {
        problems.push({ line, code: 'not-described', text: `The line has ${at + 1} values and more, but characteristic ${at + 1} is not described.` })
        return
      }
      const keys = isCounted(one) ? COUNTED : MEASURED
      const fields = portion.split(FIELD_SIGN)
      one.values.push({ line, fields: new Map() })
      fields.forEach((value, place) => {
        const key = keys[place]
        if (key !== undefined && value.trim() !== '') put(one, key, { line, value: value.trim() })
      })
    })
  }

  let line = 0
  for (const content of linesOf(text)) {
    line += 1
    if (line % PIECE === 0) yield
    const trimmed = content.replaceAll('\uFEFF', '').replaceAll('\u001A', '').trim()
    if (trimmed === '') continue
    if (/^[Kk]/.test(trimmed)) keyLine(line, `K${trimmed.slice(1)}`)
    else if (trimmed.includes(FIELD_SIGN) || trimmed.includes(CHARACTERISTIC_SIGN) || numberOf(trimmed) !== undefined) valuesLine(line, trimmed)
    else problems.push({ line, code: 'not-a-field', text: `“${trimmed.slice(0, 60)}” is neither a field nor a line of values.` })
  }
  for (const one of characteristics.values()) {
    // what is said of all of them, where it is not said of one
    for (const [key, value] of forAll.characteristic) if (!one.fields.has(key)) one.fields.set(key, value)
    one.values = one.values.filter((value) => value.fields.size > 0)
    one.part = new Map([...forAll.part, ...one.part])
  }
  const found = [...characteristics.values()].sort((a, b) => a.index - b.index)
  if (announced && Number(announced.value) !== found.length)
    problems.push({
      line: announced.line,
      code: 'count-differs',
      text: `K0100 says that there are ${announced.value} characteristics, but ${found.length} are described. The file may have been cut off.`,
    })
  return { characteristics: found, problems }
}

/** A decimal point or a comma; undefined for what is no number. */
export function numberOf(text: string): number | undefined {
  if (!/^[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?$/.test(text)) return undefined
  const number = Number(text.replace(',', '.'))
  return Number.isFinite(number) ? number : undefined
}

/** `d.m.yyyy`, `m/d/yyyy`, `yyyy-m-d`; then a slash, a blank or a point, and the time. */
const TIME = /^(?:(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})|(\d{1,2})\/(\d{1,2})\/(\d{4}|\d{2})|(\d{4})-(\d{1,2})-(\d{1,2}))[/ .](\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/

/** By this computer's clock; undefined for what is no time. */
export function timeOf(text: string): Date | undefined {
  const found = TIME.exec(text)
  if (!found) {
    const iso = DateTime.fromISO(text)
    return iso.isValid ? iso.toJSDate() : undefined
  }
  const [, d1, m1, y1, m2, d2, y2, y3, m3, d3, hour, minute, second = 0] = found
  const short = Number(y1 ?? y2 ?? y3)
  // two figures: of this century up to 69, of the one before from 70 on, as POSIX has it
  const year = short >= 100 ? short : short < 70 ? 2000 + short : 1900 + short
  const [month, day] = [Number(m1 ?? m2 ?? m3), Number(d1 ?? d2 ?? d3)]
  const time = new Date(year, month - 1, day, Number(hour), Number(minute), Number(second))
  // 31.13. would otherwise be a day of the year after
  const isThere = time.getMonth() === month - 1 && time.getDate() === day && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
  return isThere ? time : undefined
}

/** However they end; the last may have no end. */
function* linesOf(text: string): Generator<string> {
  let from = 0
  while (from < text.length) {
    let to = from
    while (to < text.length && text.charCodeAt(to) !== 10 && text.charCodeAt(to) !== 13) to += 1
    yield text.slice(from, to)
    from = to + (text.charCodeAt(to) === 13 && text.charCodeAt(to + 1) === 10 ? 2 : 1)
  }
}
