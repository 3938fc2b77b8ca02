/** Why something is not done now, in words a person can act on. */
import { UserError } from '../../../base/errors.ts'
import { errorText, type Firmware } from '../grbl/index.ts'
import type { ControllerState } from '../machine.ts'
import { stateText } from './event.ts'
import type { MachineView } from './machine-view.ts'
import { type Phase, runOf, type Work, workOf } from './phase.ts'

export function busy(phase: Phase): UserError {
  const run = runOf(phase)
  const work = workOf(phase)
  const what = work ? workText(work) : run ? `program ${run.request.programName} has it` : 'it is being stopped'
  return new UserError({ code: 'machine-busy', message: `The machine is busy: ${what}. Wait until it has ended, or stop it.`, status: 409 })
}

function workText({ what, by }: Work): string {
  switch (what) {
    case 'homing':
      return `it is being homed for ${by}`
    case 'jogging':
      return `${by} jogs it`
    case 'moving':
      return `it moves for ${by}`
    case 'probing':
      return `it probes for ${by}`
    case 'command':
    case 'unlocking':
    case 'setting':
    case 'reading':
      return `it carries out a command of ${by}`
    default:
      return what satisfies never
  }
}

/** Somebody else keeps the machine between programs. */
export function heldBy(holder: string): UserError {
  return new UserError({
    code: 'machine-busy',
    message: `${holder} has the machine. Ask for it to be given back, or wait until the hold on it ends.`,
    status: 409,
  })
}

export function leaseStale(): UserError {
  return new UserError({
    code: 'lease-stale',
    message: 'The hold on the machine has ended: it was given back, or no sign of life came in time. Take the machine again; nothing was sent.',
    status: 409,
  })
}

/** Something the controller, or the machine as it is set up, does not have. */
export function notSupported(message: string): UserError {
  return new UserError({ code: 'not-supported', message, status: 409 })
}

export function positionNotTrusted(): UserError {
  return new UserError({
    code: 'position-not-trusted',
    message: 'The position of the machine is not certain. Home it first; jogging works meanwhile.',
    status: 409,
  })
}

/** @param special why, where state and alarm do not tell */
export function notIdle(view: MachineView, special?: string): UserError {
  const { alarm, status } = view
  const told = status.state === 'idle' ? special : undefined
  const why = told ?? (alarm ? `${alarm.facts.text}. ${alarm.facts.whatToDo}` : `${stateText(status.state)} Wait until it is idle, or stop it.`)
  return new UserError({ code: 'machine-not-idle', message: `The machine is not idle: ${why}`, status: 409, details: { controller: status.state } })
}

export function notHeld({ state, subState }: { state: ControllerState; subState?: number }): UserError {
  const why =
    state === 'door' && subState === 1
      ? 'its door is open. Close it first.'
      : isBraking(state, subState)
        ? 'it is still braking. Try again in a moment.'
        : `there is no hold to resume from. ${stateText(state)}`
  return new UserError({ code: 'not-held', message: `The machine was not resumed: ${why}`, status: 409 })
}

/** On its way to standing, or (Door:3) on its way back to work. */
export function isBraking(state: ControllerState, subState: number | undefined): boolean {
  return (state === 'hold' && subState === 1) || (state === 'door' && (subState === 2 || subState === 3))
}

/** `error:N` as a sentence. */
export function answerText(code: number, firmware: Firmware): string {
  const { text, whatToDo } = errorText(code, firmware)
  return `${text} (error:${code}). ${whatToDo}`
}

/** What ends a piece of work that was under way. */
export function beforeEnd(): UserError {
  return new UserError({
    code: 'stopped',
    message: 'It was ended before it was done, since a hold, stop or resume was asked for meanwhile. Nothing more of it is sent.',
    status: 409,
  })
}

/** What ends a job of which nothing was sent yet. @param why without a full stop */
export function beforeStart(why: string): UserError {
  return new UserError({ code: 'stopped-before-start', message: `Nothing was started: ${why}.`, status: 409 })
}
