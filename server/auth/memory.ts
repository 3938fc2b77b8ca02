/**
 * Who is signed in, in memory: every live session, API token and person. Requests are judged from here,
 * so that stop and hold work while the database stands still. What this process changes is changed here
 * at once; what others change (another host, a hand in the database) is seen within two seconds.
 */
import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Logger } from '../../base/log.ts'
import { type Capability, capabilitiesOf } from '../api/index.ts'
import type { Database } from '../store/tables.ts'
import type { Caller } from './caller.ts'
import { type Rights, rightsOf, rightsOfRow } from './rights.ts'

interface Person {
  userId: string
  userName: string
  name: string
  /** The id of it: one of ours, or one that the shop has made. */
  role: string
  isDisabled: boolean
}
/** How somebody signed in. A PIN is short, so it opens no more than the operator's rights; what a provider opened is not prolonged. */
export type SignInMethod = 'password' | 'pin' | 'provider'
export const methodOf = (method: unknown): SignInMethod => (method === 'pin' || method === 'provider' ? method : 'password')
interface Session {
  token: string
  userId: string
  expiresAtMs: number
  method: SignInMethod
  /** The person has left the panel. */
  isLocked?: boolean
}
interface Token {
  id: string
  name: string
  sha256: string
  userId: string
  role: string
  expiresAtMs: number | undefined
}

/** The command line on this computer: whoever may read the owner-only access file. Never in the database. */
export const LOCAL_USER = 'local'
const LOCAL_PERSON: Person = { userId: LOCAL_USER, userName: 'local', name: 'command line', role: 'admin', isDisabled: false }

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const POLL_MS = 2000
/** "Last seen" is exact to this. */
const SEEN_MS = 60_000

/** From where a session was used. */
interface Sight {
  address: string | undefined
  agent: string | undefined
}

/** What a panel may do while nobody is signed in at it. */
export const LEFT_TO_NOBODY: ReadonlySet<Capability> = new Set<Capability>([...capabilitiesOf('viewer'), 'machines.stop'])

const both = (a: ReadonlySet<Capability>, b: ReadonlySet<Capability>) => new Set([...a].filter((capability) => b.has(capability)))

export interface Memory {
  /** From memory alone. */
  bySession(token: string): Caller | undefined
  byToken(text: string): Caller | undefined
  session(token: string): Session | undefined
  /** Looks in the store for a session this process has not seen yet. @throws when the store is away */
  findSession(token: string): Promise<Caller | undefined>
  putPerson(person: Person): void
  putSession(session: Session): void
  /** At once, and for good: a session ended here never comes back from the store. */
  endSession(token: string): void
  endSessionsOf(userId: string, except?: string): void
  /** From now on it may see and stop, nothing else. */
  lockSession(token: string): void
  /** A session has been used; kept in the store within a minute. */
  seen(token: string, sight: Sight): void
  /** Here, since this process began. */
  sightOf(token: string): (Sight & { atMs: number }) | undefined
  rightsOf(role: string | null | undefined): Rights
  putRole(role: Rights): void
  dropRole(id: string): void
  putToken(token: Token): void
  endToken(id: string): void
  /** Somebody's rights may have become less. */
  onLess(listener: () => void): void
  close(): Promise<void>
}

