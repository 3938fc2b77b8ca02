/** Histogram and probability plot of a capability report. */
import type { CapabilityView } from '../../api/index.ts'
import { decimalsOf, dot, INK, path, rangeOf, rect, svgOf, ticks, words } from './svg.ts'
import type { ReportWords } from './words/index.ts'

const LEFT = 34
const TOP = 18
const BOTTOM = 18

interface Size {
  width: number
  height: number
}

const density = (x: number, mean: number, sigma: number): number => Math.exp(-0.5 * ((x - mean) / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI))

export function drawHistogram(view: CapabilityView, { capability: say, formats }: ReportWords, { width, height }: Size): string | undefined {
  const { histogram, tolerance, indices, mean, values } = view
  if (!histogram?.length) return undefined
  const { low, high } = rangeOf([...histogram.flatMap(({ from, to }) => [from, to]), tolerance.lower, tolerance.upper, tolerance.target], 0.04)
  const curves = (
    indices && mean !== null
      ? [
          { sigma: indices.overall.sigma, dash: undefined },
          { sigma: indices.within.sigma, dash: '3 2' },
        ]
      : []
  ).filter(({ sigma }) => sigma > 0)
  const first = histogram[0]
  const step = first ? first.to - first.from : 1
  const scale = values * step
  const most = Math.max(...histogram.map(({ count }) => count), ...curves.map(({ sigma }) => density(mean ?? 0, mean ?? 0, sigma) * scale), 1) * 1.08
  const inner = { width: width - LEFT - 8, height: height - TOP - BOTTOM }
  const x = (value: number) => LEFT + ((value - low) / (high - low)) * inner.width
  const y = (count: number) => TOP + (1 - count / most) * inner.height
  const parts = [rect(LEFT, TOP, inner.width, inner.height, 'none', INK.line)]
  for (const { from, to, count } of histogram) if (count) parts.push(rect(x(from), y(count), x(to) - x(from), y(0) - y(count), INK.bar, '#ffffff'))
  for (const { sigma, dash } of curves)
    parts.push(
      path(
        Array.from({ length: 121 }, (_, i) => low + ((high - low) * i) / 120).map((value) => [x(value), y(density(value, mean ?? 0, sigma) * scale)] as const),
        { color: INK.data, width: 0.9, ...(dash ? { dash } : {}) },
      ),
    )
  const sides = [
    { name: say.lowerLimit, value: tolerance.lower, color: INK.bad },
    { name: say.target, value: tolerance.target, color: INK.center },
    { name: say.upperLimit, value: tolerance.upper, color: INK.bad },
  ]
  for (const { name, value, color } of sides)
    if (value !== null)
      parts.push(
        path(
          [
            [x(value), TOP - 4],
            [x(value), height - BOTTOM],
          ],
          { color, width: 0.9 },
        ),
        words(x(value), TOP - 6, name, { anchor: 'middle', size: 6.5, color }),
      )
  const marks = ticks(low, high, 6)
  for (const mark of marks) parts.push(words(x(mark), height - 6, formats.number(mark, decimalsOf(marks)), { anchor: 'middle', color: INK.grey, size: 6.5 }))
  const counts = ticks(0, most, 4).filter(Number.isInteger)
  for (const mark of counts) parts.push(words(LEFT - 4, y(mark) + 2.4, formats.integer(mark), { anchor: 'end', color: INK.grey, size: 6.5 }))
  return svgOf(width, height, parts)
}

export function drawNormalPlot({ normalPlot: plot }: CapabilityView, { formats }: ReportWords, { width, height }: Size): string | undefined {
  if (!plot || plot.value.length < 2 || !(plot.standardDeviation > 0)) return undefined
  const across = rangeOf(plot.value)
  const up = rangeOf(plot.score)
  const inner = { width: width - LEFT - 8, height: height - TOP - BOTTOM }
  const x = (value: number) => LEFT + ((value - across.low) / (across.high - across.low)) * inner.width
  const y = (score: number) => TOP + (1 - (score - up.low) / (up.high - up.low)) * inner.height
  const parts = [rect(LEFT, TOP, inner.width, inner.height, 'none', INK.line)]
  // the line where a normal distribution would lie, within the frame
  const ends = [up.low, up.high].map((score) => {
    const value = Math.min(across.high, Math.max(across.low, plot.mean + score * plot.standardDeviation))
    return [x(value), y((value - plot.mean) / plot.standardDeviation)] as const
  })
  parts.push(path(ends, { color: INK.center, width: 0.8 }))
  plot.value.forEach((value, index) => {
    parts.push(dot(x(value), y(plot.score[index] ?? 0), 1.2, INK.data, INK.data))
  })
  const marks = ticks(across.low, across.high, 5)
  for (const mark of marks) parts.push(words(x(mark), height - 6, formats.number(mark, decimalsOf(marks)), { anchor: 'middle', color: INK.grey, size: 6.5 }))
  // the scale of a probability net: shares, where normal scores are
  for (const [share, score] of [
    ['1', -2.3263],
    ['10', -1.2816],
    ['50', 0],
    ['90', 1.2816],
    ['99', 2.3263],
  ] as const)
    if (score > up.low && score < up.high) parts.push(words(LEFT - 4, y(score) + 2.4, `${share} %`, { anchor: 'end', color: INK.grey, size: 6.5 }))
  return svgOf(width, height, parts)
}
