/**
 * Sign-ins that have begun: a row that is taken once, and a cookie that says it is the same browser. Whoever has only the address that the
 * provider sends the browser back to (from a log, from a link somebody was made to open) has nothing.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { CookieOptions, Request, Response } from 'express'
import type { Kysely } from 'kysely'
import type { OidcSettings } from '../../api/index.ts'
import type { Secrets } from '../../secrets/index.ts'
import type { Database } from '../../store/index.ts'
import { cookieOf } from '../cookies.ts'
import type { Begun } from './oidc.ts'
import { stale } from './refusals.ts'

const MINUTES = 10
const MAX_AGE_MS = MINUTES * 60_000
const COOKIE_PATH = '/api/auth'
const hash = (text: string) => createHash('sha256').update(text).digest('hex')

interface Attempt {
  begun: Begun
  /** Page of ours to go to afterwards, as it was asked for: not to be believed. */
  next: string | undefined
}
/** Somebody proved to be at the provider, whose user name is taken here. */
interface Offer {
  providerId: string
  subject: string
  userName: string
}

/** A sign-in that is only tried out: with settings that need not be kept, by somebody who is signed in here. */
interface TrialAttempt {
  trialId: string
  begun: Begun
  settings: OidcSettings
  secret: string
  /** Hash of the session it was begun in. */
  session: string
}

export interface Attempts {
  keep(response: Response, providerId: string, attempt: Attempt): Promise<void>
  /** For good: the same answer of the provider is not taken twice. @throws `sign-in-stale` */
  take(request: Request, response: Response, providerId: string, state: string): Promise<Attempt>
  offer(response: Response, offer: Offer): Promise<void>
  /** The browser's offer; undefined: there is none, or it is over. */
  takeOffer(request: Request, response: Response): Promise<Offer | undefined>
  keepTrial(response: Response, providerId: string, attempt: TrialAttempt): Promise<void>
  /** Did this browser begin a trial with that state? Says nothing of whether it is still good. */
  isTrial(request: Request, state: string): boolean
  /** As `take`. @throws `sign-in-stale` */
  takeTrial(request: Request, response: Response, providerId: string, state: string): Promise<TrialAttempt>
  /** In place of what was kept of that trial before. */
  keepResult(trial: { id: string; session: string; providerId: string }, result: unknown): Promise<void>
  /** undefined: there is none, it is over, or it is another session's. */
  resultOf(trialId: string, session: string): Promise<unknown>
}

export function createAttempts(deps: {
  db: Kysely<Database>
  secrets: Pick<Secrets, 'seal' | 'open'>
  /** In front of our cookies' names. */
  cookiePrefix: string
  isHttps: boolean
}): Attempts {
  const { db, secrets, cookiePrefix, isHttps } = deps
  const options: CookieOptions = { httpOnly: true, sameSite: 'lax', path: COOKIE_PATH, secure: isHttps }
  // one a sign-in: two windows do not take it from each other
  const cookieFor = (state: string) => `${cookiePrefix}.oidc-${hash(state).slice(0, 12)}`
  const trialCookieFor = (state: string) => `${cookiePrefix}.try-${hash(state).slice(0, 12)}`
  const offerCookie = `${cookiePrefix}.link`
  const put = async (row: { key: string; browser: string; kind: 'oidc' | 'link' | 'trial' | 'result'; providerId: string; value: unknown }) => {
    const { value, ...columns } = row
    await db.deleteFrom('signInAttempt').where('expiresAt', '<', new Date()).execute()
    const kept = { ...columns, sealed: secrets.seal(JSON.stringify(value)), expiresAt: new Date(Date.now() + MAX_AGE_MS) }
    await db
      .insertInto('signInAttempt')
      .values(kept)
      .onConflict((conflict) => conflict.column('key').doUpdateSet(kept))
      .execute()
  }
  const takeRow = async (key: string, kind: 'oidc' | 'link' | 'trial') => {
    const row = await db.deleteFrom('signInAttempt').where('key', '=', hash(key)).where('kind', '=', kind).returningAll().executeTakeFirst()
    return row && row.expiresAt.getTime() > Date.now() ? row : undefined
  }
  const isHash = (text: string, wanted: string) => timingSafeEqual(Buffer.from(hash(text)), Buffer.from(wanted))

  const keepBegun = async (response: Response, row: { kind: 'oidc' | 'trial'; providerId: string; state: string; cookie: string; value: unknown }) => {
    const { kind, providerId, state, cookie, value } = row
    const browser = randomBytes(32).toString('base64url')
    await put({ key: hash(state), browser: hash(browser), kind, providerId, value })
    response.cookie(cookie, browser, { ...options, maxAge: MAX_AGE_MS })
  }
  const takeBegun = async (request: Request, response: Response, row: { kind: 'oidc' | 'trial'; providerId: string; state: string; cookie: string }) => {
    const { kind, providerId, state, cookie } = row
    const browser = cookieOf(request, cookie)
    // without the cookie it stays, for the browser that has it: another cannot end it
    if (browser === undefined) throw stale({ reason: 'begun in another browser, or too long ago' })
    response.clearCookie(cookie, options)
    const taken = await takeRow(state, kind)
    if (!taken || taken.providerId !== providerId || !isHash(browser, taken.browser)) throw stale({ reason: 'unknown, over, or used already' })
    return JSON.parse(secrets.open(taken.sealed)) as unknown
  }

  return {
    keep: (response, providerId, attempt) =>
      keepBegun(response, { kind: 'oidc', providerId, state: attempt.begun.state, cookie: cookieFor(attempt.begun.state), value: attempt }),
    take: async (request, response, providerId, state) =>
      (await takeBegun(request, response, { kind: 'oidc', providerId, state, cookie: cookieFor(state) })) as Attempt,
    keepTrial: (response, providerId, attempt) =>
      keepBegun(response, { kind: 'trial', providerId, state: attempt.begun.state, cookie: trialCookieFor(attempt.begun.state), value: attempt }),
    isTrial: (request, state) => cookieOf(request, trialCookieFor(state)) !== undefined,
    takeTrial: async (request, response, providerId, state) =>
      (await takeBegun(request, response, { kind: 'trial', providerId, state, cookie: trialCookieFor(state) })) as TrialAttempt,
    keepResult: ({ id, session, providerId }, result) => put({ key: hash(id), browser: hash(session), kind: 'result', providerId, value: result }),
    async resultOf(trialId, session) {
      const row = await db
        .selectFrom('signInAttempt')
        .selectAll()
        .where('key', '=', hash(trialId))
        .where('kind', '=', 'result')
        .where('expiresAt', '>', new Date())
        .executeTakeFirst()
      return row && isHash(session, row.browser) ? (JSON.parse(secrets.open(row.sealed)) as unknown) : undefined
    },
    async offer(response, offer) {
      const secret = randomBytes(32).toString('base64url')
      await put({ key: hash(secret), browser: '', kind: 'link', providerId: offer.providerId, value: offer })
      response.cookie(offerCookie, secret, { ...options, maxAge: MAX_AGE_MS })
    },
    async takeOffer(request, response) {
      const secret = cookieOf(request, offerCookie)
      if (secret === undefined) return undefined
      response.clearCookie(offerCookie, options)
      const row = await takeRow(secret, 'link')
      return row && (JSON.parse(secrets.open(row.sealed)) as Offer)
    },
  }
}
