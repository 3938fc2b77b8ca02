/** What was entered last, and putting it right: the first value stays in the history. */
import { Undo2 } from 'lucide-react'
import { useState } from 'react'
import { type Characteristic, correctMeasurement, listMeasurements, type Measurement } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { Back, OperatorDialog, Problem } from '../operator-dialog.tsx'
import { newPressId } from '../press-id.ts'
import { TypedField } from '../typed-field.tsx'
import { ValuePad } from '../value-pad.tsx'
import { numberOf } from './wedge.ts'
import { useEntryText } from './words.ts'

const SHOWN = 4

/** @param sign another one: something has changed */
export function Recent({
  characteristic,
  sign,
  mayCorrect,
  onCorrected,
}: {
  characteristic: Characteristic
  sign: string
  mayCorrect: boolean
  onCorrected: () => void
}) {
  const { recent: text } = useEntryText()
  const format = formats(useLanguage())
  const [opened, setOpened] = useState<Measurement>()
  const { id, definition } = characteristic
  const { value: list, refresh } = useLoad(`${id} ${sign}`, () => call(listMeasurements, { params: { id }, query: { limit: SHOWN } }))
  return (
    <section className="op-recent" aria-labelledby="recent-title">
      <h3 id="recent-title">{text.title}</h3>
      {list?.length === 0 && <p>{text.none}</p>}
      <ul>
        {(list ?? []).map((one) => (
          <li key={one.id} data-out={!one.isInTolerance || undefined} data-testid="recent-value">
            <span className="cw-numbers">
              <strong>
                {format.number(one.value, definition.decimals)} {one.unit}
              </strong>
              <small>
                {format.time(one.at)}
                {one.corrections?.length ? ` · ${text.corrected}` : ''}
              </small>
            </span>
            {mayCorrect && (
              <button type="button" className="op-plain" onClick={() => setOpened(one)} data-testid="correct">
                <Undo2 size={20} aria-hidden /> {text.correct}
              </button>
            )}
          </li>
        ))}
      </ul>
      {opened && (
        <Correct
          measurement={opened}
          characteristic={characteristic}
          onDone={() => {
            setOpened(undefined)
            refresh()
            onCorrected()
          }}
          onClose={() => setOpened(undefined)}
        />
      )}
    </section>
  )
}

function Correct(props: { measurement: Measurement; characteristic: Characteristic; onDone: () => void; onClose: () => void }) {
  const { measurement, characteristic, onDone, onClose } = props
  const { definition } = characteristic
  const all = useEntryText()
  const { correct: text } = all
  const format = formats(useLanguage())
  // one id for as long as the dialog is open: sent again after a broken line it is the same correction
  const [correctionId] = useState(newPressId)
  const [typed, setTyped] = useState('')
  const [reason, setReason] = useState('')
  const { isBusy, problem, run, say } = useDoing()
  const value = numberOf(typed)
  const confirm = () => {
    if (value === undefined || reason.trim().length < 3) return say(text.missing)
    void run(async () => {
      await call(correctMeasurement, { params: { id: measurement.id }, body: { correctionId, value, reason: reason.trim() } })
      onDone()
    })
  }
  return (
    <OperatorDialog title={text.title(definition.name)} isWide onClose={onClose}>
      <div className="op-asks">
        <div>
          <p>{text.was(`${format.number(measurement.value, definition.decimals)} ${measurement.unit}`)}</p>
          <TypedField
            label={all.value}
            unit={definition.unit}
            isNumber
            value={typed}
            isChosen
            testId="correct-value"
            onChange={setTyped}
            onEnter={() => void confirm()}
          />
          <p>
            <strong>{text.why}</strong>
          </p>
          <div className="op-lock-choices">
            {text.reasons.map((each) => (
              <button key={each} type="button" className="op-plain" aria-pressed={reason === each} onClick={() => setReason(reason === each ? '' : each)}>
                {each}
              </button>
            ))}
          </div>
          <TypedField
            label={text.other}
            isNumber={false}
            value={text.reasons.includes(reason) ? '' : reason}
            isChosen={false}
            testId="correct-reason"
            onChange={setReason}
          />
          <Problem>{problem}</Problem>
        </div>
        <ValuePad value={typed} onChange={setTyped} />
      </div>
      <footer>
        <Back onClick={onClose} />
        <button type="button" className="op-main-action" disabled={isBusy} onClick={confirm} data-testid="correct-confirm">
          {text.confirm}
        </button>
      </footer>
    </OperatorDialog>
  )
}
