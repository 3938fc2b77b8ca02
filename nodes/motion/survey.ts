/** What can be found out before there is a machine: serial ports, and the controller behind a link. Browser-safe. */
import { type Static, Type } from 'typebox'
import { FirmwareSetting } from './controller-talk.ts'
import { ControllerFamily, MachineLink, MachineState } from './machine.ts'

const Corner = Type.Tuple([Type.Number(), Type.Number(), Type.Number()])

/** A port as the operating system names it. */
export const SerialPortInfo = Type.Object({
  path: Type.String(),
  /** Where there is one, a name that stays: /dev/serial/by-id/… */
  stablePath: Type.Optional(Type.String()),
  manufacturer: Type.Optional(Type.String()),
  vendorId: Type.Optional(Type.String()),
  productId: Type.Optional(Type.String()),
  serialNumber: Type.Optional(Type.String()),
  pnpId: Type.Optional(Type.String()),
  /** What the adapter is, where the ids tell: "Arduino Uno", "CH340 adapter". */
  looksLike: Type.Optional(Type.String()),
  /** Opening it resets the board behind it, as far as the kind of adapter tells. */
  likelyResetsOnOpen: Type.Optional(Type.Boolean()),
  /** The machine that uses it already. */
  machineId: Type.Optional(Type.String()),
})
export type SerialPortInfo = Static<typeof SerialPortInfo>

/** What was found behind a link that no machine uses yet. */
export const Survey = Type.Object({
  firmware: Type.String(),
  dialect: Type.Enum(['grbl', 'grblhal', 'fluidnc', 'linuxcnc']),
  abilities: MachineState.properties.abilities,
  settings: Type.Array(FirmwareSetting),
  state: Type.String(),
  /** Worked out from the controller's travel and homing settings; absent where they do not tell. */
  envelopeMm: Type.Optional(Type.Object({ min: Corner, max: Corner })),
  /** What a person should know: soft limits off, no homing, … */
  remarks: Type.Array(Type.String()),
})
export type Survey = Static<typeof Survey>

/** What the survey process (guard/survey/run.ts) is asked, as one line of JSON. */
export const SurveyQuestion = Type.Union([
  Type.Object({ kind: Type.Literal('ports') }),
  Type.Object({ kind: Type.Literal('survey'), link: MachineLink, controller: Type.Optional(ControllerFamily) }),
])
export type SurveyQuestion = Static<typeof SurveyQuestion>
