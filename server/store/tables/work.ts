/** Tables of machines, programs, jobs, runs, steps, triggers and connections. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { MachineSettings } from '../../../nodes/motion/machine.ts'
import type { WorkOrder } from '../../api/work.ts'
import type { Json, NullableJson, NullableTimestamp, Timestamp } from './columns.ts'

/** Why a run waits, and what its end will be once nothing waits any more. */
export interface RunHeld {
  why: string
  /** ISO. */
  since: string
  releasedAt?: string
  /** An error that no step handled, met while the run was held. */
  failed?: string
}

export interface WorkTables {
  /** `settings` holds no password: those are in `secrets`, AES-256-GCM, base64. */
  machine: {
    id: string
    settings: JSONColumnType<MachineSettings>
    secrets: string | null
    createdAt: Timestamp
    createdBy: string
    /** Which host it is wired to; null: none has claimed it yet. */
    host: string | null
  }
  /** (name, revision) is unique. */
  program: {
    id: string
    name: string
    revision: Generated<number>
    sha256: string
    bytes: number
    lines: number
    origin: NullableJson
    uploadedAt: Timestamp
    uploadedBy: string
    removedAt: NullableTimestamp
  }
  /** The truth of every job; BullMQ only dispatches. `key` is unique: the same request twice is one job. */
  job: {
    id: string
    kind: 'program' | 'flow' | 'confirmation' | 'maintenance'
    queue: string
    name: string
    key: string | null
    state: 'waiting' | 'active' | 'completed' | 'failed' | 'stopped' | 'interrupted' | 'cancelled'
    machineId: string | null
    programId: string | null
    runId: string | null
    nodeId: string | null
    request: Json
    priority: Generated<number>
    requestedBy: string
    createdAt: Timestamp
    startedAt: NullableTimestamp
    endedAt: NullableTimestamp
    progressDone: number | null
    progressTotal: number | null
    progressText: string | null
    outcome: NullableJson
    reason: string | null
    /** The order of a queue: by priority, lowest first, then by position. */
    position: Generated<number>
    /** False while it is asked for: whoever asked may not know of it yet, and nobody takes it. */
    isReady: Generated<boolean>
    notBefore: NullableTimestamp
    dueAt: NullableTimestamp
    /** Not begun by then, it is not begun any more. */
    deadlineAt: NullableTimestamp
    /** How many of the jobs it depends on have not ended well. */
    blockedBy: Generated<number>
    whenBlockerFails: Generated<'wait' | 'fail' | 'go-on'>
    hasDependents: Generated<boolean>
    attempts: Generated<number>
    /** Which try to take it on succeeded. */
    claim: string | null
    /** Which gateway works on it. */
    host: string | null
    /** Which gateway was asked for it. */
    askedOn: string | null
    /** The deployment under which it was asked for (`flowVersion.number`): no host with an older one takes it. */
    deployment: number | null
    retryOf: string | null
    /** When somebody dealt with its failure: tried again or put aside. */
    handledAt: NullableTimestamp
    handledBy: string | null
    /** In the words of whoever put it aside. */
    handledWhy: string | null
    estimateS: number | null
    /** The flow job in whose flow it was asked for. */
    parentJob: string | null
    /** Why it ended badly, in one word (`JobCause` of the API). */
    cause: string | null
  }
  /** What a job waits for. */
  jobDependency: { jobId: string; onJob: string }
  /** How a queue is controlled; a queue without a row is open. `rateJobs` begin within `rateSeconds` at most. */
  jobQueue: {
    name: string
    mode: Generated<'open' | 'held' | 'draining'>
    why: string | null
    by: string | null
    at: Timestamp
    rateJobs: number | null
    rateSeconds: number | null
    /** What becomes of the waiting jobs of a machine when one is broken off. */
    afterBreak: Generated<'cancel' | 'hold'>
  }
  /** Hosts that share this database; `at` and `endedAt` by the database's clock (server/hosts). */
  jobHost: {
    name: string
    /** When it last said that it lives. */
    at: Timestamp
    /** Of its data directory. */
    id: string | null
    /** Of its gateway's process: anew at every start. */
    life: string | null
    /** What tells its computer from one with a copy of its data directory. */
    computer: string | null
    version: string | null
    url: string | null
    startedAt: NullableTimestamp
    /** It ended in good order. */
    endedAt: NullableTimestamp
    /** How far its clock is from the database's. */
    clockOffMs: number | null
    /** `flowVersion.number` of what its runtime runs. */
    deployment: number | null
  }
  /** What one host at a time does for all. */
  hostRole: { name: string; host: string; since: Timestamp }
  /** Messages between hosts that are too long for a notification of PostgreSQL; kept for a minute. */
  hostMessage: { id: Generated<number>; body: string; at: Timestamp }
  run: {
    id: string
    state: 'active' | 'completed' | 'failed' | 'interrupted' | 'cancelled'
    triggerNodeId: string
    triggerNodeType: string
    triggerNodeName: string | null
    flowId: string | null
    flowName: string | null
    startedAt: Timestamp
    endedAt: NullableTimestamp
    hops: Generated<number>
    summary: string | null
    endedBySettling: Generated<boolean>
    /** The first hops in full (server/runs says how many), as JSON. */
    detail: Json
    /** It owns something that waits: it does not end by silence, nor when a process goes away. */
    held: ColumnType<RunHeld | null, string | null | undefined, string | null>
    /** The run whose input was sent again. */
    replayOf: string | null
    /** Of its hops and their messages, about. */
    bytes: Generated<number>
    /** Which host's runtime it is in. */
    host: string | null
  }
  /** What a step of a run was given; `message` is JSON without secrets. */
  runMessage: { runId: string; seq: number; bytes: number; isWhole: boolean; message: string; cuts: Json }
  /** How much of the history is kept, when somebody has said so; one row. */
  runRetention: { id: Generated<number>; maxAgeDays: number; maxRuns: number; maxMb: number; maxMessageMb: number; by: string; at: Timestamp }
  /** One row, or none. */
  spaceRule: { id: Generated<number>; rule: Json; by: string; at: Timestamp }
  /** What an output of a node is taken to send in a rehearsal. */
  runPin: { nodeId: string; output: number; message: string; runId: string | null; seq: number | null; by: string; at: Timestamp }
  /** What a run caused or met outside the flow. */
  runLink: { runId: string; kind: string; targetId: string; text: string; at: Timestamp }
  connection: {
    id: string
    name: string
    connector: string
    settings: Json /** AES-256-GCM, base64 */
    secrets: string | null
    isEnabled: Generated<boolean>
    createdAt: Timestamp
    createdBy: string
  }
  /** Work orders as received; (connectionId, key) is unique: each is taken once. */
  workOrder: {
    id: string
    connectionId: string
    key: string
    source: string
    order: JSONColumnType<WorkOrder>
    state: 'new' | 'delivered' | 'confirmed' | 'refused'
    receivedAt: Timestamp
    runId: string | null
  }
  /** What went through each connection, written once a second at most. */
  connectionTraffic: {
    connectionId: string
    in: Generated<string>
    lastInAt: NullableTimestamp
    lastIn: string | null
    out: Generated<string>
    lastOutAt: NullableTimestamp
    lastOut: string | null
  }
  connectionProblem: { id: Generated<string>; connectionId: string; source: string; reason: string; at: Timestamp /** Code and blanks. */; told: NullableJson }
  /** How far a connection has read a source by itself; written with what it started. */
  connectionMark: { connectionId: string; name: string; value: string; at: Generated<Timestamp> }
  /** Confirmations on their way out; (connectionId, key) is unique: each is written once. */
  outbox: {
    id: string
    /** `notice`: what nobody acknowledged in time; `workOrder` is then its title. */
    kind: Generated<'confirmation' | 'notice'>
    connectionId: string
    key: string
    workOrder: string
    body: Json
    state: 'waiting' | 'sent' | 'failed'
    attempts: Generated<number>
    reference: string | null
    error: string | null
    runId: string | null
    createdAt: Timestamp
    sentAt: NullableTimestamp
  }
  /** What an orchestration node keeps (server/orchestration/README.md); `message` and `data` are JSON as text. */
  step: {
    id: string
    runId: string
    nodeId: string
    nodeType: string
    nodeName: string | null
    kind: 'time' | 'event' | 'person' | 'lock' | 'scope'
    parentId: string | null
    /** Which of the things that the parent gave out it is in. */
    part: number | null
    /** In which life of the runtime a thing that it gave out last left a step inside; by part. */
    aliveIn: ColumnType<Record<string, string>, string | undefined, string>
    host: string
    state: 'waiting' | 'ended'
    outcome: 'done' | 'timed-out' | 'failed' | 'cancelled' | null
    /** What it waits for, or how it ended. */
    text: string
    message: string
    data: string
    key: string | null
    ask: NullableJson
    wake: NullableJson
    dueAt: NullableTimestamp
    /** `dueAt` counts time gone by, and does not follow a clock that is set. */
    isElapsed: Generated<boolean>
    /** Something of it is in the flow, given out by `life` of the runtime. */
    isOut: Generated<boolean>
    life: string
    turn: string | null
    revision: Generated<number>
    createdAt: Timestamp
    changedAt: Timestamp
    endedAt: NullableTimestamp
  }
  /** Who has a named resource; `token` grows with each holder. */
  lockHolder: { name: string; token: number; stepId: string | null; since: Timestamp }
  /** When the last messages of a shared rate may pass: epoch ms and who asked, oldest first. */
  rateGate: { name: string; slots: JSONColumnType<[at: number, id: string][]> }
  /** What probing cycles found; `result` is a `ProbeResult`. */
  probeResult: { id: string; machineId: string; cycle: string; result: Json; by: string; at: Timestamp }
  /** Triggers of the flows that run or ran; `face` is a `TriggerFace`. Times up to `upTo` are dealt with. */
  trigger: {
    id: string
    kind: 'time' | 'event' | 'condition' | 'manual'
    name: string
    flowId: string | null
    flowName: string | null
    face: Json
    isOn: Generated<boolean>
    switchedBy: string | null
    switchedAt: NullableTimestamp
    upTo: Timestamp
    nextDueAt: NullableTimestamp
    /** Counted up when the clock was set back: an interval then goes on at once. */
    epoch: Generated<number>
    createdAt: Timestamp
    removedAt: NullableTimestamp
  }
  /** (triggerId, key) is unique: each due time fires once, on whatever host. */
  triggerFiring: {
    id: string
    triggerId: string
    key: string
    cause: 'time' | 'by-hand' | 'itself'
    state: 'due' | 'offered' | 'begun' | 'skipped' | 'failed'
    dueAt: Timestamp
    at: Timestamp
    begunAt: NullableTimestamp
    offeredAt: NullableTimestamp
    host: string | null
    runId: string | null
    isLate: Generated<boolean>
    by: string | null
    values: ColumnType<unknown, string | undefined, string>
    text: string | null
    reason: string | null
    /** How many due times this one stands for. */
    missed: number | null
  }
}
