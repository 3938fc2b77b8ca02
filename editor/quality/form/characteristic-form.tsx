/** The form of a characteristic, new or there: what is measured, its tolerance, its chart with its rules, and how it is measured. */
import './form.css'
import { Checkbox, NativeSelect, Switch, TextInput } from '@mantine/core'
import { listMachines } from '../../../server/api/machines.ts'
import { ANSWERS, ENTRY_FIELDS, listGauges } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { NumberField } from '../../shared/number-field.tsx'
import { useLoad } from '../../shared/use-load.ts'
import { useChartsText } from '../use-quality-text.ts'
import { ChartFields } from './chart-fields.tsx'
import { type Draft, isOfCounts, type Problems } from './draft.ts'
import { FormPart } from './form-part.tsx'

export interface FormProps {
  draft: Draft
  onChange: (draft: Draft) => void
  /** Said once somebody has tried to save. */
  problems: Problems
  /** Something was measured in this unit already: it stays. */
  isUnitFixed: boolean
}

export function CharacteristicForm({ draft, onChange, problems, isUnitFixed }: FormProps) {
  const text = useChartsText().form
  const gauges = useLoad('gauges', () => call(listGauges, { query: {} })).value ?? []
  const machines = useLoad('machines', () => call(listMachines)).value ?? []
  const put = (part: Partial<Draft>) => onChange({ ...draft, ...part })
  const wrong = (field: keyof Problems) => {
    const problem = problems[field]
    return problem && text.errors[problem]
  }
  const isCounted = isOfCounts(draft.kind)
  const digits = draft.decimals === '' ? 3 : draft.decimals
  return (
    <div className="quality-form">
      <FormPart title={text.what}>
        <TextInput
          label={text.name}
          description={text.nameHint}
          value={draft.name}
          onChange={(event) => put({ name: event.currentTarget.value })}
          error={wrong('name')}
          withAsterisk
          maxLength={120}
          data-testid="field-name"
        />
        <div className="quality-row">
          <Words label={text.part} value={draft.part} onChange={(part) => put({ part })} testId="field-part" />
          <Words label={text.partRevision} value={draft.partRevision} onChange={(partRevision) => put({ partRevision })} />
        </div>
        <div className="quality-row">
          <Words label={text.feature} description={text.featureHint} value={draft.feature} onChange={(feature) => put({ feature })} />
          <Words label={text.operation} value={draft.operation} onChange={(operation) => put({ operation })} />
        </div>
        <NativeSelect
          label={text.machine}
          description={text.machineHint}
          value={draft.machineId}
          onChange={(event) => put({ machineId: event.currentTarget.value })}
          data={[
            { value: '', label: text.anyMachine },
            ...withKept(
              machines.map(({ id, name }) => ({ value: id, label: name })),
              draft.machineId,
            ),
          ]}
        />
      </FormPart>
      <FormPart title={text.tolerance} lead={text.limitsHint}>
        <div className="quality-row">
          <TextInput
            label={text.unit}
            value={draft.unit}
            onChange={(event) => put({ unit: event.currentTarget.value })}
            disabled={isUnitFixed}
            maxLength={20}
            data-testid="field-unit"
          />
          <NumberField label={text.decimals} value={draft.decimals} onChange={(decimals) => put({ decimals })} digits={0} min={0} max={9} />
        </div>
        <div className="quality-row">
          {!isCounted && (
            <NumberField
              label={text.nominal}
              unit={draft.unit}
              value={draft.nominal}
              onChange={(nominal) => put({ nominal })}
              digits={digits}
              error={wrong('nominal')}
              isRequired
              testId="field-nominal"
            />
          )}
          <NumberField label={text.lower} unit={draft.unit} value={draft.lower} onChange={(lower) => put({ lower })} digits={digits} testId="field-lower" />
          <NumberField
            label={text.upper}
            unit={draft.unit}
            value={draft.upper}
            onChange={(upper) => put({ upper })}
            digits={digits}
            error={wrong('upper')}
            testId="field-upper"
          />
        </div>
      </FormPart>
      <ChartFields draft={draft} onChange={onChange} problems={problems} />
      <FormPart title={text.measuring}>
        <div className="quality-row">
          <NativeSelect
            label={text.gauge}
            value={draft.gaugeId}
            onChange={(event) => put({ gaugeId: event.currentTarget.value })}
            data={[
              { value: '', label: text.gaugeNone },
              ...withKept(
                gauges.map(({ id, definition }) => ({ value: id, label: definition.name })),
                draft.gaugeId,
              ),
            ]}
          />
          <NativeSelect
            label={text.overdueGauge}
            value={draft.overdueGauge}
            onChange={(event) => put({ overdueGauge: event.currentTarget.value === 'refuse' ? 'refuse' : 'flag' })}
            data={(['flag', 'refuse'] as const).map((value) => ({ value, label: text.overdueIs[value] }))}
          />
        </div>
        <div className="quality-row">
          <NativeSelect
            label={text.sampling}
            value={draft.sampling}
            onChange={(event) => put({ sampling: (['minutes', 'parts'] as const).find((each) => each === event.currentTarget.value) ?? 'none' })}
            data={(['none', 'minutes', 'parts'] as const).map((value) => ({ value, label: text.samplingIs[value] }))}
            data-testid="field-sampling"
          />
          {draft.sampling !== 'none' && (
            <NumberField
              label={text.samplingCount}
              unit={text[draft.sampling]}
              value={draft.samplingCount}
              onChange={(samplingCount) => put({ samplingCount })}
              digits={0}
              min={1}
              error={wrong('samplingCount')}
              testId="field-sampling-count"
            />
          )}
        </div>
        <Checkbox.Group label={text.asks} value={draft.asks} onChange={(values) => put({ asks: ENTRY_FIELDS.filter((field) => values.includes(field)) })}>
          <div className="quality-choices">
            {ENTRY_FIELDS.map((field) => (
              <Checkbox key={field} value={field} label={text.askIs[field]} />
            ))}
          </div>
        </Checkbox.Group>
        <Switch label={text.uniqueSerials} checked={draft.uniqueSerials} onChange={(event) => put({ uniqueSerials: event.currentTarget.checked })} />
      </FormPart>
      <FormPart title={text.after} lead={text.afterHint}>
        <div className="quality-row">
          <NativeSelect
            label={text.afterSignal}
            value={draft.afterSignal}
            onChange={(event) => put({ afterSignal: answerOf(event.currentTarget.value) })}
            data={ANSWERS.map((value) => ({ value, label: text.answers[value] }))}
            data-testid="field-after-signal"
          />
          <NativeSelect
            label={text.afterOutOfTolerance}
            value={draft.afterOutOfTolerance}
            onChange={(event) => put({ afterOutOfTolerance: answerOf(event.currentTarget.value) })}
            data={ANSWERS.map((value) => ({ value, label: text.answers[value] }))}
          />
        </div>
      </FormPart>
    </div>
  )
}

const answerOf = (value: string): (typeof ANSWERS)[number] => ANSWERS.find((each) => each === value) ?? 'nothing'

/** What is chosen stays to be seen, also where the list does not have it (any more). */
const withKept = (data: { value: string; label: string }[], chosen: string) =>
  chosen === '' || data.some(({ value }) => value === chosen) ? data : [...data, { value: chosen, label: chosen }]

function Words({
  label,
  description,
  value,
  onChange,
  testId,
}: {
  label: string
  description?: string
  value: string
  onChange: (value: string) => void
  testId?: string
}) {
  return (
    <TextInput
      label={label}
      description={description}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      maxLength={120}
      data-testid={testId}
    />
  )
}
