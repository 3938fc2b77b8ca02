/** Bringing an existing shop's tools here: a report first, then a draft. Browser-safe. */
import { type Static, Type } from 'typebox'
import { MachineLink } from '../../nodes/motion/machine.ts'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const tag = 'move in'
const closed = { additionalProperties: false }
const ItemId = Type.String({ minLength: 1, maxLength: 200 })

/** What can be brought. */
export const MOVE_IN_KINDS = ['node-red', 'cncjs', 'gsender', 'ugs'] as const
export const MoveInKind = Type.Enum([...MOVE_IN_KINDS])
export type MoveInKind = Static<typeof MoveInKind>

const WANTED = /(\.json|(^|\/)settings\.js|(^|\/)\.(cncrc|sender_rc))$/
/** Folders of which nothing is read, and what npm and packers leave. */
const PASSED_OVER = /(^|\/)(node_modules|\.git|\.npm|lib|externalModules|__MACOSX|\.Trash[^/]*)\/|(^|\/)(\._[^/]*|package-lock\.json)$/
/** Does a move in read this file? Everything else of a folder or an archive need not be sent, and is passed over. `/` between the parts. */
export const isReadByMoveIn = (path: string): boolean => !PASSED_OVER.test(path) && WANTED.test(path)

/** One thing that was found. `code` and `params` are those of `move-in-lines.ts`. */
export const MoveInLine = Type.Object({
  level: Type.Enum(['good', 'note', 'todo', 'danger']),
  code: Type.String(),
  params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Array(Type.String())])),
  /** What was found, and what to do next, in English. */
  says: Type.String(),
  next: Type.Optional(Type.String()),
})
export type MoveInLine = Static<typeof MoveInLine>

const TypeCount = Type.Object({
  type: Type.String(),
  count: Type.Integer(),
  isHere: Type.Boolean(),
  /** What brings it, where that is known. */
  module: Type.Optional(Type.String()),
  /** What deploying it takes. */
  needs: Type.Enum(['flows.deploy', 'flows.code']),
})

/** Something that can be picked or that comes along with what is picked: a flow, a subflow, a shared config node, the global environment. */
export const MoveInItem = Type.Object({
  id: ItemId,
  kind: Type.Enum(['flow', 'subflow', 'config', 'environment']),
  label: Type.String(),
  isOff: Type.Boolean(),
  nodes: Type.Integer(),
  types: Type.Array(TypeCount),
  /** Items that come along with it. */
  uses: Type.Array(ItemId),
  /** `same`: all of it is here already, just so. `collides`: an id of it is taken here by something else. */
  here: Type.Enum(['no', 'same', 'collides']),
  /** Values of its context that were kept on disk. */
  contextKeys: Type.Integer(),
  lines: Type.Array(MoveInLine),
})
export type MoveInItem = Static<typeof MoveInItem>

/** A machine profile as a proposal for the form; what it leaves open is not known. */
export const MoveInMachine = Type.Object({
  id: ItemId,
  name: Type.String(),
  link: Type.Optional(MachineLink),
  /** Machine coordinates. */
  envelopeMm: Type.Optional(
    Type.Object({ min: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]), max: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]) }),
  ),
  spindleRpm: Type.Optional(Type.Object({ min: Type.Number(), max: Type.Number() })),
  lines: Type.Array(MoveInLine),
})
export type MoveInMachine = Static<typeof MoveInMachine>

/** A step of a macro that was read: G-code, or a command of a machine. */
export const MacroStep = Type.Union([
  Type.Object({ kind: Type.Literal('gcode'), lines: Type.Array(Type.String()) }),
  Type.Object({ kind: Type.Literal('command'), command: Type.Enum(['home', 'unlock', 'hold', 'resume', 'stop']) }),
])
export type MacroStep = Static<typeof MacroStep>
export const MoveInMacro = Type.Object({
  id: ItemId,
  name: Type.String(),
  about: Type.String(),
  /** What it becomes; absent where it cannot come along. */
  steps: Type.Optional(Type.Array(MacroStep)),
  lines: Type.Array(MoveInLine),
})
export type MoveInMacro = Static<typeof MoveInMacro>

export const MoveIn = Type.Object({
  id: Type.String(),
  kind: MoveInKind,
  /** Of the file or folder. */
  name: Type.String(),
  at: When,
  /** It is forgotten then. */
  until: When,
  /** What was read of it; the rest was not looked at. */
  files: Type.Array(Type.Object({ path: Type.String(), bytes: Type.Integer() })),
  passedOver: Type.Integer(),
  /** Which files could be the flows, and which one is read. */
  flowFile: Type.Optional(Type.Object({ chosen: Type.Optional(Type.String()), choices: Type.Array(Type.String()) })),
  /** Passwords and keys: `locked` until their secret is given. */
  credentials: Type.Enum(['none', 'open', 'locked']),
  lines: Type.Array(MoveInLine),
  items: Type.Array(MoveInItem),
  /** Keys of the global context that can come along. */
  globalContext: Type.Array(Type.String()),
  machines: Type.Array(MoveInMachine),
  macros: Type.Array(MoveInMacro),
})
export type MoveIn = Static<typeof MoveIn>

