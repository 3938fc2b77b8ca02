/** Straight cuts that follow each other: the corners they go through, and what stands for many of them. */
import { type Arc, planeAxes } from './asked-move.ts'

export type Corner = readonly number[]

/** How far the corners between two of them are from the straight line, and whether they go along it without turning back. */
export function isStraight(corners: readonly Corner[], from: number, to: number, allowed: number): boolean {
  const start = corners[from] as Corner
  const end = corners[to] as Corner
  const [dx, dy, dz] = [0, 1, 2].map((axis) => (end[axis] as number) - (start[axis] as number)) as [number, number, number]
  const squared = dx * dx + dy * dy + dz * dz
  if (squared === 0) return false
  let last = 0
  // a step back smaller than this is rounding
  const slack = 1e-6 / Math.sqrt(squared)
  for (let i = from + 1; i < to; i += 1) {
    const corner = corners[i] as Corner
    const x = (corner[0] as number) - (start[0] as number)
    const y = (corner[1] as number) - (start[1] as number)
    const z = (corner[2] as number) - (start[2] as number)
    const share = (x * dx + y * dy + z * dz) / squared
    if (share < last - slack || share > 1 + slack) return false
    last = Math.max(last, share)
    const ex = x - share * dx
    const ey = y - share * dy
    const ez = z - share * dz
    if (ex * ex + ey * ey + ez * ez > allowed * allowed) return false
  }
  return true
}

/** Larger circles are as good as straight, smaller ones are corners. */
const LARGEST_RADIUS = 2000
/** A full circle has no ends that say where it is. */
const MOST_SWEEP = (340 / 180) * Math.PI
/** One straight piece of an arc turns by no more. */
const MOST_STEP = Math.PI / 3

/**
 * The arc through two corners that stays within `allowed` of every corner and every line between them.
 * @returns undefined where there is none
 */
export function arcThrough(corners: readonly Corner[], options: { from: number; to: number; plane: number; allowed: number }): Arc | undefined {
  const { from, to, plane, allowed } = options
  const [a, b, across] = planeAxes(plane)
  const start = corners[from] as Corner
  const end = corners[to] as Corner
  const startA = start[a] as number
  const startB = start[b] as number
  const chordA = (end[a] as number) - startA
  const chordB = (end[b] as number) - startB
  const chord = Math.hypot(chordA, chordB)
  if (chord < 4 * allowed) return undefined
  // the centre lies on the bisector of the chord: one number, by least squares over the corners
  const normalA = -chordB / chord
  const normalB = chordA / chord
  let products = 0
  let squares = 0
  for (let i = from + 1; i < to; i += 1) {
    const qa = ((corners[i] as Corner)[a] as number) - startA
    const qb = ((corners[i] as Corner)[b] as number) - startB
    const value = qa * qa + qb * qb - qa * chordA - qb * chordB
    const weight = 2 * (qa * normalA + qb * normalB)
    products += value * weight
    squares += weight * weight
  }
  if (squares === 0) return undefined
  const aside = products / squares
  const radius = Math.hypot(chord / 2, aside)
  if (!(radius < LARGEST_RADIUS && radius > 4 * allowed)) return undefined
  const centreA = startA + chordA / 2 + aside * normalA
  const centreB = startB + chordB / 2 + aside * normalB
  const turns = turnsOf(corners, { from, to, a, b, centreA, centreB })
  if (!turns) return undefined
  const sweep = turns.at(-1) as number
  if (Math.abs(sweep) > MOST_SWEEP || Math.abs(sweep) < 1e-6) return undefined
  const rise = (end[across] as number) - (start[across] as number)
  const off = (pointA: number, pointB: number, height: number, turned: number) =>
    Math.hypot(Math.hypot(pointA, pointB) - radius, height - (start[across] as number) - (rise * turned) / sweep)
  for (let i = from + 1; i <= to; i += 1) {
    const corner = corners[i] as Corner
    const before = corners[i - 1] as Corner
    const a0 = (before[a] as number) - centreA
    const b0 = (before[b] as number) - centreB
    const a1 = (corner[a] as number) - centreA
    const b1 = (corner[b] as number) - centreB
    if (off(a1, b1, corner[across] as number, turns[i - from] as number) > allowed) return undefined
    // between two corners the line is farthest inside where it passes the centre; the middle is looked at, too
    const squared = (a1 - a0) ** 2 + (b1 - b0) ** 2
    const foot = squared > 0 ? Math.min(Math.max(-(a0 * (a1 - a0) + b0 * (b1 - b0)) / squared, 0), 1) : 0
    for (const share of [foot, 0.5]) {
      const pointA = a0 + (a1 - a0) * share
      const pointB = b0 + (b1 - b0) * share
      const turned = (turns[i - 1 - from] as number) + Math.atan2(a0 * pointB - b0 * pointA, a0 * pointA + b0 * pointB)
      if (off(pointA, pointB, (before[across] as number) + ((corner[across] as number) - (before[across] as number)) * share, turned) > allowed)
        return undefined
    }
  }
  return { plane, centreA, centreB, radius, sweep }
}

/** Angles turned since the start at each corner, all the same way round; undefined where they go back or jump. */
function turnsOf(
  corners: readonly Corner[],
  facts: { from: number; to: number; a: number; b: number; centreA: number; centreB: number },
): number[] | undefined {
  const { from, to, a, b, centreA, centreB } = facts
  const turns = [0]
  let angle = Math.atan2(((corners[from] as Corner)[b] as number) - centreB, ((corners[from] as Corner)[a] as number) - centreA)
  let turned = 0
  for (let i = from + 1; i <= to; i += 1) {
    const next = Math.atan2(((corners[i] as Corner)[b] as number) - centreB, ((corners[i] as Corner)[a] as number) - centreA)
    let step = next - angle
    if (step > Math.PI) step -= 2 * Math.PI
    if (step < -Math.PI) step += 2 * Math.PI
    if (Math.abs(step) > MOST_STEP || step === 0 || (turned !== 0 && step > 0 !== turned > 0)) return undefined
    turned += step
    turns.push(turned)
    angle = next
  }
  return turns
}

/**
 * The farthest corner that `fits` holds for, by doubling steps and halving back.
 * @returns `least - 1` when it does not even hold for `least`
 */
export function farthest(least: number, most: number, fits: (to: number) => boolean): number {
  if (least > most || !fits(least)) return least - 1
  let good = least
  let step = 1
  let bad = most + 1
  while (good + step <= most) {
    if (fits(good + step)) {
      good += step
      step *= 2
    } else {
      bad = good + step
      break
    }
  }
  if (bad > most && good < most) {
    if (fits(most)) return most
    bad = most
  }
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (fits(middle)) good = middle
    else bad = middle
  }
  return good
}
