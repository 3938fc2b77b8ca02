/** Hold, stop and resume over linuxcncrsh: the order goes out first, what it means is worked out behind it. */
import { setTimeout as pause } from 'node:timers/promises'
import { OperationalError } from '../../../../base/errors.ts'
import { lockOf } from '../../linuxcnc/index.ts'
import { stateText } from '../event.ts'
import type { InterlockState } from '../interlocks.ts'
import { MOVES } from '../phase.ts'
import { beforeStart, notHeld } from '../refusals.ts'
import type { LinuxcncCore } from './core.ts'
import { endRun } from './job-end.ts'
import type { LinuxcncTalk } from './talk.ts'

/** A stop is given so many looks, however long ago it was asked for: this process may have slept. */
const LOOKS_AT_STOP = 4

/** Holds that wait to be seen, in looks that began behind the order: what is not held when the time is over is aborted. */
const holds = new WeakMap<LinuxcncCore, { until: number; looks: number }>()

/**
 * Pauses a program; a jog is ended and a homing aborted, since neither can be paused.
 * @throws OperationalError `link-down`
 */
export function hold(core: LinuxcncCore, by: string): { sentAt: string } {
  const talk = core.connected()
  const { state } = core.controller
  const { phase } = core
  if (state === 'home' || (phase.kind === 'working' && phase.what === 'homing')) talk.say('SET ABORT')
  else {
    talk.say('SET PAUSE')
    if (state === 'jog' || (phase.kind === 'working' && phase.what === 'jogging')) for (const axis of axisNames(core)) talk.say(`SET JOG_STOP ${axis}`)
  }
  const sentAt = new Date().toISOString()
  core.wish += 1
  core.jog = undefined
  // a look that is under way began before the order
  holds.set(core, { until: performance.now() + core.brakingMs, looks: core.looks + 2 })
  if (core.run && !core.run.hasStarted) core.run.abort.abort(beforeStart('A hold was asked for before the program was started'))
  core.journal.append({ kind: 'request', what: 'hold', by })
  core.journal.syncSoon()
  core.changed()
  return { sentAt }
}

/** Letters where axes are jogged, numbers where joints are: both are told, one of them is refused. */
function axisNames(core: LinuxcncCore): string[] {
  const letters = core.greeting?.facts.axes ?? ['X', 'Y', 'Z']
  return [...letters, ...letters.map((_, joint) => String(joint))]
}

/**
 * Aborts: LinuxCNC brakes and knows where it stands. Hard: the emergency stop of LinuxCNC, which cuts the drives' power.
 * @throws OperationalError `link-down`
 */
export function stop(core: LinuxcncCore, by: string, isHard: boolean): { sentAt: string } {
  const talk = core.connected()
  if (isHard) talk.say('SET ESTOP ON')
  talk.say('SET ABORT')
  const sentAt = new Date().toISOString()
  core.wish += 1
  core.jog = undefined
  holds.delete(core)
  const { phase } = core
  const { run } = core
  if (run && !run.hasStarted) run.abort.abort(beforeStart('The machine was stopped before the program was started'))
  if (phase.kind === 'stopping') phase.isHard ||= isHard
  else {
    core.phase = {
      kind: 'stopping',
      talk,
      run: run?.hasStarted ? run : undefined,
      by,
      isHard,
      giveUpAt: performance.now() + core.brakingMs + 1000,
      looks: core.looks,
    }
    // looks from before the order say nothing
    core.stillLooks = -1
  }
  core.journal.append({ kind: 'request', what: isHard ? 'hard stop' : 'stop', by })
  core.journal.syncSoon()
  core.changed()
  return { sentAt }
}

/** Goes on with a stop or hold after every look. */
export function followStop(core: LinuxcncCore, lookAgain: () => void): void {
  followHold(core)
  const { phase } = core
  if (phase.kind !== 'stopping') return
  const { state } = core.controller
  const hasStopped = core.stillLooks >= 1 && state !== 'run' && state !== 'hold' && state !== 'unknown'
  if (!hasStopped && (performance.now() < phase.giveUpAt || core.looks < phase.looks + LOOKS_AT_STOP)) {
    lookAgain()
    return
  }
  let verdict = core.isPositionTrusted ? 'LinuxCNC braked and knows its position.' : 'Its position was not certain before.'
  if (!hasStopped) verdict = 'LinuxCNC was not seen standing after the abort. If the machine moves, use its emergency stop.'
  else if (phase.isHard) {
    verdict = 'The drives were switched off in motion, so the position may be lost. Home it before anything else moves.'
    core.setTrust(false, verdict)
  }
  if (!hasStopped) core.event('message', verdict)
  core.phase = { kind: 'ready', talk: phase.talk }
  const { run } = phase
  if (run) endRun(core, run, phase.text ? 'failed' : 'stopped', `${phase.text ?? `Stopped by ${phase.by}`} at line ${run.currentLine}. ${verdict}`)
  core.changed()
}

