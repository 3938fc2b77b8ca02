/** Whether this server speaks HTTPS itself. Pure: of the settings alone. */
import { isIP } from 'node:net'
import { UserError } from '../../base/errors.ts'
import type { AcmeConfig } from './acme/settings.ts'

/** The settings it is about (server/config.ts). */
export interface TlsConfig extends Partial<AcmeConfig> {
  host: string
  tls: 'auto' | 'on' | 'off'
  tlsCert: string | undefined
  tlsKey: string | undefined
  tlsNames: string | undefined
  publicUrl: string | undefined
  mdnsName?: string
}

export const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::'

/** Only programs of this computer get through. */
export const isLoopbackHost = (host: string): boolean => host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

/** HTTPS on our own port; behind a proxy the proxy speaks it. */
export function servesTls({ host, tls, publicUrl }: Pick<TlsConfig, 'host' | 'tls' | 'publicUrl'>): boolean {
  if (tls !== 'auto') return tls === 'on'
  return publicUrl === undefined && !isLoopbackHost(host)
}

/** Browsers reach us by HTTPS, here or at the proxy in front. */
export const isReachedByHttps = (config: Pick<TlsConfig, 'host' | 'tls' | 'publicUrl'>): boolean =>
  config.publicUrl === undefined ? servesTls(config) : config.publicUrl.startsWith('https:')

const invalid = (message: string) => new UserError({ code: 'setting-invalid', message })

/** @throws UserError setting-invalid: what would send passwords in the clear over the network, or half a pair of files */
export function checkTlsSettings(config: TlsConfig): void {
  const { host, tls, tlsCert, tlsKey, publicUrl, acmeDomains, mdnsName } = config
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw invalid(
      'CELLWRIGHT_TLS_CERT and CELLWRIGHT_TLS_KEY go together: the certificate and its private key. Set both, or neither for one that Cellwright makes.',
    )
  if (tls === 'off' && publicUrl === undefined && !isLoopbackHost(host))
    throw invalid(
      `CELLWRIGHT_TLS=off with CELLWRIGHT_HOST=${host} would send passwords over the network for everybody to read. Leave CELLWRIGHT_TLS away; or, behind a proxy that speaks HTTPS, set CELLWRIGHT_PUBLIC_URL to its address.`,
    )
  if (acmeDomains !== undefined && tlsCert !== undefined)
    throw invalid('CELLWRIGHT_ACME_DOMAINS and CELLWRIGHT_TLS_CERT exclude each other: the certificate is either got or given. Set one of them.')
  if (acmeDomains !== undefined && !servesTls(config))
    throw invalid(
      'CELLWRIGHT_ACME_DOMAINS is for a server that speaks HTTPS itself. Set CELLWRIGHT_HOST (0.0.0.0 lets other computers in); behind a proxy, the proxy gets the certificate.',
    )
  if (mdnsName !== undefined && !/^[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?$/i.test(mdnsName))
    throw invalid(`CELLWRIGHT_MDNS_NAME must be one word of letters, digits and hyphens, without .local, not "${mdnsName}"; or off.`)
}

/** The name that is wished for on the local network; undefined where nobody else gets in, a proxy stands in front, or it is switched off. */
export function localNameWish({ host, publicUrl, mdnsName }: Pick<TlsConfig, 'host' | 'publicUrl' | 'mdnsName'>): string | undefined {
  if (mdnsName === undefined || mdnsName === 'off' || publicUrl !== undefined || isLoopbackHost(host)) return undefined
  return mdnsName.toLowerCase()
}
