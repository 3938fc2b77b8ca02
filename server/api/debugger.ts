/**
 * The flow debugger: breakpoints, paused flows, messages that wait. Seeing takes `flows.view`, what is in a message
 * `flows.messages`, everything else `flows.code`. Browser-safe.
 */
import { type Static, Type } from 'typebox'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const NodeId = Type.String({ minLength: 1, maxLength: 200 })
const closed = { additionalProperties: false }
const tag = 'debugger'

/**
 * What a node type does to a machine. `acts`: the machine moves, or how it moves changes. `protects`: it tells the machine to stand, or whether it is safe: never
 * held back. `watches`: nothing happens to the machine.
 */
export type MotionRole = 'acts' | 'protects' | 'watches'

/** A test fails when a node of the family motion is missing here, so that every new one is a decision. */
export const MOTION_ROLES: Readonly<Record<string, MotionRole>> = {
  'cw-home': 'acts',
  'cw-interlock': 'protects',
  'cw-jog': 'acts',
  'cw-lease': 'watches',
  'cw-machine': 'watches',
  // a hold or a stop protects: told from its settings
  'cw-machine-command': 'acts',
  'cw-machine-event': 'watches',
  'cw-machine-value': 'watches',
  'cw-override': 'acts',
  'cw-probe': 'acts',
  'cw-program-check': 'watches',
  'cw-program-transform': 'watches',
  'cw-run-program': 'acts',
  'cw-set-offset': 'acts',
  'cw-spindle': 'acts',
  'cw-tool-change': 'acts',
  'cw-wait-state': 'watches',
}

/** Commands of `cw-machine-command` that make a machine stand. */
const STANDING = new Set(['hold', 'stop'])

export function motionRoleOf(type: string, command: unknown): MotionRole {
  // a machine whose queue is released runs what waits for it
  if (type === 'cw-queue-control') return command === 'release' ? 'acts' : 'watches'
  const role = MOTION_ROLES[type] ?? 'watches'
  return type === 'cw-machine-command' && typeof command === 'string' && STANDING.has(command) ? 'protects' : role
}

/** Where messages are caught: as they are about to enter a node, or only those that come over one wire. */
export const BreakpointPlace = Type.Union([
  Type.Object({ kind: Type.Literal('node'), nodeId: NodeId }, closed),
  Type.Object({ kind: Type.Literal('wire'), from: NodeId, port: Type.Integer({ minimum: 0, maximum: 1000 }), to: NodeId }, closed),
])
export type BreakpointPlace = Static<typeof BreakpointPlace>

export const Breakpoint = Type.Object({
  /** Made from its place: there is one breakpoint for a place. */
  id: Type.String(),
  at: BreakpointPlace,
  /** JSONata over the message; without one every message is caught. */
  condition: Type.Optional(Type.String({ maxLength: 2000 })),
  isOn: Type.Boolean(),
  hits: Type.Integer(),
  by: Type.String(),
})
export type Breakpoint = Static<typeof Breakpoint>

/**
 * Why a message waits. `motion`: it was in the debugger before, and the node would act on a machine. `order`: another message
 * for the same machine waits before it. `condition-failed`: the breakpoint's condition could not be judged.
 */
export const WaitReason = Type.Enum(['breakpoint', 'paused', 'step', 'run-to', 'motion', 'order', 'condition-failed'])
export type WaitReason = Static<typeof WaitReason>

/** Clocks and people that do not stop for the debugger. */
export const WaitNote = Type.Enum(['link-call', 'http-caller', 'lease', 'job'])
export type WaitNote = Static<typeof WaitNote>