function followHold(core: LinuxcncCore): void {
  const asked = holds.get(core)
  if (!asked || core.looks < asked.looks) return
  const { state } = core.controller
  const isOver = state === 'hold' || state === 'alarm' || (state === 'idle' && core.stillLooks >= 1)
  if (isOver) holds.delete(core)
  else if (performance.now() > asked.until && state !== 'unknown') {
    holds.delete(core)
    // fail to hold: what cannot be paused is aborted
    stop(core, 'the guard, as the hold did not take', false)
  }
}

/** @throws UserError `not-held`, `interlock-open`, OperationalError `link-down`, `resume-failed` */
export async function resume(core: LinuxcncCore, by: string, fresh: () => Promise<void>): Promise<void> {
  const talk = core.connected()
  core.wish += 1
  const { wish } = core
  core.journal.append({ kind: 'request', what: 'resume', by })
  const isCurrent = () => core.wish === wish && core.phase.kind !== 'stopping' && talk.isOpen
  const giveUpAt = performance.now() + core.brakingMs
  await fresh()
  while (isCurrent() && core.controller.state === 'hold' && core.isMoving && performance.now() < giveUpAt) await fresh()
  if (!isCurrent() || core.controller.state !== 'hold') throw notHeld(core.controller)
  core.interlocks.mustBeSafe()
  holds.delete(core)
  core.resuming += 1
  try {
    await goOn(core, talk, isCurrent, fresh)
  } finally {
    core.resuming -= 1
  }
}

async function goOn(core: LinuxcncCore, talk: LinuxcncTalk, isCurrent: () => boolean, fresh: () => Promise<void>): Promise<void> {
  if (core.greeting?.facts.isModern) {
    // the rewrite of 2026 refuses RESUME unless it may wait for it (emcrsh.cc setResume); the mode goes back behind it at once
    talk.say('SET WAIT_MODE DONE')
    talk.say('SET RESUME')
    await talk.say('SET WAIT_MODE RECEIVED')
  } else await talk.set('RESUME')
  for (let looks = 0; looks < 10; looks += 1) {
    await fresh()
    if (core.controller.state !== 'hold' || !isCurrent()) return
    await pause(core.timings.pollWaitingMs / 2)
  }
  throw new OperationalError({ code: 'resume-failed', message: 'LinuxCNC stays in pause. Look at the machine and at what LinuxCNC shows there.' })
}

/**
 * It must not move (any more): what moves is held, and what was about to begin does not begin. Safe to ask for again and
 * again; a machine that stands with nothing under way is left alone.
 */
export function holdIfMoving(core: LinuxcncCore, why: string): void {
  const { phase, run } = core
  if (phase.kind === 'stopping' || !core.talk?.isOpen || core.looks === 0) return
  // what has several steps takes no further one, and no resume is carried on with
  core.wish += 1
  if (run && !run.hasStarted) run.abort.abort(beforeStart(`The machine is not to move (${why})`))
  const { state } = core.controller
  const isQuiet = !core.isMoving && (state === 'idle' || state === 'alarm' || state === 'hold')
  // the last look does not show an order that has gone out since
  const mayBegin = (run?.hasStarted === true && state !== 'hold') || (phase.kind === 'working' && MOVES[phase.what]) || core.resuming > 0
  if (isQuiet && !mayBegin) return
  if (state === 'hold' && core.resuming === 0) return
  hold(core, why)
}

/** What follows from an interlock that is not safe any more. */
export function watchInterlocks(core: LinuxcncCore): void {
  core.interlocks.onChange = ({ id, name, whenUnsafe }, state) => {
    if (state !== 'safe' && whenUnsafe === 'hold') holdIfMoving(core, because(name, state))
    core.journal.append({ kind: 'interlock', id, state })
    core.event('interlock', `"${name}" is ${WORDS[state]}.`)
    core.changed()
  }
}

/** Something of ours moves all the same, set going at LinuxCNC's own screen perhaps: looked for in every look. */
export function holdIfUnsafe(core: LinuxcncCore): void {
  const { phase } = core
  const { state } = core.controller
  if (holds.has(core) || (state !== 'run' && state !== 'jog' && state !== 'home')) return
  if (phase.kind !== 'job' && phase.kind !== 'working') return
  const open = core.interlocks.open().find(({ interlock }) => interlock.whenUnsafe === 'hold')
  if (open) holdIfMoving(core, because(open.interlock.name, open.state))
}

const WORDS: Record<InterlockState, string> = { safe: 'safe', unsafe: 'not safe', unknown: 'not known any more' }
const because = (name: string, state: InterlockState) => `the interlock "${name}", which is ${WORDS[state]}`

/** Why nothing may be begun now, in words. */
export function stateWords(core: LinuxcncCore): string {
  const lock = lockOf(core.status)
  return core.looks > 0 && lock ? `${lock.text}. ${lock.whatToDo}` : stateText(core.controller.state)
}
