/** A queue as this gateway works it (pump.ts). */
import type { JobRow } from './job-row.ts'

export interface Pump {
  readonly queue: string
  /** There may be something to do. Costs one query. */
  wake(): void
  /** Takes nothing new until `resume`; what runs goes on. */
  pause(): void
  resume(): void
  /** A place for a job of that name that is about to be written, while there is room and nothing of the queue is known to wait. */
  reserve(name: string): Reserved | undefined
  /** Hears of the queue no more; what runs goes on. */
  close(): Promise<void>
}

/** Ends with exactly one of the two. */
interface Reserved {
  host: string
  token: string
  /** The row was written as begun. */
  begin(row: JobRow): void
  giveBack(): void
}
