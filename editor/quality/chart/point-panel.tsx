/** One point of a chart: what the rules say of it, what was measured with all that is known, and what people said. */
import { Button, CloseButton } from '@mantine/core'
import { TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { type Characteristic, type ChartView, listMarks, listMeasurements, type Mark, type SignalView } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { useLoad } from '../../shared/use-load.ts'
import { ReportsOf } from '../documents/reports-of.tsx'
import { MeasurementView } from '../measurements/measurement-view.tsx'
import { type ChartsText, panelInWords, ruleInWords, ruleName, useChartsText, useFormats } from '../use-quality-text.ts'
import { MarkForm } from './mark-form.tsx'
import { rulesAt } from './model.ts'

export interface PointPanelProps {
  characteristic: Characteristic
  view: ChartView
  index: number
  onClose: () => void
  onChanged: () => void
}

export function PointPanel({ characteristic, view, index, onClose, onChanged }: PointPanelProps) {
  const text = useChartsText()
  const { point: words, mark: markWords } = text
  const format = useFormats()
  const { me } = useMe()
  const { id, definition } = characteristic
  const subgroup = view.points.subgroup[index] ?? 0
  const isExcluded = view.points.excluded[index] === 1
  const [saying, say] = useState<Mark['kind']>()
  const measured = useLoad(`${id}/${subgroup}`, () => call(listMeasurements, { params: { id }, query: { subgroup, limit: 200 } }))
  const marks = useLoad(`${id}/${subgroup}`, () => call(listMarks, { params: { id }, query: { subgroup } }))
  // a report on this point is about the value that is out of tolerance, if there is one
  const shown = measured.value?.find(({ isInTolerance }) => !isInTolerance) ?? measured.value?.[0]
  const evidence = shown && {
    kind: 'measurement' as const,
    id: shown.id,
    text: [definition.name, format.number(shown.value, definition.decimals), shown.unit, shown.serial ?? ''].filter(Boolean).join(' '),
  }
  const changed = () => {
    say(undefined)
    measured.refresh()
    marks.refresh()
    onChanged()
  }
  const acts: Mark['kind'][] = [
    ...(may(me, 'quality.enter') ? (['cause', 'action', 'comment'] as const) : []),
    ...(may(me, 'quality.edit') ? [isExcluded ? ('include' as const) : ('exclude' as const)] : []),
  ]
  return (
    <aside className="quality-point" aria-labelledby="point-title" data-testid="point">
      <header>
        <div>
          <h2 id="point-title" tabIndex={-1}>
            {words.title(String(subgroup))}
          </h2>
          <p className="quality-dim">{format.dateTime(new Date(view.points.at[index] ?? 0))}</p>
        </div>
        <CloseButton size="lg" aria-label={words.close} onClick={onClose} data-testid="point-close" />
      </header>
      <Found characteristic={characteristic} view={view} index={index} />
      {acts.length > 0 && (
        <div className="quality-actions">
          {acts.map((kind) => (
            <Button
              key={kind}
              size="xs"
              variant={saying === kind ? 'filled' : 'default'}
              aria-expanded={saying === kind}
              onClick={() => say(saying === kind ? undefined : kind)}
              data-testid={`mark-${kind}`}
            >
              {markWords[kind]}
            </Button>
          ))}
        </div>
      )}
      {saying && <MarkForm key={saying} characteristicId={id} kind={saying} subgroups={[subgroup]} onDone={changed} onCancel={() => say(undefined)} />}
      <h3>{words.values}</h3>
      {measured.error && <p className="quality-problem">{measured.error}</p>}
      {!measured.value && !measured.error && <div className="quality-wait" aria-hidden />}
      <ul className="quality-measured">
        {measured.value?.map((one) => (
          <MeasurementView key={one.id} measurement={one} definition={definition} onChanged={changed} />
        ))}
      </ul>
      {evidence && <ReportsOf evidence={evidence} />}
      <h3>{words.marks}</h3>
      {marks.value?.length === 0 && <p className="quality-dim">{words.noMarks}</p>}
      <ol className="quality-history" data-testid="marks">
        {marks.value?.map((mark) => (
          <MarkLine key={mark.id} mark={mark} />
        ))}
      </ol>
    </aside>
  )
}

/** What the rules say of a point, each in words, with those that wait for an answer. */
function Found({ characteristic, view, index }: Pick<PointPanelProps, 'characteristic' | 'view' | 'index'>) {
  const text = useChartsText()
  const { point: words } = text
  const { chart } = characteristic.definition
  const subgroup = view.points.subgroup[index]
  const found = rulesAt(view, index)
  const isOut = view.points.outOfTolerance[index] === 1
  if (found.length === 0 && !isOut) return <p className="quality-dim">{words.nothing}</p>
  const waitingOf = (rule: string) => characteristic.openSignals.find((signal) => signal.subgroup === subgroup && signal.rule === rule)
  return (
    <ul className="quality-found" aria-label={words.found}>
      {isOut && (
        <li data-state="alarm">
          <TriangleAlert size={16} aria-hidden />
          <span>
            <strong>{ruleInWords(text, 'out-of-tolerance')}</strong>
            <Waits signal={waitingOf('out-of-tolerance')} words={words} />
          </span>
        </li>
      )}
      {found.map(({ chart: panel, rule, from }) => (
        <li key={`${panel}/${rule}`} data-state="warning">
          <TriangleAlert size={16} aria-hidden />
          <span>
            <strong>{ruleName(text, rule)}</strong>: {ruleInWords(text, rule, chart.conventions)}
            <small>
              {words.onChart(panelInWords(text, panel))}
              {from < index && from >= 0 && ` · ${words.pattern(String(view.points.subgroup[from]), String(subgroup))}`}
            </small>
            <Waits signal={waitingOf(rule)} words={words} />
          </span>
        </li>
      ))}
    </ul>
  )
}

function Waits({ signal, words }: { signal: SignalView | undefined; words: ChartsText['point'] }) {
  if (!signal || signal.asks === 'nothing') return null
  return (
    <span className="quality-pill" data-state="action">
      {signal.asks === 'cause' ? words.waits : words.waitsBoth}
    </span>
  )
}

function MarkLine({ mark }: { mark: Mark }) {
  const { point: words } = useChartsText()
  const format = useFormats()
  return (
    <li>
      <strong>
        {words.kinds[mark.kind]}
        {mark.title !== undefined && `: ${mark.title}`}
      </strong>
      {mark.text !== undefined && <q>{mark.text}</q>}
      <span className="quality-dim">
        {format.dateTime(mark.at)} · {mark.by}
      </span>
    </li>
  )
}
