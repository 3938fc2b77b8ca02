/** Providers as they are kept: checked when they are changed, their secrets sealed. Read anew for every sign-in: several hosts may share them. */

import type { Kysely, Selectable } from 'kysely'
import { FilterParser } from 'ldapts'
import { UserError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import { checker } from '../../../base/schema.ts'
import { LdapSettings, OidcSettings, type SignInKind } from '../../api/index.ts'
import type { Secrets } from '../../secrets/index.ts'
import { type Database, json } from '../../store/index.ts'
import { isLoopbackHost } from '../../tls/mode.ts'
import { certificatesIn } from './company-ca.ts'
import { issuerFrom, mayBeIssuer } from './oidc.ts'
import { noProvider } from './refusals.ts'

interface Facts {
  id: string
  name: string
  isOn: boolean
  by: string
  at: Date
  /** Open. Empty: there is none. */
  secret: string
}
export type Provider = Facts & ({ kind: 'oidc'; settings: OidcSettings } | { kind: 'ldap'; settings: LdapSettings })
export type Checked = { kind: 'oidc'; settings: OidcSettings } | { kind: 'ldap'; settings: LdapSettings }
interface Given {
  kind: SignInKind
  name: string
  isOn: boolean
  settings: Record<string, unknown>
  secret?: string | undefined
}

const oidc = checker(OidcSettings)
const ldap = checker(LdapSettings)
const invalid = (message: string) => new UserError({ code: 'provider-invalid', status: 422, message })

/** Opened only where it is needed: a key that is away must not hide the provider. */
export interface Providers {
  list(): Promise<Omit<Provider, 'secret'>[]>
  /** With its secret. @throws `provider-not-found` */
  get(id: string, only?: { isOn: true }): Promise<Provider>
  add(given: Given, by: string): Promise<Provider>
  /** `people`: how many belong to it. @throws UserError `provider-not-found`, `provider-invalid`, `provider-secret-missing` */
  change(id: string, given: Given, by: string, people: number): Promise<{ before: Provider; after: Provider }>
  remove(id: string): Promise<Provider>
  /** Settings that are not kept yet, with a secret that is kept if they go to the same place. @throws `provider-invalid`, `provider-secret-missing` */
  forTest(given: Omit<Given, 'name' | 'isOn'> & { providerId?: string | undefined }): Promise<Checked & { secret: string }>
}

/**
 * What can be wrong with settings before anybody is asked.
 * @throws UserError `provider-invalid` (422), `invalid-input` (400)
 */
function checked(kind: SignInKind, given: Record<string, unknown>): Checked {
  if (kind === 'oidc') {
    const settings = oidc.parse(given, 'The settings')
    const issuer = issuerFrom(settings.issuer)
    if (!mayBeIssuer(issuer))
      throw invalid(`"${settings.issuer}" is no address of a provider. It looks like https://login.company.example/realms/shop; http:// only on this computer.`)
    checkCa(settings.ca)
    return { kind, settings: { ...settings, issuer } }
  }
  const settings = ldap.parse(given, 'The settings')
  const servers = settings.servers.map((one) => one.trim()).map((one) => checkedServer(one, settings))
  if (!settings.userFilter.includes('{user}')) throw invalid('The filter for people has to hold {user}: else it would find the same person for every name.')
  checkFilter(settings.userFilter)
  if (settings.groupFilter) {
    if (!/\{dn\}|\{user\}/.test(settings.groupFilter))
      throw invalid('The filter for groups has to hold {dn} or {user}: else everybody would be in all of them.')
    checkFilter(settings.groupFilter)
  }
  checkCa(settings.ca)
  return { kind, settings: { ...settings, servers, bindDn: settings.bindDn.trim(), baseDn: settings.baseDn.trim() } }
}

function checkedServer(server: string, { startTls, allowsPlain }: Pick<LdapSettings, 'startTls' | 'allowsPlain'>): string {
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (
    !url ||
    (url.protocol !== 'ldaps:' && url.protocol !== 'ldap:') ||
    url.hostname === '' ||
    !/^\/?$/.test(url.pathname) ||
    url.username ||
    url.search ||
    url.hash
  )
    throw invalid(`"${server}" is no address of a directory. It looks like ldaps://dc1.company.example, with :port behind it where it is another.`)
  const isHere = isLoopbackHost(url.hostname.replaceAll(/^\[|\]$/g, ''))
  if (url.protocol === 'ldap:' && !startTls && !isHere && !allowsPlain)
    throw invalid(
      `${server} would send everybody's passwords over the network for all to read. Use ldaps://, or StartTLS; where neither can be had, say that it may be so.`,
    )
  return `${url.protocol}//${url.host}`
}

/** The library's parser takes a filter that is not closed. */
function isClosed(filter: string): boolean {
  let depth = 0
  for (const [at, sign] of [...filter].entries()) {
    if (sign === '(') depth += 1
    else if (sign === ')') depth -= 1
    if (depth < 0 || (depth === 0 && at > 0 && at < [...filter].length - 1)) return false
  }
  return depth === 0
}

function checkFilter(filter: string): void {
  try {
    if (!isClosed(filter)) throw new Error('its brackets do not match')
    FilterParser.parseString(filter.replaceAll(/\{(user|dn)\}/g, 'x'))
  } catch (error) {
    throw invalid(
      `"${filter}" is no filter of LDAP (RFC 4515): ${error instanceof Error ? error.message : String(error)}. It looks like (&(objectClass=person)(uid={user})).`,
    )
  }
}

function checkCa(pem: string): void {
  if (pem.trim() === '') return
  try {
    certificatesIn(pem)
  } catch (error) {
    throw invalid(
      `The certificates of the authority cannot be read (${error instanceof Error ? error.message : String(error)}). Paste them as PEM, from -----BEGIN CERTIFICATE----- on.`,
    )
  }
}

/** Does a secret that was entered for `before` go nowhere else with `after`, and no less protected? */
function isSamePlace(before: Checked, after: Checked): boolean {
  if (before.kind === 'oidc' && after.kind === 'oidc')
    return before.settings.issuer === after.settings.issuer && (before.settings.ca === after.settings.ca || after.settings.ca === '')
  if (before.kind !== 'ldap' || after.kind !== 'ldap') return false
  const [old, next] = [before.settings, after.settings]
  const isPlain = (settings: LdapSettings) => !settings.startTls && settings.servers.some((server) => server.startsWith('ldap:'))
  return (
    next.servers.every((server) => old.servers.includes(server)) &&
    (old.ca === next.ca || next.ca === '') &&
    (isPlain(old) || !isPlain(next)) &&
    old.bindDn === next.bindDn
  )
}

const isSameWorld = (before: Checked, after: Checked): boolean =>
  before.kind === 'oidc' && after.kind === 'oidc'
    ? before.settings.issuer === after.settings.issuer
    : before.kind === 'ldap' && after.kind === 'ldap' && before.settings.idAttribute.toLowerCase() === after.settings.idAttribute.toLowerCase()

function withSecret(next: Checked, given: string | undefined, before: (Checked & { secret: string }) | undefined): string {
  if (given === undefined && before && before.secret !== '' && !isSamePlace(before, next))
    throw new UserError({
      code: 'provider-secret-missing',
      status: 422,
      message: 'The address, its authority or the service account is another now: enter the secret again. It goes to no other server by itself.',
    })
  const secret = given ?? before?.secret ?? ''
  // nobody's bind would succeed: RFC 4513, 5.1.2
  if (next.kind === 'ldap' && next.settings.bindDn !== '' && secret === '')
    throw new UserError({
      code: 'provider-secret-missing',
      status: 422,
      message: 'The service account needs its password. Leave the account empty for a directory that anybody may search.',
    })
  return secret
}

export function createProviders({ db, secrets }: { db: Kysely<Database>; secrets: Pick<Secrets, 'seal' | 'open'> }): Providers {
  type Row = Selectable<Database['signInProvider']>
  const shaped = ({ secret: _, ...row }: Row): Omit<Provider, 'secret'> =>
    row.kind === 'oidc'
      ? { ...row, kind: 'oidc', settings: oidc.parse(row.settings, 'The kept settings') }
      : { ...row, kind: 'ldap', settings: ldap.parse(row.settings, 'The kept settings') }
  const opened = (row: Row): Provider => ({ ...shaped(row), secret: row.secret === null ? '' : secrets.open(row.secret) }) as Provider
  const get = async (id: string, only?: { isOn: true }): Promise<Provider> => {
    const row = await db.selectFrom('signInProvider').selectAll().where('id', '=', id).executeTakeFirst()
    if (!row || (only && !row.isOn)) throw noProvider()
    return opened(row)
  }
  const valuesOf = (given: Given, next: Checked, secret: string, by: string) => ({
    kind: next.kind,
    name: given.name.trim() || given.kind,
    isOn: given.isOn,
    settings: json(next.settings),
    secret: secret === '' ? null : secrets.seal(secret),
    by,
    at: new Date(),
  })
  return {
    list: async () => (await db.selectFrom('signInProvider').selectAll().orderBy('name').orderBy('id').execute()).map(shaped),
    get,
    async add(given, by) {
      const next = checked(given.kind, given.settings)
      const id = newId('sip')
      await db
        .insertInto('signInProvider')
        .values({ id, ...valuesOf(given, next, withSecret(next, given.secret, undefined), by) })
        .execute()
      return get(id)
    },
    async change(id, given, by, people) {
      const before = await get(id)
      if (before.kind !== given.kind) throw invalid('A provider stays of its kind. Add another one.')
      const next = checked(given.kind, given.settings)
      // the ids of its people are ids there: with another they would be somebody else's
      if (people > 0 && !isSameWorld(before, next))
        throw invalid(
          `${people} people belong to this provider by ${next.kind === 'oidc' ? 'its issuer' : 'that id attribute'}: with another they would be somebody else's. Add another provider instead.`,
        )
      await db
        .updateTable('signInProvider')
        .set(valuesOf(given, next, withSecret(next, given.secret, before), by))
        .where('id', '=', id)
        .execute()
      return { before, after: await get(id) }
    },
    async remove(id) {
      const before = await get(id)
      await db.deleteFrom('signInProvider').where('id', '=', id).execute()
      return before
    },
    async forTest({ kind, settings, secret, providerId }) {
      const next = checked(kind, settings)
      const before = providerId === undefined ? undefined : await get(providerId)
      return { ...next, secret: withSecret(next, secret, before) }
    },
  }
}
