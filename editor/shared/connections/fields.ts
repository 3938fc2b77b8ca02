/** The settings schema of a connector (adapters/contract.ts), read field by field for a form, and what is wrong with what was entered. No DOM. */
import { Errors } from 'typebox/schema'
import type { connections } from '../text/en/connections.ts'

/** Shown only while another setting has one of these values, or begins with one. */
interface When {
  field: string
  is?: string[]
  starts?: string[]
}
interface Notes {
  key: string
  title: string
  description: string | undefined
  placeholder: string | undefined
  isRequired: boolean
  initial: unknown
  /** A new connection has something in it that no other has. */
  isOwn: boolean
  when: When | undefined
}
export type SettingsField = Notes &
  (
    | { kind: 'text'; isLong: boolean }
    | { kind: 'number'; unit: string | undefined; isWhole: boolean }
    | { kind: 'switch' }
    | { kind: 'choice'; options: { value: string; label: string; stored: unknown }[] }
    | { kind: 'list' }
  )
export type Values = Record<string, unknown>
type WrongWords = (typeof connections)['wrong'] & { required: string }

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** The fields in the order they were declared. A shape there is no control for is left out: its default then counts. */
export function settingsFields(schema: unknown): SettingsField[] {
  if (!isObject(schema) || !isObject(schema.properties)) return []
  const required = Array.isArray(schema.required) ? (schema.required as unknown[]) : []
  return Object.entries(schema.properties).flatMap(([key, property]) => {
    const field = isObject(property) ? fieldOf(key, property, required.includes(key)) : undefined
    return field ? [field] : []
  })
}

function fieldOf(key: string, schema: Json, isRequired: boolean): SettingsField | undefined {
  const notes: Notes = {
    key,
    title: text(schema.title) ?? key,
    description: text(schema.description),
    placeholder: text(schema.placeholder),
    isRequired,
    initial: schema.default,
    isOwn: schema.isOwn === true,
    when: isObject(schema.when) ? whenOf(schema.when) : undefined,
  }
  if (Array.isArray(schema.enum)) {
    const labels = isObject(schema.labels) ? schema.labels : {}
    const options = (schema.enum as unknown[]).map((stored) => ({ value: String(stored), label: text(labels[String(stored)]) ?? String(stored), stored }))
    return { ...notes, kind: 'choice', options }
  }
  switch (schema.type) {
    case 'string':
      return { ...notes, kind: 'text', isLong: schema.isLong === true }
    case 'number':
    case 'integer':
      return { ...notes, kind: 'number', unit: text(schema.unit), isWhole: schema.type === 'integer' }
    case 'boolean':
      return { ...notes, kind: 'switch' }
    case 'array':
      return isObject(schema.items) && schema.items.type === 'string' ? { ...notes, kind: 'list' } : undefined
    default:
      return undefined
  }
}

/** What a form begins with: what is stored, else the defaults. */
export function initialValues(fields: readonly SettingsField[], stored?: Values): Values {
  const initials = fields.map(({ key, kind, initial, isOwn }) => {
    const first = isOwn && typeof initial === 'string' ? `${initial}-${crypto.randomUUID().slice(0, 6)}` : initial
    return [key, stored?.[key] ?? (stored && isOwn ? initial : first) ?? (kind === 'list' ? [] : kind === 'switch' ? false : '')] as const
  })
  return { ...stored, ...Object.fromEntries(initials) }
}

export function isShown({ when }: { when?: When | undefined }, values: Values): boolean {
  if (!when) return true
  const value = String(values[when.field] ?? '')
  return (when.is?.includes(value) || when.starts?.some((start) => value.startsWith(start))) ?? false
}

function whenOf({ field, is, starts }: Json): When {
  const words = (given: unknown) => (Array.isArray(given) ? given.map(String) : [])
  return { field: String(field), is: words(is), starts: words(starts) }
}

/** As it is sent: empty fields, and those that are not shown, are absent. */
export function settingsOf(fields: readonly SettingsField[], values: Values): Values {
  const given = { ...values }
  for (const field of fields) {
    const value = given[field.key]
    if (!isShown(field, values) || value === '' || value === undefined || (Array.isArray(value) && value.length === 0 && !field.isRequired))
      delete given[field.key]
  }
  return given
}

/** By field what is wrong; the server checks the same again. */
export function wrongSettings(
  schema: unknown,
  fields: readonly SettingsField[],
  values: Values,
  words: WrongWords,
  number: (value: number) => string,
): Map<string, string> {
  const wrong = new Map<string, string>()
  const add = (key: string, message: string) => {
    if (!wrong.has(key)) wrong.set(key, message)
  }
  for (const field of fields) {
    const value = values[field.key]
    const isMissing = value === '' || value === undefined || (Array.isArray(value) && value.length === 0)
    if (field.isRequired && isShown(field, values) && isMissing) add(field.key, words.required)
  }
  const given = settingsOf(fields, values)
  const [, errors] = Errors(schema as never, given)
  for (const { instancePath, keyword, params } of errors) {
    const [, key = '', place] = instancePath.split('/')
    const field = fields.find((one) => one.key === key)
    if (!field) continue
    const { limit } = params as { limit?: unknown }
    const withUnit = number(Number(limit)) + (field.kind === 'number' && field.unit ? ` ${field.unit}` : '')
    const item = place === undefined ? undefined : String((given[key] as unknown[])[Number(place)])
    if (item !== undefined) add(key, words.item(item.slice(0, 60)))
    else if (keyword === 'type') add(key, field.kind === 'number' ? (field.isWhole ? words.whole : words.number) : words.pattern)
    else if (keyword === 'minimum' || keyword === 'exclusiveMinimum') add(key, words.atLeast(withUnit))
    else if (keyword === 'maximum' || keyword === 'exclusiveMaximum') add(key, words.atMost(withUnit))
    else if (keyword === 'minLength' || keyword === 'minItems') add(key, words.required)
    else if (keyword === 'maxLength') add(key, words.longest(number(Number(limit))))
    else if (keyword === 'maxItems') add(key, words.tooMany(number(Number(limit))))
    else add(key, words.pattern)
  }
  return wrong
}