export const bringMoveIn = route({
  id: 'bringMoveIn',
  method: 'post',
  path: '/api/move-in',
  access: 'flows.code',
  tag,
  status: 201,
  rawBody: true,
  maxBodyBytes: 100_000_000,
  summary:
    'Reads a Node-RED user directory (.zip, .tar.gz, or a flow file), a .cncrc of CNCjs, or settings and macros of gSender or UGS (the body is the file). Nothing is imported yet.',
  query: Type.Object({ name: Type.String({ minLength: 1, maxLength: 200, default: 'upload' }) }),
  response: MoveIn,
  errors: ['move-in-refused', 'move-in-unknown'],
})
const Id = Type.Object({ moveInId: Type.String({ maxLength: 100 }) })
export const getMoveIn = route({
  id: 'getMoveIn',
  method: 'get',
  path: '/api/move-in/:moveInId',
  access: 'flows.code',
  tag,
  summary: 'The report of what one has brought, against the flows as they are now.',
  params: Id,
  response: MoveIn,
  errors: ['move-in-not-found'],
})
export const listMoveIns = route({
  id: 'listMoveIns',
  method: 'get',
  path: '/api/move-in',
  access: 'flows.code',
  tag,
  summary: 'What the caller has brought, newest first, and what waits for its deploy.',
  response: Type.Object({
    brought: Type.Array(Type.Object({ id: Type.String(), kind: MoveInKind, name: Type.String(), at: When, until: When })),
    /** Passwords and context of an import that lies in the caller's draft: they come with its deploy. */
    waiting: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), at: When, secrets: Type.Integer(), contextKeys: Type.Integer() })),
  }),
})
export const answerMoveIn = route({
  id: 'answerMoveIn',
  method: 'put',
  path: '/api/move-in/:moveInId',
  access: 'flows.code',
  tag,
  summary: 'Gives what could not be read: the secret of the credentials, or which file holds the flows.',
  params: Id,
  body: Type.Object(
    {
      /** Node-RED's `credentialSecret`. Used once and not kept. */
      credentialSecret: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
      flowFile: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
    },
    closed,
  ),
  response: MoveIn,
  errors: ['move-in-not-found', 'move-in-secret-wrong', 'move-in-refused'],
})
/** What becomes of something whose ids are taken here. */
export const Collision = Type.Enum(['new-ids', 'replace', 'skip'])
export type Collision = Static<typeof Collision>
export const importMoveIn = route({
  id: 'importMoveIn',
  method: 'post',
  path: '/api/move-in/:moveInId/import',
  access: 'flows.code',
  tag,
  maxBodyBytes: 2_000_000,
  summary: 'Puts what was picked into the draft of the caller. Nothing is deployed; passwords and context come with the deploy.',
  params: Id,
  body: Type.Object(
    {
      /** Items; what they use comes along. */
      items: Type.Array(ItemId, { maxItems: 5000, default: [] }),
      /** By item; where nothing is said: what is here already is used where it is the same, else new ids. */
      collisions: Type.Record(Type.String(), Collision, { default: {} }),
      withCredentials: Type.Boolean({ default: true }),
      withContext: Type.Boolean({ default: false }),
      withGlobalContext: Type.Boolean({ default: false }),
      macros: Type.Array(ItemId, { maxItems: 1000, default: [] }),
      /** The machine that the macros are for. */
      machineId: Type.Optional(Type.String({ maxLength: 40 })),
    },
    closed,
  ),
  response: Type.Object({
    /** In the draft, with the ids that they have there. */
    flows: Type.Array(Type.Object({ id: Type.String(), label: Type.String() })),
    nodes: Type.Integer(),
    /** Nodes whose passwords and keys come with the deploy, and values of context. */
    secrets: Type.Integer(),
    contextKeys: Type.Integer(),
    programs: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
    /** Types that are not here: a deploy is refused until that is settled. */
    missingTypes: Type.Array(Type.String()),
  }),
  errors: ['move-in-not-found', 'move-in-nothing-picked', 'move-in-too-large', 'draft-behind', 'machine-not-found'],
})
export const forgetMoveIn = route({
  id: 'forgetMoveIn',
  method: 'delete',
  path: '/api/move-in/:moveInId',
  access: 'flows.code',
  tag,
  summary: 'Forgets what was brought, or passwords and context that wait for a deploy. What was imported stays.',
  params: Id,
  response: Type.Object({ ok: Type.Literal(true) }),
  errors: ['move-in-not-found'],
})
