/**
 * Asking a directory by LDAP: a service account finds the person, and who they are is proven by a bind with their own password.
 * Referrals are not followed: they could lead a password to any server. Nothing is said before the connection is encrypted, but where
 * somebody has said so.
 */
import { connect, isIP, type Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { AndFilter, Client, type Entry, EqualityFilter, type Filter, FilterParser, InvalidCredentialsError, OrFilter, ResultCodeError } from 'ldapts'
import { UserError } from '../../../base/errors.ts'
import type { LdapSettings } from '../../api/index.ts'
import { trustWith } from './company-ca.ts'
import { nameFrom, type ProviderPerson, userNameFrom } from './person.ts'
import { away, claimsMissing, lineOf, misset, refusedThere, wrong } from './refusals.ts'

/** The part of the settings that a conversation needs. */
export type LdapAddress = Omit<LdapSettings, 'roles' | 'otherwise' | 'followsRoles' | 'makesPeople' | 'sessionHours' | 'shortcutDays' | 'recheckMinutes'>

/** RFC 4515, section 3: these would end a value or mean something in it. */
const inFilter = (text: string): string => text.replaceAll(/[\\*()\0]/g, (sign) => `\\${sign.charCodeAt(0).toString(16).padStart(2, '0')}`)

/** Puts values into a filter with `{user}` and `{dn}`. */
export const filled = (template: string, values: { user: string; dn?: string }): string =>
  template.replaceAll('{user}', () => inFilter(values.user)).replaceAll('{dn}', () => inFilter(values.dn ?? ''))

interface Found {
  dn: string
  person: ProviderPerson
}

export interface Directory {
  /** Which of the servers answered. */
  readonly server: string
  /** @throws as `away`, `misset` or `claimsMissing` */
  find(userName: string): Promise<Found | undefined>
  /**
   * Somebody who was found before, by the id that stays theirs; undefined: there is no such person any more, or the filter leaves them out.
   * `isOff`: their account is switched off there.
   * @throws as `find`
   */
  again(subject: string): Promise<(Found & { isOff: boolean }) | undefined>
  /** How many people the filter finds for any name, up to `limit`. */
  count(limit: number): Promise<number>
  close(): Promise<void>
}

/** A connection that is encrypted as the settings say. One socket and no other: the library would open the next one in the clear. */
async function open(settings: LdapAddress, server: string): Promise<{ client: Client; end: () => void }> {
  const url = new URL(server)
  const host = url.hostname.replaceAll(/^\[|\]$/g, '')
  const ca = trustWith(settings.ca)
  const secure: ConnectionOptions = { minVersion: 'TLSv1.2', host, ...(isIP(host) ? {} : { servername: host }), ...(ca ? { ca } : {}) }
  const isSecure = url.protocol === 'ldaps:'
  const timeout = settings.timeoutS * 1000
  let socket: Socket | undefined
  const once = (port: number, name: string) => {
    if (socket) throw new Error('The connection was lost.')
    socket = connect(port, name)
    return socket
  }
  const client = new Client({
    url: server,
    timeout,
    connectTimeout: timeout,
    ...(isSecure ? { tlsOptions: secure } : { createConnection: once as unknown as typeof connect }),
  })
  const end = () => {
    socket?.destroy()
    void client.unbind().catch(() => {
      // it is gone already
    })
  }
  if (!isSecure && settings.startTls) {
    // the handshake has no limit of its own
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('The server did not answer in time.')), timeout)
    })
    try {
      await Promise.race([client.startTLS(secure), late])
    } catch (error) {
      end()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }
  return { client, end }
}

const isAnswer = (error: unknown): error is ResultCodeError => error instanceof ResultCodeError

const textsOf = (entry: Entry, attribute: string): string[] => {
  const name = Object.keys(entry).find((key) => key.toLowerCase() === attribute.toLowerCase())
  const value = name === undefined ? [] : entry[name]
  return (Array.isArray(value) ? value : [value]).flatMap((one) => (typeof one === 'string' ? [one] : Buffer.isBuffer(one) ? [one.toString('utf8')] : []))
}
/** `objectGUID` is 16 bytes, `entryUUID` a text; a text of 16 bytes that are none would be another at each reading. */
const idOf = (entry: Entry, attribute: string): string | undefined => {
  const name = Object.keys(entry).find((key) => key.toLowerCase() === attribute.toLowerCase())
  const value = name === undefined ? undefined : entry[name]
  const first = Array.isArray(value) ? value[0] : value
  if (first === undefined || first.length === 0) return undefined
  if (!Buffer.isBuffer(first)) return first
  const text = first.toString('utf8')
  return /^[\x20-\x7e]+$/.test(text) ? text : first.toString('hex')
}

