/**
 * Trying a provider by a sign-in of one's own. The same conversation as the real one (state, nonce, PKCE, one use, ten minutes, this browser), and
 * besides bound to the session it began in. It knows no way to open a session or to change an account.
 */
import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'
import { UserError } from '../../../base/errors.ts'
import { beginSignInTrial, finishProviderSignIn, getSignInTrial, type SignInTrial, trySignInAtDirectory } from '../../api/index.ts'
import type { Audit } from '../../audit/contract.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { Caller } from '../caller.ts'
import { mustBePresent } from '../routes.ts'
import type { Attempts } from './attempts.ts'
import type { Identities } from './identities.ts'
import { createOidc } from './oidc.ts'
import { stale } from './refusals.ts'
import { mustHaveAll } from './setting-routes.ts'
import type { Providers } from './settings.ts'
import { refusedFinding, tryLdap, tryOidc, waitingTrial } from './trial.ts'

export interface Trials {
  readonly handlers: readonly RouteHandler[]
  /** Is this the way back of a trial? */
  isOne(request: Request, state: string): boolean
  /** @param about what came back; `search` with `?` @returns the page that shows what came of it */
  finish(request: Request, response: Response, about: { caller: Caller | undefined; providerId: string; state: string; search: string }): Promise<string>
}

const failed = (error: unknown): SignInTrial => ({ ...waitingTrial, state: 'done', findings: [refusedFinding(error)] })
const pageOf = (providerId: string, trialId: string) => `/settings#sign-in/${providerId}/${trialId}`

export function createTrials(deps: {
  providers: Providers
  identities: Pick<Identities, 'would'>
  attempts: Attempts
  audit: Audit
  baseOf: (request: Request) => string
}): Trials {
  const { providers, identities, attempts, audit, baseOf } = deps
  const told = (caller: Caller, target: string, { findings, isUsable, role }: SignInTrial) =>
    audit.record({
      caller,
      action: 'tried to sign in through a provider',
      target,
      detail: { isUsable, found: findings.map(({ code }) => code), ...(role ? { role } : {}) },
    })
  return {
    handlers: [
      handle(beginSignInTrial, async ({ body, caller, request, response }) => {
        mustBePresent(caller)
        mustHaveAll(caller)
        const kept = await providers.get(body.providerId)
        const { providerId, ...given } = body
        const target = await providers.forTest({ ...given, kind: 'oidc', providerId })
        if (target.kind !== 'oidc' || kept.kind !== 'oidc')
          throw new UserError({ code: 'provider-invalid', status: 422, message: 'This provider is a directory: it is tried with a user name and a password.' })
        const base = baseOf(request)
        // the browser says by which name it came; a proxy may have changed the Host
        if (request.headers.origin !== undefined && request.headers.origin !== new URL(base).origin)
          throw new UserError({
            code: 'trial-other-address',
            status: 409,
            message: `The provider sends people back to ${base}, and this page was opened by another name, so your browser would not know you there. Open ${base} and try it there.`,
            details: { base },
          })
        const trialId = randomBytes(18).toString('base64url')
        const keep = (result: SignInTrial) => attempts.keepResult({ id: trialId, session: caller.session, providerId }, result)
        const oidc = createOidc()
        try {
          const provider = { id: kept.id, name: kept.name, at: kept.at, settings: target.settings, secret: target.secret }
          const { url, begun } = await oidc.begin(provider, `${base}${finishProviderSignIn.path.replace(':providerId', providerId)}`)
          await keep(waitingTrial)
          await attempts.keepTrial(response, providerId, { trialId, begun, settings: target.settings, secret: target.secret, session: caller.session })
          return { id: trialId, url }
        } catch (error) {
          const result = failed(error)
          await keep(result)
          told(caller, kept.name, result)
          return { id: trialId }
        } finally {
          oidc.close()
        }
      }),
      handle(getSignInTrial, async ({ params, caller }) => {
        const result = (await attempts.resultOf(params.trialId, caller.session)) as SignInTrial | undefined
        if (!result)
          throw new UserError({
            code: 'trial-over',
            status: 404,
            message: 'This trial is over: it took too long, or it began in another session. Try it again.',
          })
        return result
      }),
      handle(trySignInAtDirectory, async ({ body, caller }) => {
        mustBePresent(caller)
        mustHaveAll(caller)
        const { userName, password, ...given } = body
        const target = await providers.forTest({ ...given, kind: 'ldap' })
        if (target.kind !== 'ldap') throw new Error('an LDAP provider is checked as one')
        const result = await tryLdap({ id: body.providerId, settings: target.settings, secret: target.secret }, { userName, password }, identities)
        told(caller, userName.slice(0, 40), result)
        return result
      }),
    ],
    isOne: (request, state) => attempts.isTrial(request, state),
    async finish(request, response, { caller, providerId, state, search }) {
      const { trialId, begun, settings, secret, session } = await attempts.takeTrial(request, response, providerId, state)
      // another session in this browser, or nobody: what comes back is shown to no one
      if (!caller || caller.isLocked || caller.session !== session) throw stale({ reason: 'a trial of another session' })
      mustHaveAll(caller)
      const kept = await providers.get(providerId)
      const provider = { id: kept.id, name: kept.name, at: kept.at, settings, secret }
      const result = await tryOidc({ provider, settings, begun, search }, identities)
      await attempts.keepResult({ id: trialId, session, providerId }, result)
      told(caller, kept.name, result)
      return pageOf(providerId, trialId)
    },
  }
}
