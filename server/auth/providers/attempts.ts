/**
 * Sign-ins that have begun: a row that is taken once, and a cookie that says it is the same browser. Whoever has only the address that the
 * provider sends the browser back to (from a log, from a link somebody was made to open) has nothing.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { CookieOptions, Request, Response } from 'express'
import type { Kysely } from 'kysely'
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

export interface Attempts {
  keep(response: Response, providerId: string, attempt: Attempt): Promise<void>
  /** For good: the same answer of the provider is not taken twice. @throws `sign-in-stale` */
  take(request: Request, response: Response, providerId: string, state: string): Promise<Attempt>
  offer(response: Response, offer: Offer): Promise<void>
  /** The browser's offer; undefined: there is none, or it is over. */
  takeOffer(request: Request, response: Response): Promise<Offer | undefined>
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
  const offerCookie = `${cookiePrefix}.link`
  const put = async (row: { key: string; browser: string; kind: 'oidc' | 'link'; providerId: string; value: Attempt | Offer }) => {
    const { value, ...columns } = row
    await db.deleteFrom('signInAttempt').where('expiresAt', '<', new Date()).execute()
    await db
      .insertInto('signInAttempt')
      .values({ ...columns, sealed: secrets.seal(JSON.stringify(value)), expiresAt: new Date(Date.now() + MAX_AGE_MS) })
      .execute()
  }
  const takeRow = async (key: string, kind: 'oidc' | 'link') => {
    const row = await db.deleteFrom('signInAttempt').where('key', '=', hash(key)).where('kind', '=', kind).returningAll().executeTakeFirst()
    return row && row.expiresAt.getTime() > Date.now() ? row : undefined
  }
  const isHash = (text: string, wanted: string) => timingSafeEqual(Buffer.from(hash(text)), Buffer.from(wanted))

  return {
    async keep(response, providerId, attempt) {
      const browser = randomBytes(32).toString('base64url')
      await put({ key: hash(attempt.begun.state), browser: hash(browser), kind: 'oidc', providerId, value: attempt })
      response.cookie(cookieFor(attempt.begun.state), browser, { ...options, maxAge: MAX_AGE_MS })
    },
    async take(request, response, providerId, state) {
      const browser = cookieOf(request, cookieFor(state))
      // without the cookie it stays, for the browser that has it: another cannot end it
      if (browser === undefined) throw stale({ reason: 'begun in another browser, or too long ago' })
      response.clearCookie(cookieFor(state), options)
      const row = await takeRow(state, 'oidc')
      if (!row || row.providerId !== providerId || !isHash(browser, row.browser)) throw stale({ reason: 'unknown, over, or used already' })
      return JSON.parse(secrets.open(row.sealed)) as Attempt
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
