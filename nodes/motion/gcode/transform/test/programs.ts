/** Programs for tests of transforms: random ones, and a look at what a program does. */
import fc from '../../../../../test/property.ts'
import type { HeightMap } from '../../../action.ts'
import type { ProgramTransform } from '../../../program.ts'
import { readProgram } from '../../reader.ts'
import { type TransformOptions, type TransformResult, transformProgramSync } from '../index.ts'
import { type KeptMotion, keepMotion, neutralModel } from '../reading.ts'

export function transform(text: string, change: ProgramTransform, options?: TransformOptions): TransformResult & { text: string; lines: string[] } {
  const result = transformProgramSync(new TextEncoder().encode(text), change, options)
  const made = result.pieces.map((piece) => new TextDecoder().decode(piece)).join('')
  return { ...result, text: made, lines: made.split('\n').filter((line) => line !== '') }
}

/** Its moves, as the engine reads them. */
export function motionsOf(text: string): KeptMotion[] {
  const motions: KeptMotion[] = []
  const reader = readProgram(neutralModel('grblhal'), {
    motion: (motion) => motions.push(keepMotion(motion)),
    finding: ({ severity, line, text }) => {
      if (severity === 'error') throw new Error(`line ${line}: ${text}`)
    },
  })
  reader.add(new TextEncoder().encode(text))
  reader.end()
  return motions
}

const number = (decimals: number, size: number) =>
  fc.integer({ min: -size * 10 ** decimals, max: size * 10 ** decimals }).map((value) => value / 10 ** decimals)
const length = number(3, 60)
const written = (value: number) => String(Number(value.toFixed(4)))

type Step =
  | { kind: 'line'; x?: number; y?: number; z?: number; isRapid: boolean; feed?: number }
  | { kind: 'arc'; plane: 17 | 18 | 19; radius: number; start: number; sweep: number; rise: number; isByRadius: boolean }
  | { kind: 'text'; text: string }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      { kind: fc.constant('line' as const), x: length, y: length, z: number(3, 10), isRapid: fc.boolean(), feed: fc.integer({ min: 50, max: 3000 }) },
      { requiredKeys: ['kind', 'isRapid'] },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('arc' as const),
      plane: fc.constantFrom(17 as const, 17 as const, 18 as const, 19 as const),
      radius: fc.integer({ min: 20, max: 40_000 }).map((value) => value / 1000),
      start: fc.double({ min: 0, max: 6.28, noNaN: true }),
      sweep: fc.oneof(
        fc.double({ min: 0.05, max: 6.1, noNaN: true }),
        fc.double({ min: -6.1, max: -0.05, noNaN: true }),
        fc.constantFrom(2 * Math.PI, -2 * Math.PI),
      ),
      rise: fc.oneof(fc.constant(0), number(2, 3)),
      isByRadius: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('(a comment)', 'M3 S5000', 'M5', 'G4 P0.5', 'T2 M6', 'M8', 'G20', 'G21', 'G91', 'G90', '; more', 'G55', '', 'G0', 'G53 G0 Z0', 'G28 G91 Z0')
      .map((text): Step => ({ kind: 'text', text })),
  },
)

const PLANES = { 17: ['X', 'Y', 'Z', 'I', 'J'], 18: ['Z', 'X', 'Y', 'K', 'I'], 19: ['Y', 'Z', 'X', 'J', 'K'] } as const

/** A program that says where it is before it depends on it, with arcs in every plane. */
export const anyProgram: fc.Arbitrary<string> = fc.array(step, { minLength: 1, maxLength: 25 }).map((steps) => {
  const lines = ['G21 G90 G17 G94', 'F600']
  let isInches = false
  let isIncremental = false
  const place = () => lines.push(isIncremental ? 'G90' : '', 'G0 Z5', 'G0 X1 Y2', ...(isIncremental ? ['G91'] : []))
  place()
  for (const one of steps) {
    const scale = isInches ? 1 / 25.4 : 1
    if (one.kind === 'text') {
      lines.push(one.text)
      if (one.text === 'G20') isInches = true
      if (one.text === 'G21') isInches = false
      if (one.text === 'G91') isIncremental = true
      if (one.text === 'G90') isIncremental = false
      if (one.text.includes('G91 ') || one.text.includes(' G91')) isIncremental = true
      if (/G55|G53|G28/.test(one.text)) place()
      continue
    }
    if (one.kind === 'line') {
      const words = (['x', 'y', 'z'] as const).flatMap((axis) => (one[axis] === undefined ? [] : [axis.toUpperCase() + written(one[axis] * scale)]))
      lines.push([one.isRapid ? 'G0' : 'G1', ...words, ...(one.feed === undefined || one.isRapid ? [] : [`F${written(one.feed * scale)}`])].join(' '))
      continue
    }
    const [a, b, across, i, j] = PLANES[one.plane]
    const dA = -one.radius * Math.cos(one.start)
    const dB = -one.radius * Math.sin(one.start)
    const isWhole = Math.abs(one.sweep) > 6.2
    const toA = isWhole ? 0 : dA + one.radius * Math.cos(one.start + one.sweep)
    const toB = isWhole ? 0 : dB + one.radius * Math.sin(one.start + one.sweep)
    const isByRadius = one.isByRadius && !isWhole && Math.abs(Math.abs(one.sweep) - Math.PI) > 0.3 && Math.hypot(toA, toB) > 0.5
    const centre = isByRadius
      ? [`R${written(one.radius * scale * (Math.abs(one.sweep) > Math.PI ? -1 : 1))}`]
      : [`${i}${(dA * scale).toFixed(6)}`, `${j}${(dB * scale).toFixed(6)}`]
    const rise = one.rise === 0 ? [] : [`${across}${written(one.rise * scale)}`]
    if (!isIncremental) lines.push('G91')
    lines.push(`G${one.plane} G${one.sweep > 0 ? 3 : 2} ${a}${(toA * scale).toFixed(6)} ${b}${(toB * scale).toFixed(6)} ${[...rise, ...centre].join(' ')}`)
    lines.push(isIncremental ? 'G17' : 'G17 G90')
  }
  lines.push('G17', 'M30')
  return `${lines.filter((line) => line !== '').join('\n')}\n`
})

export const anyMap: fc.Arbitrary<HeightMap> = fc
  .record({ columns: fc.integer({ min: 2, max: 6 }), rows: fc.integer({ min: 2, max: 6 }), heights: fc.infiniteStream(fc.integer({ min: -50, max: 50 })) })
  .map(({ columns, rows, heights }) => ({
    minMm: [-50, -40],
    maxMm: [60, 50],
    columns,
    rows,
    heightsMm: [...heights.take(columns * rows)].map((height) => height / 100),
  }))