/** The filter for a person, whoever it is, and their id: as text, and as the bytes that were written as hex. */
const stillThere = ({ userFilter, idAttribute: attribute }: LdapAddress, subject: string): Filter => {
  const values = [subject, ...(/^([0-9a-f]{2})+$/.test(subject) ? [Buffer.from(subject, 'hex')] : [])]
  const isThem = new OrFilter({ filters: values.map((value) => new EqualityFilter({ attribute, value })) })
  return new AndFilter({ filters: [FilterParser.parseString(userFilter.replaceAll('{user}', '*')), isThem] })
}

const STATES = ['userAccountControl', 'nsAccountLock', 'pwdAccountLockedTime']
/**
 * ADS_UF_ACCOUNTDISABLE of Active Directory (MS-ADTS, 2.2.16), 389 Directory Server, and the lock of OpenLDAP's policy that no time ends
 * (draft-behera-ldap-password-policy, 5.3.3): one after wrong tries passes.
 */
const isOff = (entry: Entry): boolean =>
  (Number(textsOf(entry, 'userAccountControl')[0] ?? 0) & 2) !== 0 ||
  textsOf(entry, 'nsAccountLock')[0]?.toLowerCase() === 'true' ||
  textsOf(entry, 'pwdAccountLockedTime')[0] === '000001010000Z'

const found = async (client: Client, settings: LdapAddress, filter: string | Filter, userName: string): Promise<(Found & { isOff: boolean }) | undefined> => {
  const { userNameAttribute, nameAttribute, mailAttribute, idAttribute } = settings
  const more = [...(settings.groups === 'memberOf' ? ['memberOf'] : []), ...(typeof filter === 'string' ? [] : STATES)]
  const { searchEntries } = await client.search(settings.baseDn, {
    scope: 'sub',
    filter,
    sizeLimit: 2,
    timeLimit: settings.timeoutS,
    attributes: [...new Set([userNameAttribute, nameAttribute, mailAttribute, idAttribute, ...more])],
    explicitBufferAttributes: [idAttribute],
  })
  const [entry, another] = searchEntries
  if (!entry) return undefined
  if (another) throw Object.assign(new Error(`the filter finds more than one entry, such as ${entry.dn} and ${another.dn}`), { code: 'ambiguous' })
  const subject = idOf(entry, idAttribute)
  const own = userNameFrom(textsOf(entry, userNameAttribute)[0] ?? '', false)
  if (subject === undefined || own === undefined)
    throw claimsMissing({ reason: `${entry.dn} has no usable ${subject === undefined ? idAttribute : userNameAttribute}`, userName })
  let groups = settings.groups === 'memberOf' ? textsOf(entry, 'memberOf') : []
  if (settings.groups === 'search') {
    const answer = await client.search(settings.groupBaseDn || settings.baseDn, {
      scope: 'sub',
      filter: filled(settings.groupFilter || '(|(member={dn})(uniqueMember={dn}))', { user: own, dn: entry.dn }),
      timeLimit: settings.timeoutS,
      attributes: ['1.1'],
      paged: { pageSize: 500 },
    })
    groups = answer.searchEntries.map(({ dn }) => dn)
  }
  const name = nameFrom(textsOf(entry, nameAttribute)[0] ?? '', own)
  return { dn: entry.dn, isOff: isOff(entry), person: { subject, userName: own, name, mail: textsOf(entry, mailAttribute)[0]?.slice(0, 254), groups } }
}

/**
 * Connects as the service account, to the first of the servers that can be reached.
 * @throws the library's or the network's error
 */
