/**
 * Address ranges that another part answers itself (the proxy to the flow runtime): requests and WebSocket
 * upgrades, behind the same access check as everything else.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Access } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'

/** What answers below a prefix. URLs arrive whole, prefix included. */
export interface Mount {
  /** First path segment with its slash: `/red`. */
  prefix: string
  /** Who may pass; `own`: the mount judges every request itself (callers may be strangers). */
  access: Access | 'own'
  /** What lets somebody in is in the address, not in a cookie: pages without an origin of their own may open sockets. @defaultValue false */
  hasSecretAddress?: boolean
  request(request: IncomingMessage, response: ServerResponse, caller: Caller | undefined): void | Promise<void>
  /** Absent: upgrades are refused with 404. The mount owns the socket from here on. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller | undefined): void | Promise<void>
}

/** Does the path belong to the prefix: `/red`, `/red/x`, `/red?y`, not `/reduced`? */
export function isBelow(prefix: string, url: string): boolean {
  if (!url.startsWith(prefix)) return false
  const next = url[prefix.length]
  return next === undefined || next === '/' || next === '?'
}

/**
 * Could the path mean another one to somebody who normalises it (`/dashboard/../red`)? Such requests are
 * refused: the access check and the receiver must see the same address.
 */
export function isTrickyPath(url: string): boolean {
  const path = url.split('?', 1)[0] ?? ''
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return true
  }
  return /(^|\/)\.\.?(\/|$)|\\|\0/.test(decoded)
}
