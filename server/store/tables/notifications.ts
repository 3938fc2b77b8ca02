/** Tables of what the product tells (server/notifications). */
import type { Generated } from 'kysely'
import type { Channel, DELIVERY_STATES, Language, Severity } from '../../api/index.ts'
import type { Json, NullableTimestamp, Timestamp } from './columns.ts'

export interface NotificationTables {
  /** Something happened, once by its key; `panelKey` is the matter on the panels that somebody may acknowledge. */
  notificationEvent: {
    id: string
    n: Generated<number>
    key: string
    type: string
    severity: Severity
    data: Json
    panelKey: string | null
    at: Timestamp
    recordedAt: Timestamp
    /** When it was decided who is to have it. */
    routedAt: NullableTimestamp
  }
  notificationMark: { source: string; upTo: Timestamp }
  notificationCondition: { subject: string; type: string; stamp: string; data: Json; since: Timestamp }
  /** `settings` is a `RuleSettings`. */
  notificationRule: { id: string; settings: Json; by: string; at: Timestamp }
  /** `settings` is a `MySettings`. */
  notificationPreference: { userId: string; settings: Json; at: Timestamp }
  /**
   * One event for one receiver. `to`: `person:<id>`, `address:<mail address>`, `hook:<id>`, `connection:<id>`. Rows with the same `messageId`
   * go, or went, as one message.
   */
  notificationDelivery: {
    id: string
    eventId: string
    channel: Channel
    to: string
    /** Only if nobody has acknowledged it by then. */
    afterS: Generated<number>
    language: Language
    ruleId: string | null
    state: Generated<(typeof DELIVERY_STATES)[number]>
    attempts: Generated<number>
    nextAt: Timestamp
    messageId: string | null
    /** The host that is sending it. */
    claimedBy: string | null
    status: number | null
    error: string | null
    createdAt: Timestamp
    endedAt: NullableTimestamp
  }
  /** One row; the password is AES-256-GCM, base64. */
  mailSettings: { id: Generated<number>; settings: Json; password: string | null; by: string; at: Timestamp }
  /** Secrets are AES-256-GCM, base64. */
  webhook: {
    id: string
    settings: Json
    secret: string
    oldSecret: string | null
    oldSecretUntil: NullableTimestamp
    isGone: Generated<boolean>
    by: string
    at: Timestamp
  }
  /** One row: who this installation is to push services; the private half is AES-256-GCM, base64. */
  pushKey: { id: Generated<number>; public: string; private: string; at: Timestamp }
  /** `id` is the SHA-256 of the endpoint; `subscription` (endpoint and keys) is AES-256-GCM, base64. */
  pushDevice: { id: string; userId: string; subscription: string; name: string; at: Timestamp }
}
