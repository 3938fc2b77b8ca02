/** The controller's own settings, and the talk with it, as they are shown. Browser-safe. */
import { type Static, Type } from 'typebox'

const When = Type.String({ format: 'date-time' })

/** One `$` setting. */
export const FirmwareSetting = Type.Object({
  number: Type.Integer(),
  value: Type.String(),
  name: Type.Optional(Type.String()),
  unit: Type.Optional(Type.String()),
  /** In the backup; absent without one. */
  backup: Type.Optional(Type.String()),
  isDrifted: Type.Boolean(),
})
export type FirmwareSetting = Static<typeof FirmwareSetting>

/** One line of the talk between guard and controller. */
export const TrafficLine = Type.Object({
  seq: Type.Integer(),
  at: When,
  direction: Type.Enum(['sent', 'received', 'realtime', 'note']),
  text: Type.String(),
  by: Type.Optional(Type.String()),
})
export type TrafficLine = Static<typeof TrafficLine>
