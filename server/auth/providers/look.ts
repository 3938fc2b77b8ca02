/** Trying a provider before people depend on it: what was found, in words, each with a code and its facts for pages in another language. */

import { SizeLimitExceededError } from 'ldapts'
import type { Configuration } from 'openid-client'
import type { LdapSettings, OidcSettings, SignInFinding, SignInTest } from '../../api/index.ts'
import { certificatesIn } from './company-ca.ts'
import { connectDirectory } from './ldap.ts'
import { discover, mayBeEndpoint, signingKeys } from './oidc.ts'
import { exactly, inDirectory, roleFor, type SameGroup } from './person.ts'
import { lineOf } from './refusals.ts'
import type { Checked } from './settings.ts'

const SAMPLE = 50

export const say = (level: SignInFinding['level'], code: string, text: string, facts: Record<string, string> = {}): SignInFinding => ({
  level,
  code,
  text,
  facts,
})
/** The innermost cause says what: a refused connection, a certificate. */
const causeOf = (error: unknown): string => {
  const { cause } = error as { cause?: unknown }
  return cause instanceof Error ? causeOf(cause) : lineOf(error)
}
const certificateFindings = (ca: string): SignInFinding[] =>
  ca.trim() === ''
    ? []
    : certificatesIn(ca)
        .filter((one) => one.validToDate < new Date())
        .map(({ subject, validToDate }) => {
          const facts = { name: subject.replaceAll('\n', ', '), at: validToDate.toISOString().slice(0, 10) }
          return say('warning', 'ca-expired', `The certificate ${facts.name} has ended on ${facts.at}.`, facts)
        })

export function roleFindings(
  groups: readonly string[],
  settings: Pick<OidcSettings, 'roles' | 'otherwise'>,
  same: SameGroup,
): Pick<SignInTest, 'findings' | 'role'> {
  const given = roleFor(groups, settings, same)
  if (!given) return { findings: [say('warning', 'role-none', 'They would be refused: none of these groups has a role.')] }
  return given.group === undefined
    ? { role: given.role, findings: [say('ok', 'role-otherwise', `They would be ${given.role}, as everybody without a group.`, { role: given.role })] }
    : {
        role: given.role,
        findings: [say('ok', 'role-by-group', `They would be ${given.role}, by the group ${given.group}.`, { role: given.role, group: given.group })],
      }
}

function ofServer(config: Configuration, settings: OidcSettings): SignInFinding[] {
  const server = config.serverMetadata()
  const methods = server.code_challenge_methods_supported
  const missing = settings.scopes.split(/\s+/).filter((scope) => scope && server.scopes_supported && !server.scopes_supported.includes(scope))
  return [
    say('ok', 'discovered', `${server.issuer} answers as a provider of OpenID Connect.`, { issuer: server.issuer }),
    ...(methods?.includes('S256') ? [] : [say('warning', 'pkce-unsaid', 'It does not say that it checks PKCE. It is used all the same.')]),
    ...(missing.length
      ? [say('warning', 'scopes-unknown', `It does not name these scopes: ${missing.join(', ')}. It may refuse the sign-in.`, { scopes: missing.join(', ') })]
      : []),
    ...(server.claims_supported && !server.claims_supported.includes(settings.userNameClaim) && !settings.userNameClaim.includes('.')
      ? [
          say('warning', 'claim-unknown', `It does not name the claim ${settings.userNameClaim}, from which the user name comes.`, {
            claim: settings.userNameClaim,
          }),
        ]
      : []),
    server.end_session_endpoint === undefined
      ? say('warning', 'no-sign-out', 'It offers no way to sign out there: who signs out here is still signed in at the provider.')
      : say('ok', 'sign-out', 'Signing out here can sign out there, too.'),
  ]
}

/** What a sign-in needs besides: keys that prove tokens, addresses that are encrypted. */
async function keysAndEndpoints(config: Configuration): Promise<SignInFinding[]> {
  const { authorization_endpoint, token_endpoint } = config.serverMetadata()
  const endpoints = { authorization_endpoint, token_endpoint }
  const findings: SignInFinding[] = []
  for (const [name, address] of Object.entries(endpoints)) {
    if (address === undefined) findings.push(say('problem', 'endpoint-missing', `Its discovery document names no ${name}.`, { name }))
    else if (!mayBeEndpoint(address))
      findings.push(
        say('problem', 'endpoint-plain', `${address} is not encrypted: passwords or tokens would go over the network for all to read.`, { address }),
      )
  }
  try {
    const count = await signingKeys(config)
    findings.push(
      count > 0
        ? say('ok', 'keys', `Its keys can be read: ${count}.`, { count: String(count) })
        : say('problem', 'keys-none', 'It has no key that could sign a token.'),
    )
  } catch (error) {
    const cause = causeOf(error)
    findings.push(say('problem', 'keys-unread', `Its keys, by which tokens are checked, cannot be read: ${cause}.`, { cause }))
  }
  return findings
}

