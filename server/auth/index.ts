/** Who is asking, and how people and programs sign in. */
import type { IncomingMessage } from 'node:http'
import type { Request, RequestHandler, Response } from 'express'
import type { Logger } from '../../base/log.ts'
import type { Kiosk } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Config } from '../config.ts'
import type { RouteHandler } from '../http/handler.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Store } from '../store/index.ts'
import { isReachedByHttps } from '../tls/mode.ts'
import { accountRoutes } from './account-routes.ts'
import { createAccounts } from './accounts.ts'
import { createBadges } from './badges.ts'
import type { Caller } from './caller.ts'
import { bearerOf, sessionCookie } from './cookies.ts'
import { createKiosks } from './kiosks.ts'
import { createPasswordLinks } from './links.ts'
import { createMemory, LEFT_TO_NOBODY, methodOf, type SignInMethod } from './memory.ts'
import { createOwn } from './own.ts'
import { createPins } from './pin.ts'
import { createProviderSignIn } from './providers/index.ts'
import { createRemoval } from './remove.ts'
import type { Rights } from './rights.ts'
import { roleRoutes } from './roles.ts'
import { authRoutes } from './routes.ts'
import { createSessions } from './sessions.ts'
import { createSetup } from './setup.ts'
import { createSignIn, migrateSignIn, SESSION_DAYS, signInHandler } from './sign-in.ts'
import { createTokens, newTokenText } from './tokens.ts'

export { keepCliAccess, removeCliAccess } from './cli-access.ts'
export { makeSignInTables } from './sign-in.ts'

/** A PIN session is for a shift. */
const PIN_SESSION_HOURS = 12
const RENEW_AFTER_MS = 86_400_000
/** A browser says in far less what it is. */
const MAX_AGENT = 300

export interface Auth {
  /** The caller of a request or upgrade. @throws when the store is away and only it could tell */
  callerOf(request: IncomingMessage): Promise<Caller | undefined>
  /** The same from memory alone: never waits, never touches the store. */
  callerNow(request: IncomingMessage): Caller | undefined
  /** What the browser is bound to, if it is a kiosk, whoever is signed in at it. From memory alone. */
  kioskOf(request: IncomingMessage): Kiosk | undefined
  /** What a role lets people do now, ours or one of the shop. From memory alone. */
  rightsOf(role: string | null | undefined): Rights
  /** Our cookies by name: a proxy takes them out before it hands a request on. */
  isOwnCookie(name: string): boolean
  /** Somebody's rights may have become less: open connections are to be looked at again. */
  onLess(listener: () => void): void
  /** Answers better-auth's addresses. */
  readonly handler: RequestHandler
  readonly handlers: readonly RouteHandler[]
  /** The one-time code, while no account exists. */
  setupCode(): Promise<string | undefined>
  /** A token for the command line on this computer, made anew at every start, in memory only. */
  readonly localToken: string
  /** When everything stands. @param leads of several hosts one looks people up again */
  startRechecks(leads: () => boolean): void
  close(): Promise<void>
}

export interface AuthOptions {
  store: Store
  secrets: Secrets
  config: Pick<Config, 'publicUrl' | 'owner' | 'host' | 'tls'>
  audit: Audit
  log: Logger
}

