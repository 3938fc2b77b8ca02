/** Who has the machine: it is given to one job or one piece of work at a time, and kept for one holder in between. */
import { setTimeout as pause } from 'node:timers/promises'
import type { MachineState } from '../machine.ts'
import { type Connection, linkDown } from './connection.ts'
import type { GuardCore } from './core.ts'
import { holdIfMoving } from './hold-and-stop.ts'
import { becomeReady } from './identification.ts'
import type { JobRun } from './job-run.ts'
import { ownLimit } from './own-timeout.ts'
import { connectionOf, type Phase, runOf, type Work, type WorkKind, workOf } from './phase.ts'
import { beforeEnd, beforeStart, busy, heldBy, leaseStale, notIdle } from './refusals.ts'

/** What a piece of work may look at and must ask. */
export interface WorkAtHand {
  connection: Connection
  token: number
  /** It still has the machine: it was not stopped, the link is not lost. */
  hasMachine(): boolean
  /** Nobody asked for a hold, a stop or a resume since it began, and it still has the machine. */
  isCurrent(): boolean
  /** @throws UserError `stopped` unless {@link isCurrent}: before every line that moves something */
  check(): void
}

/** A piece of work that somebody asks for. */
export interface WorkAsked {
  what: WorkKind
  by: string
  lease?: number | undefined
  /** The program that waits has asked for it itself. */
  within?: JobRun
}

/**
 * Gives the machine to one piece of work, and takes it back however that ends. A program that waits for a person lends it.
 */
export async function work<T>(core: GuardCore, { what, by, lease, within }: WorkAsked, act: (at: WorkAtHand) => Promise<T>): Promise<T> {
  const connection = await freeSoon(core, lease, within)
  const token = core.tokens.next()
  const mine: Work = { what, by, token, under: lease }
  const run = core.phase.kind === 'job' ? core.phase.run : undefined
  if (run && what === 'homing') throw busy(core.phase)
  const phase: Phase = run ? { kind: 'job', connection, run, aside: mine } : { kind: 'working', connection, ...mine }
  core.phase = phase
  core.view.changed()
  try {
    return await act(workAtHand(core, { connection, token, hasMachine: () => core.phase === phase && connection.isOpen }))
  } finally {
    if (core.phase === phase) {
      if (isOver(core, connection)) release(core, connection, run)
      // it goes on after a hold, or brakes: until then it is nobody else's
      else releaseWhenOver(core, phase, connection, run)
    }
  }
}

/** Work that begins now, for one who has the machine. */
function workAtHand(core: GuardCore, { connection, token, hasMachine }: Pick<WorkAtHand, 'connection' | 'token' | 'hasMachine'>): WorkAtHand {
  const wish = core.wish
  const isCurrent = () => hasMachine() && core.wish === wish
  return {
    connection,
    token,
    hasMachine,
    isCurrent,
    check() {
      if (!isCurrent()) throw beforeEnd()
    },
  }
}

/** Nothing of it is left in the controller. A hold keeps what will go on after it. */
function isOver(core: GuardCore, connection: Connection): boolean {
  const { state } = core.view.status
  if (connection.outstandingCount > 0) return false
  return state === 'alarm' || (core.hold.kind === 'none' && ['idle', 'check', 'sleep', 'tool'].includes(state))
}

function release(core: GuardCore, connection: Connection, run: JobRun | undefined): void {
  if (core.areReportsUnclear && !run) {
    becomeReady(core, connection)
    return
  }
  core.phase = run ? { kind: 'job', connection, run } : { kind: 'ready', connection }
  core.poller?.now()
  core.view.changed()
}

async function releaseWhenOver(core: GuardCore, phase: Phase, connection: Connection, run: JobRun | undefined): Promise<void> {
  while (core.phase === phase) {
    await core.freshReport()
    if (core.phase !== phase) return
    if (isOver(core, connection)) return release(core, connection, run)
    await pause(core.timings.pollWaitingMs)
  }
}

/**
 * The connection of a machine that nobody uses; waits a moment for a controller that is just being asked something, and for
 * a jog that is just ending.
 * @param lease of the one who asks
 * @throws UserError `machine-busy`, `lease-stale`, `machine-not-idle`, `stopped-before-start`, OperationalError `link-down`
 */
export async function freeSoon(core: GuardCore, lease?: number, within?: JobRun): Promise<Connection> {
  if (!within) mayUse(core, lease)
  const { wish, breaks } = core
  const limit = ownLimit(core.timings.identifyMs)
  const isQuiet = () => ['idle', 'alarm', 'unknown'].includes(core.view.status.state)
  const isEnding = () => {
    const mine = workOf(core.phase)
    return mine?.what === 'reading' || (mine?.what === 'jogging' && core.jog?.isEnding !== false)
  }
  const isSoonFree = () => (core.phase.kind === 'identifying' && isQuiet()) || isEnding()
  while (isSoonFree() && !limit.isOver) await pause(10)
  limit.end()
  if (core.wish !== wish) throw beforeStart('A hold or stop was asked for meanwhile')
  if (core.breaks !== breaks) throw beforeStart('The controller restarted or the link was lost meanwhile. Look at the machine first')
  if (!within) mayUse(core, lease)
  return free(core, within)
}

