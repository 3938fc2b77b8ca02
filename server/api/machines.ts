/** Machines and programs over the API. Positions are millimetres, feeds mm/min, spindle rpm. */
import { type Static, Type } from 'typebox'
import { Machine, MachineId, MachineSettings, MachineState } from '../../nodes/motion/machine.ts'
import { route } from './route.ts'
import { ReasonField } from './versions.ts'

export { type ControllerState, Machine, MachineId, MachineLink, MachineSettings, MachineState } from '../../nodes/motion/machine.ts'

const MachineParams = Type.Object({ machineId: MachineId })

/** A machine as pages see it: settings, and state where a guard is there to tell. */
export const MachineView = Type.Object({
  ...Machine.properties,
  isVirtual: Type.Boolean(),
  guard: Type.Union([Type.Literal('running'), Type.Literal('starting'), Type.Literal('gone')]),
  state: Type.Optional(MachineState),
  /** The host that it is wired to, when that is not the one that answers: there everything but stop and hold is done. */
  host: Type.Optional(
    Type.Object({
      name: Type.String(),
      /** Its own pages. */
      url: Type.Optional(Type.String()),
      /** Not heard of for some seconds: nothing is known of the machine. */
      isSilent: Type.Boolean(),
      heardAt: Type.Optional(Type.String({ format: 'date-time' })),
    }),
  ),
})
export type MachineView = Static<typeof MachineView>

const tag = 'machines'
const Done = Type.Object({ ok: Type.Literal(true) })

export const listMachines = route({
  id: 'listMachines',
  method: 'get',
  path: '/api/machines',
  access: 'machines.view',
  tag,
  summary: 'Lists the machines and what each is doing.',
  response: Type.Array(MachineView),
})
export const getMachine = route({
  id: 'getMachine',
  method: 'get',
  path: '/api/machines/:machineId',
  access: 'machines.view',
  tag,
  summary: 'One machine and what it is doing.',
  params: MachineParams,
  response: MachineView,
})
export const addMachine = route({
  id: 'addMachine',
  method: 'post',
  path: '/api/machines',
  access: 'machines.configure',
  tag,
  summary: 'Adds a machine and starts its guard.',
  body: Machine,
  response: MachineView,
  status: 201,
  errors: ['machine-exists', 'port-of-connection'],
})
export const changeMachine = route({
  id: 'changeMachine',
  method: 'put',
  path: '/api/machines/:machineId',
  access: 'machines.configure',
  tag,
  summary: 'Changes a machine; its guard takes the settings on when the machine stands idle.',
  params: MachineParams,
  body: Type.Object({ ...MachineSettings.properties, ...ReasonField }, { additionalProperties: false }),
  response: MachineView,
  errors: ['machine-busy', 'port-of-connection'],
})
export const removeMachine = route({
  id: 'removeMachine',
  method: 'delete',
  path: '/api/machines/:machineId',
  access: 'machines.configure',
  tag,
  summary: 'Removes a machine and ends its guard.',
  params: MachineParams,
  response: Done,
  errors: ['machine-busy'],
})

