/**
 * Removing people. Nothing about a person is left where it is worked with: no way in, no name, no token. What they did refers to a number, and
 * the audit log and kept versions have names as they were then: a shop has to be able to say who released a part. Who was added by mistake and
 * has done nothing is removed wholly.
 */
import { sql } from 'kysely'
import { UserError } from '../../base/errors.ts'
import type { Accounts } from './accounts.ts'
import type { Caller } from './caller.ts'
import type { Memory } from './memory.ts'

export interface Removal {
  /** @throws UserError `account-not-found` (404), `own-account` (409), `last-admin` (409), `person-has-more` (403) */
  remove(userId: string, by: Caller): Promise<{ removed: 'wholly' | 'made-anonymous'; userName: string }>
}

/** Tables whose rows are a person's own: they go with them. Every table with a `userId` is here or in {@link KEPT}, which a test asks for. */
export const THEIRS = ['pin', 'badge', 'passwordLink', 'lastSignIn', 'account', 'session', 'notificationPreference', 'pushDevice', 'signInIdentity'] as const
/** Tables whose rows stay: tokens, revoked, since the audit log names them; and that somebody was here. */
export const KEPT = ['apiToken', 'formerAccount'] as const

export function createRemoval({ accounts, memory }: { accounts: Accounts; memory: Memory }): Removal {
  return {
    async remove(userId, by) {
      const account = await accounts.get(userId)
      if (userId === by.userId)
        throw new UserError({ code: 'own-account', status: 409, message: 'This is your own account. Another administrator can remove it.' })
      accounts.mustCover(by, account)
      const { isKnown, tokens } = await accounts.inTurn(userId, async (tx) => {
        const { rows } = await sql<{ isKnown: boolean }>`
          select exists (select from "lastSignIn" where "userId" = ${userId}) or exists (select from audit where "whoId" = ${userId})
            or exists (select from "apiToken" where "userId" = ${userId}) or exists (select from "keptVersion" where "authorId" = ${userId})
            or exists (select from "flowVersion" where "authorId" = ${userId}) or exists (select from "changeRequest" where "authorId" = ${userId}) as "isKnown"`.execute(
          tx,
        )
        const tokens = await tx
          .updateTable('apiToken')
          .set({ revokedAt: new Date() })
          .where('userId', '=', userId)
          .where('revokedAt', 'is', null)
          .returning('id')
          .execute()
        for (const table of THEIRS) await sql`delete from ${sql.table(table)} where "userId" = ${userId}`.execute(tx)
        const isKnown = rows[0]?.isKnown ?? true
        if (!isKnown) await tx.deleteFrom('user').where('id', '=', userId).execute()
        else {
          const nobody = `former-${userId.toLowerCase()}`.slice(0, 40)
          await sql`update "user" set name = 'Former person', username = ${nobody}, "displayUsername" = ${nobody}, email = ${`${nobody}@people.cellwright.invalid`},
            image = null, role = 'viewer', banned = true where id = ${userId}`.execute(tx)
          await tx.insertInto('formerAccount').values({ userId, by: by.name }).execute()
        }
        return { isKnown, tokens }
      })
      memory.endSessionsOf(userId)
      memory.putPerson({ userId, userName: '', name: 'Former person', role: 'viewer', isDisabled: true })
      for (const { id } of tokens) memory.endToken(id)
      return { removed: isKnown ? 'made-anonymous' : 'wholly', userName: account.userName }
    },
  }
}
