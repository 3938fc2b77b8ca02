/** Whether this server speaks HTTPS itself. Pure: of the settings alone. */
import { isIP } from 'node:net'
import { UserError } from '../../base/errors.ts'

/** The settings it is about (server/config.ts). */
export interface TlsConfig {
  host: string
  tls: 'auto' | 'on' | 'off'
  tlsCert: string | undefined
  tlsKey: string | undefined
  tlsNames: string | undefined
  publicUrl: string | undefined
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
export function checkTlsSettings({ host, tls, tlsCert, tlsKey, publicUrl }: TlsConfig): void {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw invalid(
      'CELLWRIGHT_TLS_CERT and CELLWRIGHT_TLS_KEY go together: the certificate and its private key. Set both, or neither for one that Cellwright makes.',
    )
  if (tls === 'off' && publicUrl === undefined && !isLoopbackHost(host))
    throw invalid(
      `CELLWRIGHT_TLS=off with CELLWRIGHT_HOST=${host} would send passwords over the network for everybody to read. Leave CELLWRIGHT_TLS away; or, behind a proxy that speaks HTTPS, set CELLWRIGHT_PUBLIC_URL to its address.`,
    )
}
