/** One field of a document's form. */
import { NativeSelect, Textarea, TextInput } from '@mantine/core'
import type { ControlPlanRow, DispositionRow, DocumentAction } from '../../../server/api/quality/documents/content.ts'
import type { Spec } from '../../../server/api/quality/documents/form.ts'
import { type Num, NumberField } from '../../shared/number-field.tsx'
import { ActionRows } from './action-rows.tsx'
import { DispositionRows } from './disposition-rows.tsx'
import { PlanRows } from './plan-rows.tsx'
import { TeamRows } from './team-rows.tsx'
import { useDocumentsText } from './use-documents-text.ts'

export interface FieldProps {
  spec: Spec
  content: Readonly<Record<string, unknown>>
  onChange: (part: Record<string, unknown>) => void
  isFixed: boolean
  machines: readonly { id: string; name: string }[]
  /** Characteristics of a control plan's rows that have changed since. */
  outdated: readonly { rowId: string; revision: number; isRetired: boolean }[]
}

export function Field({ spec, content, onChange, isFixed, machines, outdated }: FieldProps) {
  const text = useDocumentsText()
  const { field } = spec
  const label = text.fields[field]
  const description = (text.hints as Readonly<Record<string, string>>)[field]
  const put = (value: unknown) => onChange({ [field]: value })
  const said = String(content[field] ?? '')
  const list = <T,>() => (content[field] ?? []) as readonly T[]
  const common = { label, readOnly: isFixed, 'data-testid': `field-${field}`, ...(description ? { description } : {}) }
  switch (spec.as) {
    case 'text':
      return (
        <TextInput
          {...common}
          value={said}
          onChange={(event) => put(event.currentTarget.value)}
          maxLength={field === 'title' ? 200 : field === 'where' ? 300 : 120}
        />
      )
    case 'area':
      return <Textarea {...common} autosize minRows={2} maxRows={14} value={said} onChange={(event) => put(event.currentTarget.value)} maxLength={4000} />
    case 'day':
      return <TextInput {...common} type="date" value={said} onChange={(event) => put(event.currentTarget.value)} />
    case 'number':
      return isFixed ? (
        <TextInput {...common} value={said} />
      ) : (
        <NumberField label={label} value={(content[field] ?? '') as Num} onChange={put} digits={0} min={0} testId={`field-${field}`} />
      )
    case 'lines':
      return (
        <Textarea
          {...common}
          autosize
          minRows={2}
          maxRows={10}
          value={list<string>().join('\n')}
          onChange={(event) => put(event.currentTarget.value === '' ? [] : event.currentTarget.value.split('\n').slice(0, field === 'whys' ? 7 : 500))}
        />
      )
    case 'choice':
      if (isFixed) return <TextInput {...common} value={said === '' ? '' : (text.choices[said as keyof typeof text.choices] ?? said)} />
      return (
        <NativeSelect
          label={label}
          value={said}
          onChange={(event) => put(event.currentTarget.value)}
          data={[...(spec.isOptional ? (['' as const] as const) : []), ...spec.values].map((value) => ({ value, label: text.choices[value] }))}
          data-testid={`field-${field}`}
        />
      )
    case 'machine':
      if (isFixed) return <TextInput {...common} value={machines.find(({ id }) => id === said)?.name ?? said} />
      return (
        <NativeSelect
          label={label}
          value={said}
          onChange={(event) => put(event.currentTarget.value)}
          data={[
            { value: '', label: text.choices[''] },
            ...machines.map(({ id, name }) => ({ value: id, label: name })),
            // it may have been removed since
            ...(said !== '' && !machines.some(({ id }) => id === said) ? [{ value: said, label: said }] : []),
          ]}
          data-testid={`field-${field}`}
        />
      )
    case 'actions':
      return <ActionRows label={label} name={field} rows={list<DocumentAction>()} onChange={put} isFixed={isFixed} />
    case 'dispositions':
      return <DispositionRows label={label} rows={list<DispositionRow>()} quantity={content.quantity as number | undefined} onChange={put} isFixed={isFixed} />
    case 'team':
      return <TeamRows label={label} rows={list<{ id: string; name: string; role?: string }>()} onChange={put} isFixed={isFixed} />
    case 'rows':
      return (
        <PlanRows
          label={label}
          rows={list<ControlPlanRow>()}
          part={String(content.part ?? '')}
          partRevision={String(content.partRevision ?? '')}
          onChange={put}
          isFixed={isFixed}
          machines={machines}
          outdated={outdated}
        />
      )
  }
}
