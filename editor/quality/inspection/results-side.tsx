/** Balloon after balloon: the one that is asked for now above, all of them below. */
import { type Inspection, type InspectionResult, keyOf, piecesOf } from '../../../server/api/quality/index.ts'
import { toleranceInWords, useChartsText, useFormats } from '../use-quality-text.ts'
import { BalloonEntry } from './balloon-entry.tsx'
import { type Asked, Found } from './found.tsx'
import { useInspectionText } from './words.ts'

/** Everything that is to be looked at, in the order of the plan. */
function askedOf({ plan, quantity, results, characteristics }: Inspection): Asked[] {
  const there = new Map(results.map((result) => [keyOf(result.balloon, result.piece), result]))
  return plan.balloons.flatMap((balloon) =>
    Array.from({ length: piecesOf(balloon, quantity) }, (_, index) => {
      const key = keyOf(balloon.number, index + 1)
      return { key, balloon, piece: index + 1, result: there.get(key), measured: characteristics.find(({ id }) => id === balloon.characteristicId) }
    }),
  )
}

export interface ResultsSideProps {
  inspection: Inspection
  current: string | undefined
  onCurrent: (key: string | undefined) => void
  mayEnter: boolean
  onTaken: (next: Inspection) => void
}

export function ResultsSide({ inspection, current, onCurrent, mayEnter, onTaken }: ResultsSideProps) {
  const text = useInspectionText()
  const charts = useChartsText()
  const format = useFormats()
  const { quantity, serials } = inspection
  const asked = askedOf(inspection)
  const missing = (result: InspectionResult | undefined) => !result || (!result.isConforming && !result.nonconformance)
  const now = asked.find(({ key }) => key === current) ?? asked.find(({ result }) => missing(result))
  const taken = (next: Inspection) => {
    onTaken(next)
    const entered = askedOf(next).find(({ key }) => key === now?.key)
    // what does not conform needs its number first; else on to the next that is missing, after this one if there is one
    if (entered && missing(entered.result)) return onCurrent(entered.key)
    const after = askedOf(next)
    const from = after.findIndex(({ key }) => key === now?.key)
    onCurrent([...after.slice(from + 1), ...after.slice(0, from + 1)].find(({ result }) => missing(result))?.key)
  }
  return (
    <>
      {mayEnter && now && <BalloonEntry key={now.key} asked={now} inspection={inspection} onTaken={taken} />}
      <div className="quality-scroll">
        <table className="inspection-results cw-numbers" data-testid="results">
          <thead>
            <tr>
              <th scope="col">{text.plan.number}</th>
              {quantity > 1 && <th scope="col">{text.form.piece}</th>}
              <th scope="col">{text.plan.requirement}</th>
              <th scope="col">{text.form.plainResults}</th>
              {mayEnter && <th scope="col">{text.form.enter}</th>}
            </tr>
          </thead>
          <tbody>
            {asked.map(({ key, balloon, piece, result, measured }) => (
              <tr key={key} data-current={mayEnter && key === now?.key ? true : undefined} data-testid={`result-${balloon.number}-${piece}`}>
                <th scope="row">
                  {balloon.number}
                  {balloon.designator && <small>{balloon.designator}</small>}
                </th>
                {quantity > 1 && <td>{serials[piece - 1] ?? piece}</td>}
                <td>
                  {[measured?.name, balloon.requirement].filter(Boolean).join(': ')}
                  {measured && <small>{toleranceInWords(charts.head, format.number, measured)}</small>}
                  {balloon.place && <small>{balloon.place}</small>}
                </td>
                <td>
                  {result ? <Found result={result} measured={measured} /> : <span className="quality-dim">{text.form.missing}</span>}
                  {result?.nonconformance && <small>{result.nonconformance}</small>}
                  {result?.text && <small>{result.text}</small>}
                </td>
                {mayEnter && (
                  <td>
                    <button type="button" onClick={() => onCurrent(key)} aria-label={`${text.form.enter}: ${balloon.number}, ${piece}`}>
                      {text.form.enter}
                    </button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
