/** The routes by which people sign in through a provider. */
import type { Request, Response } from 'express'
import { UserError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/log.ts'
import { beginProviderSignIn, finishProviderSignIn, linkOwnSignIn, listSignInWays, signInAtDirectory } from '../../api/index.ts'
import type { Audit } from '../../audit/contract.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import { notSignedIn, toProblem } from '../../http/problem.ts'
import type { Caller } from '../caller.ts'
import type { SignInMethod } from '../memory.ts'
import { toMe } from '../routes.ts'
import type { Attempts } from './attempts.ts'
import type { Identities } from './identities.ts'
import { signInAt } from './ldap.ts'
import type { Oidc } from './oidc.ts'
import { type ProviderPerson, personFrom } from './person.ts'
import { claimsMissing, disabled, noProvider, stale, toldOf } from './refusals.ts'
import type { Provider, Providers } from './settings.ts'
import type { Trials } from './trial-routes.ts'

/** Where to go afterwards: a page of ours, else the beginning. Whatever leads elsewhere (`//host`, `/\host`, a scheme) is not followed. */
function safeNext(wanted: string | undefined): string | undefined {
  if (wanted === undefined || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(wanted)) return undefined
  const here = 'http://here.invalid'
  if (!URL.canParse(wanted, here)) return undefined
  const url = new URL(wanted, here)
  return url.origin === here && !url.pathname.startsWith('//') && url.pathname !== '/sign-in' && !url.pathname.startsWith('/api/')
    ? url.pathname + url.search + url.hash
    : undefined
}

export function providerRoutes(deps: {
  providers: Providers
  identities: Identities
  attempts: Attempts
  oidc: Oidc
  trials: Pick<Trials, 'isOne' | 'finish'>
  audit: Audit
  log: Logger
  baseOf: (request: Request) => string
  rule: () => Promise<'everybody' | 'administrators'>
  methodBy: (request: Request) => SignInMethod | undefined
  open: (userId: string, by: { provider: Provider; idToken: string | undefined }, request: Request, response: Response) => Promise<Caller | undefined>
}): RouteHandler[] {
  const { providers, identities, attempts, oidc, trials, audit, log, baseOf, rule, methodBy, open } = deps

  /** Lets somebody in who was proven, or offers to tie them to the person whose name they have. */
  const enter = async (
    { provider, person, idToken }: { provider: Provider; person: ProviderPerson; idToken?: string },
    request: Request,
    response: Response,
  ): Promise<Caller> => {
    const entered = await identities.enter(provider, person).catch(async (error: unknown) => {
      if (error instanceof UserError && error.code === 'name-taken')
        await attempts.offer(response, { providerId: provider.id, subject: person.subject, userName: person.userName })
      throw error
    })
    const caller = await open(entered.userId, { provider, idToken }, request, response)
    // switched off between the check and now
    if (!caller) throw disabled({ userName: person.userName })
    const detail = { provider: provider.name, address: request.ip }
    audit.record({ caller, action: 'signed in through a provider', detail })
    if (entered.isNew) audit.record({ caller, action: 'added an account', target: caller.userName, detail: { role: entered.role, provider: provider.name } })
    if (entered.roleWas)
      audit.record({
        caller,
        action: 'got another role by a provider',
        target: caller.userName,
        detail: { ...detail, before: entered.roleWas, role: entered.role },
      })
    if (entered.keptRole) audit.record({ caller, action: 'kept the role of the last administrator', target: caller.userName, detail })
    return caller
  }
  const refuse = (provider: Pick<Provider, 'name'> | undefined, typed: string | undefined, error: unknown, request: Request): void => {
    const { code } = toProblem(error)
    const { reason, userName } = toldOf(error)
    if (code === 'internal-error') log.error({ err: error }, 'a sign-in through a provider failed')
    audit.record({
      who: (userName ?? typed ?? 'unknown').slice(0, 40),
      via: 'provider',
      action: 'sign-in refused',
      detail: { ...(provider ? { provider: provider.name } : {}), address: request.ip, code, ...(reason ? { reason } : {}) },
    })
  }
  const oidcProvider = async (id: string) => {
    const provider = await providers.get(id, { isOn: true })
    if (provider.kind !== 'oidc') throw noProvider()
    return provider
  }

  return [
    handle(listSignInWays, async () => ({
      providers: (await providers.list()).filter(({ isOn }) => isOn).map(({ id, kind, name }) => ({ id, kind, name })),
      passwords: await rule(),
    })),
    handle(beginProviderSignIn, async ({ params, body, request, response }) => {
      const provider = await oidcProvider(params.providerId)
      try {
        const { url, begun } = await oidc.begin(provider, `${baseOf(request)}${finishProviderSignIn.path.replace(':providerId', provider.id)}`)
        await attempts.keep(response, provider.id, { begun, next: safeNext(body.next) })
        return { url }
      } catch (error) {
        refuse(provider, undefined, error, request)
        throw error
      }
    }),
    handle(finishProviderSignIn, async ({ params, caller: visitor, request, response }) => {
      const at = request.originalUrl.indexOf('?')
      const search = at < 0 ? '' : request.originalUrl.slice(at)
      let provider: Provider | undefined
      let next: string | undefined
      let to: string
      try {
        const states = new URLSearchParams(search).getAll('state')
        const [state] = states
        // a provider that is tried out need not be on
        if (states.length === 1 && state && trials.isOne(request, state)) {
          to = await trials.finish(request, response, { caller: visitor, providerId: params.providerId, state, search })
        } else {
          provider = await oidcProvider(params.providerId)
          if (states.length !== 1 || !state) throw stale({ reason: 'no state' })
          const attempt = await attempts.take(request, response, provider.id, state)
          next = safeNext(attempt.next)
          const { claims, idToken } = await oidc.finish(provider, attempt.begun, search)
          const person = personFrom(claims, provider.settings as Parameters<typeof personFrom>[1])
          if ('missing' in person)
            throw claimsMissing({ reason: `no usable claim ${person.missing}; there are ${Object.keys(claims).join(', ')}`.slice(0, 400) })
          if ('tooManyGroups' in person)
            throw claimsMissing({ reason: 'too many groups: the provider leaves them away; let it send only groups of this application' })
          const caller = await enter({ provider, person, idToken }, request, response)
          to = next ?? (caller.capabilities.has('flows.view') ? '/' : '/operator')
        }
      } catch (error) {
        refuse(provider, undefined, error, request)
        const query = new URLSearchParams({ refused: toProblem(error).code, ...(provider ? { via: provider.id } : {}), ...(next ? { next } : {}) })
        to = `/sign-in?${query}`
      }
      response.setHeader('Cache-Control', 'no-store')
      // the code stands in this address
      response.setHeader('Referrer-Policy', 'no-referrer')
      response.redirect(303, to)
      return ''
    }),
    handle(signInAtDirectory, async ({ params, body, request, response }) => {
      const provider = await providers.get(params.providerId, { isOn: true })
      if (provider.kind !== 'ldap') throw noProvider()
      try {
        return toMe(await enter({ provider, person: await signInAt(provider, body) }, request, response))
      } catch (error) {
        refuse(provider, body.userName, error, request)
        throw error
      }
    }),
    handle(linkOwnSignIn, async ({ caller, request, response }) => {
      if (caller.isLocked) throw notSignedIn()
      const offer = await attempts.takeOffer(request, response)
      if (!offer)
        throw new UserError({
          code: 'nothing-to-link',
          status: 404,
          message: 'There is nothing to tie any more. Sign in through your company again, then once with your password.',
        })
      // a PIN is short, and another person's sign-in in this browser is none of theirs
      if (methodBy(request) !== 'password' || caller.userName.toLowerCase() !== offer.userName.toLowerCase())
        throw new UserError({
          code: 'link-other-person',
          status: 403,
          message: `Only ${offer.userName}, signed in with their password, can tie this sign-in to themselves. An administrator can do it for them.`,
        })
      const provider = await providers.get(offer.providerId, { isOn: true })
      await identities.link(provider.id, offer.subject, caller.userId, caller.userName)
      audit.record({ caller, action: 'tied a person to a provider', target: caller.userName, detail: { provider: provider.name } })
      return { provider: provider.name, role: caller.role }
    }),
  ]
}
