/** Ids of spans: those of a run follow from its run id, so that a trace can be found by the run and the run by its trace. */
import { createHash } from 'node:crypto'
import { type IdGenerator, RandomIdGenerator } from '@opentelemetry/sdk-trace'

export interface RunIds {
  traceId: string
  spanId: string
}

/** 16 and 8 bytes as hex, as W3C trace context wants them. */
export function idsOfRun(runId: string): RunIds {
  const hash = createHash('sha256').update(runId).digest('hex')
  return { traceId: hash.slice(0, 32), spanId: hash.slice(32, 48) }
}

/** Random ids, but for the one span that is told which to take. */
export class ChosenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator()
  #next: RunIds | undefined

  /** For the one span that `make` starts. */
  with<T>(ids: RunIds, make: () => T): T {
    this.#next = ids
    try {
      return make()
    } finally {
      this.#next = undefined
    }
  }
  generateTraceId(): string {
    return this.#next?.traceId ?? this.#random.generateTraceId()
  }
  generateSpanId(): string {
    return this.#next?.spanId ?? this.#random.generateSpanId()
  }
}
