/** What people change on their own account. A browser that was left open must not be enough: it takes the password, or the PIN. */
import { type Kysely, sql } from 'kysely'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { UserError } from '../../base/errors.ts'
import type { OwnAccount } from '../api/index.ts'
import type { Database } from '../store/tables.ts'
import type { Accounts } from './accounts.ts'
import type { Pins } from './pin.ts'
import { checkPin } from './pin-rules.ts'
import type { SignIn } from './sign-in.ts'

const MAX_TRIES = 5
const WAIT_S = 300

export interface Own {
  look(userId: string): Promise<OwnAccount>
  /** @param session the token of the session that asks: it stays. @returns how many others ended */
  changePassword(userId: string, change: { current: string; password: string }, session: string | undefined): Promise<number>
  changePin(userId: string, change: { pin: string | null; current?: string | undefined }): Promise<void>
}

export function createOwn({ db, signIn, accounts, pins }: { db: Kysely<Database>; signIn: SignIn; accounts: Accounts; pins: Pins }): Own {
  // by person, not by address: who sits at their browser has it to themselves
  const tries = new RateLimiterMemory({ points: MAX_TRIES, duration: WAIT_S })
  const hashOf = async (userId: string): Promise<string | undefined> => {
    const { internalAdapter } = await signIn.$context
    return (await internalAdapter.findAccounts(userId)).find(({ providerId }) => providerId === 'credential')?.password ?? undefined
  }
  const requirePassword = async (userId: string, hash: string, given: string): Promise<void> => {
    try {
      // counted before it is judged, so that many at once cannot slip through
      await tries.consume(userId)
    } catch (refused) {
      if (refused instanceof Error) throw refused
      const retryAfterS = Math.max(1, Math.ceil((refused as { msBeforeNext: number }).msBeforeNext / 1000))
      throw new UserError({
        code: 'too-many-tries',
        status: 429,
        message: `The password was wrong ${MAX_TRIES} times. Wait ${Math.ceil(retryAfterS / 60)} minutes, or ask an administrator for a link to choose a new one.`,
        details: { retryAfterS },
      })
    }
    const { password } = await signIn.$context
    if (!(await password.verify({ hash, password: given })))
      throw new UserError({ code: 'password-wrong', status: 400, message: 'The present password is not right.' })
    await tries.delete(userId)
  }
  return {
    async look(userId) {
      const account = await accounts.get(userId)
      const badge = await db.selectFrom('badge').select('at').where('userId', '=', userId).executeTakeFirst()
      return {
        hasPassword: account.hasPassword,
        hasPin: account.hasPin,
        ...(badge ? { badgeSince: badge.at.toISOString() } : {}),
        ...(account.lastSignInAt ? { lastSignInAt: account.lastSignInAt } : {}),
      }
    },
    async changePassword(userId, { current, password }, session) {
      const hash = await hashOf(userId)
      if (hash === undefined)
        throw new UserError({
          code: 'no-own-password',
          status: 409,
          message: 'You sign in without a password of Cellwright, so there is none to change. An administrator can make a link to choose one.',
        })
      await requirePassword(userId, hash, current)
      if (current === password) throw new UserError({ code: 'password-same', message: 'The new password is the one you have. Choose another.' })
      await accounts.setPassword(userId, password)
      await sql`delete from "passwordLink" where "userId" = ${userId}`.execute(db)
      return accounts.endSessions(userId, session)
    },
    async changePin(userId, { pin, current = '' }) {
      if (pin !== null) checkPin(pin)
      const [hash, { hasPin, hasBadge, provider }] = await Promise.all([hashOf(userId), accounts.get(userId)])
      if (hash !== undefined) await requirePassword(userId, hash, current)
      else if (hasPin) await pins.check(userId, current)
      if (pin === null && hash === undefined && !hasBadge && !provider)
        throw new UserError({
          code: 'last-way-in',
          status: 409,
          message: 'The PIN is the only way you can sign in. Have an administrator give you a password first.',
        })
      await pins.set(userId, pin)
    },
  }
}
