/**
 * What a line of a gauge says. Sources: Mitutoyo QM-Height manual No. 99MAF600B (13 bytes, `01A`, sign, eight characters of value, CR);
 * Mark-10 gauges send the value, a space and the unit, CR LF, and answer `?` CR.
 */
import type { Told } from '../contract.ts'
import { matcherOf } from './pattern.ts'
import type { Settings } from './settings.ts'

/** What a gauge showed. */
export interface Parsed {
  value: number
  /** Digits behind the decimal sign, as sent: what the gauge resolves. */
  decimals: number
  unit: string
  /** Of an interface with several gauges. */
  channel?: string
}

/** @returns the reading, or why there is none, in words */
export type Parse = (line: string) => Parsed | Told

export const isRefused = (result: Parsed | Told): result is Told => 'code' in result

/** @throws UserError pattern-missing, pattern-wrong, pattern-slow */
export function parserOf(settings: Settings): Parse {
  switch (settings.format) {
    case 'mitutoyo':
      return (line) => mitutoyo(line, settings.length)
    case 'mark-10':
      return (line) => mark10(line, settings.unit)
    case 'generic': {
      const match = matcherOf(settings.pattern)
      return (line) => {
        const groups = match(line)
        if (!groups) return refused('line-unknown', line, 'does not fit the pattern')
        return numbered({ ...groups, line, decimal: settings.decimal, wanted: settings.unit })
      }
    }
    default:
      return settings.format satisfies never
  }
}

/** The maker's manual gives 3 decimals in mm and 5 in inch; gauges with a coarser or finer scale are one off. */
const INCH_DECIMALS = 4
const MM_DECIMALS = 4

function mitutoyo(line: string, unit: 'mm' | 'inch'): Parsed | Told {
  // from memory of multiplexers (MUX-10F, DP-1), not verified with the maker's manual: never a value, whatever it means
  const error = /^91(\d)$/.exec(line)
  if (error)
    return {
      code: 'gauge-error',
      text: `The gauge interface reports error ${line}: there is no reading. Check that the gauge is on and plugged in; the interface's manual says what ${line} means.`,
      blanks: { error: line },
    }
  const found = /^0(\d)A([+-])([\d.]{8})$/.exec(line)
  if (!found) return refused('line-unknown', line, 'is no line of a Mitutoyo gauge (01A+0000.123)')
  const [, channel = '', sign = '', digits = ''] = found
  const reading = numbered({ value: digits, sign, channel, line, decimal: 'point', wanted: unit })
  if (isRefused(reading)) return reading
  const seemsOther = unit === 'mm' ? reading.decimals > MM_DECIMALS : reading.decimals < INCH_DECIMALS
  if (!seemsOther) return reading
  const other = unit === 'mm' ? 'inch' : 'mm'
  return {
    code: 'unit-doubtful',
    text: `"${line}" has ${reading.decimals} decimals, as a gauge set to ${other} sends them; this connection is set to ${unit}. Press the gauge's mm/inch key, or correct the connection.`,
    blanks: { line, decimals: reading.decimals, unit, other },
  }
}

function mark10(line: string, wanted: string | undefined): Parsed | Told {
  const found = /^ {0,4}([+-]?) {0,4}(\d{1,9}(?:\.\d{1,9})?)(?: {1,4}([A-Za-z]{1,8}))? {0,4}$/.exec(line)
  if (!found) return refused('line-unknown', line, 'is no line of a Mark-10 gauge (-18.78 lbF)')
  const [, sign = '', value = '', unit = ''] = found
  return numbered({ value, sign, unit, line, decimal: 'point', wanted })
}

function numbered(found: {
  value?: string
  sign?: string
  unit?: string
  channel?: string
  line: string
  decimal: 'point' | 'comma'
  wanted: string | undefined
}): Parsed | Told {
  const { sign = '', line, decimal, wanted, channel } = found
  const digits = (found.value ?? '').trim()
  const text = decimal === 'comma' ? digits.replace(',', '.') : digits
  // no exponent, no infinity, nothing that is only nearly a number
  const number = /^([+-]?)(\d{1,15})(?:\.(\d{1,12}))?$/.exec(text)
  if (!number || !/^ *[+-]? *$/.test(sign)) return refused('value-wrong', line, `has no number where its value should be ("${sign}${digits}")`)
  if (sign.trim() && number[1]) return refused('sign-twice', line, 'has two signs')
  const unit = unitName(found.unit ?? '') || unitName(wanted ?? '')
  if (!unit) return refused('unit-missing', line, 'does not say its unit, and the connection names none')
  if (wanted && unit !== unitName(wanted))
    return {
      code: 'unit-wrong',
      text: `"${line}" is in ${unit}; this connection takes readings in ${unitName(wanted)}. Set the gauge to ${unitName(wanted)}, or correct the connection.`,
      blanks: { line, unit, wanted: unitName(wanted) },
    }
  const size = Number(`${number[2]}.${number[3] ?? '0'}`)
  const isNegative = sign.trim() === '-' || number[1] === '-'
  return { value: isNegative && size !== 0 ? -size : size, decimals: number[3]?.length ?? 0, unit, ...(channel ? { channel } : {}) }
}

const refused = (code: string, line: string, why: string): Told => ({ code, text: `"${line}" ${why}.`, blanks: { line } })

/** Spellings of one unit become one. */
function unitName(unit: string): string {
  const text = unit.trim()
  switch (text.toLowerCase()) {
    case 'mm':
      return 'mm'
    case 'in':
    case 'inch':
    case 'inches':
    case '"':
      return 'inch'
    case 'um':
    case 'µm':
    case 'μm':
      return 'µm'
    default:
      return text
  }
}
