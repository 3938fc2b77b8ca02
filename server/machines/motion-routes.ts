/**
 * Routes of what is asked of a machine without a program: actions, jogs, leases, interlocks, answers. Beats go from memory
 * to the guard. Whatever may move the machine is written down before it is asked for.
 */
import {
  actOnMachine,
  answerMachineJob,
  beatJog,
  beatLease,
  commandMachine,
  dropLease,
  endJog,
  homeMachine,
  listProbeResults,
  setInterlock,
  startJog,
  takeLease,
  unlockMachine,
} from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { act } from './act.ts'
import { asGuardGone, asOutcomeUnknown } from './machines.ts'
import type { RouteParts } from './route-parts.ts'
import { ANSWER_MS, actionMs, BEAT_MS } from './timeouts.ts'
import { requireKeys } from './two-keys.ts'

const ok = { ok: true as const }
const underLease = (lease: number | undefined) => (lease === undefined ? {} : { lease })

export function motionRoutes({ machines, probes, holders, interlockNews, underWay, audit }: RouteParts): RouteHandler[] {
  /** @throws UserError `lease-stale` for somebody else's */
  const requireOwn = (machineId: string, lease: number | undefined, caller: Caller) => {
    if (lease !== undefined) holders.require(machineId, lease, caller.session)
  }
  return [
    handle(actOnMachine, ({ params: { machineId }, body: { action, lease, actionId, isRepeat }, caller }) => {
      requireKeys(action, caller)
      requireOwn(machineId, lease, caller)
      const begin = () => {
        audit.record({ caller, action: `machine.${action.kind}`, target: machineId, detail: { ...action, ...underLease(lease) } })
        return act({ machines, probes }, { machineId, action, by: caller.name, lease })
      }
      return actionId === undefined ? begin() : underWay.once({ machineId, holder: caller.session, actionId, action, isRepeat: isRepeat ?? false }, begin)
    }),
    handle(listProbeResults, ({ params: { machineId }, query: { cycle, limit } }) => {
      machines.guard(machineId)
      return probes.list({ machineId, cycle, limit })
    }),
    handle(commandMachine, async ({ params: { machineId }, body, caller }) => {
      requireKeys({ kind: 'line', line: body.line }, caller)
      audit.record({ caller, action: 'sent a line', target: machineId, detail: { line: body.line } })
      const { answer } = await machines
        .guard(machineId)
        .call('command', { line: body.line, by: caller.name }, { timeoutMs: actionMs({ kind: 'line', line: body.line }) })
        .catch(asOutcomeUnknown(machineId))
      return { ok: true as const, answer }
    }),
    handle(unlockMachine, async ({ params: { machineId }, caller }) => {
      await machines.guard(machineId).call('unlock', { by: caller.name }, { timeoutMs: ANSWER_MS }).catch(asGuardGone(machineId))
      audit.record({ caller, action: 'unlocked', target: machineId })
      return ok
    }),
    handle(homeMachine, async ({ params: { machineId }, caller }) => {
      audit.record({ caller, action: 'homed', target: machineId })
      await machines
        .guard(machineId)
        .call('home', { by: caller.name }, { timeoutMs: actionMs({ kind: 'home' }) })
        .catch(asOutcomeUnknown(machineId))
      return ok
    }),

    handle(startJog, async ({ params: { machineId }, body, caller }) => {
      const { lease, ...jog } = body
      requireOwn(machineId, lease, caller)
      audit.record({ caller, action: 'jogged', target: machineId, detail: { direction: jog.direction, feedMmPerMin: jog.feedMmPerMin, ...underLease(lease) } })
      const { token } = await machines
        .guard(machineId)
        .call('jogStart', { ...jog, by: caller.name, ...underLease(lease) }, { timeoutMs: ANSWER_MS })
        .catch(asOutcomeUnknown(machineId))
      holders.give(machineId, token, caller.session)
      return { token }
    }),
    handle(beatJog, async ({ params: { machineId }, body: { token }, caller }) => {
      holders.require(machineId, token, caller.session)
      await machines.guard(machineId).call('jogBeat', { token }, { timeoutMs: BEAT_MS }).catch(asGuardGone(machineId))
      return ok
    }),
    // anybody who may operate the machine may end a jog: it only stops
    handle(endJog, async ({ params: { machineId }, body: { token } }) => {
      await machines.guard(machineId).call('jogEnd', { token }, { timeoutMs: ANSWER_MS }).catch(asGuardGone(machineId))
      return ok
    }),

    handle(takeLease, async ({ params: { machineId }, body: { ttlMs, holder }, caller }) => {
      const { token } = await machines
        .guard(machineId)
        .call('takeLease', { ttlMs, holder: holder ?? caller.name, by: caller.name }, { timeoutMs: ANSWER_MS })
        .catch(asGuardGone(machineId))
      holders.give(machineId, token, caller.session)
      audit.record({ caller, action: 'took the machine', target: machineId, detail: { token, ttlMs, ...(holder === undefined ? {} : { holder }) } })
      return { token }
    }),
    handle(beatLease, async ({ params: { machineId }, body: { token }, caller }) => {
      holders.require(machineId, token, caller.session)
      await machines.guard(machineId).call('beatLease', { token }, { timeoutMs: BEAT_MS }).catch(asGuardGone(machineId))
      return ok
    }),
    handle(dropLease, async ({ params: { machineId }, body: { token }, caller }) => {
      // one that somebody left behind is given back by whoever sets machines up
      if (!caller.capabilities.has('machines.configure')) holders.require(machineId, token, caller.session)
      await machines.guard(machineId).call('dropLease', { token }, { timeoutMs: ANSWER_MS }).catch(asGuardGone(machineId))
      audit.record({ caller, action: 'gave the machine back', target: machineId, detail: { token } })
      return ok
    }),
    handle(setInterlock, async ({ params: { machineId, interlockId }, body: { isSafe }, caller }) => {
      await machines.guard(machineId).call('setInterlock', { id: interlockId, isSafe, by: caller.name }, { timeoutMs: ANSWER_MS }).catch(asGuardGone(machineId))
      // told many times a minute: the change is what counts
      if (interlockNews.isNew(machineId, interlockId, isSafe, caller.userId))
        audit.record({ caller, action: isSafe ? 'told an interlock is safe' : 'told an interlock is unsafe', target: machineId, detail: { interlockId } })
      return ok
    }),
    handle(answerMachineJob, async ({ params: { machineId }, body: { jobId, answer }, caller }) => {
      audit.record({ caller, action: `answered ${answer}`, target: machineId, detail: { jobId } })
      await machines
        .guard(machineId)
        .call('answerJob', { jobId, answer, by: caller.name }, { timeoutMs: actionMs({ kind: 'home' }) })
        .catch(asOutcomeUnknown(machineId))
      return ok
    }),
  ]
}