/** Loads everything, then follows the store. `localToken` is the command line's, kept in memory only. */
export async function createMemory(options: { db: Kysely<Database>; log: Logger; localToken: string }): Promise<Memory> {
  const { db, log } = options
  let people = new Map<string, Person>()
  let sessions = new Map<string, Session>()
  let tokens = new Map<string, Token>()
  let roles = new Map<string, Rights>()
  const sights = new Map<string, Sight & { atMs: number; keptAtMs: number }>()
  /** Ended here; kept until they would have ended anyway. */
  const ended = new Map<string, number>()
  const endedTokens = new Set<string>()
  const usedTokens = new Set<string>()
  /** Asked for and not in the store, until the next look. */
  const unknown = new Set<string>()
  const callers = new Map<string, Caller>()
  const listeners: (() => void)[] = []
  const local: Token = {
    id: 'local',
    name: 'command line',
    sha256: sha256(options.localToken),
    userId: LOCAL_PERSON.userId,
    role: 'admin',
    expiresAtMs: undefined,
  }
  /** Counts our own changes: what was read before one of them is stale. */
  let changes = 0
  let fingerprint = ''

  const changed = (isLess: boolean) => {
    changes += 1
    // what was put here may be gone from the store before the next look, which then finds the same as at the last one
    fingerprint = ''
    callers.clear()
    if (isLess) for (const listener of listeners) listener()
  }

  const readFingerprint = async (): Promise<string> => {
    const { rows } = await sql<{ print: string }>`select md5(
      coalesce((select string_agg(token || "userId" || "expiresAt"::text, ',' order by token) from session where "expiresAt" > now()), '') || '|' ||
      coalesce((select string_agg(id || name || coalesce(username, '') || coalesce(role, '') || coalesce(banned, false)::text, ',' order by id) from "user"), '') || '|' ||
      coalesce((select string_agg(token, ',' order by token) from "lockedSession"), '') || '|' ||
      coalesce((select string_agg(id || name || "basedOn" || capabilities::text, ',' order by id) from role), '') || '|' ||
      coalesce((select string_agg(id || role || coalesce("expiresAt"::text, ''), ',' order by id) from "apiToken" where "revokedAt" is null), '')) as print`.execute(
      db,
    )
    return rows[0]?.print ?? ''
  }

  const read = async () => {
    const { rows: sessionRows } = await sql<{ token: string; userId: string; expiresAt: Date; method: string | null; isLocked: boolean }>`
      select s.token, s."userId", s."expiresAt", s.method, l.token is not null as "isLocked" from session s left join "lockedSession" l on l.token = s.token
      where s."expiresAt" > now()`.execute(db)
    const userRows = await db.selectFrom('user').select(['id', 'name', 'username', 'role', 'banned']).execute()
    const tokenRows = await db.selectFrom('apiToken').select(['id', 'name', 'sha256', 'userId', 'role', 'expiresAt']).where('revokedAt', 'is', null).execute()
    const roleRows = await db.selectFrom('role').select(['id', 'name', 'basedOn', 'capabilities']).execute()
    return { sessionRows, userRows, tokenRows, roleRows }
  }

  const apply = ({ sessionRows, userRows, tokenRows, roleRows }: Awaited<ReturnType<typeof read>>) => {
    roles = new Map(roleRows.map((row) => [row.id, rightsOfRow(row)]))
    people = new Map(
      userRows.map((row) => [
        row.id,
        { userId: row.id, userName: row.username ?? row.name, name: row.name, role: row.role ?? 'viewer', isDisabled: row.banned ?? false },
      ]),
    )
    sessions = new Map(
      sessionRows
        .filter((row) => !ended.has(row.token))
        .map((row) => [
          row.token,
          {
            token: row.token,
            userId: row.userId,
            expiresAtMs: row.expiresAt.getTime(),
            method: methodOf(row.method),
            // a lock made here may not be in the store yet
            isLocked: row.isLocked || sessions.get(row.token)?.isLocked === true,
          },
        ]),
    )
    tokens = new Map(
      tokenRows
        .filter((row) => !endedTokens.has(row.id))
        .map((row) => [
          row.sha256,
          { id: row.id, name: row.name, sha256: row.sha256, userId: row.userId, role: row.role, expiresAtMs: row.expiresAt?.getTime() },
        ]),
    )
    callers.clear()
    for (const listener of listeners) listener()
  }

  const load = async (): Promise<void> => {
    for (;;) {
      const before = changes
      const print = await readFingerprint()
      const rows = await read()
      if (changes !== before) continue
      apply(rows)
      fingerprint = print
      return
    }
  }
  let loading: Promise<void> | undefined
  const loadOnce = () => {
    loading ??= load().finally(() => {
      loading = undefined
    })
    return loading
  }

  const keepSights = async (now: number) => {
    for (const token of sights.keys()) if (!sessions.has(token)) sights.delete(token)
    const due = [...sights].filter(([, { atMs, keptAtMs }]) => atMs > keptAtMs && now - keptAtMs >= SEEN_MS)
    if (!due.length) return
    const values = due.map(([token, { atMs, address, agent }]) => ({ token, at: new Date(atMs), address: address ?? null, agent: agent ?? null }))
    await db
      .insertInto('sessionSeen')
      .values(values)
      .onConflict((conflict) =>
        conflict.column('token').doUpdateSet(({ ref }) => ({ at: ref('excluded.at'), address: ref('excluded.address'), agent: ref('excluded.agent') })),
      )
      .execute()
    for (const [, sight] of due) sight.keptAtMs = now
    await sql`delete from "sessionSeen" where at < now() - interval '1 day' and token not in (select token from session)`.execute(db)
  }

  /** Sessions whose deletion failed while the store was away are deleted now. */
  const cleanUp = async () => {
    const now = Date.now()
    for (const [token, until] of ended) if (until < now) ended.delete(token)
    if (ended.size)
      await db
        .deleteFrom('session')
        .where('token', 'in', [...ended.keys()])
        .execute()
    await keepSights(now)
    const used = [...usedTokens]
    usedTokens.clear()
    if (used.length) await db.updateTable('apiToken').set({ lastUsedAt: new Date() }).where('id', 'in', used).execute()
  }

  let isAway = false
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  let polling: Promise<void> = Promise.resolve()
  const poll = async () => {
    try {
      unknown.clear()
      await cleanUp()
      if ((await readFingerprint()) !== fingerprint) await loadOnce()
      if (isAway) log.info('accounts are in step with the store again')
      isAway = false
    } catch (error) {
      if (!isAway && !isClosed) log.warn({ err: error }, 'the store is away: accounts are judged from memory')
      isAway = true
    }
    if (!isClosed) timer = setTimeout(() => (polling = poll()), POLL_MS)
  }

  await load()
  timer = setTimeout(() => (polling = poll()), POLL_MS)

  const rights = (role: string | null | undefined) => rightsOf(role, roles)
  const make = (key: string, person: Person, via: Caller['via'], role: Rights, capabilities: ReadonlySet<Capability>): Caller => {
    const known = callers.get(key)
    if (known) return known
    const { userId, userName, name } = person
    const ownRole = role.name === undefined ? {} : { ownRole: { id: role.id, name: role.name } }
    const caller: Caller = { userId, userName, name, role: role.base, ...ownRole, capabilities, via, session: sha256(key) }
    callers.set(key, caller)
    return caller
  }

  const bySession = (token: string): Caller | undefined => {
    const session = sessions.get(token)
    if (!session || session.expiresAtMs <= Date.now()) return undefined
    const person = people.get(session.userId)
    if (!person || person.isDisabled) return undefined
    const role = rights(person.role)
    if (session.isLocked) {
      const nobody = { ...person, name: `panel of ${person.name}, locked` }
      return { ...make(`s ${token}`, nobody, 'session', rights('viewer'), both(role.capabilities, LEFT_TO_NOBODY)), isLocked: true }
    }
    const may = session.method === 'pin' ? both(role.capabilities, capabilitiesOf('operator')) : role.capabilities
    return make(`s ${token}`, person, 'session', role, may)
  }

  return {
    bySession,
    session: (token) => sessions.get(token),
    byToken(text) {
      const hash = sha256(text)
      const token = hash === local.sha256 ? local : tokens.get(hash)
      if (!token || (token.expiresAtMs !== undefined && token.expiresAtMs <= Date.now())) return undefined
      const person = token.userId === LOCAL_PERSON.userId ? LOCAL_PERSON : people.get(token.userId)
      if (!person || person.isDisabled) return undefined
      if (token !== local) usedTokens.add(token.id)
      // never wider than what its creator may do now
      const role = rights(token.role)
      return { ...make(`t ${token.id}`, person, 'token', role, both(role.capabilities, rights(person.role).capabilities)), tokenName: token.name }
    },
    async findSession(token) {
      const known = bySession(token)
      if (known) return known
      if (ended.has(token) || unknown.has(token)) return undefined
      await loadOnce()
      const caller = bySession(token)
      if (!caller) unknown.add(token)
      return caller
    },
    putPerson(person) {
      people.set(person.userId, person)
      changed(true)
    },
    putSession(session) {
      if (ended.has(session.token)) return
      // prolonging a session brings nobody back to the panel
      const isLocked = session.isLocked ?? sessions.get(session.token)?.isLocked ?? false
      sessions.set(session.token, { ...session, isLocked })
      changed(false)
    },
    endSession(token) {
      ended.set(token, sessions.get(token)?.expiresAtMs ?? Date.now() + 86_400_000)
      sessions.delete(token)
      changed(true)
    },
    endSessionsOf(userId, except) {
      for (const session of sessions.values()) {
        if (session.userId !== userId || session.token === except) continue
        ended.set(session.token, session.expiresAtMs)
        sessions.delete(session.token)
      }
      changed(true)
    },
    lockSession(token) {
      const session = sessions.get(token)
      if (!session || session.isLocked) return
      sessions.set(token, { ...session, isLocked: true })
      changed(true)
    },
    seen(token, sight) {
      sights.set(token, { ...sight, atMs: Date.now(), keptAtMs: sights.get(token)?.keptAtMs ?? 0 })
    },
    sightOf: (token) => sights.get(token),
    rightsOf: rights,
    putRole(role) {
      roles.set(role.id, role)
      changed(true)
    },
    dropRole(id) {
      roles.delete(id)
      changed(true)
    },
    putToken(token) {
      tokens.set(token.sha256, token)
      changed(false)
    },
    endToken(id) {
      endedTokens.add(id)
      for (const token of tokens.values()) if (token.id === id) tokens.delete(token.sha256)
      changed(true)
    },
    onLess(listener) {
      listeners.push(listener)
    },
    async close() {
      isClosed = true
      clearTimeout(timer)
      // a store that does not answer must not hold up the end
      await Promise.race([polling, new Promise((resolve) => setTimeout(resolve, 1000).unref())])
    },
  }
}
