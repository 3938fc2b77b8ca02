/** What came of a sign-in that is only tried out, in words: what was used of what came back, who it would be here, or why it was refused and what to do. */
import type { LdapSettings, OidcSettings, SignInTrial } from '../../api/index.ts'
import { toProblem } from '../../http/problem.ts'
import type { Identities } from './identities.ts'
import { signInAt } from './ldap.ts'
import { roleFindings, say } from './look.ts'
import type { Begun, OidcProvider } from './oidc.ts'
import { createOidc } from './oidc.ts'
import { claimOf, exactly, inDirectory, type ProviderPerson, personFrom, type SameGroup } from './person.ts'
import { toldOf } from './refusals.ts'

/** Longer values are cut: a page shows them. */
const SHOWN = 200
const MANY = 200
type Finding = SignInTrial['findings'][number]
type Used = SignInTrial['used']

const nothing: SignInTrial = { state: 'done', isUsable: false, findings: [], used: [], others: [], groups: [] }
export const waitingTrial: SignInTrial = { ...nothing, state: 'waiting' }

const shown = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, SHOWN)
}
const named = (names: readonly string[]) => names.slice(0, 50).join(', ')

/** Why it was refused, and what an administrator does about it. */
export function refusedFinding(error: unknown): Finding {
  const { code } = toProblem(error)
  const reason = toldOf(error).reason?.trim() ?? ''
  const facts = { reason: reason || code }
  const because = facts.reason
  switch (code) {
    case 'provider-refused':
      return say(
        'problem',
        'refused-there',
        `It was refused there: ${because}. Broken off, or the account there is locked, expired or not given to this application.`,
        facts,
      )
    case 'provider-misset':
      return /invalid_client|unauthorized_client|^401 basic/i.test(because)
        ? say(
            'problem',
            'refused-client',
            `The provider does not take client id and secret: ${because}. Copy both from it again, without spaces around them.`,
            facts,
          )
        : say(
            'problem',
            'refused-misset',
            `The provider and this server do not understand each other: ${because}. Look at the settings here and at the application there.`,
            facts,
          )
    case 'provider-away':
      return say('problem', 'refused-away', `It cannot be reached: ${because}. Test the settings; look at name, port, firewall and certificate.`, facts)
    case 'sign-in-stale':
      return say(
        'problem',
        'refused-stale',
        `The provider does not take its own code back: ${because}. It may have lasted too long; else compare the redirect URI there with the one here.`,
        facts,
      )
    case 'sign-in-unproven':
      return say(
        'problem',
        'refused-unproven',
        `What came back does not prove who somebody is: ${because}. Look at issuer and client id, and at the clocks of both computers.`,
        facts,
      )
    case 'sign-in-wrong':
      return say('problem', 'refused-wrong', `The directory does not take this user name with this password: ${because}.`, facts)
    case 'claims-missing':
      return say('problem', 'refused-no-name', `What came back cannot be used: ${because}.`, facts)
    default:
      return say('problem', 'refused-otherwise', `It failed: ${because}. The log says more.`, facts)
  }
}

async function judged(
  { id, settings, same }: { id: string | undefined; settings: OidcSettings | LdapSettings; same: SameGroup },
  person: ProviderPerson,
  from: { used: Used; others: string[]; findings: Finding[] },
  identities: Pick<Identities, 'would'>,
): Promise<SignInTrial> {
  const groups = person.groups.slice(0, MANY)
  const role = roleFindings(person.groups, settings, same)
  const would = await identities.would({ id, makesPeople: settings.makesPeople }, person)
  const findings = [...from.findings, ...role.findings]
  if (role.role !== undefined) {
    const facts = { userName: person.userName, name: person.name, role: role.role }
    if (would.as === 'known' || would.as === 'disabled') {
      const known = { ...facts, userName: would.userName, name: would.name, before: would.role }
      findings.push(
        would.as === 'known'
          ? say('ok', 'would-enter', `They are ${would.name} (${would.userName}) here and would come in.`, known)
          : say('problem', 'would-be-disabled', `They are ${would.name} (${would.userName}) here, and that account is switched off.`, known),
      )
      if (would.as === 'known' && settings.followsRoles && would.role !== role.role)
        findings.push(say('warning', 'would-change-role', `Their role here is ${would.role}; signing in makes it ${role.role}.`, known))
    } else if (would.as === 'name-taken')
      findings.push(
        say(
          'warning',
          'would-be-taken',
          `The user name ${person.userName} belongs to ${would.name} here. They sign in once with their password and are one then, or you let them in as ${would.name}.`,
          { ...facts, name: would.name },
        ),
      )
    else if (would.as === 'new') findings.push(say('ok', 'would-be-new', `They would get a new account: ${person.name} (${person.userName}).`, facts))
    else findings.push(say('warning', 'would-wait', `They would wait until an administrator lets them in, as ${person.name} (${person.userName}).`, facts))
  }
  return {
    state: 'done',
    isUsable: role.role !== undefined && would.as !== 'disabled',
    findings,
    used: from.used,
    others: from.others,
    groups,
    ...(role.role === undefined ? {} : { role: role.role }),
  }
}

