/** One inspection: what its plan asks for, what is there, what is missing, and who puts their name to it. */
import '../form/form.css'
import { Button, SegmentedControl } from '@mantine/core'
import { FileSpreadsheet, FileText, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { getInspection, getInspectionReport, type Inspection, keyOf } from '../../../server/api/quality/index.ts'
import { call, urlOf } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { BackTo } from '../back-to.tsx'
import { Refusal } from '../refusal.tsx'
import { useFormats } from '../use-quality-text.ts'
import { FormsSide } from './forms-side.tsx'
import { Moves } from './moves.tsx'
import { ResultsSide } from './results-side.tsx'
import { InspectionPill } from './state-pill.tsx'
import { lackInWords, useInspectionText } from './words.ts'

const SIDES = ['results', 'one', 'two', 'history'] as const
type Side = (typeof SIDES)[number]
/** More would be a page of their own. */
const LACKS_SHOWN = 12

export function InspectionPage({ id, news, onBack }: { id: string; news: string; onBack: () => void }) {
  const text = useInspectionText()
  const language = useLanguage()
  const format = useFormats()
  const { me } = useMe()
  const [side, setSide] = useState<Side>('results')
  const [current, setCurrent] = useState<string>()
  /** What the last answer said, until it is read again. */
  const [told, setTold] = useState<{ next: Inspection; before: Inspection | undefined }>()
  const known = useLoad(`${id} ${news}`, () => call(getInspection, { params: { id } }))
  const inspection = told && told.before === known.value ? told.next : known.value
  const take = (next: Inspection) => {
    setTold({ next, before: known.value })
    known.refresh()
  }
  if (!inspection)
    return (
      <section className="quality-pad">
        <BackTo label={text.back} onBack={onBack} />
        <Refusal>{known.error}</Refusal>
        {!known.error && <div className="list-skeleton" aria-hidden />}
      </section>
    )
  const { plan, number, state, serials, lot, workOrder, results, needed, changedSince, acts } = inspection
  const mayEnter = may(me, 'quality.enter') && state === 'open'
  const sides = SIDES.filter((each) => plan.isFirstArticle || (each !== 'one' && each !== 'two'))
  const toBalloon = (balloon: string, piece: number) => {
    setSide('results')
    setCurrent(keyOf(balloon, piece))
  }
  return (
    <section className="quality-pad" aria-labelledby="inspection-number">
      <BackTo label={text.back} onBack={onBack} />
      <header className="quality-head">
        <div>
          <h1 id="inspection-number">{number}</h1>
          <p className="quality-about">
            <InspectionPill state={state} />
            <span>{[plan.part, plan.partRevision, plan.partName].filter(Boolean).join(' · ')}</span>
            <span>{[serials.join(', '), lot, workOrder].filter(Boolean).join(' · ')}</span>
            <span className="cw-numbers" data-testid="progress">
              {text.form.progress(format.number(results.length), format.number(needed))}
            </span>
          </p>
        </div>
        <div className="quality-actions">
          {(['pdf', 'csv'] as const).map((kind) => (
            <Button
              key={kind}
              component="a"
              variant="default"
              leftSection={kind === 'pdf' ? <FileText size={16} aria-hidden /> : <FileSpreadsheet size={16} aria-hidden />}
              href={urlOf(getInspectionReport.path, { params: { id }, query: { format: kind, language } })}
              download
              data-testid={`report-${kind}`}
            >
              {text[kind]}
            </Button>
          ))}
        </div>
      </header>
      {changedSince.length > 0 && (
        <p className="quality-banner" data-state="warning" role="status">
          <TriangleAlert size={18} aria-hidden /> {text.form.changedSince}{' '}
          {changedSince
            .map(({ balloon, piece, value }) => text.form.changedTo(balloon, String(piece), value === undefined ? '–' : format.number(value, 4)))
            .join('; ')}
        </p>
      )}
      <div className="inspection-body">
        <div>
          <div className="inspection-sides">
            <SegmentedControl
              value={side}
              onChange={(value) => setSide(SIDES.find((each) => each === value) ?? 'results')}
              data={sides.map((value) => ({ value, label: value === 'results' && !plan.isFirstArticle ? text.form.plainResults : text.form[value] }))}
              data-testid="inspection-sides"
            />
          </div>
          {side === 'results' && <ResultsSide inspection={inspection} current={current} onCurrent={setCurrent} mayEnter={mayEnter} onTaken={take} />}
          {(side === 'one' || side === 'two') && <FormsSide key={side} side={side} inspection={inspection} mayEnter={mayEnter} onTaken={take} />}
          {side === 'history' && (
            <ol className="quality-history">
              {acts.map(({ revision, act, by, at, reason }) => (
                <li key={revision}>
                  <strong>{text.acts[act]}</strong>
                  <span>
                    {by}, {format.dateTime(at)}
                  </span>
                  {reason && <q>{reason}</q>}
                </li>
              ))}
            </ol>
          )}
        </div>
        <aside aria-label={text.lacks.title}>
          <Lacks inspection={inspection} toBalloon={toBalloon} toForm={setSide} />
          <Moves inspection={inspection} onTaken={take} />
        </aside>
      </div>
    </section>
  )
}

function Lacks({
  inspection: { lacks },
  toBalloon,
  toForm,
}: {
  inspection: Inspection
  toBalloon: (balloon: string, piece: number) => void
  toForm: (side: Side) => void
}) {
  const text = useInspectionText().lacks
  const language = useLanguage()
  const format = useFormats()
  const show = (lack: Inspection['lacks'][number]) => {
    if (lack.what === 'result' || lack.what === 'nonconformance') toBalloon(lack.balloon, lack.piece)
    else if (lack.what === 'form-1') toForm('one')
    else if (lack.what === 'form-2') toForm('two')
  }
  return (
    <div data-testid="lacks" data-count={lacks.length}>
      <h2>{text.title}</h2>
      {lacks.length === 0 ? (
        <p className="quality-dim">{text.none}</p>
      ) : (
        <ul>
          {lacks.slice(0, LACKS_SHOWN).map((lack) => {
            const words = lackInWords(text, lack, language)
            return (
              <li key={words}>
                <button type="button" onClick={() => show(lack)}>
                  {words}
                </button>
              </li>
            )
          })}
        </ul>
      )}
      {lacks.length > LACKS_SHOWN && <p className="quality-dim">{text.more(format.number(lacks.length - LACKS_SHOWN))}</p>}
    </div>
  )
}
