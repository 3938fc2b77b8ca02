import { describe, expect, it } from 'vitest'
import fc from '../../../../test/property.ts'
import type { ProgramTransform } from '../../program.ts'
import { distance } from './asked-move.ts'
import { TransformFailed } from './index.ts'
import { anyMap, anyProgram, motionsOf, transform } from './test/programs.ts'

const runs = { numRuns: process.env.CELLWRIGHT_SOAK ? Number(process.env.RUNS ?? 20000) : 150 }

/** Ends of the moves that go somewhere. */
function endsOf(text: string): { kind: string; to: number[]; feed: number }[] {
  return motionsOf(text).map(({ kind, to, feedMmPerMin }) => ({ kind, to: to.slice(0, 3), feed: feedMmPerMin }))
}

const anyAffine: fc.Arbitrary<ProgramTransform> = fc.oneof(
  fc
    .tuple(...[0, 1, 2].map(() => fc.integer({ min: -50_000, max: 50_000 }).map((value) => value / 1000)))
    .map((byMm): ProgramTransform => ({ kind: 'offset', byMm: byMm as [number, number, number] })),
  fc
    .tuple(
      fc.oneof(fc.constantFrom(90, -90, 180, 270, 360), fc.double({ min: -360, max: 360, noNaN: true })),
      fc.integer({ min: -20, max: 20 }),
      fc.integer({ min: -20, max: 20 }),
    )
    .map(([angleDeg, x, y]): ProgramTransform => ({ kind: 'rotate', angleDeg, aboutMm: [x, y] })),
  fc
    .tuple(fc.constantFrom('X' as const, 'Y' as const), fc.integer({ min: -20, max: 20 }))
    .map(([axis, atMm]): ProgramTransform => ({ kind: 'mirror', axis, atMm })),
  fc
    .tuple(fc.constantFrom(0.5, 1, 2, 3), fc.constantFrom(0.5, 1, 2, 3), fc.constantFrom(0.5, 1, 2))
    .map(([x, y, z]): ProgramTransform => ({ kind: 'scale', factor: [x, y, z], aboutMm: [1, 2, 3] })),
)

function inverse(change: ProgramTransform): ProgramTransform {
  switch (change.kind) {
    case 'offset':
      return { ...change, byMm: change.byMm.map((value) => -value) as [number, number, number] }
    case 'rotate':
      return { ...change, angleDeg: -change.angleDeg }
    case 'scale':
      return { ...change, factor: change.factor.map((value) => 1 / value) as [number, number, number] }
    default:
      return change
  }
}

