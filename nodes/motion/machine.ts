/**
 * A machine: its settings and what is known of it now. Positions are millimetres, feeds mm/min, spindle
 * rpm. Browser-safe: the guard, the API and the pages share it.
 */
import { type Static, Type } from 'typebox'

const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}$', description: 'Machine id: lower case letters, digits and dashes' })
export const MachineId = Id

/** How a machine is reached. `virtual` is our own simulated controller behind a pseudo-terminal. */
export const MachineLink = Type.Union([
  Type.Object(
    { kind: Type.Literal('virtual'), timeScale: Type.Number({ minimum: 0.1, maximum: 1000, default: 1, description: 'Simulated seconds per second' }) },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('serial'),
      path: Type.String({ minLength: 1, maxLength: 200, description: 'Port, e.g. /dev/serial/by-id/… or COM3' }),
      baudRate: Type.Integer({ minimum: 300, maximum: 4_000_000, default: 115200 }),
      resetsOnOpen: Type.Boolean({
        default: true,
        description: 'Opening the port resets the controller (Arduino boards): the guard then asks a person before it reopens after a restart',
      }),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('tcp'), host: Type.String({ minLength: 1, maxLength: 253 }), port: Type.Integer({ minimum: 1, maximum: 65535 }) },
    { additionalProperties: false },
  ),
])
export type MachineLink = Static<typeof MachineLink>

export const MachineSettings = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80 }),
    link: MachineLink,
    /** Travel in machine coordinates; a program that leaves it is refused. */
    envelopeMm: Type.Object({ min: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]), max: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]) }),
    /** What happens to a started program when the flow runtime that asked for it is gone. */
    whenRequesterGone: Type.Enum(['finish', 'hold'], { default: 'finish' }),
  },
  { additionalProperties: false },
)
export type MachineSettings = Static<typeof MachineSettings>

export const Machine = Type.Object({ id: Id, ...MachineSettings.properties })
export type Machine = Static<typeof Machine>

const Axes = Type.Array(Type.Number(), { description: 'X, Y, Z, … in mm' })

/** GRBL's states (interface.md), `unknown` until the first report. */
export const ControllerState = Type.Enum(['unknown', 'idle', 'run', 'hold', 'jog', 'alarm', 'door', 'check', 'home', 'sleep', 'tool'])
export type ControllerState = 'unknown' | 'idle' | 'run' | 'hold' | 'jog' | 'alarm' | 'door' | 'check' | 'home' | 'sleep' | 'tool'

export const ActiveJob = Type.Object({
  jobId: Type.String(),
  programName: Type.String(),
  phase: Type.Enum(['checking', 'streaming', 'draining', 'holding', 'stopping']),
  totalLines: Type.Integer(),
  linesSent: Type.Integer(),
  linesAcknowledged: Type.Integer(),
  /** Source line last acknowledged, 1-based. */
  currentLine: Type.Integer(),
  startedAt: Type.String({ format: 'date-time' }),
})

/** What a guard knows of its machine, from the controller's own reports. */
export const MachineState = Type.Object({
  machineId: Id,
  /** `waiting-for-person`: the guard restarted and opening the port may reset the controller. */
  link: Type.Enum(['connecting', 'connected', 'lost', 'waiting-for-person']),
  controller: Type.Enum(['unknown', 'idle', 'run', 'hold', 'jog', 'alarm', 'door', 'check', 'home', 'sleep', 'tool']),
  /** `Hold:0` and the like: the number after the colon, where there is one. */
  subState: Type.Optional(Type.Integer()),
  /** The controller stands still for certain (Idle, Hold:0, Door:0/1, Alarm after a report). */
  isStanding: Type.Boolean(),
  alarm: Type.Optional(Type.Object({ code: Type.Integer(), text: Type.String(), whatToDo: Type.String() })),
  /** False after a reset in motion, a lost link or an unasked restart, until homed. */
  isPositionTrusted: Type.Boolean(),
  machinePositionMm: Axes,
  workPositionMm: Axes,
  workOffsetMm: Axes,
  feedMmPerMin: Type.Number(),
  spindleRpm: Type.Number(),
  overridesPercent: Type.Object({ feed: Type.Integer(), rapid: Type.Integer(), spindle: Type.Integer() }),
  /** Input pins that are on, as letters (`Pn:`). */
  pins: Type.String(),
  firmware: Type.Optional(Type.String()),
  job: Type.Optional(ActiveJob),
  /** What a person should know now, newest last, in plain words. */
  notices: Type.Array(Type.String()),
  /** When the controller last reported. */
  reportedAt: Type.Optional(Type.String({ format: 'date-time' })),
  /** When the guard last changed anything here. */
  at: Type.String({ format: 'date-time' }),
})
export type MachineState = Static<typeof MachineState>
