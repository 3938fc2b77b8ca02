/** One value with all that is known of it, and putting it right. */
import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { type CharacteristicDefinition, correctMeasurement, type Measurement } from '../../../server/api/quality/index.ts'
import { ApiError, call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { type Num, NumberField } from '../../shared/number-field.tsx'
import { useChartsText, useFormats } from '../use-quality-text.ts'

const SHORTEST_REASON = 3
const FACTS = ['serial', 'lot', 'machineId', 'program', 'tool', 'workOrder', 'comment'] as const

export interface MeasurementViewProps {
  measurement: Measurement
  definition: Pick<CharacteristicDefinition, 'decimals'>
  onChanged: () => void
}

export function MeasurementView({ measurement, definition, onChanged }: MeasurementViewProps) {
  const { point: text } = useChartsText()
  const format = useFormats()
  const { me } = useMe()
  const [isCorrecting, correct] = useState(false)
  const { value, unit, nominal, isInTolerance, at, by, size, flags, corrections, gaugeId, gaugeCalibratedAt, gaugeDueAt } = measurement
  const say = (one: number) => `${format.number(one, definition.decimals)} ${unit}`.trim()
  return (
    <li data-testid={`measurement-${measurement.id}`}>
      <div className="quality-measured-head">
        <strong className="cw-numbers">
          {say(value)}
          {size !== undefined && ` ${text.size(format.number(size))}`}
        </strong>
        <span className="quality-pill" data-state={isInTolerance ? 'good' : 'alarm'}>
          {isInTolerance ? text.inTolerance : text.outOfTolerance}
        </span>
        {nominal !== null && (
          <span className="quality-dim cw-numbers">
            {text.nominal} {value - nominal > 0 ? '+' : ''}
            {format.number(value - nominal, definition.decimals)}
          </span>
        )}
        {may(me, 'quality.enter') && !isCorrecting && (
          <Button size="compact-xs" variant="subtle" onClick={() => correct(true)} data-testid="correct">
            {text.correct}
          </Button>
        )}
      </div>
      <span className="quality-dim">
        {format.dateTime(at)}
        {by !== undefined && ` · ${by}`}
      </span>
      <dl>
        {FACTS.map((fact) => {
          const known = measurement[fact]
          return (
            known !== undefined && (
              <div key={fact}>
                <dt>{text.facts[fact]}</dt>
                <dd>{known}</dd>
              </div>
            )
          )
        })}
        {gaugeId !== undefined && (
          <div>
            <dt>{text.facts.gauge}</dt>
            <dd>
              {gaugeId}
              {gaugeCalibratedAt !== undefined && gaugeDueAt !== undefined && (
                <span className="quality-dim"> {text.calibrated(format.day(gaugeCalibratedAt.slice(0, 10)), format.day(gaugeDueAt.slice(0, 10)))}</span>
              )}
            </dd>
          </div>
        )}
        {measurement.runId !== undefined && (
          <div>
            <dt>{text.facts.runId}</dt>
            <dd>
              <a href={`/runs#${encodeURIComponent(measurement.runId)}`}>{measurement.runId}</a>
            </dd>
          </div>
        )}
      </dl>
      {flags.map((flag) => (
        <span key={flag} className="quality-pill" data-state="warning">
          {text.flags[flag]}
        </span>
      ))}
      {corrections?.map((one) => (
        <p key={one.id} className="quality-correction">
          {text.corrected(say(one.from))} <q>{one.reason}</q>
          <span className="quality-dim">
            {format.dateTime(one.at)} · {one.by}
          </span>
        </p>
      ))}
      {isCorrecting && (
        <Correction
          measurement={measurement}
          digits={definition.decimals}
          said={say(value)}
          onCancel={() => correct(false)}
          onDone={() => {
            correct(false)
            onChanged()
          }}
        />
      )}
    </li>
  )
}

interface CorrectionProps {
  measurement: Measurement
  digits: number
  said: string
  onDone: () => void
  onCancel: () => void
}

function Correction({ measurement, digits, said, onDone, onCancel }: CorrectionProps) {
  const { correction: text, mark, form } = useChartsText()
  // made once: pressed twice, or again after a lost answer, it is one correction
  const [correctionId] = useState(() => crypto.randomUUID())
  const [value, setValue] = useState<Num>('')
  const [reason, setReason] = useState('')
  const [isTried, setTried] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string>()
  const isReasonShort = reason.trim().length < SHORTEST_REASON
  const save = async () => {
    setTried(true)
    if (value === '' || isReasonShort) return
    setBusy(true)
    setRefusal(undefined)
    try {
      await call(correctMeasurement, { params: { id: measurement.id }, body: { correctionId, value, reason: reason.trim() } })
      onDone()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setRefusal(error.message)
      setBusy(false)
    }
  }
  return (
    <form
      className="quality-mark"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
      data-testid="correction"
    >
      <p className="quality-dim">{text.lead(said)}</p>
      <NumberField
        label={text.value}
        unit={measurement.unit}
        value={value}
        onChange={setValue}
        digits={digits}
        error={isTried && value === '' ? form.errors.missing : undefined}
        testId="correction-value"
      />
      <TextInput
        label={text.reason}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={isTried && isReasonShort ? form.errors.reason : undefined}
        maxLength={500}
        data-testid="correction-reason"
      />
      {refusal && (
        <p className="quality-problem" role="alert">
          {refusal}
        </p>
      )}
      <div className="quality-actions">
        <Button type="submit" size="xs" loading={isBusy} data-testid="correction-save">
          {text.save}
        </Button>
        <Button size="xs" variant="default" onClick={onCancel}>
          {mark.cancel}
        </Button>
      </div>
    </form>
  )
}
