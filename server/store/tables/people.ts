/** Tables of people and panels: sign-in, tokens, messages, layouts, the audit log. */
import type { Generated } from 'kysely'
import type { Json, NullableJson, NullableTimestamp, Timestamp } from './columns.ts'

export interface PeopleTables {
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
  /** Only a keyed hash of the code is kept. */
  badge: { userId: string; hash: string; at: Timestamp }
  /** Roles that a shop makes; `basedOn` is the one of ours whose panels it gets. */
  role: { id: string; name: string; basedOn: string; capabilities: Json; by: string; at: Timestamp }
  lastSignIn: { userId: string; at: Timestamp; method: string }
  /** From where a session was last used; exact to a minute. */
  sessionSeen: { token: string; at: Timestamp; address: string | null; agent: string | null }
  /** By which somebody chooses a password; only the SHA-256 of its code is kept. */
  passwordLink: { userId: string; sha256: string; expiresAt: Timestamp; by: string; at: Timestamp }
  /** People who have left: their row has nothing of them any more, so that what refers to it still does. */
  formerAccount: { userId: string; by: string; at: Timestamp }
  /** What the shop has set (server/settings), by key; nothing for what is as the product has it. */
  setting: { key: string; value: Json; by: string; at: Timestamp }
  /** Sessions whose person has left the panel: they may see and stop. */
  lockedSession: { token: string; at: Timestamp }
  /** What panels show until it is over and, where asked for, acknowledged; `key` tells a matter that lasts from others. */
  panelMessage: {
    id: string
    key: string | null
    kind: 'machine' | 'flow' | 'note'
    priority: 'alarm' | 'warning' | 'action' | 'info'
    machineId: string | null
    title: string
    text: string | null
    by: string | null
    runId: string | null
    at: Timestamp
    endedAt: NullableTimestamp
    needsAck: boolean
    acknowledgedAt: NullableTimestamp
    acknowledgedBy: string | null
    /** When it was passed on, since nobody had acknowledged it, and the name of the connection. */
    escalatedAt: NullableTimestamp
    escalatedTo: string | null
  }
  /** `scope` is the key of a place and a role, either of which may be open (server/panel/layouts). */
  panelLayout: { scope: string; place: string | null; role: string | null; layout: Json; revision: number; by: string; at: Timestamp; reason: string | null }
  /** Browsers that are bound to one place. Only the SHA-256 of a kiosk's secret is kept. */
  kiosk: {
    id: string
    sha256: string
    name: string
    place: string
    layout: NullableJson
    lockAfterMin: number
    by: string
    at: Timestamp
    lastSeenAt: NullableTimestamp
  }
  /** To which connection a message goes that nobody has acknowledged for so long; by its priority. */
  messageEscalation: { priority: 'alarm' | 'warning' | 'action'; connectionId: string; afterS: number; by: string; at: Timestamp }
  /** Where people may sign in through; `secret` is sealed (client secret, password of the service account). */
  signInProvider: {
    id: string
    kind: 'oidc' | 'ldap'
    name: string
    isOn: boolean
    settings: Json
    secret: string | null
    by: string
    at: Timestamp
  }
  /** Who signs in with a password of ours; one row. */
  signInRule: { id: Generated<number>; passwords: 'everybody' | 'administrators'; by: string; at: Timestamp }
  /** Who somebody at a provider (by the id that stays theirs) is here. */
  signInIdentity: {
    providerId: string
    subject: string
    userId: string
    mail: string | null
    linkedBy: string | null
    at: Timestamp
    lastAt: NullableTimestamp
  }
  /** Whom a provider knows and who was not let in. */
  signInWaiting: { providerId: string; subject: string; userName: string; name: string; mail: string | null; role: string; at: Timestamp }
  /**
   * Sign-ins that have begun: each row is taken once. `kind` link: shown to be theirs at the provider, not yet here; trial: signs nobody in; result:
   * what came of a trial, read by the session that began it until it ends. All columns are hashes but `sealed`.
   */
  signInAttempt: { key: string; browser: string; kind: 'oidc' | 'link' | 'trial' | 'result'; providerId: string; sealed: string; expiresAt: Timestamp }
  /** What signing out at the provider needs, by the SHA-256 of the session's token. */
  providerSession: { token: string; providerId: string; sealed: string | null; expiresAt: Timestamp }
  /** Append-only, each entry with the hash of the one before (server/audit/chain.ts); the database refuses everything else. */
  audit: {
    id: string
    at: Timestamp
    who: string
    whoId: string | null
    via: string
    /** Where it came from, an `AuditOrigin`. */
    origin: NullableJson
    action: string
    target: string | null
    detail: NullableJson
    seq: number
    prev: string
    hash: string
  }
  /** Where the chain ends; one row. Whoever locks it may append. */
  auditHead: { id: Generated<number>; seq: number; hash: string; signature: string | null; at: Timestamp }
  /** What retention has removed, signed: the chain goes on from here. Append-only. */
  auditCheckpoint: {
    upTo: number
    hash: string
    removed: number
    firstAt: Timestamp
    lastAt: Timestamp
    by: string
    byId: string | null
    reason: string
    at: Timestamp
    signature: string
  }
  /** How long the audit log is kept, when somebody has said so; one row. */
  auditRetention: { id: Generated<number>; maxAgeDays: number | null; by: string; at: Timestamp }
  /** better-auth's own; only what we read. */
  user: { id: string; name: string; email: string; username: string | null; role: string | null; banned: boolean | null; createdAt: Timestamp }
  account: { id: string; userId: string; providerId: string; password: string | null }
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
