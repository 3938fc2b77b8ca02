/** What gauge studies need of the gateway, and what they give to its other parts. */
import type { Kysely } from 'kysely'
import type { StudyView } from '../../api/index.ts'
import type { Audit } from '../../audit/contract.ts'
import type { LiveHub } from '../../http/live-hub.ts'
import type { Database } from '../../store/index.ts'
import type { Happening } from '../../triggers/events.ts'
import type { Db } from '../contract.ts'

export interface StudiesDeps {
  db: Kysely<Database>
  audit: Audit
  /** Whose reports they are. */
  shop: () => string
  live: Pick<LiveHub, 'publish'>
  /** Stores firings of the event triggers that are set to it, in a transaction; returns what is to be called after the commit. */
  happenedWithin: (db: Db, happenings: readonly Happening[]) => Promise<() => void>
}

/** For other parts of the gateway: reports. */
export interface StudiesCore {
  /** @throws UserError study-not-found */
  study(id: string): Promise<StudyView>
}
