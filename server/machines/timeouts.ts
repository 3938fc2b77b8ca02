/** How long the gateway waits for a guard. What moves the machine is waited for as long as it may take. */
import type { MachineAction } from '../../nodes/motion/action.ts'

const MINUTE = 60_000

/** The byte is written at once, the answer follows. */
export const STOP_MS = 3000
/** Answered from the guard's memory, or by one exchange with the controller. */
export const ANSWER_MS = MINUTE
/** A beat that comes later is of no use. */
export const BEAT_MS = 1000
/** A program of gigabytes is read from end to end. */
export const CHECK_MS = 60 * MINUTE

/** How long an action may take. */
export function actionMs(action: MachineAction): number {
  switch (action.kind) {
    case 'home':
      return 10 * MINUTE
    case 'probe':
      // a height map of ten thousand points
      return action.probe.cycle === 'height-map' ? 24 * 60 * MINUTE : 60 * MINUTE
    case 'jog':
    case 'go-to':
      // a long way at a low feed
      return 60 * MINUTE
    case 'line':
      return 60 * MINUTE
    case 'set-here':
    case 'set-offset':
    case 'select-offset':
    case 'clear-g92':
    case 'tool-length':
    case 'override':
    case 'spindle':
    case 'coolant':
    case 'tool-is':
    case 'unlock':
    case 'safety-door':
    case 'reset-parts-count':
      return ANSWER_MS
    default:
      return action satisfies never
  }
}
