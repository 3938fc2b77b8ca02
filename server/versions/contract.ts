/**
 * Versions of everything but flows: what a panel, an imported template or a setting was, who changed it and why. The part that owns
 * such a thing keeps a version with each change, in the same transaction, and says how an older one is put back.
 *
 * Excluded: flows (`server/flows/versions.ts` has theirs; the page shows both in one list) and secrets, which never go into a version.
 */
import type { Kysely, Transaction } from 'kysely'
import type { Capability, VersionedKind } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { Database } from '../store/index.ts'

export interface KeptVersion {
  id: string
  kind: VersionedKind
  /** Which panel, template import, machine, setting. Stable, never shown by itself. */
  subject: string
  /** 1, 2, 3, … for each subject. */
  number: number
  /** What the thing is called now, for people. */
  title: string
  author: string
  reason: string | undefined
  label: string | undefined
  at: Date
  content: unknown
}

export interface VersionOwner {
  /** To see that it exists, and what it is. */
  sees: Capability
  /** To put it back; whoever has it may label it as well. */
  changes: Capability
  /**
   * Puts an older content back through the owner's own door: its checks, its audit entry, and `keep` with `restoredFrom`. Left out where
   * a version is only to be looked at.
   * @throws UserError when it does not fit any more
   */
  restore?(options: { caller: Caller; version: KeptVersion; reason: string | undefined }): Promise<void>
}

export interface KeepVersion {
  kind: VersionedKind
  subject: string
  title: string
  /** The whole of it as JSON, so that it can be put back; without secrets. Null: it was removed. */
  content: unknown
  author: Pick<Caller, 'name'> & Partial<Pick<Caller, 'userId'>>
  reason?: string | undefined
  /**
   * What it was, where that has no version yet: things from before versions were kept, or that another part made. It becomes the first one.
   */
  before?: { content: unknown; author: string; at?: Date | undefined } | undefined
  /** The id of the version that is put back. */
  restoredFrom?: string | undefined
}

export interface KeptVersions {
  /**
   * Call it within the transaction of the change: both happen, or neither. A content that is the newest one already makes no version,
   * and that one is returned.
   */
  keep(db: Kysely<Database> | Transaction<Database>, change: KeepVersion): Promise<KeptVersion>
  /** Says whose versions these are: all of a kind, or those of one subject. Once, when the parts are put together. */
  own(what: { kind: VersionedKind; subject?: string }, owner: VersionOwner): void
  get(versionId: string): Promise<KeptVersion | undefined>
  /** Newest first. */
  list(what: { kind: VersionedKind; subject: string; limit?: number }): Promise<KeptVersion[]>
}
