/**
 * People who are signed in through a directory are looked up again from time to time: whoever is not there any more, is switched off there or has no
 * role any more is signed out. A provider of OpenID Connect can be asked about nobody who is not at it: there only the session's life ends it.
 */
import { SizeLimitExceededError } from 'ldapts'
import { UserError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/log.ts'
import { type LdapSettings, recheckPeople } from '../../api/index.ts'
import type { Audit } from '../../audit/contract.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { Caller } from '../caller.ts'
import type { Identities } from './identities.ts'
import { connectDirectory, type Directory, troubleOf } from './ldap.ts'
import { misset, toldOf } from './refusals.ts'
import { mustHaveAll } from './setting-routes.ts'
import type { Provider, Providers } from './settings.ts'

/** How often it is looked whether one is due. */
const LOOK_MS = 60_000
const MINUTE_MS = 60_000

interface Outcome {
  looked: number
  out: string[]
  changed: string[]
}

export interface Rechecks {
  readonly handlers: readonly RouteHandler[]
  /** Does what is due; for the clock. */
  look(): Promise<void>
  /** @param leads of several hosts one looks */
  start(leads: () => boolean): void
  close(): void
}

type LdapProvider = Extract<Provider, { kind: 'ldap' }>
/** Its settings, if people can be looked up there. */
function lookable({ kind, isOn, settings }: Omit<Provider, 'secret'>): LdapSettings | undefined {
  return kind === 'ldap' && isOn && 'bindDn' in settings && settings.bindDn !== '' ? settings : undefined
}

/** Is anybody found at all? Else the service account has lost its sight, and the people are still there. */
async function mustSeeAnybody(directory: Directory, name: string): Promise<void> {
  const count = await directory.count(1).catch((error: unknown) => {
    if (error instanceof SizeLimitExceededError) return 1
    throw error
  })
  if (count === 0) throw misset(name, 'the filter finds nobody at all any more; nobody is signed out for that')
}

export function createRechecks(deps: {
  providers: Pick<Providers, 'list' | 'get'>
  identities: Pick<Identities, 'openAt' | 'again'>
  audit: Audit
  log: Logger
  now?: () => number
}): Rechecks {
  const { providers, identities, audit, log, now = Date.now } = deps
  const begunAt = now()
  const doneAt = new Map<string, number>()
  const troubled = new Set<string>()
  let leads: () => boolean = () => false
  let timer: NodeJS.Timeout | undefined
  let working: Promise<unknown> = Promise.resolve()

  const recheck = async (provider: LdapProvider, by: Caller | undefined): Promise<Outcome> => {
    const people = await identities.openAt(provider.id)
    const outcome: Outcome = { looked: people.length, out: [], changed: [] }
    if (!people.length) return outcome
    try {
      const directory = await connectDirectory(provider.settings, provider.secret)
      try {
        for (const open of people) {
          const found = await directory.again(open.subject)
          if (!found) await mustSeeAnybody(directory, provider.name)
          const { isOut, role } = await identities.again(provider, open, found && !found.isOff ? found.person : undefined)
          const told = { who: open.userName.slice(0, 40), via: 'provider' as const, target: open.userName }
          const detail = { provider: provider.name, ...(by ? { by: by.userName } : {}) }
          if (isOut) {
            outcome.out.push(open.userName)
            const reason = !found ? 'not found any more' : found.isOff ? 'switched off there' : 'no group with a role'
            audit.record({ ...told, action: 'signed out by a provider', detail: { ...detail, reason } })
          } else if (role !== undefined) {
            outcome.changed.push(open.userName)
            audit.record({ ...told, action: 'got another role by a provider', detail: { ...detail, before: open.role, role } })
          }
        }
      } finally {
        await directory.close()
      }
    } catch (error) {
      throw troubleOf(provider.name, error)
    }
    return outcome
  }
  /** One after the other: the clock and a person may want the same. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = working.then(work)
    working = next.catch(() => {})
    return next
  }
  const run = (id: string, by?: Caller) =>
    inTurn(async () => {
      const provider = await providers.get(id, { isOn: true })
      if (provider.kind !== 'ldap' || !lookable(provider))
        throw new UserError({
          code: 'recheck-not-possible',
          status: 409,
          message: 'Nobody can be looked up there: it takes a directory with a service account. Sessions end after the hours that are set.',
        })
      doneAt.set(id, now())
      return recheck(provider, by)
    })
  const look = async () => {
    if (!leads()) return
    for (const provider of await providers.list()) {
      const everyMin = lookable(provider)?.recheckMinutes ?? 0
      if (everyMin === 0 || now() - (doneAt.get(provider.id) ?? begunAt) < everyMin * MINUTE_MS) continue
      try {
        await run(provider.id)
        troubled.delete(provider.id)
      } catch (error) {
        // the directory may be away for a night: sessions end by their own life
        if (!troubled.has(provider.id)) log.warn({ err: error, reason: toldOf(error).reason, provider: provider.name }, 'people could not be looked up again')
        troubled.add(provider.id)
      }
    }
  }
  return {
    handlers: [
      handle(recheckPeople, ({ params, caller }) => {
        mustHaveAll(caller)
        return run(params.providerId, caller)
      }),
    ],
    look,
    start(when) {
      leads = when
      timer = setInterval(() => void look().catch((error: unknown) => log.warn({ err: error }, 'people could not be looked up again')), LOOK_MS)
      timer.unref()
    },
    close: () => clearInterval(timer),
  }
}
