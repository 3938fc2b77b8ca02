/** A panel of a control chart as a drawing: points, limits by phase, zones, and the points at which a rule holds. */
import type { ChartView } from '../../api/index.ts'
import { decimalsOf, dot, INK, path, rangeOf, rect, svgOf, ticks, words } from './svg.ts'
import type { ReportWords } from './words/index.ts'

type Panel = ChartView['charts'][number]

/** `nelson-2` as it stands beside a point. */
export const shortRule = (rule: string): string =>
  rule
    .replace(/^nelson-/, 'N')
    .replace(/^western-electric-/, 'W')
    .replace(/^beyond-limits$/, 'L')

export interface PanelDrawing {
  panel: Panel
  chart: Pick<ChartView, 'points' | 'phases'>
  width: number
  height: number
  title: string
  decimals: number
  words: Pick<ReportWords, 'formats' | 'lines'>
  /** Names of phases stand above the upper panel only. */
  namesPhases: boolean
}

const LEFT = 52
const RIGHT = 70
const TOP = 24
const BOTTOM = 18
/** With more points than that to a point of width only the ends of what lies together are drawn: nothing beyond a limit is lost. */
const DENSE = 2

export function drawPanel({ panel, chart, width, height, title, decimals, words: said, namesPhases }: PanelDrawing): string {
  const { formats } = said
  const { points, phases } = chart
  const count = points.subgroup.length
  const parts: string[] = []
  const { low, high } = rangeOf(valuesAndLines(panel))
  const inner = { width: width - LEFT - RIGHT, height: height - TOP - BOTTOM }
  const x = (index: number) => LEFT + ((index + 0.5) / Math.max(1, count)) * inner.width
  const edge = (index: number) => LEFT + (Math.min(count, Math.max(0, index)) / Math.max(1, count)) * inner.width
  const y = (value: number) => TOP + (1 - (value - low) / (high - low)) * inner.height
  const inside = (value: number) => Math.min(high, Math.max(low, value))

  parts.push(words(LEFT, 10, title, { size: 8 }))
  for (const line of panel.lines) {
    const { center, sigma } = line
    if (center === null || sigma === null) continue
    const [from, to] = [edge(line.from), edge(line.to + 1)]
    const band = (sigmas: number, fill: string) => {
      const [top, bottom] = [inside(Math.min(center + sigmas * sigma, line.upper ?? high)), inside(Math.max(center - sigmas * sigma, line.lower ?? low))]
      if (top > bottom) parts.push(rect(from, y(top), to - from, y(bottom) - y(top), fill))
    }
    band(2, INK.band1)
    band(1, INK.band2)
  }
  parts.push(rect(LEFT, TOP, inner.width, inner.height, 'none', INK.line))
  const marks = ticks(low, high, Math.max(2, Math.round(inner.height / 28)))
  const shown = Math.max(decimalsOf(marks), 0)
  for (const mark of marks) {
    parts.push(
      path(
        [
          [LEFT - 3, y(mark)],
          [LEFT, y(mark)],
        ],
        { color: INK.grey, width: 0.5 },
      ),
    )
    parts.push(words(LEFT - 5, y(mark) + 2.4, formats.number(mark, shown), { anchor: 'end', color: INK.grey, size: 6.5 }))
  }
  const every = Math.max(1, Math.ceil(count / 16))
  for (let index = 0; index < count; index += every)
    parts.push(words(x(index), height - 6, String(points.subgroup[index]), { anchor: 'middle', color: INK.grey, size: 6.5 }))

  for (const key of ['lower', 'upper', 'center'] as const) parts.push(...steps(panel, key, edge, y))
  const last = panel.lines.at(-1)
  if (last) parts.push(...lineNames(last, { x: width - RIGHT + 4, y, decimals: decimals + (panel.name === 'individuals' ? 0 : 1), words: said }))
  for (const phase of phases.slice(1))
    parts.push(
      path(
        [
          [edge(phase.from), TOP - 8],
          [edge(phase.from), height - BOTTOM],
        ],
        { color: INK.grey, width: 0.5, dash: '2 2' },
      ),
    )
  if (namesPhases && phases.length > 1) for (const phase of phases) parts.push(words(edge(phase.from) + 3, TOP - 4, phase.name, { color: INK.grey, size: 6.5 }))

  parts.push(...drawPoints(panel, points, { x, y, width: inner.width }))
  return svgOf(width, height, parts)
}

