/** Forms 1 and 2 of AS9102, as far as people fill them in: the rest is known. */
import { ActionIcon, Button, Select, Textarea, TextInput } from '@mantine/core'
import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { type FormOne, type Inspection, saveInspectionForms } from '../../../server/api/quality/index.ts'
import { FORM_ONE, FORM_ONE_TEXTS } from '../../../server/api/quality/inspection/forms.ts'
import { call } from '../../shared/api.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { Refusal } from '../refusal.tsx'
import { newKey } from './plan-draft.ts'
import { ProductRows } from './plan-page.tsx'
import { fieldName, useInspectionText } from './words.ts'

const LONG: readonly string[] = ['additionalChanges', 'reason', 'comments']
const MOST: Partial<Record<(typeof FORM_ONE_TEXTS)[number], number>> = {
  additionalChanges: 500,
  reason: 500,
  comments: 2000,
  supplierCode: 80,
  purchaseOrder: 80,
  customerApprovalDate: 40,
}

const trimmed = <T extends object>(values: T): T =>
  Object.fromEntries(
    Object.entries(values)
      .map(([key, value]) => [key, typeof value === 'string' ? value.trim() : value])
      .filter(([, value]) => value !== ''),
  ) as T

export function FormsSide({
  side,
  inspection,
  mayEnter,
  onTaken,
}: {
  side: 'one' | 'two'
  inspection: Inspection
  mayEnter: boolean
  onTaken: (next: Inspection) => void
}) {
  const text = useInspectionText()
  const language = useLanguage()
  const [one, setOne] = useState<FormOne>(inspection.forms.one)
  const [two, setTwo] = useState(() => inspection.forms.two.map((row) => ({ ...row, key: newKey() })))
  const [assembly, setAssembly] = useState(() => inspection.forms.one.assembly.map((row) => ({ ...row, key: newKey() })))
  const [isSaved, setSaved] = useState(false)
  const { isBusy, problem, run } = useDoing()
  const put = (more: Partial<FormOne>) => {
    setSaved(false)
    setOne((before) => ({ ...before, ...more }))
  }
  const save = () =>
    void run(async () => {
      const forms = {
        one:
          side === 'one'
            ? { ...trimmed(one), assembly: assembly.filter(({ part }) => part.trim()).map(({ key: _, ...row }) => trimmed(row)) }
            : inspection.forms.one,
        two: side === 'two' ? two.filter(({ name }) => name.trim()).map(({ key: _, ...row }) => trimmed(row)) : inspection.forms.two,
      }
      onTaken(await call(saveInspectionForms, { params: { id: inspection.id }, body: { forms, revision: inspection.revision } }))
      setSaved(true)
    })
  const choice = <Name extends 'scope' | 'extent'>(name: Name, labels: Readonly<Record<string, string>>) => (
    <Select
      label={fieldName(FORM_ONE[name], language)}
      value={one[name] ?? null}
      onChange={(value) => put({ [name]: value ?? undefined } as Partial<FormOne>)}
      data={Object.entries(labels).map(([value, label]) => ({ value, label }))}
      clearable
      data-testid={`form-${name}`}
    />
  )
  return (
    <form
      className="quality-form"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <fieldset disabled={!mayEnter}>
        <legend>{text.form[side]}</legend>
        {side === 'one' && (
          <>
            <div className="quality-row">
              {choice('scope', text.form.scopes)}
              {choice('extent', text.form.extents)}
            </div>
            <div className="inspection-row">
              {FORM_ONE_TEXTS.filter((name) => one.extent === 'partial' || name !== 'baseline').map((name) => {
                const Field = LONG.includes(name) ? Textarea : TextInput
                return (
                  <Field
                    key={name}
                    label={fieldName(FORM_ONE[name], language)}
                    value={one[name] ?? ''}
                    onChange={(event) => put({ [name]: event.currentTarget.value })}
                    maxLength={MOST[name] ?? 200}
                    data-testid={`form-${name}`}
                  />
                )
              })}
            </div>
            {one.scope === 'assembly' && (
              <>
                {assembly.map((row) => (
                  <div key={row.key} className="inspection-row">
                    {(
                      [
                        ['part', FORM_ONE.assemblyPart],
                        ['name', FORM_ONE.assemblyName],
                        ['type', FORM_ONE.assemblyType],
                        ['fair', FORM_ONE.assemblyFair],
                      ] as const
                    ).map(([name, field]) => (
                      <TextInput
                        key={name}
                        label={fieldName(field, language)}
                        value={row[name] ?? ''}
                        onChange={(event) => {
                          const value = event.currentTarget.value
                          setSaved(false)
                          setAssembly(assembly.map((each) => (each.key === row.key ? { ...each, [name]: value } : each)))
                        }}
                        maxLength={name === 'type' || name === 'fair' ? 80 : 120}
                      />
                    ))}
                    <ActionIcon
                      variant="default"
                      size="lg"
                      aria-label={`${text.form.remove}: ${row.part}`}
                      onClick={() => setAssembly(assembly.filter(({ key }) => key !== row.key))}
                    >
                      <Trash2 size={16} aria-hidden />
                    </ActionIcon>
                  </div>
                ))}
                <div>
                  <Button
                    variant="default"
                    leftSection={<Plus size={16} aria-hidden />}
                    onClick={() => setAssembly([...assembly, { key: newKey(), part: '' }])}
                  >
                    {text.form.addAssembly}
                  </Button>
                </div>
              </>
            )}
          </>
        )}
        {side === 'two' && (
          <ProductRows
            rows={two}
            onChange={(rows) => {
              setSaved(false)
              setTwo(rows)
            }}
          />
        )}
      </fieldset>
      {mayEnter && (
        <footer className="quality-foot">
          <Refusal>{problem}</Refusal>
          <Button type="submit" loading={isBusy} data-testid="save-forms">
            {text.form.save}
          </Button>
          {isSaved && <span role="status">{text.form.saved}</span>}
        </footer>
      )}
    </form>
  )
}
