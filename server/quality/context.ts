/** What the parts of quality share: the store, the charts in memory, one queue for each characteristic, and what happens after a commit. */

import { UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { QualityNews, SignalView } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { Runs } from '../runs/contract.ts'
import type { Store } from '../store/index.ts'
import type { Db, Entered, GaugeStates } from './contract.ts'
import type { LiveCharts } from './live-charts.ts'
import type { QualityCounts } from './metrics.ts'
import type { CharacteristicRow } from './rows.ts'

/** Event triggers that are set to signals: their firings are stored with the signals. */
export interface SignalFirings {
  /** @returns what is to be called after the commit */
  store(db: Db, signals: readonly SignalView[]): Promise<() => void>
}

export interface QualityContext {
  store: Store
  log: Logger
  live: Pick<LiveHub, 'publish' | 'provide'>
  audit: Audit
  runs: Pick<Runs, 'linkOnce'>
  charts: LiveCharts
  gauges: GaugeStates
  firings: SignalFirings
  counts: QualityCounts
  /** One after the other for each characteristic, before the lock of its row: connections are few. */
  oneAtATime<T>(characteristicId: string, work: () => Promise<T>): Promise<T>
  publish(news: QualityNews): void
  entered(what: Entered): void
  now(): number
}

/** Locks the row of a characteristic until the transaction ends: whoever has it may add to its points. */
export async function lockCharacteristic(db: Db, id: string): Promise<CharacteristicRow> {
  const row = await db.selectFrom('characteristic').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
  return found(row)
}

export async function readCharacteristic(db: Db, id: string): Promise<CharacteristicRow> {
  return found(await db.selectFrom('characteristic').selectAll().where('id', '=', id).executeTakeFirst())
}

function found(row: CharacteristicRow | undefined): CharacteristicRow {
  if (!row)
    throw new UserError({
      code: 'characteristic-not-found',
      status: 404,
      message: 'There is no such characteristic. Choose one from the list of characteristics.',
    })
  return row
}

/** A queue for each key; work that fails does not stop what comes after. */
export function keyedQueue(): QualityContext['oneAtATime'] {
  const last = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const before = last.get(key)
    const result = before ? before.then(work, work) : work()
    const settled = result.then(
      () => {},
      () => {},
    )
    last.set(key, settled)
    void settled.then(() => {
      if (last.get(key) === settled) last.delete(key)
    })
    return result
  }
}
