/**
 * The chain of the audit log: each entry holds the hash of the one before it, so that no entry can be changed, left out or put in
 * between without every later hash being wrong. The head is signed besides (`signing.ts`): whoever can write in the database and
 * computes all the later hashes anew still lacks the key.
 *
 * What is hashed is format 1 and never changes: migration 018 chains with it, and exported files are verified by it.
 */
import { createHash } from 'node:crypto'
import type { AuditOrigin } from '../api/audit.ts'

/** One entry without its place in the chain. */
export interface AuditContent {
  id: string
  /** ISO with microseconds, as PostgreSQL keeps them: {@link atText}. */
  at: string
  who: string
  /** Of the person; null where it was nobody with an account. */
  whoId: string | null
  via: string
  origin: AuditOrigin | null
  action: string
  target: string | null
  detail: unknown
}

export interface ChainedEntry extends AuditContent {
  /** 1, 2, 3, … without gaps. */
  seq: number
  prev: string
  hash: string
}

/** What stands in `prev` of the first entry. */
export const CHAIN_BEGIN = '0'.repeat(64)

/**
 * JSON with sorted keys and nothing between its parts, as RFC 8785 has it: the same text for the same value, also after PostgreSQL's
 * `jsonb` has put its keys into an order of its own.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((one) => canonicalJson(one ?? null)).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined)
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`).join(',')}}`
  }
  return JSON.stringify(value ?? null)
}

/** SHA-256 of an entry with its place and the hash before it, in hex. */
export function hashOfEntry(content: AuditContent, seq: number, prev: string): string {
  const { id, at, who, whoId, via, origin, action, target, detail } = content
  return createHash('sha256')
    .update(canonicalJson({ v: 1, seq, prev, id, at, who, whoId, via, origin, action, target, detail: detail ?? null }))
    .digest('hex')
}

/** A moment as it is hashed: what PostgreSQL keeps, in UTC. */
export const atText = (at: Date): string => at.toISOString().replace('Z', '000Z')

/** Puts entries behind `head`, in their order. */
export function chained(entries: readonly AuditContent[], head: { seq: number; hash: string }): ChainedEntry[] {
  let { seq, hash } = head
  return entries.map((entry) => {
    const prev = hash
    seq += 1
    hash = hashOfEntry(entry, seq, prev)
    return { ...entry, seq, prev, hash }
  })
}
