/** Signs where the chain of the audit log ends and what retention removed, with a key derived from the installation's one secret key. */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { AuditCheckpoint, AuditHead } from '../api/audit.ts'
import type { Secrets } from '../secrets/index.ts'
import { canonicalJson } from './chain.ts'

export interface AuditKey {
  /** 32 bytes, base64. */
  readonly publicKey: string
  /** @returns 64 bytes, base64 */
  sign(text: string): string
}

// RFC 8410: what stands before the 32 bytes of a key in PKCS #8 and in SubjectPublicKeyInfo
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

export function auditKey(secrets: Pick<Secrets, 'derive'>): AuditKey {
  const seed = Buffer.from(secrets.derive('audit log'), 'hex')
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const raw = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(PUBLIC_PREFIX.length)
  return { publicKey: raw.toString('base64'), sign: (text) => sign(null, Buffer.from(text), key).toString('base64') }
}

/** False also for keys and signatures that are none. */
export function isSigned(text: string, signature: string | null, publicKey: string): boolean {
  const raw = Buffer.from(publicKey, 'base64')
  const given = Buffer.from(signature ?? '', 'base64')
  if (raw.length !== 32 || given.length !== 64) return false
  return verify(null, Buffer.from(text), createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, raw]), format: 'der', type: 'spki' }), given)
}

/** To compare by eye: half of the hash of the key, in groups of four. */
export const fingerprintOf = (publicKey: string): string =>
  (createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex').slice(0, 32).match(/.{4}/g) ?? []).join(' ')

/** What is signed at the end of the chain. */
export const headText = ({ seq, hash }: Pick<AuditHead, 'seq' | 'hash'>): string => canonicalJson({ what: 'cellwright audit head', v: 1, seq, hash })

/** What is signed when retention removes entries. */
export const checkpointText = ({ signature: _, ...checkpoint }: AuditCheckpoint | (Omit<AuditCheckpoint, 'signature'> & { signature?: string })): string =>
  canonicalJson({ what: 'cellwright audit checkpoint', v: 1, ...checkpoint })