describe('transforms of random programs', () => {
  it('are always proven: within the tolerance, or refused', () => {
    fc.assert(
      fc.property(anyProgram, anyAffine, (text, change) => {
        const { report } = transform(text, change)
        expect(report.largestDeviationMm).toBeLessThanOrEqual(report.toleranceMm)
      }),
      runs,
    )
  })
  it('and back again give the same ends in the same order', () => {
    fc.assert(
      fc.property(anyProgram, anyAffine, (text, change) => {
        const there = transform(text, change)
        const back = transform(there.text, inverse(change))
        const wanted = endsOf(text)
        const got = endsOf(back.text)
        expect(distance(got.at(-1)!.to, wanted.at(-1)!.to)).toBeLessThan(0.002)
        // arcs that became lines stay lines: every end of the old program is met in order
        let at = 0
        for (const end of wanted) {
          while (at < got.length && distance(got[at]!.to, end.to) > 0.003) at += 1
          expect(at, `(${end.to.join(', ')}) is never reached`).toBeLessThan(got.length)
        }
      }),
      runs,
    )
  })
  it('optimising stays within its tolerance and never makes a program longer', () => {
    const options = fc.record({
      toleranceMm: fc.constantFrom(0, 0.005, 0.05, 0.5),
      dropsRedundantWords: fc.boolean(),
      mergesLines: fc.boolean(),
      fitsArcs: fc.boolean(),
    })
    fc.assert(
      fc.property(anyProgram, options, (text, wish) => {
        const { report } = transform(text, { kind: 'optimise', ...wish })
        expect(report.largestDeviationMm).toBeLessThanOrEqual(Math.max(wish.toleranceMm, 0.0005))
        expect(report.linesAfter).toBeLessThanOrEqual(report.linesBefore)
      }),
      runs,
    )
  })
  it('fitting arcs to chains of short cuts stays within its tolerance', () => {
    const wave = fc.record({
      amplitude: fc.integer({ min: 0, max: 300 }),
      length: fc.integer({ min: 1, max: 400 }),
      phase: fc.double({ min: 0, max: 6, noNaN: true }),
    })
    fc.assert(
      fc.property(
        fc.array(wave, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 200 }),
        fc.constantFrom(0.002, 0.01, 0.1, 0.5),
        fc.constantFrom('G21', 'G20'),
        fc.boolean(),
        (waves, step, toleranceMm, units, isIncremental) => {
          const at = (i: number) => waves.reduce((sum, { amplitude, length, phase }) => sum + (amplitude / 50) * Math.sin((i * step) / length + phase), 0)
          const points = Array.from({ length: 120 }, (_, i) => [at(i), at(1.7 * i + 30), at(0.1 * i)].map((value) => Math.round(value * 1e4) / 1e4))
          const lines = points.map((point, i) => {
            const before = isIncremental && i > 0 ? points[i - 1]! : [0, 0, 0]
            const [x, y, z] = point.map((value, axis) => (value - before[axis]!).toFixed(4))
            return `${i === 0 ? 'G0' : i === 1 ? `${isIncremental ? 'G91 ' : ''}G1 F500` : ''} X${x} Y${y} Z${z}`.trim()
          })
          const wish = { toleranceMm, dropsRedundantWords: true, mergesLines: true, fitsArcs: true }
          const { report, text } = transform(`${units} G90 G17\n${lines.join('\n')}\n`, { kind: 'optimise', ...wish })
          expect(report.largestDeviationMm).toBeLessThanOrEqual(toleranceMm)
          expect(distance(motionsOf(text).at(-1)!.to, motionsOf(`${units} G90 G17\n${lines.join('\n')}\n`).at(-1)!.to)).toBeLessThan(0.001)
        },
      ),
      runs,
    )
  })
  it('levelling by a flat map changes nothing', () => {
    fc.assert(
      fc.property(
        anyProgram.filter((text) => !/G1[89]/.test(text)),
        (text) => {
          const map = { minMm: [-50, -50] as [number, number], maxMm: [50, 50] as [number, number], columns: 3, rows: 4, heightsMm: new Array(12).fill(0) }
          expect(transform(text, { kind: 'level', map, toleranceMm: 0.01 }).text).toBe(text)
        },
      ),
      runs,
    )
  })
  it('levelling follows any surface within its tolerance, or is refused with a line', () => {
    fc.assert(
      fc.property(anyProgram, anyMap, fc.constantFrom(0.002, 0.01, 0.1), (text, map, toleranceMm) => {
        const { report } = transform(text, { kind: 'level', map, toleranceMm })
        expect(report.largestDeviationMm).toBeLessThanOrEqual(toleranceMm)
      }),
      runs,
    )
  })
  it('never fail otherwise than with a reason', () => {
    const piece = fc.constantFrom(
      'G0',
      'G1',
      'G2',
      'G3',
      'X1',
      'X-2.5',
      'Y3',
      'Z1',
      'Z-1',
      'I1',
      'J-1',
      'K2',
      'R3',
      'F100',
      'G90',
      'G91',
      'G92 X0',
      'G92.1',
      'G53',
      'G28',
      'G30',
      'G54',
      'G55',
      'G17',
      'G18',
      'G19',
      'M3',
      'S100',
      'M30',
      'G93',
      'G94',
      'G38.2',
      'G10 L20 P1 X0',
      'G43.1 Z1',
      'G80',
      'A5',
      '/',
      '(c)',
      '\n',
      '\n',
      '\n',
      '%',
      'N5',
      'G20',
      'P2',
      'G4',
      'T1',
      'M6',
      'M0',
    )
    const change = fc.oneof(
      anyAffine,
      fc.constant<ProgramTransform>({ kind: 'optimise', toleranceMm: 0.01, dropsRedundantWords: true, mergesLines: true, fitsArcs: true }),
      anyMap.map((map): ProgramTransform => ({ kind: 'level', map, toleranceMm: 0.01 })),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), change, (pieces, wish) => {
        try {
          transform(`G90 G21 F100\n${pieces.join(' ')}\n`, wish)
        } catch (error) {
          expect(error).toBeInstanceOf(TransformFailed)
          expect((error as Error).message).not.toContain('example of this fault')
        }
      }),
      { numRuns: runs.numRuns * 10 },
    )
  })
})
