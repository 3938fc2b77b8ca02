/** What engineers and operators ask of a machine beyond programs and stops, over the API. */
import { type Static, Type } from 'typebox'
import { ActionResult, AxisValues, MachineAction, ProbeResult } from '../../nodes/motion/action.ts'
import { FirmwareSetting, TrafficLine } from '../../nodes/motion/controller-talk.ts'
import { MachineId, MachineLink } from '../../nodes/motion/machine.ts'
import { ProgramReport, ProgramTransform, StartPlan, TransformReport } from '../../nodes/motion/program.ts'
import { SerialPortInfo, Survey } from '../../nodes/motion/survey.ts'
import { Program } from './machines.ts'
import { route } from './route.ts'

export {
  ActionResult,
  AxisValues,
  HeightMap,
  MachineAction,
  ProbeCycle,
  ProbeResult,
  WorkOffsetName,
} from '../../nodes/motion/action.ts'
export { FirmwareSetting, TrafficLine } from '../../nodes/motion/controller-talk.ts'
export { ProgramFinding, ProgramReport, ProgramTransform, StartOptions, StartPlan, ToolUse, TransformReport } from '../../nodes/motion/program.ts'
export { SerialPortInfo, Survey } from '../../nodes/motion/survey.ts'

const tag = 'machines'
const MachineParams = Type.Object({ machineId: MachineId })
const Done = Type.Object({ ok: Type.Literal(true) })
const closed = { additionalProperties: false }
const Lease = Type.Optional(Type.Integer({ description: 'Token of a lease that the caller holds' }))

/** Something that happened at a machine, as its guard tells it. */
export const MachineEvent = Type.Object({
  machineId: Type.String(),
  kind: Type.Enum([
    'alarm',
    'message',
    'link-lost',
    'link-back',
    'controller-restarted',
    'state',
    'tool-change',
    'program-waits',
    'interlock',
    'probe',
    'settings-drift',
  ]),
  text: Type.String(),
  at: Type.String({ format: 'date-time' }),
  /** The controller's own words, where there are some. */
  controller: Type.Optional(Type.String()),
})
export type MachineEvent = Static<typeof MachineEvent>

