/**
 * A machine: its settings and what is known of it now. Positions are millimetres, feeds mm/min, spindle
 * rpm. Browser-safe: the guard, the API and the pages share it.
 */
import { type Static, Type } from 'typebox'

/** A corner of a box or a place: X, Y, Z in mm. */
const Corner = Type.Tuple([Type.Number(), Type.Number(), Type.Number()])
const Box = Type.Object({ min: Corner, max: Corner }, { additionalProperties: false })

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
      /** Binds the machine to its adapter: where given, the port with this identity is opened, whatever its name is today. */
      adapter: Type.Optional(
        Type.Object(
          {
            vendorId: Type.String({ pattern: '^[0-9a-fA-F]{4}$' }),
            productId: Type.String({ pattern: '^[0-9a-fA-F]{4}$' }),
            serialNumber: Type.Optional(
              Type.String({ maxLength: 100, description: 'Where the adapter has none, its place (pnpId) tells two of a kind apart' }),
            ),
            pnpId: Type.Optional(Type.String({ maxLength: 300 })),
          },
          { additionalProperties: false },
        ),
      ),
      flowControl: Type.Optional(Type.Enum(['none', 'rts-cts', 'xon-xoff'], { default: 'none' })),
      /** Modem lines after opening; `leave` touches nothing. */
      dtr: Type.Optional(Type.Enum(['on', 'off', 'leave'], { default: 'leave' })),
      rts: Type.Optional(Type.Enum(['on', 'off', 'leave'], { default: 'leave' })),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('tcp'), host: Type.String({ minLength: 1, maxLength: 253 }), port: Type.Integer({ minimum: 1, maximum: 65535 }) },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('websocket'),
      url: Type.String({ pattern: '^wss?://', maxLength: 500, description: 'FluidNC and grblHAL networking, e.g. ws://fluidnc.local:81/' }),
    },
    { additionalProperties: false },
  ),
])
export type MachineLink = Static<typeof MachineLink>

/** The protocol family the controller speaks. `grbl`: GRBL 1.1, grblHAL, FluidNC; which of them is read from the controller. */
export const ControllerFamily = Type.Enum(['grbl', 'linuxcnc'], { default: 'grbl' })
export type ControllerFamily = Static<typeof ControllerFamily>

/** A box nothing may enter: a vice, a clamp, a tool setter. Machine coordinates, mm. */
export const KeepOutBox = Type.Object(
  { id: Id, name: Type.String({ minLength: 1, maxLength: 80 }), ...Box.properties, isActive: Type.Boolean({ default: true }) },
  { additionalProperties: false },
)
export type KeepOutBox = Static<typeof KeepOutBox>

/** A condition outside the controller that must be told again before its time runs out; unknown counts as unsafe. */
export const Interlock = Type.Object(
  {
    id: Id,
    name: Type.String({ minLength: 1, maxLength: 80, description: 'In words a person knows it by: "door closed", "coolant level"' }),
    ttlS: Type.Number({ minimum: 0.2, maximum: 3600, default: 5, description: 'Without news for so long it is unknown' }),
    /** `refuse`: nothing is started. `hold`: a machine that moves is held, too. */
    whenUnsafe: Type.Enum(['refuse', 'hold'], { default: 'hold' }),
  },
  { additionalProperties: false },
)
export type Interlock = Static<typeof Interlock>

/** Touching off a tool at a fixed setter. Machine coordinates in mm. */
export const ToolSetter = Type.Object(
  {
    /** Where the tool stands above the setter before it goes down. */
    atMm: Corner,
    /** How far it may go down from there. */
    maxTravelMm: Type.Number({ exclusiveMinimum: 0, maximum: 500 }),
    feedMmPerMin: Type.Number({ exclusiveMinimum: 0, maximum: 2000, default: 100 }),
  },
  { additionalProperties: false },
)
export type ToolSetter = Static<typeof ToolSetter>

/** What M6 means on a machine whose controller changes no tools itself. */
export const ToolChange = Type.Union([
  /** The job pauses, a person changes the tool and touches off, then says go on. */
  Type.Object({ kind: Type.Literal('manual'), parkMm: Type.Optional(Corner) }, { additionalProperties: false }),
  /** As manual, then the guard measures the new tool at the setter and sets G43.1. */
  Type.Object({ kind: Type.Literal('probe-length'), parkMm: Type.Optional(Corner), setter: ToolSetter }, { additionalProperties: false }),
  /** Lines that change the tool, with `{tool}` and `{previous}`; checked like a program. */
  Type.Object(
    { kind: Type.Literal('macro'), lines: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 200 }) },
    { additionalProperties: false },
  ),
  /** The controller does it: M6 is sent as it is (grblHAL, LinuxCNC). */
  Type.Object({ kind: Type.Literal('controller') }, { additionalProperties: false }),
])
export type ToolChange = Static<typeof ToolChange>

/** What the guard holds a machine to, beyond its travel. */
export const Guarding = Type.Object(
  {
    keepOut: Type.Optional(Type.Array(KeepOutBox, { maxItems: 64 })),
    interlocks: Type.Optional(Type.Array(Interlock, { maxItems: 32 })),
    /** A programmed feed above this is refused. */
    maxFeedMmPerMin: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    /** Used where the controller does not say ($30, $31). */
    spindleRpm: Type.Optional(Type.Object({ min: Type.Number({ minimum: 0 }), max: Type.Number({ exclusiveMinimum: 0 }) }, { additionalProperties: false })),
    maxDwellS: Type.Optional(Type.Number({ minimum: 0, default: 600 })),
    /** Codes no program, macro or command may use, as `M7`, `G38.2`. */
    forbiddenCodes: Type.Optional(Type.Array(Type.String({ pattern: '^[GM][0-9]{1,3}(\\.[0-9])?$' }), { maxItems: 100 })),
    /** Machine height, mm, at which the tool clears everything: for the approach of a start in mid-program. */
    safeZMm: Type.Optional(Type.Number()),
    /** A controller that can home starts no program before it was homed. */
    mustBeHomed: Type.Optional(Type.Boolean({ default: true })),
    /** When the controller answers a line of a program with an error. */
    onLineError: Type.Optional(Type.Enum(['stop', 'hold', 'ask'], { default: 'stop' })),
    toolChange: Type.Optional(ToolChange),
    /** Most single commands and jogs a second, from all who ask together. */
    maxCommandsPerS: Type.Optional(Type.Number({ minimum: 1, maximum: 100, default: 20 })),
  },
  { additionalProperties: false },
)
export type Guarding = Static<typeof Guarding>

