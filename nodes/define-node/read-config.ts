/** From what a flow file holds to a node's typed configuration, and what is wrong with it. Used at deploy, at start and by the forms. */
import type { TObject, TSchema } from 'typebox'
import { type Checker, checker, type FieldError } from '../../base/schema.ts'
import type { NodeDeclaration } from './declare.ts'
import { type Field, fieldsOf, type MessageSource } from './schema.ts'
import { storedSchema } from './stored-schema.ts'

// Node-RED puts the environment in place of a property that is exactly ${NAME} or $(NAME) when the node starts
const ENVIRONMENT = /^\$[({][^)}]+[)}]$/

/** What reading a stored configuration gives. */
export type ReadConfig = { config: Record<string, unknown>; errors: [] } | { config?: undefined; errors: FieldError[] }

const checkers = new WeakMap<TObject, Checker<TSchema>>()

/**
 * Reads a stored configuration: fills in defaults, takes numbers that the stock editor stored as text, and leaves
 * empty optional fields out. Properties that are not declared are ignored.
 */
export function readConfig(declaration: NodeDeclaration, stored: Record<string, unknown>): ReadConfig {
  const fields = fieldsOf(declaration.config)
  const flat = flatten(fields, stored)
  let check = checkers.get(declaration.config)
  if (!check) {
    check = checker(storedSchema(fields))
    checkers.set(declaration.config, check)
  }
  const errors = inWords(fields, flat, check.errors(flat))
  for (const [key, field] of fields) {
    if (field.widget === 'message-value' && !errors.some((error) => error.path === `/${key}`)) errors.push(...checkLiteral(key, field, flat))
  }
  if (errors.length) return { errors }
  const config = unflatten(fields, flat)
  const found = declaration.check?.(config) ?? []
  return found.length ? { errors: found } : { config, errors: [] }
}

/**
 * What is wrong with a stored configuration at deploy; a field that the environment will fill (`${NAME}`) is
 * checked when the node starts.
 */
export function checkStored(declaration: NodeDeclaration, stored: Record<string, unknown>): FieldError[] {
  const { errors } = readConfig(declaration, stored)
  return errors.filter((error) => {
    const value = stored[error.path.split('/')[1] ?? '']
    return !(typeof value === 'string' && ENVIRONMENT.test(value))
  })
}

function flatten(fields: [string, Field][], stored: Record<string, unknown>): Record<string, unknown> {
  const flat: Record<string, unknown> = {}
  for (const [key, field] of fields) {
    if (field.widget === 'message-value') {
      const isStored = stored[key] !== undefined || stored[`${key}Type`] !== undefined
      flat[key] = asText(isStored ? (stored[key] ?? '') : field.initial.value)
      flat[`${key}Type`] = stored[`${key}Type`] ?? field.initial.type
      continue
    }
    const value = coerce(field, stored[key] ?? (field.isOptional ? undefined : structuredClone(field.default)))
    if (value !== undefined) flat[key] = value
  }
  return flat
}

/** Numbers and booleans inside a typedInput may come as such from hand-written flows. */
const asText = (value: unknown): unknown => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value)

function coerce(field: Field, value: unknown): unknown {
  if (field.widget === 'number' && typeof value === 'string') {
    if (value.trim() === '') return undefined
    const number = Number(value)
    return Number.isNaN(number) ? value : number
  }
  if (field.widget === 'rows' && Array.isArray(value)) return value.map((row) => withoutEmpty(field.items, row))
  if (value === '' && (field.isOptional || field.widget === 'config-node')) return undefined
  return value
}

/** Empty optional cells of a row are absent. */
function withoutEmpty(schema: TObject, row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row
  const isRequired = new Set(schema.required)
  return Object.fromEntries(Object.entries(row).filter(([key, cell]) => isRequired.has(key) || (cell !== '' && cell !== undefined && cell !== null)))
}

function unflatten(fields: [string, Field][], flat: Record<string, unknown>): Record<string, unknown> {
  const config: Record<string, unknown> = {}
  for (const [key, field] of fields) {
    if (field.widget !== 'message-value') {
      if (flat[key] !== undefined) config[key] = flat[key]
    } else if (flat[key] !== '' || !field.isOptional) {
      config[key] = { value: flat[key], type: flat[`${key}Type`] }
    }
  }
  return config
}

function checkLiteral(key: string, field: Field & { widget: 'message-value' }, flat: Record<string, unknown>): FieldError[] {
  const value = String(flat[key])
  const path = `/${key}`
  if (value === '') return field.isOptional ? [] : [{ path, message: `${field.title} is missing.` }]
  switch (flat[`${key}Type`] as MessageSource) {
    case 'num':
      return Number.isFinite(Number(value)) ? [] : [{ path, message: `${field.title} must be a number, not "${value}".` }]
    case 'bool':
      return /^(true|false)$/i.test(value) ? [] : [{ path, message: `${field.title} must be true or false.` }]
    case 'json':
      try {
        JSON.parse(value)
        return []
      } catch (error) {
        return [{ path, message: `${field.title} is not valid JSON: ${(error as Error).message}.` }]
      }
    default:
      return []
  }
}

/** The schema's findings, said so that an engineer knows which field and what to do. */
function inWords(fields: [string, Field][], flat: Record<string, unknown>, errors: FieldError[]): FieldError[] {
  const words: FieldError[] = []
  for (const [key, field] of fields) {
    if (!field.isOptional && flat[key] === undefined) words.push({ path: `/${key}`, message: `${field.title} is missing.` })
  }
  for (const error of errors) {
    const [, key = '', ...rest] = error.path.split('/')
    const field = fields.find(([name]) => name === key || `${name}Type` === key)?.[1]
    if (!field) continue // missing properties: said above
    words.push({ path: error.path, message: rest.length ? rowInWords(field, flat[key], rest, error.message) : fieldInWords(field, flat[key], error.message) })
  }
  return words
}

function fieldInWords(field: Field, value: unknown, message: string): string {
  if (value === '') return `${field.title} is missing.`
  switch (field.widget) {
    case 'select':
      return `${field.title} must be one of: ${field.enum.join(', ')}.`
    case 'checkboxes':
      return Array.isArray(value) && value.length === 0 ? `${field.title}: choose at least one.` : `${field.title} ${message}.`
    case 'number':
      return typeof value === 'number'
        ? `${field.title} ${message}${field.unit ? ` ${field.unit}` : ''}.`
        : `${field.title} must be a number, not "${String(value)}".`
    case 'message-value':
      return `${field.title} cannot be read from there: choose one of ${field.sources.join(', ')}.`
    default:
      return `${field.title} ${message}.`
  }
}

function rowInWords(field: Field, value: unknown, [index = '', cell = '']: string[], message: string): string {
  if (field.widget === 'checkboxes') return `${field.title} can only be: ${field.items.enum.join(', ')}.`
  const row = Array.isArray(value) ? (value[Number(index)] as Record<string, unknown>) : {}
  const where = `${field.title}, row ${Number(index) + 1}`
  if (!cell) return `${where} ${message}.`
  const title = (field.widget === 'rows' ? (field.items.properties[cell] as { title?: string } | undefined)?.title : undefined) ?? cell
  return row[cell] === '' || row[cell] === undefined ? `${where}: ${title} is missing.` : `${where}: ${title} ${message}.`
}
