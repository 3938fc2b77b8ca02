/** What a panel asks a person to enter: the fields of buttons and forms, and the judgement of what was entered. Browser-safe. */
import { type Static, Type } from 'typebox'

/** One value. `choice` has `choices`; `yes-no` is a switch. Bounds are inclusive. */
export const PanelField = Type.Object({
  key: Type.String(),
  label: Type.String(),
  kind: Type.Enum(['number', 'text', 'long-text', 'choice', 'yes-no']),
  unit: Type.Optional(Type.String()),
  choices: Type.Optional(Type.Array(Type.String(), { maxItems: 50 })),
  min: Type.Optional(Type.Number()),
  max: Type.Optional(Type.Number()),
  isOptional: Type.Optional(Type.Boolean()),
})
export type PanelField = Static<typeof PanelField>
export type FieldValue = string | number | boolean

export type FieldFault = 'missing' | 'not-a-number' | 'too-low' | 'too-high' | 'not-a-choice' | 'not-yes-no' | 'too-long'

/** Longest text of each kind. */
const MOST = { text: 500, 'long-text': 2000, choice: 500 }

/** What one field makes of what was entered; numbers may come as text, with a comma too. No value and no fault: it was left empty. */
export function judgeField({ kind, choices = [], min, max, isOptional = false }: PanelField, given: unknown): { value?: FieldValue; fault?: FieldFault } {
  const isEmpty = given === undefined || given === null || (typeof given === 'string' && given.trim() === '')
  if (kind === 'yes-no') {
    if (isEmpty) return { value: false }
    return typeof given === 'boolean' ? { value: given } : { fault: 'not-yes-no' }
  }
  if (isEmpty) return isOptional ? {} : { fault: 'missing' }
  if (kind === 'number') {
    const number = typeof given === 'number' ? given : Number(String(given).trim().replace(',', '.'))
    if (!Number.isFinite(number)) return { fault: 'not-a-number' }
    if (min !== undefined && number < min) return { fault: 'too-low' }
    if (max !== undefined && number > max) return { fault: 'too-high' }
    return { value: number }
  }
  const text = String(given)
  if (text.length > MOST[kind]) return { fault: 'too-long' }
  if (kind === 'choice' && !choices.includes(text)) return { fault: 'not-a-choice' }
  return { value: text }
}
