/**
 * Node-RED's credentials file. Encrypted it is one object with the key `$`: 32 hex digits of initialization vector, then base64 of
 * AES-256-CTR under the SHA-256 of the secret (@node-red/runtime 5.0 lib/nodes/credentials.js; so since 0.18). There is no
 * integrity check: a wrong secret shows by the text not being JSON.
 */
import { createDecipheriv, createHash } from 'node:crypto'
import { isRecord, type Rec } from '../json.ts'

/** By node id. */
export type CredentialSets = Record<string, Rec>

const IV_DIGITS = 32

export const isEncrypted = (file: unknown): file is { $: string } => isRecord(file) && Object.keys(file).length === 1 && typeof file.$ === 'string'

/** Undefined where the secret does not open it. */
export function decryptCredentials({ $: text }: { $: string }, secret: string): CredentialSets | undefined {
  const iv = Buffer.from(text.slice(0, IV_DIGITS), 'hex')
  if (iv.length !== IV_DIGITS / 2) return undefined
  const decipher = createDecipheriv('aes-256-ctr', createHash('sha256').update(secret).digest(), iv)
  const opened = Buffer.concat([decipher.update(text.slice(IV_DIGITS), 'base64'), decipher.final()])
  try {
    return setsOf(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(opened)))
  } catch {
    // noise: another secret
    return undefined
  }
}

/** What is no set of a node is left out. */
export function setsOf(value: unknown): CredentialSets | undefined {
  if (!isRecord(value)) return undefined
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, Rec] => entry[0] !== '$' && entry[0] !== '__proto__' && isRecord(entry[1])))
}
