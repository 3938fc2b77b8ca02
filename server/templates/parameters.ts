/** Values given for a template's parameters: defaults filled in, and what is wrong with them in words. */
import type { QualityPick, TemplateParameter, TemplateParameters } from '../api/index.ts'

export interface ParameterProblem {
  key: string
  message: string
}

/** The lists of this shop that a parameter may pick from. */
export interface ShopLists {
  machines: readonly { id: string }[]
  connections: readonly { id: string; connector: string }[]
  programs: readonly { name: string; id: string }[]
  quality: readonly { kind: string; id: string; isRetired: boolean }[]
}

/** Given values over defaults. Left empty counts as not given. */
export function withDefaults({ properties }: TemplateParameters, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(properties).map(([key, schema]) => [key, isEmpty(given[key]) ? schema.default : given[key]] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === ''

/**
 * @param values with their defaults
 * @param shop without it, only the form of the values is looked at
 */
export function parameterProblems(
  { properties, required = [] }: TemplateParameters,
  values: Readonly<Record<string, unknown>>,
  shop?: ShopLists,
): ParameterProblem[] {
  const unknown = Object.keys(values).filter((key) => !Object.hasOwn(properties, key))
  return [
    ...unknown.map((key) => ({ key, message: `The template has no parameter "${key}".` })),
    ...Object.entries(properties).flatMap(([key, schema]) => {
      const value = values[key]
      if (isEmpty(value)) return required.includes(key) ? [{ key, message: `${schema.title} is missing.` }] : []
      const wrong = wrongWith(schema, value) ?? (shop && notThere(schema, String(value), shop))
      return wrong === undefined ? [] : [{ key, message: `${schema.title}: ${wrong}` }]
    }),
  ]
}

function wrongWith({ type, minimum, maximum, minLength, maxLength = 1000, enum: choices, unit }: TemplateParameter, value: unknown): string | undefined {
  const behind = unit === undefined ? '' : ` ${unit}`
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'it must be yes or no.'
    case 'number':
    case 'integer':
      if (typeof value !== 'number' || !Number.isFinite(value)) return 'it must be a number.'
      if (type === 'integer' && !Number.isInteger(value)) return 'it must be a whole number.'
      if (minimum !== undefined && value < minimum) return `it must be at least ${minimum}${behind}.`
      if (maximum !== undefined && value > maximum) return `it must be at most ${maximum}${behind}.`
      return undefined
    case 'string':
      if (typeof value !== 'string') return 'it must be a text.'
      if (choices && !choices.includes(value)) return `it must be one of ${choices.join(', ')}.`
      if (minLength !== undefined && value.length < minLength) return `it must have at least ${minLength} characters.`
      if (value.length > maxLength) return `it must have at most ${maxLength} characters.`
      return undefined
    default:
      return type satisfies never
  }
}

function notThere({ widget, connectors }: TemplateParameter, value: string, shop: ShopLists): string | undefined {
  switch (widget) {
    case 'machine':
      return shop.machines.some(({ id }) => id === value) ? undefined : `there is no machine "${value}". Set it up on the page "machines", or choose another.`
    case 'connection': {
      const found = shop.connections.find(({ id }) => id === value)
      if (!found) return `there is no connection "${value}". Add it first, or choose another.`
      return !connectors?.length || connectors.includes(found.connector)
        ? undefined
        : `that connection is a ${found.connector}; it must be ${connectors.join(' or ')}.`
    }
    case 'program':
      return shop.programs.some(({ id, name }) => id === value || name === value)
        ? undefined
        : `there is no program "${value}". Upload it first, or choose another.`
    case 'quality-characteristic':
    case 'sampling-plan':
    case 'gage-study':
    case 'inspection-plan':
      return shop.quality.some(({ kind, id, isRetired }) => kind === widget && id === value && !isRetired)
        ? undefined
        : `there is no ${QUALITY_WORDS[widget]} "${value}" in use. Set it up on the page "Quality", or choose another.`
    case 'text':
    case 'number':
    case 'select':
    case 'checkbox':
      return undefined
    default:
      return widget satisfies never
  }
}

const QUALITY_WORDS: Readonly<Record<QualityPick, string>> = {
  'quality-characteristic': 'characteristic',
  'sampling-plan': 'sampling plan',
  'gage-study': 'gauge study',
  'inspection-plan': 'inspection plan of the part',
}
