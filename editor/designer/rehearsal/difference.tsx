/** What was expected beside what came out, field by field: what differs is said and marked, what is right is counted. */
import { Check, X } from 'lucide-react'
import { useState } from 'react'
import { type Difference, differences } from './fields.ts'
import { useRehearsalText } from './text.ts'

const MOST = 40

export function DifferenceTable({ expected, found }: { expected: unknown; found: unknown }) {
  const text = useRehearsalText().tests
  const [isAll, setAll] = useState(false)
  const all = differences(expected, found)
  const wrong = all.filter(({ isMet }) => !isMet)
  const shown = (isAll ? all : wrong).slice(0, MOST)
  return (
    <>
      <table className="rehearsal-difference" data-testid="rehearsal-difference">
        <thead>
          <tr>
            <th scope="col">{text.field}</th>
            <th scope="col">{text.expected}</th>
            <th scope="col">{text.found}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((one) => (
            <tr key={one.name} data-met={one.isMet}>
              <th scope="row">
                {one.isMet ? <Check size={13} aria-label={text.same} /> : <X size={13} aria-label={text.differs} />} {one.name || text.wholeValue}
              </th>
              <td>
                <code>{short(one.expected)}</code>
              </td>
              <td>{one.isMissing ? <em>{text.foundNothing}</em> : <code>{short(one.found)}</code>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {all.length > wrong.length && (
        <button type="button" className="rehearsal-link" onClick={() => setAll(!isAll)}>
          {isAll ? text.onlyDifferent : text.alsoSame(all.length - wrong.length)}
        </button>
      )}
    </>
  )
}

const short = (value: Difference['expected']): string => {
  const whole = JSON.stringify(value) ?? ''
  return whole.length > 120 ? `${whole.slice(0, 119)}…` : whole
}
