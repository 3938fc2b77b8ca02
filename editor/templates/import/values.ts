/** Values for a template's parameters while they are filled in. No DOM. */
import type { TemplateParameters } from '../../../server/api/templates/index.ts'

export type Values = Readonly<Record<string, unknown>>

/** Those of an earlier import, else the defaults. */
export function initialValues({ properties }: TemplateParameters, earlier: Values = {}): Values {
  return Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => [key, earlier[key] ?? schema.default ?? (schema.type === 'boolean' ? false : '')]),
  )
}

/** As they are sent: what is empty is left out, numbers are numbers. */
export function given({ properties }: TemplateParameters, values: Values): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, { type }]) => {
      const value = values[key]
      if (value === '' || value === undefined || value === null) return []
      const isNumber = type === 'number' || type === 'integer'
      return [[key, isNumber && typeof value === 'string' && Number.isFinite(Number(value)) ? Number(value) : value]]
    }),
  )
}
