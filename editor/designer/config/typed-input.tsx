/** A value that is a constant or is read for each message: where from, and what. Stored as Node-RED does, in two properties. */
import { Autocomplete, type ComboboxItem, Menu, PasswordInput, SegmentedControl, TextInput, UnstyledButton } from '@mantine/core'
import { ChevronDown } from 'lucide-react'
import { type ReactNode, useRef } from 'react'
import { useDesignerText } from '../text.ts'
import { isJson } from './check.ts'
import { CodeEditor } from './code/code-editor.tsx'
import { ExpressionInput } from './expression/expression-input.tsx'
import { PickInput } from './pick-input.tsx'
import { useFieldTargets } from './sample/field-target.ts'
import { asJsonata, matching } from './sample/message-paths.ts'
import { type EditedNode, useEditedNode } from './sample/use-sample.ts'
import type { Pick } from './schema.ts'
import { useConfigText } from './text.ts'

export interface TypedInputProps {
  label: string
  description?: string | undefined
  placeholder?: string | undefined
  unit?: string | undefined
  withAsterisk?: boolean
  /** Node-RED's typedInput names: `msg`, `str`, `jsonata`… */
  sources: readonly string[]
  value: string
  source: string
  error?: string | undefined
  /** The literal text comes from this list. */
  picks?: Pick | undefined
  isReadOnly?: boolean
  /** `field-<key>` and `source-<key>` find its parts. */
  testKey: string
  onChange: (value: string, source: string) => void
}

export function TypedInput(props: TypedInputProps) {
  const targets = useFieldTargets()
  const now = useRef(props)
  now.current = props
  const { label, sources, isReadOnly } = props
  const isForMessages = !isReadOnly && (sources.includes('msg') || sources.includes('jsonata'))
  const enter = () =>
    targets?.enter({
      label,
      take: (path) => {
        const { value, source, onChange } = now.current
        if (source === 'jsonata') onChange(value.trim() === '' ? asJsonata(path) : `${value} ${asJsonata(path)}`, source)
        else if (sources.includes('msg')) onChange(path, 'msg')
        else onChange(asJsonata(path), 'jsonata')
      },
    })
  return (
    <div {...(isForMessages && { onFocus: enter })}>
      <TypedInputField {...props} />
    </div>
  )
}