/** Migrates better-auth's tables (ours must be there), makes the owner that the settings name, and loads who is signed in. */
export async function createAuth({ store, secrets, config, audit, log }: AuthOptions): Promise<Auth> {
  const { db } = store
  const secret = secrets.derive('sign-in')
  const isHttps = isReachedByHttps(config)
  const cookiePrefix = `cellwright-${secrets.derive('cookie name').slice(0, 8)}`
  const cookie = sessionCookie({ name: `${isHttps ? '__Secure-' : ''}${cookiePrefix}.session_token`, secret })
  const localToken = newTokenText()

  const signIn = createSignIn({
    store,
    secret,
    cookiePrefix,
    publicUrl: config.publicUrl,
    isHttps,
    log,
    hooks: {
      sessionMade: ({ token, userId, expiresAt, method }) =>
        memory.putSession({ token, userId, expiresAtMs: expiresAt.getTime(), method: methodOf(method ?? memory.session(token)?.method) }),
      async signedIn({ userId, method }) {
        const values = { at: new Date(), method: methodOf(method) }
        await db
          .insertInto('lastSignIn')
          .values({ userId, ...values })
          .onConflict((conflict) => conflict.column('userId').doUpdateSet(values))
          .execute()
          // known less well, and no reason to keep somebody out
          .catch((error: unknown) => log.warn({ err: error }, 'when somebody signed in could not be kept'))
      },
      sessionEnded: (token) => memory.endSession(token),
    },
  })
  await migrateSignIn(signIn, store)
  const memory = await createMemory({ db, log, localToken })
  const lessListeners: (() => void)[] = []
  const kiosks = await createKiosks({
    db,
    audit,
    log,
    cookieName: `${isHttps ? '__Secure-' : ''}${cookiePrefix}.kiosk`,
    isHttps,
    capabilities: LEFT_TO_NOBODY,
    onLess: () => {
      for (const listener of lessListeners) listener()
    },
  })
  const pins = createPins({ db, pepper: secrets.derive('pin') })
  const badges = createBadges({ db, pepper: secrets.derive('badge') })
  const accounts = createAccounts({ db, signIn, memory, pins })
  const tokens = createTokens({ db, memory })
  const sessions = createSessions({ db, memory })
  const links = createPasswordLinks({ db, accounts })
  const removal = createRemoval({ accounts, memory })
  const own = createOwn({ db, signIn, accounts, pins })
  const setup = createSetup({ accounts, code: secrets.derive('setup code').slice(0, 24) })
  if (config.owner !== undefined) await setup.fromSetting(config.owner)

  const note = (token: string, { ip, headers }: Request) => memory.seen(token, { address: ip, agent: headers['user-agent']?.slice(0, MAX_AGENT) })
  const callerNow = (request: IncomingMessage): Caller | undefined => {
    // a request that names a token is judged by it alone
    if (request.headers.authorization !== undefined) {
      const token = bearerOf(request)
      return token === undefined ? undefined : memory.byToken(token)
    }
    const token = cookie.tokenOf(request)
    const person = token === undefined ? undefined : memory.bySession(token)
    // of a request that came through Express: only that one has the address behind a trusted proxy
    if (token !== undefined && person && 'ip' in request) note(token, request as Request)
    // a kiosk from which the last person has gone is a kiosk again, not what is left of that person
    return person && !person.isLocked ? person : (kiosks.callerOf(request) ?? person)
  }

  const setCookie = (response: Response, token: string, maxAgeMs: number) =>
    response.cookie(cookie.name, cookie.sign(token), { httpOnly: true, sameSite: 'lax', path: '/', secure: isHttps, maxAge: maxAgeMs })

  /** A locked session is over when somebody signs in at its panel. */
  const endLocked = async (request: Request): Promise<void> => {
    const token = cookie.tokenOf(request)
    if (token === undefined || !memory.bySession(token)?.isLocked) return
    memory.endSession(token)
    await db.deleteFrom('lockedSession').where('token', '=', token).execute()
  }
  /** Leaves of a session what needs nobody. In memory first: it counts while the database stands still. */
  const lock = async (request: Request): Promise<void> => {
    const token = cookie.tokenOf(request)
    if (token === undefined) return
    memory.lockSession(token)
    await db
      .insertInto('lockedSession')
      .values({ token })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }

  /** Always a token that nobody has seen before, in place of whatever the browser came with. */
  const openSession = async (userId: string, { method, maxAgeMs }: { method: SignInMethod; maxAgeMs: number }, request: Request, response: Response) => {
    const { internalAdapter } = await signIn.$context
    await endLocked(request)
    const session = await internalAdapter.createSession(userId, false, { method, expiresAt: new Date(Date.now() + maxAgeMs) }, true)
    setCookie(response, session.token, maxAgeMs)
    return { token: session.token, caller: await memory.findSession(session.token) }
  }
  const methodBy = (request: Request): SignInMethod | undefined => {
    const token = request.headers.authorization === undefined ? cookie.tokenOf(request) : undefined
    return token === undefined ? undefined : memory.session(token)?.method
  }
  const providers = createProviderSignIn({
    db,
    secrets,
    accounts,
    memory,
    audit,
    log,
    publicUrl: config.publicUrl,
    cookiePrefix: `${isHttps ? '__Secure-' : ''}${cookiePrefix}`,
    isHttps,
    openSession,
    methodBy,
  })
  /** Makes a session for somebody whose PIN or badge was right. */
  const openPinSession = async (userId: string, request: Request, response: Response): Promise<Caller | undefined> => {
    await providers.requireShortcut(userId)
    return (await openSession(userId, { method: 'pin', maxAgeMs: PIN_SESSION_HOURS * 3_600_000 }, request, response)).caller
  }

  /** Prolongs a password session that is used; once a day at most. */
  const renew = async (request: Request, response: Response): Promise<void> => {
    const token = request.headers.authorization === undefined ? cookie.tokenOf(request) : undefined
    const session = token === undefined ? undefined : memory.session(token)
    if (session?.method !== 'password' || session.isLocked) return
    const fullMs = SESSION_DAYS * 86_400_000
    if (session.expiresAtMs - Date.now() > fullMs - RENEW_AFTER_MS) return
    const { internalAdapter } = await signIn.$context
    await internalAdapter.updateSession(session.token, { expiresAt: new Date(Date.now() + fullMs) })
    setCookie(response, session.token, fullMs)
  }

  return {
    callerNow,
    async callerOf(request) {
      const caller = callerNow(request)
      if (request.headers.authorization !== undefined || (caller && !caller.isLocked)) return caller
      const token = cookie.tokenOf(request)
      if (token === undefined || memory.bySession(token)) return caller
      return (await memory.findSession(token)) ?? caller
    },
    kioskOf: (request) => kiosks.of(request),
    isOwnCookie: (name) => name.replace(/^__(Secure|Host)-/, '').startsWith(`${cookiePrefix}.`),
    onLess(listener) {
      memory.onLess(listener)
      lessListeners.push(listener)
    },
    handler: signInHandler(
      signIn,
      store,
      {
        async signingOut(request) {
          const token = cookie.tokenOf(request)
          if (token === undefined) return undefined
          const caller = memory.bySession(token)
          const { method } = memory.session(token) ?? {}
          memory.endSession(token)
          if (caller) audit.record({ caller, action: 'signed out' })
          // what the provider has to say to it comes after, and ends nothing here
          if (method !== 'provider') return undefined
          return providers.endUrl(token, request).catch((error: unknown) => {
            log.warn({ err: error }, 'the way out at the provider could not be found')
            return undefined
          })
        },
        passwordRefusal: (body) => providers.passwordRefusal(String((body as { username?: unknown }).username ?? '')),
        answered(request, path, body, problem) {
          if (path !== '/sign-in/username') return
          // the next session comes with the answer
          if (!problem) void endLocked(request).catch((error) => log.warn({ err: error }, 'a locked session could not be ended'))
          const who = String((body as { username?: unknown }).username ?? '').slice(0, 40)
          audit.record({
            who,
            via: 'session',
            action: problem ? 'sign-in refused' : 'signed in',
            detail: { address: request.ip, ...(problem ? { code: problem.code } : {}) },
          })
        },
      },
      log,
    ),
    rightsOf: (role) => memory.rightsOf(role),
    handlers: [
      ...authRoutes({ accounts, tokens, pins, badges, setup, openPinSession, lock, renew, audit }),
      ...accountRoutes({ accounts, sessions, links, removal, own, tokens, tokenOf: (request) => cookie.tokenOf(request), audit }),
      ...roleRoutes({ db, memory, audit }),
      ...kiosks.handlers,
      ...providers.handlers,
    ],
    setupCode: async () => ((await setup.isNeeded()) ? setup.code : undefined),
    localToken,
    startRechecks: (leads) => providers.startRechecks(leads),
    close() {
      kiosks.close()
      providers.close()
      return memory.close()
    },
  }
}
