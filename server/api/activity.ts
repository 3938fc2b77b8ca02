/** What the running flows do just now: counts on wires, times of nodes, errors, and the last message of a wire. */
import { type Static, Type } from 'typebox'
import { route } from './route.ts'

const closed = { additionalProperties: false }
const Id = Type.String({ minLength: 1, maxLength: 120 })
const Count = Type.Integer({ minimum: 0 })

/** What a page has in view: the server tells of nothing else. */
export const ActivityLook = Type.Object(
  {
    /** Tab or subflow. */
    place: Type.Optional(Id),
    /** The nodes in the window; left out: the whole place. */
    nodes: Type.Optional(Type.Array(Id, { maxItems: 400 })),
    /** Which nodes of all flows take the most time, and where errors are, too. */
    withOverview: Type.Optional(Type.Boolean()),
  },
  closed,
)
export type ActivityLook = Static<typeof ActivityLook>

/** Messages that went along a wire. A subflow's own ports are `<subflow>#in#0`, `#out#<n>` and `#status#0`; instances are added up. */
export const WireActivity = Type.Object({ from: Type.String(), port: Count, to: Type.String(), count: Count })
export type WireActivity = Static<typeof WireActivity>

/** The last error of a node. `isCaught`: a catch node of the flow dealt with it. */
export const NodeError = Type.Object({ text: Type.String(), at: Type.String({ format: 'date-time' }), count: Count, isCaught: Type.Boolean() })
export type NodeError = Static<typeof NodeError>

/** What a node did since the watching began. Times in milliseconds. */
export const NodeActivity = Type.Object({
  id: Type.String(),
  received: Count,
  /** Said to be done, well or badly; left out of nodes that never say so. */
  finished: Type.Optional(Count),
  /** Time of the flow runtime's one thread that the node took: while it works, no other node does. */
  busyMs: Type.Number(),
  /** From a message to the node's word that it is done with it, waiting included. */
  latency: Type.Optional(Type.Object({ lastMs: Type.Number(), meanMs: Type.Number(), maxMs: Type.Number() })),
  error: Type.Optional(NodeError),
})
export type NodeActivity = Static<typeof NodeActivity>

/** All flows together, for the list of what takes the time. */
export const ActivityOverview = Type.Object({
  /** Part of the last ten seconds in which the runtime's thread was busy, 0 to 1. */
  load: Type.Number(),
  /** The nodes that took the most of it, most first. */
  busiest: Type.Array(
    Type.Object({
      id: Type.String(),
      place: Type.Optional(Type.String()),
      /** Part of the last ten seconds, 0 to 1. */
      share: Type.Number(),
      perSecond: Type.Number(),
    }),
  ),
  errors: Type.Array(Type.Object({ id: Type.String(), place: Type.Optional(Type.String()), error: NodeError })),
})
export type ActivityOverview = Static<typeof ActivityOverview>

/** What changed in view since the last one; figures are totals and not differences. */
export const Activity = Type.Object({
  /** Another one: the counting began anew, forget what was known. */
  epoch: Type.String(),
  since: Type.String({ format: 'date-time' }),
  at: Type.String({ format: 'date-time' }),
  /** Everything in view, and not only what changed. */
  isWhole: Type.Boolean(),
  wires: Type.Array(WireActivity),
  nodes: Type.Array(NodeActivity),
  overview: Type.Optional(ActivityOverview),
  /** Errors that no catch node dealt with, by tab and by subflow, whoever looks where: totals of those that grew. `since` another time: counted anew. */
  thrown: Type.Optional(Type.Object({ since: Type.String({ format: 'date-time' }), at: Type.Record(Type.String(), Count) })),
})
export type Activity = Static<typeof Activity>

/** What was left out of a message that is shown: where, and what. */
export const MessageCut = Type.Object({
  path: Type.Array(Type.Union([Type.String(), Type.Integer()])),
  /** `text`, `list`, `object`, `bytes`: only the first part is there. `depth`, `size`: nothing of it. `again`: part of itself. `secret`: hidden. `other`: not a value. */
  why: Type.Enum(['text', 'list', 'object', 'bytes', 'depth', 'size', 'again', 'secret', 'other']),
  /** How long it is in whole. */
  length: Type.Optional(Count),
})
export type MessageCut = Static<typeof MessageCut>

/** The last message of a wire that was copied, as it was when it left. */
export const PassedMessage = Type.Object({
  from: Type.Object({ id: Type.String(), port: Count }),
  to: Type.String(),
  at: Type.String({ format: 'date-time' }),
  /** So many came after it and were not copied: the wire is too busy. */
  newer: Count,
  msg: Type.Unknown(),
  cuts: Type.Array(MessageCut),
})
export type PassedMessage = Static<typeof PassedMessage>

export const getPassedMessage = route({
  id: 'getPassedMessage',
  method: 'get',
  path: '/api/flows/activity/message',
  access: 'flows.messages',
  tag: 'flows',
  summary: 'The last message that went into a node (`to`), out of an output (`from`, `port`), or along a wire (all three), while somebody watched.',
  query: Type.Object({ from: Type.Optional(Id), port: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })), to: Type.Optional(Id) }, closed),
  response: Type.Object({ message: Type.Optional(PassedMessage), /** Since when messages are looked at. */ since: Type.String({ format: 'date-time' }) }),
  errors: ['runtime-away'],
})

export const ContextScope = Type.Enum(['flow', 'global'])
/** A value of a context, as messages are shown: bounded, secrets hidden. */
export const ContextValue = Type.Object({
  /** False: it cannot be read just now, or not by this key. */
  isKnown: Type.Boolean(),
  /** Absent: nothing stands there. */
  value: Type.Optional(Type.Unknown()),
  cuts: Type.Array(MessageCut),
})
export type ContextValue = Static<typeof ContextValue>

export const getContextValue = route({
  id: 'getContextValue',
  method: 'get',
  path: '/api/flows/activity/context',
  access: 'flows.messages',
  tag: 'flows',
  summary: 'What stands in the context of a tab, or in the global one.',
  query: Type.Object(
    {
      scope: ContextScope,
      /** The tab, for `flow`. */
      place: Type.Optional(Id),
      key: Type.String({ minLength: 1, maxLength: 500 }),
      store: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    },
    closed,
  ),
  response: ContextValue,
  errors: ['runtime-away'],
})