/** A message that waits to enter a node. */
export const WaitingMessage = Type.Object({
  id: Type.String(),
  /** Where it would go on. In a subflow: the node of the definition. */
  nodeId: Type.String(),
  nodeType: Type.String(),
  nodeName: Type.Optional(Type.String()),
  /** Tab and, in subflows, their definitions, from the outside in. */
  places: Type.Array(Type.String()),
  /** Over which wire it came; absent for what comes without one (links, catch, a press of a button). */
  from: Type.Optional(Type.Object({ id: Type.String(), port: Type.Integer() })),
  why: WaitReason,
  /** Of a condition that failed. Like topic and payload for `flows.messages` only. */
  text: Type.Optional(Type.String()),
  breakpointId: Type.Optional(Type.String()),
  since: When,
  runId: Type.Optional(Type.String()),
  topic: Type.Optional(Type.String()),
  /** The payload in a few words; absent for whoever may not see what is in messages. */
  payload: Type.Optional(Type.String()),
  /** The node acts on a machine as soon as it has the message. */
  motion: Type.Optional(Type.Object({ machineId: Type.Optional(Type.String()) })),
  notes: Type.Array(WaitNote),
  isEdited: Type.Boolean(),
})
export type WaitingMessage = Static<typeof WaitingMessage>

export const DebuggerState = Type.Object({
  /** Grows with every change, over restarts too: answers and live news overtake each other. */
  revision: Type.Integer(),
  breakpoints: Type.Array(Breakpoint),
  paused: Type.Array(Type.Object({ placeId: Type.String(), since: When, by: Type.String() })),
  /** Oldest first, at most {@link SHOWN_WAITING}. */
  waiting: Type.Array(WaitingMessage),
  waitingCount: Type.Integer(),
  /** How many wait before each node, also of those that are not listed. */
  waitingAt: Type.Record(Type.String(), Type.Integer()),
  /** Messages that were given up since the runtime started: no room to wait, or their node was stopped by a deploy. */
  lost: Type.Object({ full: Type.Integer(), deploy: Type.Integer() }),
  /** Nobody had the debugger open for so long that it was left: breakpoints are off, flows run, what would act on a machine waits. */
  leftAt: Type.Optional(When),
})
export type DebuggerState = Static<typeof DebuggerState>

export const SHOWN_WAITING = 50
/** More messages than these do not wait: they are given up with an error at their sender. */
export const MAX_WAITING = 500
/** The debugger is left when no page of somebody who may use it was there for so long. */
export const LEFT_AFTER_MS = 120_000
/** How often a page says that it is there. Browsers slow the timers of hidden pages down to one a minute. */
export const BEAT_EVERY_MS = 15_000

/** How a waiting message goes on. `free`: its run is no longer watched. */
export const GoOn = Type.Object(
  {
    how: Type.Enum(['step', 'continue', 'run-to', 'free']),
    /** For `run-to`. */
    nodeId: Type.Optional(NodeId),
    /** A person has said yes to what the machine will do. Takes `machines.operate`, too. */
    isMotionConfirmed: Type.Optional(Type.Boolean()),
  },
  closed,
)
export type GoOn = Static<typeof GoOn>

/** One change of a waiting message; without a value the property is removed. */
export const MessageEdit = Type.Object(
  {
    path: Type.Array(Type.Union([Type.String({ maxLength: 200 }), Type.Integer({ minimum: 0 })]), { minItems: 1, maxItems: 30 }),
    value: Type.Optional(Type.Unknown()),
  },
  closed,
)
export type MessageEdit = Static<typeof MessageEdit>

/** A message as far as it can be shown as JSON. */
export const MessageView = Type.Object({
  message: Type.Unknown(),
  /** JSON pointers (RFC 6901) of what is cut or has no JSON form: text stands in its place, and it cannot be edited. */
  opaque: Type.Array(Type.String()),
})
export type MessageView = Static<typeof MessageView>

/** The state for somebody who may see that messages wait, and not what is in them. */
export const withoutContents = (state: DebuggerState): DebuggerState => ({
  ...state,
  waiting: state.waiting.map(({ payload: _1, topic: _2, text: _3, ...waiting }) => waiting),
})

const WaitingParams = Type.Object({ waitingId: Type.String({ maxLength: 100 }) })

