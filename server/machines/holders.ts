/**
 * Whose a jog or a lease is: only the sign-in that got the token may beat it, work under it or give it back. Kept in memory
 * and touched by no database: what a restart of the gateway forgets, the guard ends by its time to live.
 */
import { UserError } from '../../base/errors.ts'

/** Tokens remembered for one machine; a guard has one lease at a time. */
const KEPT = 100

/** The holder of what flows take: one for all of them, a flow hands its token on in messages. */
export const FLOWS = 'flow runtime'

export interface Holders {
  /** `holder`: a sign-in, or the flow runtime. */
  give(machineId: string, token: number, holder: string): void
  /** It is given back. */
  take(machineId: string, token: number): void
  isOf(machineId: string, token: number, holder: string): boolean
  /** @throws UserError `lease-stale` for a token that somebody else got, or nobody */
  require(machineId: string, token: number, holder: string): void
}

export function createHolders(): Holders {
  const holders = new Map<string, Map<number, string>>()
  const isOf: Holders['isOf'] = (machineId, token, holder) => holders.get(machineId)?.get(token) === holder
  return {
    give(machineId, token, holder) {
      const tokens = holders.get(machineId) ?? new Map<number, string>()
      holders.set(machineId, tokens)
      tokens.delete(token)
      tokens.set(token, holder)
      for (const oldest of tokens.keys()) {
        if (tokens.size <= KEPT) break
        tokens.delete(oldest)
      }
    },
    take: (machineId, token) => void holders.get(machineId)?.delete(token),
    isOf,
    require(machineId, token, holder) {
      if (isOf(machineId, token, holder)) return
      throw new UserError({
        code: 'lease-stale',
        status: 409,
        message: 'This hold on the machine is not yours, or it is over. Nothing was sent. Take the machine again.',
      })
    },
  }
}
