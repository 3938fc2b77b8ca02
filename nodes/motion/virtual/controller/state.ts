/** The states of the firmware, and what each lets happen (grbl 1.1: system.h, protocol.c). */

export type State =
  | { kind: 'idle' }
  /** `isCancelling`: a probe touched and the rest of the move is being thrown away. */
  | { kind: 'run'; isCancelling: boolean }
  /** `isComplete`: Hold:0, the machine stands; otherwise Hold:1, it brakes. */
  | { kind: 'hold'; isComplete: boolean }
  | { kind: 'jog'; isCancelling: boolean; doorPending: boolean }
  /** `retracting`: on its way to the parking place. */
  | { kind: 'door'; phase: 'braking' | 'retracting' | 'ajar' | 'closed' }
  | { kind: 'door'; phase: 'restoring'; secondsLeft: number }
  /** `isLocked`: a critical alarm, in which only a reset is heard. */
  | { kind: 'alarm'; isLocked: boolean }
  | { kind: 'home' }
  | { kind: 'check' }
  | { kind: 'sleep' }
  /** M6 waits for a person (grblHAL). */
  | { kind: 'tool' }

/** The name in a status report. */
export function stateName(state: State): string {
  switch (state.kind) {
    case 'idle':
      return 'Idle'
    case 'run':
      return 'Run'
    case 'hold':
      return state.isComplete ? 'Hold:0' : 'Hold:1'
    case 'jog':
      return 'Jog'
    case 'door':
      return `Door:${{ closed: 0, ajar: 1, braking: 2, retracting: 2, restoring: 3 }[state.phase]}`
    case 'alarm':
      return 'Alarm'
    case 'home':
      return 'Home'
    case 'check':
      return 'Check'
    case 'sleep':
      return 'Sleep'
    case 'tool':
      return 'Tool'
  }
}

/**
 * No line is read, planned or answered. While Hold:1 brakes, lines still are: GRBL suspends its main
 * program only when the hold is complete.
 */
export function isSuspended(state: State): boolean {
  switch (state.kind) {
    case 'hold':
      return state.isComplete
    case 'run':
    case 'jog':
      return state.isCancelling
    case 'alarm':
      return state.isLocked
    case 'door':
    case 'sleep':
    case 'tool':
      return true
    case 'idle':
    case 'home':
    case 'check':
      return false
  }
}

/** A reset now loses the position: the motors are stopped without braking. */
export function isResetLosingPosition(state: State): boolean {
  switch (state.kind) {
    case 'run':
    case 'jog':
    case 'home':
      return true
    case 'hold':
      return !state.isComplete
    case 'door':
      return state.phase === 'braking'
    case 'idle':
    case 'alarm':
    case 'check':
    case 'sleep':
    case 'tool':
      return false
  }
}

/** WCO and Ov are repeated less often in these. */
export function isBusy(state: State): boolean {
  return state.kind === 'home' || state.kind === 'run' || state.kind === 'hold' || state.kind === 'jog' || state.kind === 'door'
}
