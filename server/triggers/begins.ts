/**
 * Answers of "may this firing begin?", gathered: a thousand that are due in one second are a few statements. A database that dies may
 * have stored a yes that nobody heard: that one is taken back when it is there again.
 */
import { beginFirings, type Db, takeBack } from './rows.ts'

export interface Begins {
  /** Whether the firing begins now: yes at most once. @throws what the database says */
  begin(firingId: string, at: Date): Promise<{ begins: boolean; runId: string | null }>
  /**
   * Takes back what was stored and not heard: what a schedule or event fired is due again, what a person fired has failed.
   * @param failed with the run of a firing by hand, which never begins
   * @throws what the database says; then the next call does it
   */
  settle(failed: (runId: string) => Promise<unknown>): Promise<void>
}

export function createBegins(db: Db): Begins {
  /** When each was asked for whose answer did not come. */
  const unheard = new Map<string, Date>()
  let waiting: { id: string; resolve: (found: { begins: boolean; runId: string | null }) => void; reject: (error: unknown) => void }[] = []
  let isWriting = false

  const write = async (at: Date) => {
    isWriting = true
    // what comes while a statement is on its way goes with the next one
    while (waiting.length) {
      const batch = waiting
      waiting = []
      try {
        const begun = new Map((await beginFirings(db, [...new Set(batch.map(({ id }) => id))], at)).map((row) => [row.id, row.runId]))
        for (const { id, resolve } of batch) {
          const runId = begun.get(id)
          // asked twice in one batch: the first hears yes
          begun.delete(id)
          resolve({ begins: runId !== undefined, runId: runId ?? null })
        }
      } catch (error) {
        for (const { id, reject } of batch) {
          unheard.set(id, at)
          reject(error)
        }
      }
    }
    isWriting = false
  }

  return {
    begin: (id, at) =>
      new Promise((resolve, reject) => {
        waiting.push({ id, resolve, reject })
        if (!isWriting) void write(at)
      }),
    async settle(failed) {
      if (!unheard.size) return
      const asked = [...unheard].map(([id, at]) => ({ id, at }))
      const taken = await takeBack(db, asked)
      // asked again meanwhile, and not answered again: the next call's
      for (const { id, at } of asked) if (unheard.get(id) === at) unheard.delete(id)
      for (const { cause, runId } of taken) if (cause === 'by-hand' && runId !== null) await failed(runId)
    },
  }
}
