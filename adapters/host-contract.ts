/** RPC between the gateway and the connector host process. */
import { Type } from 'typebox'
import { defineRpc } from '../base/rpc.ts'

/** What the launcher passes to the host. */
export const HostInit = Type.Object({ gatewaySocket: Type.String(), gatewayToken: Type.String() })

/** Something said to people, with what a page needs to say it in another language. */
const Told = Type.Object({
  code: Type.String({ maxLength: 80 }),
  text: Type.String({ maxLength: 4000 }),
  blanks: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String({ maxLength: 2000 }), Type.Number()]))),
})
const TagValue = Type.Object({
  tag: Type.String({ maxLength: 500 }),
  value: Type.Unknown(),
  quality: Type.Enum(['good', 'bad']),
  at: Type.Union([Type.Number(), Type.Null()]),
})
const Notice = Type.Object({
  key: Type.String(),
  priority: Type.Enum(['alarm', 'warning', 'action']),
  title: Type.String(),
  text: Type.Optional(Type.String()),
  machine: Type.Optional(Type.String()),
  at: Type.String(),
})
const ConnectorInfo = Type.Object({
  id: Type.String(),
  label: Type.String(),
  summary: Type.String(),
  use: Type.String(),
  promises: Type.Array(Type.String()),
  /** JSON schemas. */
  shapes: Type.Optional(
    Type.Object({ workOrder: Type.Optional(Type.Unknown()), event: Type.Optional(Type.Unknown()), confirmation: Type.Optional(Type.Unknown()) }),
  ),
  /** It has live values. */
  tags: Type.Optional(Type.Object({ label: Type.String() })),
  /** It brings notices, once this setting is filled in. */
  notices: Type.Optional(Type.Object({ needs: Type.Optional(Type.String()) })),
  settings: Type.Unknown(),
  secrets: Type.Array(
    Type.Object({
      name: Type.String(),
      title: Type.String(),
      description: Type.Optional(Type.String()),
      isLong: Type.Optional(Type.Boolean()),
      /** Stands behind this setting. */
      after: Type.Optional(Type.String()),
      /** Shown only while this setting is one of these, or begins with one. */
      when: Type.Optional(
        Type.Object({ field: Type.String(), is: Type.Optional(Type.Array(Type.String())), starts: Type.Optional(Type.Array(Type.String())) }),
      ),
    }),
  ),
  secretsAreFor: Type.Array(Type.String()),
  distinctBy: Type.Array(Type.String()),
})
const MachinePort = Type.Object({
  machineId: Type.String(),
  name: Type.String(),
  path: Type.String(),
  adapter: Type.Optional(
    Type.Object({
      vendorId: Type.String(),
      productId: Type.String(),
      serialNumber: Type.Optional(Type.String()),
      pnpId: Type.Optional(Type.String()),
    }),
  ),
})
const Strings = Type.Record(Type.String(), Type.String())
const ConnectionSpec = Type.Object({
  connectionId: Type.String(),
  connector: Type.String(),
  settings: Type.Record(Type.String(), Type.Unknown()),
  secrets: Strings,
})

/** What the host answers to. */
export const hostRpc = defineRpc({
  requests: {
    connectors: { params: Type.Object({}), result: Type.Array(ConnectorInfo) },
    check: {
      params: Type.Object({ connector: Type.String(), settings: Type.Record(Type.String(), Type.Unknown()), secrets: Strings }),
      result: Type.Array(Told),
    },
    /** A connection that was removed: the other side need keep nothing for it. */
    forget: { params: ConnectionSpec, result: Type.Null() },
    start: { params: ConnectionSpec, result: Type.Null() },
    stop: { params: Type.Object({ connectionId: Type.String() }), result: Type.Null() },
    /** One of the two. @throws UserError no-confirmations, no-notices */
    confirm: {
      params: Type.Object({
        connectionId: Type.String(),
        confirmation: Type.Optional(Type.Object({ key: Type.String(), workOrder: Type.String(), body: Type.Record(Type.String(), Type.Unknown()) })),
        notice: Type.Optional(Notice),
      }),
      result: Type.Object({ reference: Type.String() }),
    },
    /** The tags whose values are to follow as `tagValues`: all of this connection, at each change. */
    watchTags: { params: Type.Object({ connectionId: Type.String(), tags: Type.Array(Type.String(), { maxItems: 2000 }) }), result: Type.Null() },
    /** What there is to be watched just now. @throws UserError no-tags */
    browseTags: { params: Type.Object({ connectionId: Type.String() }), result: Type.Array(TagValue) },
    /** Serial ports that are machines', all of them: none is opened from now on, and before the first telling no port at all. */
    machinePorts: { params: Type.Object({ machines: Type.Array(MachinePort) }), result: Type.Null() },
    /** The first machine and connection that mean the same port; absent when each has its own. Opens nothing. */
    sharedPort: {
      params: Type.Object({
        machines: Type.Array(MachinePort),
        connections: Type.Array(Type.Object({ name: Type.String(), connector: Type.String(), settings: Type.Record(Type.String(), Type.Unknown()) })),
      }),
      result: Type.Object({
        shared: Type.Optional(Type.Object({ machineId: Type.String(), machine: Type.String(), connection: Type.String(), where: Type.String() })),
      }),
    },
    /** What the other side has now: a reading of a gauge. @throws UserError no-asking, no-request; OperationalError no-answer, … */
    ask: { params: Type.Object({ connectionId: Type.String() }), result: Type.Unknown() },
  },
  notifications: {},
})

/** What the host asks of and tells the gateway. */
export const hostAsks = defineRpc({
  requests: {
    hello: { params: Type.Object({ token: Type.String() }), result: Type.Null() },
    offer: {
      params: Type.Object({
        connectionId: Type.String(),
        items: Type.Array(Type.Object({ kind: Type.Literal('workOrder'), key: Type.String(), source: Type.String(), payload: Type.Unknown() })),
      }),
      result: Type.Object({ taken: Type.Integer(), known: Type.Integer() }),
    },
    events: {
      params: Type.Object({
        connectionId: Type.String(),
        events: Type.Array(
          Type.Object({
            key: Type.String({ minLength: 1, maxLength: 500 }),
            subject: Type.String({ maxLength: 500 }),
            text: Type.String({ maxLength: 1000 }),
            payload: Type.Unknown(),
          }),
          { maxItems: 200 },
        ),
        /** Kept with them, in one transaction. */
        mark: Type.Optional(Type.Object({ name: Type.String({ minLength: 1, maxLength: 100 }), value: Type.String({ maxLength: 2_000_000 }) })),
      }),
      result: Type.Null(),
    },
    /** What was kept with events of this connection. */
    marks: { params: Type.Object({ connectionId: Type.String() }), result: Type.Record(Type.String(), Type.String()) },
  },
  notifications: {
    problem: Type.Object({
      connectionId: Type.String(),
      source: Type.String(),
      reason: Type.String(),
      code: Type.Optional(Type.String({ maxLength: 80 })),
      blanks: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String({ maxLength: 2000 }), Type.Number()]))),
    }),
    state: Type.Object({
      connectionId: Type.String(),
      state: Type.Enum(['running', 'failing']),
      why: Type.Optional(Told),
      retryAt: Type.Optional(Type.Number()),
    }),
    /** Live values that changed since the last time: the newest of each. */
    tagValues: Type.Object({ connectionId: Type.String(), values: Type.Array(TagValue, { maxItems: 2000 }) }),
  },
})