/** The way back from a provider of OpenID Connect. Never throws for what the provider does: that is a finding. */
export async function tryOidc(
  { provider, settings, begun, search }: { provider: OidcProvider; settings: OidcSettings; begun: Begun; search: string },
  identities: Pick<Identities, 'would'>,
): Promise<SignInTrial> {
  // with settings that nobody else uses, so with a conversation of its own
  const oidc = createOidc()
  try {
    const { claims } = await oidc.finish(provider, begun, search)
    const taken = { subject: 'sub', userName: settings.userNameClaim, name: settings.nameClaim, mail: settings.mailClaim } as const
    const used = (Object.keys(taken) as (keyof typeof taken)[]).map((use) => {
      const value = shown(use === 'subject' ? claims.sub : claimOf(claims, taken[use]))
      return { use, from: taken[use], ...(value === undefined ? {} : { value }) }
    })
    const isUsed = new Set<string>(
      [...Object.values(taken), settings.groupsClaim].map((name) => (Object.hasOwn(claims, name) ? name : (name.split('.')[0] ?? name))),
    )
    const others = Object.keys(claims)
      .filter((name) => !isUsed.has(name))
      .slice(0, MANY)
    const findings = [
      say('ok', 'proven', `${settings.issuer} proves who it is: signature, issuer, audience, times, nonce and PKCE are right.`, { issuer: settings.issuer }),
    ]
    const person = personFrom(claims, settings)
    if ('missing' in person)
      return {
        ...nothing,
        used,
        others,
        findings: [
          ...findings,
          say(
            'problem',
            'claim-missing',
            `The user name comes from the claim ${person.missing}, which did not come, or holds none. There are: ${named(others)}.`,
            {
              claim: person.missing,
              others: named(others),
            },
          ),
        ],
      }
    if ('tooManyGroups' in person)
      return {
        ...nothing,
        used,
        others,
        findings: [
          ...findings,
          say('problem', 'too-many-groups', 'There are so many groups that the provider leaves them away. Let it send only groups of this application.'),
        ],
      }
    if (person.groups.length === 0)
      findings.push(
        say('warning', 'groups-missing', `No group came in the claim ${settings.groupsClaim}. There are: ${named(others)}.`, {
          claim: settings.groupsClaim,
          others: named(others),
        }),
      )
    return await judged({ id: provider.id, settings, same: exactly }, person, { used, others, findings }, identities)
  } catch (error) {
    return { ...nothing, findings: [refusedFinding(error)] }
  } finally {
    oidc.close()
  }
}

/** User name and password at a directory. Never throws for what it does: that is a finding. */
export async function tryLdap(
  { id, settings, secret }: { id: string | undefined; settings: LdapSettings; secret: string },
  given: { userName: string; password: string },
  identities: Pick<Identities, 'would'>,
): Promise<SignInTrial> {
  try {
    const person = await signInAt({ name: settings.servers[0] ?? 'LDAP', settings, secret }, given)
    const used: Used = [
      { use: 'subject', from: settings.idAttribute, value: person.subject.slice(0, SHOWN) },
      { use: 'userName', from: settings.userNameAttribute, value: person.userName },
      { use: 'name', from: settings.nameAttribute, value: person.name },
      { use: 'mail', from: settings.mailAttribute, ...(person.mail === undefined ? {} : { value: person.mail }) },
    ]
    const findings = [say('ok', 'proven-there', 'The directory takes this user name with this password.')]
    if (person.groups.length === 0) findings.push(say('warning', 'no-groups', 'In no group that this server can see.'))
    return await judged({ id, settings, same: inDirectory }, person, { used, others: [], findings }, identities)
  } catch (error) {
    return { ...nothing, findings: [refusedFinding(error)] }
  }
}