export const MachineSettings = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80 }),
    link: MachineLink,
    /** Travel in machine coordinates; a program that leaves it is refused. */
    envelopeMm: Type.Object({ min: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]), max: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]) }),
    /** What happens to a started program when the flow runtime that asked for it is gone. */
    whenRequesterGone: Type.Enum(['finish', 'hold'], { default: 'finish' }),
    controller: Type.Optional(ControllerFamily),
    guarding: Type.Optional(Guarding),
    /** Passwords of linuxcncrsh; it sends them in clear text. Never told to pages. */
    linuxcnc: Type.Optional(
      Type.Object(
        { connectPassword: Type.Optional(Type.String({ maxLength: 100 })), enablePassword: Type.Optional(Type.String({ maxLength: 100 })) },
        { additionalProperties: false },
      ),
    ),
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
  /** `waiting`: for a person, see `waitingFor`. */
  phase: Type.Enum(['checking', 'streaming', 'draining', 'holding', 'stopping', 'waiting']),
  waitingFor: Type.Optional(
    Type.Object({
      kind: Type.Enum(['tool-change', 'program-stop', 'optional-stop', 'line-error']),
      /** In words: what happened and what is to be done. */
      text: Type.String(),
      line: Type.Integer(),
      tool: Type.Optional(Type.Integer()),
      /** What may be answered (`answerJob`). */
      answers: Type.Array(Type.Enum(['go-on', 'skip-line', 'stop', 'measure-tool'])),
    }),
  ),
  /** Seconds of machining left by the time estimate, corrected by how long the part done took; absent until it is known. */
  remainingS: Type.Optional(Type.Number()),
  /** Where the program was started, 1-based source line; 1 unless it was started in mid-program. */
  fromLine: Type.Optional(Type.Integer()),
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
  /** What the controller can do, as it said itself. */
  abilities: Type.Optional(
    Type.Object({
      dialect: Type.Enum(['grbl', 'grblhal', 'fluidnc', 'linuxcnc']),
      axes: Type.Array(Type.String(), { description: 'X, Y, Z, A, …' }),
      hasHoming: Type.Boolean(),
      hasSoftLimits: Type.Boolean(),
      rxBytes: Type.Optional(Type.Integer()),
      plannerBlocks: Type.Optional(Type.Integer()),
      maxRateMmPerMin: Type.Array(Type.Number()),
      accelerationMmPerS2: Type.Array(Type.Number()),
      travelMm: Type.Array(Type.Number()),
      spindleRpm: Type.Optional(Type.Object({ min: Type.Number(), max: Type.Number() })),
      isLaser: Type.Optional(Type.Boolean()),
    }),
  ),
  /** Modal words in force, `G54`, `G90`, … as the controller last said. */
  modal: Type.Optional(Type.Array(Type.String())),
  /** `G54` … `G59.3`, `G28`, `G30`, `G92`, `TLO`: mm. */
  offsetsMm: Type.Optional(Type.Record(Type.String(), Axes)),
  tool: Type.Optional(Type.Integer()),
  /** Free places in the planner and free bytes in the receive buffer, where the controller reports them. */
  bufferFree: Type.Optional(Type.Object({ blocks: Type.Integer(), bytes: Type.Integer() })),
  accessories: Type.Optional(Type.Object({ spindle: Type.Enum(['off', 'cw', 'ccw']), isFloodOn: Type.Boolean(), isMistOn: Type.Boolean() })),
  interlocks: Type.Optional(
    Type.Array(
      Type.Object({ id: Type.String(), name: Type.String(), state: Type.Enum(['safe', 'unsafe', 'unknown']), since: Type.String({ format: 'date-time' }) }),
    ),
  ),
  /** Who has the machine: a job, a jog, or somebody's hold on it. */
  lease: Type.Optional(
    Type.Object({
      kind: Type.Enum(['job', 'jog', 'work', 'held']),
      holder: Type.String(),
      token: Type.Integer(),
      until: Type.Optional(Type.String({ format: 'date-time' })),
    }),
  ),
  /** Programs run to their end since the count was set back. */
  partsCount: Type.Optional(Type.Integer()),
  /** A program that was broken off and could be gone on with after a look at the machine. */
  resumable: Type.Optional(
    Type.Object({
      jobId: Type.String(),
      programName: Type.String(),
      sha256: Type.String(),
      /** First line whose motion is not proven done. */ line: Type.Integer(),
      text: Type.String(),
    }),
  ),
  /** Firmware settings that differ from the backup. */
  settingsDrift: Type.Optional(Type.Integer()),
  job: Type.Optional(ActiveJob),
  /** What a person should know now, newest last, in plain words. */
  notices: Type.Array(Type.String()),
  /** When the controller last reported. */
  reportedAt: Type.Optional(Type.String({ format: 'date-time' })),
  /** When the guard last changed anything here. */
  at: Type.String({ format: 'date-time' }),
})
export type MachineState = Static<typeof MachineState>
