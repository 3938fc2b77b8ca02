/** Connections to outside systems: what kinds there are, how each is, and what uses it. */
import { type Static, Type } from 'typebox'
import { route } from './route.ts'
import { ReasonField } from './versions.ts'

const closed = { additionalProperties: false }
const When = Type.String({ format: 'date-time' })

/** Something said to people: English, and by code and blanks in another language. */
export const Told = Type.Object({
  code: Type.String(),
  text: Type.String(),
  blanks: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]))),
})
export type Told = Static<typeof Told>

/** A node of the running flows that uses a connection. */
export const ConnectionUse = Type.Object({
  nodeId: Type.String(),
  nodeType: Type.String(),
  nodeName: Type.Optional(Type.String()),
  flowId: Type.Optional(Type.String()),
  flowName: Type.Optional(Type.String()),
  /** It starts the flow. */
  isTrigger: Type.Boolean(),
})
export type ConnectionUse = Static<typeof ConnectionUse>

/** A connection to an outside system. Secrets go in and never come out. */
export const Connection = Type.Object({
  id: Type.String(),
  name: Type.String(),
  connector: Type.String(),
  /** Empty for those who may not change connections. */
  settings: Type.Record(Type.String(), Type.Unknown()),
  /** Names of the secrets that are kept. */
  keptSecrets: Type.Array(Type.String()),
  isEnabled: Type.Boolean(),
  state: Type.Enum(['starting', 'running', 'failing', 'off']),
  /** Since when it is so; unknown before it was first told. */
  since: Type.Optional(When),
  /** Why it is so, and what to do. */
  why: Type.Optional(Told),
  /** When it is tried again. */
  retryAt: Type.Optional(When),
  /** Events and work orders that came in, confirmations that went out, since it was made. */
  traffic: Type.Object({
    in: Type.Integer(),
    lastInAt: Type.Optional(When),
    /** What it was: a file name, a topic, an order. */
    lastIn: Type.Optional(Type.String()),
    out: Type.Integer(),
    lastOutAt: Type.Optional(When),
    lastOut: Type.Optional(Type.String()),
  }),
  /** Confirmations on their way out, and those that were given up. */
  outbox: Type.Object({ waiting: Type.Integer(), failed: Type.Integer() }),
  uses: Type.Array(ConnectionUse),
  /** Files or records that could not be taken, newest first, with the reason. */
  problems: Type.Array(
    Type.Object({
      source: Type.String(),
      reason: Type.String(),
      /** By which the reason is said in another language, where it has one. */
      code: Type.Optional(Type.String()),
      blanks: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]))),
      at: When,
    }),
  ),
})
export type Connection = Static<typeof Connection>

const ConnectionParams = Type.Object({ connectionId: Type.String() })
const Settings = Type.Record(Type.String(), Type.Unknown())
const Secrets = Type.Record(Type.String(), Type.String({ maxLength: 20_000 }), { description: 'Omitted ones stay as they are, empty ones are removed.' })
export const ConnectionBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80 }),
    connector: Type.String(),
    settings: Settings,
    secrets: Type.Optional(Secrets),
    isEnabled: Type.Boolean({ default: true }),
    /** Saves it although the other side cannot be reached or refuses just now; it is tried until it can. */
    isUntested: Type.Optional(Type.Boolean()),
    ...ReasonField,
  },
  closed,
)

/** A kind of outside system, with what a form needs (adapters/contract.ts). */
export const ConnectorInfo = Type.Object({
  id: Type.String(),
  label: Type.String(),
  summary: Type.String(),
  /** What it is for. */
  use: Type.String(),
  /** What may be lost or come twice, and when. */
  promises: Type.Array(Type.String()),
  /** Of what it brings and answers, made from the schemas that it declares: never real. */
  samples: Type.Object({ workOrder: Type.Optional(Type.Unknown()), event: Type.Optional(Type.Unknown()), confirmation: Type.Optional(Type.Unknown()) }),
  /** It has live values: what one is called. */
  tags: Type.Optional(Type.Object({ label: Type.String() })),
  /** It brings messages that nobody has acknowledged to people, once this setting is filled in. */
  notices: Type.Optional(Type.Object({ needs: Type.Optional(Type.String()) })),
  settings: Type.Unknown({ description: 'JSON Schema' }),
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
  /** With others of these settings, kept secrets are not used: they must be entered again. */
  secretsAreFor: Type.Array(Type.String()),
})
export type ConnectorInfo = Static<typeof ConnectorInfo>

