/** Bars of a histogram. */
import { centered, quantile } from './moments.ts'
import { assertValues, StatisticsError } from './statistics-error.ts'

export interface HistogramOptions {
  /**
   * How many bars: by the spread of the middle half (`freedman-diaconis`), by the number of values (`sturges`), or so many.
   * @defaultValue `freedman-diaconis`
   */
  bars?: 'freedman-diaconis' | 'sturges' | number
  /** Widths of 1, 2 or 5 times a power of ten, and edges that are multiples of them. @defaultValue true */
  isRound?: boolean
}

export interface Histogram {
  width: number
  /** A value on an edge belongs to the bar above it; the last bar has its upper edge too. */
  bars: { from: number; to: number; count: number }[]
}

/** One value far away must not make a million bars. */
const MOST_BARS = 200

/** @throws StatisticsError no value, one that is none, or a number of bars that is none */
export function histogram(values: readonly number[], { bars = 'freedman-diaconis', isRound = true }: HistogramOptions = {}): Histogram {
  assertValues(values, 1)
  if (typeof bars === 'number' && !(Number.isInteger(bars) && bars >= 1 && bars <= MOST_BARS))
    throw new StatisticsError('option-invalid', `The number of bars must be a whole number from 1 to ${MOST_BARS}, not ${bars}.`)
  const sorted = values.toSorted((a, b) => a - b)
  const min = sorted[0] as number
  const max = sorted.at(-1) as number
  if (min === max) return { width: 0, bars: [{ from: min, to: max, count: values.length }] }
  const wanted = typeof bars === 'number' ? bars : Math.min(MOST_BARS, Math.ceil((max - min) / widthFor(sorted, bars)))
  const plain = (max - min) / wanted
  const width = isRound ? roundWidth(plain) : plain
  // far from 0 a width that is near the last digit of the values cannot be told from none: then as it comes
  const isTellable = isRound && Math.abs(max) / width < 1e12
  const used = isTellable ? width : plain
  const first = isTellable ? Math.floor(min / width) : 0
  const edge = (i: number) => (isTellable ? clean((first + i) * width, width) : i === wanted ? max : min + i * plain)
  const made: Histogram['bars'] = []
  for (let i = 0; i === 0 || edge(i) < max; i++) made.push({ from: edge(i), to: edge(i + 1), count: 0 })
  let bar = 0
  for (const value of sorted) {
    while (bar < made.length - 1 && value >= (made[bar] as { to: number }).to) bar++
    ;(made[bar] as { count: number }).count++
  }
  return { width: used, bars: made }
}

function widthFor(sorted: readonly number[], rule: 'freedman-diaconis' | 'sturges'): number {
  const n = sorted.length
  const range = (sorted.at(-1) as number) - (sorted[0] as number)
  if (rule === 'freedman-diaconis') {
    const middle = quantile(sorted, 0.75, 'linear') - quantile(sorted, 0.25, 'linear')
    if (middle > 0) return (2 * middle) / Math.cbrt(n)
    // half of the values are the same: by their standard deviation (Scott 1979)
    const { squares } = centered(sorted)
    return (3.49 * Math.sqrt(squares / Math.max(1, n - 1))) / Math.cbrt(n)
  }
  return range / (Math.ceil(Math.log2(n)) + 1)
}

function roundWidth(width: number): number {
  const power = 10 ** Math.floor(Math.log10(width))
  const step = width / power
  return power * (step > 5 ? 10 : step > 2 ? 5 : step > 1 ? 2 : 1)
}

/** Takes out what multiplying left: 0.30000000000000004. */
const clean = (edge: number, width: number): number => {
  const digits = Math.min(100, Math.max(0, 2 - Math.floor(Math.log10(width))))
  return digits > 15 ? edge : Number(edge.toFixed(digits))
}
