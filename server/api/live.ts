/**
 * The one WebSocket, `/api/live`: topics with a capability each. A client sends `subscribe`; the server
 * answers with the topic's snapshot, then sends changes. Browser-safe.
 */
import { type Static, Type } from 'typebox'
import type { Capability } from './access.ts'
import { Activity, ActivityLook } from './activity.ts'
import { BackupWork } from './backup.ts'
import { DebuggerState } from './debugger.ts'
import { Environment } from './environment.ts'
import { NodeStatus, RuntimeState } from './flows.ts'
import { Health } from './health.ts'
import { QueueControl } from './jobs.ts'
import { MachineView } from './machines.ts'
import { MirrorStatus } from './mirror.ts'
import { MachineEvent } from './motion.ts'
import { MachineControl, PanelMessage, PanelTile, TileNews } from './panel.ts'
import { ProcessView } from './people.ts'
import { GaugeLine, QualityNews, SignalView } from './quality/index.ts'
import { RunSummary } from './runs.ts'
import { WaitingAsk } from './steps.ts'
import { SystemReport, SystemReportLook } from './system-report.ts'
import { DeployProgress, Present } from './together.ts'
import { Job, PanelButton } from './work.ts'

/** Each topic: who may listen, its snapshot at subscribing, and what a change carries. */
export const TOPICS = {
  /** Snapshot: all machines. Change: one machine. */
  machines: { access: 'machines.view', snapshot: Type.Array(MachineView), change: MachineView },
  /** Snapshot: the newest 50. Change: one job. */
  /** What happens at machines: alarms, probe touches, waits, messages. Snapshot: the last 100, oldest first. Change: one. */
  'machine-events': { access: 'machines.view', snapshot: Type.Array(MachineEvent), change: MachineEvent },
  jobs: { access: 'jobs.view', snapshot: Type.Array(Job), change: Job },
  /** Who holds a queue, how fast it may be. Snapshot: every queue that was ever controlled. Change: one. */
  'job-queues': { access: 'jobs.view', snapshot: Type.Array(QueueControl), change: QueueControl },
  /** The triggers have changed: read the list again. */
  triggers: { access: 'runs.view', snapshot: Type.Object({ revision: Type.Integer() }), change: Type.Object({ revision: Type.Integer() }) },
  /** What the shop has set has changed: read it again. */
  settings: { access: 'machines.view', snapshot: Type.Object({ revision: Type.Integer() }), change: Type.Object({ revision: Type.Integer() }) },
  /** How connections are, what went through them: read the list again. */
  connections: { access: 'connections.view', snapshot: Type.Object({ revision: Type.Integer() }), change: Type.Object({ revision: Type.Integer() }) },
  runs: { access: 'runs.view', snapshot: Type.Array(RunSummary), change: RunSummary },
  /** Snapshot and change: every button (few). */
  panel: { access: 'machines.view', snapshot: Type.Array(PanelButton), change: Type.Array(PanelButton) },
  /** Which panel has control of which machine; a machine that is not in it is free. Snapshot and change: all of it (few). */
  'panel-control': { access: 'machines.view', snapshot: Type.Array(MachineControl), change: Type.Array(MachineControl) },
  /** Alarms, messages and notes that are open, newest first. Snapshot and change: all of it (few). */
  'panel-messages': { access: 'machines.view', snapshot: Type.Array(PanelMessage), change: Type.Array(PanelMessage) },
  /** Values and charts of flows. Snapshot: all, with their points. Change: what is new, a few times a second; tiles that came or went bring a new snapshot. */
  'panel-tiles': { access: 'machines.view', snapshot: Type.Array(PanelTile), change: Type.Array(TileNews) },
  /** How panels are laid out has changed, or the flows whose controls are on them: read the layout again. */
  'panel-layouts': { access: 'machines.view', snapshot: Type.Object({ revision: Type.Integer() }), change: Type.Object({ revision: Type.Integer() }) },
  /** Back-ups: a new revision says to read the list again; `work` is what works on the host that tells it. */
  backup: {
    access: 'backup.manage',
    snapshot: Type.Object({ revision: Type.Integer(), work: Type.Optional(BackupWork) }),
    change: Type.Object({ revision: Type.Integer(), work: Type.Optional(BackupWork) }),
  },
  /** What flows ask people. Snapshot and change: all of it (few). */
  asks: { access: 'machines.view', snapshot: Type.Array(WaitingAsk), change: Type.Array(WaitingAsk) },
  /** Runtime state and the deployed revision. */
  flows: {
    access: 'flows.view',
    snapshot: Type.Object({ runtime: RuntimeState, rev: Type.String() }),
    change: Type.Object({ runtime: RuntimeState, rev: Type.String(), by: Type.Optional(Type.String()) }),
  },
  /** Snapshot: every node's last status. Change: those that changed. */
  'node-status': { access: 'flows.view', snapshot: Type.Array(NodeStatus), change: Type.Array(NodeStatus) },
  /** Debug messages of flows. Snapshot: the last 100, oldest first. Change: those that came in a moment, oldest first. */
  debug: { access: 'flows.messages', snapshot: Type.Array(Type.Unknown()), change: Type.Array(Type.Unknown()) },
  /** Breakpoints, paused flows and the messages that wait. Snapshot and change: all of it; without `flows.messages` nothing of what is in the messages. */
  debugger: { access: 'flows.view', snapshot: DebuggerState, change: DebuggerState },
  /** Connected gauges and what each shows. Snapshot: all. Change: one; what it shows is new when its `reading.id` is. */
  'gauge-lines': { access: 'quality.view', snapshot: Type.Array(GaugeLine), change: GaugeLine },
  /** Snapshot: the signals that wait for a cause or an action. Change: what was entered, or what to read again. */
  quality: { access: 'quality.view', snapshot: Type.Object({ open: Type.Array(SignalView) }), change: QualityNews },
  /** Inspections have changed: read the list again. `id` is the one that did. */
  'quality-inspections': {
    access: 'quality.view',
    snapshot: Type.Object({ revision: Type.Integer() }),
    change: Type.Object({ revision: Type.Integer(), id: Type.String() }),
  },
  /** Documents of quality have changed: read the list again. `id` is the one that did. */
  'quality-documents': {
    access: 'quality.view',
    snapshot: Type.Object({ revision: Type.Integer() }),
    change: Type.Object({ revision: Type.Integer(), id: Type.String() }),
  },
  /** Who has the designer open. Snapshot and change: everybody (few). */
  presence: { access: 'flows.view', snapshot: Type.Array(Present), change: Type.Array(Present) },
  /** Snapshot: the last deploy, if there was one. Change: how far one is. */
  deploys: { access: 'flows.view', snapshot: Type.Array(DeployProgress), change: DeployProgress },
  /** Changes of protected flows that wait for a second person, or protection itself, have changed: read the list again. */
  'change-requests': { access: 'flows.view', snapshot: Type.Object({ revision: Type.Integer() }), change: Type.Object({ revision: Type.Integer() }) },
  /** Test or production: for everybody. */
  environment: { access: 'machines.view', snapshot: Environment, change: Environment },
  /** Rules, webhooks, or what was told to whom have changed: read the list again. */
  notifications: { access: 'system.view', snapshot: Type.Object({ revision: Type.Integer() }), change: Type.Object({ revision: Type.Integer() }) },
  /** How the git mirror is. */
  mirror: { access: 'system.view', snapshot: MirrorStatus, change: MirrorStatus },
  /** Whether the database answers and the disk has room: for everybody. */
  health: { access: 'machines.view', snapshot: Health, change: Health },
  system: { access: 'system.view', snapshot: Type.Array(ProcessView), change: Type.Array(ProcessView) },
} as const satisfies Record<string, { access: Capability; snapshot: unknown; change: unknown }>

