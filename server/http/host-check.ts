/** Refuses requests for host names that are not ours: the guard against DNS rebinding. */

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { UserError } from '../../base/errors.ts'

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** Host name of a `Host` header without its port; undefined when it is not one. */
function nameOf(host: string | undefined): string | undefined {
  if (!host || !/^[A-Za-z0-9.:[\]_-]+$/.test(host)) return undefined
  try {
    return new URL(`http://${host}`).hostname
  } catch {
    return undefined
  }
}

/**
 * @param options.host the address this server listens on; a wildcard allows every literal IP address (a
 * rebinding attack needs a name) but no name
 * @param options.publicUrl where a proxy serves us
 * @param options.names further names that lead here; a name of the local network may change
 * @returns whether a request's `Host` is one of ours
 */
export function hostCheck(options: { host: string; publicUrl: string | undefined; names?: () => readonly string[] }): (request: IncomingMessage) => boolean {
  const allowed = new Set(LOOPBACK)
  const isWildcard = options.host === '0.0.0.0' || options.host === '::'
  const listenName = nameOf(isIP(options.host) === 6 ? `[${options.host}]` : options.host)
  if (listenName && !isWildcard) allowed.add(listenName)
  if (options.publicUrl) allowed.add(new URL(options.publicUrl).hostname)
  const isOurs = (host: string | undefined): boolean => {
    const name = nameOf(host)
    if (name === undefined) return false
    if (allowed.has(name) || (isWildcard && isIP(name.replace(/^\[|\]$/g, '')) !== 0)) return true
    return options.names?.().includes(name) ?? false
  }
  // the next request nearly always names the same
  let last: string | undefined
  return ({ headers: { host } }) => {
    if (host !== undefined && host === last) return true
    if (!isOurs(host)) return false
    last = host
    return true
  }
}

export const wrongHost = () =>
  new UserError({
    code: 'host-not-allowed',
    status: 421,
    message:
      'This server does not answer to that host name. Use the address it printed at start, or add the name you use to CELLWRIGHT_TLS_NAMES (behind a proxy: set CELLWRIGHT_PUBLIC_URL).',
  })
