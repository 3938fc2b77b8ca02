/** Hold, stop and resume: the byte goes out first, whatever it means for the job is worked out behind it. */

import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from './connection.ts'
import type { GuardCore } from './core.ts'
import { becomeReady } from './identification.ts'
import { endJobSoon } from './job-end.ts'
import { connectionOf, MOVES, type Phase, runOf, type StopPurpose, workOf } from './phase.ts'
import { beforeStart, busy } from './refusals.ts'
import { resumeMachine } from './resume.ts'
import { runStop } from './stop-control.ts'

/** Writes `!` and feeds nothing more; while it homes, it is stopped. @throws OperationalError `link-down` */
export function hold(core: GuardCore, by: string): { sentAt: string } {
  const connection = core.connected()
  connection.realtime('feedHold')
  const sentAt = new Date().toISOString()
  // a homing controller obeys nothing but a reset (grbl 1.1 protocol.c)
  if (isHoming(core)) {
    stopFor(core, connection, { kind: 'person', by, isHard: false })
    core.asked({ what: 'hold', by, text: 'a stop, since it homes' })
    core.journal.syncSoon()
    return { sentAt }
  }
  core.wish += 1
  core.setHold({ kind: 'asked', reports: 0 })
  if (core.phase.kind === 'job') {
    const { run } = core.phase
    run.isPaused = true
    if (!run.hasStarted) run.abort.abort(beforeStart('A hold was asked for before the first line was sent'))
  }
  core.poller?.now()
  core.view.changed()
  core.asked({ what: 'hold', by })
  core.journal.syncSoon()
  return { sentAt }
}

/**
 * Soft: `!`, seen standing, 0x18, banner, verdict. Hard: 0x18 at once. Answers when the first byte went out.
 * @throws OperationalError `link-down`
 */
export function stop(core: GuardCore, by: string, isHard: boolean): { sentAt: string } {
  const connection = core.connected()
  if (!isHard) connection.realtime('feedHold')
  stopFor(core, connection, { kind: 'person', by, isHard })
  const sentAt = new Date().toISOString()
  core.asked({ what: isHard ? 'hard stop' : 'stop', by })
  core.journal.syncSoon()
  return { sentAt }
}

/** @throws UserError `not-held`, OperationalError `link-down`, `resume-failed` */
export async function resume(core: GuardCore, by: string): Promise<void> {
  const connection = core.connected()
  core.interlocks.mustBeSafe()
  core.wish += 1
  const wish = core.wish
  core.asked({ what: 'resume', by })
  await letGoOn(core, connection, () => core.wish === wish && core.phase.kind !== 'stopping')
}

/**
 * Takes a machine out of a hold: never over a hold or stop that is asked for meanwhile, never with an interlock open.
 * @throws UserError `not-held`, `interlock-open`; OperationalError `link-down`, `resume-failed`
 */
export async function letGoOn(core: GuardCore, connection: Connection, isCurrent: () => boolean): Promise<void> {
  const wish = core.wish
  core.resuming += 1
  try {
    await resumeMachine({
      connection,
      status: () => core.view.status,
      freshReport: () => core.freshReport(),
      isCurrent() {
        core.interlocks.mustBeSafe()
        return core.wish === wish && isCurrent() && connection.isOpen
      },
      brakingMs: core.brakingMs(),
      pollMs: core.timings.pollWaitingMs,
    })
  } finally {
    core.resuming -= 1
  }
}

/**
 * It must not move (any more): what moves is held, and what was about to begin does not begin. Safe to ask for again and
 * again; a machine that stands with nothing under way is left alone.
 */
export function holdIfMoving(core: GuardCore, why: string): void {
  const { phase } = core
  // a stop that is under way goes further than a hold
  if (phase.kind === 'stopping' || !connectionOf(phase)?.isOpen) return
  // what has several steps takes no further one, and no resume is carried on with
  core.wish += 1
  const run = runOf(phase)
  if (run && !run.hasStarted) run.abort.abort(beforeStart(`The machine is not to move (${why})`))
  // a program that waits has nothing in the controller, and looks at everything again before it goes on
  const isWaiting = run?.isAsking === true && workOf(phase) === undefined
  // what it stands by is the last report: a line that has gone out since, or a `~`, does not show there
  const mayBegin = (run?.hasStarted === true && !isWaiting) || MOVES[workOf(phase)?.what ?? 'reading'] || core.resuming > 0
  const needsNoSecond = core.hold.kind === 'seen' && core.resuming === 0
  if (core.isStanding && (needsNoSecond || !mayBegin)) return
  hold(core, why)
}

