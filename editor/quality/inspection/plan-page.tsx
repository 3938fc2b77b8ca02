/** One inspection plan: its balloons in the order of the drawing, and what form 2 begins with. */
import '../form/form.css'
import { ActionIcon, Button, Checkbox, Select, TextInput } from '@mantine/core'
import { Plus, Trash2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import {
  changeInspectionPlan,
  createInspectionPlan,
  getInspectionPlan,
  type InspectionPlan,
  listQualityCharacteristics,
  type ProductRow,
} from '../../../server/api/quality/index.ts'
import { FORM_TWO } from '../../../server/api/quality/inspection/forms.ts'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { NumberField } from '../../shared/number-field.tsx'
import { useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { BackTo } from '../back-to.tsx'
import { Refusal } from '../refusal.tsx'
import { useFormats } from '../use-quality-text.ts'
import {
  type BalloonDraft,
  definitionOf,
  draftOf,
  newBalloon,
  newKey,
  newPlan,
  nextNumber,
  type PlanDraft,
  type PlanProblem,
  type ProductDraft,
  problemOf,
} from './plan-draft.ts'
import { fieldName, type InspectionText, useInspectionText } from './words.ts'

export function PlanPage({ id, go }: { id: string | undefined; go: (place: string) => void }) {
  const all = useInspectionText()
  const text = all.plan
  const format = useFormats()
  const { me } = useMe()
  const known = useLoad(id, () => call(getInspectionPlan, { params: { id: id ?? '' } }))
  const { value: characteristics } = useLoad('characteristics', () => call(listQualityCharacteristics))
  const [draft, setDraft] = useState<PlanDraft | undefined>(id === undefined ? newPlan : undefined)
  const [base, setBase] = useState<InspectionPlan>()
  const [reason, setReason] = useState('')
  const [isTried, setTried] = useState(false)
  const { isBusy, problem: refusal, run } = useDoing()
  const plan = known.value?.plan
  useEffect(() => {
    if (!plan || base) return
    setBase(plan)
    setDraft(draftOf(plan.definition))
  }, [plan, base])
  const mayEdit = may(me, 'quality.edit')
  const problem = draft && problemOf(draft)
  const isReasonMissing = id !== undefined && reason.trim().length < 3
  const save = () => {
    setTried(true)
    if (!draft || problem || isReasonMissing) return
    void run(async () => {
      const definition = definitionOf(draft)
      if (id === undefined) await call(createInspectionPlan, { body: { definition } })
      else await call(changeInspectionPlan, { params: { id }, body: { definition, revision: base?.revision ?? 1, reason: reason.trim() } })
      go('plans')
    })
  }
  const put = (more: Partial<PlanDraft>) => setDraft((before) => before && { ...before, ...more })
  const choices = (characteristics ?? []).map(({ id: value, definition: { name, part, unit, feature } }) => ({
    value,
    label: [name, feature, part, unit].filter(Boolean).join(' · '),
  }))
  return (
    <section className="quality-pad" aria-labelledby="plan-title">
      <BackTo label={all.backToPlans} onBack={() => go('plans')} />
      <header className="quality-head">
        <h1 id="plan-title">{id === undefined ? text.newTitle : [base?.definition.part, base?.definition.partRevision].filter(Boolean).join(' / ')}</h1>
        {base && <p className="quality-dim">{text.revision(String(base.revision))}</p>}
      </header>
      <Refusal>{known.error}</Refusal>
      {draft && (
        <div className="quality-form">
          <fieldset disabled={!mayEdit}>
            <legend>{all.form.one}</legend>
            <div className="quality-row">
              <TextInput
                label={text.part}
                value={draft.part}
                onChange={(event) => put({ part: event.currentTarget.value })}
                withAsterisk
                error={isTried && !draft.part.trim() && text.missing}
                maxLength={120}
                data-testid="plan-part"
              />
              <TextInput
                label={text.partName}
                value={draft.partName}
                onChange={(event) => put({ partName: event.currentTarget.value })}
                withAsterisk
                error={isTried && !draft.partName.trim() && text.missing}
                maxLength={200}
                data-testid="plan-name"
              />
              <TextInput
                label={text.partRevision}
                value={draft.partRevision}
                onChange={(event) => put({ partRevision: event.currentTarget.value })}
                maxLength={40}
              />
            </div>
            <div className="quality-row">
              <TextInput label={text.drawing} value={draft.drawing} onChange={(event) => put({ drawing: event.currentTarget.value })} maxLength={120} />
              <TextInput
                label={text.drawingRevision}
                value={draft.drawingRevision}
                onChange={(event) => put({ drawingRevision: event.currentTarget.value })}
                maxLength={40}
              />
            </div>
            <Checkbox label={text.kind} checked={draft.isFirstArticle} onChange={(event) => put({ isFirstArticle: event.currentTarget.checked })} />
            <Checkbox
              label={text.second}
              description={text.secondHelp}
              checked={draft.needsSecondPerson}
              onChange={(event) => put({ needsSecondPerson: event.currentTarget.checked })}
            />
            {id !== undefined && (
              <Checkbox label={text.isRetired} checked={draft.isRetired} onChange={(event) => put({ isRetired: event.currentTarget.checked })} />
            )}
          </fieldset>
          <fieldset disabled={!mayEdit}>
            <legend>{text.balloons}</legend>
            {characteristics?.length === 0 && <p className="quality-dim">{text.noCharacteristics}</p>}
            {draft.balloons.map((balloon) => (
              <BalloonRow
                key={balloon.key}
                balloon={balloon}
                choices={choices}
                isTried={isTried}
                onChange={(next) => put({ balloons: draft.balloons.map((one) => (one.key === balloon.key ? next : one)) })}
                onRemove={draft.balloons.length > 1 ? () => put({ balloons: draft.balloons.filter(({ key }) => key !== balloon.key) }) : undefined}
              />
            ))}
            <div>
              <Button
                variant="default"
                leftSection={<Plus size={16} aria-hidden />}
                onClick={() => put({ balloons: [...draft.balloons, newBalloon(nextNumber(draft.balloons))] })}
                data-testid="add-balloon"
              >
                {text.addBalloon}
              </Button>
            </div>
          </fieldset>
          {draft.isFirstArticle && (
            <fieldset disabled={!mayEdit}>
              <legend>{text.product}</legend>
              <ProductRows rows={draft.product} onChange={(product) => put({ product })} isTried={isTried} />
            </fieldset>
          )}
          {mayEdit && (
            <footer className="quality-foot">
              {isTried && problem && (
                <p className="quality-problem" role="alert">
                  {problemInWords(text.problems, problem)}
                </p>
              )}
              <Refusal>{refusal}</Refusal>
              {id !== undefined && (
                <TextInput
                  label={text.reason}
                  value={reason}
                  onChange={(event) => setReason(event.currentTarget.value)}
                  withAsterisk
                  error={isTried && isReasonMissing && text.problems['reason-missing']}
                  maxLength={500}
                  data-testid="plan-reason"
                />
              )}
              <Button onClick={save} loading={isBusy} data-testid="save-plan">
                {text.save}
              </Button>
              <Button variant="default" onClick={() => go('plans')}>
                {text.cancel}
              </Button>
            </footer>
          )}
        </div>
      )}
      {known.value && known.value.revisions.length > 0 && (
        <ol className="quality-history">
          {known.value.revisions.map(({ revision, by, at, reason: why }) => (
            <li key={revision}>
              <strong>{text.revision(String(revision))}</strong>
              <span>
                {by}, {format.dateTime(at)}
              </span>
              <q>{why}</q>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

function problemInWords(text: InspectionText['plan']['problems'], problem: PlanProblem): string {
  return problem.code === 'field-missing' ? text['field-missing'] : text[problem.code](problem.balloon)
}

interface BalloonRowProps {
  balloon: BalloonDraft
  choices: { value: string; label: string }[]
  isTried: boolean
  onChange: (next: BalloonDraft) => void
  onRemove: (() => void) | undefined
}

function BalloonRow({ balloon, choices, isTried, onChange, onRemove }: BalloonRowProps) {
  const text = useInspectionText().plan
  const put = (more: Partial<BalloonDraft>) => onChange({ ...balloon, ...more })
  const { number, kind, sampling } = balloon
  return (
    <section className="inspection-row" aria-label={`${text.balloon} ${number}`} data-testid={`balloon-${number}`}>
      <TextInput
        label={text.number}
        className="inspection-narrow"
        value={number}
        onChange={(event) => put({ number: event.currentTarget.value })}
        error={isTried && !number.trim() && text.missing}
        maxLength={20}
      />
      <Select
        label={text.judged}
        value={kind}
        onChange={(value) => put({ kind: value === 'attribute' ? 'attribute' : 'measured' })}
        data={(['measured', 'attribute'] as const).map((value) => ({ value, label: text.kinds[value] }))}
        allowDeselect={false}
        data-testid={`balloon-${number}-kind`}
      />
      {kind === 'measured' && (
        <Select
          label={text.characteristic}
          value={balloon.characteristicId}
          onChange={(characteristicId) => put({ characteristicId })}
          data={choices}
          searchable
          error={isTried && balloon.characteristicId === null && text.missing}
          data-testid={`balloon-${number}-characteristic`}
        />
      )}
      <TextInput
        label={text.requirement}
        value={balloon.requirement}
        onChange={(event) => put({ requirement: event.currentTarget.value })}
        placeholder={kind === 'measured' ? text.requirementHelp : ''}
        error={isTried && kind === 'attribute' && !balloon.requirement.trim() && text.missing}
        maxLength={500}
        data-testid={`balloon-${number}-requirement`}
      />
      <TextInput label={text.place} value={balloon.place} onChange={(event) => put({ place: event.currentTarget.value })} maxLength={120} />
      <TextInput
        label={text.designator}
        className="inspection-narrow"
        value={balloon.designator}
        onChange={(event) => put({ designator: event.currentTarget.value })}
        maxLength={40}
      />
      <Select
        label={text.sampling}
        value={sampling}
        onChange={(value) => put({ sampling: value === 'count' || value === 'one' ? value : 'all' })}
        data={(['one', 'count', 'all'] as const).map((value) => ({ value, label: text.samplings[value] }))}
        allowDeselect={false}
      />
      {sampling === 'count' && <NumberField label={text.count} value={balloon.count} onChange={(count) => put({ count })} digits={0} min={1} max={1000} />}
      <TextInput label={text.tooling} value={balloon.tooling} onChange={(event) => put({ tooling: event.currentTarget.value })} maxLength={200} />
      <TextInput label={text.instruction} value={balloon.instruction} onChange={(event) => put({ instruction: event.currentTarget.value })} maxLength={1000} />
      {onRemove && (
        <ActionIcon variant="default" size="lg" aria-label={text.removeBalloon(number)} onClick={onRemove}>
          <Trash2 size={16} aria-hidden />
        </ActionIcon>
      )}
    </section>
  )
}

const PRODUCT_FIELDS = {
  material: ['name', 'specification', 'code', 'supplier', 'certificate', 'comments'],
  process: ['name', 'specification', 'code', 'supplier', 'certificate', 'comments'],
  test: ['name', 'testProcedure', 'acceptanceReport', 'comments'],
} as const satisfies Record<ProductRow['kind'], readonly (keyof typeof FORM_TWO)[]>

/** Rows of form 2: each kind with the fields that it has. */
export function ProductRows({
  rows,
  onChange,
  isTried = false,
}: {
  rows: readonly ProductDraft[]
  onChange: (rows: ProductDraft[]) => void
  isTried?: boolean
}) {
  const all = useInspectionText()
  const text = all.plan
  const language = useLanguage()
  return (
    <>
      {rows.map((row, index) => {
        const put = (more: Partial<ProductRow>) => onChange(rows.map((one) => (one.key === row.key ? { ...one, ...more } : one)))
        return (
          <section key={row.key} className="inspection-row" aria-label={row.name || String(index + 1)} data-testid={`product-${index + 1}`}>
            <Select
              label={text.productKind}
              value={row.kind}
              onChange={(kind) => kind !== null && put({ kind: kind as ProductRow['kind'] })}
              data={(['material', 'process', 'test'] as const).map((value) => ({ value, label: text.productKinds[value] }))}
              allowDeselect={false}
            />
            {PRODUCT_FIELDS[row.kind].map((name) => (
              <TextInput
                key={name}
                label={fieldName(FORM_TWO[name], language)}
                value={row[name] ?? ''}
                onChange={(event) => put({ [name]: event.currentTarget.value })}
                error={isTried && name === 'name' && !row.name.trim() && text.missing}
                maxLength={name === 'code' ? 80 : name === 'comments' ? 500 : 200}
                data-testid={`product-${index + 1}-${name}`}
              />
            ))}
            {row.kind === 'process' && (
              <Select
                label={fieldName(FORM_TWO.customerApproval, language)}
                value={row.customerApproval ?? ''}
                onChange={(value) => put({ customerApproval: (value || undefined) as never })}
                data={[
                  { value: '', label: all.form.notSaid },
                  ...(['yes', 'no', 'not-required'] as const).map((value) => ({ value, label: all.form.approvals[value] })),
                ]}
                allowDeselect={false}
              />
            )}
            <ActionIcon
              variant="default"
              size="lg"
              aria-label={text.removeProduct(String(index + 1))}
              onClick={() => onChange(rows.filter(({ key }) => key !== row.key))}
            >
              <Trash2 size={16} aria-hidden />
            </ActionIcon>
          </section>
        )
      })}
      <div>
        <Button
          variant="default"
          leftSection={<Plus size={16} aria-hidden />}
          onClick={() => onChange([...rows, { key: newKey(), kind: 'material', name: '' }])}
          data-testid="add-product"
        >
          {text.addProduct}
        </Button>
      </div>
    </>
  )
}
