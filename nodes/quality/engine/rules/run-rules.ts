/**
 * The rules as counters: each point moves them on and reads them, so that the cost of a point does not know how many came before.
 * Sources: Western Electric, Statistical Quality Control Handbook (1956), p. 25; L. S. Nelson, The Shewhart Control Chart: Tests for
 * Special Causes, Journal of Quality Technology 16 (1984) 237.
 */
import type { RuleId, RuleOptions, Signal } from './contract.ts'

/** A point and the lines at its place. A line that is not there is NaN: nothing is beyond it. */
export interface JudgedPoint {
  at: number
  value: number
  center: number
  lower: number
  upper: number
  /** Lower and upper lines of one and two sigma. */
  low1: number
  high1: number
  low2: number
  high2: number
}

export interface RunRules {
  /** What the rules say of the next point. */
  add(point: JudgedPoint): Signal[]
  /** A place that is not judged. */
  skip(why: 'missing' | 'excluded'): void
  /** Numbers that `restore` takes back. */
  state(): number[]
  restore(state: readonly number[]): void
}

function bits(mask: number): number {
  let count = 0
  for (let rest = mask; rest; rest &= rest - 1) count += 1
  return count
}

/** How many points ago the first of a window was that is beyond. */
const oldest = (mask: number) => 31 - Math.clz32(mask)

/** How far each pattern has come. */
const freshRun = () => ({
  /** Judged points since the start or restart, as far as a window can tell. */
  seen: 0,
  last: 0,
  /** Points on one side, and moves in one direction, in a row: below zero for the lower side and for falls. */
  side: 0,
  trend: 0,
  /** Moves that each went the other way than the one before, and which way the last went. */
  turns: 0,
  way: 0,
  // which of the last points are beyond, the newest in bit 0
  high2: 0,
  low2: 0,
  high1: 0,
  low1: 0,
  /** Points in a row within one sigma, and beyond it. */
  inner: 0,
  outer: 0,
  /** Points since one was beyond one sigma above, and below. */
  sinceHigh: 0,
  sinceLow: 0,
})

