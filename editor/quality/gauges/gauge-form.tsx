/** The form of a gauge, new or there. */
import '../characteristic.css'
import '../form/form.css'
import { Button, NativeSelect, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { listConnections } from '../../../server/api/connections.ts'
import { changeGauge, createGauge, type Gauge } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { NumberField } from '../../shared/number-field.tsx'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { BackTo } from '../back-to.tsx'
import { Refusal } from '../refusal.tsx'
import { type Draft, definitionOf, draftOf } from './draft.ts'
import { useGaugeText } from './words.ts'

/** The connector of gauges (adapters/serial-gauge). */
const GAUGE_CONNECTOR = 'serial-gauge'

function Fields({
  draft,
  onChange,
  nameProblem,
  canRetire,
}: {
  draft: Draft
  onChange: (draft: Draft) => void
  nameProblem: string | undefined
  canRetire: boolean
}) {
  const { form: text } = useGaugeText()
  const { me } = useMe()
  const connections = useLoad(may(me, 'connections.view') ? 'connections' : undefined, () => call(listConnections)).value ?? []
  const lines = connections.filter(({ connector, id }) => connector === GAUGE_CONNECTOR || id === draft.connectionId)
  const put = (part: Partial<Draft>) => onChange({ ...draft, ...part })
  const words = (key: 'kind' | 'maker' | 'serial' | 'unit' | 'place' | 'channel', description?: string) => (
    <TextInput
      label={text[key]}
      {...(description === undefined ? {} : { description })}
      value={draft[key]}
      maxLength={key === 'unit' || key === 'channel' ? 20 : 120}
      onChange={(event) => put({ [key]: event.currentTarget.value })}
      data-testid={`gauge-${key}-field`}
    />
  )
  return (
    <div className="quality-form">
      <fieldset className="quality-plain">
        <TextInput
          label={text.name}
          description={text.nameHint}
          value={draft.name}
          onChange={(event) => put({ name: event.currentTarget.value })}
          error={nameProblem}
          withAsterisk
          maxLength={120}
          data-testid="gauge-name-field"
        />
        <div className="quality-row">
          {words('kind', text.kindHint)}
          {words('maker')}
        </div>
        <div className="quality-row">
          {words('serial')}
          {words('place')}
        </div>
        <div className="quality-row">
          {words('unit')}
          <NumberField label={text.resolution} unit={draft.unit} value={draft.resolution} onChange={(resolution) => put({ resolution })} digits={6} min={0} />
          <NumberField
            label={text.interval}
            unit={text.days}
            value={draft.intervalDays}
            onChange={(intervalDays) => put({ intervalDays })}
            digits={0}
            min={1}
            max={10_000}
            testId="gauge-interval-field"
          />
        </div>
        <div className="quality-row">
          <NativeSelect
            label={text.connection}
            description={text.connectionHint}
            value={draft.connectionId}
            onChange={(event) => put({ connectionId: event.currentTarget.value })}
            data={[{ value: '', label: text.noConnection }, ...lines.map(({ id, name }) => ({ value: id, label: name }))]}
            data-testid="gauge-connection-field"
          />
          {draft.connectionId !== '' && words('channel', text.channelHint)}
        </div>
        {canRetire && <Switch label={text.retired} checked={draft.isRetired} onChange={(event) => put({ isRetired: event.currentTarget.checked })} />}
      </fieldset>
    </div>
  )
}

export function NewGauge({ onDone, onBack }: { onDone: (made: Gauge) => void; onBack: () => void }) {
  const { form: text, newTitle, back } = useGaugeText()
  const [draft, setDraft] = useState(draftOf())
  const [isTried, setTried] = useState(false)
  const { isBusy, problem, run, say } = useDoing()
  const save = () => {
    setTried(true)
    if (!draft.name.trim()) return say(undefined)
    void run(() => call(createGauge, { body: { definition: definitionOf(draft) } }).then(onDone))
  }
  return (
    <section className="quality-pad quality-narrow" aria-labelledby="new-gauge">
      <BackTo label={back} onBack={onBack} />
      <header className="quality-head">
        <h1 id="new-gauge">{newTitle}</h1>
      </header>
      <Fields draft={draft} onChange={setDraft} nameProblem={isTried && !draft.name.trim() ? text.nameMissing : undefined} canRetire={false} />
      <footer className="quality-foot">
        <Refusal>{problem}</Refusal>
        <Button onClick={save} loading={isBusy} data-testid="save-gauge">
          {text.create}
        </Button>
        <Button variant="default" onClick={onBack}>
          {text.cancel}
        </Button>
      </footer>
    </section>
  )
}

export function ChangeGauge({ gauge, onDone, onCancel }: { gauge: Gauge; onDone: () => void; onCancel: () => void }) {
  const { form: text } = useGaugeText()
  const [draft, setDraft] = useState(() => draftOf(gauge.definition))
  const [reason, setReason] = useState('')
  const isReasonGood = reason.trim().length >= 3
  const [isTried, setTried] = useState(false)
  const { isBusy, problem, run, say } = useDoing()
  const save = () => {
    setTried(true)
    if (!draft.name.trim() || !isReasonGood) return say(undefined)
    const body = { definition: definitionOf(draft), revision: gauge.revision, reason: reason.trim() }
    void run(() => call(changeGauge, { params: { id: gauge.id }, body }).then(onDone))
  }
  return (
    <>
      <Fields draft={draft} onChange={setDraft} nameProblem={isTried && !draft.name.trim() ? text.nameMissing : undefined} canRetire />
      <footer className="quality-foot">
        <Refusal>{problem}</Refusal>
        <TextInput
          label={text.reason}
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={isTried && !isReasonGood ? text.reasonMissing : undefined}
          data-testid="gauge-reason"
        />
        <Button onClick={save} loading={isBusy} data-testid="save-gauge">
          {text.save}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {text.cancel}
        </Button>
      </footer>
    </>
  )
}