async function lookAtOidc(settings: OidcSettings, secret: string, groups: readonly string[] | undefined): Promise<SignInTest> {
  const findings = certificateFindings(settings.ca)
  try {
    const { config, close } = await discover({ settings, secret })
    findings.push(...ofServer(config, settings))
    const more = await keysAndEndpoints(config).finally(close)
    findings.push(...more)
    if (more.some(({ level }) => level === 'problem')) return { isUsable: false, findings }
  } catch (error) {
    const cause = causeOf(error)
    const isOther = (error as { code?: unknown }).code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED'
    findings.push(
      isOther
        ? say('problem', 'issuer-other', 'What answers there calls itself by another address. Enter the issuer as its discovery document names it.')
        : say('problem', 'not-discovered', `No discovery document of a provider could be read there: ${cause}.`, { cause }),
    )
    return { isUsable: false, findings }
  }
  if (secret === '') findings.push(say('warning', 'no-secret', 'There is no client secret: right only for a public client at the provider.'))
  if (groups === undefined) return { isUsable: true, findings }
  const role = roleFindings(groups, settings, exactly)
  return { isUsable: true, ...role, findings: [...findings, ...role.findings] }
}

async function lookAtLdap(settings: LdapSettings, secret: string, person: string | undefined, groups: readonly string[] | undefined): Promise<SignInTest> {
  const findings = certificateFindings(settings.ca)
  if (settings.servers.some((server) => server.startsWith('ldap:')) && !settings.startTls) findings.push(say('warning', 'plain', 'Passwords go unencrypted.'))
  let step: 'connect' | 'search' = 'connect'
  try {
    const directory = await connectDirectory(settings, secret)
    try {
      const { server } = directory
      findings.push(
        settings.bindDn === ''
          ? say('ok', 'connected', `${server} answers.`, { server })
          : say('ok', 'bound', `${server} answers, and takes the service account.`, { server }),
      )
      step = 'search'
      if (person === undefined || person.trim() === '') {
        const count = await directory.count(SAMPLE).catch((error: unknown) => {
          if (error instanceof SizeLimitExceededError) return SAMPLE
          throw error
        })
        const facts = { count: count >= SAMPLE ? `${SAMPLE}+` : String(count) }
        findings.push(
          count === 0
            ? say('problem', 'nobody', 'The filter finds nobody below the base. Look at base and filter, and at what the service account may see.')
            : say('ok', 'people', `The filter finds ${facts.count} people.`, facts),
        )
        if (groups === undefined) return { isUsable: count > 0, findings }
        const role = roleFindings(groups, settings, inDirectory)
        return { isUsable: count > 0, ...role, findings: [...findings, ...role.findings] }
      }
      const found = await directory.find(person.trim())
      if (!found) {
        findings.push(say('problem', 'person-missing', `The filter finds nobody for "${person}".`, { person }))
        return { isUsable: false, findings }
      }
      const { dn } = found
      const facts = { dn, name: found.person.name, userName: found.person.userName, groups: found.person.groups.join('\n') }
      findings.push(say('ok', 'person', `${facts.name} (${facts.userName}) is ${dn}.`, facts))
      findings.push(
        found.person.groups.length
          ? say('ok', 'groups', `In ${found.person.groups.length} groups: ${found.person.groups.slice(0, 20).join('; ')}.`, facts)
          : say('warning', 'no-groups', 'In no group that this server can see.', facts),
      )
      const role = roleFindings(found.person.groups, settings, inDirectory)
      return { isUsable: true, ...role, findings: [...findings, ...role.findings] }
    } finally {
      await directory.close()
    }
  } catch (error) {
    const cause = (error as { told?: { reason?: string } }).told?.reason ?? causeOf(error)
    findings.push(
      step === 'connect'
        ? say('problem', 'not-connected', `The directory could not be reached, or did not take the service account: ${cause}.`, { cause })
        : say('problem', 'not-searched', `The directory did not search: ${cause}.`, { cause }),
    )
    return { isUsable: false, findings }
  }
}

/** Never throws for what the other side does: that is a finding. */
export const look = (
  checked: Checked & { secret: string },
  about: { person?: string | undefined; groups?: readonly string[] | undefined },
): Promise<SignInTest> =>
  checked.kind === 'oidc'
    ? lookAtOidc(checked.settings, checked.secret, about.groups)
    : lookAtLdap(checked.settings, checked.secret, about.person, about.groups)
