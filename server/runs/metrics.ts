/** The run history's own measures for `/metrics`: a figure of throughput counts only with its recorded share. */
import { Counter, type Registry } from 'prom-client'
import type { RunsPart } from './index.ts'

/** Counters that are read from the recorder whenever somebody asks. */
export function countHops(registry: Registry, runs: Pick<RunsPart, 'metrics'>): void {
  const counters = {
    hopsRecorded: ['cellwright_run_hops_recorded_total', 'Hops written to the run history'],
    hopsDropped: ['cellwright_run_hops_dropped_total', 'Hops lost under overload'],
    runsRecorded: ['cellwright_runs_recorded_total', 'Runs written to the run history'],
    runsDropped: ['cellwright_runs_dropped_total', 'Runs lost under overload'],
  } as const
  for (const [key, [name, help]] of Object.entries(counters)) {
    const counter: Counter = new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        counter.reset()
        counter.inc(runs.metrics()[key as keyof typeof counters])
      },
    })
  }
}
