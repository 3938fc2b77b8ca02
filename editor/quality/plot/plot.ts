/**
 * Charts below each other over the same points: they are moved and zoomed together, and the cursor is in step. uPlot draws the frame (axis,
 * grid, scale), `strip.ts` the points, so that moving the view draws nothing. Loaded when a chart is looked at. No React: `plot-view.tsx` puts it on the page.
 */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { type PlotColors, readColors, watchColors } from './colors.ts'
import { listenToHands } from './gestures.ts'
import { heightOf, niceDistance, type PlotModel, type PlotPanel, type Step, stepsOf, stepsWithin } from './panel.ts'
import { makeStrip, type Strip } from './strip.ts'
import { type View, within } from './view.ts'

const AXIS_PX = 68
const MARGIN_PX = 92
const FOOT_PX = 30
const TITLE_PX = 22
const LABEL_EVERY_PX = 130
/** Names of limits in the margin lie so far apart at least. */
const NAME_PX = 15
/** The first chart has this part of the height, where there are two. */
const FIRST_SHARE = 0.58

export interface PlotOptions {
  host: HTMLElement
  model: PlotModel
  view: View
  number: (value: number, digits: number) => string
  limitNames: { upper: string; center: string; lower: string }
  onView: (view: View) => void
  /** The pointer is over this point, or over none. */
  onHover: (index: number | undefined) => void
  onChoose: (index: number) => void
  /** A range was drawn: the places of its first and its last point. */
  onRange: (from: number, to: number) => void
}

export interface Plot {
  setModel(model: PlotModel): void
  setView(view: View): void
  setChosen(index: number | undefined): void
  setRange(range: { from: number; to: number } | undefined): void
  /** A drag draws a range and does not move the view. */
  setBrush(isOn: boolean): void
  setCursor(index: number | undefined): void
  close(): void
}

const LIMITS = ['upper', 'center', 'lower'] as const

interface Chart {
  panel: PlotPanel
  steps: Step[]
  height: { low: number; high: number }
  u: uPlot
  strip: Strip
  cursor: HTMLElement
  ring: HTMLElement
  range: HTMLElement
  /** Of the limits that are seen last, in the margin on the right. */
  names: Record<(typeof LIMITS)[number], HTMLElement>
  /** Below the last one: when points were measured. */
  labels: Map<number, HTMLElement> | undefined
  /** The phase that began before what is seen. */
  phase: HTMLElement | undefined
  box: HTMLElement
}

