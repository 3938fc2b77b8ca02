/** Ids: sortable by time, safe in file names, URLs and BullMQ job ids (which forbid `:`). */
import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * A new id such as `job_06bq3k5m1x8d4g7v2n9p0r`: 10 characters of milliseconds, then 80 random bits
 * (Crockford base 32, the layout of ULID: https://github.com/ulid/spec).
 */
export function newId(prefix: 'job' | 'run' | 'ver' | 'tok' | 'evt' | 'prg' | 'con' | 'msr' | 'out' | 'wo' | 'prs' | 'aud'): string {
  let time = Date.now()
  let head = ''
  for (let i = 0; i < 10; i += 1) {
    head = ALPHABET[time % 32] + head
    time = Math.floor(time / 32)
  }
  let tail = ''
  for (const byte of randomBytes(16)) tail += ALPHABET[byte & 31]
  return `${prefix}_${head}${tail}`
}