export type Topic = keyof typeof TOPICS
export const TOPIC_NAMES = Object.keys(TOPICS) as Topic[]

/**
 * Topics of which each listener gets only what it looks at: it says `look` with what that is, anew whenever that
 * changes, and gets changes from then on. No snapshot: the first change is whole.
 */
export const LOOK_TOPICS = {
  activity: { access: 'flows.view', look: ActivityLook, change: Activity },
  /** How a host is, whole, every few seconds. */
  'system-report': { access: 'system.view', look: SystemReportLook, change: SystemReport },
} as const satisfies Record<string, { access: Capability; look: unknown; change: unknown }>
export type LookTopic = keyof typeof LOOK_TOPICS
export const LOOK_TOPIC_NAMES = Object.keys(LOOK_TOPICS) as LookTopic[]

/** What a client may say. `ping` is answered with `pong`, for pages to know within two seconds that the line is dead. */
export const ClientMessage = Type.Union([
  Type.Object({ type: Type.Literal('subscribe'), topics: Type.Array(Type.String(), { maxItems: 20 }) }, { additionalProperties: false }),
  Type.Object({ type: Type.Literal('unsubscribe'), topics: Type.Array(Type.String(), { maxItems: 20 }) }, { additionalProperties: false }),
  /** `at` is what the topic's `look` declares. */
  Type.Object({ type: Type.Literal('look'), topic: Type.String(), at: Type.Unknown() }, { additionalProperties: false }),
  Type.Object({ type: Type.Literal('ping') }, { additionalProperties: false }),
])
export type ClientMessage = Static<typeof ClientMessage>

/** What the server says. */
export type ServerMessage =
  | { type: 'snapshot'; topic: Topic; data: unknown }
  | { type: 'change'; topic: Topic | LookTopic; data: unknown }
  | { type: 'refused'; topic: string; code: string; message: string }
  | { type: 'error'; code: string; message: string }
  | { type: 'pong' }
