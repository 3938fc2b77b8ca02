/** better-auth on our database: passwords, sessions and their cookies. We open two of its addresses and nothing else. */
import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { admin, username } from 'better-auth/plugins'
import type { Request as ExpressRequest, Response as ExpressResponse, RequestHandler } from 'express'
import { Client } from 'pg'
import { OperationalError, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { readJson } from '../http/body.ts'
import { sendProblem } from '../http/problem.ts'
import { notFound } from '../http/router.ts'
import type { Store } from '../store/index.ts'

/** How long a password session lasts; it is prolonged while it is used. */
export const SESSION_DAYS = 7
/** The addresses below /api/auth that are open: better-auth has dozens more, which would go past our own checks. */
const OPEN_PATHS = new Set(['/sign-in/username', '/sign-out'])
const MAX_BODY_BYTES = 10_000
/** Any constant: taken by every gateway that migrates on the same database. */
const MIGRATION_LOCK = 84_700_102

export interface SignInHooks {
  sessionMade(session: { token: string; userId: string; expiresAt: Date; method?: unknown }): void
  /** A session that is new, not one that was prolonged. */
  signedIn(session: { userId: string; method: unknown }): Promise<void>
  sessionEnded(token: string): void
}

export type SignIn = ReturnType<typeof createSignIn>

/**
 * @param options.secret signs the cookies
 * @param options.cookiePrefix differs between instances: cookies know no ports, so two on one host would overwrite each other's
 */
export function createSignIn(options: {
  store: Store
  secret: string
  cookiePrefix: string
  publicUrl: string | undefined
  isHttps: boolean
  hooks: SignInHooks
  log: Logger
}) {
  const { store, secret, cookiePrefix, publicUrl, isHttps, hooks, log } = options
  const session = (row: Record<string, unknown>) =>
    hooks.sessionMade({ token: String(row.token), userId: String(row.userId), expiresAt: new Date(row.expiresAt as Date), method: row.method })
  return betterAuth({
    // our own queries: they fail in bounded time while the database is away
    database: { db: store.db, type: 'postgres' },
    secret,
    ...(publicUrl ? { baseURL: publicUrl } : {}),
    basePath: '/api/auth',
    // the Host header is checked before any request gets here
    trustedOrigins: (request) => (request ? [new URL(request.url).origin] : []),
    emailAndPassword: { enabled: true, disableSignUp: true, autoSignIn: false, minPasswordLength: 8, maxPasswordLength: 128 },
    session: {
      expiresIn: SESSION_DAYS * 86_400,
      updateAge: 86_400,
      // ours is prolonged in server/auth/index.ts; theirs would make a week of a session by PIN or provider
      disableSessionRefresh: true,
      cookieCache: { enabled: false },
      additionalFields: { method: { type: 'string', required: false, input: false, defaultValue: 'password' } },
    },
    plugins: [
      username({ minUsernameLength: 2, maxUsernameLength: 40, usernameValidator: (name) => /^[A-Za-z0-9._-]+$/.test(name) }),
      admin({ defaultRole: 'viewer', bannedUserMessage: 'This account is switched off. Ask an administrator.' }),
    ],
    databaseHooks: {
      session: {
        create: {
          after: async (row) => {
            session(row)
            await hooks.signedIn({ userId: row.userId, method: (row as Record<string, unknown>).method })
          },
        },
        update: { after: async (row) => session(row) },
        delete: { after: async (row) => hooks.sessionEnded(row.token) },
      },
    },
    // ours stands in front (server/http/limits.ts)
    rateLimit: { enabled: false },
    // else a cause of ours, such as a database that is away, would be a bare 500
    onAPIError: { throw: true },
    telemetry: { enabled: false },
    advanced: { cookiePrefix, useSecureCookies: isHttps, ipAddress: { disableIpTracking: true } },
    logger: {
      level: 'warn',
      log: (level, message, ...rest) => {
        const errors = rest.filter((one) => one instanceof Error)
        log[level === 'debug' ? 'debug' : level === 'error' ? 'error' : 'info']({ ...(errors[0] ? { err: errors[0] } : {}) }, `sign-in: ${message}`)
      },
    },
  })
}

/** Makes or alters better-auth's own tables; one gateway at a time. */
export async function migrateSignIn(signIn: SignIn, store: Store): Promise<void> {
  const locker = new Client({ connectionString: store.database })
  // its end shows in the migration that runs meanwhile
  locker.on('error', () => {})
  await locker.connect()
  try {
    await locker.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    const { runMigrations } = await getMigrations(signIn.options)
    await runMigrations()
  } finally {
    await locker.end()
  }
}

/** The same where nobody signs in: for a restore. */
export function makeSignInTables(store: Store, log: Logger): Promise<void> {
  const hooks: SignInHooks = { sessionMade: () => {}, signedIn: async () => {}, sessionEnded: () => {} }
  // nothing is signed with it: the tables are the same under every secret
  const secret = randomBytes(32).toString('hex')
  return migrateSignIn(createSignIn({ store, secret, cookiePrefix: 'cellwright', publicUrl: undefined, isHttps: false, hooks, log }), store)
}

/** better-auth's error codes in our words. */
function problemOf(status: number, body: { code?: string; message?: string } | null): UserError {
  switch (body?.code) {
    case 'INVALID_USERNAME_OR_PASSWORD':
    case 'INVALID_USERNAME':
    case 'USERNAME_TOO_SHORT':
    case 'USERNAME_TOO_LONG':
      return new UserError({
        code: 'sign-in-wrong',
        status: 401,
        message: 'Name and password do not belong together. Check both; capital letters count in the password.',
      })
    case 'BANNED_USER':
      return new UserError({ code: 'account-disabled', status: 403, message: 'This account is switched off. Ask an administrator.' })
    default:
      return new UserError({
        code: (body?.code ?? 'sign-in-refused').toLowerCase().replaceAll('_', '-'),
        status,
        message: body?.message ?? 'Sign-in was refused.',
      })
  }
}

const toHeaders = (from: IncomingHttpHeaders) => {
  const headers = new Headers()
  for (const [name, value] of Object.entries(from))
    if (value !== undefined && name !== 'content-length') headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  return headers
}

export interface SignInEvents {
  /**
   * Before better-auth sees a sign-out, so that it counts at once.
   * @returns where it goes on, at the provider
   */
  signingOut(request: ExpressRequest): Promise<string | undefined>
  /** Of somebody whose password was right: may they sign in with it? Asked then, so that nobody learns who may. */
  passwordRefusal(body: unknown): Promise<UserError | undefined>
  answered(request: ExpressRequest, path: string, body: unknown, problem: UserError | undefined): void
}

/** Express's side: reads a small body, asks better-auth, and turns its errors into problems. */
export function signInHandler(signIn: SignIn, store: Store, events: SignInEvents, log: Logger): RequestHandler {
  const answer = async (request: ExpressRequest, response: ExpressResponse): Promise<void> => {
    const path = request.path.replace(/^\/api\/auth/, '')
    if (request.method !== 'POST' || !OPEN_PATHS.has(path)) throw notFound()
    const body = (await readJson(request, MAX_BODY_BYTES)) ?? {}
    const goesOnAt = path === '/sign-out' ? await events.signingOut(request) : undefined
    const headers = toHeaders(request.headers)
    headers.set('content-type', 'application/json')
    const result = await signIn.handler(
      new Request(`${request.protocol}://${request.headers.host}${request.path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
    )
    const text = await result.text()
    if (result.status >= 500) {
      // where better-auth has an answer of its own it keeps the cause; a database that is away is by far the likeliest
      if (!(await store.check()))
        throw new OperationalError({
          code: 'store-away',
          message: 'Signing in needs the database, which does not answer at the moment. Try again when it is back.',
        })
      throw new Error(`better-auth answered ${result.status}: ${text.slice(0, 200)}`)
    }
    let problem = result.ok ? undefined : problemOf(result.status, text ? JSON.parse(text) : null)
    if (!problem && path === '/sign-in/username') {
      problem = await events.passwordRefusal(body)
      if (problem) await (await signIn.$context).internalAdapter.deleteSession(String((JSON.parse(text) as { token?: unknown }).token))
    }
    events.answered(request, path, body, problem)
    if (problem) throw problem
    response.setHeader('Cache-Control', 'no-store')
    for (const cookie of result.headers.getSetCookie()) response.append('Set-Cookie', cookie)
    response.status(200).json({ ok: true, ...(goesOnAt === undefined ? {} : { url: goesOnAt }) })
  }
  return (request, response) => {
    answer(request, response).catch((error: unknown) => sendProblem(response, error, log))
  }
}
