/** The control chart of a characteristic: drawn and moved through, its points looked at, ranges made to limits, and everything said of it. */
import './chart.css'
import { Button } from '@mantine/core'
import { Table2 } from 'lucide-react'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { charPlace } from '../address.ts'
import type { ListedCharacteristic } from '../list/use-characteristics.ts'
import { type PlotHandle, PlotView } from '../plot/plot-view.tsx'
import { panelInWords, phaseInWords, ruleInWords, ruleName, useChartsText, useFormats } from '../use-quality-text.ts'
import { ChartTable } from './chart-table.tsx'
import { ChartTools } from './chart-tools.tsx'
import { Legend } from './legend.tsx'
import { plotModelOf, rulesAt, summaryOf } from './model.ts'
import { PointPanel } from './point-panel.tsx'
import { RangeBar } from './range-bar.tsx'
import { type ChartRange, useChart } from './use-chart.ts'

/** So many points are asked for at first, and so many of them are seen. */
const FIRST = 500
const SEEN = 60

export interface ChartSideProps {
  characteristic: ListedCharacteristic
  /** The chosen point, by its number. */
  subgroup: number | undefined
  go: (place: string) => void
  onChanged: () => void
}

export function ChartSide({ characteristic, subgroup, go, onChanged }: ChartSideProps) {
  const text = useChartsText()
  const { chart: words } = text
  const format = useFormats()
  const { id, definition } = characteristic
  const [range, setRange] = useState<ChartRange>({ last: FIRST })
  const { view, error, isLoading, refresh } = useChart(characteristic, range)
  const [isBrush, setBrush] = useState(false)
  const [selected, setSelected] = useState<{ from: number; to: number }>()
  const [isTable, setTable] = useState(false)
  const plot = useRef<PlotHandle>(null)
  const { lower, upper, decimals, chart } = definition

  const model = useMemo(
    () =>
      view &&
      plotModelOf(
        view,
        { decimals, sigmas: chart.sigmas ?? 3, lower, upper },
        {
          panel: (name) => panelInWords(text, name),
          phase: (name) => phaseInWords(text, name),
          label: (index) => format.short(view.points.at[index] ?? 0),
        },
      ),
    [view, decimals, chart.sigmas, lower, upper, text, format.short],
  )
  const chosen = view && subgroup !== undefined ? placeOfSubgroup(view.points.subgroup, subgroup) : undefined
  const choose = (index: number) => {
    const number = view?.points.subgroup[index]
    if (number !== undefined && number !== subgroup) go(charPlace(id, 'chart', number))
  }
  const close = () => go(charPlace(id))
  const changed = () => {
    refresh()
    onChanged()
  }

  /** A point in one line: where it is, and what the rules say of it. */
  const inWords = (index: number): string => {
    if (!view || !model) return ''
    const values = model.panels
      .map(({ name, values: all, digits }) => {
        const value = all[index] ?? Number.NaN
        return Number.isNaN(value) ? undefined : `${panelInWords(text, name)} ${format.number(value, digits)}`
      })
      .filter((one) => one !== undefined)
      .join(', ')
    const said = [...new Set(rulesAt(view, index).map(({ rule }) => `${ruleName(text, rule)}: ${ruleInWords(text, rule, chart.conventions)}`))]
    if (view.points.outOfTolerance[index]) said.push(words.isOutOfTolerance)
    if (view.points.excluded[index]) said.push(words.isExcluded)
    return words.said({
      number: String(view.points.subgroup[index] ?? ''),
      at: format.dateTime(new Date(view.points.at[index] ?? 0)),
      values,
      rules: said.length > 0 ? said.join('. ') : words.nothingWrong,
    })
  }

  const keys = (event: KeyboardEvent) => {
    if (event.key !== 'r' || chosen === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    if (!(event.target instanceof Element) || !event.target.closest('[data-testid="plot"]')) return
    event.preventDefault()
    setSelected((before) =>
      before && before.from === before.to ? { from: Math.min(before.from, chosen), to: Math.max(before.from, chosen) } : { from: chosen, to: chosen },
    )
  }

  if (error && !view) return <p className="quality-problem">{error}</p>
  if (!view || !model) return <div className="quality-chart-skeleton" role="status" aria-label={text.loading} />
  const isEmpty = view.points.subgroup.length === 0
  return (
    // keys of the chart that belong to the page: the plot lets them pass
    // biome-ignore lint/a11y/noStaticElementInteractions: the plot inside has the focus
    <div className="quality-chart" onKeyDown={keys} data-loading={isLoading || undefined}>
      <ChartTools
        range={range}
        total={view.total}
        plot={plot}
        isBrush={isBrush}
        isEmpty={isEmpty}
        onRange={(next) => {
          setRange(next)
          setSelected(undefined)
        }}
        onBrush={setBrush}
        onMark={(way) => plot.current?.showMark(way)}
      />
      {error && <p className="quality-problem">{error}</p>}
      {view.problem && <p className="quality-dim">{view.problem.message}</p>}
      {isEmpty ? (
        <p className="quality-chart-empty">{view.total === 0 ? words.empty : words.emptyRange}</p>
      ) : (
        <>
          <Verdict view={view} />
          <div className="quality-chart-and-point" data-chosen={chosen !== undefined || undefined}>
            <div className="quality-chart-plot">
              <PlotView
                ref={plot}
                model={model}
                newest={SEEN}
                chartKey={JSON.stringify([id, range])}
                label={words.plotLabel(definition.name)}
                keysHelp={words.keys}
                loading={text.loading}
                limitNames={words.limitNames}
                number={format.number}
                chosen={chosen}
                onChoose={choose}
                onOpen={() => document.getElementById('point-title')?.focus()}
                say={inWords}
                hint={inWords}
                isBrush={isBrush}
                range={selected}
                onRange={setSelected}
              />
              {selected && (
                <RangeBar
                  characteristic={characteristic}
                  view={view}
                  range={selected}
                  onZoom={() => plot.current?.showRange(selected.from, selected.to)}
                  onDrop={() => setSelected(undefined)}
                  onChanged={() => {
                    setSelected(undefined)
                    changed()
                  }}
                />
              )}
              <Legend hasTolerance={lower !== null || upper !== null} />
            </div>
            {chosen !== undefined && (
              <PointPanel key={subgroup} characteristic={characteristic} view={view} index={chosen} onClose={close} onChanged={changed} />
            )}
          </div>
          <Button
            variant="subtle"
            leftSection={<Table2 size={16} aria-hidden />}
            onClick={() => setTable(!isTable)}
            aria-expanded={isTable}
            data-testid="chart-as-table"
          >
            {words.table}
          </Button>
          {isTable && <ChartTable view={view} definition={definition} onChoose={choose} />}
        </>
      )}
    </div>
  )
}

/** In one sentence what the picture says. */
function Verdict({ view }: { view: Parameters<typeof summaryOf>[0] }) {
  const { chart: words } = useChartsText()
  const format = useFormats()
  const summary = summaryOf(view)
  const isJudged = view.phases.some(({ limitId }) => limitId !== undefined)
  const number = (value: number) => format.number(value)
  return (
    <p className="quality-chart-summary" data-testid="chart-summary">
      {words.summary({
        points: number(summary.points),
        total: number(view.total),
        signalled: number(summary.signalled),
        outOfTolerance: number(summary.outOfTolerance),
        excluded: number(summary.excluded),
      })}
      {!isJudged && <strong> {words.noLimits}</strong>}
      {isJudged && summary.isInControl && <strong> {words.inControl}</strong>}
    </p>
  )
}

/** Numbers of points rise: halves until it is found. */
function placeOfSubgroup(subgroups: readonly number[], wanted: number): number | undefined {
  let low = 0
  let high = subgroups.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((subgroups[middle] as number) < wanted) low = middle + 1
    else high = middle
  }
  return subgroups[low] === wanted ? low : undefined
}
