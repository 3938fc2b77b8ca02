import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rounds } from '../../../test/rounds.ts'
import { arcBox, type CheckSetup, centreFromOffsets, centreFromRadius, ModalCheck, modalStateFromWords, tokenise } from './index.ts'

const SETUP: CheckSetup = {
  positionMm: [0, 0, 0],
  modal: modalStateFromWords(['G0', 'G54', 'G17', 'G21', 'G90', 'G94', 'M5', 'M9', 'T0', 'F0', 'S0']),
  workOffsetsMm: [
    [100, 50, -10],
    [0, 0, 0],
  ],
  g92Mm: [0, 0, 0],
  toolLengthMm: [0, 0, 0],
  g28Mm: [5, 5, 0],
  g30Mm: [500, 0, 0],
  envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] },
}

function run(lines: string[], setup: Partial<CheckSetup> = {}) {
  const check = new ModalCheck({ ...SETUP, ...setup })
  for (const [index, line] of lines.entries()) {
    const found = tokenise(line)
    if (found.kind !== 'words') throw new Error(`${line}: ${JSON.stringify(found)}`)
    const problem = check.line(found.words)
    if (problem) return { check, problem, line: index + 1 }
  }
  return { check, problem: undefined, line: 0 }
}

test.each([
  ['G1 Xfoo Y2', 4, /X has no number/],
  ['G0X[1+1]', 4, /expressions/],
  ['G1 X#100', 5, /expressions/],
  ['G1X1.2.3', 3, /two decimal points/],
  ['G1X-', 3, /X has no number/],
  ['10', 1, /without a letter/],
  ['$H', 1, /\$ command/],
  ['G1 (a', 4, /never ends/],
  ['G1X1*71', 5, /not G-code/],
])('does not silently drop what it cannot read: %s', (line, column, reason) => {
  const found = tokenise(line)
  expect(found.kind).toBe('problem')
  if (found.kind !== 'problem') return
  expect(found.problem.reason).toMatch(reason)
  expect(found.problem.column).toBe(column)
})

test('reads words in any spelling', () => {
  const found = tokenise('  n10 g01x-1.5 Y+.25 (c) z5. ; d')
  expect(found.kind === 'words' && found.words.map(({ letter, value }) => [letter, value])).toEqual([
    ['N', 10],
    ['G', 1],
    ['X', -1.5],
    ['Y', 0.25],
    ['Z', 5],
  ])
})

test('follows units, distance mode and offsets into machine coordinates', () => {
  expect(run(['G0 X10 Y10 Z0']).check.positionMm).toEqual([110, 60, -10])
  expect(run(['G20 G0 X1']).check.positionMm[0]).toBeCloseTo(125.4)
  expect(run(['G0 X10', 'G91 G0 X5', 'X5', 'G90 X1']).check.positionMm[0]).toBe(101)
  expect(run(['G91 X5', 'X5']).check.positionMm[0]).toBe(10)
  expect(run(['G55 G0 X10']).check.positionMm[0]).toBe(10)
  expect(run(['G53 G0 X10']).check.positionMm[0]).toBe(10)
  expect(run(['G10 L2 P1 X200', 'G0 X1']).check.positionMm[0]).toBe(201)
  expect(run(['G53 G0 X30', 'G10 L20 P1 X0', 'G0 X5']).check.positionMm[0]).toBe(35)
  expect(run(['G53 G0 X30', 'G92 X0', 'G0 X5']).check.positionMm[0]).toBe(35)
  expect(run(['G53 G0 X30', 'G92 X0', 'G92.1', 'G0 X5']).check.positionMm[0]).toBe(105)
  expect(run(['G43.1 Z2', 'G0 Z0']).check.positionMm[2]).toBe(-8)
  expect(run(['G43.1 Z2', 'G49', 'G0 Z0']).check.positionMm[2]).toBe(-10)
  expect(run(['G0 X10 Y10', 'G28']).check.positionMm).toEqual([5, 5, 0])
  expect(run(['G0 X10 Y10', 'G91 G28 Z0']).check.positionMm).toEqual([110, 60, 0])
})

test.each([
  [['G0 X301'], 1, /X would reach 401.000/],
  [['G0 X10', 'G1 F100 Y-51'], 2, /Y would reach -1.000/],
  [['G91', 'G0 Z-50', 'Z-31'], 3, /Z would reach -81.000/],
  [['G20', 'G0 X12'], 2, /X would reach 404.800/],
  [['G30'], 1, /X would reach 500.000/],
  [['G53 G0 X-1'], 1, /X would reach -1.000/],
  // both ends are inside, the swept half circle is not
  [['G53 G0 X10 Y10', 'G1 F100', 'G91', 'G2 X0 Y20 J10', 'G3 X0 Y20 J10'], 5, /^X would reach/],
])('finds that %j leaves the envelope in line %i', (lines, line, reason) => {
  const setup: Partial<CheckSetup> = lines.at(-1)?.includes('G3') ? { envelopeMm: { min: [0, 0, -80], max: [19.5, 300, 20] } } : {}
  const result = run(lines, setup)
  expect(result.problem).toMatchObject({ kind: 'envelope' })
  expect(result.problem?.reason).toMatch(reason)
  expect(result.line).toBe(line)
})

test('names the column of the word that leaves', () => {
  expect(run(['G0 X10 Y400']).problem?.column).toBe(8)
})

