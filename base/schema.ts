/** Validation at every border: one TypeBox schema, compiled once, with errors a person can act on. */
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Settings } from 'typebox/system'
import { Default } from 'typebox/value'
import { UserError } from './errors.ts'
import { type FieldError, fieldErrors } from './field-errors.ts'

export type { FieldError }

// the library stops after 8, which one union with a wrong member uses up
Settings.Set({ maxErrors: 64 })

/** A compiled schema. */
export interface Checker<T extends TSchema> {
  readonly schema: T
  is(value: unknown): value is Static<T>
  errors(value: unknown): FieldError[]
  /**
   * Fills in defaults and returns the value typed. What was passed stays as it is; parts without
   * defaults are shared with it, not copied (a deploy of 20 MB must not hold up a stop).
   * @throws UserError `invalid-input` (400) naming every wrong field; `what` begins the sentence.
   */
  parse(value: unknown, what: string): Static<T>
}

const defaults = new WeakMap<object, boolean>()
/** Does the schema say a default anywhere? */
function hasDefault(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  const known = defaults.get(schema)
  if (known !== undefined) return known
  const found = (!Array.isArray(schema) && 'default' in schema) || Object.values(schema).some(hasDefault)
  defaults.set(schema, found)
  return found
}

/** The value with defaults; copies only along the way to one. */
function withDefaults(schema: TSchema, value: unknown): unknown {
  if (!hasDefault(schema)) return value
  const { type, properties, default: whenMissing } = schema as { type?: unknown; properties?: Record<string, TSchema>; default?: unknown }
  const given = value === undefined && whenMissing !== undefined ? structuredClone(whenMissing) : value
  const isPlainObject = type === 'object' && properties !== undefined && typeof given === 'object' && given !== null && !Array.isArray(given)
  if (!isPlainObject) return Default(schema, structuredClone(given))
  const filled: Record<string, unknown> = { ...given }
  for (const [key, property] of Object.entries(properties)) {
    if (!hasDefault(property)) continue
    const next = withDefaults(property, Object.hasOwn(filled, key) ? filled[key] : undefined)
    if (next !== undefined) filled[key] = next
  }
  return filled
}

/**
 * Compiles `schema` on first use, so that importing a contract costs nothing.
 */
export function checker<T extends TSchema>(schema: T): Checker<T> {
  let compiled: ReturnType<typeof Compile<T>> | undefined
  const validator = () => {
    compiled ??= Compile(schema)
    return compiled
  }
  const errors = (value: unknown): FieldError[] => fieldErrors(validator().Errors(value), schema)
  return {
    schema,
    is: (value): value is Static<T> => validator().Check(value),
    errors,
    parse(value, what) {
      const filled = withDefaults(schema, value)
      if (validator().Check(filled)) return filled as Static<T>
      const found = errors(filled)
      const list = found
        .slice(0, 5)
        .map((e) => `${e.path || 'value'} ${e.message}`)
        .join('; ')
      throw new UserError({ code: 'invalid-input', message: `${what} is not valid: ${list}.`, details: { errors: found } })
    },
  }
}

const checkers = new WeakMap<TSchema, Checker<TSchema>>()
/** The {@link checker} of a schema that comes as data: the same one each time. */
export function checkerOf(schema: TSchema): Checker<TSchema> {
  let found = checkers.get(schema)
  if (!found) {
    found = checker(schema)
    checkers.set(schema, found)
  }
  return found
}
