/**
 * What quality keeps, as the other parts of the gateway call it: in-process, without HTTP and its rights. `createQuality(...).core` is it.
 * Excluded: who may (routes say so), and what is drawn.
 */
import type { Kysely, Transaction } from 'kysely'
import type {
  CapabilityView,
  Characteristic,
  CharacteristicDefinition,
  ChartView,
  Entry,
  EntryResult,
  Gauge,
  Measurement,
  MeasurementChoice,
  PointChoice,
  SignalView,
} from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { Database } from '../store/index.ts'

/** A connection of the store, or a transaction that somebody has open. */
export type Db = Kysely<Database> | Transaction<Database>

/** Whoever does it. `id` is absent for what is no account: a flow, the product itself. */
export interface Who {
  name: string
  id?: string
}
export const whoIs = ({ name, userId }: Pick<Caller, 'name' | 'userId'>): Who => ({ name, id: userId })

/** An entry, also from a flow. */
export interface NewEntry extends Omit<Entry, 'source'> {
  source: Entry['source'] | 'flow'
  nodeId?: string
  runId?: string
}

/** Which measurements: newest first, at most `limit` (1,000 when left out). */
export interface MeasurementQuery extends Partial<MeasurementChoice> {
  characteristicId?: string
  ids?: readonly string[]
  entryIds?: readonly string[]
  since?: Date
  until?: Date
  limit?: number
}

/** How the calibration of a gauge stands. */
export interface GaugeState {
  name: string
  state: Gauge['state']
  calibratedAt?: Date
  dueAt?: Date
  isRetired: boolean
}
export interface GaugeStates {
  /** Undefined: there is no such gauge. */
  of(gaugeId: string, db?: Db): Promise<GaugeState | undefined>
}

/** What was entered, told after it was committed. */
export interface Entered {
  entry: NewEntry
  result: EntryResult
  characteristic: Characteristic
}

/**
 * Every promise rejects with the codes of the route that does the same. `also` is called in the transaction before its commit: what it
 * writes and what was entered are there together or not at all. It is not called for a repeat, whose `also` has been committed before.
 */
export interface QualityCore {
  /** Resolves when it is stored for good; the same `entryId` again is the same entry. */
  enter(entry: NewEntry, who: Who, also?: (db: Db, result: EntryResult) => Promise<void>): Promise<EntryResult>
  /** @throws UserError characteristic-not-found */
  characteristic(id: string, db?: Db): Promise<Characteristic>
  /** In no order; those that are not there are left out. */
  characteristics(ids: readonly string[], db?: Db): Promise<Characteristic[]>
  addCharacteristic(
    definition: CharacteristicDefinition,
    who: Who,
    more?: { reason?: string; also?: (db: Db, id: string) => Promise<void> },
  ): Promise<Characteristic>
  changeCharacteristic(id: string, change: { definition: CharacteristicDefinition; revision: number; reason: string }, who: Who): Promise<Characteristic>
  /** As they count now: corrected, where they were. */
  measurements(query: MeasurementQuery, db?: Db): Promise<Measurement[]>
  signals(query: { ids?: readonly string[]; characteristicId?: string; open?: boolean; limit?: number }, db?: Db): Promise<SignalView[]>
  chart(characteristicId: string, points: PointChoice): Promise<ChartView>
  capability(characteristicId: string, points: PointChoice): Promise<CapabilityView>
  readonly gauges: GaugeStates
  /** Told once for each entry of this host that was committed; a listener that throws is logged. Returns how to stop listening. */
  onEntered(listener: (entered: Entered) => void): () => void
}
