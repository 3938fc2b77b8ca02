/**
 * Browsers that are bound to one place: what they may do without anybody signed in. The right is a cookie that lasts over power cuts;
 * it is judged from memory, so that STOP and HOLD of a kiosk work while the database stands still.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Response } from 'express'
import type { Kysely } from 'kysely'
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import { bindKiosk, type Capability, getKiosk, type Kiosk, type LayoutScope, listKiosks, releaseKiosk, removeKiosk } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { type Database, json } from '../store/index.ts'
import type { Caller } from './caller.ts'
import { cookieOf } from './cookies.ts'
import { sha256 } from './memory.ts'

/** Browsers keep no cookie longer (RFC 6265bis: 400 days); it is given anew whenever the kiosk starts. */
const COOKIE_MS = 400 * 86_400_000
/** What another host has bound or removed is known here this much later at most. */
const LOOK_MS = 5_000
/** "Last seen" is exact to this. */
const SEEN_MS = 60_000

interface Known extends Kiosk {
  sha256: string
  caller: Caller
}

export interface Kiosks {
  /** The browser's kiosk, whoever is signed in at it. From memory alone. */
  of(request: IncomingMessage): Kiosk | undefined
  /** What the browser may do while nobody is signed in at it. From memory alone. */
  callerOf(request: IncomingMessage): Caller | undefined
  handlers: readonly RouteHandler[]
  close(): void
}

export async function createKiosks(deps: {
  db: Kysely<Database>
  audit: Audit
  log: Logger
  cookieName: string
  isHttps: boolean
  /** What a panel may do while nobody is signed in at it. */
  capabilities: ReadonlySet<Capability>
  /** A kiosk has lost its right. */
  onLess: () => void
}): Promise<Kiosks> {
  const { db, audit, log, cookieName, isHttps, capabilities, onLess } = deps
  let known = new Map<string, Known>()
  const seen = new Map<string, number>()
  /** Counts our own changes: what was read before one of them is stale. */
  let changes = 0

  const callerFor = (id: string, name: string): Caller => ({
    userId: `kiosk-${id}`,
    userName: id,
    name: `panel ${name}`,
    role: 'viewer',
    capabilities,
    via: 'session',
    session: sha256(`kiosk ${id}`),
    isLocked: true,
  })
  const load = async () => {
    const before = changes
    const rows = await db.selectFrom('kiosk').selectAll().orderBy('name').execute()
    if (changes !== before) return
    const next = new Map(
      rows.map(({ layout, at, lastSeenAt, ...row }): [string, Known] => [
        row.sha256,
        {
          ...row,
          ...(layout === null ? {} : { layout: layout as LayoutScope }),
          at: at.toISOString(),
          ...(lastSeenAt ? { lastSeenAt: lastSeenAt.toISOString() } : {}),
          // the same person for as long as it is the same: others remember callers
          caller: known.get(row.sha256)?.caller ?? callerFor(row.id, row.name),
        },
      ]),
    )
    const isLess = [...known.keys()].some((hash) => !next.has(hash))
    known = next
    if (isLess) onLess()
  }
  await load()
  let isAway = false
  const look = async () => {
    try {
      await load()
      isAway = false
    } catch (error) {
      if (!isAway) log.warn({ err: error }, 'the store is away: kiosks are judged from memory')
      isAway = true
    }
  }
  const timer = setInterval(() => void look(), LOOK_MS)
  timer.unref()

  const find = (request: IncomingMessage): Known | undefined => {
    const secret = cookieOf(request, cookieName)
    return secret === undefined ? undefined : known.get(sha256(secret))
  }
  const shown = ({ id, name, place, layout, lockAfterMin, by, at, lastSeenAt }: Known): Kiosk => ({
    id,
    name,
    place,
    ...(layout ? { layout } : {}),
    lockAfterMin,
    by,
    at,
    ...(lastSeenAt ? { lastSeenAt } : {}),
  })
  const giveCookie = (response: Response, secret: string) =>
    response.cookie(cookieName, secret, { httpOnly: true, sameSite: 'lax', path: '/', secure: isHttps, maxAge: COOKIE_MS })
  const takeCookie = (response: Response) => response.clearCookie(cookieName, { httpOnly: true, sameSite: 'lax', path: '/', secure: isHttps })
  const forget = async (kiosk: Known, caller: Caller) => {
    await db.deleteFrom('kiosk').where('id', '=', kiosk.id).execute()
    changes += 1
    known.delete(kiosk.sha256)
    audit.record({ caller, action: 'kiosk removed', target: kiosk.id, detail: { name: kiosk.name, place: kiosk.place } })
    onLess()
  }

  return {
    of: (request) => {
      const kiosk = find(request)
      return kiosk && shown(kiosk)
    },
    callerOf: (request) => find(request)?.caller,
    handlers: [
      handle(getKiosk, async ({ request, response }) => {
        const kiosk = find(request)
        if (!kiosk) return null
        giveCookie(response, cookieOf(request, cookieName) ?? '')
        if (Date.now() - (seen.get(kiosk.id) ?? 0) > SEEN_MS) {
          seen.set(kiosk.id, Date.now())
          await db.updateTable('kiosk').set({ lastSeenAt: new Date() }).where('id', '=', kiosk.id).execute()
        }
        return shown(kiosk)
      }),
      handle(bindKiosk, async ({ body, caller, request, response }) => {
        if (caller.via === 'token')
          throw new UserError({ code: 'not-with-token', status: 403, message: 'A kiosk is bound in its own browser, not by an API token.' })
        const before = find(request)
        const secret = randomBytes(32).toString('base64url')
        const id = newId('ksk')
        const { name, place, layout, lockAfterMin } = body
        const row = { id, sha256: sha256(secret), name: name.trim() || id, place, lockAfterMin, by: caller.name, at: new Date() }
        await db.transaction().execute(async (tx) => {
          if (before) await tx.deleteFrom('kiosk').where('id', '=', before.id).execute()
          await tx
            .insertInto('kiosk')
            .values({ ...row, layout: layout ? json(layout) : null })
            .execute()
        })
        changes += 1
        if (before) known.delete(before.sha256)
        const kiosk: Known = { ...row, ...(layout ? { layout } : {}), at: row.at.toISOString(), caller: callerFor(id, row.name) }
        known.set(row.sha256, kiosk)
        audit.record({ caller, action: 'kiosk bound', target: id, detail: { name: row.name, place, ...(layout ? { layout } : {}) } })
        giveCookie(response, secret)
        return shown(kiosk)
      }),
      handle(releaseKiosk, async ({ caller, request, response }) => {
        const kiosk = find(request)
        if (kiosk) await forget(kiosk, caller)
        takeCookie(response)
        return { ok: true as const }
      }),
      handle(listKiosks, () => [...known.values()].map(shown)),
      handle(removeKiosk, async ({ params, caller }) => {
        const kiosk = [...known.values()].find(({ id }) => id === params.kioskId)
        if (!kiosk) throw new UserError({ code: 'kiosk-not-found', status: 404, message: 'This kiosk is not there any more.' })
        await forget(kiosk, caller)
        return { ok: true as const }
      }),
    ],
    close: () => clearInterval(timer),
  }
}
