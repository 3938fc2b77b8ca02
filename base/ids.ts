/** Ids: sortable by time, safe in file names, URLs and BullMQ job ids (which forbid `:`). */
import { randomFillSync, randomInt } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

// thousands of runs a second each need an id: randomness is fetched in bulk, the time part is kept for its millisecond
const COUNT_LENGTH = 4
const TAIL_LENGTH = 12
const HALF_COUNT = 32 ** COUNT_LENGTH / 2
const bytes = Buffer.alloc(256 * TAIL_LENGTH)
let tails = ''
let tailAt = 0
let headTime = -1
let head = ''
let count = 0

/** Base 32, so many digits of it. */
function digits(value: number, length: number): string {
  let text = ''
  for (let i = 0, rest = value; i < length; i += 1, rest = Math.floor(rest / 32)) text = ALPHABET[rest % 32] + text
  return text
}

/**
 * A new id such as `job_06bq3k5m1x8d4g7v2n9p0r`: 10 characters of milliseconds, then 80 bits (Crockford base 32, the layout of ULID:
 * https://github.com/ulid/spec). The first 20 of them count up within a millisecond from a random number, so that what one process
 * made later sorts later; the others are random.
 */
export function newId(
  prefix:
    | 'fir'
    | 'stp'
    | 'trn'
    | 'job'
    | 'run'
    | 'ver'
    | 'tok'
    | 'evt'
    | 'prb'
    | 'prg'
    | 'con'
    | 'msr'
    | 'out'
    | 'wo'
    | 'prs'
    | 'aud'
    | 'imp'
    | 'msg'
    | 'kpt'
    | 'req'
    | 'ksk'
    | 'sip'
    | 'try'
    | 'chr'
    | 'ent'
    | 'cor'
    | 'ofc'
    | 'mrk'
    | 'lim'
    | 'sig'
    | 'gau'
    | 'cal'
    | 'cau'
    | 'qdc'
    | 'inp'
    | 'ins'
    | 'std'
    | 'rdg'
    | 'spl'
    | 'lot'
    | 'sev'
    | 'rol'
    | 'dlv'
    | 'rul'
    | 'hok'
    | 'ntf'
    | 'mvi',
): string {
  const time = Date.now()
  if (time === headTime) count += 1
  else {
    headTime = time
    head = digits(time, 10)
    count = randomInt(HALF_COUNT)
  }
  if (tailAt === tails.length) {
    randomFillSync(bytes)
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = ALPHABET.charCodeAt((bytes[i] ?? 0) & 31)
    tails = bytes.toString('latin1')
    tailAt = 0
  }
  tailAt += TAIL_LENGTH
  return `${prefix}_${head}${digits(count, COUNT_LENGTH)}${tails.slice(tailAt - TAIL_LENGTH, tailAt)}`
}