export function makePlot({ host, view: firstView, model: firstModel, number, limitNames, onView, onHover, onChoose, onRange }: PlotOptions): Plot {
  let model = firstModel
  let view = within(firstView, model.count)
  let colors: PlotColors = readColors(host)
  let charts: Chart[] = []
  let chosen: number | undefined
  let range: { from: number; to: number } | undefined
  let cursorAt: number | undefined
  let frame = 0
  /** What is drawn is of another model, size, scale or colour. */
  let isOld = false

  const widthOf = () => Math.max(260, host.clientWidth)
  const heightOfChart = (index: number) => {
    const all = Math.max(200, host.clientHeight) - FOOT_PX
    if (model.panels.length === 1) return all
    const first = Math.round(all * FIRST_SHARE)
    return index === 0 ? first : all - first
  }

  const optionsOf = (chart: Omit<Chart, 'u'>, index: number): uPlot.Options => ({
    width: widthOf(),
    height: heightOfChart(index),
    padding: [TITLE_PX, MARGIN_PX, 0, 0],
    legend: { show: false },
    // the cursor is ours: one for all charts, and it knows points and not only pixels
    cursor: { show: false },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: false, auto: false, range: [0, 1] },
      y: { auto: false, range: (_, low, high) => [low, high], min: chart.height.low, max: chart.height.high },
    },
    axes: [
      { show: false },
      {
        stroke: () => colors.quiet,
        font: `12px ${colors.font}`,
        ticks: { stroke: () => colors.grid, width: 1, size: 4 },
        grid: { stroke: () => colors.grid, width: 1 },
        size: AXIS_PX,
        space: 34,
        values: (_, splits) => splits.map((value) => number(value, chart.panel.digits)),
      },
    ],
    series: [{}, { show: false }],
  })
  const NOTHING: uPlot.AlignedData = [
    [0, 1],
    [null, null],
  ]

  const partOf = (name: string) => {
    const element = document.createElement('div')
    element.className = name
    element.hidden = true
    return element
  }

  const build = () => {
    for (const { u, box } of charts) {
      u.destroy()
      box.remove()
    }
    charts = model.panels.map((panel, index) => {
      const box = document.createElement('div')
      box.className = 'plot-chart'
      const title = document.createElement('span')
      title.className = 'plot-title'
      title.textContent = panel.title
      box.append(title)
      host.append(box)
      const part = {
        panel,
        steps: stepsOf(panel),
        height: heightOf(panel),
        strip: makeStrip(),
        cursor: partOf('plot-cursor'),
        ring: partOf('plot-ring'),
        range: partOf('plot-range'),
        names: { upper: partOf('plot-name'), center: partOf('plot-name'), lower: partOf('plot-name') },
        labels: index === model.panels.length - 1 ? new Map<number, HTMLElement>() : undefined,
        phase: index === 0 ? partOf('plot-phase') : undefined,
        box,
      }
      for (const which of LIMITS) part.names[which].dataset.limit = which
      const u = new uPlot(optionsOf(part, index), NOTHING, box)
      u.over.append(part.range, part.cursor, part.ring, ...Object.values(part.names), ...(part.phase ? [part.phase] : []))
      u.over.before(part.strip.element)
      return Object.assign(part, { u })
    })
    isOld = true
    draw()
  }

  /** Gives the strips what they draw. */
  const renew = () => {
    isOld = false
    for (const [index, { u, strip, panel, steps, height }] of charts.entries()) {
      const { offsetLeft, offsetTop } = u.over
      const [widthPx, heightPx] = [u.over.clientWidth, u.over.clientHeight]
      strip.element.style.left = `${offsetLeft}px`
      strip.element.style.top = `${offsetTop}px`
      strip.set({
        panel,
        steps,
        model,
        height,
        isFirst: index === 0,
        colors,
        widthPx,
        heightPx,
      })
    }
    drawnWidth = view.to - view.from
  }
  let drawnWidth = 0

  const draw = () => {
    frame = 0
    // zoomed: labels have other distances
    if (isOld || Math.abs(view.to - view.from - drawnWidth) > drawnWidth * 1e-9) renew()
    const isMore = charts.map(({ strip }) => strip.show(view)).includes(true)
    placeLayers()
    if (isMore) frame = requestAnimationFrame(drawAhead)
  }
  /** A piece a frame, so that no frame is late for it. */
  const drawAhead = () => {
    frame = 0
    for (const { strip } of charts) {
      if (strip.ahead()) {
        frame = requestAnimationFrame(drawAhead)
        return
      }
    }
  }
  const drawSoon = () => {
    cancelAnimationFrame(frame)
    frame = requestAnimationFrame(draw)
  }

  const placeLayers = () => {
    for (const chart of charts) {
      const { u, cursor, ring, range: band, panel } = chart
      const width = u.over.clientWidth
      const left = (place: number) => ((place - view.from) / (view.to - view.from)) * width
      const isSeen = (index: number | undefined): index is number => index !== undefined && index >= view.from && index <= view.to
      cursor.hidden = !isSeen(cursorAt)
      if (isSeen(cursorAt)) cursor.style.transform = `translateX(${left(cursorAt)}px)`
      const value = chosen === undefined ? Number.NaN : (panel.values[chosen] ?? Number.NaN)
      ring.hidden = !isSeen(chosen) || Number.isNaN(value)
      if (isSeen(chosen) && !Number.isNaN(value)) ring.style.transform = `translate(${left(chosen)}px, ${u.valToPos(value, 'y')}px)`
      band.hidden = range === undefined
      if (range) {
        const from = Math.max(0, left(range.from - 0.5))
        const to = Math.min(width, left(range.to + 0.5))
        band.hidden = to <= from
        band.style.left = `${from}px`
        band.style.width = `${Math.max(0, to - from)}px`
      }
      placeNames(chart)
      if (chart.labels) placeLabels(chart.labels, u.over, left)
      if (chart.phase) placePhase(chart.phase, left)
    }
  }

  /** The limits that are seen last, with their figures. */
  const placeNames = ({ u, panel, steps, names }: Chart) => {
    const last = stepsWithin(steps, view.from, view.to).findLast(({ center }) => Number.isFinite(center))
    let least = Number.NEGATIVE_INFINITY
    for (const which of LIMITS) {
      const value = last?.[which] ?? Number.NaN
      const name = names[which]
      name.hidden = !Number.isFinite(value)
      if (name.hidden) continue
      const text = `${limitNames[which]} ${number(value, panel.digits)}`
      if (name.textContent !== text) name.textContent = text
      least = Math.max(u.valToPos(value, 'y'), least + NAME_PX)
      name.style.transform = `translateY(${Math.round(least)}px)`
    }
  }

  /** At whole places evenly apart, below those that are seen. */
  const placeLabels = (labels: Map<number, HTMLElement>, over: HTMLElement, left: (place: number) => number) => {
    const distance = Math.max(1, niceDistance(view.to - view.from, Math.max(1, Math.floor(over.clientWidth / LABEL_EVERY_PX))))
    for (const [place, label] of labels) {
      if (place % distance === 0 && place >= view.from && place <= view.to) continue
      labels.delete(place)
      label.remove()
    }
    for (let place = Math.ceil(Math.max(0, view.from) / distance) * distance; place <= Math.min(model.count - 1, view.to); place += distance) {
      let label = labels.get(place)
      if (!label) {
        label = partOf('plot-label')
        label.hidden = false
        labels.set(place, label)
        over.append(label)
      }
      const text = model.labelOf(place)
      if (label.textContent !== text) label.textContent = text
      label.style.transform = `translateX(${Math.round(left(place))}px)`
    }
  }

  const placePhase = (element: HTMLElement, left: (place: number) => number) => {
    const at = model.phases.findLastIndex(({ from }, index) => index === 0 || from - 0.5 <= view.from)
    const next = model.phases[at + 1]
    const name = model.phases[at]?.name
    element.hidden = name === undefined || (next !== undefined && left(next.from - 0.5) < 120)
    if (name !== undefined && element.textContent !== name) element.textContent = name
  }

  const setView = (next: View) => {
    view = within(next, model.count)
    drawSoon()
  }
  const hands = listenToHands({
    host,
    area: () => charts[0]?.u.over.getBoundingClientRect(),
    count: () => model.count,
    view: () => view,
    onView: (next) => {
      setView(next)
      onView(view)
    },
    onHover: (index) => {
      if (index === cursorAt) return
      cursorAt = index
      placeLayers()
      onHover(index)
    },
    onChoose,
    onRange: (from, to, isDone) => {
      range = { from, to }
      placeLayers()
      if (isDone) onRange(from, to)
    },
  })
  const resized = new ResizeObserver(() => {
    for (const [index, { u }] of charts.entries()) u.setSize({ width: widthOf(), height: heightOfChart(index) })
    isOld = true
    drawSoon()
  })
  build()
  resized.observe(host)
  const endColors = watchColors(() => {
    colors = readColors(host)
    for (const { u } of charts) u.redraw(false)
    isOld = true
    drawSoon()
  })

  return {
    setModel(next) {
      const isOther =
        next.panels.length !== charts.length ||
        next.panels.some(({ name, title }, index) => name !== charts[index]?.panel.name || title !== charts[index]?.panel.title)
      model = next
      view = within(view, model.count)
      if (isOther) return build()
      for (const [index, chart] of charts.entries()) {
        const panel = next.panels[index] as PlotPanel
        const before = chart.height
        Object.assign(chart, { panel, steps: stepsOf(panel), height: heightOf(panel) })
        if (before.low !== chart.height.low || before.high !== chart.height.high) chart.u.setScale('y', { min: chart.height.low, max: chart.height.high })
      }
      isOld = true
      drawSoon()
    },
    setView,
    setChosen(index) {
      chosen = index
      placeLayers()
    },
    setRange(next) {
      range = next
      placeLayers()
    },
    setBrush: (isOn) => hands.setBrush(isOn),
    setCursor(index) {
      cursorAt = index
      placeLayers()
    },
    close() {
      cancelAnimationFrame(frame)
      hands.end()
      resized.disconnect()
      endColors()
      for (const { u, box } of charts) {
        u.destroy()
        box.remove()
      }
    },
  }
}
