/** The form of one of our own nodes, made from its schema. */
import { ActionIcon, Autocomplete, Button, Checkbox, NumberInput, Select, Switch } from '@mantine/core'
import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import { isJson } from './check.ts'
import { CodeEditor } from './code/code-editor.tsx'
import { ConfigNodeInput } from './config-node-input.tsx'
import { useChoices } from './lists.ts'
import { PickInput } from './pick-input.tsx'
import { useEditedNode } from './sample/use-sample.ts'
import type { Field } from './schema.ts'
import { TagInput } from './tag-input.tsx'
import { TypedInput } from './typed-input.tsx'

export interface FormProps {
  fields: readonly Field[]
  values: Readonly<Record<string, unknown>>
  /** By path: `feed`, `asks/0/label`. */
  wrong: ReadonlyMap<string, string>
  /** Stands before each field's own path, inside rows. */
  prefix?: string
  onChange: (changes: Record<string, unknown>) => void
  /** Makes a config node and edits it. */
  onNewConfig: (type: string, use: (id: string) => void) => void
  onEditConfig: (id: string) => void
}

export function SchemaForm(props: FormProps) {
  return (
    <>
      {props.fields
        .filter((field) => isShown(field, props))
        .map((field) => (
          <FieldInput key={field.key} field={field} {...props} />
        ))}
    </>
  )
}

/** Is this field about what the node is set to do? */
function isShown({ when }: Field, { fields, values }: FormProps): boolean {
  if (!when) return true
  const value = values[when.field] ?? fields.find(({ key }) => key === when.field)?.schema.default
  return when.is.includes(String(value))
}

function FieldInput({ field, values, wrong, prefix = '', onChange, onNewConfig, onEditConfig }: FormProps & { field: Field }) {
  const value = values[field.key]
  const path = `${prefix}${field.key}`
  const error = wrong.get(path)
  const set = (next: unknown) => onChange({ [field.key]: next })
  const common = {
    label: field.title,
    description: field.help,
    placeholder: field.placeholder,
    error,
    withAsterisk: field.isRequired,
    'data-testid': `field-${path.replaceAll('/', '-')}`,
  }
  switch (field.widget) {
    case 'text':
      return (
        <TextField
          {...common}
          property={field.key}
          suggests={field.schema.suggests === 'characteristic' ? 'characteristic' : undefined}
          value={asText(value)}
          onChange={set}
        />
      )
    case 'number':
      return (
        <NumberInput
          {...common}
          value={typeof value === 'number' || typeof value === 'string' ? value : ''}
          onChange={set}
          allowDecimal={!field.isWhole}
          decimalSeparator="."
          suffix={field.unit ? ` ${field.unit}` : ''}
          clampBehavior="none"
        />
      )
    case 'checkbox':
      return (
        <Switch
          label={field.title}
          description={field.help}
          error={error}
          checked={value === true || value === 'true'}
          onChange={(event) => set(event.currentTarget.checked)}
          data-testid={common['data-testid']}
        />
      )
    case 'select':
      return <Select {...common} data={field.options} value={asText(value)} onChange={(next) => set(next ?? '')} allowDeselect={!field.isRequired} />
    case 'checkboxes':
      return (
        <Checkbox.Group
          label={field.title}
          description={field.help}
          error={error}
          withAsterisk={field.isRequired}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={set}
        >
          <div className="form-checkboxes">
            {field.options.map((option) => (
              <Checkbox key={option.value} value={option.value} label={option.label} data-testid={`${common['data-testid']}-${option.value}`} />
            ))}
          </div>
        </Checkbox.Group>
      )
    case 'pick':
      return <PickInput {...common} from={field.from} value={asText(value)} onChange={set} />
    case 'tag':
      return <TagInput {...common} value={asText(value)} onChange={set} />
    case 'config-node':
      return (
        <ConfigNodeInput
          {...common}
          type={field.configType}
          value={asText(value)}
          onChange={set}
          onNew={() => onNewConfig(field.configType, set)}
          onEdit={onEditConfig}
        />
      )
    case 'message-value':
      return (
        <TypedInput
          label={field.title}
          description={field.help}
          placeholder={field.placeholder}
          unit={field.unit}
          withAsterisk={field.isRequired}
          sources={field.sources}
          picks={field.picks}
          testKey={field.key}
          value={asText(value)}
          source={asText(values[field.typeProperty]) || field.initialSource}
          error={error}
          onChange={(next, source) => onChange({ [field.key]: next, [field.typeProperty]: source })}
        />
      )
    case 'rows':
      return <Rows field={field} value={value} wrong={wrong} prefix={path} error={error} onChange={set} onNewConfig={onNewConfig} onEditConfig={onEditConfig} />
    case 'json':
      return <JsonInput {...common} value={value} onChange={set} />
    default:
      return field satisfies never
  }
}

