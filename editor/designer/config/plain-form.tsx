/** The form of a node that brings its own dialog: its stored properties as they are. */
import { Checkbox, NumberInput, TextInput } from '@mantine/core'
import { useDesignerText } from '../text.ts'
import { CodeEditor } from './code/code-editor.tsx'
import type { CodeLanguage } from './code/code-view.ts'
import { ConfigNodeInput } from './config-node-input.tsx'
import { useEditedNode } from './sample/use-sample.ts'
import { JsonInput } from './schema-form.tsx'
import { useConfigText } from './text.ts'

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
  /** Makes a config node and edits it. */
  onNewConfig: (type: string, use: (id: string) => void) => void
  onEditConfig: (id: string) => void
}

function plainProperties({ defaults, references, values }: Pick<PlainFormProps, 'defaults' | 'references' | 'values'>): string[] {
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
          onNewConfig={props.onNewConfig}
          onEditConfig={props.onEditConfig}
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
  onNewConfig,
  onEditConfig,
}: {
  property: string
  reference: string | undefined
  value: unknown
  onChange: (value: unknown) => void
} & Pick<PlainFormProps, 'onNewConfig' | 'onEditConfig'>) {
  const common = { label: property, 'data-testid': `field-${property}` }
  if (typeof value === 'boolean') return <Checkbox {...common} checked={value} onChange={(event) => onChange(event.currentTarget.checked)} />
  if (typeof value === 'number') return <NumberInput {...common} value={value} onChange={onChange} decimalSeparator="." />
  if (typeof value === 'object' && value !== null) return <JsonInput {...common} error={undefined} value={value} onChange={onChange} />
  const text = value === undefined || value === null ? '' : String(value)
  if (reference !== undefined) {
    return (
      <ConfigNodeInput
        {...common}
        description={undefined}
        placeholder={undefined}
        error={undefined}
        withAsterisk={false}
        type={reference}
        value={text}
        onChange={onChange}
        onNew={() => onNewConfig(reference, onChange)}
        onEdit={onEditConfig}
      />
    )
  }
  const language = CODE[property]
  if (language || text.includes('\n')) {
    return <CodeProperty {...common} language={language ?? 'text'} value={text} onChange={onChange} />
  }
  return <TextInput {...common} value={text} spellCheck={false} autoComplete="off" onChange={(event) => onChange(event.currentTarget.value)} />
}

/** Properties of Node-RED's own nodes that hold code (@node-red/nodes: function, template). */
const CODE: Readonly<Record<string, CodeLanguage>> = { func: 'javascript', initialize: 'javascript', finalize: 'javascript', template: 'text', format: 'text' }

function CodeProperty({
  language,
  ...field
}: {
  language: CodeLanguage
  value: string
  onChange: (value: string) => void
  label: string
  'data-testid': string
}) {
  const { paths } = useEditedNode()
  const text = useConfigText().code
  return (
    <CodeEditor
      {...field}
      language={language}
      paths={paths}
      hasLineNumbers
      minRows={language === 'javascript' ? 8 : 4}
      description={language === 'javascript' ? text.keys : undefined}
    />
  )
}
