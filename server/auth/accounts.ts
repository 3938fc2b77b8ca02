/** People: adding, changing, and the rule that one administrator who can sign in always remains. */
import { type Kysely, sql, type Transaction } from 'kysely'
import { UserError } from '../../base/errors.ts'
import { type Account, type addAccount, type BodyOf, type changeAccount, ROLE_NAMES } from '../api/index.ts'
import type { Database } from '../store/tables.ts'
import type { Caller } from './caller.ts'
import type { Memory } from './memory.ts'
import type { Pins } from './pin.ts'
import { checkPin } from './pin-rules.ts'
import { beyond } from './rights.ts'
import type { SignIn } from './sign-in.ts'

type NewAccount = BodyOf<typeof addAccount>
type AccountChange = BodyOf<typeof changeAccount>

export interface Accounts {
  count(): Promise<number>
  list(): Promise<Account[]>
  /** @throws UserError `account-not-found` (404) */
  get(userId: string): Promise<Account>
  /**
   * @param by nobody: the first account
   * @throws UserError `user-name-taken` (409), `cannot-sign-in` (400) without password, PIN and link, `role-unknown`, `role-too-wide`, `pin-weak`
   */
  add(account: NewAccount, by?: Caller): Promise<Account>
  /** @throws UserError `account-not-found` (404), `last-admin` (409), `person-has-more` (403), `role-unknown`, `role-too-wide`, `pin-weak` */
  change(userId: string, change: AccountChange, by: Caller): Promise<Account>
  /** In turn with all other changes of accounts. @throws UserError `last-admin` (409) where this one must stay */
  inTurn<T>(userId: string, work: (transaction: Transaction<Database>) => Promise<T>): Promise<T>
  /** Whoever has more rights than the caller is changed by others: else a password that one gives would be a way to them. @throws UserError `person-has-more` (403) */
  mustCover(by: Caller, account: Pick<Account, 'role' | 'name'>): void
  setPassword(userId: string, password: string): Promise<void>
  /** All, or all but the ones named. @returns how many */
  endSessions(userId: string, except?: string): Promise<number>
  /** A person who signs in through a provider alone. @throws UserError `user-name-taken` (409) */
  make(person: { userName: string; name: string; role: string }): Promise<Account>
  /** Takes back what {@link make} made a moment ago. */
  unmake(userId: string): Promise<void>
  /** What a provider says of somebody: at once, and their sessions go on with it. @throws UserError `last-admin` (409) */
  follow(userId: string, change: { role?: string; name?: string }): Promise<void>
  /** Ends sessions that a provider opened: of one person, at one provider, or both. */
  endProviderSessions(of: { userId?: string; providerId?: string }): Promise<void>
  /** Ends sessions by PIN and badge of somebody who has no password here, so that nobody else vouches for them. */
  endPinSessions(userId: string): Promise<void>
  /** There is an administrator who can sign in whatever becomes of a provider. */
  hasLocalAdmin(): Promise<boolean>
  /** People with a PIN who may sign in, by name. */
  withPin(): Promise<{ userId: string; name: string }[]>
}

/** Any constant: account changes take turns, so that two cannot each remove the other's last administrator. */
const ACCOUNT_LOCK = 84_700_103

interface ProviderOf {
  id: string
  name: string
  mail: string | null
  lastAt: string | null
  givesRole: boolean
}
const providerFrom = ({ id, name, mail, lastAt, givesRole }: ProviderOf): NonNullable<Account['provider']> => ({
  id,
  name,
  givesRole,
  ...(mail === null ? {} : { mail }),
  ...(lastAt === null ? {} : { lastAt: new Date(lastAt).toISOString() }),
})

const codeOf = (error: unknown) => (error as { body?: { code?: string } })?.body?.code

interface Row {
  id: string
  name: string
  username: string | null
  role: string | null
  banned: boolean | null
  createdAt: Date
  lastSignInAt: Date | null
  linkEndsAt: Date | null
  hasPin: boolean
  hasBadge: boolean
  hasPassword: boolean
  sessions: number
  isLastAdmin: boolean | null
  provider: ProviderOf | null
}