function* valuesAndLines({ value, lines }: Panel): Generator<number | null> {
  yield* value
  for (const { center, lower, upper } of lines) yield* [center, lower, upper]
}

/** Lines of stretches that touch are one line with steps. */
function steps({ lines }: Panel, key: 'lower' | 'center' | 'upper', edge: (index: number) => number, y: (value: number) => number): string[] {
  const stroke = key === 'center' ? { color: INK.center, width: 0.8 } : { color: INK.limit, width: 0.8, dash: '5 2.5' }
  const drawn: string[] = []
  let run: [number, number][] = []
  let end = -1
  const flush = () => {
    if (run.length) drawn.push(path(run, stroke))
    run = []
  }
  for (const line of lines) {
    const value = line[key]
    if (value === null || line.from !== end + 1) flush()
    if (value !== null) run.push([edge(line.from), y(value)], [edge(line.to + 1), y(value)])
    end = line.to
  }
  flush()
  return drawn
}

function lineNames(
  { lower, center, upper }: Panel['lines'][number],
  { x, y, decimals, words: said }: { x: number; y: (value: number) => number; decimals: number; words: PanelDrawing['words'] },
): string[] {
  const names = [
    { name: said.lines.upper, value: upper, color: INK.limit },
    { name: said.lines.center, value: center, color: INK.center },
    { name: said.lines.lower, value: lower, color: INK.limit },
  ]
  let above = Number.NEGATIVE_INFINITY
  return names.flatMap(({ name, value, color }) => {
    if (value === null) return []
    // never one over the other
    above = Math.max(y(value) + 2.4, above + 7.5)
    return [words(x, above, `${name} ${said.formats.number(value, decimals)}`, { size: 6.5, color })]
  })
}

function drawPoints(
  panel: Panel,
  points: ChartView['points'],
  { x, y, width }: { x: (index: number) => number; y: (value: number) => number; width: number },
): string[] {
  const { value } = panel
  const drawn: string[] = []
  const isDense = value.length > width * DENSE
  let run: [number, number][] = []
  const flush = () => {
    drawn.push(path(isDense ? thinned(run) : run))
    run = []
  }
  value.forEach((at, index) => {
    if (at === null) flush()
    else if (!points.excluded[index]) run.push([x(index), y(at)])
  })
  flush()
  const radius = value.length > 150 ? 1 : 1.8
  if (value.length <= width)
    value.forEach((at, index) => {
      if (at === null) return
      const isExcluded = points.excluded[index] === 1
      drawn.push(dot(x(index), y(at), radius, isExcluded ? '#ffffff' : INK.data, isExcluded ? INK.grey : INK.data))
    })
  const rules = new Map<number, string[]>()
  for (const { at, rule } of panel.signals) if (at >= 0 && at < value.length) rules.set(at, [...(rules.get(at) ?? []), shortRule(rule)])
  // in a crowd the letters would be a blot: the table below has them
  const hasLetters = rules.size <= 40
  for (const [index, names] of rules) {
    const at = value[index]
    if (at === null || at === undefined) continue
    drawn.push(rect(x(index) - 2.4, y(at) - 2.4, 4.8, 4.8, INK.bad))
    if (hasLetters) drawn.push(words(x(index), y(at) - 4, names.join(' '), { size: 5.5, color: INK.bad, anchor: 'middle' }))
  }
  return drawn
}

/** Of what lies in the same half point of width: first, lowest, highest, last. */
function thinned(run: readonly [number, number][]): [number, number][] {
  const kept: [number, number][] = []
  let begin = 0
  for (let i = 1; i <= run.length; i += 1) {
    const [first, here] = [run[begin], run[i]]
    if (first && here && Math.floor(here[0] * 2) === Math.floor(first[0] * 2)) continue
    const together = run.slice(begin, i)
    let [low, high] = [0, 0]
    together.forEach((point, index) => {
      if (point[1] < (together[low]?.[1] ?? 0)) low = index
      if (point[1] > (together[high]?.[1] ?? 0)) high = index
    })
    for (const index of [...new Set([0, low, high, together.length - 1])].sort((a, b) => a - b)) {
      const point = together[index]
      if (point) kept.push(point)
    }
    begin = i
  }
  return kept
}
