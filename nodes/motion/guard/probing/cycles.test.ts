import { expect, test } from 'vitest'
import fc from '../../../../test/property.ts'
import type { ProbeCycle } from '../../action.ts'
import { planCycle } from './cycle.ts'
import { axisOf, type CycleOutcome, type CycleStart, LINEAR, type PartialPlace, type Place, type ProbeStep } from './steps.ts'
import type { SetterSituation } from './tool-length.ts'

/** Whether the tool's tip, a point, would be inside something there. Tips with a size are modelled by growing the work. */
type World = (x: number, y: number, z: number) => boolean

const STEP = 0.005
const OVERSHOOT = 0.3

/** Carries a cycle out in a world of mathematics. Ways that ought to be free are seen to be free. */
function follow(cycle: ProbeCycle, start: CycleStart, world: World, setter?: SetterSituation): CycleOutcome & { endedAt: Place; texts: string[] } {
  const steps = planCycle(cycle, start, setter)
  let place: Place = start.placeMm
  const texts: string[] = []
  const line = (to: PartialPlace): { length: number; at: (mm: number) => Place } => {
    const end = LINEAR.map((axis) => to[axis] ?? place[axisOf(axis)] ?? 0)
    const from = place
    const length = Math.hypot(...end.map((value, axis) => value - (from[axis] ?? 0)))
    return { length, at: (mm) => from.map((value, axis) => value + (((end[axis] ?? 0) - value) * mm) / (length || 1)) as unknown as Place }
  }
  const firstContact = ({ length, at }: ReturnType<typeof line>): Place | undefined => {
    for (let mm = 0; mm <= length; mm += STEP) if (world(...at(mm))) return at(mm)
    return undefined
  }
  const move = (step: Extract<ProbeStep, { to: PartialPlace }>) => {
    const way = line(step.to)
    // the first moment of a retract is still where it touched
    const isFree = () => {
      for (let mm = step.kind === 'retract' ? OVERSHOOT + 0.05 : STEP; mm <= way.length; mm += STEP) if (world(...way.at(mm))) return false
      return true
    }
    expect(isFree(), `${step.kind} ${JSON.stringify(step.to)} from ${place.join()} is free`).toBe(true)
    place = way.at(way.length)
  }
  let next = steps.next()
  while (!next.done) {
    const step = next.value
    let contactMm: Place | undefined
    if (step.kind === 'touch') {
      expect(world(...place), `free before it touches ${step.what}`).toBe(false)
      const way = line({ [step.axis]: (place[axisOf(step.axis)] ?? 0) + step.by })
      contactMm = firstContact(way)
      if (!contactMm) throw new Error(`nothing touched on the way to ${step.what}`)
      place = contactMm.map((value, axis) => value + (axis === axisOf(step.axis) ? Math.sign(step.by) * OVERSHOOT : 0)) as unknown as Place
    } else if (step.kind === 'progress') texts.push(step.text)
    else move(step)
    next = steps.next({ placeMm: place, ...(contactMm ? { contactMm } : {}) })
  }
  return { ...next.value, endedAt: place, texts }
}

const touch = { feedMmPerMin: 100, fineFeedMmPerMin: 25, maxTravelMm: 20, retractMm: 2 }
const begin = (placeMm: Place, workOffsetMm: Place = [0, 0, 0]): CycleStart => ({ placeMm, workOffsetMm })
/** A block from (100, 50) to (160, 90) with its top at -10, grown by the radius of the tip. */
const block =
  (radius = 0): World =>
  (x, y, z) =>
    z <= -10 && x >= 100 - radius && x <= 160 + radius && y >= 50 - radius && y <= 90 + radius

test('touch plate: the top of the work lies a plate below where it touched', () => {
  const outcome = follow({ cycle: 'touch-plate', plateThicknessMm: 15, workOffset: 'G54', ...touch }, begin([120, 60, -5], [10, 20, -30]), block())
  expect(outcome.zeroMm!.Z).toBeCloseTo(-25, 1)
  expect(outcome.result.foundMm!.Z).toBeCloseTo(5, 1)
  expect(outcome.endedAt[2]).toBeCloseTo(-8, 1)
})

test.each([
  ['X', '+', [90, 60, -20], 100],
  ['X', '-', [170, 60, -20], 160],
  ['Y', '+', [120, 40, -20], 50],
  ['Y', '-', [120, 100, -20], 90],
] as const)('an edge touched along %s%s lies half a tip beyond where the tip stood', (axis, side, place, at) => {
  const outcome = follow({ cycle: 'edge', axis, side, tipDiameterMm: 4, workOffset: 'G54', ...touch }, begin(place), block(2))
  expect(outcome.zeroMm![axis]).toBeCloseTo(at, 1)
  expect(Object.keys(outcome.zeroMm!)).toEqual([axis])
})

test('a surface from above counts no tip radius', () => {
  const outcome = follow({ cycle: 'surface', axis: 'Z', side: '-', tipDiameterMm: 6, ...touch }, begin([120, 60, 0]), block())
  expect(outcome.result.foundMm!.Z).toBeCloseTo(-10, 1)
})

test('a surface is not touched along an axis that turns', () => {
  expect(() => planCycle({ cycle: 'surface', axis: 'A', side: '-', tipDiameterMm: 0, ...touch }, begin([0, 0, 0]), undefined)).toThrow(/not A/)
})

