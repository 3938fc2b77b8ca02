/**
 * The JSON schema of what a flow file holds of a node, from which the designer makes its form. Beside JSON
 * Schema's own words each property has ours: `title`, `help`, `unit`, `placeholder`, `order`, `when` (shown while another
 * property has one of some values), `isNeeded` (while it is shown it must be filled in), and `widget`:
 * `text` (with `suggests`: which names of the product are offered), `number`, `checkbox`, `select` and `checkboxes` (with `labels` by value), `rows` (array of flat objects),
 * `machine` / `program` / `connection` / what quality keeps (an id picked from the product's list), `config-node` (with `configType`),
 * `message-value` (with `typeProperty`: the property that holds the source, `sources`: the ones allowed, `picks`:
 * the list that a literal text comes from, and `suggests`: what it is the name of) and `hidden` (a typeProperty: drawn with its value).
 */
import { type TObject, type TSchema, Type } from 'typebox'
import type { Field } from './schema.ts'

export function storedSchema(fields: [string, Field][]): TObject {
  const properties: Record<string, TSchema> = {}
  fields.forEach(([key, field], index) => {
    const order = index + 1
    if (field.widget === 'message-value') {
      const { of: _of, sources, initial, isOptional, ...notes } = field
      properties[key] = optionalIf(isOptional, Type.String({ ...notes, order, typeProperty: `${key}Type`, sources, isOptional, default: initial.value }))
      properties[`${key}Type`] = optionalIf(isOptional, Type.Enum([...sources], { widget: 'hidden', order, default: initial.type }))
      return
    }
    const { isOptional, ...schema } = field
    properties[key] = optionalIf(isOptional, Type.Unsafe({ ...schema, order }))
  })
  return Type.Object(properties)
}

const optionalIf = (isOptional: boolean, schema: TSchema): TSchema => (isOptional ? Type.Optional(schema) : schema)

/** The stored properties of a new node. */
export function defaultsOf(fields: [string, Field][]): Record<string, unknown> {
  const defaults: Record<string, unknown> = { name: '' }
  for (const [key, field] of fields) {
    if (field.widget === 'message-value') {
      defaults[key] = field.initial.value
      defaults[`${key}Type`] = field.initial.type
    } else {
      defaults[key] = structuredClone(field.default) ?? ''
    }
  }
  return defaults
}