export const getDebugger = route({
  id: 'getDebugger',
  method: 'get',
  path: '/api/debugger',
  access: 'flows.view',
  tag,
  summary: 'Breakpoints, paused flows, and the messages that wait.',
  response: DebuggerState,
})
export const getWaitingMessage = route({
  id: 'getWaitingMessage',
  method: 'get',
  path: '/api/debugger/waiting/:waitingId',
  access: 'flows.messages',
  tag,
  summary: 'What is in a waiting message.',
  params: WaitingParams,
  response: MessageView,
  errors: ['not-waiting', 'runtime-away'],
})
export const setBreakpoint = route({
  id: 'setBreakpoint',
  method: 'put',
  path: '/api/debugger/breakpoints',
  access: 'flows.code',
  tag,
  summary: 'Sets or changes the breakpoint of a node or a wire.',
  body: Type.Object({ at: BreakpointPlace, condition: Type.Optional(Type.String({ maxLength: 2000 })), isOn: Type.Boolean({ default: true }) }, closed),
  response: DebuggerState,
  errors: ['condition-invalid', 'never-held', 'machine-moving', 'too-many-breakpoints', 'runtime-away'],
})
export const removeBreakpoint = route({
  id: 'removeBreakpoint',
  method: 'delete',
  path: '/api/debugger/breakpoints/:breakpointId',
  access: 'flows.code',
  tag,
  summary: 'Removes a breakpoint. What it caught goes on waiting.',
  params: Type.Object({ breakpointId: Type.String({ maxLength: 500 }) }),
  response: DebuggerState,
})
export const pauseFlow = route({
  id: 'pauseFlow',
  method: 'post',
  path: '/api/debugger/pause',
  access: 'flows.code',
  tag,
  summary: 'Pauses a tab or a subflow: every message waits before the next node. Or lets it run again; what would act on a machine waits on.',
  body: Type.Object({ placeId: NodeId, isPaused: Type.Boolean() }, closed),
  response: DebuggerState,
  errors: ['machine-moving', 'runtime-away'],
})
export const goOnWaiting = route({
  id: 'goOnWaiting',
  method: 'post',
  path: '/api/debugger/waiting/:waitingId/go-on',
  access: 'flows.code',
  tag,
  summary: 'Lets a waiting message go on: one step, to the next breakpoint, to a node, or for good.',
  params: WaitingParams,
  body: GoOn,
  response: DebuggerState,
  errors: ['not-waiting', 'motion-not-confirmed', 'runtime-away'],
})
export const goOnAll = route({
  id: 'goOnAll',
  method: 'post',
  path: '/api/debugger/go-on',
  access: 'flows.code',
  tag,
  summary: 'Lets every waiting message go on in its order, except those that would act on a machine.',
  response: DebuggerState,
})
export const editWaiting = route({
  id: 'editWaiting',
  method: 'patch',
  path: '/api/debugger/waiting/:waitingId',
  access: 'flows.code',
  tag,
  summary: 'Changes a waiting message. Takes flows.messages, too: the answer is what is in it.',
  params: WaitingParams,
  body: Type.Object({ edits: Type.Array(MessageEdit, { minItems: 1, maxItems: 100 }) }, closed),
  response: MessageView,
  errors: ['not-waiting', 'edit-not-possible', 'runtime-away'],
})
export const dropWaiting = route({
  id: 'dropWaiting',
  method: 'delete',
  path: '/api/debugger/waiting/:waitingId',
  access: 'flows.code',
  tag,
  summary: 'Takes a waiting message out of its flow. It is gone.',
  params: WaitingParams,
  response: DebuggerState,
  errors: ['not-waiting', 'runtime-away'],
})
export const endDebugging = route({
  id: 'endDebugging',
  method: 'post',
  path: '/api/debugger/end',
  access: 'flows.code',
  tag,
  summary: 'Removes every breakpoint and pause and lets messages go on, except those that would act on a machine.',
  response: DebuggerState,
})
export const beatDebugger = route({
  id: 'beatDebugger',
  method: 'post',
  path: '/api/debugger/beat',
  access: 'flows.code',
  tag,
  summary: 'Says that somebody who debugs is there. Without it for two minutes the debugger is left.',
  response: Type.Object({ ok: Type.Literal(true) }),
})
