/** How often flows may ask: a loop in a flow must not keep a guard, or this gateway, from its work. */
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { UserError } from '../../base/errors.ts'

/** Counts one request; @throws UserError `too-many-requests` (429) */
type FlowLimit = (machineId: string) => Promise<void>

function perSecond(points: number, what: string): FlowLimit {
  const limiter = new RateLimiterMemory({ points, duration: 1 })
  return async (machineId) => {
    try {
      await limiter.consume(machineId)
    } catch (refused) {
      if (refused instanceof Error) throw refused
      throw new UserError({
        code: 'too-many-requests',
        status: 429,
        message: `The flows ask for more than ${points} ${what} a second. Nothing was sent; slow the flow down, with a delay node for example.`,
      })
    }
  }
}

export const flowLimits = (): { action: FlowLimit; interlock: FlowLimit; check: FlowLimit } => ({
  // the guard's own limit for all who ask together is a hundred at most
  action: perSecond(100, 'things of one machine'),
  interlock: perSecond(200, 'news of interlocks of one machine'),
  check: perSecond(5, 'checks of programs'),
})
