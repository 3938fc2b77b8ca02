/** Noting a calibration: when, until when it holds, whether it passed. */
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useState } from 'react'
import { addCalibration, type Gauge } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { Refusal } from '../refusal.tsx'
import { useFormats } from '../use-quality-text.ts'
import { dayOf, useGaugeText } from './words.ts'

export function Calibrate({ gauge, onDone, onCancel }: { gauge: Gauge; onDone: () => void; onCancel: () => void }) {
  const { calibration: text, form } = useGaugeText()
  const format = useFormats()
  const today = dayOf(new Date())
  const [at, setAt] = useState(today)
  const [due, setDue] = useState('')
  const [passed, setPassed] = useState(true)
  const [certificate, setCertificate] = useState('')
  const [lab, setLab] = useState(gauge.calibration?.lab ?? '')
  const [comment, setComment] = useState('')
  const { isBusy, problem, run, say } = useDoing()
  const { intervalDays } = gauge.definition
  const save = () => {
    if (!at) return say(text.atMissing)
    const said = { certificate: certificate.trim(), lab: lab.trim(), comment: comment.trim() }
    void run(async () => {
      await call(addCalibration, {
        params: { id: gauge.id },
        body: {
          // a day has no time: that of today is now, another one noon, so that no time zone makes it the day before
          at: at === today ? new Date().toISOString() : new Date(`${at}T12:00:00`).toISOString(),
          // the last day counts whole
          ...(passed && due ? { dueAt: new Date(`${due}T23:59:59`).toISOString() } : {}),
          passed,
          ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== '')),
        },
      })
      onDone()
    })
  }
  return (
    <div className="quality-form gauges-calibrate" data-testid="calibrate">
      <fieldset>
        <legend>{text.add}</legend>
        <div className="quality-row">
          <TextInput type="date" label={text.at} value={at} max={today} onChange={(event) => setAt(event.currentTarget.value)} data-testid="calibrated-at" />
          <div>
            <span className="gauges-label" id="calibration-result">
              {text.result}
            </span>
            <SegmentedControl
              aria-labelledby="calibration-result"
              value={passed ? 'passed' : 'failed'}
              onChange={(value) => setPassed(value === 'passed')}
              data={(['passed', 'failed'] as const).map((value) => ({ value, label: text[value] }))}
              data-testid="calibration-result"
            />
          </div>
          {passed && (
            <TextInput
              type="date"
              label={text.due}
              description={intervalDays === undefined ? text.dueNeeded : text.dueHint(format.number(intervalDays))}
              value={due}
              onChange={(event) => setDue(event.currentTarget.value)}
              data-testid="calibration-due"
            />
          )}
        </div>
        <div className="quality-row">
          <TextInput
            label={text.certificate}
            value={certificate}
            maxLength={120}
            onChange={(event) => setCertificate(event.currentTarget.value)}
            data-testid="certificate"
          />
          <TextInput label={text.lab} value={lab} maxLength={120} onChange={(event) => setLab(event.currentTarget.value)} />
        </div>
        <TextInput label={text.comment} value={comment} maxLength={500} onChange={(event) => setComment(event.currentTarget.value)} />
        <p className="quality-dim">{text.append}</p>
        <Refusal>{problem}</Refusal>
        <div className="quality-actions">
          <Button onClick={save} loading={isBusy} data-testid="save-calibration">
            {text.save}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {form.cancel}
          </Button>
        </div>
      </fieldset>
    </div>
  )
}
