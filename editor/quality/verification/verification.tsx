/** The verification report: published data sets, calculated in front of whoever asks, beside what was published. */
import { Button } from '@mantine/core'
import { Check, Download, Printer, RotateCw, TriangleAlert } from 'lucide-react'
import { useEffect, useState } from 'react'
import { type Figure, REFERENCE_SUBJECTS, type ReferenceSet } from '../../../nodes/quality/engine/reference/index.ts'
import { getSystem } from '../../../server/api/people.ts'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useQualityText } from '../use-quality-text.ts'
import { counts, csvOf, type SubjectReport, shownAs } from './report.ts'
import { type Report, useReport } from './use-report.ts'

export function Verification() {
  const text = useQualityText().verification
  const { report, again } = useReport()
  const version = useVersion()
  return (
    <section className="quality-verification" aria-labelledby="verification-title">
      <header>
        <div>
          <h1 id="verification-title">{text.title}</h1>
          <p>{text.lead}</p>
          <p className="quality-dim">{text.why}</p>
        </div>
        <div className="quality-actions">
          <Button variant="default" leftSection={<RotateCw size={16} aria-hidden />} onClick={again} disabled={!report.isDone} data-testid="verify-again">
            {text.again}
          </Button>
          <Button
            variant="default"
            leftSection={<Download size={16} aria-hidden />}
            onClick={() => save(report, version)}
            disabled={!report.isDone}
            data-testid="verify-csv"
          >
            {text.file}
          </Button>
          <Button variant="default" leftSection={<Printer size={16} aria-hidden />} onClick={() => print()} disabled={!report.isDone}>
            {text.print}
          </Button>
        </div>
      </header>
      <Verdict report={report} version={version} />
      {report.subjects.map((subject) => (
        <Subject key={subject.subject} {...subject} />
      ))}
    </section>
  )
}

/** Which program this is; undefined for those who may not know. */
function useVersion(): string | undefined {
  const { me } = useMe()
  const [version, setVersion] = useState<string>()
  const isAllowed = may(me, 'system.view')
  useEffect(() => {
    if (!isAllowed) return
    // the report says what it says without the number of the version too
    call(getSystem, {}).then(
      (system) => setVersion(system.version),
      () => setVersion(undefined),
    )
  }, [isAllowed])
  return version
}

function Verdict({ report, version }: { report: Report; version: string | undefined }) {
  const text = useQualityText().verification
  const format = formats(useLanguage())
  const { figures, differing } = counts(report.subjects)
  if (!report.isDone)
    return (
      <p className="quality-verdict" role="status">
        {text.working(format.number(report.subjects.length), format.number(REFERENCE_SUBJECTS.length))}
      </p>
    )
  return (
    <div className="quality-verdict" data-state={differing ? 'alarm' : 'ok'} role="status" data-testid="verdict">
      {differing ? <TriangleAlert size={20} aria-hidden /> : <Check size={20} aria-hidden />}
      <div>
        <strong>{differing ? text.differ(format.number(differing), format.number(figures)) : text.allAgree(format.number(figures))}</strong>
        {differing > 0 && <p>{text.whatNow}</p>}
        <p className="quality-dim">
          {text.made(format.dateTime(report.at))}
          {version !== undefined && ` · ${text.product(version)}`}
        </p>
      </div>
    </div>
  )
}

function Subject({ subject, sets }: SubjectReport) {
  const text = useQualityText().verification
  const format = formats(useLanguage())
  const { figures, differing } = counts([{ subject, sets }])
  return (
    <details className="quality-subject" open={differing > 0} data-testid={`subject-${subject}`}>
      <summary>
        <h2>{text.subjects[subject]}</h2>
        <Agreement isWithin={differing === 0} />
        <span className="quality-dim">{text.figures(format.number(figures))}</span>
      </summary>
      {sets.map((set) => (
        <DataSet key={set.id} set={set} />
      ))}
    </details>
  )
}

function DataSet({ set: { title, source, size, figures } }: { set: ReferenceSet }) {
  const text = useQualityText().verification
  const format = formats(useLanguage())
  const { columns } = text
  return (
    <div className="quality-set">
      <h3>{title}</h3>
      <p className="quality-dim">
        {text.source(source)} · {text.values(format.number(size))}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys */}
      <section className="quality-scroll" tabIndex={0} aria-label={title}>
        <table>
          <thead>
            <tr>
              {[columns.quantity, columns.published, columns.ours, columns.difference, columns.tolerance, columns.verdict].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {figures.map((figure) => (
              <Row key={figure.quantity} figure={figure} />
            ))}
          </tbody>
        </table>
      </section>
    </div>
  )
}

/** Two digits: a difference is read for its size. */
const size = (value: number): string => (value === 0 ? '0' : Math.abs(value) < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(2))))

function Row({ figure }: { figure: Figure }) {
  const { quantity, published, ours, tolerance, isWithin, note } = figure
  return (
    <tr data-state={isWithin ? undefined : 'alarm'}>
      <th scope="row">
        {quantity}
        {note !== undefined && <small>{note}</small>}
      </th>
      <td>{published}</td>
      <td>{shownAs(figure)}</td>
      <td>{size(ours - Number(published))}</td>
      <td>{size(tolerance)}</td>
      <td>
        <Agreement isWithin={isWithin} />
      </td>
    </tr>
  )
}

function Agreement({ isWithin }: { isWithin: boolean }) {
  const text = useQualityText().verification
  return (
    <span className="quality-agreement" data-state={isWithin ? 'ok' : 'alarm'}>
      {isWithin ? <Check size={14} aria-hidden /> : <TriangleAlert size={14} aria-hidden />}
      {isWithin ? text.agrees : text.differs}
    </span>
  )
}

function save({ subjects, at }: Report, version: string | undefined): void {
  const url = URL.createObjectURL(new Blob([csvOf(subjects, { at: at.toISOString(), version })], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `verification-${at.toISOString().slice(0, 10)}.csv`
  link.click()
  URL.revokeObjectURL(url)
}
