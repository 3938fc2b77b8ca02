/** By which names and addresses this server is reached: what stands in its certificate, and which `Host` it answers to. */
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { isLoopbackHost, isWildcard, type TlsConfig } from './mode.ts'

export interface ServerNames {
  dns: string[]
  ip: string[]
}

/** The addresses of this computer that others can use; none that hold for one cable only (link-local IPv6). */
export function ownAddresses(interfaces = networkInterfaces()): string[] {
  const found = Object.values(interfaces).flatMap((each) => each ?? [])
  const usable = found.filter(({ address, internal, scopeid }) => !internal && !scopeid && !address.startsWith('fe80:'))
  // IPv4 first: it is what people type
  return usable.sort((a, b) => a.family.localeCompare(b.family)).map(({ address }) => address)
}

const isName = (name: string): boolean => /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(name)

/** @param more.localNames names that this server has on the local network by mDNS */
export function serverNames(
  { host, tlsNames, publicUrl }: Pick<TlsConfig, 'host' | 'tlsNames' | 'publicUrl'>,
  {
    computer = hostname(),
    addresses = ownAddresses(),
    localNames = [],
  }: { computer?: string; addresses?: readonly string[]; localNames?: readonly string[] } = {},
): ServerNames {
  const given = (tlsNames ?? '').split(',').map((name) => name.trim().replace(/^\[|\]$/g, ''))
  const all = [
    'localhost',
    '127.0.0.1',
    '::1',
    ...(isWildcard(host) ? addresses : isLoopbackHost(host) ? [] : [host]),
    ...(isLoopbackHost(host) ? [] : [computer, ...(computer.includes('.') ? [] : [`${computer}.local`])]),
    ...localNames,
    ...given,
    ...(publicUrl ? [new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')] : []),
  ]
  const unique = [...new Set(all.map((name) => name.toLowerCase()))]
  return { dns: unique.filter((name) => isIP(name) === 0 && isName(name)), ip: unique.filter((name) => isIP(name) !== 0) }
}
