/**
 * The session cookie in better-auth's form: `token.signature`, the signature being base64 of the
 * HMAC-SHA-256 of the token under the sign-in secret (better-call, src/crypto.ts). Read here as well, so
 * that a request is judged from memory without the library's database look-up.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** The value of one cookie, decoded; undefined where there is none. */
export function cookieOf(request: IncomingMessage, name: string): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at < 0 || part.slice(0, at).trim() !== name) continue
    try {
      return decodeURIComponent(part.slice(at + 1).trim())
    } catch {
      // not ours: ours is always well encoded
      return undefined
    }
  }
  return undefined
}

export interface SessionCookie {
  name: string
  sign(token: string): string
  /** The session token of a request whose cookie we signed ourselves. */
  tokenOf(request: IncomingMessage): string | undefined
}

export function sessionCookie(options: { name: string; secret: string }): SessionCookie {
  const signatureOf = (token: string) => createHmac('sha256', options.secret).update(token).digest()
  return {
    name: options.name,
    sign: (token) => `${token}.${signatureOf(token).toString('base64')}`,
    tokenOf(request) {
      const value = cookieOf(request, options.name)
      const at = value?.lastIndexOf('.') ?? -1
      if (!value || at < 1) return undefined
      const token = value.slice(0, at)
      const given = Buffer.from(value.slice(at + 1), 'base64')
      const right = signatureOf(token)
      return given.length === right.length && timingSafeEqual(given, right) ? token : undefined
    },
  }
}

/** The bearer token of a request. */
export function bearerOf(request: IncomingMessage): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
}
