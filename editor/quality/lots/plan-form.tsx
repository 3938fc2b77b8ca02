/** The form of a sampling plan, new or there. */
import '../characteristic.css'
import '../form/form.css'
import { Button, NativeSelect, Switch, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { AQLS, EDITIONS, INSPECTION_LEVELS } from '../../../nodes/quality/engine/sampling/index.ts'
import { changeSamplingPlan, createSamplingPlan, type SamplingPlanView } from '../../../server/api/quality/lots.ts'
import { call } from '../../shared/api.ts'
import { NumberField } from '../../shared/number-field.tsx'
import { useDoing } from '../../shared/use-doing.ts'
import { BackTo } from '../back-to.tsx'
import { Refusal } from '../refusal.tsx'
import { type Draft, definitionOf, draftOf } from './draft.ts'
import { useSamplingText } from './words.ts'

/** AQLs up to here count nonconforming items as well. */
const LARGEST_OF_ITEMS = 10
const COUNTS = ['items', 'nonconformities'] as const

function Fields({ draft, onChange, isTried, canRetire }: { draft: Draft; onChange: (draft: Draft) => void; isTried: boolean; canRetire: boolean }) {
  const { form: text } = useSamplingText()
  const put = (part: Partial<Draft>) => onChange({ ...draft, ...part })
  const aqls = AQLS.filter((aql) => draft.counts === 'nonconformities' || aql <= LARGEST_OF_ITEMS)
  return (
    <div className="quality-form">
      <fieldset className="quality-plain">
        <TextInput
          label={text.name}
          value={draft.name}
          onChange={(event) => put({ name: event.currentTarget.value })}
          error={isTried && !draft.name.trim() ? text.nameMissing : undefined}
          withAsterisk
          maxLength={120}
          data-testid="plan-name"
        />
        <div className="quality-row">
          <TextInput label={text.part} value={draft.part} onChange={(event) => put({ part: event.currentTarget.value })} maxLength={120} />
          <TextInput label={text.supplier} value={draft.supplier} onChange={(event) => put({ supplier: event.currentTarget.value })} maxLength={120} />
        </div>
        <div className="quality-row">
          <NativeSelect
            label={text.aql}
            description={text.aqlHint}
            value={String(draft.aql)}
            onChange={(event) => put({ aql: AQLS.find((aql) => String(aql) === event.currentTarget.value) ?? draft.aql })}
            data={aqls.map((aql) => ({ value: String(aql), label: String(aql) }))}
            data-testid="plan-aql"
          />
          <NativeSelect
            label={text.level}
            description={text.levelHint}
            value={draft.level}
            onChange={(event) => put({ level: INSPECTION_LEVELS.find((level) => level === event.currentTarget.value) ?? draft.level })}
            data={[...INSPECTION_LEVELS]}
            data-testid="plan-level"
          />
        </div>
        <div className="quality-row">
          <NativeSelect
            label={text.standard}
            value={draft.edition}
            onChange={(event) => put({ edition: EDITIONS.find((edition) => edition === event.currentTarget.value) ?? draft.edition })}
            data={EDITIONS.map((value) => ({ value, label: text.editions[value] }))}
          />
          <NativeSelect
            label={text.counts}
            value={draft.counts}
            onChange={(event) => {
              const counts = COUNTS.find((one) => one === event.currentTarget.value) ?? draft.counts
              put({ counts, ...(counts === 'items' && draft.aql > LARGEST_OF_ITEMS ? { aql: LARGEST_OF_ITEMS } : {}) })
            }}
            data={COUNTS.map((value) => ({ value, label: text.countKinds[value] }))}
          />
        </div>
        <Switch
          label={text.allowsReduced}
          checked={draft.allowsReduced}
          onChange={(event) => put({ allowsReduced: event.currentTarget.checked })}
          data-testid="plan-reduced"
        />
        <NumberField
          label={text.discontinueAfter}
          description={text.discontinueHint}
          value={draft.discontinueAfter}
          onChange={(discontinueAfter) => put({ discontinueAfter })}
          digits={0}
          min={1}
          max={20}
        />
        <Textarea
          label={text.instruction}
          value={draft.instruction}
          onChange={(event) => put({ instruction: event.currentTarget.value })}
          maxLength={1000}
          minRows={2}
          autosize
        />
        <Textarea
          label={text.defects}
          description={text.defectsHint}
          value={draft.defects}
          onChange={(event) => put({ defects: event.currentTarget.value })}
          minRows={2}
          autosize
          data-testid="plan-defects"
        />
        {canRetire && <Switch label={text.retired} checked={draft.isRetired} onChange={(event) => put({ isRetired: event.currentTarget.checked })} />}
      </fieldset>
    </div>
  )
}

export function NewPlan({ onDone, onBack }: { onDone: (made: SamplingPlanView) => void; onBack: () => void }) {
  const { form: text, back } = useSamplingText()
  const [draft, setDraft] = useState(draftOf)
  const [isTried, setTried] = useState(false)
  const { isBusy, problem, run } = useDoing()
  const save = () => {
    setTried(true)
    if (draft.name.trim()) void run(() => call(createSamplingPlan, { body: { definition: definitionOf(draft) } }).then(onDone))
  }
  return (
    <section className="quality-pad quality-narrow" aria-labelledby="new-plan">
      <BackTo label={back} onBack={onBack} />
      <header className="quality-head">
        <h1 id="new-plan">{text.newTitle}</h1>
      </header>
      <Fields draft={draft} onChange={setDraft} isTried={isTried} canRetire={false} />
      <footer className="quality-foot">
        <Refusal>{problem}</Refusal>
        <Button onClick={save} loading={isBusy} data-testid="save-plan">
          {text.create}
        </Button>
        <Button variant="default" onClick={onBack}>
          {text.cancel}
        </Button>
      </footer>
    </section>
  )
}

export function ChangePlan({ plan, onDone, onCancel }: { plan: SamplingPlanView; onDone: () => void; onCancel: () => void }) {
  const { form: text, result } = useSamplingText()
  const [draft, setDraft] = useState(() => draftOf(plan.definition))
  const [reason, setReason] = useState('')
  const [isTried, setTried] = useState(false)
  const { isBusy, problem, run } = useDoing()
  const isReasonGood = reason.trim().length >= 3
  const save = () => {
    setTried(true)
    if (!draft.name.trim() || !isReasonGood) return
    const body = { definition: definitionOf(draft), revision: plan.revision, reason: reason.trim() }
    void run(() => call(changeSamplingPlan, { params: { id: plan.id }, body }).then(onDone))
  }
  return (
    <>
      <Fields draft={draft} onChange={setDraft} isTried={isTried} canRetire />
      <footer className="quality-foot">
        <Refusal>{problem}</Refusal>
        <TextInput
          label={text.reason}
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={isTried && !isReasonGood ? result.reasonMissing : undefined}
          data-testid="plan-reason"
        />
        <Button onClick={save} loading={isBusy} data-testid="save-plan">
          {text.save}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {text.cancel}
        </Button>
      </footer>
    </>
  )
}
