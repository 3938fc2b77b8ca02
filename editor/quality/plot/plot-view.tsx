/** Charts on a page: loads the plot when it is looked at, takes keys, and says the chosen point to who does not see it. */
import './plot.css'
import { type KeyboardEvent, type Ref, useEffect, useId, useImperativeHandle, useRef, useState } from 'react'
import { firstMark, type PlotModel } from './panel.ts'
import type { Plot } from './plot.ts'
import { newestView, panned, showing, type View, wholeView, within, zoomed } from './view.ts'

export interface PlotHandle {
  zoom(factor: number): void
  showAll(): void
  showNewest(): void
  /** Chooses the next point that breaks a rule, or the one before. */
  showMark(way: 1 | -1): void
  /** These points and a little around them. */
  showRange(from: number, to: number): void
}

export interface PlotViewProps {
  ref?: Ref<PlotHandle>
  model: PlotModel
  /** So many of the newest are seen at first. */
  newest: number
  /** Another key: another chart, seen from its end again. */
  chartKey: string
  label: string
  keysHelp: string
  loading: string
  limitNames: { upper: string; center: string; lower: string }
  number: (value: number, digits: number) => string
  chosen: number | undefined
  onChoose: (index: number) => void
  /** Enter on the chosen point. */
  onOpen?: () => void
  /** A point in words, said when it is chosen. */
  say: (index: number) => string
  /** What stands at the cursor. */
  hint: (index: number) => string
  isBrush: boolean
  range: { from: number; to: number } | undefined
  onRange: (range: { from: number; to: number }) => void
  onView?: (view: View) => void
}

const CLOSER = 0.6

export function PlotView(props: PlotViewProps) {
  const { ref, model, newest, chartKey, label, keysHelp, loading, chosen, onChoose, onOpen, say, hint, isBrush, range } = props
  const helpId = useId()
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot>(undefined)
  const view = useRef<View>(newestView(model.count, newest))
  const latest = useRef(props)
  latest.current = props
  const [hovered, setHovered] = useState<number>()
  const [isThere, setThere] = useState(false)
  const known = useRef({ key: chartKey, count: model.count })

  const go = (next: View) => {
    view.current = within(next, latest.current.model.count)
    plot.current?.setView(view.current)
    latest.current.onView?.(view.current)
  }

  useEffect(() => {
    let isGone = false
    void import('./plot.ts').then(({ makePlot }) => {
      if (isGone || !host.current) return
      const now = latest.current
      plot.current = makePlot({
        host: host.current,
        model: now.model,
        view: view.current,
        number: (value, digits) => latest.current.number(value, digits),
        limitNames: now.limitNames,
        onView: (next) => {
          view.current = next
          latest.current.onView?.(next)
        },
        onHover: setHovered,
        onChoose: (index) => latest.current.onChoose(index),
        onRange: (from, to) => latest.current.onRange({ from, to }),
      })
      plot.current.setChosen(now.chosen)
      plot.current.setBrush(now.isBrush)
      plot.current.setRange(now.range)
      setThere(true)
    })
    return () => {
      isGone = true
      plot.current?.close()
      plot.current = undefined
    }
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: `go` reads what is current
  useEffect(() => {
    const { key, count } = known.current
    known.current = { key: chartKey, count: model.count }
    plot.current?.setModel(model)
    if (key !== chartKey) go(newestView(model.count, latest.current.newest))
    // who looks at the end goes on seeing the end
    else if (model.count > count && view.current.to >= count - 0.6) go(panned(view.current, model.count - count, model.count))
  }, [model, chartKey])
  // biome-ignore lint/correctness/useExhaustiveDependencies: `go` reads what is current
  useEffect(() => {
    plot.current?.setChosen(chosen)
    // chosen by a link or in the table: it is brought into sight
    if (chosen !== undefined && (chosen < view.current.from || chosen > view.current.to)) go(showing(view.current, chosen, model.count))
  }, [chosen])
  useEffect(() => plot.current?.setBrush(isBrush), [isBrush])
  useEffect(() => plot.current?.setRange(range), [range])

  const show = (index: number) => go(showing(view.current, index, model.count))
  const choose = (index: number) => {
    const at = Math.min(model.count - 1, Math.max(0, index))
    onChoose(at)
    show(at)
  }
  useImperativeHandle(ref, () => ({
    zoom: (factor) => go(zoomed(view.current, factor, chosen ?? (view.current.from + view.current.to) / 2, model.count)),
    showAll: () => go(wholeView(model.count)),
    showNewest: () => go(newestView(model.count, newest)),
    showMark: (way) => chooseMark(way),
    showRange: (from, to) => {
      const around = Math.max(1, (to - from) * 0.05)
      go({ from: from - 0.5 - around, to: to + 0.5 + around })
    },
  }))

  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || model.count === 0) return
    const width = view.current.to - view.current.from
    const from = chosen ?? Math.round(view.current.to - 0.5) + 1
    const step = event.shiftKey ? 10 : 1
    const acts: Record<string, () => void> = {
      ArrowLeft: () => choose(from - step),
      ArrowRight: () => choose(chosen === undefined ? from - 1 : from + step),
      Home: () => choose(0),
      End: () => choose(model.count - 1),
      PageUp: () => go(panned(view.current, -width * 0.9, model.count)),
      PageDown: () => go(panned(view.current, width * 0.9, model.count)),
      '+': () => go(zoomed(view.current, CLOSER, chosen ?? (view.current.from + view.current.to) / 2, model.count)),
      '-': () => go(zoomed(view.current, 1 / CLOSER, chosen ?? (view.current.from + view.current.to) / 2, model.count)),
      '0': () => go(wholeView(model.count)),
      n: () => chooseMark(1),
      p: () => chooseMark(-1),
      Enter: () => onOpen?.(),
    }
    const act = acts[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }
  /** The next point, or the one before, that breaks a rule on any of the charts. */
  const chooseMark = (way: 1 | -1) => {
    const from = chosen ?? (way === 1 ? -1 : model.count)
    const candidates = model.panels.map(({ marks }) => {
      const place = firstMark(marks, way === 1 ? from + 1 : from)
      return marks[way === 1 ? place : place - 1]?.at
    })
    const found = candidates.filter((at) => at !== undefined)
    if (found.length > 0) choose(way === 1 ? Math.min(...found) : Math.max(...found))
  }

  return (
    <div className="plot" data-brush={isBrush || undefined} data-panels={model.panels.length}>
      {/* keys belong to the chart while it has the focus; the same is in the table below it */}
      <div
        ref={host}
        className="plot-host"
        role="application"
        aria-label={label}
        aria-describedby={helpId}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved through by keys
        tabIndex={0}
        onKeyDown={keys}
        data-testid="plot"
        data-ready={isThere || undefined}
      >
        {!isThere && <p className="plot-loading">{loading}</p>}
      </div>
      <p id={helpId} className="plot-help">
        {keysHelp}
      </p>
      <p className="plot-hint cw-numbers" aria-hidden>
        {hovered !== undefined && hovered < model.count ? hint(hovered) : chosen !== undefined && chosen < model.count ? hint(chosen) : ''}
      </p>
      <output className="plot-said" aria-live="polite">
        {chosen !== undefined && chosen < model.count ? say(chosen) : ''}
      </output>
    </div>
  )
}
