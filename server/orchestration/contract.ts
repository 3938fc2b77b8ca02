/** Orchestration as the other parts of the gateway use it. */

export interface Orchestration {
  /**
   * Something happened that flows may wait for: every open "wait for event" with this name goes on that asks for no key, or
   * for this one. Resolves when it is stored, with how many that are.
   * @param event.id the same id twice is one event
   */
  raiseEvent(event: { id?: string; name: string; key?: string; payload?: unknown }): Promise<{ woken: number }>
  /** Ends what a run waits for; nothing of it goes on. Resolves with how many steps that were. */
  endRun(runId: string, reason: string): Promise<number>
  /** The same of what is waited for in the flow of one job. */
  endJob(job: { id: string; runId: string }, reason: string): Promise<number>
  /** What a run waits for, in words; of one job only, if it is named. */
  waits(runId: string, jobId?: string): Promise<string[]>
}
