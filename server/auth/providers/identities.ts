/**
 * Who somebody at a provider is here. It hangs on the id that stays theirs there and never on a name or a mail address: a person who is here
 * already becomes the same only by an administrator, or by showing both sign-ins to be theirs.
 */
import { type Kysely, sql } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import type { Audit } from '../../audit/contract.ts'
import type { Database } from '../../store/index.ts'
import type { Accounts } from '../accounts.ts'
import type { Caller } from '../caller.ts'
import { exactly, inDirectory, type ProviderPerson, roleFor } from './person.ts'
import { disabled, nameTaken, noRole, notLetIn } from './refusals.ts'
import type { Provider } from './settings.ts'

type Who = Omit<Provider, 'secret'>

export interface Identities {
  /**
   * The account of somebody who was proven; made at the first time, its role as the provider says.
   * @throws `no-role`, `account-disabled`, `name-taken`, `not-let-in`
   */
  enter(provider: Who, person: ProviderPerson): Promise<{ userId: string; isNew: boolean; roleWas?: string; keptRole?: true; role: string }>
  /** Who is signed in through it now, or by the PIN that it vouches for. */
  openAt(providerId: string): Promise<{ userId: string; subject: string; userName: string; role: string | null }[]>
  /**
   * Somebody who is signed in was looked up again; `person` undefined: they are not there any more. Whoever has no role any more is out at once.
   * `role`: the one that it has become.
   */
  again(provider: Who, open: { userId: string; role: string | null }, person: ProviderPerson | undefined): Promise<{ isOut: boolean; role?: string }>
  /** What `enter` would do with somebody whose groups give a role, without doing it. `providerId` absent: a provider that is not kept yet. */
  would(provider: { id: string | undefined; makesPeople: boolean }, person: ProviderPerson): Promise<Would>
  /** Ties somebody to a person who is here. @throws UserError `already-linked` (409), `account-not-found` */
  link(providerId: string, subject: string, userId: string, by: string): Promise<void>
  /** @throws UserError `not-waiting` (404), `already-linked`, `user-name-taken`, `account-not-found` */
  letIn(caller: Caller, request: { providerId: string; subject: string; userId?: string | undefined }): Promise<{ userId: string }>
  /** @throws UserError `not-waiting` (404) */
  turnAway(providerId: string, subject: string): Promise<void>
  waiting(): Promise<
    {
      providerId: string
      subject: string
      userName: string
      name: string
      mail?: string
      role: string
      sameName?: { userId: string; name: string }
      at: string
    }[]
  >
  countByProvider(): Promise<Map<string, number>>
  /** @throws UserError `cannot-sign-in` (409) when nothing else is left to them */
  unlink(userId: string): Promise<void>
}

/** Who somebody at a provider would be here. */
type Would = { as: 'known' | 'disabled'; userName: string; name: string; role: string } | { as: 'name-taken'; name: string } | { as: 'new' | 'waiting' }

const notWaiting = () =>
  new UserError({
    code: 'not-waiting',
    status: 404,
    message: 'This person does not wait any more: somebody else has let them in or turned them away. Reload the list.',
  })
const isDouble = (error: unknown) => (error as { code?: unknown }).code === '23505'

