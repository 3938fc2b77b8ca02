/** Quality in figures for `/metrics`. */
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Store } from '../store/index.ts'

export interface QualityCounts {
  /** Entries and values that were stored, entries that were told again, and those that were refused with a reason. */
  entered: number
  values: number
  repeated: number
  refused: number
  signals: number
  corrected: number
}

export const noCounts = (): QualityCounts => ({ entered: 0, values: 0, repeated: 0, refused: 0, signals: 0, corrected: 0 })

const TOLD = {
  entered: ['cellwright_quality_entries_total', 'Entries of measurements stored'],
  values: ['cellwright_quality_values_total', 'Values stored'],
  repeated: ['cellwright_quality_entries_repeated_total', 'Entries that were told again and stored once'],
  refused: ['cellwright_quality_entries_refused_total', 'Entries refused with a reason'],
  signals: ['cellwright_quality_signals_total', 'Signals of charts and tolerances'],
  corrected: ['cellwright_quality_corrections_total', 'Values corrected'],
} as const satisfies Record<keyof QualityCounts, readonly [string, string]>

export function countQuality(registry: Registry, counts: Readonly<QualityCounts>, store: Pick<Store, 'db' | 'isAway'>): void {
  for (const [key, [name, help]] of Object.entries(TOLD)) {
    const counter: Counter = new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        counter.reset()
        counter.inc(counts[key as keyof QualityCounts])
      },
    })
  }
  const locked: Gauge = new Gauge({
    name: 'cellwright_quality_locked',
    help: 'Characteristics that wait for a cause or an action',
    registers: [registry],
    async collect() {
      // figures must not wait for a database that is away
      if (store.isAway) return
      const { count } = await store.db
        .selectFrom('characteristic')
        .select((e) => e.fn.countAll<number>().as('count'))
        .where('openSignals', '!=', '[]' as never)
        .executeTakeFirstOrThrow()
      locked.set(Number(count))
    },
  })
}