test.each([
  ['G1 X1', /No feed/],
  ['G1 F100 X1 X2', /twice/],
  ['G0 G1 X1', /exclude each other/],
  ['G2 F100 X10 Y0', /needs R, I or J/],
  ['G2 F100 I5', /needs axis words/],
  ['G2 F100 X10 Y0 I2', /does not lie on its circle/],
  ['G2 F100 X110 Y0 R1', /No arc of radius/],
  ['G38.2 F10', /needs axis words/],
  ['M6 T1', /M6 is not understood/],
  ['G81 X1 Z-1 R1 F100', /G81 is not understood/],
  ['G1.5 X1', /G1.5 is not understood/],
  ['G0 X1 E5', /E is not understood/],
  ['G0 X1 P5', /P is not used/],
  ['G4', /needs P/],
  ['G80 X1', /no code that uses them/],
  ['G92 G1 X1 F5', /want the axis words/],
  ['G10 L2 P7 X0', /P0 to P6/],
  ['G49 X1', /X is not used/],
  ['G0 G49 X1', /want the axis words/],
  ['G93 G1 X1', /every feed move needs F/],
  ['F-5', /must not be negative/],
  ['N1.5 G0 X1', /whole number/],
  ['G53 G2 X1 I1 F100', /G53 needs G0 or G1/],
])('finds what the controller would refuse: %s', (line, reason) => {
  const result = run([line], { withoutM: [60] })
  expect(result.problem).toMatchObject({ kind: 'grammar' })
  expect(result.problem?.reason).toMatch(reason)
})

test.each([
  ['G17 G20 G90 G94 G54'],
  ['M3 S1000', 'M8', 'M5 M9'],
  ['G1 F100', 'X1', 'G0 Z5'],
  ['T3'],
  ['G0 X0 Y0', 'G2 F100 X10 Y0 I5 J0'],
  ['G0 X0 Y0', 'G2 F100 X0 I5'],
  ['G61'],
  ['G4 P0.5'],
  ['G91.1'],
])('lets good lines pass: %j', (...lines) => {
  expect(run(lines).problem).toBeUndefined()
})

test('ends the program at M30 and takes the modal state back as the controller does', () => {
  const { check } = run(['G91 G18 G55 G0 X1', 'M30'])
  expect(check.hasEnded).toBe(true)
  expect(check.modal).toMatchObject({ motion: 'G1', plane: 'G17', isIncremental: false, workOffset: 0 })
})

test('the box of an arc holds every point of it and is not larger than it must be', () => {
  const coordinate = fc.double({ min: -100, max: 100, noNaN: true })
  fc.assert(
    fc.property(
      coordinate,
      coordinate,
      coordinate,
      coordinate,
      fc.double({ min: -7, max: 7, noNaN: true }),
      fc.boolean(),
      (startA, startB, i, j, turn, isClockwise) => {
        const radius = Math.hypot(i, j)
        fc.pre(radius > 0.1)
        const centreA = startA + i
        const centreB = startB + j
        const from = Math.atan2(-j, -i)
        const arc = { startA, startB, endA: centreA + radius * Math.cos(from + turn), endB: centreB + radius * Math.sin(from + turn), isClockwise }
        const centre = centreFromOffsets(arc, i, j)
        if ('problem' in centre) throw new Error(centre.problem)
        const box = arcBox(arc, centre)
        const to = Math.atan2(arc.endB - centreB, arc.endA - centreA)
        let sweep = isClockwise ? from - to : to - from
        while (sweep <= 5e-7) sweep += 2 * Math.PI
        const points = Array.from({ length: 721 }, (_, k) => {
          const angle = from + ((isClockwise ? -1 : 1) * sweep * k) / 720
          return [centreA + radius * Math.cos(angle), centreB + radius * Math.sin(angle)] as const
        })
        const sampled = {
          minA: Math.min(...points.map(([a]) => a)),
          maxA: Math.max(...points.map(([a]) => a)),
          minB: Math.min(...points.map(([, b]) => b)),
          maxB: Math.max(...points.map(([, b]) => b)),
        }
        const slack = radius * 0.001 + 1e-6
        expect(box.minA).toBeLessThanOrEqual(sampled.minA + 1e-6)
        expect(box.maxA).toBeGreaterThanOrEqual(sampled.maxA - 1e-6)
        expect(box.minB).toBeLessThanOrEqual(sampled.minB + 1e-6)
        expect(box.maxB).toBeGreaterThanOrEqual(sampled.maxB - 1e-6)
        expect(sampled.minA - box.minA).toBeLessThan(slack)
        expect(box.maxA - sampled.maxA).toBeLessThan(slack)
      },
    ),
    { numRuns: rounds(500) },
  )
})

test('an arc by radius lies on both its ends, the short way for R and the long way for -R', () => {
  for (const isClockwise of [true, false]) {
    for (const radius of [8, -8]) {
      const arc = { startA: 0, startB: 0, endA: 10, endB: 0, isClockwise }
      const centre = centreFromRadius(arc, radius)
      if ('problem' in centre) throw new Error(centre.problem)
      expect(Math.hypot(centre.a, centre.b)).toBeCloseTo(8)
      expect(Math.hypot(centre.a - 10, centre.b)).toBeCloseTo(8)
      const box = arcBox(arc, centre)
      // the short way bulges by less than the radius, the long way by more
      expect(Math.max(box.maxB, -box.minB) > 8).toBe(radius < 0)
      // G2 from left to right goes over the top
      expect(box.maxB > -box.minB).toBe(isClockwise)
    }
  }
})
