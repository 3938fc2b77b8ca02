/** The recorder of the run history, as the parts of this folder use it. */
import type { Run } from '../api/index.ts'

export interface RunMetrics {
  hopsRecorded: number
  /** Hops lost in the runtime or here. */
  hopsDropped: number
  runsRecorded: number
  runsDropped: number
  /** Runs that wait to be written now. */
  waiting: number
}

export interface Recorder {
  trace(notice: { batch: string; dropped: number }): void
  open(run: { id: string; trigger: Run['trigger']; replayOf?: string }): Promise<void>
  link(runId: string, link: Omit<Run['links'][number], 'at'>): Promise<void>
  linkOnce(runId: string, link: Omit<Run['links'][number], 'at'>): Promise<void>
  fail(runId: string, why: string): Promise<void>
  cancel(runId: string, why: string): Promise<boolean>
  isCancelled(runId: string): boolean
  cancelWhenDone(runId: string, why: string): Promise<void>
  stateOf(runId: string): Promise<Run['state'] | undefined>
  hold(runId: string, why: string): Promise<void>
  release(runId: string): Promise<void>
  held(): { id: string; why: string }[]
  unheard(): string[]
  endUnheard(): void
  /** Reads what an earlier life of the gateway left held. */
  load(): Promise<void>
  /** Resolves when it is in the database, however long that is away. */
  interruptActive(why: string): Promise<void>
  /** The same for the runs of a host that is gone. */
  interruptOf(host: string, why: string): Promise<void>
  /** Another host has noted something at a run. */
  relink(runId: string): Promise<void>
  /** Writes what waits; resolves when it is in the database. @throws what the database said */
  flush(): Promise<void>
  metrics(): RunMetrics
  /** The end is near: what the database does not take is not tried again. */
  hurry(): void
  close(): Promise<void>
}