/** The stop path: gateway memory to guard socket, no database. */
export const StopAnswer = Type.Object({ ok: Type.Literal(true), /** When the guard wrote the byte. */ sentAt: Type.String({ format: 'date-time' }) })
export const stopMachine = route({
  id: 'stopMachine',
  method: 'post',
  path: '/api/machines/:machineId/stop',
  access: 'machines.stop',
  tag,
  worksWithoutStore: true,
  summary: 'Stops the machine: feed hold at once, reset when it stands; ends the job. Not an emergency stop.',
  params: MachineParams,
  body: Type.Object({ hard: Type.Boolean({ default: false, description: 'Reset at once, position is lost' }) }, { additionalProperties: false, default: {} }),
  response: StopAnswer,
  errors: ['guard-gone'],
})
export const holdMachine = route({
  id: 'holdMachine',
  method: 'post',
  path: '/api/machines/:machineId/hold',
  access: 'machines.stop',
  tag,
  worksWithoutStore: true,
  summary: 'Feed hold: the machine slows to a stand and keeps its job.',
  params: MachineParams,
  response: StopAnswer,
  errors: ['guard-gone'],
})
export const resumeMachine = route({
  id: 'resumeMachine',
  method: 'post',
  path: '/api/machines/:machineId/resume',
  access: 'machines.operate',
  tag,
  worksWithoutStore: true,
  summary: 'Goes on after a hold. The machine moves.',
  params: MachineParams,
  response: Done,
  errors: ['guard-gone', 'not-held'],
})
export const unlockMachine = route({
  id: 'unlockMachine',
  method: 'post',
  path: '/api/machines/:machineId/unlock',
  access: 'machines.operate',
  tag,
  summary: 'Clears an alarm lock ($X) without homing; position is not trusted afterwards.',
  params: MachineParams,
  response: Done,
  errors: ['guard-gone'],
})
export const homeMachine = route({
  id: 'homeMachine',
  method: 'post',
  path: '/api/machines/:machineId/home',
  access: 'machines.operate',
  tag,
  summary: 'Runs the homing cycle. The machine moves.',
  params: MachineParams,
  response: Done,
  errors: ['guard-gone', 'machine-not-idle'],
})
export const connectMachine = route({
  id: 'connectMachine',
  method: 'post',
  path: '/api/machines/:machineId/connect',
  access: 'machines.operate',
  tag,
  summary: 'Opens the port now, knowing that this may reset the controller.',
  params: MachineParams,
  response: Done,
  errors: ['guard-gone'],
})
export const commandMachine = route({
  id: 'commandMachine',
  method: 'post',
  path: '/api/machines/:machineId/command',
  access: 'machines.operate',
  tag,
  summary: 'Sends one G-code line to an idle machine and waits for its answer.',
  params: MachineParams,
  body: Type.Object({ line: Type.String({ minLength: 1, maxLength: 256 }) }, { additionalProperties: false }),
  response: Type.Object({ ok: Type.Literal(true), answer: Type.String() }),
  errors: ['guard-gone', 'machine-not-idle', 'line-refused'],
})

/** What a program was made from by a transform. */
export const ProgramOrigin = Type.Object({
  programId: Type.String(),
  name: Type.String(),
  revision: Type.Integer(),
  /** What was done, in words: "moved by 10, 0, 0 mm". */
  text: Type.String(),
})
export type ProgramOrigin = Static<typeof ProgramOrigin>

export const Program = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** Counts the contents under one name, from 1. The highest is the one that the name stands for. */
  revision: Type.Integer(),
  sha256: Type.String(),
  bytes: Type.Integer(),
  lines: Type.Integer(),
  uploadedBy: Type.String(),
  uploadedAt: Type.String({ format: 'date-time' }),
  origin: Type.Optional(ProgramOrigin),
})
export type Program = Static<typeof Program>
const ProgramParams = Type.Object({ programId: Type.String() })
export const listPrograms = route({
  id: 'listPrograms',
  method: 'get',
  path: '/api/programs',
  access: 'programs.view',
  tag: 'programs',
  summary: 'Lists the programs with all their revisions, newest first.',
  response: Type.Array(Program),
})
export const uploadProgram = route({
  id: 'uploadProgram',
  method: 'post',
  path: '/api/programs',
  access: 'programs.manage',
  tag: 'programs',
  rawBody: true,
  maxBodyBytes: 2_000_000_000,
  summary:
    'Stores a G-code program (the request body is the file). New content under a known name is its next revision; the content it has already changes nothing.',
  query: Type.Object({ name: Type.String({ minLength: 1, maxLength: 200 }) }),
  response: Program,
  status: 201,
  errors: ['program-invalid'],
})
export const getProgramText = route({
  id: 'getProgramText',
  method: 'get',
  path: '/api/programs/:programId/lines',
  access: 'programs.view',
  tag: 'programs',
  summary: 'Lines of a program around one of them.',
  params: ProgramParams,
  query: Type.Object({ from: Type.Integer({ minimum: 1, default: 1 }), count: Type.Integer({ minimum: 1, maximum: 2000, default: 200 }) }),
  response: Type.Object({ from: Type.Integer(), totalLines: Type.Integer(), lines: Type.Array(Type.String()) }),
})
export const removeProgram = route({
  id: 'removeProgram',
  method: 'delete',
  path: '/api/programs/:programId',
  access: 'programs.manage',
  tag: 'programs',
  summary: 'Removes a program that no waiting job needs.',
  params: ProgramParams,
  response: Done,
  errors: ['program-in-use'],
})