test.each([
  ['left', 'front', [105, 55, -5], 100, 50],
  ['right', 'front', [155, 55, -5], 160, 50],
  ['left', 'back', [105, 85, -5], 100, 90],
  ['right', 'back', [155, 85, -5], 160, 90],
] as const)('corner %s %s: both edges, back over the work, no way through it', (x, y, place, atX, atY) => {
  const cycle: ProbeCycle = { cycle: 'corner', x, y, clearanceMm: 12, depthMm: 9, tipDiameterMm: 3, workOffset: 'G54', ...touch }
  const outcome = follow(cycle, begin(place), block(1.5))
  expect(outcome.zeroMm!.X).toBeCloseTo(atX, 1)
  expect(outcome.zeroMm!.Y).toBeCloseTo(atY, 1)
  expect(outcome.endedAt).toEqual(place)
})

const HOLE: World = (x, y) => Math.hypot(x - 40, y - 30) >= 12.5 - 1

test('bore: centre and diameter, wherever in the hole it began', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 6.28, noNaN: true }), fc.double({ min: 0, max: 8, noNaN: true }), (angle, off) => {
      const place: Place = [40 + Math.cos(angle) * off, 30 + Math.sin(angle) * off, -15]
      const outcome = follow({ cycle: 'bore', diameterMm: 25, tipDiameterMm: 2, ...touch, retractMm: 0.5 }, begin(place), HOLE)
      expect(outcome.zeroMm!.X).toBeCloseTo(40, 1)
      expect(outcome.zeroMm!.Y).toBeCloseTo(30, 1)
      expect(Math.abs(outcome.result.diameterMm! - 25)).toBeLessThan(0.05)
      expect(outcome.endedAt[0]).toBeCloseTo(40, 1)
    }),
    { numRuns: 15 },
  )
})

test('boss: centre and diameter, begun a little off the centre', () => {
  const boss: World = (x, y, z) => z <= -10 && Math.hypot(x - 40, y - 30) <= 15 + 1
  const outcome = follow({ cycle: 'boss', diameterMm: 30, clearanceMm: 6, depthMm: 8, tipDiameterMm: 2, ...touch }, begin([41.5, 29, -7]), boss)
  expect(outcome.zeroMm!.X).toBeCloseTo(40, 1)
  expect(outcome.zeroMm!.Y).toBeCloseTo(30, 1)
  expect(Math.abs(outcome.result.diameterMm! - 30)).toBeLessThan(0.05)
  expect(outcome.endedAt[2]).toBe(-7)
})

test.each([1.5, -3])('angle: %d° of an edge along X and along Y, counter-clockwise', (degrees) => {
  const slope = Math.tan((degrees * Math.PI) / 180)
  const alongX = follow({ cycle: 'angle', along: 'X', side: '+', distanceMm: 40, tipDiameterMm: 3, ...touch }, begin([10, 0, -5]), (x, y) => y >= 8 + slope * x)
  expect(Math.abs(alongX.result.angleDeg! - degrees)).toBeLessThan(0.02)
  expect(alongX.endedAt).toEqual([10, 0, -5])
  const alongY = follow({ cycle: 'angle', along: 'Y', side: '-', distanceMm: 40, tipDiameterMm: 3, ...touch }, begin([20, 0, -5]), (x, y) => x <= 8 - slope * y)
  expect(Math.abs(alongY.result.angleDeg! - degrees)).toBeLessThan(0.02)
})

test('tool length: the reference keeps work coordinates, a longer tool is longer by the difference', () => {
  const setter = { atMm: [5, 5, -20] as [number, number, number], maxTravelMm: 45, feedMmPerMin: 200 }
  const plate =
    (length: number): World =>
    (x, y, z) =>
      Math.hypot(x - 5, y - 5) < 10 && z - length <= -60
  const at = begin([100, 50, -30])
  const reference = follow({ cycle: 'tool-length', isReference: true }, at, plate(0), { setter, safeZMm: 0, toolLengthMm: 0, referenceZMm: undefined })
  expect(reference.referenceZMm).toBeCloseTo(-60, 1)
  expect(reference.toolLengthMm).toBeUndefined()
  const longer = follow({ cycle: 'tool-length', isReference: false }, at, plate(12), {
    setter,
    safeZMm: 0,
    toolLengthMm: 3,
    referenceZMm: reference.referenceZMm!,
  })
  expect(longer.toolLengthMm).toBeCloseTo(12, 1)
  expect(longer.endedAt[2]).toBe(0)
  const later = follow({ cycle: 'tool-length', isReference: true }, at, plate(12), { setter, safeZMm: 0, toolLengthMm: 12, referenceZMm: -1 })
  expect(later.referenceZMm).toBeCloseTo(-60, 1)
})

test('height map: every point in its place row by row, whatever order they were touched in', () => {
  const surface: World = (x, y, z) => z <= -40 + 0.02 * (x - 100) - 0.01 * (y - 50)
  const cycle: ProbeCycle = { cycle: 'height-map', minMm: [0, 0], maxMm: [30, 20], columns: 4, rows: 3, clearanceZMm: 3, ...touch }
  const outcome = follow(cycle, begin([90, 40, -20], [100, 50, -40]), surface)
  const map = outcome.result.heightMap!
  expect(map).toMatchObject({ columns: 4, rows: 3, minMm: [0, 0], maxMm: [30, 20] })
  map.heightsMm.forEach((height, index) => {
    expect(Math.abs(height - (0.02 * (index % 4) * 10 - 0.01 * Math.floor(index / 4) * 10))).toBeLessThan(0.02)
  })
  expect(outcome.texts).toHaveLength(12)
})
