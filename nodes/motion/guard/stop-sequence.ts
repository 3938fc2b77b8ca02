/**
 * The stop: feed hold, seen standing, reset, banner, verdict on the position. Pure: events in, what to do
 * out. There is no fixed wait in it: CNCjs waits 500 ms, gSender 700, bCNC 1000, and a machine that brakes
 * longer loses its position or stays in hold with a full buffer.
 */
import type { StatusReport } from '../grbl/index.ts'
import { isStandingState } from '../grbl/index.ts'
import type { ControllerState } from '../machine.ts'

/** What is known of the reset, for the verdict on the position. */
interface ResetFacts {
  wasStanding: boolean
  wasInAlarm: boolean
  hadAlarm: boolean
}

export type StopState =
  /** `!` is out; waiting for a report that shows it standing. `before`: of a reset that this stop has already made. */
  | { step: 'braking'; reportsToPass: number; before?: ResetFacts }
  /** 0x18 is out; waiting for the banner. `isAskedAgain`: another `!` went out behind it. `repeats`: so often it was written again. */
  | ({ step: 'resetting'; isAskedAgain?: true; repeats?: number } & ResetFacts)
  /** The banner came; waiting for the first report after it. */
  | ({ step: 'verifying' } & ResetFacts)
  | { step: 'done'; isPositionKept: boolean }
  /** No banner came: the controller does not react. */
  | { step: 'failed' }

export type StopEvent =
  | { kind: 'report'; report: StatusReport }
  | { kind: 'alarm' }
  | { kind: 'banner' }
  /** The current step took too long. */
  | { kind: 'deadline' }
  /** A person asks for the reset at once. */
  | { kind: 'hard' }
  /** A person asked for the stop once more, and `!` has been written once more. */
  | { kind: 'again' }

type StopAction = 'write-reset' | 'ask-status'

export interface StopStep {
  state: StopState
  actions: StopAction[]
}

/** What is known when a stop begins; the guard has already written `!` (or, with `hard`, will write 0x18 now). */
export interface StopSituation {
  isHard: boolean
  state: ControllerState
  subState: number | undefined
  /** A critical alarm answers nothing but a reset. */
  isLocked: boolean
  /** `?` on the way: reports for them may be older than the hold. */
  unansweredPolls: number
  /** Lines are in the controller that it has not answered. */
  hasOutstandingLines: boolean
}

const reset = (wasStanding: boolean, wasInAlarm: boolean, before?: ResetFacts): StopStep => ({
  state: {
    step: 'resetting',
    wasStanding: wasStanding && (before?.wasStanding ?? true),
    wasInAlarm: before?.wasInAlarm ?? wasInAlarm,
    hadAlarm: before?.hadAlarm ?? false,
  },
  actions: ['write-reset'],
})

/** The `!` behind a reset holds the controller anew: it must be seen standing and reset once more, or it would stay in hold. */
const brakeAgain = ({ wasStanding, wasInAlarm, hadAlarm }: ResetFacts): StopStep => ({
  state: { step: 'braking', reportsToPass: 1, before: { wasStanding, wasInAlarm, hadAlarm } },
  actions: ['ask-status'],
})

/**
 * For half a second behind `ALARM:n` Grbl waits, and behind a critical one it then throws away a reset that came meanwhile
 * (grbl 1.1 protocol.c, report.c): only another one is heard. Where no alarm was told of, the byte or the alarm may have been lost
 * on the way: it is written once more.
 */
const MOST_REPEATS = 2

export function beginStop(situation: StopSituation): StopStep {
  const { isHard, state, subState, isLocked, unansweredPolls, hasOutstandingLines } = situation
  const isStanding = isStandingState(state, subState) && !(state === 'idle' && hasOutstandingLines)
  // homing obeys nothing but a reset, and a locked controller reports nothing to wait for
  if (isHard || isLocked || state === 'home') return reset(isStanding || isLocked, state === 'alarm' || isLocked)
  return { state: { step: 'braking', reportsToPass: unansweredPolls > 0 ? 1 : 0 }, actions: ['ask-status'] }
}

export function stepStop(state: StopState, event: StopEvent): StopStep {
  const stay: StopStep = { state, actions: [] }
  switch (state.step) {
    case 'braking':
      switch (event.kind) {
        case 'report': {
          const { report } = event
          if (report.state === 'home') return reset(false, false, state.before)
          const isHeld = report.state === 'hold' || report.state === 'door'
          // a report asked for before the `!` may show an idle machine that has begun to move since
          if (state.reportsToPass > 0 && !isHeld) return { state: { ...state, reportsToPass: state.reportsToPass - 1 }, actions: ['ask-status'] }
          return isStandingState(report.state, report.subState) ? reset(true, report.state === 'alarm', state.before) : stay
        }
        case 'alarm':
          return reset(false, true, state.before)
        case 'deadline':
        case 'hard':
          return reset(false, false, state.before)
        case 'again':
          return stay
        case 'banner':
          // it restarted on its own: there is nothing left to reset
          return { state: { step: 'verifying', wasStanding: false, wasInAlarm: false, hadAlarm: false }, actions: ['ask-status'] }
        default:
          return event satisfies never
      }
    case 'resetting':
      switch (event.kind) {
        case 'banner':
          return state.isAskedAgain ? brakeAgain(state) : { state: { ...state, step: 'verifying' }, actions: ['ask-status'] }
        case 'again':
          return { state: { ...state, isAskedAgain: true }, actions: [] }
        case 'alarm':
          return { state: { ...state, hadAlarm: true }, actions: [] }
        case 'deadline': {
          const repeats = (state.repeats ?? 0) + 1
          if (repeats > (state.wasInAlarm || state.hadAlarm ? MOST_REPEATS : 1)) return { state: { step: 'failed' }, actions: [] }
          return { state: { ...state, repeats }, actions: ['write-reset'] }
        }
        case 'hard':
          return { state, actions: ['write-reset'] }
        case 'report':
          return stay
        default:
          return event satisfies never
      }
    case 'verifying':
      switch (event.kind) {
        case 'report':
        case 'deadline': {
          const isNewAlarm = event.kind === 'report' && event.report.state === 'alarm' && !state.wasInAlarm
          return { state: { step: 'done', isPositionKept: state.wasStanding && !state.hadAlarm && !isNewAlarm }, actions: [] }
        }
        case 'alarm':
          return { state: { ...state, hadAlarm: true }, actions: [] }
        case 'hard':
          return { state: { ...state, step: 'resetting' }, actions: ['write-reset'] }
        case 'again':
          return brakeAgain(state)
        case 'banner':
          return stay
        default:
          return event satisfies never
      }
    case 'done':
    case 'failed':
      return stay
    default:
      return state satisfies never
  }
}
