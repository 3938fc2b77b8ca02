/** What is drawn on a piece of a chart: zones, limits in steps, the line, points and marks. The same on every piece, so that their edges meet. */
import type { PlotColors } from './colors.ts'
import { columnsOf } from './columns.ts'
import { firstMark, type PlotMark, type PlotModel, type PlotPanel, type Step, stepsWithin } from './panel.ts'

/** A canvas that shows the places from `from` to `to`, with what turns places and values into its pixels. */
export interface Paper {
  context: CanvasRenderingContext2D
  /** Canvas pixels, of the drawing area. */
  width: number
  height: number
  /** Canvas pixels of one CSS pixel. */
  ratio: number
  /** Canvas pixels from one place to the next. */
  step: number
  /** Canvas pixels of the whole chart to the left of this piece. */
  begin: number
  from: number
  to: number
  x: (place: number) => number
  y: (value: number) => number
}

/** Room for a rule's number beside its mark. */
const TEXT_PX = 24
const TEXT_HEIGHT_PX = 14
/** Marks nearer than this would hide each other: one of them stands for them. */
const CELL_PX = 3
/** So far a mark with its number reaches over the edge of a piece. */
const REACH_PX = 32
/** Points nearer than this are drawn as what lies between the least and the most of each pixel column. */
const DENSE_PX = 1
/** Dots need so much room. */
const DOT_PX = 5
/** A phase's name at most. */
const NAME_PX = 260

export function paintPiece(paper: Paper, chart: { panel: PlotPanel; steps: readonly Step[]; model: PlotModel; isFirst: boolean }, colors: PlotColors): void {
  const { panel, model, isFirst } = chart
  const steps = stepsWithin(chart.steps, paper.from - 1, paper.to + 1)
  paintLimits(paper, steps, panel.hasZones, colors)
  paintTolerance(paper, panel, colors)
  if (isFirst) paintPhases(paper, model, colors)
  if (paper.step / paper.ratio < DENSE_PX) paintColumns(paper, panel, model, colors)
  else paintLine(paper, panel, model, colors)
  const [first, last] = reachOf(paper, model.count)
  paintExcluded(paper, panel, model, first, last, colors)
  if (isFirst) paintOutOfTolerance(paper, panel, model, first, last, colors)
  paintMarks(paper, panel, first, last, colors)
  if (isFirst) paintNotes(paper, model, first, last, colors)
}

/** Points of which something may reach into this piece. */
function reachOf({ from, to, step, ratio }: Paper, count: number): [number, number] {
  const reach = (REACH_PX * ratio) / step
  return [Math.max(0, Math.floor(from - reach)), Math.min(count - 1, Math.ceil(to + reach))]
}

/** One sigma and two sigma each side of the centre, as bands; and where the limits lie. */
function paintLimits(paper: Paper, steps: readonly Step[], hasZones: boolean, colors: PlotColors): void {
  const { context, ratio } = paper
  const merged = mergedForPixels(paper, steps)
  if (hasZones) {
    context.fillStyle = colors.zone
    for (const { from, to, lower, center, upper } of merged) {
      const left = Math.round(paper.x(from - 0.5))
      const width = Math.round(paper.x(to + 0.5)) - left
      for (const [limit, share] of [
        [upper, 2 / 3],
        [upper, 1 / 3],
        [lower, 2 / 3],
        [lower, 1 / 3],
      ] as const) {
        const edge = Math.round(paper.y(center + (limit - center) * share))
        const middle = Math.round(paper.y(center))
        if (Number.isFinite(edge)) context.fillRect(left, Math.min(edge, middle), width, Math.abs(edge - middle))
      }
    }
  }
  const line = (of: (step: Step) => number, color: string, dash: number[]) => {
    context.beginPath()
    let isOn = false
    for (const step of merged) {
      const value = of(step)
      if (Number.isNaN(value)) {
        isOn = false
        continue
      }
      const y = Math.round(paper.y(value)) + 0.5
      if (isOn) context.lineTo(paper.x(step.from - 0.5), y)
      else context.moveTo(paper.x(step.from - 0.5), y)
      context.lineTo(paper.x(step.to + 0.5), y)
      isOn = true
    }
    context.strokeStyle = color
    context.lineWidth = 1.25 * ratio
    context.setLineDash(dash.map((each) => each * ratio))
    // dashes go on where those of the piece before ended
    context.lineDashOffset = dash.length > 0 ? Math.max(paper.begin, merged[0] ? paper.begin + paper.x(merged[0].from - 0.5) : 0) : 0
    context.stroke()
  }
  line(({ center }) => center, colors.center, [])
  line(({ upper }) => upper, colors.limit, [6, 4])
  line(({ lower }) => lower, colors.limit, [6, 4])
  context.setLineDash([])
  context.lineDashOffset = 0
}

