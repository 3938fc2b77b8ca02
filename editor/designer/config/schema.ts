/**
 * The JSON schema of a node's stored configuration as the server sends it (`configSchema` of /api/node-types), read
 * field by field. Words of ours beside JSON Schema's: nodes/define-node/stored-schema.ts lists them.
 */
import type { QualityPick } from '../../../server/api/quality/picks.ts'

export type Pick = 'machine' | 'program' | 'connection' | QualityPick

interface Notes {
  key: string
  title: string
  help: string | undefined
  unit: string | undefined
  placeholder: string | undefined
  isRequired: boolean
  /** Shown only while another property has one of these values. */
  when: { field: string; is: string[] } | undefined
  schema: Record<string, unknown>
}
export type Field = Notes &
  (
    | { widget: 'text' }
    | { widget: 'number'; isWhole: boolean; minimum: number | undefined; maximum: number | undefined }
    | { widget: 'checkbox' }
    | { widget: 'select'; options: { value: string; label: string }[] }
    | { widget: 'checkboxes'; options: { value: string; label: string }[] }
    | { widget: 'rows'; fields: Field[]; maxItems: number | undefined }
    | { widget: 'pick'; from: Pick }
    /** A live value of the connection that the node names. */
    | { widget: 'tag' }
    | { widget: 'config-node'; configType: string }
    | {
        widget: 'message-value'
        typeProperty: string
        sources: string[] /** Until the engineer says otherwise. */
        initialSource: string
        picks: Pick | undefined
      }
    /** A shape we have no control for: edited as JSON. */
    | { widget: 'json' }
  )

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [])

/** The fields of a schema in the order to show them; hidden ones are drawn with the field they belong to. */
export function fieldsOf(schema: unknown): Field[] {
  if (!isObject(schema) || !isObject(schema.properties)) return []
  const required = new Set(strings(schema.required))
  return Object.entries(schema.properties)
    .filter((entry): entry is [string, Json] => isObject(entry[1]) && entry[1].widget !== 'hidden')
    .sort(([, a], [, b]) => (number(a.order) ?? 0) - (number(b.order) ?? 0))
    .map(([key, property]) => fieldOf(key, property, { isRequired: required.has(key), siblings: schema.properties as Json }))
}

function fieldOf(key: string, schema: Json, { isRequired, siblings }: { isRequired: boolean; siblings: Json }): Field {
  const notes: Notes = {
    key,
    title: text(schema.title) ?? key,
    help: text(schema.help) ?? text(schema.description),
    unit: text(schema.unit),
    placeholder: text(schema.placeholder),
    isRequired: (isRequired && schema.isOptional !== true) || schema.isNeeded === true,
    when: isObject(schema.when) ? { field: String(schema.when.field), is: strings(schema.when.is) } : undefined,
    schema,
  }
  switch (schema.widget) {
    case 'machine':
    case 'program':
    case 'connection':
    case 'quality-characteristic':
    case 'sampling-plan':
    case 'gage-study':
    case 'inspection-plan':
      return { ...notes, widget: 'pick', from: schema.widget }
    case 'tag':
      return { ...notes, widget: 'tag' }
    case 'config-node':
      return { ...notes, widget: 'config-node', configType: String(schema.configType ?? '') }
    case 'message-value': {
      const picks = schema.picks
      const typeProperty = text(schema.typeProperty) ?? `${key}Type`
      const sources = strings(schema.sources)
      const source = siblings[typeProperty]
      return {
        ...notes,
        widget: 'message-value',
        typeProperty,
        sources,
        initialSource: (isObject(source) && text(source.default)) || sources[0] || 'msg',
        picks: picks === 'machine' || picks === 'program' || picks === 'connection' || picks === 'quality-characteristic' ? picks : undefined,
      }
    }
    default:
      return plainField(notes, schema)
  }
}

function plainField(notes: Notes, schema: Json): Field {
  if (Array.isArray(schema.enum)) return { ...notes, widget: 'select', options: optionsOf(schema.enum, schema.labels) }
  switch (schema.type) {
    case 'number':
    case 'integer':
      return { ...notes, widget: 'number', isWhole: schema.type === 'integer', minimum: number(schema.minimum), maximum: number(schema.maximum) }
    case 'boolean':
      return { ...notes, widget: 'checkbox' }
    case 'string':
      return { ...notes, widget: 'text' }
    case 'array': {
      const items = schema.items
      if (isObject(items) && Array.isArray(items.enum)) return { ...notes, widget: 'checkboxes', options: optionsOf(items.enum, schema.labels) }
      if (isObject(items) && isObject(items.properties)) return { ...notes, widget: 'rows', fields: fieldsOf(items), maxItems: number(schema.maxItems) }
      return { ...notes, widget: 'json' }
    }
    default:
      return { ...notes, widget: 'json' }
  }
}

function optionsOf(values: unknown[], labels: unknown): { value: string; label: string }[] {
  return values.map((value) => ({ value: String(value), label: (isObject(labels) && text(labels[String(value)])) || String(value) }))
}