/** A line of text; what the same field of other nodes holds is offered, and what the product knows, so that a name is written alike everywhere. */
function TextField({
  property,
  suggests,
  value,
  onChange,
  ...input
}: {
  property: string
  suggests: 'characteristic' | undefined
  value: string
  onChange: (value: string) => void
  label: string
  description: string | undefined
  placeholder: string | undefined
  error: string | undefined
  withAsterisk: boolean
  'data-testid': string
}) {
  const { model } = useWorkspace('model')
  const { node } = useEditedNode()
  const [known, setKnown] = useState<string[]>([])
  const { choices } = useChoices(suggests)
  const offered = choices?.length ? [...new Set([...known, ...choices.map(({ name }) => name)])].sort() : known
  const look = () => {
    const others = model.export().filter((other) => other.type === node?.type && other.id !== node.id)
    setKnown([...new Set(others.map((other) => other[property]).filter((text): text is string => typeof text === 'string' && text !== ''))].sort())
  }
  return (
    <Autocomplete
      {...input}
      data={offered}
      limit={20}
      value={value}
      onChange={onChange}
      onFocus={look}
      comboboxProps={{ withinPortal: true }}
      autoComplete="off"
    />
  )
}

const asText = (value: unknown): string => (value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value))

function Rows({
  field,
  value,
  wrong,
  prefix,
  error,
  onChange,
  onNewConfig,
  onEditConfig,
}: {
  field: Extract<Field, { widget: 'rows' }>
  value: unknown
  wrong: ReadonlyMap<string, string>
  prefix: string
  error: string | undefined
  onChange: (rows: unknown[]) => void
} & Pick<FormProps, 'onNewConfig' | 'onEditConfig'>) {
  const text = useDesignerText()
  const rows = Array.isArray(value) ? (value as Record<string, unknown>[]) : []
  return (
    <fieldset className="form-rows" data-testid={`field-${prefix}`}>
      <legend className="form-label">{field.title}</legend>
      {field.help && <span className="form-help">{field.help}</span>}
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
        <div key={index} className="form-row">
          <span className="form-row-number">{index + 1}</span>
          <div className="form-row-fields">
            <SchemaForm
              fields={field.fields}
              values={row}
              wrong={wrong}
              prefix={`${prefix}/${index}/`}
              onChange={(changes) => onChange(rows.with(index, { ...row, ...changes }))}
              onNewConfig={onNewConfig}
              onEditConfig={onEditConfig}
            />
          </div>
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={() => onChange(rows.toSpliced(index, 1))}
            aria-label={`${text.config.removeRow}: ${text.config.row(index + 1)}`}
          >
            <Trash2 size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      {error && <span className="form-error">{error}</span>}
      <Button
        variant="default"
        size="xs"
        leftSection={<Plus size={14} aria-hidden />}
        disabled={rows.length >= (field.maxItems ?? Number.POSITIVE_INFINITY)}
        onClick={() => onChange([...rows, emptyRow(field.fields)])}
        data-testid={`field-${prefix}-add`}
      >
        {text.config.add}
      </Button>
    </fieldset>
  )
}

function emptyRow(fields: readonly Field[]): Record<string, unknown> {
  return Object.fromEntries(
    fields.map((field) => [
      field.key,
      field.schema.default ?? (field.widget === 'select' ? (field.options[0]?.value ?? '') : field.widget === 'checkbox' ? false : ''),
    ]),
  )
}

/** What is typed is kept as typed until it is JSON. */
export function JsonInput({
  value,
  onChange,
  error,
  ...input
}: {
  value: unknown
  onChange: (value: unknown) => void
  error: string | undefined
  label: string
  description?: string | undefined
  'data-testid': string
}) {
  const text = useDesignerText()
  const [typed, setTyped] = useState(() => JSON.stringify(value, null, 2) ?? '')
  const isValid = typed.trim() === '' || isJson(typed)
  return (
    <CodeEditor
      {...input}
      language="json"
      minRows={2}
      value={typed}
      error={isValid ? error : text.config.notJson}
      onChange={(next) => {
        setTyped(next)
        if (next.trim() === '') onChange('')
        else if (isJson(next)) onChange(JSON.parse(next))
      }}
    />
  )
}
