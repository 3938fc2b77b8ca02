/** What was entered on a panel, as its fields declare it; used where it arrives and again where it is used. */
import { UserError } from '../../base/errors.ts'
import { type FieldFault, type FieldValue, judgeField, type PanelField } from './fields.ts'

/**
 * What no field asks for is left out, and so is what is optional and empty.
 * @throws UserError `value-missing` with the field's `key`
 */
export function readFields(fields: readonly PanelField[], given: Readonly<Record<string, unknown>>): Record<string, FieldValue> {
  const values: Record<string, FieldValue> = {}
  for (const field of fields) {
    const entered = Object.hasOwn(given, field.key) ? given[field.key] : undefined
    const { value, fault } = judgeField(field, entered)
    if (fault) throw new UserError({ code: 'value-missing', message: inWords(field, fault, entered), details: { key: field.key } })
    if (value !== undefined) values[field.key] = value
  }
  return values
}

function inWords({ label, choices = [], min, max }: PanelField, fault: FieldFault, given: unknown): string {
  const entered = String(given).slice(0, 40)
  switch (fault) {
    case 'missing':
      return `"${label}" is missing. Enter it and press again.`
    case 'not-a-number':
      return `"${label}" must be a number, not "${entered}".`
    case 'too-low':
      return `"${label}" must be at least ${min}, not ${entered}.`
    case 'too-high':
      return `"${label}" must be at most ${max}, not ${entered}.`
    case 'not-a-choice':
      return `"${label}" must be one of: ${choices.join(', ')}.`
    case 'not-yes-no':
      return `"${label}" is yes or no, not "${entered}".`
    case 'too-long':
      return `"${label}" is too long.`
    default:
      return fault satisfies never
  }
}
