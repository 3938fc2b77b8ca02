/** Who has a LinuxCNC machine: one job or one piece of work at a time, and a holder in between. */
import { UserError } from '../../../../base/errors.ts'
import type { Asker } from '../holders.ts'
import type { WorkKind } from '../phase.ts'
import { beforeEnd, heldBy, leaseStale } from '../refusals.ts'
import type { LinuxcncCore, LinuxcncPhase } from './core.ts'
import { holdIfMoving, stateWords } from './stopping.ts'
import { type LinuxcncTalk, linuxcncDown } from './talk.ts'

/** What a piece of work may look at and must ask. */
export interface LinuxcncWork {
  talk: LinuxcncTalk
  token: number
  isCurrent(): boolean
  /** @throws UserError `stopped`: before every order that moves something */
  check(): void
}

/** Gives the machine to one piece of work, and takes it back however that ends. */
export async function work<T>(core: LinuxcncCore, { what, by, lease }: { what: WorkKind } & Asker, act: (at: LinuxcncWork) => Promise<T>): Promise<T> {
  const talk = mustBeFree(core, lease)
  const token = core.tokens.next()
  const phase: LinuxcncPhase = { kind: 'working', talk, what, by, token, under: lease }
  const { wish } = core
  core.phase = phase
  core.changed()
  const isCurrent = () => core.phase === phase && core.wish === wish && talk.isOpen
  try {
    return await act({
      talk,
      token,
      isCurrent,
      check() {
        if (!isCurrent()) throw beforeEnd()
      },
    })
  } finally {
    if (core.phase === phase) {
      core.phase = { kind: 'ready', talk }
      core.changed()
    }
  }
}

/** @throws UserError `machine-busy`, `lease-stale`, OperationalError `link-down` */
export function mustBeFree(core: LinuxcncCore, lease: number | undefined): LinuxcncTalk {
  const { held, phase } = core
  if (lease === undefined && held) throw heldBy(held.holder)
  if (lease !== undefined && held?.token !== lease) throw leaseStale()
  switch (phase.kind) {
    case 'ready':
      if (!phase.talk.isOpen) throw linuxcncDown()
      return phase.talk
    case 'greeting':
    case 'connecting':
    case 'closed':
      throw linuxcncDown()
    case 'working':
    case 'job':
    case 'stopping':
      throw busy(core)
    default:
      return phase satisfies never
  }
}

function busy(core: LinuxcncCore): UserError {
  const { phase, run } = core
  const what = run ? `program ${run.request.programName} has it` : phase.kind === 'working' ? `it works for ${phase.by}` : 'it is being stopped'
  return new UserError({ code: 'machine-busy', message: `The machine is busy: ${what}. Wait until it has ended, or stop it.`, status: 409 })
}

/** @throws UserError `machine-not-idle` */
export function mustBeIdle(core: LinuxcncCore): void {
  const { state } = core.controller
  if (state === 'idle' && core.stillLooks >= 1) return
  const why = state === 'idle' ? 'It has just moved. Wait until it is seen standing.' : stateWords(core)
  throw new UserError({ code: 'machine-not-idle', message: `The machine is not idle: ${why}`, status: 409, details: { controller: state } })
}

/** @throws UserError `machine-busy`, `machine-not-idle` unless the machine stands without a job */
export function mustBeQuiet(core: LinuxcncCore): void {
  if (core.run || core.phase.kind === 'working' || core.phase.kind === 'stopping') throw busy(core)
  if (core.looks > 0 && !core.isStanding)
    throw new UserError({ code: 'machine-not-idle', message: `The machine is not idle: ${stateWords(core)}`, status: 409 })
}

/** @throws UserError `machine-busy` */
export function takeLease(core: LinuxcncCore, { holder, ttlMs, by }: { holder: string; ttlMs: number; by: string }): { token: number } {
  if (core.held) throw heldBy(core.held.holder)
  if (core.run || core.phase.kind === 'working' || core.phase.kind === 'stopping') throw busy(core)
  const token = core.tokens.next()
  core.held = { holder, token, ttlMs, endsAt: performance.now() + ttlMs, timer: setTimeout(() => expire(core, token), ttlMs) }
  core.journal.append({ kind: 'lease', what: 'taken', token, holder, by })
  core.changed()
  return { token }
}

/** @throws UserError `lease-stale` */
export function beatLease(core: LinuxcncCore, token: number): void {
  const { held } = core
  if (held?.token !== token) throw leaseStale()
  clearTimeout(held.timer)
  // after a sleep of this process old beats are read before the timer runs
  if (performance.now() > held.endsAt) expire(core, token)
  if (core.held !== held) throw leaseStale()
  held.endsAt = performance.now() + held.ttlMs
  held.timer = setTimeout(() => expire(core, token), held.ttlMs)
}

export function dropLease(core: LinuxcncCore, token: number): void {
  const { held } = core
  if (held?.token !== token) return
  clearTimeout(held.timer)
  core.held = undefined
  core.journal.append({ kind: 'lease', what: 'dropped', token, holder: held.holder })
  core.changed()
}

function expire(core: LinuxcncCore, token: number): void {
  const { held, phase } = core
  if (held?.token !== token) return
  core.held = undefined
  core.journal.append({ kind: 'lease', what: 'expired', token, holder: held.holder })
  const isUnderIt = (phase.kind === 'working' && phase.under === token) || core.run?.request.lease === token
  if (isUnderIt) {
    if (core.run && !core.run.hasStarted) core.run.abort.abort(leaseStale())
    holdIfMoving(core, `no sign of life from ${held.holder}, who had the machine`)
  }
  core.changed()
}
