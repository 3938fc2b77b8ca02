/** The form of a node that brings its own dialog: its stored properties as they are. */
import { Checkbox, NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import { JsonInput } from './schema-form.tsx'

/** Node-RED's own properties of any node, which have their place elsewhere. */
const COMMON = new Set([
  'id',
  'type',
  'z',
  'x',
  'y',
  'w',
  'h',
  'wires',
  'name',
  'd',
  'g',
  'l',
  'info',
  'icon',
  'inputLabels',
  'outputLabels',
  'credentials',
  '_users',
  'users',
  'nodes',
  'in',
  'out',
])

export interface PlainFormProps {
  /** Properties a new node of this type would have; those that are there beyond are shown too. */
  defaults: Readonly<Record<string, unknown>>
  /** Properties that name a config node, with its type. */
  references: Readonly<Record<string, string>>
  values: Readonly<Record<string, unknown>>
  onChange: (changes: Record<string, unknown>) => void
}

function plainProperties({ defaults, references, values }: Omit<PlainFormProps, 'onChange'>): string[] {
  return [...new Set([...Object.keys(references), ...Object.keys(defaults), ...Object.keys(values)])].filter((key) => !COMMON.has(key))
}

export function PlainForm(props: PlainFormProps) {
  const text = useDesignerText()
  const keys = plainProperties(props)
  if (keys.length === 0) return <p className="form-help">{text.config.noSettings}</p>
  return (
    <>
      {keys.map((key) => (
        <PlainInput
          key={key}
          property={key}
          reference={props.references[key]}
          value={props.values[key] ?? props.defaults[key]}
          onChange={(value) => props.onChange({ [key]: value })}
        />
      ))}
    </>
  )
}

function PlainInput({
  property,
  reference,
  value,
  onChange,
}: {
  property: string
  reference: string | undefined
  value: unknown
  onChange: (value: unknown) => void
}) {
  const words = useDesignerText().config
  const { model } = useWorkspace('model')
  const common = { label: property, 'data-testid': `field-${property}` }
  if (typeof value === 'boolean') return <Checkbox {...common} checked={value} onChange={(event) => onChange(event.currentTarget.checked)} />
  if (typeof value === 'number') return <NumberInput {...common} value={value} onChange={onChange} decimalSeparator="." />
  if (typeof value === 'object' && value !== null) return <JsonInput {...common} error={undefined} value={value} onChange={onChange} />
  const text = value === undefined || value === null ? '' : String(value)
  if (reference !== undefined) {
    const known = model.configNodes(reference).map((node) => ({ value: node.id, label: String(node.name || `${node.type} ${node.id.slice(0, 6)}`) }))
    const data = text === '' || known.some((option) => option.value === text) ? known : [{ value: text, label: words.gone(text) }, ...known]
    return <Select {...common} data={data} placeholder={words.choose} value={text || null} clearable onChange={(next) => onChange(next ?? '')} />
  }
  if (text.includes('\n') || property === 'func' || property === 'template' || property === 'format') {
    return (
      <Textarea
        {...common}
        classNames={{ input: 'form-code' }}
        autosize
        minRows={4}
        maxRows={24}
        spellCheck={false}
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    )
  }
  return <TextInput {...common} value={text} spellCheck={false} autoComplete="off" onChange={(event) => onChange(event.currentTarget.value)} />
}