/** What stands before the text: `msg.` reads better than an icon. */
function TypedInputField({
  label,
  description,
  placeholder,
  unit,
  withAsterisk = false,
  sources,
  value,
  source,
  error,
  picks,
  isReadOnly = false,
  testKey,
  onChange,
}: TypedInputProps) {
  const text = useDesignerText()
  const more = useConfigText()
  const edited = useEditedNode()
  const names = { ...text.config.sources, ...more.sources }
  const marks = { ...text.config.sourceMarks, ...more.sourceMarks }
  const set = (next: string) => onChange(next, source)
  const chooser = (
    <Menu position="bottom-start" shadow="md" disabled={isReadOnly}>
      <Menu.Target>
        <UnstyledButton className="typed-source" data-testid={`source-${testKey}`} disabled={isReadOnly}>
          {marks[source] ?? source}
          <span className="only-read">
            {' '}
            {names[source] ?? source}, {text.config.source(label)}
          </span>
          {sources.length > 1 && <ChevronDown size={12} aria-hidden />}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {sources.map((one) => (
          <Menu.Item
            key={one}
            onClick={() => onChange(carried(value, source, one), one)}
            leftSection={<code className="typed-mark">{marks[one] ?? one}</code>}
            data-testid={`source-${testKey}-${one}`}
          >
            {names[one] ?? one}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
  const section = { leftSection: chooser, leftSectionWidth: 68, leftSectionPointerEvents: 'all' as const }
  const common = { value, error, label, description, placeholder, withAsterisk, readOnly: isReadOnly, 'data-testid': `field-${testKey}` }
  const codeField = {
    value,
    onChange: set,
    error,
    label,
    description,
    placeholder,
    withAsterisk,
    isReadOnly,
    leftSection: chooser,
    'data-testid': `field-${testKey}`,
  }
  switch (source) {
    case 'bool':
      return (
        <Labelled label={label} description={description} error={error}>
          <div className="typed-bool-row">
            {chooser}
            <SegmentedControl
              size="xs"
              readOnly={isReadOnly}
              value={/^true$/i.test(value) ? 'true' : 'false'}
              onChange={set}
              data={[
                { value: 'true', label: text.config.true },
                { value: 'false', label: text.config.false },
              ]}
              aria-label={label}
              data-testid={`field-${testKey}`}
            />
          </div>
        </Labelled>
      )
    case 'json':
    case 'bin':
      return <CodeEditor {...codeField} language="json" minRows={2} error={error ?? (value.trim() === '' || isJson(value) ? undefined : text.config.notJson)} />
    case 'jsonata':
      return <ExpressionInput {...codeField} />
    case 'date':
      return (
        <Labelled label={label} description={description} error={error}>
          <div className="typed-bool-row">
            {chooser}
            <span className="form-help">{more.now}</span>
          </div>
        </Labelled>
      )
    case 'cred':
      return (
        <PasswordInput
          {...common}
          {...section}
          placeholder={placeholder ?? more.secret.keep}
          autoComplete="new-password"
          onChange={(event) => set(event.currentTarget.value)}
        />
      )
    case 'msg':
    case 'flow':
    case 'global':
    case 'env':
      return <NameInput {...common} {...section} choices={choicesOf(source, edited, value)} isMessage={source === 'msg'} onChange={set} />
    case 'str':
      if (picks) return <PickInput {...common} {...section} from={picks} onChange={set} />
      break
    default:
  }
  return (
    <TextInput
      {...common}
      {...section}
      inputMode={source === 'num' ? 'decimal' : undefined}
      rightSection={source === 'num' && unit ? <span className="form-unit">{unit}</span> : undefined}
      rightSectionWidth={source === 'num' && unit ? unit.length * 9 + 20 : undefined}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => set(event.currentTarget.value)}
    />
  )
}

function Labelled({ label, description, error, children }: { label: string; description: string | undefined; error: string | undefined; children: ReactNode }) {
  return (
    <div className="typed-bool">
      <span className="form-label">{label}</span>
      {description && <span className="form-help">{description}</span>}
      {children}
      {error && <span className="form-error">{error}</span>}
    </div>
  )
}

/** What was typed goes along where it can be meant: a constant does not become a path into the message. */
function carried(value: string, from: string, to: string): string {
  const isName = (source: string) => ['msg', 'flow', 'global', 'env'].includes(source)
  if (to === 'bool') return /^true$/i.test(value) ? 'true' : 'false'
  if (to === 'date' || to === 'cred' || from === 'cred' || from === 'date' || from === 'bool') return ''
  if (to === 'num') return Number.isFinite(Number(value)) ? value : ''
  if (to === 'jsonata' && from === 'str') return value === '' ? '' : JSON.stringify(value)
  if (isName(from) !== isName(to) && to !== 'jsonata' && from !== 'jsonata') return to === 'msg' ? 'payload' : ''
  return value
}

interface NameChoice {
  value: string
  detail: string
}

function choicesOf(source: 'msg' | 'flow' | 'global' | 'env', { paths, flowKeys, globalKeys, env }: EditedNode, typed: string): NameChoice[] {
  switch (source) {
    case 'msg':
      return matching(paths, typed).map(({ path, preview }) => ({ value: path, detail: preview }))
    case 'flow':
      return flowKeys.map((value) => ({ value, detail: '' }))
    case 'global':
      return globalKeys.map((value) => ({ value, detail: '' }))
    case 'env':
      return env.map(({ name, value }) => ({ value: name, detail: value ?? '' }))
    default:
      return source satisfies never
  }
}

const MOST_SHOWN = 40

/** A name with a list of those that are known; any other can be typed. */
function NameInput({
  choices,
  isMessage,
  value,
  onChange,
  ...input
}: {
  choices: readonly NameChoice[]
  /** The choices fit what is typed already. */
  isMessage: boolean
  value: string
  onChange: (value: string) => void
  label: string
  description: string | undefined
  placeholder: string | undefined
  error: string | undefined
  withAsterisk: boolean
  readOnly: boolean
  leftSection: ReactNode
  leftSectionWidth: number
  leftSectionPointerEvents: 'all'
  'data-testid': string
}) {
  const details = new Map(choices.map((choice) => [choice.value, choice.detail]))
  return (
    <Autocomplete
      {...input}
      value={value}
      onChange={onChange}
      data={[...details.keys()]}
      limit={MOST_SHOWN}
      {...(isMessage && { filter: ({ options }) => options as ComboboxItem[] })}
      renderOption={({ option }) => (
        <span className="typed-choice">
          <code>{option.value}</code>
          <span>{details.get(option.value)}</span>
        </span>
      )}
      comboboxProps={{ withinPortal: true, width: 'max-content', position: 'bottom-start' }}
      classNames={{ input: 'form-code' }}
      maxDropdownHeight={260}
      spellCheck={false}
    />
  )
}
