/** A JSON Schema as a list of names, types and meanings; what is deeper opens when asked for. */
import type { Schema } from './document.ts'
import { useApiText } from './words.ts'

interface SchemaProps {
  schema: Schema
  schemas: Readonly<Record<string, Schema>>
  name?: string
  isRequired?: boolean
  note?: string | undefined
  /** Shows what is in it without being asked. @defaultValue false */
  isOpen?: boolean
}

/** Deeper than this nobody reads, and a schema may hold itself. */
const DEEPEST = 8

export function SchemaView({ schema: given, schemas, name, isRequired = false, note, isOpen = false, depth = 0 }: SchemaProps & { depth?: number }) {
  const text = useApiText()
  const schema = resolved(given, schemas)
  const inner = depth >= DEEPEST ? [] : innerOf(schema, text.alsoOthers)
  const limits = limitsOf(schema, text)
  const words = (
    <>
      {name !== undefined && <code className="api-name">{name}</code>} <span className="api-type">{typeOf(schema, schemas, text)}</span>
      {isRequired && <span className="api-dim"> · {text.required}</span>}
      {note && <span className="api-dim"> · {note}</span>}
      {schema.default !== undefined && <span className="api-dim"> · {text.default(JSON.stringify(schema.default))}</span>}
      {limits && <span className="api-dim"> · {limits}</span>}
      {schema.description && <span className="api-means">{schema.description}</span>}
    </>
  )
  if (inner.length === 0) return <li>{words}</li>
  return (
    <li>
      <details open={isOpen}>
        <summary>{words}</summary>
        <ul className="api-schema">
          {inner.map((each, index) => (
            <SchemaView key={each.name ?? index} {...each} schemas={schemas} depth={depth + 1} />
          ))}
        </ul>
      </details>
    </li>
  )
}

function resolved(schema: Schema, schemas: Readonly<Record<string, Schema>>): Schema {
  const name = schema.$ref?.split('/').pop()
  return (name !== undefined && schemas[name]) || schema
}

const alternativesOf = ({ anyOf, oneOf }: Schema) => anyOf ?? oneOf

/** Whether it says all in its own line. */
const isPlain = (schema: Schema) => !schema.properties && !schema.items && !alternativesOf(schema) && !schema.allOf && !schema.patternProperties

function innerOf(schema: Schema, others: string): Pick<SchemaProps, 'schema' | 'name' | 'isRequired'>[] {
  if (schema.items && !isPlain(schema.items)) return innerOf(schema.items, others)
  const alternatives = alternativesOf(schema)
  if (alternatives && !alternatives.every(isPlain)) return alternatives.map((each) => ({ schema: each }))
  const merged = (schema.allOf ?? []).flatMap((each) => innerOf(each, others))
  const own = Object.entries(schema.properties ?? {}).map(([name, each]) => ({ name, schema: each, isRequired: schema.required?.includes(name) ?? false }))
  const more = [...Object.values(schema.patternProperties ?? {}), ...(typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [])]
  return [...merged, ...own, ...more.map((each) => ({ name: `… ${others}`, schema: each }))]
}

type Text = ReturnType<typeof useApiText>

function typeOf(schema: Schema, schemas: Readonly<Record<string, Schema>>, text: Text): string {
  const { enum: values, const: value, items, format } = schema
  if (values) return values.map((each) => JSON.stringify(each)).join(' | ')
  if (value !== undefined) return JSON.stringify(value)
  if (items) return `${text.listOf} ${typeOf(resolved(items, schemas), schemas, text)}`
  const alternatives = alternativesOf(schema)
  if (alternatives) return alternatives.every(isPlain) ? alternatives.map((each) => typeOf(each, schemas, text)).join(' | ') : text.anyOf
  const type = Array.isArray(schema.type) ? schema.type.join(' | ') : schema.type
  if (type === undefined) return schema.properties || schema.allOf ? 'object' : text.anything
  return format ? `${type} (${format})` : type
}

function limitsOf({ minimum, maximum, minLength, maxLength, pattern }: Schema, text: Text): string | undefined {
  const limits = [
    minimum === undefined ? undefined : `≥ ${minimum}`,
    maximum === undefined ? undefined : `≤ ${maximum}`,
    minLength === undefined && maxLength === undefined ? undefined : `${minLength ?? 0}…${maxLength ?? ''} ${text.characters}`,
    pattern,
  ].filter((each) => each !== undefined)
  return limits.length ? limits.join(', ') : undefined
}
