/** Stop, hold and resume: from here to the guard, and nothing else is touched. */
import { holdMachine, resumeMachine, stopMachine } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { asGuardGone, asOutcomeUnknown } from './machines.ts'
import type { RouteParts } from './route-parts.ts'
import { ANSWER_MS, STOP_MS } from './timeouts.ts'

export function stopRoutes({ machines, audit }: RouteParts): RouteHandler[] {
  return [
    handle(stopMachine, async ({ params: { machineId }, body, caller }) => {
      const { sentAt } = await machines
        .guard(machineId)
        .call('stop', { by: caller.name, hard: body.hard }, { timeoutMs: STOP_MS })
        .catch(asGuardGone(machineId))
      audit.record({ caller, action: body.hard ? 'stopped hard' : 'stopped', target: machineId, detail: { sentAt } })
      return { ok: true as const, sentAt }
    }),
    handle(holdMachine, async ({ params: { machineId }, caller }) => {
      const { sentAt } = await machines.guard(machineId).call('hold', { by: caller.name }, { timeoutMs: STOP_MS }).catch(asGuardGone(machineId))
      audit.record({ caller, action: 'held', target: machineId, detail: { sentAt } })
      return { ok: true as const, sentAt }
    }),
    handle(resumeMachine, async ({ params: { machineId }, caller }) => {
      // the machine may have to come to a stand first, and what is not answered in time may have set it going all the same
      await machines.guard(machineId).call('resume', { by: caller.name }, { timeoutMs: ANSWER_MS }).catch(asOutcomeUnknown(machineId))
      audit.record({ caller, action: 'resumed', target: machineId })
      return { ok: true as const }
    }),
  ]
}