/** Cut to what is near this piece; steps narrower than a pixel as one, with the limits of those that lie nearest to the centre: a point beyond one of them is never inside. */
function mergedForPixels(paper: Paper, steps: readonly Step[]): readonly Step[] {
  const cut = steps.map((step) => ({ ...step, from: Math.max(step.from, Math.floor(paper.from) - 1), to: Math.min(step.to, Math.ceil(paper.to) + 1) }))
  if (cut.length < paper.width / 2) return cut
  const merged: Step[] = []
  for (const step of cut) {
    const last = merged.at(-1)
    if (!last || paper.x(step.to) - paper.x(last.from) > paper.ratio) merged.push({ ...step })
    else {
      last.to = step.to
      last.lower = Math.max(last.lower, step.lower)
      last.upper = Math.min(last.upper, step.upper)
    }
  }
  return merged
}

function paintTolerance(paper: Paper, { tolerance }: PlotPanel, colors: PlotColors): void {
  const { context, ratio } = paper
  for (const limit of [tolerance?.lower, tolerance?.upper]) {
    if (limit === undefined) continue
    const y = Math.round(paper.y(limit)) + 0.5
    context.beginPath()
    context.moveTo(0, y)
    context.lineTo(paper.width, y)
    context.strokeStyle = colors.tolerance
    context.lineWidth = 1.5 * ratio
    context.setLineDash([2 * ratio, 3 * ratio])
    context.lineDashOffset = paper.begin
    context.stroke()
  }
  context.setLineDash([])
  context.lineDashOffset = 0
}

/** Where another phase begins, with its name. The name of the one that began before what is seen stands at the left edge (`plot.ts`). */
function paintPhases(paper: Paper, { phases }: PlotModel, colors: PlotColors): void {
  const { context, ratio } = paper
  context.font = `${12 * ratio}px ${colors.font}`
  context.textAlign = 'left'
  context.textBaseline = 'top'
  context.fillStyle = colors.quiet
  for (const [index, { from, name }] of phases.entries()) {
    const x = paper.x(from - 0.5)
    if (index === 0 || x > paper.width || x < -NAME_PX * ratio) continue
    context.beginPath()
    context.moveTo(x, 0)
    context.lineTo(x, paper.height)
    context.strokeStyle = colors.quiet
    context.lineWidth = ratio
    context.setLineDash([ratio, 3 * ratio])
    context.stroke()
    context.setLineDash([])
    context.fillText(name, x + 5 * ratio, 3 * ratio)
  }
}

/** Each pixel column from its least to its most: rectangles on whole pixels cost next to nothing. */
function paintColumns(paper: Paper, { values }: PlotPanel, { excluded }: PlotModel, colors: PlotColors): void {
  const { context, step, begin, width } = paper
  const { least, most } = columnsOf({ values, excluded, begin, columns: width, step })
  const thick = Math.max(1, Math.round(paper.ratio))
  context.fillStyle = colors.line
  for (let column = 0; column < width; column += 1) {
    const high = most[column] as number
    if (Number.isNaN(high)) continue
    const top = Math.round(paper.y(high))
    context.fillRect(column, top, thick, Math.max(thick, Math.round(paper.y(least[column] as number)) - top))
  }
}