export function createIdentities({ db, accounts, audit }: { db: Kysely<Database>; accounts: Accounts; audit: Audit }): Identities {
  const identityOf = (providerId: string, subject: string) =>
    db
      .selectFrom('signInIdentity')
      .innerJoin('user', 'user.id', 'signInIdentity.userId')
      .select(['signInIdentity.userId', 'signInIdentity.linkedBy', 'user.banned', 'user.role', 'user.name', 'user.username'])
      .where('signInIdentity.providerId', '=', providerId)
      .where('signInIdentity.subject', '=', subject)
      .executeTakeFirst()
  const byUserName = (userName: string) => db.selectFrom('user').select(['id', 'name']).where('username', '=', userName.toLowerCase()).executeTakeFirst()
  const wait = async (providerId: string, { subject, userName, name, mail }: ProviderPerson, role: string) => {
    const values = { userName, name, mail: mail ?? null, role, at: new Date() }
    await db
      .insertInto('signInWaiting')
      .values({ providerId, subject, ...values })
      .onConflict((conflict) => conflict.columns(['providerId', 'subject']).doUpdateSet(values))
      .execute()
  }
  const link: Identities['link'] = async (providerId, subject, userId, by) => {
    const account = await accounts.get(userId)
    const row = await db.selectFrom('signInWaiting').select('mail').where('providerId', '=', providerId).where('subject', '=', subject).executeTakeFirst()
    try {
      await db
        .insertInto('signInIdentity')
        .values({ providerId, subject, userId, mail: row?.mail ?? null, linkedBy: by, lastAt: null })
        .execute()
    } catch (error) {
      if (!isDouble(error)) throw error
      throw new UserError({
        code: 'already-linked',
        status: 409,
        message: `${account.name} belongs to somebody else at this provider already, or this sign-in to another person. Untie that first.`,
        cause: error,
      })
    }
    await db.deleteFrom('signInWaiting').where('providerId', '=', providerId).where('subject', '=', subject).execute()
  }

  /** Whoever has lost their groups does not go on by PIN or in another window. */
  const lose = async (providerId: string, userId: string) => {
    await db.updateTable('signInIdentity').set({ lastAt: null }).where('userId', '=', userId).where('providerId', '=', providerId).execute()
    await accounts.endProviderSessions({ userId, providerId })
  }
  /** @returns false: they are the last administrator, and stay one */
  const followed = async (userId: string, role: string): Promise<boolean> => {
    try {
      await accounts.follow(userId, { role })
      return true
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'last-admin') throw error
      return false
    }
  }

  return {
    link,
    async openAt(providerId) {
      const { rows } = await sql<{ userId: string; subject: string; userName: string; role: string | null }>`
        select u.id as "userId", i.subject, coalesce(u.username, u.name) as "userName", u.role from "signInIdentity" i join "user" u on u.id = i."userId"
        where i."providerId" = ${providerId} and exists (select from session s where s."userId" = u.id and s."expiresAt" > now()
          and (s.token in (select token from "providerSession" where "providerId" = ${providerId}) or s.method = 'pin' and i."lastAt" is not null))
        order by u.id`.execute(db)
      return rows
    },
    async again(provider, { userId, role }, person) {
      const { settings } = provider
      const given = person && roleFor(person.groups, settings, provider.kind === 'ldap' ? inDirectory : exactly)
      if (!given) {
        await lose(provider.id, userId)
        await accounts.endPinSessions(userId)
        return { isOut: true }
      }
      if (!settings.followsRoles || role === given.role || !(await followed(userId, given.role))) return { isOut: false }
      return { isOut: false, role: given.role }
    },
    async enter(provider, person) {
      const { settings } = provider
      const given = roleFor(person.groups, settings, provider.kind === 'ldap' ? inDirectory : exactly)
      const known = await identityOf(provider.id, person.subject)
      const told = { userName: person.userName }
      if (!given) {
        if (known) await lose(provider.id, known.userId)
        throw noRole({ ...told, reason: `groups: ${person.groups.slice(0, 20).join('; ') || 'none'}`.slice(0, 400) })
      }
      if (!known) return first(given.role)
      if (known.banned) throw disabled(told)
      const keptRole = settings.followsRoles && known.role !== given.role && !(await followed(known.userId, given.role))
      // a person made by hand keeps the name they were given here
      if (known.linkedBy === null && known.name !== person.name) await accounts.follow(known.userId, { name: person.name })
      await db
        .updateTable('signInIdentity')
        .set({ mail: person.mail ?? null, lastAt: new Date() })
        .where('providerId', '=', provider.id)
        .where('subject', '=', person.subject)
        .execute()
      const isOther = settings.followsRoles && known.role !== given.role && !keptRole
      const role = keptRole || !settings.followsRoles ? (known.role ?? 'viewer') : given.role
      return {
        userId: known.userId,
        isNew: false,
        role,
        ...(isOther ? { roleWas: known.role ?? 'viewer' } : {}),
        ...(keptRole ? { keptRole: true as const } : {}),
      }

      async function first(role: string) {
        const taken = await byUserName(person.userName)
        if (taken || !settings.makesPeople) {
          await wait(provider.id, person, role)
          throw taken ? nameTaken(told) : notLetIn(told)
        }
        try {
          const userId = await made(provider.id, person, role)
          return { userId, isNew: true, role }
        } catch (error) {
          // twice at once: the other one has made it
          const now = (error as { code?: unknown }).code === 'user-name-taken' ? await identityOf(provider.id, person.subject) : undefined
          if (!now) throw (error as { code?: unknown }).code === 'user-name-taken' ? nameTaken(told) : error
          if (now.banned) throw disabled(told)
          return { userId: now.userId, isNew: false, role: now.role ?? 'viewer' }
        }
      }
    },
    async would({ id, makesPeople }, person) {
      const known = id === undefined ? undefined : await identityOf(id, person.subject)
      if (known)
        return {
          as: known.banned ? 'disabled' : 'known',
          userName: known.username ?? known.name,
          name: known.name,
          role: known.role ?? 'viewer',
        }
      const taken = await byUserName(person.userName)
      if (taken) return { as: 'name-taken', name: taken.name }
      return { as: makesPeople ? 'new' : 'waiting' }
    },
    async letIn(caller, { providerId, subject, userId }) {
      const row = await db.selectFrom('signInWaiting').selectAll().where('providerId', '=', providerId).where('subject', '=', subject).executeTakeFirst()
      if (!row) throw notWaiting()
      if (userId !== undefined) {
        await link(providerId, subject, userId, caller.userName)
        return { userId }
      }
      const person = { subject, userName: row.userName, name: row.name, mail: row.mail ?? undefined, groups: [] }
      const made_ = await made(providerId, person, row.role)
      await db.deleteFrom('signInWaiting').where('providerId', '=', providerId).where('subject', '=', subject).execute()
      audit.record({ caller, action: 'added an account', target: row.userName, detail: { role: row.role, provider: providerId } })
      return { userId: made_ }
    },
    async turnAway(providerId, subject) {
      const gone = await db.deleteFrom('signInWaiting').where('providerId', '=', providerId).where('subject', '=', subject).executeTakeFirst()
      if (gone.numDeletedRows === 0n) throw notWaiting()
    },
    async waiting() {
      const rows = await db
        .selectFrom('signInWaiting')
        .leftJoin('user', (join) => join.on(sql<boolean>`"user".username = lower("signInWaiting"."userName")`))
        .selectAll('signInWaiting')
        .select(['user.id as sameId', 'user.name as sameAs'])
        .orderBy('signInWaiting.at', 'desc')
        .limit(200)
        .execute()
      return rows.map(({ sameId, sameAs, mail, role, at, ...row }) => ({
        ...row,
        ...(mail === null ? {} : { mail }),
        role: role,
        ...(sameId === null || sameAs === null ? {} : { sameName: { userId: sameId, name: sameAs } }),
        at: at.toISOString(),
      }))
    },
    async countByProvider() {
      const rows = await db
        .selectFrom('signInIdentity')
        .select(({ fn }) => ['providerId', fn.countAll<string>().as('n')])
        .groupBy('providerId')
        .execute()
      return new Map(rows.map(({ providerId, n }) => [providerId, Number(n)]))
    },
    async unlink(userId) {
      const account = await accounts.get(userId)
      if (account.provider && !account.hasPassword && !account.isDisabled)
        throw new UserError({
          code: 'cannot-sign-in',
          status: 409,
          message: `${account.name} could not sign in any more, and a PIN would be checked by nobody. Give a password first, or switch the account off.`,
          details: { untied: account.name },
        })
      await db.deleteFrom('signInIdentity').where('userId', '=', userId).execute()
      await accounts.endProviderSessions({ userId })
    },
  }

  /** A new person, and who they are at the provider: both or neither. */
  async function made(providerId: string, { subject, userName, name, mail }: ProviderPerson, role: string): Promise<string> {
    const { id } = await accounts.make({ userName, name, role })
    try {
      await db
        .insertInto('signInIdentity')
        .values({ providerId, subject, userId: id, mail: mail ?? null, linkedBy: null, lastAt: new Date() })
        .execute()
    } catch (error) {
      await accounts.unmake(id)
      throw error
    }
    return id
  }
}
