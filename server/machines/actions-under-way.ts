/**
 * Actions that were asked for under an id: the same id again is the same action. A height map takes longer than many a
 * connection lasts; whoever lost it asks again and waits on, and nothing is done twice.
 */
import { isDeepStrictEqual } from 'node:util'
import { OperationalError, UserError } from '../../base/errors.ts'
import type { ActionResult, MachineAction } from '../../nodes/motion/action.ts'

const KEPT_MS = 3_600_000
const MOST_KEPT = 500

export interface ActionsUnderWay {
  /**
   * @param asked.isRepeat begins nothing
   * @throws what the action threw; UserError `action-id-used` for another action under the same id; OperationalError
   * `outcome-unknown` for a repeat of one that nobody here knows
   */
  once(
    asked: { machineId: string; holder: string; actionId: string; action: MachineAction; isRepeat: boolean },
    begin: () => Promise<ActionResult>,
  ): Promise<ActionResult>
}

export function createActionsUnderWay(): ActionsUnderWay {
  const known = new Map<string, { action: MachineAction; result: Promise<ActionResult>; endedAt: number | undefined }>()
  const tidy = () => {
    const now = performance.now()
    for (const [key, { endedAt }] of known) {
      if (endedAt === undefined) continue
      if (now - endedAt > KEPT_MS || known.size > MOST_KEPT) known.delete(key)
    }
  }
  return {
    async once({ machineId, holder, actionId, action, isRepeat }, begin) {
      const key = JSON.stringify([machineId, holder, actionId])
      const there = known.get(key)
      if (there) {
        if (!isDeepStrictEqual(there.action, action))
          throw new UserError({ code: 'action-id-used', status: 409, message: 'Another action was asked for under this id. Nothing was sent; use a new one.' })
        return there.result
      }
      if (isRepeat)
        throw new OperationalError({
          code: 'outcome-unknown',
          message: `Nothing is known here of this action: the server was restarted meanwhile, or it ended long ago. Look at "${machineId}" before you go on.`,
        })
      tidy()
      const entry: { action: MachineAction; result: Promise<ActionResult>; endedAt: number | undefined } = {
        action,
        result: Promise.resolve().then(begin),
        endedAt: undefined,
      }
      known.set(key, entry)
      const ended = () => {
        entry.endedAt = performance.now()
      }
      entry.result.then(ended, ended)
      return entry.result
    },
  }
}
