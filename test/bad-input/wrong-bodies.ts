/** Bodies that do not fit a route's schema, made from the schema itself. */
import type { TSchema } from 'typebox'
import { checker } from '../../base/schema.ts'

// biome-ignore lint/suspicious/noExplicitAny: a JSON Schema of any kind
type Schema = any

/** A value that the schema asks for, as plain as can be; not every one is a sensible one. */
function sample(schema: Schema): unknown {
  if (schema.default !== undefined) return schema.default
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  if (schema.anyOf) return sample(schema.anyOf[0])
  if (Array.isArray(schema.items)) return schema.items.map(sample)
  switch (schema.type) {
    case 'string':
      return 'x'.repeat(Math.max(schema.minLength ?? 0, 8))
    case 'integer':
    case 'number':
      return schema.minimum ?? 1
    case 'boolean':
      return false
    case 'array':
      return []
    case 'object': {
      const required = Object.entries(schema.properties ?? {}).filter(([key]) => schema.required?.includes(key))
      return Object.fromEntries(required.map(([key, inner]) => [key, sample(inner)]))
    }
    default:
      return null
  }
}

const ODD: unknown[] = [null, 5, -1.5, 1e300, 'x', '', true, [], {}, [[]], [null], { a: 1 }, 'x'.repeat(100_000)]

/** Every kind of JSON in place of the whole body and of each property; only what the schema does not allow. */
export function wrongBodies(schema: TSchema): unknown[] {
  const { is } = checker(schema)
  const good = sample(schema)
  const bodies = [...ODD]
  for (const key of Object.keys((schema as Schema).properties ?? {})) for (const odd of ODD) bodies.push({ ...(good as object), [key]: odd })
  bodies.push({ ...(good as object), 'unasked for': 1 })
  return bodies.filter((body) => !is(body))
}

/** The sample with the character that PostgreSQL cannot hold, and with half a character, in every text. */
export function oddTexts(schema: TSchema): string[] {
  const text = JSON.stringify(sample(schema))
  return ['xxx\\u0000xxxx', 'xxx\\ud800xxxx'].map((odd) => text.replaceAll('xxxxxxxx', odd)).filter((odd) => odd !== text)
}
