/** What is said of a measurement in words, in English: pages have their own by code. */

import type { RuleId, RuleOptions, Signal } from '../../nodes/quality/engine/rules/index.ts'
import type { EntryFlag } from '../api/index.ts'

/** What a rule has seen, as a sentence without a full stop. */
export function ruleInWords({ rule, side }: Pick<Signal, 'rule' | 'side'>, options: Partial<RuleOptions> = {}): string {
  const where = side === 'upper' ? 'above' : side === 'lower' ? 'below' : 'beyond'
  const end = side === 'lower' ? 'lower' : 'upper'
  const half = side === 'lower' ? 'below' : 'above'
  switch (rule satisfies RuleId) {
    case 'nelson-1':
    case 'western-electric-1':
    case 'beyond-limits':
      return `${where} the ${side ? `${end} ` : ''}control limit`
    case 'nelson-2':
      return `${options.nelson2Length ?? 9} points in a row ${half} the center line`
    case 'nelson-3':
      return `${options.nelson3Length ?? 6} points in a row that all ${side === 'lower' ? 'fall' : 'rise'}`
    case 'nelson-4':
      return `${options.nelson4Length ?? 14} points in a row that go up and down in turn`
    case 'nelson-5':
    case 'western-electric-2':
      return `2 of 3 points in a row more than 2 sigma ${half} the center line`
    case 'nelson-6':
    case 'western-electric-3':
      return `4 of 5 points in a row more than 1 sigma ${half} the center line`
    case 'nelson-7':
      return `${options.nelson7Length ?? 15} points in a row within 1 sigma of the center line`
    case 'nelson-8':
      return `${options.nelson8Length ?? 8} points in a row more than 1 sigma from the center line`
    case 'western-electric-4':
      return `${options.westernElectric4Length ?? 8} points in a row ${half} the center line`
    default:
      return rule
  }
}

/** `bore diameter 12.01 mm in tolerance`, or with the limits that it missed. */
export function measuredInWords(measured: {
  name: string
  values: readonly number[]
  unit: string
  isInTolerance: boolean
  lower: number | null
  upper: number | null
}): string {
  const { name, values, unit, isInTolerance, lower, upper } = measured
  const text = `${name} ${values.join(', ')}${unit ? ` ${unit}` : ''}`
  return isInTolerance ? `${text} in tolerance` : `${text} out of tolerance (${toleranceInWords(lower, upper)})`
}

/** `11.98 to 12.02`, `at most 12.02`. */
export function toleranceInWords(lower: number | null, upper: number | null): string {
  if (lower === null) return upper === null ? 'no limits' : `at most ${upper}`
  return upper === null ? `at least ${lower}` : `${lower} to ${upper}`
}

/** What a flag says, where its figures are not known any more. */
export function flagInWords(code: EntryFlag['code']): string {
  switch (code) {
    case 'clock-backwards':
      return 'Measured before the one that was entered last: a clock went backwards, or it was entered late.'
    case 'clock-ahead':
      return 'Measured at a time that was still to come: the clock of whoever measured was ahead.'
    case 'gauge-overdue':
      return 'The calibration of the gauge was overdue.'
    case 'gauge-uncalibrated':
      return 'No calibration of the gauge was noted.'
    case 'gauge-failed':
      return 'The gauge had not passed its last calibration.'
    case 'gauge-unknown':
      return 'The gauge of the characteristic was not on the list any more.'
    case 'other-tolerance':
      return 'Judged by the tolerance of the flow, which is another than that of the characteristic.'
    case 'serial-again':
      return 'A part with this serial number was measured before.'
    default:
      return code satisfies never
  }
}
