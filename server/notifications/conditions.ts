/**
 * What lasts: an alarm, a broken connection, a disk that is nearly full. What was told of it is a row, written with its event in one
 * transaction: told once, whichever host notices it and however often a process dies, and told when it is over.
 */
import { type Kysely, sql } from 'kysely'
import { newId } from '../../base/ids.ts'
import { json } from '../store/index.ts'
import type { Database } from '../store/tables.ts'
import { type NewEvent, recordEvents } from './events.ts'

type Told = NewEvent extends infer E ? (E extends NewEvent ? Omit<E, 'key' | 'at'> : never) : never

/** One thing that is, or is certainly not. What nobody can judge just now is left out. */
export interface Condition {
  /** `alarm mill-1`: the same for every host that sees it. */
  subject: string
  /** What is to be told while it is so; absent: all is well. */
  is?: Told
  /** Another one is told anew. @defaultValue the event's words */
  stamp?: string
  /** Told when it is over; absent: nothing. */
  over?: Told
}

export interface Conditions {
  /** Compares them with what was told. @returns how many events are new */
  look(conditions: readonly Condition[]): Promise<number>
  /** What was told is read anew: another host may have told meanwhile. */
  forget(): void
}

export function createConditions(db: Kysely<Database>): Conditions {
  let told: Map<string, string> | undefined

  const read = async () =>
    new Map((await db.selectFrom('notificationCondition').select(['subject', 'stamp']).execute()).map(({ subject, stamp }) => [subject, stamp]))

  const begin = (subject: string, is: Told, stamp: string) =>
    db.transaction().execute(async (tx) => {
      const values = { subject, type: is.type, stamp, data: json(is.data) }
      const row = await tx
        .insertInto('notificationCondition')
        .values(values)
        .onConflict((conflict) =>
          conflict
            .column('subject')
            .doUpdateSet({ ...values, since: sql<Date>`now()` })
            .where('notificationCondition.stamp', '<>', stamp),
        )
        .returning('subject')
        .executeTakeFirst()
      // another host was first
      return row ? recordEvents(tx, [{ ...is, key: newId('ntf') } as NewEvent]) : 0
    })
  const end = (subject: string, over: Told | undefined) =>
    db.transaction().execute(async (tx) => {
      const row = await tx.deleteFrom('notificationCondition').where('subject', '=', subject).returning('subject').executeTakeFirst()
      return row && over ? recordEvents(tx, [{ ...over, key: newId('ntf') } as NewEvent]) : 0
    })

  return {
    forget() {
      told = undefined
    },
    async look(conditions) {
      let count = 0
      told ??= await read()
      for (const { subject, is, stamp = is && JSON.stringify([is.type, is.data]), over } of conditions) {
        const before = told.get(subject)
        if (is && stamp !== undefined && before !== stamp) {
          count += await begin(subject, is, stamp)
          told.set(subject, stamp)
        } else if (!is && before !== undefined) {
          count += await end(subject, over)
          told.delete(subject)
        }
      }
      return count
    },
  }
}
