/**
 * The operator's panels over the API: which panel holds control of a machine, alarms and messages with their
 * acknowledgement, and the values and charts that flows show. Browser-safe.
 */
import { type Static, Type } from 'typebox'
import { MachineId } from './machines.ts'
import { route } from './route.ts'
import { ReasonField } from './versions.ts'

const When = Type.String({ format: 'date-time' })
const closed = { additionalProperties: false }
const Done = Type.Object({ ok: Type.Literal(true) })

/** Sent by panels with every request: what moves a machine is then judged by which panel holds control of it. */
export const PANEL_HEADER = 'x-cellwright-panel'
/**
 * Milliseconds since 1970 by the server's clock: what moves a machine is refused when it arrives later. What was pressed must not
 * happen when a bad connection lets it through at last and nobody expects it any more.
 */
export const NOT_AFTER_HEADER = 'x-cellwright-not-after'

/** One browser window with the operator panel; made by the panel itself, kept by that browser. */
export const PanelId = Type.String({ pattern: '^[0-9a-f]{16,64}$' })
const PanelName = Type.String({ minLength: 1, maxLength: 60 })

const AtPanel = Type.Object({ panelId: PanelId, panel: PanelName, person: Type.String(), since: When })

/** Who has control of a machine among people. Programs, flows, STOP and HOLD do not ask for it. */
export const MachineControl = Type.Object({
  machineId: Type.String(),
  holder: AtPanel,
  /** Another panel has asked for it; from `takeAt` on it may take it without an answer. */
  request: Type.Optional(Type.Object({ ...AtPanel.properties, takeAt: When })),
  /** The last one that was told no. */
  refused: Type.Optional(Type.Object({ panelId: PanelId, at: When })),
})
export type MachineControl = Static<typeof MachineControl>

export const panelAlive = route({
  id: 'panelAlive',
  method: 'post',
  path: '/api/panel/alive',
  access: 'machines.view',
  tag: 'panel',
  worksWithoutStore: true,
  summary: 'A panel says every few seconds that it is there; without that its control of machines ends.',
  body: Type.Object(
    {
      panelId: PanelId,
      name: PanelName,
      /** What it had when the server last said so: given back after a restart. */ controls: Type.Array(MachineId, { maxItems: 100 }),
    },
    closed,
  ),
  response: Type.Object({ /** The server's clock, for `x-cellwright-not-after`: ms since 1970. */ now: Type.Number(), controls: Type.Array(MachineControl) }),
})
export const controlMachine = route({
  id: 'controlMachine',
  method: 'post',
  path: '/api/panel/control/:machineId',
  access: 'machines.operate',
  tag: 'panel',
  worksWithoutStore: true,
  summary:
    'Takes control of a machine for a panel, asks the panel that has it, hands it over, refuses, or gives it back. Only one panel has it; nothing moves by this.',
  params: Type.Object({ machineId: MachineId }),
  body: Type.Object({ panelId: PanelId, act: Type.Enum(['take', 'ask', 'withdraw', 'hand-over', 'refuse', 'give-back']) }, closed),
  response: Type.Array(MachineControl),
  errors: ['controlled-elsewhere', 'panel-unknown', 'control-lost'],
})

/** `action`: a person is asked to do something; `info` asks for nothing. */
export const MessagePriority = Type.Enum(['alarm', 'warning', 'action', 'info'])
export type MessagePriority = Static<typeof MessagePriority>

export const PanelMessage = Type.Object({
  id: Type.String(),
  /** `note`: of one shift for the next. */
  kind: Type.Enum(['machine', 'flow', 'note']),
  priority: MessagePriority,
  machineId: Type.Optional(Type.String()),
  title: Type.String(),
  /** What it means and what to do. */
  text: Type.Optional(Type.String()),
  /** Whose words: a person, a flow. */
  by: Type.Optional(Type.String()),
  runId: Type.Optional(Type.String()),
  at: When,
  /** What it tells of is over. */
  endedAt: Type.Optional(When),
  /** It stays until a person has acknowledged it. */
  needsAck: Type.Boolean(),
  acknowledgedAt: Type.Optional(When),
  acknowledgedBy: Type.Optional(Type.String()),
  /** Nobody had acknowledged it in time: it went to this connection. */
  escalatedAt: Type.Optional(When),
  escalatedTo: Type.Optional(Type.String()),
})
export type PanelMessage = Static<typeof PanelMessage>

