/** A value that is a constant or is read for each message: where from, and what. Stored as Node-RED does, in two properties. */
import { Menu, SegmentedControl, Textarea, TextInput, UnstyledButton } from '@mantine/core'
import { ChevronDown } from 'lucide-react'
import { useDesignerText } from '../text.ts'
import { PickInput } from './pick-input.tsx'
import type { Field } from './schema.ts'

export interface TypedInputProps {
  field: Extract<Field, { widget: 'message-value' }>
  value: string
  source: string
  error: string | undefined
  onChange: (value: string, source: string) => void
}

/** What stands before the text: `msg.` reads better than an icon. */
export function TypedInput({ field, value, source, error, onChange }: TypedInputProps) {
  const text = useDesignerText()
  const { sources, sourceMarks } = text.config
  const chooser = (
    <Menu position="bottom-start" shadow="md">
      <Menu.Target>
        <UnstyledButton
          className="typed-source"
          aria-label={`${text.config.source(field.title)}: ${sources[source] ?? source}`}
          data-testid={`source-${field.key}`}
        >
          {sourceMarks[source] ?? source}
          <ChevronDown size={12} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {field.sources.map((one) => (
          <Menu.Item
            key={one}
            onClick={() => onChange(value, one)}
            leftSection={<code className="typed-mark">{sourceMarks[one] ?? one}</code>}
            data-testid={`source-${field.key}-${one}`}
          >
            {sources[one] ?? one}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
  const common = {
    value,
    error,
    label: field.title,
    description: field.help,
    placeholder: field.placeholder,
    withAsterisk: field.isRequired,
    'data-testid': `field-${field.key}`,
    leftSection: chooser,
    leftSectionWidth: 68,
    leftSectionPointerEvents: 'all' as const,
  }
  if (source === 'str' && field.picks) {
    return <PickInput {...common} from={field.picks} onChange={(next) => onChange(next, source)} />
  }
  if (source === 'bool') {
    return (
      <div className="typed-bool">
        <span className="mantine-InputWrapper-label form-label">{field.title}</span>
        {field.help && <span className="form-help">{field.help}</span>}
        <div className="typed-bool-row">
          {chooser}
          <SegmentedControl
            size="xs"
            value={/^true$/i.test(value) ? 'true' : 'false'}
            onChange={(next) => onChange(next, source)}
            data={[
              { value: 'true', label: text.config.true },
              { value: 'false', label: text.config.false },
            ]}
            data-testid={`field-${field.key}`}
          />
        </div>
        {error && <span className="form-error">{error}</span>}
      </div>
    )
  }
  if (source === 'json' || source === 'jsonata') {
    return (
      <Textarea
        {...common}
        autosize
        minRows={2}
        maxRows={12}
        classNames={{ input: 'form-code' }}
        spellCheck={false}
        onChange={(event) => onChange(event.currentTarget.value, source)}
      />
    )
  }
  return (
    <TextInput
      {...common}
      inputMode={source === 'num' ? 'decimal' : undefined}
      rightSection={source === 'num' && field.unit ? <span className="form-unit">{field.unit}</span> : undefined}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value, source)}
    />
  )
}
