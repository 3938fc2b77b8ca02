/** The slow move that HOLD and STOP are tried on: where there is room, long enough to press in, slow enough to be harmless. */
import type { MachineView } from '../../../server/api/machines.ts'

export const TEST_AXES = ['X', 'Y', 'Z'] as const
export type TestAxis = (typeof TEST_AXES)[number]

export interface TestMove {
  axis: TestAxis
  /** Signed. */
  byMm: number
  feedMmPerMin: number
}

/** A person needs time to look up and press. */
const WANTED_S = 10
const LONGEST_MM = 100
/** Stays away from the ends of the travel by this much. */
const MARGIN_MM = 2

/** How far an axis may go from where it stands, to both sides; nothing where its place is not known. */
export function roomOf({ envelopeMm, state }: Pick<MachineView, 'envelopeMm' | 'state'>, axis: TestAxis): { minus: number; plus: number } {
  const index = TEST_AXES.indexOf(axis)
  const at = state?.machinePositionMm[index]
  if (at === undefined) return { minus: 0, plus: 0 }
  return {
    minus: Math.max(0, at - (envelopeMm.min[index] ?? at) - MARGIN_MM),
    plus: Math.max(0, (envelopeMm.max[index] ?? at) - at - MARGIN_MM),
  }
}

/** The longer way of the two, at most 100 mm, in about ten seconds. */
export function suggestMove(machine: Pick<MachineView, 'envelopeMm' | 'state'>, axis: TestAxis = 'X'): TestMove {
  const { minus, plus } = roomOf(machine, axis)
  const byMm = Math.floor(Math.min(LONGEST_MM, Math.max(minus, plus))) * (plus >= minus ? 1 : -1)
  const fastest = machine.state?.abilities?.maxRateMmPerMin[TEST_AXES.indexOf(axis)] ?? 1000
  return { axis, byMm, feedMmPerMin: Math.max(10, Math.min(fastest / 2, Math.round((Math.abs(byMm) * 60) / WANTED_S / 10) * 10)) }
}

export const secondsOf = ({ byMm, feedMmPerMin }: TestMove) => (Math.abs(byMm) / feedMmPerMin) * 60

/** How one try goes on. Times are milliseconds of this browser's clock. */
export type Trial =
  | { phase: 'ready' }
  | { phase: 'moving'; kind: 'hold' | 'stop'; move: TestMove; from: number; startedAt: number; hasMoved: boolean; pressedAt: number | undefined }
  | { phase: 'ask'; kind: 'hold' | 'stop'; move: TestMove; standsAfterMs: number; travelledMm: number; isPositionTrusted: boolean }
  /** The move was over before anybody pressed. */
  | { phase: 'missed'; kind: 'hold' | 'stop' }
  | { phase: 'wrong-button'; kind: 'hold' | 'stop' }
  | { phase: 'failed'; kind: 'hold' | 'stop'; message: string }

export type TrialEvent =
  | { type: 'start'; kind: 'hold' | 'stop'; move: TestMove; from: number; at: number }
  | { type: 'press'; kind: 'hold' | 'stop'; at: number }
  | { type: 'report'; positionMm: number; isStanding: boolean; isMoving: boolean; isPositionTrusted: boolean; at: number }
  /** The request for the move was answered. */
  | { type: 'answered'; error: string | undefined }
  | { type: 'reset' }

export function trialAfter(trial: Trial, event: TrialEvent): Trial {
  switch (event.type) {
    case 'reset':
      return { phase: 'ready' }
    case 'start':
      return { phase: 'moving', kind: event.kind, move: event.move, from: event.from, startedAt: event.at, hasMoved: false, pressedAt: undefined }
    case 'press':
      if (trial.phase !== 'moving' || trial.pressedAt !== undefined) return trial
      return event.kind === trial.kind ? { ...trial, pressedAt: event.at } : { phase: 'wrong-button', kind: trial.kind }
    case 'answered':
      if (trial.phase !== 'moving' || trial.pressedAt !== undefined) return trial
      return event.error === undefined ? { phase: 'missed', kind: trial.kind } : { phase: 'failed', kind: trial.kind, message: event.error }
    case 'report': {
      if (trial.phase !== 'moving') return trial
      const hasMoved = trial.hasMoved || event.isMoving || Math.abs(event.positionMm - trial.from) > 0.05
      if (trial.pressedAt === undefined || !hasMoved || event.isMoving || !event.isStanding) return { ...trial, hasMoved }
      return {
        phase: 'ask',
        kind: trial.kind,
        move: trial.move,
        standsAfterMs: event.at - trial.pressedAt,
        travelledMm: Math.abs(event.positionMm - trial.from),
        isPositionTrusted: event.isPositionTrusted,
      }
    }
    default:
      return event satisfies never
  }
}
