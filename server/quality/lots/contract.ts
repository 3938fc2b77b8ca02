/** What sampling needs of the gateway, and what it gives to its other parts. */
import type { Kysely } from 'kysely'
import type { Logger } from '../../../base/log.ts'
import type { Lot } from '../../api/index.ts'
import type { Audit } from '../../audit/contract.ts'
import type { LiveHub } from '../../http/live-hub.ts'
import type { Orchestration } from '../../orchestration/contract.ts'
import type { Database } from '../../store/index.ts'
import type { Happening } from '../../triggers/events.ts'
import type { Db, Who } from '../contract.ts'

export interface LotsDeps {
  db: Kysely<Database>
  audit: Audit
  live: Pick<LiveHub, 'publish'>
  /** Stores firings of the event triggers that are set to it, in a transaction; returns what is to be called after the commit. */
  /** Wakes flows that wait for a lot. */
  steps: Pick<Orchestration, 'raiseEvent'>
  log: Pick<Logger, 'warn'>
  happenedWithin: (db: Db, happenings: readonly Happening[]) => Promise<() => void>
}

export interface NewLot {
  planId: string
  entryId: string
  number: string
  size: number
  isResubmission: boolean
  comment?: string
  workOrder?: string
  runId?: string
  nodeId?: string
}

export interface Finding {
  entryId: string
  nonconforming: number
  defects: { kind: string; count: number }[]
  comment?: string
  runId?: string
}

/** For other parts of the gateway. Promises reject with the codes of the routes that do the same. */
export interface LotsCore {
  lot(id: string, db?: Db): Promise<Lot>
  begin(lot: NewLot, who: Who): Promise<Lot>
  judge(lotId: string, finding: Finding, who: Who): Promise<Lot>
}
