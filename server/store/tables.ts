/** The tables as Kysely sees them. The migrations beside this file make them; better-auth makes its own (`user`, `session`, `account`, `verification`). */
import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { MachineSettings } from '../../nodes/motion/machine.ts'
import type { WorkOrder } from '../api/work.ts'

type Timestamp = ColumnType<Date, Date | string | undefined, Date | string>
type NullableTimestamp = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>
/** JSON of unknown shape: written as text, read parsed. */
type Json = ColumnType<unknown, string, string>
type NullableJson = ColumnType<unknown, string | null | undefined, string | null>

export interface Database {
  /** `settings` holds no password: those are in `secrets`, AES-256-GCM, base64. */
  machine: { id: string; settings: JSONColumnType<MachineSettings>; secrets: string | null; createdAt: Timestamp; createdBy: string }
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
  /** Every deploy, also failed ones: append-only. */
  flowVersion: {
    id: string
    rev: string
    flows: Json
    diff: Json
    author: string
    at: Timestamp
    kind: string
    state: 'deployed' | 'failed' | 'restored'
    comment: string | null
    text: string | null
  }
  /** What a person has drawn and not deployed; `owner` is the person's id. */
  flowDraft: { owner: string; base: JSONColumnType<{ rev: string; versionId?: string }>; changes: Json; revision: number; at: Timestamp }
  /** Node-RED's other storage documents. `credentials` is AES-256-GCM, base64. */
  runtimeDocument: { what: string; data: Json; at: Timestamp }
  runtimeLibrary: { type: string; path: string; meta: Json; body: string }
  /** The truth of every job; BullMQ only dispatches. `key` is unique: the same request twice is one job. */
  job: {
    id: string
    kind: 'program' | 'flow' | 'confirmation'
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
    outcome: NullableJson
    reason: string | null
  }
  run: {
    id: string
    state: 'active' | 'completed' | 'failed' | 'interrupted'
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
  }
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
  connectionProblem: { id: Generated<string>; connectionId: string; source: string; reason: string; at: Timestamp }
  /** Confirmations on their way out; (connectionId, key) is unique: each is written once. */
  outbox: {
    id: string
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
  /** Append-only. */
  measurement: {
    id: string
    characteristic: string
    value: number
    nominal: number
    lower: number
    upper: number
    unit: string
    isInTolerance: boolean
    runId: string | null
    nodeId: string
    workOrder: string | null
    partSerial: string | null
    by: string | null
    at: Timestamp
  }
  /** What probing cycles found; `result` is a `ProbeResult`. */
  probeResult: { id: string; machineId: string; cycle: string; result: Json; by: string; at: Timestamp }
  /** Only the SHA-256 of a token is kept. */
  apiToken: {
    id: string
    name: string
    sha256: string
    role: string
    userId: string
    createdAt: Timestamp
    expiresAt: NullableTimestamp
    lastUsedAt: NullableTimestamp
    revokedAt: NullableTimestamp
  }
  /** scrypt of the PIN with its own salt. */
  pin: { userId: string; hash: string; failures: Generated<number>; lockedUntil: NullableTimestamp }
  /** Append-only. */
  audit: { id: string; at: Timestamp; who: string; via: string; action: string; target: string | null; detail: NullableJson }
  /** better-auth's own; only what we read. */
  user: { id: string; name: string; email: string; username: string | null; role: string | null; banned: boolean | null; createdAt: Timestamp }
  session: {
    id: string
    token: string
    userId: string
    expiresAt: Timestamp
    createdAt: Timestamp
    updatedAt: Timestamp
    ipAddress: string | null
    userAgent: string | null
  }
}
