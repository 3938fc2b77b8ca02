/** What went wrong between us and the database, in our own words. */
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'

/** The database does not answer, or not now. A write that ends so may or may not have happened. */
export function storeAway(cause?: unknown): OperationalError {
  return new OperationalError({
    code: 'store-away',
    message: 'The database does not answer at the moment. Cellwright goes on as soon as it is back; try again then.',
    ...(cause === undefined ? {} : { cause }),
  })
}

function storeFull(cause: unknown): OperationalError {
  return new OperationalError({ code: 'store-full', message: 'The disk of the database is full. Make room on it; nothing was written.', cause })
}

export const isStoreFull = (error: unknown): boolean => error instanceof OperationalError && error.code === 'store-full'

const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  // PostgreSQL, appendix A: admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections
  '57P01',
  '57P02',
  '57P03',
  '53300',
])
// node-postgres gives these no code
const AWAY_MESSAGES =
  /^(Connection terminated|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect)/

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}

/** The connection is of no more use, and perhaps the database is away. */
export function isConnectionLoss(error: unknown): boolean {
  const code = codeOf(error)
  if (error instanceof OperationalError) return code === 'store-away'
  return AWAY_CODES.has(code) || code.startsWith('08') || AWAY_MESSAGES.test(messageOf(error))
}

/** An error of a query, as its caller should see it; what is not about the world (a broken constraint, a bug) stays as it is. */
export function queryProblem(error: unknown): unknown {
  if (error instanceof OperationalError || error instanceof UserError) return error
  if (isConnectionLoss(error)) return storeAway(error)
  switch (codeOf(error)) {
    case '57014':
      return new OperationalError({ code: 'store-slow', message: 'The database took too long for this; ask for less, or try again later.', cause: error })
    // character_not_in_repertoire: the one character that PostgreSQL's text cannot hold
    case '22021':
      return new UserError({
        code: 'text-invalid',
        message: 'A text holds the character U+0000, which cannot be stored. Remove it; nothing was written.',
        cause: error,
      })
    case '53100':
      return storeFull(error)
    default:
      // what PostgreSQL could not write for itself (a status file, a temporary one) has other codes
      if (codeOf(error) !== '' && /No space left on device|Disk quota exceeded/.test(messageOf(error))) return storeFull(error)
      return error
  }
}

/** Why a database will not let us in although it answers: a person has to put it right. */
export function refusal(error: unknown): UserError | undefined {
  const reason = {
    '28P01': 'refuses the password',
    '28000': 'refuses this user',
    '3D000': 'has no database of that name',
    '42501': 'does not let this user create tables (the user must own the database, or its schema)',
  }[codeOf(error)]
  if (!reason) return undefined
  return new UserError({
    code: 'database-refused',
    message: `The PostgreSQL of DATABASE_URL ${reason}: ${messageOf(error)}. Change it or DATABASE_URL and start again.`,
  })
}
