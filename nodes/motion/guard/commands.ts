/** What a person asks of a machine without a job: one line, homing, unlock. */
import { setTimeout as pause } from 'node:timers/promises'
import { messageOf, OperationalError, UserError } from '../../../base/errors.ts'
import { type Command, checkCommand, readCommand } from './command-line.ts'
import type { RequestAnswer } from './connection.ts'
import type { GuardCore } from './core.ts'
import { describeMessage } from './event.ts'
import { leaveCriticalAlarm } from './hold-and-stop.ts'
import type { Asker } from './holders.ts'
import { readSettingsAgain } from './identification.ts'
import { mayUse, type WorkAtHand, work } from './lease.ts'
import { notIdle, notSupported } from './refusals.ts'

/**
 * Sends one line and waits until the machine stands again.
 * @returns `ok` or the error in words, after what the controller said before it
 */
export async function sendCommand(core: GuardCore, raw: string, asker: Asker): Promise<{ answer: string }> {
  const command = readCommand(raw, core.facts().maxLineLength)
  if (command.kind === 'home') await home(core, asker)
  else if (command.kind === 'unlock') await unlock(core, asker)
  else return { answer: await work(core, { what: 'command', ...asker }, (at) => send(core, at, command, asker)) }
  return { answer: 'ok' }
}

/**
 * Runs the homing cycle to its end.
 * @param axes one cycle each, in this order, where the controller can; all together when absent
 * @throws UserError `machine-busy`, `machine-not-idle`, `interlock-open`, `not-supported`; OperationalError `homing-failed`
 */
export async function home(core: GuardCore, asker: Asker, axes?: readonly string[]): Promise<void> {
  const { by, lease } = asker
  mayUse(core, lease)
  core.interlocks.mustBeSafe()
  core.asked({ what: 'home', by, text: axes?.join(''), lease })
  await leaveCriticalAlarm(core)
  await work(core, { what: 'homing', ...asker }, async (at) => {
    await core.freshReport()
    const { state } = core.view.status
    if (state !== 'idle' && state !== 'alarm') throw notIdle(core.view)
    core.interlocks.mustBeSafe()
    const lines = axes?.length ? singleAxes(core, axes) : ['$H']
    for (const line of lines) await homeWith(core, at, line)
    if (!axes?.length || core.facts().axes.every((letter) => axes.includes(letter))) core.setTrust(true, '')
    await core.freshReport()
  })
}

async function homeWith(core: GuardCore, at: WorkAtHand, line: string): Promise<void> {
  const homing = at.connection.request(line)
  // an alarm that came with the last report has locked it: the line was not sent
  if (!core.view.isLocked) core.view.presumeState('home')
  const answer = await homing.catch((error) => {
    const { alarm } = core.view
    const why = alarm && alarm.code > 0 ? `${alarm.facts.text}. ${alarm.facts.whatToDo}` : messageOf(error)
    throw new OperationalError({ code: 'homing-failed', message: `Homing did not come to its end: ${why}`, cause: error })
  })
  if (answer.isOk) {
    // grbl 1.1 answers a cycle that failed with ALARM:n, then `ok`, then its banner (system.c, limits.c): only its state tells
    await core.freshReport()
    if (core.view.status.state !== 'alarm') return
    const { alarm } = core.view
    const why = alarm ? ` ${alarm.facts.text}. ${alarm.facts.whatToDo}` : ''
    throw new OperationalError({ code: 'homing-failed', message: `Homing did not come to its end.${why}` })
  }
  core.poller?.now()
  throw new OperationalError({ code: 'homing-failed', message: `The controller did not home: ${core.answerText(answer)}` })
}

/** Grbl 1.1 in builds with `H` only; grblHAL by bit 1 of `$22`; FluidNC always (doc/markdown/commands.md; grblHAL settings.h; FluidNC ProcessSettings.cpp). */
function singleAxes(core: GuardCore, axes: readonly string[]): string[] {
  const { facts, settings } = core.identified()
  const mask = Number.parseInt(settings.all.get(22) ?? '0', 10)
  const can = facts.dialect === 'fluidnc' || (facts.dialect === 'grblhal' ? (mask & 2) === 2 : facts.optionLetters.includes('H'))
  if (!can) throw notSupported('This controller homes all its axes together. Home without naming axes.')
  const unknown = axes.find((axis) => !facts.axes.includes(axis))
  if (unknown) throw notSupported(`This machine has no axis ${unknown}; it has ${facts.axes.join(', ')}.`)
  return axes.map((axis) => `$H${axis}`)
}

