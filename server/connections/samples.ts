/**
 * Samples of what a connector could bring or answer, made from the JSON schema that it declares: the same schema gives the same
 * sample. Its examples and defaults go first; what is left open is as small as the schema allows. (TypeBox's own `Create` needs
 * its types, and schemas come here as JSON from the connectors' process.)
 */
import type { ConnectionSamples } from '../api/index.ts'

interface Schema {
  type?: unknown
  const?: unknown
  enum?: unknown
  default?: unknown
  examples?: unknown
  format?: unknown
  pattern?: unknown
  minLength?: unknown
  minimum?: unknown
  exclusiveMinimum?: unknown
  maximum?: unknown
  properties?: unknown
  required?: unknown
  items?: unknown
  anyOf?: unknown
}

const OF_FORMAT: Readonly<Record<string, string>> = {
  'date-time': '2026-01-15T08:00:00.000Z',
  date: '2026-01-15',
  time: '08:00:00Z',
  email: 'name@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
}

/** @returns undefined when the schema says too little for one: a text with a pattern and no example */
export function sampleOf(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return undefined
  const schema = given as Schema
  const [example] = Array.isArray(schema.examples) ? (schema.examples as unknown[]) : []
  if (example !== undefined) return example
  if (schema.default !== undefined) return schema.default
  if (schema.const !== undefined) return schema.const
  if (Array.isArray(schema.enum)) return (schema.enum as unknown[])[0]
  if (Array.isArray(schema.anyOf)) return (schema.anyOf as unknown[]).map(sampleOf).find((sample) => sample !== undefined)
  switch (schema.type) {
    case 'object':
      return objectOf(schema)
    case 'array': {
      const item = sampleOf(schema.items)
      return item === undefined ? [] : [item]
    }
    case 'string':
      if (typeof schema.format === 'string') return OF_FORMAT[schema.format]
      return schema.pattern === undefined ? 'x'.repeat(numberOf(schema.minLength) ?? 0) : undefined
    case 'integer':
    case 'number':
      return smallest(schema)
    case 'boolean':
      return false
    case 'null':
      return null
    default:
      return undefined
  }
}

/** With what may be left out, as far as a sample can be made of it. */
function objectOf({ properties, required }: Schema): Record<string, unknown> | undefined {
  const parts = typeof properties === 'object' && properties !== null ? Object.entries(properties) : []
  const made = parts.map(([name, part]) => [name, sampleOf(part)] as const)
  const needed = Array.isArray(required) ? (required as unknown[]) : []
  if (made.some(([name, sample]) => sample === undefined && needed.includes(name))) return undefined
  return Object.fromEntries(made.filter(([, sample]) => sample !== undefined))
}

function smallest({ minimum, exclusiveMinimum, maximum }: Schema): number {
  const above = numberOf(exclusiveMinimum)
  const least = numberOf(minimum) ?? (above === undefined ? undefined : above + 1)
  const most = numberOf(maximum)
  if (least !== undefined) return least
  return most !== undefined && most < 0 ? most : 0
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** Of every shape that gives one. */
export function samplesOf(
  shapes: { workOrder?: unknown; event?: unknown; confirmation?: unknown } = {},
): Pick<ConnectionSamples, 'workOrder' | 'event' | 'confirmation'> {
  const made = (['workOrder', 'event', 'confirmation'] as const).map((name) => [name, sampleOf(shapes[name])] as const)
  return Object.fromEntries(made.filter(([, sample]) => sample !== undefined))
}
