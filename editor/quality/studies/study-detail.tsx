/** One gauge study: plan, how far it is, the report, verdict, readings and what was said of it. */
import '../list/list.css'
import '../characteristic.css'
import '../form/form.css'
import './studies.css'
import { Button } from '@mantine/core'
import { ClipboardPaste, Download, FileText, Gavel, LockOpen, Pencil, Play, Printer } from 'lucide-react'
import { useState } from 'react'
import { exportStudy, getStudy, getStudyReport, type StudyReading, type StudyView } from '../../../server/api/quality/studies.ts'
import { call, urlOf } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { BackTo } from '../back-to.tsx'
import { Refusal } from '../refusal.tsx'
import { useNews } from '../use-news.ts'
import { useFormats } from '../use-quality-text.ts'
import { CloseStudy, ReopenStudy } from './close-study.tsx'
import { CorrectReading } from './correct-reading.tsx'
import { ImportReadings } from './import-readings.tsx'
import { Report } from './report.tsx'
import { StudyPill } from './state-pill.tsx'
import { ChangeStudy } from './study-form.tsx'
import { Closing, Proposal } from './verdict.tsx'
import { appraiserNames, kindOf, partNames, useStudyText } from './words.ts'

type Open = 'change' | 'import' | 'close' | 'reopen'

export function StudyDetail({ id, onMeasure, onBack }: { id: string; onMeasure: () => void; onBack: () => void }) {
  const text = useStudyText()
  const { me } = useMe()
  const language = useLanguage()
  const news = useNews('study')
  const { value: view, error, refresh } = useLoad(`${id} ${news}`, () => call(getStudy, { params: { id } }))
  const [open, setOpen] = useState<Open>()
  const mayEdit = may(me, 'quality.edit')
  const shut = () => setOpen(undefined)
  const done = () => {
    shut()
    refresh()
  }
  const study = view?.study
  const isClosed = study?.state === 'closed'
  return (
    <section className="quality-pad studies-detail quality-capability" aria-labelledby="study-title">
      <BackTo label={text.back} onBack={onBack} />
      <Refusal>{error}</Refusal>
      {!view && !error && <div className="list-skeleton" aria-hidden />}
      {view && study && (
        <>
          <header className="quality-head">
            <div>
              <h1 id="study-title">{study.definition.name}</h1>
              <p className="quality-dim">{text.kinds[kindOf(study.definition.design)]}</p>
            </div>
            <StudyPill study={study} />
            <div className="quality-actions">
              {view.missing.length > 0 && !isClosed && may(me, 'quality.enter') && (
                <Button leftSection={<Play size={16} aria-hidden />} onClick={onMeasure} data-testid="measure">
                  {study.readings > 0 ? text.goOn : text.measure}
                </Button>
              )}
              {view.result && !isClosed && mayEdit && (
                <Button leftSection={<Gavel size={16} aria-hidden />} onClick={() => setOpen('close')} disabled={open !== undefined} data-testid="close-study">
                  {text.close}
                </Button>
              )}
              {isClosed && mayEdit && (
                <Button
                  variant="default"
                  leftSection={<LockOpen size={16} aria-hidden />}
                  onClick={() => setOpen('reopen')}
                  disabled={open !== undefined}
                  data-testid="reopen-study"
                >
                  {text.reopen}
                </Button>
              )}
              {view.missing.length > 0 && !isClosed && mayEdit && (
                <Button variant="default" leftSection={<ClipboardPaste size={16} aria-hidden />} onClick={() => setOpen('import')} data-testid="import">
                  {text.import}
                </Button>
              )}
              {!isClosed && mayEdit && (
                <Button
                  variant="default"
                  leftSection={<Pencil size={16} aria-hidden />}
                  onClick={() => setOpen('change')}
                  disabled={open !== undefined}
                  data-testid="change-study"
                >
                  {text.edit}
                </Button>
              )}
              {study.readings > 0 && (
                <Button
                  component="a"
                  href={urlOf(exportStudy.path, { params: { id } })}
                  download
                  variant="default"
                  leftSection={<Download size={16} aria-hidden />}
                  data-testid="study-csv"
                >
                  {text.file}
                </Button>
              )}
              {view.readings.length > 0 && (
                <Button
                  component="a"
                  href={urlOf(getStudyReport.path, { params: { id }, query: { language } })}
                  download
                  variant="default"
                  leftSection={<FileText size={16} aria-hidden />}
                  data-testid="study-pdf"
                >
                  {text.pdf}
                </Button>
              )}
              {view.result && (
                <Button variant="default" leftSection={<Printer size={16} aria-hidden />} onClick={() => print()}>
                  {text.print}
                </Button>
              )}
            </div>
          </header>
          {open === 'change' ? <ChangeStudy study={study} onDone={done} onCancel={shut} /> : <Facts view={view} />}
          {open === 'reopen' && <ReopenStudy study={study} onDone={done} onCancel={shut} />}
          {study.closing && <Closing closing={study.closing} />}
          {view.result && <Proposal study={study} result={view.result} />}
          {open === 'close' && view.result && <CloseStudy study={study} proposal={view.result.proposal} onDone={done} onCancel={shut} />}
          {view.missing.length > 0 && (
            <p className="quality-dim" role="status" data-testid="incomplete">
              {text.report.incomplete(String(view.missing.length))}
            </p>
          )}
          {view.problem && (
            <p className="quality-problem" data-testid="no-result">
              {text.report.noResult} {view.problem.text}
            </p>
          )}
          {view.result && <Report view={view} result={view.result} />}
          <Readings view={view} mayCorrect={!isClosed && may(me, 'quality.enter')} onChanged={refresh} />
          <History view={view} />
          {open === 'import' && <ImportReadings study={study} onDone={done} onClose={shut} />}
        </>
      )}
    </section>
  )
}

