/** Gauges that are connected, with what they showed last, for those who measure. Browser-safe. */
import { type Static, Type } from 'typebox'
import { route } from '../route.ts'

/** What a gauge showed, as its connector read it (adapters/serial-gauge). */
export const GaugeReading = Type.Object({
  /** Each reading has its own. */
  id: Type.String(),
  value: Type.Number(),
  /** Digits behind the decimal sign, as sent. */
  decimals: Type.Integer(),
  /** `mm`, `inch`, `µm`, or as the gauge says. */
  unit: Type.String(),
  /** Of an interface with several gauges. */
  channel: Type.Optional(Type.String()),
  /** The line that it sent. */
  raw: Type.String(),
  at: Type.String({ format: 'date-time' }),
})
export type GaugeReading = Static<typeof GaugeReading>

/** One connection to a gauge. */
export const GaugeLine = Type.Object({
  connectionId: Type.String(),
  name: Type.String(),
  /** The line stands: what is measured comes. */
  isThere: Type.Boolean(),
  /** The newest since the server started. */
  reading: Type.Optional(GaugeReading),
  /** Newer than the reading: it sent something that is none, and why, with its code. */
  refused: Type.Optional(
    Type.Object({ id: Type.String(), code: Type.String(), text: Type.String(), line: Type.Optional(Type.String()), at: Type.String({ format: 'date-time' }) }),
  ),
})
export type GaugeLine = Static<typeof GaugeLine>

export const readGauge = route({
  id: 'readGauge',
  method: 'post',
  path: '/api/quality/gauge-lines/:connectionId/read',
  access: 'quality.enter',
  tag: 'quality',
  summary: 'Asks a connected gauge for what it shows now, and waits for it.',
  params: Type.Object({ connectionId: Type.String({ maxLength: 64 }) }),
  response: GaugeReading,
  errors: ['connection-not-found', 'connection-off', 'connection-elsewhere', 'connector-host-away', 'no-request', 'no-answer', 'gauge-lost'],
})
