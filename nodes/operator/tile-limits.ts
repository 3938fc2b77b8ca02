/** What a value and a chart have in common: how they are called, their limits as they are typed, and the face these make. */
import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { ConfigNode, Quantity, Text } from '../define-node/index.ts'
import machine from '../motion/machine.node.ts'
import type { TileFace } from './services.ts'

export const label = Text({ title: 'Label', help: 'Two or three words.', minLength: 1, maxLength: 40, default: 'Value' })
export const numberFields = {
  unit: Text({ title: 'Unit', maxLength: 20, default: '' }),
  decimals: Quantity({ title: 'Decimals', minimum: 0, maximum: 6, default: 1, isWhole: true }),
}
export const ofMachine = { machine: Type.Optional(ConfigNode(machine, { title: 'Machine', help: 'Shows it with this machine.' })) }

const limit = (title: string) =>
  Text({ title, help: 'A number; empty: no such limit.', maxLength: 20, pattern: '^\\s*(-?[0-9]+([.,][0-9]+)?)?\\s*$', default: '' })

/** The fields of the form. */
export const limitFields = {
  alarmBelow: limit('Alarm below'),
  warnBelow: limit('Warning below'),
  warnAbove: limit('Warning above'),
  alarmAbove: limit('Alarm above'),
}
type Limits = Record<keyof typeof limitFields, string>

const numberOf = (text: string): number | undefined => (text.trim() === '' ? undefined : Number(text.trim().replace(',', '.')))

function limitsOf(typed: Limits): Pick<TileFace, keyof Limits> {
  return Object.fromEntries(
    (Object.keys(limitFields) as (keyof Limits)[]).flatMap((key) => {
      const value = numberOf(typed[key])
      return value === undefined ? [] : [[key, value]]
    }),
  )
}

interface Typed extends Limits {
  label: string
  unit: string
  decimals: number
}

/** The part of the face that both have. */
export function faceOf(config: Typed, machineId: string | undefined): Omit<TileFace, 'kind'> {
  const { label: name, unit, decimals } = config
  return { label: name, decimals, ...(unit ? { unit } : {}), ...limitsOf(config), ...(machineId === undefined ? {} : { machineId }) }
}

/** What of a message a panel can show. @throws UserError `not-a-value` */
export function shownValue(value: unknown): number | string | boolean {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return value.slice(0, 200)
  throw new UserError({
    code: 'not-a-value',
    message: `A panel shows numbers, texts and yes or no, not ${value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value}. Name the property that holds one.`,
  })
}
