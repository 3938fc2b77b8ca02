/** Runs as the other parts of the gateway use them. */
import type { Run } from '../api/index.ts'

type RunLink = Run['links'][number]

export interface Runs {
  /** Opens a run from outside the runtime (a press, a job) before its first message flows. */
  open(run: { id: string; trigger: Run['trigger']; replayOf?: string }): Promise<void>
  /** Notes something that the run caused or met. Never throws for an unknown run. */
  link(runId: string, link: Omit<RunLink, 'at'>): Promise<void>
  /** The same, unless something of that kind and id is noted there: for work that is done again after a break. */
  linkOnce(runId: string, link: Omit<RunLink, 'at'>): Promise<void>
  /** Ends a run that never reached the runtime as failed, with the reason. A run that has ended stays as it ended. */
  fail(runId: string, why: string): Promise<void>
  /**
   * Ends a run as cancelled, for good: whatever the runtime still tells of it. Resolves when that is stored, with whether it
   * was active: one that has ended stays as it ended.
   */
  cancel(runId: string, why: string): Promise<boolean>
  /** Something of an active run was cancelled that nobody in the flow looks after: if it ends well, it ends as cancelled. */
  cancelWhenDone(runId: string, why: string): Promise<void>
  /** Undefined: there is no such run. */
  stateOf(runId: string): Promise<Run['state'] | undefined>
  /** Told of a run that is active in this gateway's runtime and that another gateway has cancelled. */
  onCancelledElsewhere(listener: (runId: string) => void): void
  /** Whether it was cancelled here, not long ago. */
  isCancelled(runId: string): boolean
  /**
   * The run owns something that waits: until {@link release} it stays active, over restarts of runtime and gateway too.
   * One hold a run: again with other words changes only the words. A run that is not known yet (its first message is
   * still on its way here) is opened, one that has ended is taken up again. Resolves when it is stored.
   * @throws UserError run-cancelled
   * @param why shown to people: what the run waits for
   */
  hold(runId: string, why: string): Promise<void>
  /**
   * Nothing of the run waits any more: it ends once its messages in the runtime have come to rest (a moment later when the
   * runtime has none). For a run that is not held nothing happens. Hold before the thing that waits is stored, and
   * release after it is gone: {@link held} says at a start what was held in between.
   */
  release(runId: string): Promise<void>
  /** Runs that are held and not released, e.g. from an earlier life of the gateway (read by `start`). */
  held(): { id: string; why: string }[]
  /**
   * Let go in an earlier life of the gateway, and the runtime has told nothing of them since. They stay active until
   * {@link endUnheard} or {@link fail}: their messages may have died with a runtime in between.
   */
  unheard(): string[]
  /** The runtime runs and has told of all that it has under way: what is {@link unheard} still, has ended. */
  endUnheard(): void
  /** Active runs end as `interrupted` with these words (the runtime died, the gateway was restarted); held ones go on. */
  interruptActive(why: string): Promise<void>
  /** Called once, when the end of the run is stored. A run that nobody ever tells of has none. */
  whenEnded(runId: string, listener: () => void): void
  onChange(listener: (run: { id: string; state: Run['state']; summary?: string }) => void): void
}
