/** The routes by which administrators say who signs in through what. */
import type { Request } from 'express'
import type { Kysely } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import {
  addSignInProvider,
  capabilitiesOf,
  changeSignInProvider,
  finishProviderSignIn,
  getSignInSettings,
  letIn,
  removeSignInProvider,
  type SignInProvider,
  setPasswordSignIn,
  testSignInProvider,
  turnAway,
  unlinkSignIn,
} from '../../api/index.ts'
import type { Audit } from '../../audit/contract.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { Database } from '../../store/index.ts'
import type { Accounts } from '../accounts.ts'
import type { Caller } from '../caller.ts'
import type { Memory } from '../memory.ts'
import { beyond } from '../rights.ts'
import type { Identities } from './identities.ts'
import { look } from './look.ts'
import type { Provider, Providers } from './settings.ts'

/** Whoever says who is an administrator is one: a provider of their own would make them one. @throws UserError `provider-needs-all` (403) */
export const mustHaveAll = (caller: Caller) => {
  if (beyond(capabilitiesOf('admin'), caller.capabilities).length)
    throw new UserError({
      code: 'provider-needs-all',
      status: 403,
      message: 'Providers say who people are, administrators too: only somebody with every right changes them or lets people in.',
    })
}

export function settingRoutes(deps: {
  db: Kysely<Database>
  providers: Providers
  identities: Identities
  accounts: Accounts
  memory: Pick<Memory, 'rightsOf'>
  audit: Audit
  baseOf: (request: Request) => string
  rule: () => Promise<'everybody' | 'administrators'>
}): RouteHandler[] {
  const { db, providers, identities, accounts, memory, audit, baseOf, rule } = deps
  const shown = async (request: Request, rows: Omit<Provider, 'secret'>[]): Promise<SignInProvider[]> => {
    const people = await identities.countByProvider()
    const kept = await db.selectFrom('signInProvider').select('id').where('secret', 'is not', null).execute()
    const withSecret = new Set(kept.map(({ id }) => id))
    return rows.map(({ id, kind, name, isOn, settings, by, at }) => ({
      id,
      kind,
      name,
      isOn,
      settings,
      by,
      at: at.toISOString(),
      hasSecret: withSecret.has(id),
      people: people.get(id) ?? 0,
      ...(kind === 'oidc'
        ? { redirectUri: `${baseOf(request)}${finishProviderSignIn.path.replace(':providerId', id)}`, signedOutUri: `${baseOf(request)}/sign-in` }
        : {}),
    }))
  }
  const one = async (request: Request, provider: Omit<Provider, 'secret'>): Promise<SignInProvider> => {
    const [view] = await shown(request, [provider])
    if (!view) throw new Error('a provider is shown as one')
    return view
  }
  /** With no way in through the company, a rule that keeps people from their passwords shuts them out. */
  const loosen = async (by: string) => {
    if ((await rule()) === 'everybody' || (await providers.list()).some(({ isOn }) => isOn)) return
    await db.updateTable('signInRule').set({ passwords: 'everybody', by, at: new Date() }).execute()
  }

  const knownRoles = ({ settings }: { settings: Record<string, unknown> }) => {
    const lines = Array.isArray(settings.roles) ? (settings.roles as { role?: unknown }[]).map(({ role }) => role) : []
    const wrong = [...lines, settings.otherwise].find((role) => typeof role === 'string' && role !== 'refuse' && memory.rightsOf(role).id !== role)
    if (wrong !== undefined)
      throw new UserError({ code: 'role-unknown', message: `There is no role "${String(wrong)}". There are ours, and those that the shop has made.` })
  }

  return [
    handle(getSignInSettings, async ({ request }) => ({
      providers: await shown(request, await providers.list()),
      waiting: await identities.waiting(),
      passwords: await rule(),
    })),
    handle(addSignInProvider, async ({ body, caller, request }) => {
      mustHaveAll(caller)
      knownRoles(body)
      const provider = await providers.add(body, caller.name)
      audit.record({
        caller,
        action: 'added a sign-in provider',
        target: provider.name,
        detail: { kind: provider.kind, isOn: provider.isOn, settings: told(provider) },
      })
      return one(request, provider)
    }),
    handle(changeSignInProvider, async ({ params, body, caller, request }) => {
      mustHaveAll(caller)
      knownRoles(body)
      const people = (await identities.countByProvider()).get(params.providerId) ?? 0
      const { before, after } = await providers.change(params.providerId, body, caller.name, people)
      if (!after.isOn) {
        await accounts.endProviderSessions({ providerId: after.id })
        await loosen(caller.name)
      }
      audit.record({
        caller,
        action: 'changed a sign-in provider',
        target: after.name,
        detail: {
          isOn: after.isOn,
          settings: told(after),
          before: { name: before.name, isOn: before.isOn, settings: told(before) },
          ...(body.secret === undefined ? {} : { secret: body.secret === '' ? 'removed' : 'changed' }),
        },
      })
      return one(request, after)
    }),
    handle(removeSignInProvider, async ({ params, caller }) => {
      mustHaveAll(caller)
      await accounts.endProviderSessions({ providerId: params.providerId })
      const { name, kind } = await providers.remove(params.providerId)
      await loosen(caller.name)
      audit.record({ caller, action: 'removed a sign-in provider', target: name, detail: { kind } })
      return { ok: true as const }
    }),
    handle(testSignInProvider, async ({ body, caller }) => {
      const { person, groups, ...given } = body
      const found = await look(await providers.forTest(given), { person, groups })
      audit.record({ caller, action: 'tested a sign-in provider', target: body.kind, detail: { isUsable: found.isUsable, ...(person ? { person } : {}) } })
      return found
    }),
    handle(setPasswordSignIn, async ({ body, caller }) => {
      mustHaveAll(caller)
      if (body.passwords === 'administrators') {
        if (!(await providers.list()).some(({ isOn }) => isOn))
          throw new UserError({
            code: 'no-provider-on',
            status: 409,
            message: 'No provider is switched on: people could not sign in at all. Switch one on first.',
          })
        if (!(await accounts.hasLocalAdmin()))
          throw new UserError({
            code: 'no-local-admin',
            status: 409,
            message: 'No administrator has a password: when the provider is away nobody could sign in. Give one a password first.',
          })
      }
      const before = await rule()
      const values = { passwords: body.passwords, by: caller.name, at: new Date() }
      await db
        .insertInto('signInRule')
        .values(values)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
        .execute()
      audit.record({ caller, action: 'changed who signs in with a password', target: body.passwords, detail: { before } })
      return { ok: true as const }
    }),
    handle(letIn, async ({ body, caller }) => {
      mustHaveAll(caller)
      const { userId } = await identities.letIn(caller, body)
      const { name } = await providers.get(body.providerId)
      const account = await accounts.get(userId)
      audit.record({ caller, action: 'tied a person to a provider', target: account.userName, detail: { provider: name } })
      return { ok: true as const }
    }),
    handle(turnAway, async ({ body, caller }) => {
      await identities.turnAway(body.providerId, body.subject)
      audit.record({ caller, action: 'turned somebody away', target: body.subject, detail: { provider: body.providerId } })
      return { ok: true as const }
    }),
    handle(unlinkSignIn, async ({ params, caller }) => {
      const account = await accounts.get(params.userId)
      accounts.mustCover(caller, account)
      await identities.unlink(params.userId)
      audit.record({ caller, action: 'untied a person from providers', target: account.userName })
      return { ok: true as const }
    }),
  ]
}

/** What the audit log keeps of the settings: certificates are long and no secret. */
const told = ({ settings: { ca, ...settings } }: Omit<Provider, 'secret'>) => ({ ...settings, ca: ca.trim() === '' ? 'none' : `${ca.length} characters` })