export async function connectDirectory(settings: LdapAddress, secret: string): Promise<Directory> {
  let last: unknown
  for (const server of settings.servers) {
    let opened: Awaited<ReturnType<typeof open>> | undefined
    try {
      opened = await open(settings, server)
      const { client, end } = opened
      // without a password it would be nobody's bind, which succeeds (RFC 4513, 5.1.2)
      if (settings.bindDn !== '' && secret === '') throw Object.assign(new Error('the service account has no password'), { code: 'no-secret' })
      if (settings.bindDn !== '') await client.bind(settings.bindDn, secret)
      return {
        server,
        find: (userName) => found(client, settings, filled(settings.userFilter, { user: userName }), userName),
        again: (subject) => found(client, settings, stillThere(settings, subject), subject),
        async count(limit) {
          const { searchEntries } = await client.search(settings.baseDn, {
            scope: 'sub',
            filter: settings.userFilter.replaceAll('{user}', '*'),
            sizeLimit: limit,
            timeLimit: settings.timeoutS,
            attributes: ['1.1'],
          })
          return searchEntries.length
        },
        close: async () => end(),
      }
    } catch (error) {
      opened?.end()
      // it answered: the next one would say the same
      if (isAnswer(error) || (error as { code?: unknown }).code === 'no-secret') throw error
      last = error
    }
  }
  throw last
}

/** What Active Directory means by its 49: `…, data 52e, v4563` (Microsoft, "LDAP Bind return codes"). Those of a right password may be told. */
const AD_REASONS: Record<string, { reason: string; isRight: boolean }> = {
  '525': { reason: 'user not found', isRight: false },
  '52e': { reason: 'wrong password', isRight: false },
  '530': { reason: 'not at this time', isRight: true },
  '531': { reason: 'not from this computer', isRight: true },
  '532': { reason: 'password expired', isRight: true },
  '533': { reason: 'disabled in the directory', isRight: true },
  '701': { reason: 'expired in the directory', isRight: true },
  '773': { reason: 'password must be changed', isRight: true },
  '775': { reason: 'locked in the directory', isRight: false },
}

/** A bind as the person. @throws InvalidCredentialsError and the library's others */
async function prove(settings: LdapAddress, server: string, dn: string, password: string): Promise<void> {
  const { client, end } = await open(settings, server)
  try {
    await client.bind(dn, password)
  } finally {
    end()
  }
}

/** What went wrong with a directory, for the person and for the audit log. */
export function troubleOf(name: string, error: unknown): Error {
  if (error instanceof Error && ('told' in error || error instanceof UserError)) return error
  if (isAnswer(error) || ['no-secret', 'ambiguous'].includes(String((error as { code?: unknown }).code))) return misset(name, lineOf(error))
  return away(name, error)
}

/**
 * Signs somebody in: found by the service account, proven by their own bind.
 * @throws `sign-in-wrong`, `provider-refused`, `provider-away`, `provider-misset`, `claims-missing`
 */
export async function signInAt(
  { name, settings, secret }: { name: string; settings: LdapAddress; secret: string },
  { userName, password }: { userName: string; password: string },
): Promise<ProviderPerson> {
  // nobody's bind succeeds: RFC 4513, 5.1.2
  if (password === '' || userName.trim() === '') throw wrong({ userName, reason: 'empty' })
  const trouble = (error: unknown) => troubleOf(name, error)
  let match: Found | undefined
  let server = ''
  try {
    const directory = await connectDirectory(settings, secret)
    server = directory.server
    try {
      match = await directory.find(userName.trim())
    } finally {
      await directory.close()
    }
  } catch (error) {
    throw trouble(error)
  }
  if (!match) throw wrong({ userName, reason: 'not found in the directory' })
  try {
    await prove(settings, server, match.dn, password)
  } catch (error) {
    if (!(error instanceof InvalidCredentialsError)) {
      // such as a directory that refuses expired accounts with "unwilling to perform"
      if (isAnswer(error)) throw refusedThere(name, { userName: match.person.userName, reason: lineOf(error) })
      throw trouble(error)
    }
    const known = AD_REASONS[/, data ([0-9a-f]+),/i.exec(error.message)?.[1]?.toLowerCase() ?? '']
    const told = { userName: match.person.userName, reason: known?.reason ?? 'wrong password' }
    throw known?.isRight ? refusedThere(name, told) : wrong(told)
  }
  return match.person
}