/** @throws UserError `machine-busy` while somebody else keeps the machine, `lease-stale` for a lease that is over */
export function mayUse(core: GuardCore, lease: number | undefined): void {
  const { held, phase } = core
  // a program that waits for a person lends the machine to whoever comes
  const isLent = phase.kind === 'job' && phase.run.isAsking
  if (lease === undefined && held && !isLent) throw heldBy(held.holder)
  if (lease !== undefined && held?.token !== lease) throw leaseStale()
}

function free(core: GuardCore, within: JobRun | undefined): Connection {
  const phase = core.phase
  switch (phase.kind) {
    case 'ready':
      if (!phase.connection.isOpen) throw linkDown()
      return phase.connection
    case 'identifying':
      throw notIdle(core.view, 'The controller has not said what it is yet.')
    case 'job':
      // after a line error the rest of the program may still be in the controller
      if (!phase.aside && (phase.run === within || (phase.run.isAsking && phase.run.question?.kind !== 'line-error'))) return phase.connection
      throw busy(phase)
    case 'working':
    case 'stopping':
      throw busy(phase)
    case 'connecting':
    case 'waiting-for-person':
    case 'closed':
      throw linkDown()
    default:
      return phase satisfies never
  }
}

/** @throws UserError `machine-busy`, `machine-not-idle` unless the machine stands without a job */
export function mustBeQuiet(core: GuardCore): void {
  if (core.hasJob || core.phase.kind === 'working') throw busy(core.phase)
  if (connectionOf(core.phase) && core.view.status.state !== 'unknown' && !core.isStanding) throw notIdle(core.view)
}

/**
 * Keeps the machine for one holder, until it is given back or its sign of life fails to come.
 * @throws UserError `machine-busy`
 */
export function takeLease(core: GuardCore, { holder, ttlMs, by }: { holder: string; ttlMs: number; by: string }): { token: number } {
  if (core.held) throw heldBy(core.held.holder)
  const isReading = workOf(core.phase)?.what === 'reading'
  if (core.hasJob || (core.phase.kind === 'working' && !isReading) || core.phase.kind === 'stopping') throw busy(core.phase)
  const token = core.tokens.next()
  core.held = { holder, token, ttlMs, endsAt: performance.now() + ttlMs, timer: setTimeout(() => expire(core, token), ttlMs) }
  core.journal.append({ kind: 'lease', what: 'taken', token, holder, by })
  core.view.changed()
  return { token }
}

/** @throws UserError `lease-stale` */
export function beatLease(core: GuardCore, token: number): void {
  const { held } = core
  if (held?.token !== token) throw leaseStale()
  clearTimeout(held.timer)
  // after a sleep of this process old beats are read before the timer runs
  if (performance.now() > held.endsAt) expire(core, token)
  if (core.held !== held) throw leaseStale()
  held.endsAt = performance.now() + held.ttlMs
  held.timer = setTimeout(() => expire(core, token), held.ttlMs)
}

/** Gives the machine back; a token of an older lease does nothing. Work that is under way goes on to its end. */
export function dropLease(core: GuardCore, token: number): void {
  const { held } = core
  if (held?.token !== token) return
  clearTimeout(held.timer)
  core.held = undefined
  core.journal.append({ kind: 'lease', what: 'dropped', token, holder: held.holder })
  core.view.changed()
}

/** Nobody is there for what moves under it any more: it is held, and nothing goes on by itself. */
function expire(core: GuardCore, token: number): void {
  const { held, phase } = core
  if (held?.token !== token) return
  core.held = undefined
  core.journal.append({ kind: 'lease', what: 'expired', token, holder: held.holder })
  const why = `no sign of life from ${held.holder}, who had the machine`
  const run = runOf(phase)
  if (workOf(phase)?.under === token) holdIfMoving(core, why)
  else if (run?.request.lease === token) {
    if (!run.hasStarted) run.abort.abort(leaseStale())
    holdIfMoving(core, why)
  }
  core.view.changed()
}

/** For those who watch. */
export function leaseShown(core: GuardCore): MachineState['lease'] {
  const { held, phase } = core
  if (held) {
    const until = new Date(Date.now() + Math.max(0, held.endsAt - performance.now())).toISOString()
    return { kind: 'held', holder: held.holder, token: held.token, until }
  }
  const run = runOf(phase)
  if (run) return { kind: 'job', holder: run.request.by, token: run.token }
  if (phase.kind === 'working') return { kind: phase.what === 'jogging' ? 'jog' : 'work', holder: phase.by, token: phase.token }
  return undefined
}
