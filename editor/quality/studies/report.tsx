/** The report of a study: pictures and tables of its result. */
import '../capability/capability.css'
import type { StudyReading, StudyResult, StudyView } from '../../../server/api/quality/studies.ts'
import { useFormats } from '../use-quality-text.ts'
import { Components, Interaction, Linearity, Ranges, Readings } from './pictures.tsx'
import { appraiserNames, partNames, useStudyText } from './words.ts'

type Crossed = Extract<StudyResult, { kind: 'crossed' }>
type Bias = Extract<StudyResult, { kind: 'bias' }>
/** Of figures that are calculated. */
const DIGITS = 5

export function Report({ view, result }: { view: StudyView; result: StudyResult }) {
  const { definition } = view.study
  const format = useFormats()
  const { report: text } = useStudyText()
  const say = (value: number) => format.number(value, definition.decimals)
  const common = { readings: view.readings as StudyReading[], parts: partNames(definition.design), appraisers: appraiserNames(definition.design), say }
  if (result.kind === 'bias')
    return (
      <>
        <div className="quality-pictures">
          <Linearity result={result} readings={common.readings} say={say} />
          <Readings {...common} names={common.parts} of="part" title={text.byPart} text={text.byPartText} />
        </div>
        <BiasTable result={result} />
      </>
    )
  return (
    <>
      <div className="quality-pictures">
        <Components result={result} />
        <Readings {...common} names={common.parts} of="part" title={text.byPart} text={text.byPartText} />
        <Readings {...common} names={common.appraisers} of="appraiser" title={text.byAppraiser} text={text.byAppraiserText} />
        <Interaction {...common} />
        <Ranges {...common} />
      </div>
      <Variation result={result} />
      {result.table && <Anova title={text.anova} table={result.table} />}
      {result.pooledTable && <Anova title={text.pooled} table={result.pooledTable} />}
      {result.ranges && <Ranged ranges={result.ranges} />}
    </>
  )
}

function Variation({ result: { lines, ndc, ndcExact, setToZero } }: { result: Crossed }) {
  const { report: text } = useStudyText()
  const format = useFormats()
  const hasTolerance = lines.some(({ tolerancePercent }) => tolerancePercent !== null)
  const { columns } = text
  return (
    <>
      <div className="quality-scroll">
        <table className="quality-list studies-figures cw-numbers" data-testid="variation">
          <thead>
            <tr>
              {[columns.source, columns.sd, columns.variance, columns.contribution, columns.study, ...(hasTolerance ? [columns.tolerance] : [])].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map(({ source, standardDeviation, variance, contributionPercent, studyPercent, tolerancePercent }) => (
              <tr key={source} data-source={source}>
                <th scope="row">{text.sources[source]}</th>
                <td>{format.number(standardDeviation, DIGITS)}</td>
                <td>{format.number(variance, DIGITS + 1)}</td>
                <td>{format.number(contributionPercent, 2)}</td>
                <td>{format.number(studyPercent, 2)}</td>
                {hasTolerance && <td>{tolerancePercent === null ? '–' : format.number(tolerancePercent, 2)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>
        {text.ndc}: <strong data-testid="ndc">{ndc ?? '–'}</strong>
        {ndcExact !== null && <span className="quality-dim"> ({format.number(ndcExact, 3)})</span>}
      </p>
      {setToZero.length > 0 && <p className="quality-dim">{text.setToZero(setToZero.map((source) => text.sources[source]).join(', '))}</p>}
    </>
  )
}

function Anova({ title, table }: { title: string; table: NonNullable<Crossed['table']> }) {
  const { report: text } = useStudyText()
  const format = useFormats()
  const { anovaColumns: columns } = text
  const or = (value: number | null, digits: number) => (value === null ? '' : format.number(value, digits))
  return (
    <>
      <h3>{title}</h3>
      <div className="quality-scroll">
        <table className="quality-list studies-figures cw-numbers">
          <thead>
            <tr>
              {(['source', 'df', 'ss', 'ms', 'f', 'p'] as const).map((column) => (
                <th key={column} scope="col">
                  {columns[column]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.map(({ source, df, ss, ms, f, p }) => (
              <tr key={source}>
                <th scope="row">{text.anovaSources[source]}</th>
                <td>{format.number(df)}</td>
                <td>{format.number(ss, DIGITS)}</td>
                <td>{or(ms, DIGITS)}</td>
                <td>{or(f, 3)}</td>
                <td>{or(p, 4)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

function Ranged({ ranges }: { ranges: NonNullable<Crossed['ranges']> }) {
  const { report: text } = useStudyText()
  const format = useFormats()
  return (
    <>
      <h3>{text.ranged}</h3>
      <dl className="studies-facts cw-numbers">
        {(['meanRange', 'appraiserRange', 'partRange', 'k1', 'k2', 'k3'] as const).map((key) => (
          <div key={key}>
            <dt>{text.rangedFacts[key]}</dt>
            <dd>{format.number(ranges[key], DIGITS)}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}

function BiasTable({ result }: { result: Bias }) {
  const { report: text } = useStudyText()
  const format = useFormats()
  const say = (value: number | null) => (value === null ? '–' : format.number(value, DIGITS))
  const { linearity } = result
  return (
    <>
      <h3>{text.bias}</h3>
      <div className="quality-scroll">
        <table className="quality-list studies-figures cw-numbers" data-testid="bias">
          <thead>
            <tr>
              {(['part', 'reference', 'count', 'mean', 'bias', 'interval', 't', 'p', 'verdict'] as const).map((column) => (
                <th key={column} scope="col">
                  {text.biasColumns[column]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {result.lines.map(({ part, reference, count, mean, bias, lower, upper, t, p, isAcceptable }) => (
              <tr key={part}>
                <th scope="row">{part}</th>
                <td>{say(reference)}</td>
                <td>{count}</td>
                <td>{say(mean)}</td>
                <td>{say(bias)}</td>
                <td>
                  {say(lower)} … {say(upper)}
                </td>
                <td>{say(t)}</td>
                <td>{p === null ? '–' : format.number(p, 4)}</td>
                <td>{isAcceptable ? text.yes : text.no}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {result.percentOfProcess !== null && <p>{text.ofProcess(format.number(result.percentOfProcess, 1))}</p>}
      {linearity && (
        <>
          <h3>{text.linearity}</h3>
          <p className="cw-numbers">
            {text.line(say(linearity.intercept.value), say(linearity.slope.value))}
            {linearity.rSquaredPercent !== null && ` · ${text.rSquared(format.number(linearity.rSquaredPercent, 1))}`} ·{' '}
            {text.percentLinearity(format.number(linearity.percentLinearity, 2))}
          </p>
        </>
      )}
    </>
  )
}