/** A line from point to point, with dots where there is room for dots. */
function paintLine(paper: Paper, panel: PlotPanel, { excluded, count }: PlotModel, colors: PlotColors): void {
  const { context, ratio } = paper
  const first = Math.max(0, Math.floor(paper.from) - 1)
  const last = Math.min(count - 1, Math.ceil(paper.to) + 1)
  const beginAt = nextIncluded(panel, excluded, first, -1, count)
  const endAt = nextIncluded(panel, excluded, last, 1, count)
  context.beginPath()
  let isOn = false
  for (let index = beginAt; index <= endAt; index += 1) {
    const value = panel.values[index] as number
    if (Number.isNaN(value)) {
      isOn = false
      continue
    }
    if (excluded[index]) continue
    if (isOn) context.lineTo(paper.x(index), paper.y(value))
    else context.moveTo(paper.x(index), paper.y(value))
    isOn = true
  }
  context.strokeStyle = colors.line
  context.lineWidth = 1.25 * ratio
  context.lineJoin = 'bevel'
  context.stroke()
  if (paper.step / ratio < DOT_PX) return
  context.beginPath()
  for (let index = first; index <= last; index += 1) {
    const value = panel.values[index] as number
    if (Number.isNaN(value) || excluded[index]) continue
    const x = paper.x(index)
    const y = paper.y(value)
    context.moveTo(x + 2.5 * ratio, y)
    context.arc(x, y, 2.5 * ratio, 0, 2 * Math.PI)
  }
  context.fillStyle = colors.line
  context.fill()
}

/** From a place on to the nearest point that the line goes through: it may be excluded itself. */
function nextIncluded({ values }: PlotPanel, excluded: Uint8Array, from: number, way: 1 | -1, count: number): number {
  let index = from
  while (index + way >= 0 && index + way < count && excluded[index] && !Number.isNaN(values[index] as number)) index += way
  return index
}

/** A square around it: out of tolerance, whatever the limits say. */
function paintOutOfTolerance(paper: Paper, panel: PlotPanel, { outOfTolerance, excluded }: PlotModel, first: number, last: number, colors: PlotColors): void {
  const { context, ratio } = paper
  const size = 7.5 * ratio
  const isCrowded = crowdOf(paper)
  context.strokeStyle = colors.alarm
  context.lineWidth = 1.5 * ratio
  for (let index = first; index <= last; index += 1) {
    const value = panel.values[index] as number
    if (!outOfTolerance[index] || excluded[index] || Number.isNaN(value)) continue
    const x = paper.x(index)
    const y = paper.y(value)
    if (!isCrowded(x, y)) context.strokeRect(Math.round(x - size) + 0.5, Math.round(y - size) + 0.5, 2 * size, 2 * size)
  }
}

/** A ring with a cross: this one was taken out. */
function paintExcluded(paper: Paper, panel: PlotPanel, { excluded }: PlotModel, first: number, last: number, colors: PlotColors): void {
  const { context, ratio } = paper
  const size = 4.5 * ratio
  const isCrowded = crowdOf(paper)
  context.strokeStyle = colors.excluded
  context.lineWidth = 1.5 * ratio
  for (let index = first; index <= last; index += 1) {
    const value = panel.values[index] as number
    if (!excluded[index] || Number.isNaN(value)) continue
    const x = paper.x(index)
    const y = paper.y(value)
    if (isCrowded(x, y)) continue
    context.beginPath()
    context.moveTo(x + size, y)
    context.arc(x, y, size, 0, 2 * Math.PI)
    context.moveTo(x - size, y - size)
    context.lineTo(x + size, y + size)
    context.moveTo(x - size, y + size)
    context.lineTo(x + size, y - size)
    context.stroke()
  }
}

interface Shown {
  mark: PlotMark
  x: number
  y: number
}

