/**
 * What is wrong with a node's stored configuration, in the person's language. The schema decides, through TypeBox's
 * interpreter: its compiler would need `eval`, which the pages' content policy forbids. The server checks the same again.
 */
import { Errors } from 'typebox/schema'
import type { NodeType } from '../../../server/api/flows.ts'
import type { designer } from '../../shared/text/en/designer.ts'
import { type Field, fieldsOf } from './schema.ts'

export type WrongWords = (typeof designer)['wrong']

export interface Wrong {
  /** The property, and row and cell inside it: `asks/0/label`. */
  path: string
  message: string
}

/** Node-RED puts the environment in place of a property that is exactly `${NAME}`: its value is known when the node starts. */
const ENVIRONMENT = /^\$[({][^)}]+[)}]$/

/** @param words the catalogue's `wrong` */
export function checkConfig(type: Pick<NodeType, 'configSchema'>, stored: Readonly<Record<string, unknown>>, words: WrongWords): Wrong[] {
  const fields = fieldsOf(type.configSchema)
  if (fields.length === 0) return []
  const filled: Record<string, unknown> = withDefaults(fields, stored)
  const fieldOf = (key: string) => fields.find((field) => field.key === key)
  const value = Object.fromEntries(
    Object.entries(filled)
      .filter(([key, one]) => !isBlank(one, fieldOf(key)))
      .map(([key, one]) => [key, coerced(one, fieldOf(key))]),
  )
  const wrong: Wrong[] = []
  const add = (path: string, message: string) => {
    const root = path.split('/')[0] ?? ''
    const isFromEnvironment = typeof stored[root] === 'string' && ENVIRONMENT.test(stored[root])
    if (!isFromEnvironment && !wrong.some((one) => one.path === path)) wrong.push({ path, message })
  }
  for (const field of fields) {
    const message = checkLiteral(field, filled, words)
    if (message) add(field.key, message)
    else if (field.schema.isNeeded === true && isBlank(filled[field.key], field) && isShown(field, filled)) add(field.key, words.missing(field.title))
  }
  const [, errors] = Errors(type.configSchema as never, value)
  for (const error of errors) {
    const [, key = '', ...rest] = error.instancePath.split('/')
    const params = error.params as Record<string, unknown>
    if (error.keyword === 'required') {
      const missing = (params.requiredProperties as string[]) ?? []
      for (const name of missing) {
        const [field, path] = at(fields, key === '' ? [name] : [key, ...rest, name])
        if (field && !isHidden(type, name))
          add(path, key === '' ? words.missing(field.title) : `${rowWords(fields, key, rest, words)}: ${words.missing(field.title)}`)
      }
      continue
    }
    const [field, path] = at(fields, [key, ...rest])
    if (!field) continue
    const said = inWords(field, error.keyword, params, error.message, words)
    add(path, rest.length > 1 ? `${rowWords(fields, key, rest, words)}: ${said}` : said)
  }
  return wrong
}

/** A property that is not stored at all has its default; one that was emptied is empty. */
export function withDefaults(fields: readonly Field[], stored: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const filled: Record<string, unknown> = { ...stored }
  for (const field of fields) {
    const initial = field.schema.default
    if (field.widget === 'message-value') {
      if (stored[field.key] === undefined && stored[field.typeProperty] === undefined) filled[field.key] = initial ?? ''
      filled[field.typeProperty] ??= field.initialSource
    } else if (filled[field.key] === undefined && field.isRequired && initial !== undefined) filled[field.key] = initial
  }
  return filled
}

function isHidden(type: Pick<NodeType, 'configSchema'>, key: string): boolean {
  const properties = (type.configSchema as { properties?: Record<string, { widget?: unknown }> }).properties
  return properties?.[key]?.widget === 'hidden'
}

/** By the choice that it depends on, which has its default when it is not stored. */
function isShown({ when }: Field, filled: Readonly<Record<string, unknown>>): boolean {
  return !when || when.is.includes(String(filled[when.field]))
}

/** An empty field is an absent one; an empty message value is judged with its source. */
function isBlank(value: unknown, field: Field | undefined): boolean {
  return (value === '' || value === undefined || value === null) && field?.widget !== 'message-value'
}

/** The stock editor stores numbers as text, and leaves empty cells in rows. */
function coerced(value: unknown, field: Field | undefined): unknown {
  if (field?.widget === 'number' && typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value)
  if (field?.widget === 'message-value' && (typeof value === 'number' || typeof value === 'boolean')) return String(value)
  if (field?.widget === 'rows' && Array.isArray(value)) {
    return value.map((row: unknown) =>
      typeof row === 'object' && row !== null
        ? Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== '' && cell !== undefined && cell !== null))
        : row,
    )
  }
  return value
}

/** The field that a path leads to, and the path as the form knows it. */
function at(fields: readonly Field[], path: readonly string[]): [Field | undefined, string] {
  const [key = '', , cell] = path
  const field = fields.find((one) => one.key === key || (one.widget === 'message-value' && one.typeProperty === key))
  if (!field) return [undefined, key]
  if (field.widget === 'rows' && cell !== undefined) return [field.fields.find((one) => one.key === cell) ?? field, path.join('/')]
  return [field, field.key]
}

function rowWords(fields: readonly Field[], key: string, rest: readonly string[], words: WrongWords): string {
  return words.row(fields.find((field) => field.key === key)?.title ?? key, Number(rest[0] ?? 0) + 1)
}

/** What the schema cannot say of a message value: the text must read as its source wants it. */
function checkLiteral(field: Field, stored: Readonly<Record<string, unknown>>, words: WrongWords): string | undefined {
  if (field.widget !== 'message-value') return undefined
  const value = String(stored[field.key] ?? '')
  if (value.trim() === '') return field.isRequired ? words.missing(field.title) : undefined
  switch (stored[field.typeProperty]) {
    case 'num':
      return Number.isFinite(Number(value)) ? undefined : words.number(field.title)
    case 'bool':
      return /^(true|false)$/i.test(value) ? undefined : words.boolean(field.title)
    case 'json':
      return isJson(value) ? undefined : words.json(field.title)
    default:
      return undefined
  }
}

export function isJson(value: string): boolean {
  try {
    JSON.parse(value)
    return true
  } catch {
    return false
  }
}

function inWords(field: Field, keyword: string, params: Record<string, unknown>, message: string, words: WrongWords): string {
  const limit = Number(params.limit)
  const withUnit = field.unit ? `${limit} ${field.unit}` : String(limit)
  switch (keyword) {
    case 'type':
      if (field.widget === 'number') return field.isWhole ? words.whole(field.title) : words.number(field.title)
      return field.widget === 'checkbox' ? words.boolean(field.title) : words.other(field.title, message)
    case 'minimum':
    case 'exclusiveMinimum':
      return words.atLeast(field.title, withUnit)
    case 'maximum':
    case 'exclusiveMaximum':
      return words.atMost(field.title, withUnit)
    case 'minLength':
      return limit === 1 ? words.missing(field.title) : words.shortest(field.title, limit)
    case 'maxLength':
      return words.longest(field.title, limit)
    case 'pattern':
    case 'format':
      return words.pattern(field.title)
    case 'enum':
      return words.oneOf(field.title, field.widget === 'select' || field.widget === 'checkboxes' ? field.options.map((option) => option.label).join(', ') : '')
    case 'minItems':
      return words.someOf(field.title)
    default:
      return words.other(field.title, message)
  }
}
