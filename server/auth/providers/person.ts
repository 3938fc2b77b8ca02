/** What a provider says of somebody, as one shape for both kinds; user names and roles that follow from it. Pure. */
import type { OidcSettings } from '../../api/index.ts'

/** Somebody whom a provider has vouched for. */
export interface ProviderPerson {
  /** Stays theirs when they are renamed: `sub`, `entryUUID`, `objectGUID`. */
  subject: string
  userName: string
  name: string
  mail: string | undefined
  groups: readonly string[]
}

const LONGEST_USER_NAME = 40

/**
 * The user name that follows from a provider's: ours have letters, digits, dots, dashes and underscores. Two of theirs may become the same
 * here; the second is then refused, for who somebody is does not hang on it.
 * @returns undefined where nothing of two characters remains
 */
export function userNameFrom(text: string, cutsAt: boolean): string | undefined {
  const at = text.indexOf('@')
  const name = (cutsAt && at > 0 ? text.slice(0, at) : text)
    .trim()
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, LONGEST_USER_NAME)
  return name.length < 2 ? undefined : name
}

/** A name as one line of at most 80 characters. */
export const nameFrom = (text: string, fallback: string): string =>
  text
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 80) || fallback

/** The value of a claim: by its whole name (`https://company.example/groups`), else by steps (`realm_access.roles`). */
export function claimOf(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let value: unknown = claims
  for (const step of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string, unknown>)[step]
  }
  return value
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value : undefined)
const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string | number => typeof one === 'string' || typeof one === 'number').map(String)

/** Entra leaves the groups away where there are too many, and names the claim here instead. */
const hasTooManyGroups = (claims: Readonly<Record<string, unknown>>, groupsClaim: string): boolean => {
  const names = claims._claim_names
  return typeof names === 'object' && names !== null && Object.hasOwn(names, groupsClaim) && claimOf(claims, groupsClaim) === undefined
}

/** What is wrong with the claims of somebody. */
export type ClaimsTrouble = { missing: string } | { tooManyGroups: true }

/** The person that claims speak of, whose `sub` was checked. */
export function personFrom(
  claims: Readonly<Record<string, unknown>> & { sub: string },
  settings: Pick<OidcSettings, 'userNameClaim' | 'cutsAt' | 'nameClaim' | 'mailClaim' | 'groupsClaim'>,
): ProviderPerson | ClaimsTrouble {
  const given = textOf(claimOf(claims, settings.userNameClaim))
  const userName = given && userNameFrom(given, settings.cutsAt)
  if (!userName) return { missing: settings.userNameClaim }
  if (hasTooManyGroups(claims, settings.groupsClaim)) return { tooManyGroups: true }
  return {
    subject: claims.sub,
    userName,
    name: nameFrom(textOf(claimOf(claims, settings.nameClaim)) ?? '', userName),
    mail: textOf(claimOf(claims, settings.mailClaim))?.slice(0, 254),
    groups: textsOf(claimOf(claims, settings.groupsClaim)),
  }
}

/** How groups are compared. */
export type SameGroup = (given: string, wanted: string) => boolean
export const exactly: SameGroup = (given, wanted) => given === wanted

/** Names in a directory know no capitals, and spaces around their signs do not count (RFC 4514, caseIgnoreMatch). */
const plainDn = (dn: string) =>
  dn
    .toLowerCase()
    .replaceAll(/\s*([,=+])\s*/g, '$1')
    .trim()
/** `cn=Turning,ou=groups,…` -> `turning` */
const firstName = (dn: string) => /^[^=]+=((?:\\.|[^,+\\])*)/.exec(plainDn(dn))?.[1]?.replaceAll(/\\(.)/g, '$1')
/** A whole name (`cn=setters,ou=groups,dc=…`) means that group; a word alone means any group of that name. */
export const inDirectory: SameGroup = (given, wanted) =>
  wanted.includes('=')
    ? plainDn(given) === plainDn(wanted)
    : firstName(given) === wanted.trim().toLowerCase() || given.toLowerCase() === wanted.trim().toLowerCase()

/** The role that the first line of the table gives whose group the person is in; undefined: refused. */
export function roleFor(
  groups: readonly string[],
  { roles, otherwise }: { roles: readonly { group: string; role: string }[]; otherwise: string },
  same: SameGroup,
): { role: string; group?: string } | undefined {
  const line = roles.find(({ group }) => groups.some((given) => same(given, group)))
  if (line) return { role: line.role, group: line.group }
  return otherwise === 'refuse' ? undefined : { role: otherwise }
}
