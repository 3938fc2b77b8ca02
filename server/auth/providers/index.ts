/** Sign-in through the company: the parts put together, for the rest of sign-in. */
import type { Request, Response } from 'express'
import { type Kysely, sql } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/log.ts'
import type { Audit } from '../../audit/contract.ts'
import type { RouteHandler } from '../../http/handler.ts'
import type { Secrets } from '../../secrets/index.ts'
import type { Database } from '../../store/index.ts'
import type { Accounts } from '../accounts.ts'
import type { Caller } from '../caller.ts'
import type { Memory, SignInMethod } from '../memory.ts'
import { createAttempts } from './attempts.ts'
import { createIdentities } from './identities.ts'
import { createOidc } from './oidc.ts'
import { createRechecks } from './recheck.ts'
import { providerRoutes } from './routes.ts'
import { settingRoutes } from './setting-routes.ts'
import { createProviders } from './settings.ts'
import { createTrials } from './trial-routes.ts'

const HOUR_MS = 3_600_000

export interface ProviderSignIn {
  readonly handlers: readonly RouteHandler[]
  /**
   * Somebody was right with a password of ours: may they use one?
   * @returns the refusal
   */
  passwordRefusal(userName: string): Promise<UserError | undefined>
  /** PIN and badge of somebody without a password work for a time after a sign-in through the provider. @throws UserError `shortcut-stale` (403) */
  requireShortcut(userId: string): Promise<void>
  /** Where signing out goes on, at the provider; undefined where there is nothing. Takes what is known of the session. */
  endUrl(token: string, request: Request): Promise<string | undefined>
  /** People who are signed in through a directory are looked up again from time to time. @param leads of several hosts one looks */
  startRechecks(leads: () => boolean): void
  close(): void
}

export function createProviderSignIn(deps: {
  db: Kysely<Database>
  secrets: Pick<Secrets, 'seal' | 'open'>
  accounts: Accounts
  memory: Pick<Memory, 'rightsOf'>
  audit: Audit
  log: Logger
  publicUrl: string | undefined
  cookiePrefix: string
  isHttps: boolean
  /** A new session, with a token that nobody has seen before. */
  openSession: (
    userId: string,
    session: { method: SignInMethod; maxAgeMs: number },
    request: Request,
    response: Response,
  ) => Promise<{ caller: Caller | undefined; token: string }>
  /** How the one who asks has signed in. */
  methodBy: (request: Request) => SignInMethod | undefined
}): ProviderSignIn {
  const { db, secrets, accounts, memory, audit, log, publicUrl, cookiePrefix, isHttps, openSession, methodBy } = deps
  const providers = createProviders({ db, secrets })
  const identities = createIdentities({ db, accounts, audit })
  const attempts = createAttempts({ db, secrets, cookiePrefix, isHttps })
  const oidc = createOidc()
  // the Host header was checked before any request gets here
  const baseOf = (request: Request): string => (publicUrl === undefined ? `${request.protocol}://${request.headers.host}` : publicUrl.replace(/\/$/, ''))
  const trials = createTrials({ providers, identities, attempts, audit, baseOf })
  const rechecks = createRechecks({ providers, identities, audit, log })
  const rule = async () => (await db.selectFrom('signInRule').select('passwords').executeTakeFirst())?.passwords ?? 'everybody'

  return {
    handlers: [
      ...providerRoutes({
        providers,
        identities,
        attempts,
        oidc,
        trials,
        audit,
        log,
        baseOf,
        rule,
        methodBy,
        async open(userId, { provider, idToken }, request, response) {
          const maxAgeMs = provider.settings.sessionHours * HOUR_MS
          const { caller, token } = await openSession(userId, { method: 'provider', maxAgeMs }, request, response)
          await db.deleteFrom('providerSession').where('expiresAt', '<', new Date()).execute()
          await db
            .insertInto('providerSession')
            .values({
              token,
              providerId: provider.id,
              sealed: idToken === undefined ? null : secrets.seal(idToken),
              expiresAt: new Date(Date.now() + maxAgeMs),
            })
            .execute()
          return caller
        },
      }),
      ...trials.handlers,
      ...rechecks.handlers,
      ...settingRoutes({ db, providers, identities, accounts, memory, audit, baseOf, rule }),
    ],
    async passwordRefusal(userName) {
      if ((await rule()) === 'everybody') return undefined
      const person = await db.selectFrom('user').select('role').where('username', '=', userName.toLowerCase()).executeTakeFirst()
      // with all providers switched off nobody but administrators could work
      if (person?.role === 'admin' || !(await providers.list()).some(({ isOn }) => isOn)) return undefined
      return new UserError({
        code: 'password-not-here',
        status: 403,
        message: 'Passwords of Cellwright are for administrators here. Sign in through your company, with the button on the sign-in page.',
      })
    },
    async requireShortcut(userId) {
      const { rows } = await sql<{ name: string }>`
        select p.name from "signInIdentity" i join "signInProvider" p on p.id = i."providerId" where i."userId" = ${userId}
          and not exists (select 1 from account a where a."userId" = i."userId" and a."providerId" = 'credential' and a.password is not null)
          and not exists (select 1 from "signInIdentity" o join "signInProvider" q on q.id = o."providerId" where o."userId" = i."userId"
            and o."lastAt" > now() - make_interval(days => coalesce((q.settings ->> 'shortcutDays')::int, 30))) limit 1`.execute(db)
      const [stale] = rows
      if (!stale) return
      throw new UserError({
        code: 'shortcut-stale',
        status: 403,
        message: `PIN and badge have to be confirmed: sign in through ${stale.name} once, then they work again for some weeks.`,
      })
    },
    async endUrl(token, request) {
      const row = await db.deleteFrom('providerSession').where('token', '=', token).returningAll().executeTakeFirst()
      if (!row) return undefined
      const provider = await providers.get(row.providerId)
      if (provider.kind !== 'oidc' || !provider.settings.endsThere) return undefined
      const idToken = row.sealed === null ? undefined : secrets.open(row.sealed)
      return oidc.endUrl(provider, { idToken, backTo: `${baseOf(request)}/sign-in` })
    },
    startRechecks: (leads) => rechecks.start(leads),
    close() {
      rechecks.close()
      oidc.close()
    },
  }
}
