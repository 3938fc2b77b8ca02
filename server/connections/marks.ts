/** How far connections have read what they read by themselves: kept with what it started, or not at all. */
import type { Kysely } from 'kysely'
import type { Database } from '../store/index.ts'

interface Mark {
  name: string
  value: string
}

export interface Marks {
  of(connectionId: string): Promise<Record<string, string>>
  /** @param db the transaction that stores what goes with it */
  keep(db: Kysely<Database>, connectionId: string, mark: Mark): Promise<void>
  forget(connectionId: string): Promise<void>
}

export function createMarks(db: Kysely<Database>): Marks {
  return {
    async of(connectionId) {
      const rows = await db.selectFrom('connectionMark').select(['name', 'value']).where('connectionId', '=', connectionId).execute()
      return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
    },
    async keep(within, connectionId, { name, value }) {
      await within
        .insertInto('connectionMark')
        .values({ connectionId, name, value })
        .onConflict((conflict) => conflict.columns(['connectionId', 'name']).doUpdateSet({ value, at: new Date() }))
        .execute()
    },
    async forget(connectionId) {
      await db.deleteFrom('connectionMark').where('connectionId', '=', connectionId).execute()
    },
  }
}