function Facts({ view: { study } }: { view: StudyView }) {
  const text = useStudyText()
  const format = useFormats()
  const { definition } = study
  const { design, limits } = definition
  const facts = {
    gauge: definition.gauge,
    characteristic: definition.characteristic,
    tolerance: definition.toleranceWidth === undefined ? undefined : `${format.number(definition.toleranceWidth, definition.decimals)} ${definition.unit}`,
    parts: String(partNames(design).length),
    appraisers: appraiserNames(design).join(', '),
    trials: String(design.trials),
    method:
      design.kind === 'bias'
        ? undefined
        : design.method === 'anova'
          ? text.methods.anova(text.errorTerms[design.errorTerm])
          : text.methods['average-and-range'],
    limits: design.kind === 'bias' ? undefined : `${limits.acceptablePercent} % / ${limits.unacceptablePercent} %, ndc ${limits.ndc} (${limits.source})`,
  }
  return (
    <dl className="studies-facts">
      {(Object.keys(facts) as (keyof typeof facts)[]).map((key) =>
        facts[key] ? (
          <div key={key}>
            <dt>{text.facts[key]}</dt>
            <dd>{facts[key]}</dd>
          </div>
        ) : null,
      )}
    </dl>
  )
}

function Readings({ view, mayCorrect, onChanged }: { view: StudyView; mayCorrect: boolean; onChanged: () => void }) {
  const { report: text } = useStudyText()
  const format = useFormats()
  const [chosen, choose] = useState<StudyReading>()
  if (view.readings.length === 0) return null
  const { decimals, unit } = view.study.definition
  const say = (value: number) => format.number(value, decimals)
  const { readingColumns: columns } = text
  return (
    <>
      <h2>{text.readings}</h2>
      {view.missing.length > 0 ? (
        <p className="quality-dim">{text.hidden}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
        <section className="quality-scroll studies-readings" tabIndex={0} aria-label={text.readings}>
          <table className="quality-list studies-figures cw-numbers" data-testid="readings">
            <thead>
              <tr>
                <th scope="col">{columns.part}</th>
                <th scope="col">{columns.appraiser}</th>
                <th scope="col">{columns.trial}</th>
                <th scope="col">
                  {columns.value} {unit && `(${unit})`}
                </th>
                <th scope="col">{columns.by}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {view.readings.map((reading) => (
                <tr key={reading.id}>
                  <th scope="row">{reading.part}</th>
                  <td>{reading.appraiser}</td>
                  <td>{reading.trial}</td>
                  <td>
                    {say(reading.value)}
                    {reading.corrected?.map(({ value, reason, by, at }) => (
                      <small key={at}>{text.was(say(value), reason, by)}</small>
                    ))}
                  </td>
                  <td>
                    {reading.by}
                    <small>{format.dateTime(reading.at)}</small>
                  </td>
                  <td>
                    {mayCorrect && (
                      <Button
                        variant="subtle"
                        size="compact-sm"
                        onClick={() => choose(reading)}
                        aria-label={`${text.correct}: ${reading.part}, ${reading.appraiser}, ${reading.trial}`}
                      >
                        {text.correct}
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {chosen && (
        <CorrectReading
          reading={chosen}
          onDone={() => {
            choose(undefined)
            onChanged()
          }}
          onClose={() => choose(undefined)}
        />
      )}
    </>
  )
}

function History({ view }: { view: StudyView }) {
  const text = useStudyText()
  const format = useFormats()
  const lines = [
    ...view.revisions.map(({ revision, by, at, reason }) => ({ at, by, what: text.history.revision(String(revision)), words: reason })),
    ...view.events.map(({ kind, verdict, by, at, text: words }) => ({
      at,
      by,
      what: verdict ? `${text.history[kind]}: ${text.verdicts[verdict]}` : text.history[kind],
      words,
    })),
  ].sort((a, b) => b.at.localeCompare(a.at))
  return (
    <>
      <h2>{text.history.title}</h2>
      <ol className="quality-history">
        {lines.map(({ at, by, what, words }) => (
          <li key={`${at} ${what}`}>
            <strong>{what}</strong>
            <span>{by}</span>
            <time dateTime={at}>{format.dateTime(at)}</time>
            <q>{words}</q>
          </li>
        ))}
      </ol>
    </>
  )
}
