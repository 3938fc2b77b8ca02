/** Runs as the other parts of the gateway use them. */
import type { Run } from '../api/index.ts'

type RunLink = Run['links'][number]

export interface Runs {
  /** Opens a run from outside the runtime (a press, a job) before its first message flows. */
  open(run: { id: string; trigger: Run['trigger'] }): Promise<void>
  /** Notes something that the run caused or met. Never throws for an unknown run. */
  link(runId: string, link: Omit<RunLink, 'at'>): Promise<void>
  /** The same, unless something of that kind and id is noted there: for work that is done again after a break. */
  linkOnce(runId: string, link: Omit<RunLink, 'at'>): Promise<void>
  /** Ends a run that never reached the runtime as failed, with the reason. A run that has ended stays as it ended. */
  fail(runId: string, why: string): Promise<void>
  /** Active runs end as `interrupted` with these words (the runtime died, the gateway was restarted). */
  interruptActive(why: string): Promise<void>
  /** Called once, when the end of the run is stored. A run that nobody ever tells of has none. */
  whenEnded(runId: string, listener: () => void): void
  onChange(listener: (run: { id: string; state: Run['state']; summary?: string }) => void): void
}
