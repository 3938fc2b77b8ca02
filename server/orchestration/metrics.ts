/** Steps in figures for `/metrics`. */
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Store } from '../store/index.ts'
import type { OrchestrationPart } from './index.ts'

const KINDS = ['time', 'event', 'person', 'lock', 'scope'] as const

export function countSteps(registry: Registry, part: Pick<OrchestrationPart, 'counts'>, store: Pick<Store, 'db' | 'isAway'>): void {
  const counters = {
    opened: ['cellwright_steps_opened_total', 'Steps stored'],
    ended: ['cellwright_steps_ended_total', 'Steps that ended'],
    woken: ['cellwright_step_wakes_total', 'Times a step was woken'],
    failed: ['cellwright_step_wakes_failed_total', 'Wakes that the runtime could not take; they are tried again'],
    jumps: ['cellwright_step_clock_jumps_total', 'Times the clock was seen to be set'],
  } as const
  for (const [key, [name, help]] of Object.entries(counters)) {
    const counter: Counter = new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        counter.reset()
        counter.inc(part.counts()[key as keyof typeof counters])
      },
    })
  }
  const open: Gauge<'kind'> = new Gauge({
    name: 'cellwright_steps_open',
    help: 'Steps that wait now',
    labelNames: ['kind'],
    registers: [registry],
    async collect() {
      open.reset()
      // figures must not wait for a database that is away
      if (store.isAway) return
      const rows = await store.db
        .selectFrom('step')
        .select(['kind', (e) => e.fn.countAll<number>().as('count')])
        .where('state', '=', 'waiting')
        .groupBy('kind')
        .execute()
      for (const kind of KINDS) open.set({ kind }, Number(rows.find((row) => row.kind === kind)?.count ?? 0))
    },
  })
}
