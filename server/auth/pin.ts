/** PINs for the operator page: scrypt under a key of the installation, five tries, then a lock of some minutes. */
import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { type Kysely, sql } from 'kysely'
import { UserError } from '../../base/errors.ts'
import type { Database } from '../store/tables.ts'

const MAX_TRIES = 5
const LOCK_MINUTES = 5
/** RFC 7914: N = 2^14, r = 8, p = 1 takes about 16 MB and 50 ms on the thread pool. */
const derive = promisify<string, Buffer, number, Buffer>((text, salt, length, done) => scrypt(text, salt, length, { N: 16_384, r: 8, p: 1 }, done))

export interface Pins {
  /** null takes the PIN away. */
  set(userId: string, pin: string | null): Promise<void>
  /**
   * The try is counted before it is judged, so that many at once cannot slip through.
   * @throws UserError `pin-wrong` (401), `pin-locked` (429)
   */
  check(userId: string, pin: string): Promise<void>
}

/** @param options.pepper key of the installation: a stolen table of 4-digit PINs alone is not enough to try them all */
export function createPins(options: { db: Kysely<Database>; pepper: string }): Pins {
  const { db, pepper } = options
  const hash = (pin: string, salt: Buffer) => derive(createHmac('sha256', pepper).update(pin).digest('hex'), salt, 32)
  const locked = () =>
    new UserError({
      code: 'pin-locked',
      status: 429,
      message: `Too many wrong PINs. This PIN is locked for ${LOCK_MINUTES} minutes; sign in with the password instead, or wait.`,
      details: { retryAfterS: LOCK_MINUTES * 60 },
    })

  return {
    async set(userId, pin) {
      if (pin === null) {
        await db.deleteFrom('pin').where('userId', '=', userId).execute()
        return
      }
      const salt = randomBytes(16)
      const text = `${salt.toString('base64')}.${(await hash(pin, salt)).toString('base64')}`
      await db
        .insertInto('pin')
        .values({ userId, hash: text })
        .onConflict((conflict) => conflict.column('userId').doUpdateSet({ hash: text, failures: 0, lockedUntil: null }))
        .execute()
    },
    async check(userId, pin) {
      const counted = await sql<{ hash: string; isLocked: boolean }>`
        with counted as (select "userId", case when "lockedUntil" is null then failures + 1 else 1 end as tries from pin
          where "userId" = ${userId} and ("lockedUntil" is null or "lockedUntil" <= now()) for update)
        update pin set failures = counted.tries, "lockedUntil" = case when counted.tries >= ${MAX_TRIES} then now() + make_interval(mins => ${LOCK_MINUTES}) end
        from counted where pin."userId" = counted."userId"
        returning pin.hash, pin."lockedUntil" is not null as "isLocked"`.execute(db)
      const row = counted.rows[0]
      if (!row) {
        const known = await db.selectFrom('pin').select('userId').where('userId', '=', userId).executeTakeFirst()
        if (known) throw locked()
      }
      const [salt = '', right = ''] = (row?.hash ?? `${randomBytes(16).toString('base64')}.AA==`).split('.')
      // somebody without a PIN takes as long as somebody with one
      const given = await hash(pin, Buffer.from(salt, 'base64'))
      const wanted = Buffer.from(right, 'base64')
      if (!row || given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
        if (row?.isLocked) throw locked()
        throw new UserError({
          code: 'pin-wrong',
          status: 401,
          message: `That PIN is not right. After ${MAX_TRIES} wrong tries it is locked for ${LOCK_MINUTES} minutes.`,
        })
      }
      await db.updateTable('pin').set({ failures: 0, lockedUntil: null }).where('userId', '=', userId).execute()
    },
  }
}
