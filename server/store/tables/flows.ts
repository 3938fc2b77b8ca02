/** Tables of flows: versions, drafts, tests, templates, promotion, the mirror. */
import type { Generated, JSONColumnType } from 'kysely'
import type { VersionedKind } from '../../api/versions.ts'
import type { Json, NullableJson, NullableTimestamp, Timestamp } from './columns.ts'

export interface FlowTables {
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
    /** Grows with each version: a host with a smaller one has an older deployment. */
    number: Generated<number>
    /** A `PromotedFrom` (server/environment/promotion). */
    promotedFrom: NullableJson
    label: string | null
    /** Null: from before authors were kept by id, or nobody with an account. */
    authorId: string | null
    /** The second person, where flows are protected, and what they approved. */
    approvedBy: string | null
    requestId: string | null
  }
  /** What this installation is; one row, none while nobody has said so. */
  environment: { id: Generated<number>; kind: 'unmarked' | 'test' | 'production'; name: string; by: string; at: Timestamp }
  /** What stands here for a thing of another installation: `key` is its kind and what it is called there. */
  promotionChoice: { fromId: string; key: string; value: string; by: string; at: Timestamp }
  /** The git mirror; one row. `token` is AES-256-GCM, base64. */
  mirror: {
    id: Generated<number>
    isOn: boolean
    remote: string | null
    branch: string
    userName: string | null
    token: string | null
    allowsPlainHttp: Generated<boolean>
    pushedCommit: string | null
    pushedAt: NullableTimestamp
    error: NullableJson
    by: string
    at: Timestamp
  }
  /** What a person has drawn and not deployed; `owner` is the person's id. */
  flowDraft: { owner: string; base: JSONColumnType<{ rev: string; versionId?: string }>; changes: Json; revision: number; at: Timestamp }
  /** What somebody brought from another program; `content` is AES-256-GCM, base64 (server/move-in). */
  moveIn: { id: string; owner: string; kind: 'node-red' | 'cncjs' | 'gsender' | 'ugs'; name: string; at: Timestamp; until: Timestamp; content: string }
  /** Passwords and context of an import that wait for the deploy of its nodes; sealed as well. */
  moveInArrival: { id: string; owner: string; name: string; at: Timestamp; until: Timestamp; content: string }
  /** Node-RED's other storage documents. `credentials` is AES-256-GCM, base64. */
  runtimeDocument: { what: string; data: Json; at: Timestamp }
  runtimeLibrary: { type: string; path: string; meta: Json; body: string }
  /** Cases that are kept with the flows, for rehearsals. */
  flowTest: { id: string; name: string; flowId: string; steps: Json; answers: Json; expect: Json; changedAt: Timestamp; changedBy: string }
  /** Flows whose tests have to pass before each deploy; '' stands for all. */
  flowTestRule: { flowId: string; setBy: string; setAt: Timestamp }
  /** Templates that were brought here or made here; the file is kept by its hash. */
  template: {
    id: string
    version: string
    sha256: string
    bytes: number
    manifest: Json
    facts: Json
    /** Fingerprint of the key that signed it. */
    signer: string | null
    signerName: string | null
    at: Timestamp
    by: string
  }
  /**
   * What was imported. `ids`: from node id in the template to node id in the flows; `base`: the nodes as the import made them, for
   * merging a newer version; `pending`: what stands in a draft and takes the place of all that once it is deployed.
   */
  templateImport: {
    id: string
    templateId: string
    version: string
    name: string
    title: string | null
    n: number
    parameters: Json
    ids: Json
    base: NullableJson
    tests: Json
    programs: Json
    panels: Json
    signer: string | null
    pending: NullableJson
    at: Timestamp
    by: string
  }
  /** How a template was made here: `request` without its flows; the next version begins with it. */
  templateExport: { id: string; version: string; nodeIds: Json; request: Json; at: Timestamp; by: string }
  /** Keys whose fingerprints somebody compared. */
  templatePublisher: { fingerprint: string; name: string; at: Timestamp; by: string }
  /** Versions of everything but flows (server/versions); nothing but the label ever changes. */
  keptVersion: {
    id: string
    kind: VersionedKind
    subject: string
    number: number
    title: string
    content: Json
    author: string
    authorId: string | null
    reason: string | null
    label: string | null
    restoredFrom: string | null
    at: Generated<Date>
  }
  /** Flows (tabs, subflows) whose changes take a second person. */
  flowProtection: { flowId: string; name: string; by: string; byId: string; at: Timestamp }
  /** Changes of protected flows that a second person approves or refuses (server/flows/protect). */
  changeRequest: {
    id: string
    kind: 'deploy' | 'unprotect'
    state: 'open' | 'approved' | 'deployed' | 'refused' | 'withdrawn' | 'replaced' | 'failed'
    /** Person's name as in versions, id, and name for signing in. */
    author: string
    authorId: string
    authorName: string
    /** What the author might when asking. */
    capabilities: JSONColumnType<string[]>
    reason: string | null
    at: Timestamp
    baseRev: string
    baseVersion: string | null
    /** Names of the protected flows that it changes, by id. */
    protected: JSONColumnType<Record<string, string>>
    flows: NullableJson
    flowsHash: string | null
    /** New credentials, sealed. */
    credentials: string | null
    deployKind: string | null
    untested: string | null
    promotedFrom: NullableJson
    diff: Json
    decidedBy: string | null
    decidedById: string | null
    decidedAt: NullableTimestamp
    decidedWhy: string | null
    versionId: string | null
  }
}