export function createAccounts(options: { db: Kysely<Database>; signIn: SignIn; memory: Memory; pins: Pins }): Accounts {
  const { db, signIn, memory, pins } = options

  const rows = async (userId?: string) => {
    const { rows: found } = await sql<Row>`
      select u.id, u.name, u.username, u.role, u.banned, u."createdAt", l.at as "lastSignInAt", k."expiresAt" as "linkEndsAt",
        exists (select from pin where "userId" = u.id) as "hasPin", exists (select from badge where "userId" = u.id) as "hasBadge",
        exists (select from account where "userId" = u.id and "providerId" = 'credential' and password is not null) as "hasPassword",
        (select count(*)::int from session where "userId" = u.id and "expiresAt" > now()) as sessions,
        u.role = 'admin' and not coalesce(u.banned, false) and not exists
          (select from "user" o where o.id <> u.id and o.role = 'admin' and not coalesce(o.banned, false)
            and (exists (select from account where "userId" = o.id and "providerId" = 'credential' and password is not null)
              or not exists (select from account where "userId" = u.id and "providerId" = 'credential' and password is not null))) as "isLastAdmin",
        (select jsonb_build_object('id', p.id, 'name', p.name, 'mail', i.mail, 'lastAt', i."lastAt",
          'givesRole', p."isOn" and coalesce((p.settings ->> 'followsRoles')::boolean, true)) from "signInIdentity" i join "signInProvider" p
          on p.id = i."providerId" where i."userId" = u.id order by i."lastAt" desc nulls last limit 1) as provider
      from "user" u left join "lastSignIn" l on l."userId" = u.id left join "passwordLink" k on k."userId" = u.id and k."expiresAt" > now()
      where not exists (select from "formerAccount" where "userId" = u.id) and (${userId ?? null}::text is null or u.id = ${userId ?? null})
      order by u.name`.execute(db)
    return found
  }
  const toAccount = ({ id, name, username, role, banned, createdAt, lastSignInAt, linkEndsAt, isLastAdmin, provider, ...facts }: Row): Account => ({
    id,
    userName: username ?? name,
    name,
    role: memory.rightsOf(role).id,
    ...facts,
    isDisabled: banned ?? false,
    isLastAdmin: isLastAdmin ?? false,
    ...(provider ? { provider: providerFrom(provider) } : {}),
    createdAt: new Date(createdAt).toISOString(),
    ...(lastSignInAt ? { lastSignInAt: new Date(lastSignInAt).toISOString() } : {}),
    ...(linkEndsAt ? { linkEndsAt: new Date(linkEndsAt).toISOString() } : {}),
  })
  const get = async (userId: string): Promise<Account> => {
    const [row] = await rows(userId)
    if (!row) throw new UserError({ code: 'account-not-found', status: 404, message: 'There is no such account. Reload the list.' })
    return toAccount(row)
  }
  const remember = (account: Account) =>
    memory.putPerson({ userId: account.id, userName: account.userName, name: account.name, role: account.role, isDisabled: account.isDisabled })

  const mustCover: Accounts['mustCover'] = (by, { role, name }) => {
    const more = beyond(memory.rightsOf(role).capabilities, by.capabilities)
    if (more.length)
      throw new UserError({
        code: 'person-has-more',
        status: 403,
        message: `${name} may do what you may not (${more.join(', ')}). Somebody with these rights has to change this account.`,
        details: { name, more },
      })
  }
  const mustGive = (role: string, by: Caller | undefined) => {
    const rights = memory.rightsOf(role)
    if (rights.id !== role)
      throw new UserError({
        code: 'role-unknown',
        message: `There is no role "${role}". There are ${ROLE_NAMES.join(', ')}, and those that the shop has made.`,
      })
    const more = by ? beyond(rights.capabilities, by.capabilities) : []
    if (more.length)
      throw new UserError({
        code: 'role-too-wide',
        status: 403,
        message: `The role "${rights.name ?? role}" could do what you may not (${more.join(', ')}). Choose a role within your own rights.`,
        details: { role: rights.name ?? role, more },
      })
  }

  const setPassword = async (userId: string, password: string) => {
    const { internalAdapter, password: passwords } = await signIn.$context
    const hash = await passwords.hash(password)
    const isThere = (await internalAdapter.findAccounts(userId)).some((one) => one.providerId === 'credential')
    if (isThere) await internalAdapter.updatePassword(userId, hash)
    else await internalAdapter.linkAccount({ userId, accountId: userId, providerId: 'credential', password: hash })
  }

  const activeAdmins = async (within: Kysely<Database>): Promise<{ id: string; hasPassword: boolean }[]> => {
    // only an administrator of ours may give every right there is: others could never make one again
    const admins = await within
      .selectFrom('user')
      .leftJoin('account', (join) =>
        join.onRef('account.userId', '=', 'user.id').on('account.providerId', '=', 'credential').on('account.password', 'is not', null),
      )
      .select(['user.id', 'account.id as passwordId'])
      .where('user.role', '=', 'admin')
      .where((where) => where.or([where('user.banned', 'is', null), where('user.banned', '=', false)]))
      .execute()
    return admins.map(({ id, passwordId }) => ({ id, hasPassword: passwordId !== null }))
  }
  /** Of those who have a password, too: a provider may be away, or be set wrong. */
  const isLastAdmin = async (transaction: Transaction<Database>, userId: string): Promise<boolean> => {
    const admins = await activeAdmins(transaction)
    const own = admins.find(({ id }) => id === userId)
    return own !== undefined && !admins.some(({ id, hasPassword }) => id !== userId && (hasPassword || !own.hasPassword))
  }
  const lastAdmin = () =>
    new UserError({
      code: 'last-admin',
      status: 409,
      message: 'This is the last administrator who can sign in without a provider. Make somebody else with a password an administrator first.',
    })
  const takeTurn = <T>(work: (transaction: Transaction<Database>) => Promise<T>): Promise<T> =>
    db.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${ACCOUNT_LOCK})`.execute(transaction)
      return work(transaction)
    })

  /** The rows that role, name and disabling live in; refuses to take the last administrator away. */
  const changeRow = (userId: string, change: AccountChange) =>
    takeTurn(async (transaction) => {
      const staysAdmin = (change.role === undefined || change.role === 'admin') && change.isDisabled !== true
      if (!staysAdmin && (await isLastAdmin(transaction, userId))) throw lastAdmin()
      const values = {
        ...(change.name === undefined ? {} : { name: change.name }),
        ...(change.role === undefined ? {} : { role: change.role }),
        ...(change.isDisabled === undefined ? {} : { banned: change.isDisabled }),
      }
      if (Object.keys(values).length) await transaction.updateTable('user').set(values).where('id', '=', userId).execute()
    })

  /** @throws UserError `user-name-taken` (409) */
  const makeUser = async ({ userName, name, role }: { userName: string; name: string; role: string }): Promise<string> => {
    const { internalAdapter } = await signIn.$context
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
      return user.id
    } catch (error) {
      // unique_violation: two at once
      if (codeOf(error) === 'USERNAME_IS_ALREADY_TAKEN' || (error as { code?: string }).code === '23505')
        throw new UserError({
          code: 'user-name-taken',
          status: 409,
          message: `The name "${userName}" is taken (capital letters do not count). Choose another.`,
          cause: error,
        })
      throw error
    }
  }
  const unmake = async (userId: string): Promise<void> => {
    const { internalAdapter } = await signIn.$context
    await internalAdapter.deleteUser(userId)
  }

  const endSessions: Accounts['endSessions'] = async (userId, except) => {
    memory.endSessionsOf(userId, except)
    const gone = await db
      .deleteFrom('session')
      .where('userId', '=', userId)
      .where('token', '!=', except ?? '')
      .returning('id')
      .execute()
    return gone.length
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
    get,
    mustCover,
    setPassword,
    endSessions,
    inTurn: (userId, work) =>
      takeTurn(async (transaction) => {
        if (await isLastAdmin(transaction, userId)) throw lastAdmin()
        return work(transaction)
      }),
    async add({ userName, name, role, password, pin, byLink = false }, by) {
      if (password === undefined && pin === undefined && !byLink)
        throw new UserError({ code: 'cannot-sign-in', message: 'Give a password or a PIN: without one of them this person could not sign in.' })
      mustGive(role, by)
      if (pin !== undefined) checkPin(pin)
      const userId = await makeUser({ userName, name, role })
      try {
        if (password !== undefined) await setPassword(userId, password)
        if (pin !== undefined) await pins.set(userId, pin)
      } catch (error) {
        await unmake(userId)
        throw error
      }
      const account = await get(userId)
      remember(account)
      return account
    },
    async make(person) {
      const account = await get(await makeUser(person))
      remember(account)
      return account
    },
    unmake,
    async follow(userId, change) {
      await changeRow(userId, change)
      remember(await get(userId))
    },
    async endProviderSessions({ userId, providerId }) {
      let query = db.selectFrom('session').innerJoin('providerSession', 'providerSession.token', 'session.token').select('session.token')
      if (userId !== undefined) query = query.where('session.userId', '=', userId)
      if (providerId !== undefined) query = query.where('providerSession.providerId', '=', providerId)
      const tokens = (await query.execute()).map(({ token }) => token)
      for (const token of tokens) memory.endSession(token)
      if (tokens.length) await db.deleteFrom('session').where('token', 'in', tokens).execute()
    },
    async endPinSessions(userId) {
      if ((await get(userId)).hasPassword) return
      const { rows: open } = await sql<{ token: string }>`select token from session where "userId" = ${userId} and method = 'pin'`.execute(db)
      const tokens = open.map(({ token }) => token)
      for (const token of tokens) memory.endSession(token)
      if (tokens.length) await db.deleteFrom('session').where('token', 'in', tokens).execute()
    },
    hasLocalAdmin: async () => (await activeAdmins(db)).some(({ hasPassword }) => hasPassword),
    async change(userId, change, by) {
      const before = await get(userId)
      mustCover(by, before)
      if (change.role !== undefined && change.role !== before.role) mustGive(change.role, by)
      if (typeof change.pin === 'string') checkPin(change.pin)
      await changeRow(userId, change)
      if (change.password !== undefined) {
        await setPassword(userId, change.password)
        // who made it did so for the password that was
        await db.deleteFrom('passwordLink').where('userId', '=', userId).execute()
      }
      if (change.pin !== undefined) await pins.set(userId, change.pin)
      if (change.badge === null) await db.deleteFrom('badge').where('userId', '=', userId).execute()
      const after = await get(userId)
      remember(after)
      const isLess: boolean =
        (change.role !== undefined && change.role !== before.role) ||
        change.isDisabled === true ||
        change.password !== undefined ||
        change.pin !== undefined ||
        change.badge === null
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
