/** Tells requests of our own pages from those that another site makes a browser send (CSRF, WebSocket hijacking). */
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { UserError } from '../../base/errors.ts'

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/** It came to us by HTTPS. */
export const isEncrypted = ({ socket }: IncomingMessage): boolean => (socket as TLSSocket).encrypted === true

/** Does the browser's `Origin` name the host that was asked, or our public address? No `Origin`: not a browser's cross-site request. */
export function hasOwnOrigin(request: IncomingMessage, publicUrl: string | undefined): boolean {
  const { origin, host } = request.headers
  if (origin === undefined) return true
  try {
    const url = new URL(origin)
    // a page that came in the clear may be anybody's on the way
    const isAsked = url.host === host && (url.protocol === 'https:' || !isEncrypted(request))
    return isAsked || (publicUrl !== undefined && url.origin === new URL(publicUrl).origin)
  } catch {
    // `null` and other origins that are no URL
    return false
  }
}

/**
 * Is this write one that our own page (or a program that says so) makes? Another site can neither forge
 * `Sec-Fetch-Site` nor send our header without a preflight, which is never granted.
 */
export function isOwnWrite(request: IncomingMessage): boolean {
  if (!WRITES.has(request.method ?? '')) return true
  return request.headers['sec-fetch-site'] === 'same-origin' || request.headers['x-cellwright'] !== undefined
}

export const notOwnWrite = () =>
  new UserError({
    code: 'cross-site-request',
    status: 403,
    message: 'This request did not come from a page of this server. Programs send an API token, or the header "X-Cellwright: 1".',
  })
