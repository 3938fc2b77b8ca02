/** What connections could not take, with the reason: the newest of each are kept. */
import type { Kysely } from 'kysely'
import type { Logger } from '../../base/log.ts'
import { type Database, json } from '../store/index.ts'

const KEPT = 200

export interface Problem {
  connectionId: string
  source: string
  reason: string
  /** By which pages say the reason in their language. */
  code?: string
  blanks?: Record<string, string | number>
}

export interface Problems {
  /** Never throws and never waits. */
  add(problem: Problem): void
  forget(connectionId: string): Promise<void>
  /** Resolves when all are written. */
  close(): Promise<void>
}

export function createProblems({ db, log, onChange }: { db: Kysely<Database>; log: Logger; onChange: () => void }): Problems {
  let writing: Promise<void> = Promise.resolve()

  const write = async ({ connectionId, source, reason, code, blanks }: Problem): Promise<void> => {
    await db
      .insertInto('connectionProblem')
      .values({
        connectionId,
        source: source.slice(0, 300),
        reason: reason.slice(0, 1000),
        told: code === undefined ? null : json({ code, blanks }),
        at: new Date(),
      })
      .execute()
    const oldest = db.selectFrom('connectionProblem').select('id').where('connectionId', '=', connectionId).orderBy('id', 'desc').offset(KEPT).limit(1)
    await db.deleteFrom('connectionProblem').where('connectionId', '=', connectionId).where('id', '<=', oldest).execute()
    onChange()
  }
  return {
    add(problem) {
      writing = writing.then(() => write(problem)).catch((error) => log.warn({ ...problem, err: error }, 'a problem of a connection could not be stored'))
    },
    async forget(connectionId) {
      await writing
      await db.deleteFrom('connectionProblem').where('connectionId', '=', connectionId).execute()
    },
    close: () => writing,
  }
}
