/** Straight moves against the machine's travel and its keep-out boxes. Pure; machine coordinates in mm. */
import { UserError } from '../../../base/errors.ts'
import type { KeepOutBox, MachineSettings } from '../machine.ts'

export interface Limits {
  envelopeMm: MachineSettings['envelopeMm']
  keepOut: readonly KeepOutBox[]
}

/** What lies in the way of a move. */
export interface Obstacle {
  kind: 'outside-envelope' | 'keep-out'
  /** A whole sentence. */
  text: string
}

const AXES = ['X', 'Y', 'Z'] as const
/** Beyond a limit by less than this is rounding. */
const TOLERANCE_MM = 0.001

export function limitsOf({ envelopeMm, guarding }: MachineSettings): Limits {
  return { envelopeMm, keepOut: (guarding?.keepOut ?? []).filter(({ isActive }) => isActive) }
}

/**
 * The first thing a straight move would run into. An axis that stands outside its travel already may move back; a tool
 * that stands in a keep-out box may only move out of it.
 */
export function obstacleOn(from: readonly number[], to: readonly number[], { envelopeMm, keepOut }: Limits): Obstacle | undefined {
  for (const [axis, letter] of AXES.entries()) {
    const [now, then] = [from[axis] ?? 0, to[axis] ?? 0]
    const [min, max] = [envelopeMm.min[axis] ?? 0, envelopeMm.max[axis] ?? 0]
    const isOutside = (then < min - TOLERANCE_MM && then < now) || (then > max + TOLERANCE_MM && then > now)
    if (isOutside) return { kind: 'outside-envelope', text: `${letter} would reach ${show(then)} mm; the machine goes from ${min} to ${max} mm.` }
  }
  const direction = AXES.map((_, axis) => (to[axis] ?? 0) - (from[axis] ?? 0))
  for (const box of keepOut) {
    const { enter, leave } = crossing(from, direction, box)
    if (enter >= leave || leave <= 0 || enter >= 1) continue
    if (enter < 0 && isGoingOut(from, direction, box)) continue
    return {
      kind: 'keep-out',
      text:
        enter < 0
          ? `The tool stands inside "${box.name}" and would go further into it. Move it straight out first.`
          : `The way leads through "${box.name}", which is kept clear.`,
    }
  }
  return undefined
}

/** @throws UserError `outside-envelope`, `keep-out` */
export function refuseObstacle(obstacle: Obstacle | undefined, what: string): void {
  if (!obstacle) return
  throw new UserError({
    code: obstacle.kind,
    message: `${what}: ${obstacle.text} Nothing was sent.`,
    details: { reason: obstacle.text },
  })
}

/**
 * How far a move along `direction` (of length 1) may go, at most `furthest`; 0 where it may not begin.
 * @param marginMm kept to the end of the travel and to the boxes
 */
export function longestSafe(
  { from, direction, furthest, marginMm }: { from: readonly number[]; direction: readonly number[]; furthest: number; marginMm: number },
  { envelopeMm, keepOut }: Limits,
): number {
  let length = furthest
  for (const axis of AXES.keys()) {
    const [now, way] = [from[axis] ?? 0, direction[axis] ?? 0]
    if (way > 0) length = Math.min(length, ((envelopeMm.max[axis] ?? 0) - marginMm - now) / way)
    else if (way < 0) length = Math.min(length, ((envelopeMm.min[axis] ?? 0) + marginMm - now) / way)
  }
  for (const box of keepOut) {
    const { enter, leave } = crossing(from, direction, box)
    if (enter >= leave || leave <= 0) continue
    if (enter >= 0) length = Math.min(length, enter - marginMm)
    else if (!isGoingOut(from, direction, box)) return 0
  }
  return Math.max(0, length)
}

/** Between which shares of the way the inside of the box is crossed (slab by slab); `enter >= leave` where it is not. */
function crossing(from: readonly number[], direction: readonly number[], box: Pick<KeepOutBox, 'min' | 'max'>): { enter: number; leave: number } {
  let enter = Number.NEGATIVE_INFINITY
  let leave = Number.POSITIVE_INFINITY
  for (const axis of AXES.keys()) {
    const [now, way] = [from[axis] ?? 0, direction[axis] ?? 0]
    // touching a face is not being inside
    const [min, max] = [(box.min[axis] ?? 0) + TOLERANCE_MM, (box.max[axis] ?? 0) - TOLERANCE_MM]
    if (way === 0) {
      if (now <= min || now >= max) return { enter: 1, leave: 0 }
      continue
    }
    const [a, b] = [(min - now) / way, (max - now) / way]
    enter = Math.max(enter, Math.min(a, b))
    leave = Math.min(leave, Math.max(a, b))
  }
  return { enter, leave }
}

/** From inside: towards the face that is nearest. How deep a point lies is concave along a line, so it need only be seen where it begins. */
function isGoingOut(from: readonly number[], direction: readonly number[], box: Pick<KeepOutBox, 'min' | 'max'>): boolean {
  const depth = (share: number) =>
    Math.min(
      ...AXES.map((_, axis) => {
        const at = (from[axis] ?? 0) + (direction[axis] ?? 0) * share
        return Math.min(at - (box.min[axis] ?? 0), (box.max[axis] ?? 0) - at)
      }),
    )
  return depth(1e-6) <= depth(0)
}

const show = (value: number) => String(Math.round(value * 1000) / 1000)
