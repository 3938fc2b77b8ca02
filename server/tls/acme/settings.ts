/** What is set of ACME (RFC 8555): certificates that an authority of the internet or of the company gives by itself. Pure: of the settings alone. */
import { isIP } from 'node:net'
import { isAbsolute } from 'node:path'
import { UserError } from '../../../base/errors.ts'

/** The settings it is about (server/config.ts). */
export interface AcmeConfig {
  acmeDomains: string | undefined
  acmeTerms: 'agreed' | 'not-agreed'
  acmeMail: string | undefined
  acmeDirectory: string
  acmeChallenge: 'auto' | 'http-01' | 'tls-alpn-01' | 'dns-01'
  acmeHttpPort: number
  acmeDnsHook: string | undefined
  acmeDnsWaitS: number
  acmeEabId: string | undefined
  acmeEabKey: string | undefined
  acmeCa: string | undefined
}

type AcmeChallenge = 'http-01' | 'tls-alpn-01' | 'dns-01'

export interface AcmeSettings {
  domains: string[]
  mail: string | undefined
  directory: string
  challenge: AcmeChallenge
  /** A port of its own for plain HTTP; 0: none. */
  httpPort: number
  dnsHook: string | undefined
  dnsWaitS: number
  /** External account binding (RFC 8555 7.3.4): who we are to an authority that knows its customers. */
  binding: { kid: string; hmacKey: string } | undefined
  /** File with the authority that vouches for the directory itself. */
  caFile: string | undefined
}

const invalid = (message: string) => new UserError({ code: 'setting-invalid', message })
const isDomain = (name: string) => name.length <= 253 && /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(name)

function directoryOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:') throw invalid(`CELLWRIGHT_ACME_DIRECTORY must be the https:// address of an ACME directory, not "${text}".`)
  return url.href
}

/**
 * @returns undefined where no names are set
 * @throws UserError setting-invalid: what cannot work, with what to set
 */
export function acmeSettings(config: Partial<AcmeConfig>): AcmeSettings | undefined {
  const { acmeDomains, acmeChallenge = 'auto', acmeDnsHook: dnsHook, acmeHttpPort: httpPort = 0, acmeEabId: kid, acmeEabKey: hmacKey } = config
  const domains = [...new Set((acmeDomains ?? '').split(',').map((name) => name.trim().toLowerCase()))].filter(Boolean)
  if (domains.length === 0) return undefined
  const wrong = domains.find((name) => isIP(name) !== 0 || !isDomain(name))
  if (wrong !== undefined) throw invalid(`CELLWRIGHT_ACME_DOMAINS holds "${wrong}", which is no full name such as cell.shop.example.`)
  if (config.acmeTerms !== 'agreed')
    throw invalid(
      'An authority gives certificates to those who agree to its terms of service. Read them (its directory names them), then set CELLWRIGHT_ACME_TERMS=agreed.',
    )
  const challenge = acmeChallenge === 'auto' ? (dnsHook ? 'dns-01' : httpPort ? 'http-01' : 'tls-alpn-01') : acmeChallenge
  if (challenge === 'dns-01' && dnsHook === undefined)
    throw invalid('CELLWRIGHT_ACME_CHALLENGE=dns-01 needs a program that sets the record: its path in CELLWRIGHT_ACME_DNS_HOOK.')
  if (dnsHook !== undefined && !isAbsolute(dnsHook)) throw invalid(`CELLWRIGHT_ACME_DNS_HOOK must be the whole path of a program, not "${dnsHook}".`)
  if (challenge !== 'dns-01' && domains.some((name) => name.startsWith('*.')))
    throw invalid('A name with * is given for a record in the DNS only: set CELLWRIGHT_ACME_DNS_HOOK (and CELLWRIGHT_ACME_CHALLENGE=dns-01).')
  if ((kid === undefined) !== (hmacKey === undefined)) throw invalid('CELLWRIGHT_ACME_EAB_ID and CELLWRIGHT_ACME_EAB_KEY go together: set both, or neither.')
  return {
    domains,
    mail: config.acmeMail,
    directory: directoryOf(config.acmeDirectory ?? ''),
    challenge,
    httpPort,
    dnsHook,
    dnsWaitS: config.acmeDnsWaitS ?? 0,
    binding: kid !== undefined && hmacKey !== undefined ? { kid, hmacKey } : undefined,
    caFile: config.acmeCa,
  }
}
