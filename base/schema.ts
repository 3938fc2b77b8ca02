/** Validation at every border: one TypeBox schema, compiled once, with errors a person can act on. */
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { UserError } from './errors.ts'

/** One thing that is wrong with a value. */
export interface FieldError {
  /** JSON pointer into the value, `''` for the value itself. */
  path: string
  message: string
}

/** A compiled schema. */
export interface Checker<T extends TSchema> {
  readonly schema: T
  is(value: unknown): value is Static<T>
  errors(value: unknown): FieldError[]
  /**
   * Fills in defaults (on a copy) and returns the value typed.
   * @throws UserError `invalid-input` (400) naming every wrong field; `what` begins the sentence.
   */
  parse(value: unknown, what: string): Static<T>
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
  const errors = (value: unknown): FieldError[] => {
    const found: FieldError[] = []
    for (const error of validator().Errors(value)) {
      // `boolean` repeats what `additionalProperties` says of the same key
      if (error.keyword === 'boolean') continue
      const extra =
        error.keyword === 'additionalProperties' ? `: ${[(error.params as { additionalProperties: string[] }).additionalProperties].flat().join(', ')}` : ''
      found.push({ path: error.instancePath, message: error.message + extra })
    }
    return found
  }
  return {
    schema,
    is: (value): value is Static<T> => validator().Check(value),
    errors,
    parse(value, what) {
      const filled = validator().Default(structuredClone(value))
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
