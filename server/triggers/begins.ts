/** Answers of "may this firing begin?", gathered: a thousand that are due in one second are a few statements. */
import { beginFirings, type Db } from './rows.ts'

export interface Begins {
  /** Whether the firing begins now: yes at most once. @throws what the database says */
  begin(firingId: string, at: Date): Promise<{ begins: boolean; runId: string | null }>
}

export function createBegins(db: Db): Begins {
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
        for (const { reject } of batch) reject(error)
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
  }
}