/** Leaves an alarm (`$X`), with a reset first where the alarm asks for one. Moves nothing. */
export async function unlock(core: GuardCore, asker: Asker): Promise<void> {
  mayUse(core, asker.lease)
  core.asked({ what: 'unlock', ...asker })
  await leaveCriticalAlarm(core)
  if (await unlockOnce(core, asker)) return
  // the alarm is a critical one that was not heard
  core.view.presumeLocked()
  await leaveCriticalAlarm(core)
  if (!(await unlockOnce(core, asker))) throw notUnlocked('It answers nothing, though it was reset.')
}

/** grblHAL's answer to nearly everything in a critical alarm (errors.h). */
const NOT_WHILE_CRITICAL = 79

/** @returns false where only a reset is heard */
function unlockOnce(core: GuardCore, asker: Asker): Promise<boolean> {
  return work(core, { what: 'unlocking', ...asker }, async ({ connection }) => {
    const answer = await connection.request('$X').catch((error) => {
      if (error instanceof OperationalError && error.code === 'no-answer' && core.view.status.state === 'alarm') return undefined
      throw error
    })
    if (!answer || (!answer.isOk && answer.code === NOT_WHILE_CRITICAL)) return false
    if (!answer.isOk) throw notUnlocked(core.answerText(answer))
    await core.freshReport()
    const restore = core.restoreAfterUnlock
    core.restoreAfterUnlock = []
    if (core.view.status.state !== 'idle') return true
    for (const line of restore) await connection.request(line)
    if (core.identity) await core.readMemory(connection, core.identity)
    return true
  })
}

function notUnlocked(why: string): UserError {
  return new UserError({ code: 'controller-refused', message: `The controller was not unlocked: ${why}`, status: 409 })
}

async function send(core: GuardCore, at: WorkAtHand, command: Exclude<Command, { kind: 'home' | 'unlock' }>, { by, lease }: Asker): Promise<string> {
  core.asked({ what: 'command', by, text: command.line.text, lease })
  const { connection } = at
  await core.freshReport()
  const { state } = core.view.status
  const isGcode = command.kind === 'jog' || command.kind === 'gcode'
  if (state !== 'idle' && (isGcode || state !== 'alarm')) throw notIdle(core.view)
  if (!isGcode) {
    const answer = await connection.request(command.line.text)
    if (command.kind === 'setting' && answer.isOk) await readSettingsAgain(core, connection)
    return told(core, [answer])
  }
  const checked = checkCommand(command, await core.machineModel(connection))
  if (checked.mayMove) core.interlocks.mustBeSafe()
  const answers: RequestAnswer[] = []
  for (const line of checked.lines) {
    at.check()
    const answer = await connection.request(line)
    answers.push(answer)
    if (!answer.isOk) break
  }
  await runOut(core, at)
  return told(core, answers)
}

/** What came before the answers, and the last answer in words. */
function told(core: GuardCore, answers: readonly RequestAnswer[]): string {
  const last = answers.at(-1)
  const words = last === undefined || last.isOk ? 'ok' : core.answerText(last)
  return [...answers.flatMap(({ messages }) => messages.flatMap(describeMessage)), words].join('\n')
}

/** Waits until what was sent is done, through a hold as well, and reads what it changed. */
async function runOut(core: GuardCore, at: WorkAtHand): Promise<void> {
  for (;;) {
    await core.freshReport()
    if (!at.hasMachine()) return
    const { state } = core.view.status
    if (state === 'idle' && core.identity) {
      await core.readMemory(at.connection, core.identity)
      return
    }
    if (state === 'alarm' || state === 'check' || state === 'sleep') return
    await pause(core.timings.pollWaitingMs)
  }
}