/** @param on which rules are tested; the conventions are those of `options` */
export function createRunRules(on: readonly RuleId[], options: RuleOptions): RunRules {
  const { nelson3Length, nelson4Length, nelson7Length, nelson8Length } = options
  const has = new Set(on)
  const limitRules = on.filter((rule) => rule === 'beyond-limits' || rule === 'nelson-1' || rule === 'western-electric-1')
  const sideRules: { rule: RuleId; length: number }[] = []
  if (has.has('nelson-2')) sideRules.push({ rule: 'nelson-2', length: options.nelson2Length })
  if (has.has('western-electric-4')) sideRules.push({ rule: 'western-electric-4', length: options.westernElectric4Length })
  const twoOfThree = on.filter((rule) => rule === 'nelson-5' || rule === 'western-electric-2')
  const fourOfFive = on.filter((rule) => rule === 'nelson-6' || rule === 'western-electric-3')
  const tests = { trend: has.has('nelson-3'), turns: has.has('nelson-4'), inner: has.has('nelson-7'), outer: has.has('nelson-8') }
  const isStrict = options.beyond === 'strict'
  const above = (value: number, line: number) => value > line || (!isStrict && value === line)
  const below = (value: number, line: number) => value < line || (!isStrict && value === line)

  /** Where the newest judged points stand: a ring, for where a pattern began. */
  const places = new Array<number>(Math.max(5, nelson3Length, nelson4Length, nelson7Length, nelson8Length, ...sideRules.map(({ length }) => length))).fill(0)
  let newest = 0
  const placeOf = (pointsAgo: number) => places[(newest - pointsAgo + places.length) % places.length] ?? 0
  let run = freshRun()

  function advance(point: JudgedPoint): void {
    const { value } = point
    newest = (newest + 1) % places.length
    places[newest] = point.at
    const side = Math.sign(value - point.center)
    run.side = side !== 0 && side === Math.sign(run.side) ? run.side + side : side
    const move = run.seen ? Math.sign(value - run.last) : 0
    run.trend = move !== 0 && move === Math.sign(run.trend) ? run.trend + move : move
    run.turns = move === 0 ? 0 : move === -run.way ? run.turns + 1 : 1
    run.way = move
    run.high2 = ((run.high2 << 1) | Number(above(value, point.high2))) & 0b111
    run.low2 = ((run.low2 << 1) | Number(below(value, point.low2))) & 0b111
    const isHigh = above(value, point.high1)
    const isLow = below(value, point.low1)
    run.high1 = ((run.high1 << 1) | Number(isHigh)) & 0b11111
    run.low1 = ((run.low1 << 1) | Number(isLow)) & 0b11111
    // a line that is not there leaves a point neither within nor beyond
    run.inner = !isHigh && !isLow && value <= point.high1 && value >= point.low1 ? run.inner + 1 : 0
    run.outer = isHigh || isLow ? run.outer + 1 : 0
    run.sinceHigh = isHigh ? 0 : run.sinceHigh + 1
    run.sinceLow = isLow ? 0 : run.sinceLow + 1
    run.last = value
    run.seen = Math.min(run.seen + 1, places.length)
  }

  /** Of how many points how many must be beyond the zone, and which are. */
  function tellZone(found: Signal[], zone: { rules: readonly RuleId[]; at: number; needs: number; of: number; high: number; low: number }): void {
    if (options.zoneWindows === 'full' && run.seen < zone.of) return
    const isFlagged = (mask: number) => bits(mask) >= zone.needs && (options.zoneFlags === 'window' || (mask & 1) === 1)
    for (const rule of zone.rules) {
      if (isFlagged(zone.high)) found.push({ rule, at: zone.at, from: placeOf(oldest(zone.high)), side: 'upper' })
      if (isFlagged(zone.low)) found.push({ rule, at: zone.at, from: placeOf(oldest(zone.low)), side: 'lower' })
    }
  }

  function tell(point: JudgedPoint): Signal[] {
    const { at, value } = point
    const found: Signal[] = []
    if (above(value, point.upper)) for (const rule of limitRules) found.push({ rule, at, from: at, side: 'upper' })
    if (below(value, point.lower)) for (const rule of limitRules) found.push({ rule, at, from: at, side: 'lower' })
    for (const { rule, length } of sideRules)
      if (Math.abs(run.side) >= length) found.push({ rule, at, from: placeOf(length - 1), side: run.side > 0 ? 'upper' : 'lower' })
    if (tests.trend && Math.abs(run.trend) >= nelson3Length - 1)
      found.push({ rule: 'nelson-3', at, from: placeOf(nelson3Length - 1), side: run.trend > 0 ? 'upper' : 'lower' })
    if (tests.turns && run.turns >= nelson4Length - 1) found.push({ rule: 'nelson-4', at, from: placeOf(nelson4Length - 1) })
    if (twoOfThree.length) tellZone(found, { rules: twoOfThree, at, needs: 2, of: 3, high: run.high2, low: run.low2 })
    if (fourOfFive.length) tellZone(found, { rules: fourOfFive, at, needs: 4, of: 5, high: run.high1, low: run.low1 })
    if (tests.inner && run.inner >= nelson7Length) found.push({ rule: 'nelson-7', at, from: placeOf(nelson7Length - 1) })
    if (tests.outer && run.outer >= nelson8Length) {
      const isOnBothSides = run.sinceHigh < nelson8Length && run.sinceLow < nelson8Length
      if (isOnBothSides || options.nelson8Sides === 'either') found.push({ rule: 'nelson-8', at, from: placeOf(nelson8Length - 1) })
    }
    return found
  }

  return {
    add(point) {
      advance(point)
      return tell(point)
    },
    skip(why) {
      if (why === 'missing' ? options.restartsAtMissing : options.restartsAtExcluded) run = freshRun()
    },
    state: () => [newest, ...Object.values(run), ...places],
    restore([place = 0, ...numbers]) {
      newest = place
      const names = Object.keys(run) as (keyof typeof run)[]
      names.forEach((name, i) => {
        run[name] = numbers[i] ?? 0
      })
      places.forEach((_, i) => {
        places[i] = numbers[names.length + i] ?? 0
      })
    },
  }
}
