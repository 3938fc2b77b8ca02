/** People: adding, changing, and the rule that one administrator who can sign in always remains. */
import { type Kysely, sql } from 'kysely'
import { UserError } from '../../base/errors.ts'
import type { Account, addAccount, BodyOf, changeAccount } from '../api/index.ts'
import type { Database } from '../store/tables.ts'
import { type Memory, roleOf } from './memory.ts'
import type { Pins } from './pin.ts'
import type { SignIn } from './sign-in.ts'

type NewAccount = BodyOf<typeof addAccount>
type AccountChange = BodyOf<typeof changeAccount>

export interface Accounts {
  count(): Promise<number>
  list(): Promise<Account[]>
  /** @throws UserError `user-name-taken` (409), `cannot-sign-in` (400) without password and PIN */
  add(account: NewAccount): Promise<Account>
  /** @throws UserError `account-not-found` (404), `last-admin` (409) */
  change(userId: string, change: AccountChange): Promise<Account>
  /** People with a PIN who may sign in, by name. */
  withPin(): Promise<{ userId: string; name: string }[]>
}

/** Any constant: account changes take turns, so that two cannot each remove the other's last administrator. */
const ACCOUNT_LOCK = 84_700_103

const codeOf = (error: unknown) => (error as { body?: { code?: string } })?.body?.code

export function createAccounts(options: { db: Kysely<Database>; signIn: SignIn; memory: Memory; pins: Pins }): Accounts {
  const { db, signIn, memory, pins } = options

  const rows = (userId?: string) => {
    const query = db
      .selectFrom('user')
      .leftJoin('pin', 'pin.userId', 'user.id')
      .select(['user.id', 'user.name', 'user.username', 'user.role', 'user.banned', 'user.createdAt', 'pin.userId as pinUserId'])
      .orderBy('user.name')
    return (userId === undefined ? query : query.where('user.id', '=', userId)).execute()
  }
  const toAccount = (row: Awaited<ReturnType<typeof rows>>[number]): Account => ({
    id: row.id,
    userName: row.username ?? row.name,
    name: row.name,
    role: roleOf(row.role),
    hasPin: row.pinUserId !== null,
    isDisabled: row.banned ?? false,
    createdAt: new Date(row.createdAt).toISOString(),
  })
  const get = async (userId: string): Promise<Account> => {
    const [row] = await rows(userId)
    if (!row) throw new UserError({ code: 'account-not-found', status: 404, message: 'There is no such account. Reload the list.' })
    return toAccount(row)
  }
  const remember = (account: Account) =>
    memory.putPerson({ userId: account.id, userName: account.userName, name: account.name, role: account.role, isDisabled: account.isDisabled })

  const setPassword = async (userId: string, password: string) => {
    const { internalAdapter, password: passwords } = await signIn.$context
    const hash = await passwords.hash(password)
    const isThere = (await internalAdapter.findAccounts(userId)).some((one) => one.providerId === 'credential')
    if (isThere) await internalAdapter.updatePassword(userId, hash)
    else await internalAdapter.linkAccount({ userId, accountId: userId, providerId: 'credential', password: hash })
  }

  /** The rows that role, name and disabling live in; refuses to take the last administrator away. */
  const changeRow = (userId: string, change: AccountChange) =>
    db.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${ACCOUNT_LOCK})`.execute(transaction)
      const admins = await transaction
        .selectFrom('user')
        .select('id')
        .where('role', '=', 'admin')
        .where((where) => where.or([where('banned', 'is', null), where('banned', '=', false)]))
        .execute()
      const staysAdmin = (change.role === undefined || change.role === 'admin') && change.isDisabled !== true
      if (!staysAdmin && admins.length === 1 && admins[0]?.id === userId)
        throw new UserError({
          code: 'last-admin',
          status: 409,
          message: 'This is the last administrator who can sign in. Make somebody else an administrator first.',
        })
      const values = {
        ...(change.name === undefined ? {} : { name: change.name }),
        ...(change.role === undefined ? {} : { role: change.role }),
        ...(change.isDisabled === undefined ? {} : { banned: change.isDisabled }),
      }
      if (Object.keys(values).length) await transaction.updateTable('user').set(values).where('id', '=', userId).execute()
    })

  const endSessions = async (userId: string) => {
    memory.endSessionsOf(userId)
    await db.deleteFrom('session').where('userId', '=', userId).execute()
  }

  return {
    async count() {
      const row = await db
        .selectFrom('user')
        .select(({ fn }) => fn.countAll<string>().as('n'))
        .executeTakeFirst()
      return Number(row?.n ?? 0)
    },
    list: async () => (await rows()).map(toAccount),
    async add({ userName, name, role, password, pin }) {
      if (password === undefined && pin === undefined)
        throw new UserError({ code: 'cannot-sign-in', message: 'Give a password or a PIN: without one of them this person could not sign in.' })
      const { internalAdapter } = await signIn.$context
      const taken = (cause?: unknown) =>
        new UserError({
          code: 'user-name-taken',
          status: 409,
          message: `The name "${userName}" is taken (capital letters do not count). Choose another.`,
          cause,
        })
      let userId: string
      try {
        const user = await internalAdapter.createUser(
          {
            name,
            username: userName,
            displayUsername: userName,
            role,
            // better-auth wants an address; this one can never receive anything (RFC 2606)
            email: `${userName.toLowerCase()}@people.cellwright.invalid`,
            emailVerified: true,
          },
          { method: 'admin' },
        )
        userId = user.id
      } catch (error) {
        // unique_violation: two at once
        if (codeOf(error) === 'USERNAME_IS_ALREADY_TAKEN' || (error as { code?: string }).code === '23505') throw taken(error)
        throw error
      }
      try {
        if (password !== undefined) await setPassword(userId, password)
        if (pin !== undefined) await pins.set(userId, pin)
      } catch (error) {
        await internalAdapter.deleteUser(userId)
        throw error
      }
      const account = await get(userId)
      remember(account)
      return account
    },
    async change(userId, change) {
      const before = await get(userId)
      await changeRow(userId, change)
      if (change.password !== undefined) await setPassword(userId, change.password)
      if (change.pin !== undefined) await pins.set(userId, change.pin)
      const after = await get(userId)
      remember(after)
      const isLess: boolean =
        (change.role !== undefined && change.role !== before.role) || change.isDisabled === true || change.password !== undefined || change.pin !== undefined
      if (isLess) await endSessions(userId)
      return after
    },
    async withPin() {
      const people = await db
        .selectFrom('user')
        .innerJoin('pin', 'pin.userId', 'user.id')
        .select(['user.id as userId', 'user.name'])
        .where((where) => where.or([where('user.banned', 'is', null), where('user.banned', '=', false)]))
        .orderBy('user.name')
        .execute()
      return people
    },
  }
}
