/** What the nodes that measure share: from a message to an entry, and back. */
import { UserError } from '../../base/errors.ts'
import type { Message } from '../define-node/index.ts'
import { workOrderNumberOf } from '../erp/receipt.ts'
import type { CellwrightServices } from '../services.ts'
import { judge } from './judge.ts'
import type { EnteredMeasurement } from './services.ts'

export interface InlineSettings {
  characteristic: string
  nominal: number
  lower: number
  upper: number
  unit: string
  decimals: number
}

type Request = Parameters<CellwrightServices['quality']['enter']>[0]

/** As the settings of the node give it: deviations become limits. */
export function inlineOf({ characteristic: name, nominal, lower, upper, unit, decimals }: InlineSettings): Extract<Request['of'], { inline: object }> {
  const { lowerLimit, upperLimit } = judge({ characteristic: name, value: nominal, nominal, lower, upper, unit, decimals })
  return { inline: { name, unit, decimals, nominal, lower: lowerLimit, upper: upperLimit } }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 120) : undefined)

/** What a message says of a measurement besides its value. */
export function circumstancesOf(message: Message): Partial<Request> {
  const workOrder = workOrderNumberOf(message)
  const found = {
    serial: text(message.partSerial),
    lot: text(message.lot),
    tool: text(message.tool),
    program: text(message.program),
    workOrder,
    by: text(message.pressedBy),
  }
  // a gauge node says in which unit its value is: another than that of the characteristic is refused, not taken for it
  const isOfGauge = typeof message.gauge === 'object' && message.gauge !== null
  const unit = isOfGauge && typeof message.unit === 'string' ? { unit: message.unit, source: 'gauge' as const } : {}
  return { ...Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)), ...unit, ...(message._run ? { runId: message._run } : {}) }
}

/** Measured values as they stand in a message: a number, or the numbers of a subgroup. */
export function valuesOf(value: unknown): number[] {
  const values = Array.isArray(value) ? (value as unknown[]) : [value]
  const odd = values.find((one) => typeof one !== 'number' || !Number.isFinite(one))
  if (odd !== undefined || !values.length)
    throw new UserError({
      code: 'value-invalid',
      message: `The measured value is ${values.length ? JSON.stringify(odd) : 'an empty list'}, which is no number. Convert it where it comes from.`,
    })
  return values as number[]
}

/** The payload that goes on. */
export function payloadOf({ result, name, unit, nominal, lower, upper }: EnteredMeasurement): Record<string, unknown> {
  const last = result.measurements.at(-1)
  const bad = result.measurements.find(({ isInTolerance }) => !isInTolerance)
  return {
    measurementId: last?.id,
    characteristic: name,
    value: last?.value,
    ...(result.measurements.length > 1 ? { values: result.measurements.map(({ value }) => value) } : {}),
    nominal,
    unit,
    isInTolerance: result.isInTolerance,
    ...(last?.deviation === undefined ? {} : { deviation: last.deviation }),
    lowerLimit: lower,
    upperLimit: upper,
    text: (bad ?? last)?.text ?? '',
    characteristicId: result.characteristicId,
    subgroup: result.subgroup,
    signals: result.signals,
    flags: result.flags,
    isLocked: result.isLocked,
  }
}