export const actOnMachine = route({
  id: 'actOnMachine',
  method: 'post',
  path: '/api/machines/:machineId/actions',
  access: 'machines.operate',
  tag,
  summary:
    'Does one thing: jog, go to, home, probe, set an offset, override, spindle, coolant, one line. Answers when it is done, which for a height map may be an hour: the topic machine-events tells how far it is. May move the machine.',
  params: MachineParams,
  body: Type.Object(
    {
      action: MachineAction,
      lease: Lease,
      /** The same id twice is one action: asking again (a connection broke off) waits for its end, or tells it for an hour. */
      actionId: Type.Optional(Type.String({ minLength: 8, maxLength: 100 })),
      /** Begins nothing: asks after the action of this id. Say so when asking again, since the server may have been restarted. */
      isRepeat: Type.Optional(Type.Boolean()),
    },
    closed,
  ),
  response: ActionResult,
  errors: [
    'guard-gone',
    'machine-not-idle',
    'machine-busy',
    'lease-stale',
    'interlock-open',
    'outside-envelope',
    'line-refused',
    'too-many-commands',
    'not-supported',
    'probe-failed',
    'homing-failed',
    'controller-refused',
    'outcome-unknown',
    'action-id-used',
  ],
})
/** What a probing cycle found, kept. */
export const KeptProbe = Type.Object({
  id: Type.String(),
  machineId: Type.String(),
  by: Type.String(),
  at: Type.String({ format: 'date-time' }),
  result: ProbeResult,
})
export type KeptProbe = Static<typeof KeptProbe>
export const listProbeResults = route({
  id: 'listProbeResults',
  method: 'get',
  path: '/api/machines/:machineId/probe-results',
  access: 'machines.view',
  tag,
  summary: 'What probing found on a machine, newest first; `cycle=height-map` for height maps.',
  params: MachineParams,
  query: Type.Object({ cycle: Type.Optional(Type.String({ maxLength: 40 })), limit: Type.Integer({ minimum: 1, maximum: 200, default: 20 }) }),
  response: Type.Array(KeptProbe),
})
export const startJog = route({
  id: 'startJog',
  method: 'post',
  path: '/api/machines/:machineId/jog',
  access: 'machines.operate',
  tag,
  worksWithoutStore: true,
  summary: 'Jogs for as long as the heartbeat comes; without one the machine stops. The machine moves.',
  params: MachineParams,
  body: Type.Object(
    {
      direction: AxisValues,
      feedMmPerMin: Type.Number({ exclusiveMinimum: 0, maximum: 100_000 }),
      ttlMs: Type.Integer({ minimum: 100, maximum: 1000, default: 400 }),
      lease: Lease,
    },
    closed,
  ),
  response: Type.Object({ token: Type.Integer() }),
  errors: ['guard-gone', 'machine-not-idle', 'machine-busy', 'lease-stale', 'interlock-open', 'outside-envelope'],
})
export const beatJog = route({
  id: 'beatJog',
  method: 'post',
  path: '/api/machines/:machineId/jog/beat',
  access: 'machines.operate',
  tag,
  worksWithoutStore: true,
  summary: 'The heartbeat of a jog.',
  params: MachineParams,
  body: Type.Object({ token: Type.Integer() }, closed),
  response: Done,
  errors: ['guard-gone', 'lease-stale'],
})
export const endJog = route({
  id: 'endJog',
  method: 'post',
  path: '/api/machines/:machineId/jog/end',
  access: 'machines.operate',
  tag,
  worksWithoutStore: true,
  summary: 'Ends a jog: the machine stops.',
  params: MachineParams,
  body: Type.Object({ token: Type.Integer() }, closed),
  response: Done,
  errors: ['guard-gone'],
})
export const takeLease = route({
  id: 'takeLease',
  method: 'post',
  path: '/api/machines/:machineId/lease',
  access: 'machines.operate',
  tag,
  summary: 'Keeps the machine for the caller between actions and programs, until dropped or without a beat for the time to live.',
  params: MachineParams,
  body: Type.Object(
    { ttlMs: Type.Integer({ minimum: 500, maximum: 600_000, default: 30_000 }), holder: Type.Optional(Type.String({ maxLength: 100 })) },
    closed,
  ),
  response: Type.Object({ token: Type.Integer() }),
  errors: ['guard-gone', 'machine-busy'],
})
export const beatLease = route({
  id: 'beatLease',
  method: 'post',
  path: '/api/machines/:machineId/lease/beat',
  access: 'machines.operate',
  tag,
  worksWithoutStore: true,
  summary: 'Keeps a lease alive.',
  params: MachineParams,
  body: Type.Object({ token: Type.Integer() }, closed),
  response: Done,
  errors: ['guard-gone', 'lease-stale'],
})
export const dropLease = route({
  id: 'dropLease',
  method: 'post',
  path: '/api/machines/:machineId/lease/drop',
  access: 'machines.operate',
  tag,
  worksWithoutStore: true,
  summary: 'Gives the machine back.',
  params: MachineParams,
  body: Type.Object({ token: Type.Integer() }, closed),
  response: Done,
  errors: ['guard-gone'],
})
export const setInterlock = route({
  id: 'setInterlock',
  method: 'post',
  path: '/api/machines/:machineId/interlocks/:interlockId',
  access: 'machines.operate',
  tag,
  worksWithoutStore: true,
  summary: 'News of an interlock. It has to be told again before its time to live is over.',
  params: Type.Object({ machineId: MachineId, interlockId: Type.String() }),
  body: Type.Object({ isSafe: Type.Boolean() }, closed),
  response: Done,
  errors: ['guard-gone', 'interlock-unknown'],
})
export const answerMachineJob = route({
  id: 'answerMachineJob',
  method: 'post',
  path: '/api/machines/:machineId/answer',
  access: 'machines.operate',
  tag,
  summary: 'Answers what the running program waits for: tool changed, optional stop, an error in a line. The machine may move.',
  params: MachineParams,
  body: Type.Object({ jobId: Type.String(), answer: Type.Enum(['go-on', 'skip-line', 'stop', 'measure-tool']) }, closed),
  response: Done,
  errors: ['guard-gone', 'nothing-to-answer', 'interlock-open', 'tool-not-measured', 'outcome-unknown'],
})
/** Without the lines that begin with `/`. */
const BlockDelete = Type.Optional(Type.Boolean({ default: false }))
export const checkProgramOnMachine = route({
  id: 'checkProgramOnMachine',
  method: 'post',
  path: '/api/machines/:machineId/check',
  access: 'programs.view',
  tag,
  summary: 'Checks a program against the machine as it is now, with a time estimate. Nothing moves.',
  params: MachineParams,
  body: Type.Object({ programId: Type.String(), blockDelete: BlockDelete }, closed),
  response: ProgramReport,
  errors: ['guard-gone', 'program-not-found'],
})
export const planStart = route({
  id: 'planStart',
  method: 'post',
  path: '/api/machines/:machineId/plan-start',
  access: 'machines.operate',
  tag,
  summary: 'Works out what a start at a line would do first. Nothing moves.',
  params: MachineParams,
  body: Type.Object({ programId: Type.String(), fromLine: Type.Integer({ minimum: 1 }), blockDelete: BlockDelete }, closed),
  response: StartPlan,
  errors: ['guard-gone', 'machine-not-idle', 'position-not-trusted', 'line-not-found', 'start-line-unsafe', 'program-not-found'],
})
export const getFirmwareSettings = route({
  id: 'getFirmwareSettings',
  method: 'get',
  path: '/api/machines/:machineId/firmware-settings',
  access: 'machines.view',
  tag,
  summary: "The controller's settings with names and units, beside their backup.",
  params: MachineParams,
  response: Type.Array(FirmwareSetting),
  errors: ['guard-gone'],
})
export const backupFirmwareSettings = route({
  id: 'backupFirmwareSettings',
  method: 'post',
  path: '/api/machines/:machineId/firmware-settings/backup',
  access: 'machines.configure',
  tag,
  summary: "Keeps the controller's settings as they are now, to compare with later.",
  params: MachineParams,
  response: Done,
  errors: ['guard-gone'],
})
export const writeFirmwareSettings = route({
  id: 'writeFirmwareSettings',
  method: 'put',
  path: '/api/machines/:machineId/firmware-settings',
  access: 'machines.configure',
  tag,
  summary: 'Writes settings to an idle controller.',
  params: MachineParams,
  body: Type.Object(
    {
      settings: Type.Array(Type.Object({ number: Type.Integer({ minimum: 0 }), value: Type.String({ maxLength: 100 }) }, closed), {
        minItems: 1,
        maxItems: 300,
      }),
    },
    closed,
  ),
  response: Type.Array(FirmwareSetting),
  errors: ['guard-gone', 'machine-not-idle', 'setting-unknown', 'setting-refused'],
})
export const getTraffic = route({
  id: 'getTraffic',
  method: 'get',
  path: '/api/machines/:machineId/traffic',
  access: 'machines.view',
  tag,
  worksWithoutStore: true,
  summary: 'The latest talk between guard and controller, status reports left out.',
  params: MachineParams,
  query: Type.Object({ after: Type.Integer({ minimum: 0, default: 0 }) }),
  response: Type.Array(TrafficLine),
  errors: ['guard-gone'],
})

