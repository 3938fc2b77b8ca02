/** How often an address may ask. Never in front of stop and hold. */
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { UserError } from '../../base/errors.ts'

/** Counts one try; @throws UserError `too-many-requests` (429) with `retryAfterS`. */
export type Limit = (address: string) => Promise<void>

export function limit(options: { points: number; perSeconds: number; what: string }): Limit {
  const limiter = new RateLimiterMemory({ points: options.points, duration: options.perSeconds })
  return async (address) => {
    try {
      await limiter.consume(address)
    } catch (refused) {
      if (refused instanceof Error) throw refused
      const retryAfterS = Math.max(1, Math.ceil((refused as { msBeforeNext: number }).msBeforeNext / 1000))
      throw new UserError({
        code: 'too-many-requests',
        status: 429,
        message: `Too many ${options.what} from this address. Wait ${retryAfterS} s and try again.`,
        details: { retryAfterS },
      })
    }
  }
}
