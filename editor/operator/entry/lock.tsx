/** A signal that asks for its cause, and perhaps for what was done: until then no further value is taken. */
import { Check, Lock } from 'lucide-react'
import { useState } from 'react'
import { addMarks, type Characteristic, type EntryResult, listCatalogue, listMarks, type SignalView } from '../../../server/api/quality/index.ts'
import { ruleInWords, ruleName, useChartsText } from '../../quality/use-quality-text.ts'
import { ApiError, call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { Problem } from '../operator-dialog.tsx'
import { useEntryText } from './words.ts'

type Kind = 'cause' | 'action'
interface Answer {
  entryId?: string
  text: string
}
const isAnswered = ({ entryId, text }: Answer) => entryId !== undefined || text.trim() !== ''

/** @param props.said its signals are in sight already */
export function LockPanel({ characteristic, said, onAnswered }: { characteristic: Characteristic; said: EntryResult | undefined; onAnswered: () => void }) {
  const { lock: text } = useEntryText()
  const signal = characteristic.openSignals.find(({ asks }) => asks !== 'nothing')
  return (
    <section className="op-lock" aria-labelledby="lock-title" data-testid="lock">
      <h3 id="lock-title">
        <Lock size={24} aria-hidden /> {text.title}
      </h3>
      <p>{text.why}</p>
      {signal && (
        <Signal
          key={signal.id}
          signal={signal}
          characteristic={characteristic}
          isSaid={said?.signals.some(({ id }) => id === signal.id) === true}
          onAnswered={onAnswered}
        />
      )}
    </section>
  )
}

function Signal(props: { signal: SignalView; characteristic: Characteristic; isSaid: boolean; onAnswered: () => void }) {
  const { signal, characteristic, isSaid, onAnswered } = props
  const { lock: text } = useEntryText()
  const charts = useChartsText()
  const format = formats(useLanguage())
  const { definition, id } = characteristic
  const catalogue = useLoad('catalogue', () => call(listCatalogue, { query: {} })).value ?? []
  // what was answered before the page was opened, or before a fault in between, is not asked again
  const marks = useLoad(`${signal.id} ${characteristic.points}`, () => call(listMarks, { params: { id }, query: { subgroup: signal.subgroup } }))
  const given = (kind: Kind) => marks.value?.some((mark) => mark.kind === kind && mark.signalId === signal.id) === true
  const wanted: Kind[] = signal.asks === 'cause-and-action' ? ['cause', 'action'] : ['cause']
  const [answers, setAnswers] = useState<Record<Kind, Answer>>({ cause: { text: '' }, action: { text: '' } })
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const give = async () => {
    const left = wanted.filter((kind) => !given(kind))
    if (left.some((kind) => !isAnswered(answers[kind]))) return setProblem(text.missing)
    setBusy(true)
    setProblem(undefined)
    try {
      for (const kind of left) {
        const { entryId, text: said } = answers[kind]
        await call(addMarks, {
          params: { id },
          body: { kind, subgroups: [signal.subgroup], signalId: signal.id, ...(entryId ? { entryId } : {}), ...(said.trim() ? { text: said.trim() } : {}) },
        })
      }
      onAnswered()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.message)
      marks.refresh()
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      {!isSaid && (
        <p className="op-lock-signal" data-state={signal.rule === 'out-of-tolerance' ? 'alarm' : 'warning'}>
          <strong>{ruleInWords(charts, signal.rule, definition.chart.conventions)}</strong> ({ruleName(charts, signal.rule)}
          {`, ${format.number(signal.value, definition.decimals)} ${definition.unit}, ${format.dateTime(signal.at)}`})
        </p>
      )}
      {wanted.map((kind) => (
        <fieldset key={kind}>
          <legend>{text[kind]}</legend>
          {given(kind) ? (
            <p>
              <Check size={20} aria-hidden /> {text.given}
            </p>
          ) : (
            <>
              <div className="op-lock-choices">
                {catalogue
                  .filter((one) => one.kind === kind)
                  .map(({ id: entryId, title, code }) => (
                    <button
                      key={entryId}
                      type="button"
                      className="op-plain"
                      aria-pressed={answers[kind].entryId === entryId}
                      onClick={() =>
                        setAnswers((before) => {
                          const { entryId: was, ...rest } = before[kind]
                          return { ...before, [kind]: was === entryId ? rest : { ...rest, entryId } }
                        })
                      }
                      data-testid={`${kind}-${entryId}`}
                    >
                      {code ? `${code} ` : ''}
                      {title}
                    </button>
                  ))}
              </div>
              <label>
                {text.other}
                <input
                  value={answers[kind].text}
                  maxLength={2000}
                  onChange={({ currentTarget: { value } }) => setAnswers((before) => ({ ...before, [kind]: { ...before[kind], text: value } }))}
                  data-testid={`${kind}-words`}
                />
              </label>
            </>
          )}
        </fieldset>
      ))}
      <Problem>{problem}</Problem>
      <button type="button" className="op-main-action" disabled={isBusy} onClick={() => void give()} data-testid="give-answer">
        {text.give}
      </button>
    </>
  )
}
