/** Signatures of webhooks after the Standard Webhooks specification, version 1 (symmetric): https://www.standardwebhooks.com */
import { createHmac, randomBytes } from 'node:crypto'

const PREFIX = 'whsec_'
/** The specification asks for 24 to 64. */
const SECRET_BYTES = 32

/** A new secret, as receivers enter it. */
export const newSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString('base64')

/**
 * The headers that go with a body.
 * @param secrets each signs: the new one and, while receivers are being changed, the one before
 * @param at when it is sent, ms: receivers refuse what is too old
 */
export function signed({ id, at, body, secrets }: { id: string; at: number; body: string; secrets: readonly string[] }): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000))
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}
