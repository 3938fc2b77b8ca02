import { expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import { rounds } from '../../../test/rounds.ts'
import { PLANE_AXES } from './arc.ts'
import { lines, type Read, read } from './test/read.ts'

const HEAD = 'G21 G90 F100 M3 S1'
const PLANES = [
  ['G17', 0, 1, 'X', 'Y', 'Z', 'I', 'J'],
  ['G18', 2, 0, 'Z', 'X', 'Y', 'K', 'I'],
  ['G19', 1, 2, 'Y', 'Z', 'X', 'J', 'K'],
] as const

/** Points of an arc as it was told. */
function points({ moves }: Read, count = 90): number[][] {
  const arc = moves.find(({ kind }) => kind === 'arc')
  if (!arc) throw new Error('no arc')
  const [a, b, across] = PLANE_AXES[arc.plane] as readonly [number, number, number]
  const from = Math.atan2(arc.from[b]! - arc.centreB, arc.from[a]! - arc.centreA)
  return Array.from({ length: count + 1 }, (_, i) => {
    const at = [0, 0, 0]
    const angle = from + (arc.sweep * i) / count
    at[a] = arc.centreA + arc.radius * Math.cos(angle)
    at[b] = arc.centreB + arc.radius * Math.sin(angle)
    at[across] = arc.from[across]! + ((arc.to[across]! - arc.from[across]!) * i) / count
    return at
  })
}

const place = fc.double({ min: -90, max: 90, noNaN: true })
const randomArc = fc.record({
  plane: fc.constantFrom(...PLANES),
  i: place,
  j: place,
  turn: fc.double({ min: 0.01, max: 6.27, noNaN: true }),
  rise: place,
  isClockwise: fc.boolean(),
  hasP: fc.boolean(),
})

type RandomArc = typeof randomArc extends fc.Arbitrary<infer T> ? T : never

function program({ plane, i, j, turn, rise, isClockwise, hasP }: RandomArc): string {
  const [code, , , first, second, third, centreA, centreB] = plane
  const angle = Math.atan2(-j, -i) + (isClockwise ? -turn : turn)
  const radius = Math.hypot(i, j)
  const words = `${first}${(i + radius * Math.cos(angle)).toFixed(6)} ${second}${(j + radius * Math.sin(angle)).toFixed(6)} ${third}${rise.toFixed(6)} ${centreA}${i.toFixed(6)} ${centreB}${j.toFixed(6)}`
  return lines(HEAD, code, `${isClockwise ? 'G2' : 'G3'} ${words}${hasP ? ' P3' : ''}`)
}

test('every point swept lies inside the extents, and the extents are not larger than they must be', () => {
  fc.assert(
    fc.property(randomArc, (arc) => {
      fc.pre(Math.hypot(arc.i, arc.j) > 0.5)
      const result = read(program(arc), { dialect: 'linuxcnc' })
      expect(result.errors).toEqual([])
      const swept = points(result, 2000)
      const slack = Math.hypot(arc.i, arc.j) * 1e-4 * (arc.hasP ? 16 : 1) + 0.002
      for (const axis of [0, 1, 2]) {
        const values = swept.map((point) => point[axis]!)
        const [least, most] = [Math.min(...values), Math.max(...values)]
        expect(result.facts.extentsMm!.min[axis]!).toBeLessThanOrEqual(least + 1e-5)
        expect(result.facts.extentsMm!.max[axis]!).toBeGreaterThanOrEqual(most - 1e-5)
        expect(least - result.facts.extentsMm!.min[axis]!).toBeLessThan(slack)
        expect(result.facts.extentsMm!.max[axis]! - most).toBeLessThan(slack)
      }
    }),
    { numRuns: rounds(300) },
  )
})

test('turns the way it was told, as far as it was told', () => {
  fc.assert(
    fc.property(randomArc, (arc) => {
      fc.pre(Math.hypot(arc.i, arc.j) > 0.5)
      const told = read(program(arc), { dialect: 'linuxcnc' }).moves[0]!
      expect(told.sweep).toBeCloseTo((arc.isClockwise ? -1 : 1) * (arc.turn + (arc.hasP ? 4 * Math.PI : 0)), 3)
      expect(told.radius).toBeCloseTo(Math.hypot(arc.i, arc.j), 4)
    }),
    { numRuns: rounds(300) },
  )
})

test('an arc enters a keep-out box exactly when one of its points does', () => {
  const corner = fc.double({ min: -80, max: 80, noNaN: true })
  fc.assert(
    fc.property(randomArc, corner, corner, corner, fc.double({ min: 2, max: 60, noNaN: true }), (arc, x, y, z, size) => {
      fc.pre(Math.hypot(arc.i, arc.j) > 0.5)
      const keepOut = [{ name: 'vice', min: [x, y, z], max: [x + size, y + size, z + size] }]
      const result = read(program(arc), { dialect: 'linuxcnc', keepOut })
      const depth = Math.max(
        ...points(result, 4000).map((point) =>
          Math.min(...[0, 1, 2].flatMap((axis) => [point[axis]! - keepOut[0]!.min[axis]!, keepOut[0]!.max[axis]! - point[axis]!])),
        ),
      )
      // sampled points miss a little
      if (depth > 0.01) expect(result.errors).toEqual(['keep-out'])
      else if (depth < -0.2) expect(result.errors).toEqual([])
    }),
    { numRuns: rounds(400) },
  )
})

test('a line enters a keep-out box exactly when it goes through its inside', () => {
  const coordinate = fc.integer({ min: -20, max: 20 })
  const point = fc.tuple(coordinate, coordinate, coordinate)
  fc.assert(
    fc.property(point, point, (from, to) => {
      const keepOut = [{ name: 'clamp', min: [-5, -5, -5], max: [5, 5, 5] }]
      const text = lines('G21', `G0 X${from[0]} Y${from[1]} Z${from[2]}`, `G0 X${to[0]} Y${to[1]} Z${to[2]}`)
      const { findings } = read(text, { positionMm: [30, 30, 30], keepOut })
      const depth = Math.max(
        ...Array.from({ length: 2001 }, (_, i) => Math.min(...[0, 1, 2].map((axis) => 5 - Math.abs(from[axis]! + ((to[axis]! - from[axis]!) * i) / 2000)))),
      )
      const isHit = findings.some(({ code, line }) => code === 'keep-out' && line === 3)
      if (depth > 0.01) expect(isHit).toBe(true)
      if (depth < -0.01) expect(isHit).toBe(false)
    }),
    { numRuns: rounds(500) },
  )
})

test('touching a keep-out box is not entering it, and its name and the place are told', () => {
  const keepOut = [{ name: 'vice', min: [10, -5, -5], max: [20, 5, 5] }]
  expect(read('G21 G0 X10', { keepOut }).errors).toEqual([])
  expect(read(lines('G21 G0 Y5', 'X30'), { keepOut }).errors).toEqual([])
  expect(read('G21 G0 X30', { keepOut }).findings[0]).toMatchObject({ code: 'keep-out', text: expect.stringMatching(/"vice".* 10\.001, 0\.000, 0\.000/) })
})

test('R: the short way for R, the long way for -R', () => {
  for (const code of ['G2', 'G3']) {
    const short = read(lines(HEAD, `${code} X10 R8`)).moves[0]!
    const long = read(lines(HEAD, `${code} X10 R-8`)).moves[0]!
    expect(Math.abs(short.sweep)).toBeLessThan(Math.PI)
    expect(Math.abs(long.sweep)).toBeGreaterThan(Math.PI)
    expect(Math.abs(short.sweep) + Math.abs(long.sweep)).toBeCloseTo(2 * Math.PI)
    expect(Math.sign(short.sweep)).toBe(code === 'G2' ? -1 : 1)
    expect(short.radius).toBe(8)
  }
})

test('the end may miss the circle by 0.005 mm, or by 0.1 % of the radius up to 0.5 mm', () => {
  expect(read(lines(HEAD, 'G2 X10.009 Y0 I5')).errors).toEqual(['arc-impossible'])
  expect(read(lines(HEAD, 'G2 X10.0049 Y0 I5')).errors).toEqual([])
  expect(read(lines(HEAD, 'G2 X200.09 I100')).errors).toEqual([])
  expect(read(lines(HEAD, 'G2 X200.2 I100')).errors).toEqual(['arc-impossible'])
  expect(read(lines(HEAD, 'G2 X2000.6 I1000')).errors).toEqual(['arc-impossible'])
})

test('a full circle, and one that is too small for single precision to be told from it', () => {
  expect(read(lines(HEAD, 'G2 X0 Y0 I5')).moves[0]?.sweep).toBeCloseTo(-2 * Math.PI)
  expect(read(lines(HEAD, 'G2 I5'), { dialect: 'linuxcnc' }).moves[0]?.sweep).toBeCloseTo(-2 * Math.PI)
  const tiny = read(lines(HEAD, 'G0 X300 Y300', 'G3 X300.00001 Y300 J5'))
  expect(tiny.moves[1]?.sweep).toBeGreaterThan(6)
  expect(tiny.findings).toContainEqual(expect.objectContaining({ severity: 'warning', code: 'arc-ambiguous', line: 3 }))
  expect(read(lines(HEAD, 'G0 X300 Y300', 'G3 X300.01 Y300 I0.005')).moves[1]?.sweep).toBeCloseTo(Math.PI)
})

test('centres in absolute coordinates (G90.1) where the controller takes them', () => {
  const { moves, errors } = read(lines('G21 G90 G90.1 F100 G0 X10 Y0', 'G3 X0 Y10 I0 J0'), { dialect: 'linuxcnc', workOffsetsMm: [[100, 0, 0]] })
  expect(errors).toEqual([])
  expect(moves[1]).toMatchObject({ centreA: 100, centreB: 0, radius: 10 })
})

test('centres in absolute coordinates are counted from the begin for a controller that does not take them', () => {
  const { moves, errors, output, facts } = read(lines('G21 G90 G90.1 F100 G0 X10 Y0', 'N2 G3 X0 Y10 I0 J0', 'G2 X10 Y0 R10', 'G18 G3 X0 Z10 I0 K0'), {
    workOffsetsMm: [[100, 0, 0]],
  })
  expect(errors).toEqual([])
  expect(output).toEqual(['G21G90F100G0X10Y0', 'N2G3X0Y10I-10J0', 'G2X10Y0R10', 'G18G3X0Z10K0I-10'])
  expect(moves[1]).toMatchObject({ centreA: 100, centreB: 0, radius: 10 })
  expect(facts.isExpanded).toBe(true)
})
