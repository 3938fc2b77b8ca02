/**
 * Badges: a reader types the code of a badge as a keyboard would. Only a keyed hash of the code is kept, which finds its owner and
 * is worth nothing to whoever steals the table. A badge opens no more than a PIN does; how often one may be tried is limited in
 * front of the route.
 */
import { createHmac } from 'node:crypto'
import type { Kysely } from 'kysely'
import { UserError } from '../../base/errors.ts'
import type { Database } from '../store/tables.ts'

export interface Badges {
  /**
   * Pairs a badge with a person, in place of an earlier one; null takes it away.
   * @throws UserError `badge-taken` (409)
   */
  pair(userId: string, code: string | null): Promise<void>
  /** @throws UserError `badge-unknown` (401) */
  ownerOf(code: string): Promise<string>
}

/** @param options.pepper key of the installation: badge numbers are short enough to be tried out */
export function createBadges({ db, pepper }: { db: Kysely<Database>; pepper: string }): Badges {
  const hash = (code: string) => createHmac('sha256', pepper).update(code.trim()).digest('base64')
  return {
    async pair(userId, code) {
      if (code === null) {
        await db.deleteFrom('badge').where('userId', '=', userId).execute()
        return
      }
      const mark = hash(code)
      const taken = await db.selectFrom('badge').select('userId').where('hash', '=', mark).executeTakeFirst()
      if (taken && taken.userId !== userId)
        throw new UserError({
          code: 'badge-taken',
          status: 409,
          message: 'This badge belongs to somebody else already. They have to take it back first, or an administrator switches their account off.',
        })
      await db
        .insertInto('badge')
        .values({ userId, hash: mark })
        .onConflict((conflict) => conflict.column('userId').doUpdateSet({ hash: mark, at: new Date() }))
        .execute()
    },
    async ownerOf(code) {
      const row = await db.selectFrom('badge').select('userId').where('hash', '=', hash(code)).executeTakeFirst()
      if (!row)
        throw new UserError({
          code: 'badge-unknown',
          status: 401,
          message: 'This badge is not paired with anybody. Sign in with PIN or password once, and pair it under your name.',
        })
      return row.userId
    },
  }
}
