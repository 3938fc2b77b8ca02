/**
 * `npm run bench quality`: 1,000,000 points added one by one to an X-bar/R chart with all eight Nelson rules; what the next point
 * costs there against what it costs at 1,000 (the floor, in turns with it); and the nightly recomputation of 1,000 charts of 1,000 points.
 */
import { type ChartOptions, type ChartStream, chartStream, controlChart, type Subgroup } from '../../nodes/quality/engine/charts/index.ts'
import { NELSON_RULES } from '../../nodes/quality/engine/rules/index.ts'
import { type Bench, conditions, keepSamples, median, percentile, round } from './bench.ts'

const POINTS = 1_000_000
const YOUNG = 1000
const SIZE = 5
/** Points in one measured batch: long against the clock, short against the 1,000 that a young chart has. */
const BATCH = 500
const BATCHES = 400
const CHARTS = 1000
const CHART_POINTS = 1000
const ROUNDS = 3
/** What is gone through again and again; no multiple of a batch, so that each batch has other values. */
const STOCK = 9973

const live: ChartOptions = { kind: 'xbar-r', given: { center: 74, sigma: 0.01 }, rules: { on: NELSON_RULES } }

/** The same numbers in every run: a linear congruential generator, twelve draws for a nearly normal value. */
function subgroups(count: number, from: number): Subgroup[] {
  let state = from
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const normal = () => Array.from({ length: 12 }, draw).reduce((sum, one) => sum + one, -6)
  return Array.from({ length: count }, () => ({ values: Array.from({ length: SIZE }, () => 74 + 0.01 * normal()) }))
}

/** Adds points of the stock to a chart; counts signals so that nothing can be left out as unused. */
function feeder(stream: ChartStream, stock: readonly Subgroup[], from = 0) {
  let next = from
  let signals = 0
  return {
    add(count: number): void {
      for (let i = 0; i < count; i += 1) {
        for (const { signals: found } of stream.add(stock[next] as Subgroup).panels) signals += found.length
        next = (next + 1) % stock.length
      }
    },
    signals: () => signals,
    next: () => next,
  }
}

function measure(work: () => void): number {
  const begun = performance.now()
  work()
  return performance.now() - begun
}

/** Nanoseconds for each point of every batch, in turns so that what the machine does besides meets both. */
function compareAges(stock: readonly Subgroup[], tell: (text: string) => void) {
  tell(`Adding ${POINTS} points one by one`)
  const old = feeder(chartStream(live), stock)
  const fillMs = measure(() => old.add(POINTS))
  if (!old.signals()) throw new Error('A million points gave no signal: the rules were not tested')
  tell(`The next point at ${YOUNG} and at ${POINTS}, in turns`)
  const samples: { young: number[]; old: number[] } = { young: [], old: [] }
  const perPoint = (ms: number) => (ms * 1e6) / BATCH
  for (let turn = 0; turn < BATCHES; turn += 1) {
    // so that its batch has the very values of the old one's
    const young = feeder(chartStream(live), stock, (old.next() - YOUNG + stock.length) % stock.length)
    young.add(YOUNG)
    const isYoungFirst = turn % 2 === 0
    if (isYoungFirst) samples.young.push(perPoint(measure(() => young.add(BATCH))))
    samples.old.push(perPoint(measure(() => old.add(BATCH))))
    if (!isYoungFirst) samples.young.push(perPoint(measure(() => young.add(BATCH))))
  }
  return { fillMs, samples }
}

/** Limits from the data, points and all eight rules of every chart anew. */
function recompute(): number {
  const charts = Array.from({ length: CHARTS }, (_, i) => i)
  const stock = charts.map((i) => subgroups(CHART_POINTS, i + 1))
  return measure(() => {
    let points = 0
    for (const i of charts) points += controlChart(stock[i] ?? [], { kind: 'xbar-r', rules: { on: NELSON_RULES } }).count
    if (points !== CHARTS * CHART_POINTS) throw new Error('Not every point was recomputed')
  })
}

export const bench: Bench = async ({ tell }) => {
  const stock = subgroups(STOCK, 20_261_123)
  // what the compiler does at first belongs to neither age
  feeder(chartStream(live), stock).add(50_000)
  const { fillMs, samples } = compareAges(stock, tell)
  tell(`Recomputing ${CHARTS} charts of ${CHART_POINTS} points`)
  const nightly = Array.from({ length: ROUNDS }, recompute)
  const [young, old] = [median(samples.young), median(samples.old)]
  const row = (what: string, list: readonly number[]) => ({
    what,
    n: list.length,
    'median ns': round(median(list), 0),
    'p95 ns': round(percentile(list, 95), 0),
  })
  return {
    rows: [
      row(`next point at ${YOUNG}`, samples.young),
      row(`next point at ${POINTS}`, samples.old),
      { what: `${POINTS} points one by one`, n: 1, 'total ms': round(fillMs, 0) },
      { what: `${CHARTS} charts of ${CHART_POINTS} points anew`, n: ROUNDS, 'total ms': round(median(nightly), 0) },
    ],
    figures: {
      costRatio: round(old / young),
      nextPointNsAtThousand: round(young, 0),
      nextPointNsAtMillion: round(old, 0),
      millionPointsMs: round(fillMs, 0),
      nightlyMs: round(median(nightly), 0),
      n: BATCHES,
      conditions: conditions({ points: POINTS, subgroupSize: SIZE, rules: NELSON_RULES.length, batch: BATCH, charts: CHARTS, chartPoints: CHART_POINTS }),
      samples: await keepSamples('quality', { ...samples, nightly }),
    },
  }
}
