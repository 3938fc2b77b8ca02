/** The counters against the definitions: each rule written down as what it says of the last points, with every convention drawn at random. */
import { expect, test } from 'vitest'
import fc from '../../../../test/property.ts'
import { rounds } from '../../../../test/rounds.ts'
import { createRunRules, NELSON_RULES, type RuleId, type RuleOptions, type Signal, settleRules, WESTERN_ELECTRIC_RULES } from './index.ts'

const ALL: RuleId[] = [...NELSON_RULES, ...WESTERN_ELECTRIC_RULES]

/** Half sigmas, so that points fall on lines and on one another. */
const place = fc.oneof(
  { weight: 14, arbitrary: fc.integer({ min: -7, max: 7 }).map((half) => ({ z: half / 2, why: undefined })) },
  { weight: 1, arbitrary: fc.constantFrom<'missing' | 'excluded'>('missing', 'excluded').map((why) => ({ z: 0, why })) },
)
/** Rows that make long patterns likely. */
const places = fc
  .array(
    fc.oneof(
      fc.array(place, { minLength: 1, maxLength: 6 }),
      fc.tuple(place, fc.integer({ min: 2, max: 18 })).map(([one, count]) => Array.from({ length: count }, () => one)),
      fc.integer({ min: 3, max: 18 }).map((count) => Array.from({ length: count }, (_, i) => ({ z: i % 2 ? 1.5 : -1.5, why: undefined }))),
      fc.integer({ min: 3, max: 12 }).map((count) => Array.from({ length: count }, (_, i) => ({ z: i / 2 - 2, why: undefined }))),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((rows) => rows.flat())

const length = fc.integer({ min: 2, max: 16 })
const conventions: fc.Arbitrary<Partial<RuleOptions>> = fc.record({
  beyond: fc.constantFrom('strict', 'inclusive'),
  nelson2Length: length,
  nelson3Length: length,
  nelson4Length: fc.integer({ min: 3, max: 16 }),
  nelson7Length: length,
  nelson8Length: length,
  nelson8Sides: fc.constantFrom('both', 'either'),
  westernElectric4Length: length,
  zoneFlags: fc.constantFrom('beyond', 'window'),
  zoneWindows: fc.constantFrom('partial', 'full'),
  restartsAtMissing: fc.boolean(),
  restartsAtExcluded: fc.boolean(),
})

interface Point {
  z: number
  at: number
}

/** What the rules say of the last of these points, by their words. */
function byDefinition(points: readonly Point[], options: RuleOptions): string[] {
  const found: string[] = []
  const current = points.at(-1)!
  const tell = (rule: RuleId, from: Point, side = '') => found.push(`${rule} ${from.at}-${current.at} ${side}`)
  const isBeyond = ({ z }: Point, sigmas: number, side: number) => (options.beyond === 'strict' ? side * z > sigmas : side * z >= sigmas)
  const last = (count: number) => (points.length < count ? undefined : points.slice(-count))
  const sides = [
    [1, 'upper'],
    [-1, 'lower'],
  ] as const
  for (const [side, name] of sides) {
    for (const rule of ['nelson-1', 'western-electric-1'] as const) if (isBeyond(current, 3, side)) tell(rule, current, name)
    for (const [rule, count] of [
      ['nelson-2', options.nelson2Length],
      ['western-electric-4', options.westernElectric4Length],
    ] as const) {
      const row = last(count)
      if (row?.every(({ z }) => side * z > 0)) tell(rule, row[0]!, name)
    }
    const rise = last(options.nelson3Length)
    if (rise?.every(({ z }, i) => i === 0 || side * (z - rise[i - 1]!.z) > 0)) tell('nelson-3', rise[0]!, name)
    for (const [rules, needs, of, sigmas] of [
      [['nelson-5', 'western-electric-2'], 2, 3, 2],
      [['nelson-6', 'western-electric-3'], 4, 5, 1],
    ] as const) {
      if (options.zoneWindows === 'full' && points.length < of) continue
      const there = points.slice(-of).filter((point) => isBeyond(point, sigmas, side))
      if (there.length < needs || (options.zoneFlags === 'beyond' && there.at(-1) !== current)) continue
      for (const rule of rules) tell(rule, there[0]!, name)
    }
  }
  const turn = last(options.nelson4Length)
  if (turn) {
    const moves = turn.slice(1).map(({ z }, i) => Math.sign(z - turn[i]!.z))
    if (moves.every((move, i) => move !== 0 && (i === 0 || move === -moves[i - 1]!))) tell('nelson-4', turn[0]!)
  }
  const isOut = (point: Point) => isBeyond(point, 1, 1) || isBeyond(point, 1, -1)
  const inner = last(options.nelson7Length)
  if (inner?.every((point) => !isOut(point))) tell('nelson-7', inner[0]!)
  const outer = last(options.nelson8Length)
  const hasBoth = outer?.some((point) => isBeyond(point, 1, 1)) && outer.some((point) => isBeyond(point, 1, -1))
  if (outer?.every(isOut) && (hasBoth || options.nelson8Sides === 'either')) tell('nelson-8', outer[0]!)
  return found.sort()
}

const inWords = (signals: readonly Signal[]) => signals.map(({ rule, from, at, side = '' }) => `${rule} ${from}-${at} ${side}`).sort()

const point = (z: number, at: number) => ({ at, value: z, center: 0, lower: -3, upper: 3, low1: -1, high1: 1, low2: -2, high2: 2 })

test('counting says of every point what the rules say by their words', () => {
  fc.assert(
    fc.property(places, conventions, (row, asked) => {
      const options = settleRules({ ...asked, on: ALL })
      if (typeof options === 'string') throw new Error(options)
      const run = createRunRules(ALL, options)
      let seen: Point[] = []
      row.forEach(({ z, why }, at) => {
        if (why) {
          run.skip(why)
          if (why === 'missing' ? options.restartsAtMissing : options.restartsAtExcluded) seen = []
          return
        }
        seen.push({ z, at })
        expect(inWords(run.add(point(z, at)))).toEqual(byDefinition(seen, options))
      })
    }),
    { numRuns: rounds(300) },
  )
})

test('a state that went through JSON goes on as if nothing had been', () => {
  fc.assert(
    fc.property(places, conventions, fc.nat(60), (row, asked, cut) => {
      const options = settleRules({ ...asked, on: ALL })
      if (typeof options === 'string') throw new Error(options)
      const whole = createRunRules(ALL, options)
      let parts = createRunRules(ALL, options)
      row.forEach(({ z, why }, at) => {
        if (at === cut) {
          const kept = JSON.parse(JSON.stringify(parts.state())) as number[]
          parts = createRunRules(ALL, options)
          parts.restore(kept)
        }
        if (why) {
          whole.skip(why)
          parts.skip(why)
        } else expect(parts.add(point(z, at))).toEqual(whole.add(point(z, at)))
      })
    }),
    { numRuns: rounds(200) },
  )
})

test.each<[string, Partial<RuleOptions>, RegExp]>([
  ['a rule that there is not', { on: ['nelson-9' as RuleId] }, /no rule "nelson-9"/],
  ['a row of one', { nelson2Length: 1 }, /nelson2Length/],
  ['a row without end', { nelson7Length: 1e9 }, /nelson7Length/],
  ['a convention that there is not', { nelson2: 8 } as Partial<RuleOptions>, /no convention "nelson2"/],
  ['a number for a truth', { restartsAtMissing: 1 as unknown as boolean }, /restartsAtMissing must be true or false/],
  ['a word that there is not', { beyond: 'loose' as 'strict' }, /beyond must be strict or inclusive/],
])('refuses %s', (_, asked, message) => {
  expect(settleRules(asked)).toMatch(message)
})
