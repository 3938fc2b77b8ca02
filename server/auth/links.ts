/** Links by which a person chooses a password: 256 random bits, for three days and for once, kept as SHA-256. */
import { randomBytes } from 'node:crypto'
import { type Kysely, sql, type Transaction } from 'kysely'
import { UserError } from '../../base/errors.ts'
import type { Database } from '../store/tables.ts'
import type { Accounts } from './accounts.ts'
import type { Caller } from './caller.ts'
import { LOCAL_USER, sha256 } from './memory.ts'

const DAYS = 3

export interface PasswordLinks {
  /** The password there was counts no more, and sessions end: who asks for a new one may have lost the old one to somebody. @throws UserError `last-admin` (409) */
  make(userId: string, by: Caller): Promise<{ path: string; endsAt: Date }>
  /** @throws UserError `link-invalid` (404), also for people who are switched off */
  lookAt(code: string): Promise<{ userId: string; userName: string; name: string }>
  /** Of two at once one wins. @throws UserError `link-invalid` (404) */
  use(code: string, password: string): Promise<{ userId: string; userName: string }>
}

const invalid = () =>
  new UserError({
    code: 'link-invalid',
    status: 404,
    message: 'This link does not count, or not any more: each is good once and for three days. Ask an administrator for a new one.',
  })

export function createPasswordLinks({ db, accounts }: { db: Kysely<Database>; accounts: Accounts }): PasswordLinks {
  const find = async (code: string) => {
    const row = await db
      .selectFrom('passwordLink')
      .innerJoin('user', 'user.id', 'passwordLink.userId')
      .select(['user.id as userId', 'user.username', 'user.name'])
      .where('passwordLink.sha256', '=', sha256(code))
      .where('passwordLink.expiresAt', '>', sql<Date>`now()`)
      .where((where) => where.or([where('user.banned', 'is', null), where('user.banned', '=', false)]))
      .executeTakeFirst()
    if (!row) throw invalid()
    return { userId: row.userId, userName: row.username ?? row.name, name: row.name }
  }
  return {
    async make(userId, by) {
      const account = await accounts.get(userId)
      accounts.mustCover(by, account)
      if (userId === by.userId)
        throw new UserError({ code: 'own-account', status: 409, message: 'This is your own account: change your password under "My account".' })
      const code = randomBytes(32).toString('base64url')
      const values = { sha256: sha256(code), expiresAt: new Date(Date.now() + DAYS * 86_400_000), by: by.name, at: new Date() }
      const work = async (tx: Transaction<Database>) => {
        await sql`delete from account where "userId" = ${userId} and "providerId" = 'credential'`.execute(tx)
        await tx
          .insertInto('passwordLink')
          .values({ userId, ...values })
          .onConflict((conflict) => conflict.column('userId').doUpdateSet(values))
          .execute()
      }
      // with the last administrator's password nobody could sign in while the provider is away; who sits at the server itself can always help
      if (by.userId === LOCAL_USER) await db.transaction().execute(work)
      else await accounts.inTurn(userId, work)
      await accounts.endSessions(userId)
      return { path: `/welcome#${code}`, endsAt: values.expiresAt }
    },
    lookAt: find,
    async use(code, password) {
      const { userId, userName } = await find(code)
      const taken = await db.deleteFrom('passwordLink').where('sha256', '=', sha256(code)).executeTakeFirst()
      if (taken.numDeletedRows === 0n) throw invalid()
      await accounts.setPassword(userId, password)
      await accounts.endSessions(userId)
      return { userId, userName }
    },
  }
}