export const listSerialPorts = route({
  id: 'listSerialPorts',
  method: 'get',
  path: '/api/serial-ports',
  access: 'machines.configure',
  tag,
  summary: 'The serial ports of this host. Opens none of them.',
  response: Type.Array(SerialPortInfo),
})
export const surveyLink = route({
  id: 'surveyLink',
  method: 'post',
  path: '/api/serial-ports/survey',
  access: 'machines.configure',
  tag,
  summary: 'Opens a link that no machine uses, asks the controller what it is, and closes it. Opening may reset the controller.',
  body: Type.Object({ link: MachineLink, controller: Type.Optional(Type.Enum(['grbl', 'linuxcnc'])) }, closed),
  response: Survey,
  errors: ['link-failed', 'no-controller', 'link-in-use'],
})

const ProgramParams = Type.Object({ programId: Type.String() })
export const getProgramFile = route({
  id: 'getProgramFile',
  method: 'get',
  path: '/api/programs/:programId/file',
  access: 'programs.view',
  tag: 'programs',
  summary: 'The program as it was uploaded.',
  params: ProgramParams,
  rawResponse: true,
  response: Type.Unknown(),
})
export const transformProgram = route({
  id: 'transformProgram',
  method: 'post',
  path: '/api/programs/:programId/transform',
  access: 'programs.manage',
  tag: 'programs',
  status: 201,
  summary: 'Makes a new program from one: moved, turned, mirrored, scaled, levelled or optimised, with the proof that its path is right.',
  params: ProgramParams,
  body: Type.Object({ name: Type.String({ minLength: 1, maxLength: 200 }), transform: ProgramTransform }, closed),
  response: Type.Object({ program: Program, report: TransformReport }),
  errors: ['program-not-found', 'transform-failed', 'transform-busy'],
})