const MessageParams = Type.Object({ messageId: Type.String({ maxLength: 64 }) })
export const listPanelMessages = route({
  id: 'listPanelMessages',
  method: 'get',
  path: '/api/panel/messages',
  access: 'machines.view',
  tag: 'panel',
  summary: 'Alarms, messages and hand-over notes, newest first, with who acknowledged each and when.',
  query: Type.Object({
    machineId: Type.Optional(MachineId),
    before: Type.Optional(Type.String({ maxLength: 64, description: 'Message id: only older ones' })),
    limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  }),
  response: Type.Array(PanelMessage),
})
export const acknowledgeMessage = route({
  id: 'acknowledgeMessage',
  method: 'post',
  path: '/api/panel/messages/:messageId/acknowledge',
  access: 'panel.press',
  tag: 'panel',
  summary: 'A person has seen it. Once is enough: the first one counts. Acknowledging clears no alarm of a machine.',
  params: MessageParams,
  response: PanelMessage,
  errors: ['message-not-found'],
})
/** What becomes of messages that nobody acknowledges. */
export const EscalationPriority = Type.Enum(['alarm', 'warning', 'action'])
export type EscalationPriority = Static<typeof EscalationPriority>
const EscalationRule = Type.Object({
  priority: EscalationPriority,
  connectionId: Type.String(),
  /** Undefined: the connection was removed, and nothing goes anywhere. */
  connection: Type.Optional(Type.String()),
  afterS: Type.Integer(),
  by: Type.String(),
  at: When,
})
export const Escalation = Type.Object({
  rules: Type.Array(EscalationRule),
  /** Connections that can bring a message to somebody. */
  takers: Type.Array(Type.Object({ connectionId: Type.String(), name: Type.String() })),
})
export type Escalation = Static<typeof Escalation>
export const getEscalation = route({
  id: 'getEscalation',
  method: 'get',
  path: '/api/panel/escalation',
  access: 'connections.view',
  tag: 'panel',
  summary: 'To which connection messages of each priority go when nobody acknowledges them, and after how long.',
  response: Escalation,
})
export const setEscalation = route({
  id: 'setEscalation',
  method: 'put',
  path: '/api/panel/escalation/:priority',
  access: 'system.manage',
  tag: 'panel',
  summary: 'Says where messages of a priority go that nobody has acknowledged for so long; null: nowhere.',
  params: Type.Object({ priority: EscalationPriority }),
  body: Type.Object(
    {
      to: Type.Union([
        Type.Object({ connectionId: Type.String({ maxLength: 64 }), afterS: Type.Integer({ minimum: 5, maximum: 86_400 }) }, closed),
        Type.Null(),
      ]),
      ...ReasonField,
    },
    closed,
  ),
  response: Escalation,
  errors: ['no-notices'],
})

/** Line breaks and tabs, but no other control character: the database holds no NUL. */
const NOTE_PATTERN = '^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f]+$'

export const writeNote = route({
  id: 'writeNote',
  method: 'post',
  path: '/api/panel/notes',
  access: 'panel.press',
  tag: 'panel',
  status: 201,
  summary: 'Leaves a hand-over note for the next shift; it stays on the panels until somebody has read it.',
  body: Type.Object({ text: Type.String({ minLength: 1, maxLength: 2000, pattern: NOTE_PATTERN }), machineId: Type.Optional(MachineId) }, closed),
  response: PanelMessage,
})

/** What a flow shows on the panel: a value, or a value over time. */
export const TileFace = Type.Object({
  nodeId: Type.String(),
  kind: Type.Enum(['value', 'chart']),
  label: Type.String({ maxLength: 40 }),
  unit: Type.Optional(Type.String({ maxLength: 20 })),
  decimals: Type.Integer({ minimum: 0, maximum: 6 }),
  machineId: Type.Optional(Type.String()),
  /** Outside of these it is abnormal. */
  warnBelow: Type.Optional(Type.Number()),
  warnAbove: Type.Optional(Type.Number()),
  alarmBelow: Type.Optional(Type.Number()),
  alarmAbove: Type.Optional(Type.Number()),
  /** Without news for so long the value is shown as old; absent: it stays. */
  staleAfterS: Type.Optional(Type.Number()),
  /** Of a chart. */
  spanS: Type.Optional(Type.Number()),
})
export type TileFace = Static<typeof TileFace>

const TileValue = Type.Union([Type.Number(), Type.String({ maxLength: 200 }), Type.Boolean()])
/** Epoch ms and value. */
const TilePoint = Type.Tuple([Type.Number(), Type.Number()])

export const PanelTile = Type.Object({
  ...TileFace.properties,
  value: Type.Optional(TileValue),
  at: Type.Optional(When),
  /** Of a chart, oldest first. */
  points: Type.Optional(Type.Array(TilePoint)),
})
export type PanelTile = Static<typeof PanelTile>

/** What is new of one tile since the last word of it. */
export const TileNews = Type.Object({
  nodeId: Type.String(),
  value: TileValue,
  at: When,
  /** Points that came, oldest first. */
  points: Type.Optional(Type.Array(TilePoint, { maxItems: 200 })),
})
export type TileNews = Static<typeof TileNews>

/** Signs in with a badge; what a panel without anybody may still do is in `lockSession`. */
export const pairBadge = route({
  id: 'pairBadge',
  method: 'put',
  path: '/api/me/badge',
  access: 'session',
  tag: 'people',
  summary: 'Pairs a badge with oneself: from then on it signs one in at a panel. Another one takes its place; null takes it away.',
  body: Type.Object(
    { code: Type.Union([Type.String({ minLength: 8, maxLength: 128, description: 'What the reader types; shorter ones could be guessed' }), Type.Null()]) },
    closed,
  ),
  response: Done,
  errors: ['badge-taken', 'not-with-token'],
})
export const lockSession = route({
  id: 'lockSession',
  method: 'post',
  path: '/api/me/lock',
  access: 'session',
  tag: 'people',
  summary: 'Signs the person out and leaves the panel with what needs nobody: seeing the machines, STOP and HOLD.',
  response: Done,
  errors: ['not-with-token'],
})
