/** What was entered for a trigger fired by hand, checked against what it asks for. */
import { UserError } from '../../base/errors.ts'
import type { TriggerField } from '../api/index.ts'

const YES = new Set(['true', 'yes', 'on', '1'])
const NO = new Set(['false', 'no', 'off', '0', ''])

/** Numbers may come as text, with a comma too; what was not asked for is refused. @throws UserError value-missing */
export function checkValues(fields: readonly TriggerField[], given: Record<string, unknown>): Record<string, string | number | boolean> {
  const refuse = (key: string, message: string): never => {
    throw new UserError({ code: 'value-missing', message, details: { key } })
  }
  const known = new Set(fields.map(({ key }) => key))
  for (const key of Object.keys(given))
    if (!known.has(key)) refuse(key, `This trigger does not ask for "${key}"${known.size ? `; it asks for ${[...known].join(', ')}` : ''}.`)
  const values: Record<string, string | number | boolean> = {}
  for (const { key, label, kind, isRequired, choices = [] } of fields) {
    const value = given[key]
    const text = typeof value === 'string' ? value.trim() : value
    if (kind === 'yes-no') {
      const word = String(text ?? false).toLowerCase()
      values[key] = YES.has(word) || (!NO.has(word) && refuse(key, `"${label}" is yes or no, not "${word}".`))
      continue
    }
    if (text === undefined || text === '') {
      if (isRequired) refuse(key, `"${label}" is missing. Enter it and fire again.`)
      continue
    }
    switch (kind) {
      case 'number': {
        const number = typeof text === 'number' ? text : Number(String(text).replace(',', '.'))
        values[key] = Number.isFinite(number) ? number : refuse(key, `"${label}" must be a number, not "${String(value)}".`)
        break
      }
      case 'date':
        values[key] =
          /^\d{4}-\d{2}-\d{2}$/.test(String(text)) && !Number.isNaN(Date.parse(String(text)))
            ? String(text)
            : refuse(key, `"${label}" must be a date such as 2026-01-31.`)
        break
      case 'choice':
        values[key] = choices.includes(String(text)) ? String(text) : refuse(key, `"${label}" must be one of: ${choices.join(', ')}.`)
        break
      case 'text':
        values[key] = String(text)
        break
      default:
        kind satisfies never
    }
  }
  return values
}