/** A diamond beyond a limit, a triangle for any other rule, each with its number where there is room. */
function paintMarks(paper: Paper, panel: PlotPanel, first: number, last: number, colors: PlotColors): void {
  const { context, ratio } = paper
  const size = 5.5 * ratio
  const isCrowded = crowdOf(paper)
  const shown: Shown[] = []
  for (let place = firstMark(panel.marks, first); place < panel.marks.length; place += 1) {
    const mark = panel.marks[place]
    if (!mark || mark.at > last) break
    const value = panel.values[mark.at] as number
    if (Number.isNaN(value)) continue
    const x = paper.x(mark.at)
    const y = paper.y(value)
    if (!isCrowded(x, y)) shown.push({ mark, x, y })
  }
  context.strokeStyle = colors.ground
  context.lineWidth = ratio
  for (const kind of ['rule', 'beyond'] as const) {
    context.fillStyle = kind === 'beyond' ? colors.alarm : colors.warning
    for (const { mark, x, y } of shown) {
      if (mark.kind !== kind) continue
      context.beginPath()
      if (kind === 'beyond') {
        context.moveTo(x, y - size)
        context.lineTo(x + size, y)
        context.lineTo(x, y + size)
        context.lineTo(x - size, y)
      } else {
        context.moveTo(x, y - size)
        context.lineTo(x + size, y + size * 0.8)
        context.lineTo(x - size, y + size * 0.8)
      }
      context.closePath()
      context.fill()
      context.stroke()
    }
  }
  paintNumbers(paper, panel, shown, colors)
}

/** The number of a rule beside its mark, unless another mark's would be in its way: then what lies before it has it. */
function paintNumbers(paper: Paper, panel: PlotPanel, shown: readonly Shown[], colors: PlotColors): void {
  const { context, ratio } = paper
  context.font = `600 ${12 * ratio}px ${colors.font}`
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.lineWidth = 3 * ratio
  context.strokeStyle = colors.ground
  context.fillStyle = colors.ink
  const heightOfText = ({ mark, y }: Shown) => {
    const isAbove = (panel.values[mark.at] as number) >= (panel.center[mark.at] as number)
    return isAbove ? Math.max(y - 14 * ratio, 8 * ratio) : Math.min(y + 15 * ratio, paper.height - 8 * ratio)
  }
  for (const [place, one] of shown.entries()) {
    const at = heightOfText(one)
    let isFree = true
    for (let before = place - 1; isFree && before >= 0; before -= 1) {
      const other = shown[before] as Shown
      if (one.x - other.x > TEXT_PX * ratio) break
      isFree = Math.abs(heightOfText(other) - at) > TEXT_HEIGHT_PX * ratio
    }
    if (!isFree) continue
    context.strokeText(one.mark.text, one.x, at)
    context.fillText(one.mark.text, one.x, at)
  }
}

/** Small speech marks at the foot: somebody has said something here. */
function paintNotes(paper: Paper, { noted }: PlotModel, first: number, last: number, colors: PlotColors): void {
  const { context, ratio } = paper
  const foot = paper.height - 3 * ratio
  const isCrowded = crowdOf(paper)
  context.beginPath()
  for (let index = first; index <= last; index += 1) {
    if (!noted[index]) continue
    const x = paper.x(index)
    if (isCrowded(x, foot)) continue
    context.rect(x - 3 * ratio, foot - 6 * ratio, 6 * ratio, 5 * ratio)
    context.moveTo(x - ratio, foot - ratio)
    context.lineTo(x + ratio, foot - ratio)
    context.lineTo(x, foot + 2 * ratio)
    context.closePath()
  }
  context.fillStyle = colors.accent
  context.fill()
}

/** Whether something stands there already. Cells are counted from the chart's begin, so that two pieces that meet agree. */
function crowdOf({ ratio, begin }: Paper): (x: number, y: number) => boolean {
  const seen = new Set<number>()
  const cell = CELL_PX * ratio
  return (x, y) => {
    const key = Math.floor((begin + x) / cell) * 65_536 + Math.floor(y / cell)
    if (seen.has(key)) return true
    seen.add(key)
    return false
  }
}