/** By its report, which Grbl gives none of meanwhile, or by what was asked for. */
function isHoming(core: GuardCore): boolean {
  return core.view.status.state === 'home' || (core.phase.kind === 'working' && core.phase.what === 'homing')
}

/** Resets a controller that answers nothing else, and waits until it has said again what it is. @throws UserError `machine-busy` */
export async function leaveCriticalAlarm(core: GuardCore): Promise<void> {
  if (!core.view.isLocked) return
  const connection = core.connected()
  if (core.phase.kind === 'job' || core.phase.kind === 'working') throw busy(core.phase)
  stopFor(core, connection, { kind: 'leave-alarm' })
  if (core.phase.kind === 'stopping') await core.phase.finished.promise
  const giveUpAt = performance.now() + core.timings.identifyMs * 2
  while (core.phase.kind === 'identifying' && performance.now() < giveUpAt) await pause(20)
}

/**
 * Begins a stop, whoever wants it; the caller has written `!` where one belongs before the reset. A stop that is
 * under way takes a person's wish in, nothing else.
 */
export function stopFor(core: GuardCore, connection: Connection, purpose: StopPurpose): void {
  core.wish += 1
  const before = core.phase
  if (before.kind === 'stopping') {
    if (purpose.kind !== 'person') return
    if (before.purpose.kind === 'leave-alarm') before.purpose = purpose
    before.control?.step({ kind: purpose.isHard ? 'hard' : 'again' })
    return
  }
  const { status } = core.view
  const run = runOf(before)
  if (run) run.isPaused = true
  // in any case a reset follows
  connection.discard()
  const phase: Extract<Phase, { kind: 'stopping' }> = { kind: 'stopping', connection, run, control: undefined, purpose, finished: Promise.withResolvers() }
  core.phase = phase
  phase.control = runStop({
    connection,
    situation: {
      isHard: purpose.kind === 'leave-alarm' || (purpose.kind === 'person' && purpose.isHard),
      state: status.state,
      subState: status.subState,
      isLocked: core.view.isLocked,
      unansweredPolls: core.poller?.unanswered ?? 0,
      hasOutstandingLines: connection.outstandingCount > 0,
    },
    brakingMs: core.brakingMs(),
    bannerMs: core.timings.bannerMs,
    repeatMs: core.timings.resetRepeatMs * core.slowness(),
    askStatus: () => core.poller?.now(),
    onFinished: (result) => stopped(core, phase, result),
  })
  run?.abort.abort(beforeStart('The machine was stopped before the first line was sent'))
  core.view.changed()
}

/** A critical alarm answers nothing any more: what waits for an answer is given up, and nothing is asked before a reset. */
export function lockedOut(core: GuardCore, connection: Connection | undefined): void {
  connection?.setLocked(true)
  // nothing is left that could go on, and no report will say so
  core.setHold({ kind: 'none' })
  core.poller?.letGo()
}

function stopped(
  core: GuardCore,
  phase: Extract<Phase, { kind: 'stopping' }>,
  { hasAnswered, isPositionKept }: { hasAnswered: boolean; isPositionKept: boolean },
): void {
  const { purpose, run, connection, finished } = phase
  core.setHold({ kind: 'none' })
  // a critical alarm behind the reset: whatever is asked before the next one would wait for ever
  if (core.view.isLocked) lockedOut(core, connection)
  let verdict = core.view.isPositionTrusted ? 'The position was kept.' : 'The position was not certain before.'
  if (!hasAnswered) verdict = 'The controller did not answer the reset. If the machine moves, use its emergency stop; then check the link.'
  else if (!isPositionKept) verdict = 'The controller was reset before it was seen standing, so the position may be lost. Home it before anything else moves.'
  if (!isPositionKept) core.setTrust(false, verdict)
  if (!hasAnswered) {
    core.view.presumeNothing()
    core.event('message', verdict)
  }
  if (core.identity && hasAnswered && !core.areReportsUnclear) core.phase = { kind: 'ready', connection }
  else becomeReady(core, connection)
  if (run) {
    const place = `at line ${run.currentLine} of the file`
    if (purpose.kind === 'job-failed') endJobSoon(core, run, 'failed', `${purpose.text} The machine was stopped ${place}. ${verdict}`)
    else endJobSoon(core, run, 'stopped', `Stopped${purpose.kind === 'person' ? ` by ${purpose.by}` : ''} ${place}. ${verdict}`)
  }
  finished.resolve()
  core.view.changed()
}
