/**
 * Notices a controller that forgot where it is although nobody heard its greeting (a line that lost bytes, a port that was
 * flooded): its position is suddenly another one. A report that was spoilt on the way and still reads well says the same, so
 * another one is asked for before it is believed. Pure.
 */
import type { StatusReport } from '../grbl/index.ts'

export interface PositionSeen {
  /** `performance.now()` of the report. */
  atMs: number
  state: StatusReport['state']
  subState: number | undefined
  positionMm: readonly number[]
}

/** Reports can be late by so much, and then come close together. */
const LATE_MS = 500
/** Firmware may be a little faster than it is set to, and rounds. */
const MARGIN = 1.5
const MARGIN_MM = 1
/** Of a position that did not change. */
const SAME_MM = 0.05

export interface PositionFacts {
  maxRateMmPerMin: readonly number[]
  /** How much faster than real time a virtual machine moves; 1 for others. */
  timeScale: number
  /** `performance.now()` of the controller's last answer to a line. */
  lastAnswerAt: number
  /** A resume of ours is under way. */
  isResuming: boolean
}

/** @returns why the machine cannot have gone there by itself, in words; undefined when it can */
export function positionJump(before: PositionSeen, now: PositionSeen, facts: PositionFacts): string | undefined {
  const ways = now.positionMm.map((value, axis) => Math.abs(value - (before.positionMm[axis] ?? value)))
  const isHeld = (before.state === 'hold' || before.state === 'door') && before.subState === 0
  // a button at the machine lets it go on as well; what it does then is answered, or shows as motion
  if (isHeld && now.state === 'idle' && !facts.isResuming && facts.lastAnswerAt < before.atMs && ways.some((way) => way > SAME_MM))
    return 'It was held, has run nothing since, and stands elsewhere.'
  const seconds = (now.atMs - before.atMs + LATE_MS) / 1000
  const isTooFar = (way: number, axis: number) =>
    way > ((facts.maxRateMmPerMin[axis] ?? Number.POSITIVE_INFINITY) / 60) * seconds * facts.timeScale * MARGIN + MARGIN_MM
  return ways.some(isTooFar) ? 'It is further away from where it was than it can have moved.' : undefined
}

/** A position that jumped, until another report confirms it. */
export interface Jump {
  before: PositionSeen
  jumped: PositionSeen
  /** Why it cannot have gone there, in words. */
  why: string
}

/**
 * What the report behind a jump makes of it.
 * @returns false only when that one is where the machine was, and not where it is said to have jumped to
 */
export function isJumpConfirmed({ before, jumped }: Jump, now: PositionSeen, facts: PositionFacts): boolean {
  if (positionJump(before, now, facts) !== undefined) return true
  const wayFrom = (other: PositionSeen) => Math.hypot(...now.positionMm.map((value, axis) => value - (other.positionMm[axis] ?? value)))
  return wayFrom(jumped) <= wayFrom(before)
}
