/** What the engine writes out for a controller that knows less must make the same moves as the source. */

import { expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import { rounds } from '../../../test/rounds.ts'
import { lines, type Read, read } from './test/read.ts'

const number = (min: number, max: number) => fc.integer({ min: min * 1000, max: max * 1000 }).map((value) => value / 1000)
const near = number(-40, 40)

/** Lines that belong together. */
const group: fc.Arbitrary<string[]> = fc.oneof(
  fc
    .constantFrom(
      'G90',
      'G91',
      'G20',
      'G21',
      'G17',
      'G18',
      'G19',
      'G80',
      'G54',
      'G55',
      'G98',
      'G99',
      'G49',
      'G92.1',
      'G64 P0.1',
      'M3 S900',
      'M5',
      'M8',
      'T3 M6',
      'G0 G80 G40',
    )
    .map((code) => [code]),
  fc.tuple(fc.constantFrom('G0', 'G1', '', 'G53 G0', 'G49 G0'), near, near, near).map(([code, x, y, z]) => [`${code} X${x} Y${y} Z${z}`]),
  fc.tuple(near, number(1, 20)).map(([x, r]) => [`G91 G3 X${x} R${Math.abs(x) + r}`, 'G90']),
  fc
    .tuple(near, near, number(0.5, 9), fc.constantFrom(2, 3))
    .map(([x, y, r, code]) => ['G90 G17', `G0 X${x} Y${y}`, 'G90.1', `G${code} X${x} Y${y} I${(x + r).toFixed(3)} J${y}`, 'G91.1']),
  fc
    .tuple(fc.constantFrom(81, 82, 83, 73, 85, 86, 89), near, near, number(0, 5), number(-9, -1), number(0.5, 4), fc.integer({ min: 1, max: 3 }))
    .map(([cycle, x, y, r, z, q, l]) => [`G17 G${cycle} X${x} Y${y} Z${z} R${r} Q${q} P0.1 L${l}`, `X${y}`, 'G80']),
  fc.tuple(near, near).map(([a, b]) => [`#1=${a}`, `#<b>=[${b}/7]`, 'G1 X[#1+#<b>] Y-#<b>', 'G91 G1 X[1/3] Y[SIN[#1]]', 'G90']),
  fc
    .tuple(near, fc.integer({ min: 1, max: 4 }))
    .map(([x, n]) => ['#2=0', `o7 repeat [${n}]`, '#2=[#2+1]', `o8 if [#2 MOD 2 EQ 0]`, `G1 X[${x}+#2]`, 'o8 else', 'G1 Y#2', 'o8 endif', 'o7 endrepeat']),
  fc.tuple(near, near).map(([x, z]) => [`G10 L2 P2 X${x}`, `G43.1 Z${z}`, `G92 Y${x}`]),
  fc.tuple(near, near).map(([x, y]) => ['G91 G28 Z0', `G90 G0 X${x} (over (there)) Y${y}`]),
)

const HEAD = 'G21 G90 G17 G94 F200'

/** Ways gone, without those of no length. */
function ways({ moves }: Read): { kind: string; to: number[]; feed: number; sweep: number }[] {
  return moves
    .filter(({ from, to, sweep }) => sweep !== 0 || to.some((value, axis) => Math.abs(value - from[axis]!) > 1e-4))
    .map(({ kind, to, feedMmPerMin, sweep }) => ({ kind, to: [...to.slice(0, 3)], feed: feedMmPerMin, sweep }))
}

/** Groups that can be taken one after the other. */
function goodProgram(groups: readonly string[][], dialect: 'grbl' | 'grblhal' | 'fluidnc'): string[] {
  const good = [HEAD]
  for (const group of groups) {
    if (read(lines(...good, ...group), { dialect }).errors.length === 0) good.push(...group)
  }
  return good
}

test('what is written out makes the same moves, and has nothing left to write out', () => {
  fc.assert(
    fc.property(
      fc.array(group, { minLength: 2, maxLength: 14 }),
      fc.constantFrom('grbl' as const, 'grblhal' as const, 'fluidnc' as const),
      (groups, dialect) => {
        const source = goodProgram(groups, dialect)
        const first = read(lines(...source), { dialect })
        const again = read(lines(...first.output), { dialect })
        const context = `${source.join('\n')}\n---\n${first.output.join('\n')}`
        expect(again.errors, context).toEqual([])
        expect(again.output, context).toEqual(first.output)
        expect(again.facts.isExpanded, context).toBe(false)
        const [before, after] = [ways(first), ways(again)]
        expect(
          after.map(({ kind }) => kind),
          context,
        ).toEqual(before.map(({ kind }) => kind))
        before.forEach((way, index) => {
          const other = after[index]!
          for (const axis of [0, 1, 2]) expect(Math.abs(other.to[axis]! - way.to[axis]!), context).toBeLessThan(0.001)
          expect(Math.abs(other.feed - way.feed), context).toBeLessThan(0.001)
          expect(Math.abs(other.sweep - way.sweep), context).toBeLessThan(0.01)
        })
        for (const line of first.output) expect(line.length).toBeLessThanOrEqual(dialect === 'grbl' ? 79 : 255)
      },
    ),
    { numRuns: rounds(300) },
  )
})
