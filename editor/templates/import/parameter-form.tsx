/** The form of a template's parameters: made of its schema as the forms of nodes are, with the choices of this shop. */
import { Autocomplete, Select, Switch } from '@mantine/core'
import { useEffect, useMemo } from 'react'
import type { TemplateParameters } from '../../../server/api/templates/index.ts'
import { checkConfig } from '../../designer/config/check.ts'
import { useChoices } from '../../designer/config/lists.ts'
import { PickInput } from '../../designer/config/pick-input.tsx'
import { type Field, fieldsOf } from '../../designer/config/schema.ts'
import { useDesignerText } from '../../designer/text.ts'
import { NumberField } from '../../shared/number-field.tsx'
import { useTemplatesText } from '../words.ts'
import { given, type Values } from './values.ts'

/** What is wrong with the values as they stand, by key, in the reader's language. */
export function useWrong(parameters: TemplateParameters, values: Values): ReadonlyMap<string, string> {
  const { wrong } = useDesignerText()
  return useMemo(
    () => new Map(checkConfig({ configSchema: parameters }, given(parameters, values), wrong).map(({ path, message }) => [path, message])),
    [parameters, values, wrong],
  )
}

export interface ParameterFormProps {
  parameters: TemplateParameters
  values: Values
  wrong: ReadonlyMap<string, string>
  onChange: (key: string, value: unknown) => void
}

export function ParameterForm({ parameters, values, wrong, onChange }: ParameterFormProps) {
  const text = useTemplatesText()
  const fields = useMemo(() => fieldsOf(parameters), [parameters])
  if (fields.length === 0) return <p className="templates-dim">{text.wizard.nothingToFill}</p>
  return (
    <div className="templates-form" data-testid="parameters">
      {fields.map((field) => (
        <Parameter key={field.key} field={field} value={values[field.key]} error={wrong.get(field.key)} onChange={(value) => onChange(field.key, value)} />
      ))}
    </div>
  )
}

/** A unit of some words would stand over the number. */
const fitsInside = (unit: string) => unit.length <= 8

function Parameter({ field, value, error, onChange }: { field: Field; value: unknown; error: string | undefined; onChange: (value: unknown) => void }) {
  const common = {
    label: field.title,
    description: field.help,
    placeholder: field.placeholder,
    error,
    withAsterisk: field.isRequired,
    'data-testid': `parameter-${field.key}`,
  }
  switch (field.widget) {
    case 'pick':
      return <Pick field={field} common={common} value={asText(value)} onChange={onChange} />
    case 'number':
      return (
        <NumberField
          label={field.unit === undefined || fitsInside(field.unit) ? field.title : `${field.title} (${field.unit})`}
          isRequired={field.isRequired}
          description={field.help}
          error={error}
          value={typeof value === 'number' ? value : ''}
          onChange={onChange}
          digits={field.isWhole ? 0 : 4}
          testId={common['data-testid']}
          {...(field.unit !== undefined && fitsInside(field.unit) ? { unit: field.unit } : {})}
          {...(field.placeholder === undefined ? {} : { placeholder: field.placeholder })}
        />
      )
    case 'checkbox':
      return (
        <Switch
          label={field.title}
          description={field.help}
          error={error}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
          data-testid={common['data-testid']}
        />
      )
    case 'select':
      return (
        <Select {...common} data={field.options} value={asText(value) || null} onChange={(next) => onChange(next ?? '')} allowDeselect={!field.isRequired} />
      )
    default:
      return <Line common={common} suggests={field.schema.suggests === 'characteristic'} value={asText(value)} onChange={onChange} />
  }
}

interface Common {
  label: string
  description: string | undefined
  placeholder: string | undefined
  error: string | undefined
  withAsterisk: boolean
  'data-testid': string
}

/** The only one that there is, is chosen already. */
function Pick({ field, common, value, onChange }: { field: Field & { widget: 'pick' }; common: Common; value: string; onChange: (value: unknown) => void }) {
  const connectors = Array.isArray(field.schema.connectors) ? field.schema.connectors.filter((each): each is string => typeof each === 'string') : undefined
  const { choices } = useChoices(field.from)
  const fitting = connectors?.length ? choices?.filter(({ connector }) => connector !== undefined && connectors.includes(connector)) : choices
  const only = field.isRequired && fitting?.length === 1 ? fitting[0]?.id : undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the list is there; what a person empties stays empty
  useEffect(() => {
    if (only !== undefined && value === '' && field.from !== 'program') onChange(only)
  }, [only])
  return <PickInput {...common} from={field.from} connectors={connectors} value={value} onChange={onChange} />
}

function Line({ common, suggests, value, onChange }: { common: Common; suggests: boolean; value: string; onChange: (value: string) => void }) {
  const { choices } = useChoices(suggests ? 'characteristic' : undefined)
  return (
    <Autocomplete
      {...common}
      data={[...new Set((choices ?? []).map(({ name }) => name))].sort()}
      limit={20}
      value={value}
      onChange={onChange}
      comboboxProps={{ withinPortal: true }}
      autoComplete="off"
    />
  )
}

const asText = (value: unknown): string => (value === undefined || value === null ? '' : String(value))
