/** What was measured today, by name: for the panel, and for forms that offer names. */
import { type Static, Type } from 'typebox'
import { route } from '../route.ts'
import { NumberOrNull } from './characteristics.ts'

/** A name that was measured, as it was judged last. */
export const MeasuredName = Type.Object({
  name: Type.String(),
  unit: Type.String(),
  /** Null: a count, or open on that side. */
  nominal: NumberOrNull,
  lower: NumberOrNull,
  upper: NumberOrNull,
  lastAt: Type.String({ format: 'date-time' }),
})
export type MeasuredName = Static<typeof MeasuredName>

/** What was measured of one characteristic at one machine since a time. */
export const QualityOfDay = Type.Object({
  name: Type.String(),
  /** Whose program had made the part; absent where no program had. */
  machineId: Type.Optional(Type.String()),
  unit: Type.String(),
  /** Null: open on that side. */
  lower: NumberOrNull,
  upper: NumberOrNull,
  measured: Type.Integer(),
  inTolerance: Type.Integer(),
  /**
   * How many lie outside the control limits of what was measured before, with these limits. Absent while too little was: then
   * nobody can say. In tolerance and out of control means that something has changed.
   */
  control: Type.Optional(Type.Object({ outside: Type.Integer(), lower: Type.Number(), upper: Type.Number(), from: Type.Integer() })),
  last: Type.Number(),
  lastIsInTolerance: Type.Boolean(),
  lastAt: Type.String({ format: 'date-time' }),
  /** The newest values, oldest first, at most 30. */
  values: Type.Array(Type.Number()),
})
export type QualityOfDay = Static<typeof QualityOfDay>
export const listQualitySince = route({
  id: 'listQualitySince',
  method: 'get',
  path: '/api/quality/since',
  access: 'quality.view',
  tag: 'quality',
  summary: 'What was measured since a time, by machine and characteristic, the one measured last first.',
  query: Type.Object({ from: Type.String({ format: 'date-time' }) }),
  response: Type.Array(QualityOfDay),
})

export const listCharacteristics = route({
  id: 'listCharacteristics',
  method: 'get',
  path: '/api/characteristics',
  access: 'quality.view',
  tag: 'quality',
  summary: 'The characteristics that have been measured, by name.',
  response: Type.Array(MeasuredName),
})