const CHECK_ERRORS = ['connector-unknown', 'secret-unknown', 'secret-again', 'connector-host-away'] as const

export const listConnectors = route({
  id: 'listConnectors',
  method: 'get',
  path: '/api/connectors',
  access: 'connections.view',
  tag: 'connections',
  summary: 'The kinds of outside system this product can connect.',
  response: Type.Array(ConnectorInfo),
})
export const listConnections = route({
  id: 'listConnections',
  method: 'get',
  path: '/api/connections',
  access: 'connections.view',
  tag: 'connections',
  summary: 'Lists connections: how each is, what went through it, what uses it.',
  response: Type.Array(Connection),
})
export const testConnection = route({
  id: 'testConnection',
  method: 'post',
  path: '/api/connections/test',
  access: 'connections.manage',
  tag: 'connections',
  summary:
    'Really connects with these settings and says what it saw, or what failed. Nothing is stored. With a connectionId its kept secrets stand for omitted ones.',
  body: Type.Object({ connector: Type.String(), settings: Settings, secrets: Type.Optional(Secrets), connectionId: Type.Optional(Type.String()) }, closed),
  response: Type.Object({
    isGood: Type.Boolean(),
    /** What it saw. */
    seen: Type.Array(Told),
    /** What failed, and what to do. */
    problem: Type.Optional(Told),
    tookMs: Type.Number(),
  }),
  errors: [...CHECK_ERRORS, 'connection-not-found'],
})
export const addConnection = route({
  id: 'addConnection',
  method: 'post',
  path: '/api/connections',
  access: 'connections.manage',
  tag: 'connections',
  summary: 'Adds a connection and starts it.',
  body: ConnectionBody,
  response: Connection,
  status: 201,
  errors: [...CHECK_ERRORS, 'connection-twice', 'connection-name-taken', 'port-of-machine'],
})
export const changeConnection = route({
  id: 'changeConnection',
  method: 'put',
  path: '/api/connections/:connectionId',
  access: 'connections.manage',
  tag: 'connections',
  summary: 'Changes a connection; omitted secrets stay, empty ones are removed.',
  params: ConnectionParams,
  body: ConnectionBody,
  response: Connection,
  errors: [...CHECK_ERRORS, 'connection-twice', 'connection-name-taken', 'connection-not-found', 'port-of-machine'],
})
export const switchConnection = route({
  id: 'switchConnection',
  method: 'put',
  path: '/api/connections/:connectionId/on',
  access: 'connections.manage',
  tag: 'connections',
  summary: 'Switches a connection on or off. It stays so over restarts.',
  params: ConnectionParams,
  body: Type.Object({ isOn: Type.Boolean(), ...ReasonField }, closed),
  response: Connection,
  errors: ['connection-not-found', 'port-of-machine'],
})
export const retryConnection = route({
  id: 'retryConnection',
  method: 'post',
  path: '/api/connections/:connectionId/retry',
  access: 'connections.manage',
  tag: 'connections',
  summary: 'Connects anew now, without waiting for the next try.',
  params: ConnectionParams,
  response: Connection,
  errors: ['connection-not-found', 'connection-off'],
})
export const removeConnection = route({
  id: 'removeConnection',
  method: 'delete',
  path: '/api/connections/:connectionId',
  access: 'connections.manage',
  tag: 'connections',
  summary: 'Removes a connection; its work orders stay in the history. One that running flows use is removed only when told so.',
  params: ConnectionParams,
  query: Type.Object({ evenIfUsed: Type.Boolean({ default: false }) }),
  response: Type.Object({ ok: Type.Literal(true) }),
  errors: ['connection-not-found', 'connection-in-use'],
})

/** A live value that can be watched. */
export const BrowsedTag = Type.Object({
  tag: Type.String(),
  /** As it was heard; only for those who may see what is in messages. */
  value: Type.Optional(Type.Unknown()),
  quality: Type.Enum(['good', 'bad']),
  /** When the other side said so; unknown for what a broker had kept. */
  at: Type.Optional(When),
})
export type BrowsedTag = Static<typeof BrowsedTag>

export const browseTags = route({
  id: 'browseTags',
  method: 'get',
  path: '/api/connections/:connectionId/tags',
  access: 'connections.view',
  tag: 'connections',
  summary: 'What a connection has as live values just now: it listens for a moment. Values are shown to those who may see what is in messages.',
  params: ConnectionParams,
  response: Type.Array(BrowsedTag),
  errors: ['connection-not-found', 'no-tags', 'connection-off', 'connection-elsewhere', 'connector-host-away'],
})
