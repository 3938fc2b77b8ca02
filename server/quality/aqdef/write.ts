/** Writes the Q-DAS ASCII transfer format; what its fields are stands in `read.ts`. */
import type { Steps } from '../../../base/steps.ts'
import type { CharacteristicDefinition, Measurement } from '../../api/index.ts'
import { isOfCounts } from '../definition.ts'

export interface Written {
  definition: CharacteristicDefinition
  /** Oldest first. */
  measurements: readonly Measurement[]
  /** Points that do not count. */
  excluded: ReadonlySet<number>
}

/** K2001 has 20 signs, K2002 80 (aqdef-tools, KKeyRepository). */
const [NUMBER_LENGTH, NAME_LENGTH] = [20, 80]
export const nameIn = (name: string): string => oneLine(name).slice(0, NAME_LENGTH).trim()
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()

/** An attribute of a value that does not count. */
const EXCLUDED = '255'

/** Values between which the event loop may go on. */
const PIECE = 50

/** In steps (base/steps.ts). */
export function* writeAqdef(all: readonly Written[], content: 'all' | 'description' | 'values'): Steps<string> {
  const lines: string[] = []
  const put = (key: string, index: number, value: string | number | null | undefined) => {
    const text = value === null || value === undefined ? '' : oneLine(String(value))
    if (text !== '') lines.push(`${key}/${index} ${text}`)
  }
  // characteristics of one part stand together, behind it
  const parts = new Map<string, Written[]>()
  for (const one of all) {
    const key = JSON.stringify([one.definition.part ?? '', one.definition.partRevision ?? '', one.definition.operation ?? ''])
    parts.set(key, [...(parts.get(key) ?? []), one])
  }
  const ordered = [...parts.values()]
  if (content !== 'values') {
    lines.push(`K0100 ${all.length}`)
    let index = 0
    ordered.forEach((characteristics, at) => {
      const [first] = characteristics
      if (!first) return
      put('K1001', at + 1, first.definition.part ?? '-')
      put('K1004', at + 1, first.definition.partRevision)
      put('K1086', at + 1, first.definition.operation)
      for (const { definition } of characteristics) {
        index += 1
        describe(put, index, definition)
      }
    })
  }
  if (content !== 'description') {
    let index = 0
    for (const { definition, measurements, excluded } of ordered.flat()) {
      index += 1
      for (const [place, measured] of measurements.entries()) {
        if (place % PIECE === 0) yield
        const isExcluded = excluded.has(measured.subgroup)
        if (isOfCounts(definition.chart)) {
          put('K0020', index, measured.size ?? 1)
          put('K0021', index, measured.value)
        } else put('K0001', index, measured.value)
        put('K0002', index, isExcluded ? EXCLUDED : '0')
        put('K0004', index, timeIn(new Date(measured.at)))
        if (measured.lot) put('K0006', index, `#${measured.lot}`)
        put('K0009', index, measured.comment)
        put('K0014', index, measured.serial)
        put('K0053', index, measured.workOrder)
      }
    }
  }
  return `${lines.join('\r\n')}\r\n`
}

const two = (value: number): string => String(value).padStart(2, '0')
/** By this computer's clock: the format has no time zones. */
const timeIn = (at: Date): string =>
  `${two(at.getDate())}.${two(at.getMonth() + 1)}.${at.getFullYear()}/${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`

function describe(
  put: (key: string, index: number, value: string | number | null | undefined) => void,
  index: number,
  definition: CharacteristicDefinition,
): void {
  const { name, feature, unit, decimals, nominal, lower, upper, chart } = definition
  put('K2001', index, (feature ?? String(index)).slice(0, NUMBER_LENGTH))
  put('K2002', index, nameIn(name))
  put('K2004', index, isOfCounts(chart) ? 1 : 0)
  put('K2022', index, decimals)
  put('K2101', index, nominal)
  put('K2110', index, lower)
  put('K2111', index, upper)
  put('K2142', index, unit)
  put('K8500', index, chart.subgroupSize)
}

/** Windows-1252 has no place for most signs: `?` stands for those, as Windows does it. */
export function encode(text: string, encoding: 'utf-8' | 'windows-1252'): Buffer {
  if (encoding === 'utf-8') return Buffer.from(`\uFEFF${text}`, 'utf8')
  // all but 32 signs lie where Latin-1 has them
  return Buffer.from(
    text.replaceAll(/[^\p{ASCII}\u00A0-\u00FF]/gu, (sign) => HIGH.get(sign) ?? '?'),
    'latin1',
  )
}
const decoder = new TextDecoder('windows-1252')
const HIGH = new Map(Array.from({ length: 32 }, (_, at) => [decoder.decode(Uint8Array.of(0x80 + at)), String.fromCharCode(0x80 + at)]))
