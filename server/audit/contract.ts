/** Who did what: append-only. */
import type { RecordedAction } from '../api/audit-actions.ts'
import type { Caller } from '../auth/caller.ts'

export interface Audit {
  /** Never throws and never waits for the database: entries are written in the background, kept in memory (up to a bound) while it is away. */
  record(entry: { caller?: Caller; who?: string; via?: string; action: RecordedAction; target?: string; detail?: unknown }): void
}
