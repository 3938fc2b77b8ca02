/** The form of a gauge study, new or there. */
import '../characteristic.css'
import '../form/form.css'
import { Autocomplete, Button, NativeSelect, SegmentedControl, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { listGauges } from '../../../server/api/quality/gauges.ts'
import { changeStudy, createStudy, type Study } from '../../../server/api/quality/studies.ts'
import { call } from '../../shared/api.ts'
import { NumberField } from '../../shared/number-field.tsx'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { BackTo } from '../back-to.tsx'
import { Refusal } from '../refusal.tsx'
import { type Draft, definitionOf, draftOf, type Field, wrongIn } from './draft.ts'
import { useStudyText } from './words.ts'

interface FieldsProps {
  draft: Draft
  onChange: (draft: Draft) => void
  isTried: boolean
  /** There are readings: what was measured stays. */
  isFixed: boolean
}

function Fields({ draft, onChange, isTried, isFixed }: FieldsProps) {
  const { form: text, kinds, methods } = useStudyText()
  const gauges = useLoad('gauges', () => call(listGauges, { query: { retired: false } })).value ?? []
  const put = (part: Partial<Draft>) => onChange({ ...draft, ...part })
  const wrong = isTried ? wrongIn(draft) : []
  const problem = (field: Field) => (wrong.includes(field) ? text.missing[field] : undefined)
  return (
    <div className="quality-form">
      <fieldset className="quality-plain">
        <TextInput
          label={text.name}
          value={draft.name}
          onChange={(event) => put({ name: event.currentTarget.value })}
          error={problem('name')}
          withAsterisk
          maxLength={120}
          data-testid="study-name"
        />
        <div className="quality-row">
          <Autocomplete
            label={text.gauge}
            description={text.gaugeHint}
            value={draft.gauge}
            onChange={(gauge) => put({ gauge, gaugeId: gauges.find(({ definition }) => definition.name === gauge)?.id ?? '' })}
            data={[...new Set(gauges.map(({ definition }) => definition.name))]}
            error={problem('gauge')}
            withAsterisk
            maxLength={120}
            data-testid="study-gauge"
          />
          <TextInput
            label={text.characteristic}
            value={draft.characteristic}
            onChange={(event) => put({ characteristic: event.currentTarget.value })}
            error={problem('characteristic')}
            withAsterisk
            maxLength={120}
            data-testid="study-characteristic"
          />
        </div>
        <div className="quality-row">
          <TextInput label={text.unit} value={draft.unit} disabled={isFixed} onChange={(event) => put({ unit: event.currentTarget.value })} maxLength={20} />
          <NumberField label={text.decimals} value={draft.decimals} onChange={(decimals) => put({ decimals })} digits={0} min={0} max={9} />
          <NumberField
            label={text.tolerance}
            unit={draft.unit}
            value={draft.toleranceWidth}
            onChange={(toleranceWidth) => put({ toleranceWidth })}
            digits={9}
            min={0}
            testId="study-tolerance"
          />
        </div>
        <p className="quality-dim">{text.toleranceHint}</p>
        <SegmentedControl
          aria-label={text.kind}
          value={draft.kind}
          disabled={isFixed}
          onChange={(kind) => put({ kind: kind === 'bias' ? 'bias' : 'crossed' })}
          data={[
            { value: 'crossed', label: kinds.crossed },
            { value: 'bias', label: kinds.linearity },
          ]}
          data-testid="study-kind"
        />
        {isFixed && <p className="quality-dim">{text.fixed}</p>}
        {draft.kind === 'crossed' ? (
          <>
            <div className="quality-row studies-lists">
              <Textarea
                label={text.parts}
                description={text.partsHint}
                value={draft.parts}
                disabled={isFixed}
                onChange={(event) => put({ parts: event.currentTarget.value })}
                error={problem('parts')}
                autosize
                minRows={4}
                maxRows={10}
                data-testid="study-parts"
              />
              <Textarea
                label={text.appraisers}
                description={text.appraisersHint}
                value={draft.appraisers}
                disabled={isFixed}
                onChange={(event) => put({ appraisers: event.currentTarget.value })}
                error={problem('appraisers')}
                autosize
                minRows={4}
                maxRows={10}
                data-testid="study-appraisers"
              />
            </div>
            <div className="quality-row">
              <div>
                {isFixed ? (
                  <TextInput label={text.trials} description={text.trialsHint} value={String(draft.trials)} disabled />
                ) : (
                  <NumberField
                    label={text.trials}
                    description={text.trialsHint}
                    value={draft.trials}
                    onChange={(trials) => put({ trials })}
                    error={problem('trials')}
                    digits={0}
                    min={2}
                    max={20}
                    testId="study-trials"
                  />
                )}
              </div>
              <NativeSelect
                label={text.method}
                value={draft.method}
                onChange={(event) => put({ method: event.currentTarget.value === 'anova' ? 'anova' : 'average-and-range' })}
                data={[
                  { value: 'anova', label: 'ANOVA' },
                  { value: 'average-and-range', label: methods['average-and-range'] },
                ]}
                data-testid="study-method"
              />
            </div>
          </>
        ) : (
          <>
            <Textarea
              label={text.references}
              description={text.referencesHint}
              value={draft.references}
              disabled={isFixed}
              onChange={(event) => put({ references: event.currentTarget.value })}
              error={problem('references')}
              autosize
              minRows={4}
              data-testid="study-references"
            />
            <div className="quality-row">
              <TextInput
                label={text.appraiser}
                value={draft.appraiser}
                disabled={isFixed}
                onChange={(event) => put({ appraiser: event.currentTarget.value })}
                error={problem('appraiser')}
                maxLength={60}
                data-testid="study-appraiser"
              />
              {isFixed ? (
                <TextInput label={text.trialsBias} value={String(draft.readings)} disabled />
              ) : (
                <NumberField
                  label={text.trialsBias}
                  description={text.trialsBiasHint}
                  value={draft.readings}
                  onChange={(readings) => put({ readings })}
                  error={problem('trials')}
                  digits={0}
                  min={2}
                  max={100}
                />
              )}
            </div>
          </>
        )}
      </fieldset>
      <Conventions draft={draft} put={put} />
    </div>
  )
}

/** How it is calculated and judged: usual unless a customer asks for something else. */
function Conventions({ draft, put }: { draft: Draft; put: (part: Partial<Draft>) => void }) {
  const { form: text, verdict, errorTerms } = useStudyText()
  return (
    <details>
      <summary data-testid="study-more">{text.more}</summary>
      {draft.kind === 'crossed' ? (
        <>
          <div className="quality-row">
            {draft.method === 'anova' ? (
              <>
                <NativeSelect
                  label={text.errorTerm}
                  description={text.errorTermHint}
                  value={draft.errorTerm}
                  onChange={(event) => put({ errorTerm: event.currentTarget.value === 'equipment' ? 'equipment' : 'interaction' })}
                  data={(['interaction', 'equipment'] as const).map((value) => ({ value, label: errorTerms[value] }))}
                />
                <NumberField
                  label={text.pooling}
                  description={text.poolingHint}
                  value={draft.poolingAlpha}
                  onChange={(poolingAlpha) => put({ poolingAlpha })}
                  min={0}
                  max={1}
                />
              </>
            ) : (
              <NativeSelect
                label={text.constants}
                value={draft.constants}
                onChange={(event) => put({ constants: event.currentTarget.value === 'aiag' ? 'aiag' : 'exact' })}
                data={(['exact', 'aiag'] as const).map((value) => ({ value, label: text.constantKinds[value] }))}
              />
            )}
            <NativeSelect
              label={text.ndcFactor}
              value={draft.ndcFactor}
              onChange={(event) => put({ ndcFactor: event.currentTarget.value === '1.41' ? '1.41' : 'sqrt2' })}
              data={(['sqrt2', '1.41'] as const).map((value) => ({ value, label: text.factors[value] }))}
            />
            <NumberField label={text.spread} description={text.spreadHint} value={draft.spread} onChange={(spread) => put({ spread })} min={1} max={12} />
          </div>
          <h3>{text.limits}</h3>
          <div className="quality-row">
            <NumberField
              label={text.acceptable}
              unit="%"
              value={draft.acceptablePercent}
              onChange={(acceptablePercent) => put({ acceptablePercent })}
              min={0}
              max={100}
            />
            <NumberField
              label={text.unacceptable}
              unit="%"
              value={draft.unacceptablePercent}
              onChange={(unacceptablePercent) => put({ unacceptablePercent })}
              min={0}
              max={100}
            />
            <NumberField label={text.ndc} value={draft.ndc} onChange={(ndc) => put({ ndc })} digits={0} min={1} max={100} />
            <NativeSelect
              label={text.of}
              value={draft.of}
              onChange={(event) => put({ of: event.currentTarget.value === 'tolerance' ? 'tolerance' : 'study' })}
              data={(['study', 'tolerance'] as const).map((value) => ({ value, label: verdict.of[value] }))}
            />
          </div>
          <TextInput label={text.source} value={draft.source} onChange={(event) => put({ source: event.currentTarget.value })} maxLength={200} />
        </>
      ) : (
        <div className="quality-row">
          <NumberField
            label={text.confidence}
            unit="%"
            value={draft.confidencePercent}
            onChange={(confidencePercent) => put({ confidencePercent })}
            min={50}
            max={99.99}
          />
          <NumberField
            label={text.processVariation}
            unit={draft.unit}
            value={draft.processVariation}
            onChange={(processVariation) => put({ processVariation })}
            digits={9}
            min={0}
          />
        </div>
      )}
    </details>
  )
}

export function NewStudy({ onDone, onBack }: { onDone: (made: Study) => void; onBack: () => void }) {
  const { form: text, back } = useStudyText()
  const [draft, setDraft] = useState(() => draftOf(text.defaultParts))
  const [isTried, setTried] = useState(false)
  const { isBusy, problem, run } = useDoing()
  const save = () => {
    setTried(true)
    if (wrongIn(draft).length === 0) void run(() => call(createStudy, { body: { definition: definitionOf(draft) } }).then(onDone))
  }
  return (
    <section className="quality-pad quality-narrow" aria-labelledby="new-study">
      <BackTo label={back} onBack={onBack} />
      <header className="quality-head">
        <h1 id="new-study">{text.newTitle}</h1>
      </header>
      <Fields draft={draft} onChange={setDraft} isTried={isTried} isFixed={false} />
      <footer className="quality-foot">
        <Refusal>{problem}</Refusal>
        <Button onClick={save} loading={isBusy} data-testid="save-study">
          {text.create}
        </Button>
        <Button variant="default" onClick={onBack}>
          {text.cancel}
        </Button>
      </footer>
    </section>
  )
}

export function ChangeStudy({ study, onDone, onCancel }: { study: Study; onDone: () => void; onCancel: () => void }) {
  const { form: text } = useStudyText()
  const [draft, setDraft] = useState(() => draftOf(text.defaultParts, study.definition))
  const [reason, setReason] = useState('')
  const [isTried, setTried] = useState(false)
  const { isBusy, problem, run } = useDoing()
  const isReasonGood = reason.trim().length >= 3
  const save = () => {
    setTried(true)
    if (wrongIn(draft).length > 0 || !isReasonGood) return
    // what stands for other things is kept as it was
    const definition = { ...definitionOf(draft), ...(study.definition.characteristicId ? { characteristicId: study.definition.characteristicId } : {}) }
    void run(() => call(changeStudy, { params: { id: study.id }, body: { definition, revision: study.revision, reason: reason.trim() } }).then(onDone))
  }
  return (
    <>
      <Fields draft={draft} onChange={setDraft} isTried={isTried} isFixed={study.readings > 0} />
      <footer className="quality-foot">
        <Refusal>{problem}</Refusal>
        <TextInput
          label={text.reason}
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={isTried && !isReasonGood ? text.reasonMissing : undefined}
          data-testid="study-reason"
        />
        <Button onClick={save} loading={isBusy} data-testid="save-study">
          {text.save}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {text.cancel}
        </Button>
      </footer>
    </>
  )
}
