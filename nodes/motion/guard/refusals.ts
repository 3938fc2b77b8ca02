/** Why something is not done now, in words a person can act on. */
import { UserError } from '../../../base/errors.ts'
import { type Dialect, errorText } from '../grbl/index.ts'
import type { ControllerState } from '../machine.ts'
import { stateText } from './event.ts'
import type { MachineView } from './machine-view.ts'
import { type Phase, runOf } from './phase.ts'

export function busy(phase: Phase): UserError {
  const run = runOf(phase)
  const what = run ? `program ${run.request.programName} has it` : phase.kind === 'stopping' ? 'it is being stopped' : 'something else is running on it'
  return new UserError({ code: 'machine-busy', message: `The machine is busy: ${what}. Wait until it has ended, or stop it.`, status: 409 })
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
export function answerText(code: number, dialect: Dialect): string {
  const { text, whatToDo } = errorText(code, dialect)
  return `${text} (error:${code}). ${whatToDo}`
}

/** What ends a job of which nothing was sent yet. @param why without a full stop */
export function beforeStart(why: string): UserError {
  return new UserError({ code: 'stopped-before-start', message: `Nothing was started: ${why}.`, status: 409 })
}
