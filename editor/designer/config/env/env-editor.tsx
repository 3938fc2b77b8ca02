/** The environment of a tab, group, subflow or of every flow: a list of names and typed values. */
import './env.css'
import { ActionIcon, Button, Checkbox, NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import { ArrowDown, ArrowUp, Plus, SlidersHorizontal, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useLanguage } from '../../../shared/text/index.ts'
import type { FlowNode } from '../../model/raw.ts'
import { useWorkspace } from '../../use-workspace.ts'
import type { SecretValues } from '../secrets.ts'
import { useConfigText } from '../text.ts'
import { TypedInput } from '../typed-input.tsx'
import { ENV_SOURCES, type EnvItem, type EnvUi, envOf, faultsOf, INPUT_KINDS, INSTANCE_SOURCES, type InputKind, inputKindOf, usesOf } from './env.ts'

export interface EnvEditorProps {
  node: FlowNode
  values: Readonly<Record<string, unknown>>
  onChange: (changes: Record<string, unknown>) => void
  secrets: SecretValues
  onSecret: (name: string, value: string | undefined) => void
  hint: string
  /** A subflow's: each variable says how an instance's form shows it. */
  hasForm?: boolean
  isReadOnly?: boolean
}

export function EnvEditor({ node, values, onChange, secrets, onSecret, hint, hasForm = false, isReadOnly = false }: EnvEditorProps) {
  const text = useConfigText().env
  const items = envOf(values)
  const faults = faultsOf(items)
  const set = (next: EnvItem[]) => onChange({ env: next })
  return (
    <div className="env">
      <p className="form-help">{hint}</p>
      {items.length === 0 && <p className="form-help">{text.none}</p>}
      <ol className="env-list" aria-label={text.title}>
        {items.map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a variable has no identity but its place; its name is being typed
          <li key={index}>
            <EnvRow
              node={node}
              item={item}
              index={index}
              count={items.length}
              error={faults.get(index) && text[faults.get(index) ?? 'noName']}
              secret={secrets[item.name]}
              hasForm={hasForm}
              isReadOnly={isReadOnly}
              onChange={(next) => {
                // a password typed for the old name belongs to the new one
                if (next.name !== item.name && typeof secrets[item.name] === 'string') {
                  onSecret(next.name, String(secrets[item.name]))
                  onSecret(item.name, undefined)
                }
                set(items.with(index, next))
              }}
              onSecret={(value) => onSecret(item.name, value)}
              onMove={(by) => {
                const next = items.toSpliced(index, 1)
                set(next.toSpliced(index + by, 0, item))
              }}
              onRemove={() => {
                onSecret(item.name, undefined)
                set(items.toSpliced(index, 1))
              }}
            />
          </li>
        ))}
      </ol>
      {!isReadOnly && (
        <Button
          variant="default"
          size="xs"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => {
            set([...items, { name: '', type: 'str', value: '' }])
            // one goes on typing where the new row is
            requestAnimationFrame(() => document.querySelector<HTMLInputElement>(`[data-testid="env-${items.length}-name"]`)?.focus())
          }}
          data-testid="env-add"
        >
          {text.add}
        </Button>
      )}
    </div>
  )
}

function EnvRow({
  node,
  item,
  index,
  count,
  error,
  secret,
  hasForm,
  isReadOnly,
  onChange,
  onSecret,
  onMove,
  onRemove,
}: {
  node: FlowNode
  item: EnvItem
  index: number
  count: number
  error: string | undefined
  secret: unknown
  hasForm: boolean
  isReadOnly: boolean
  onChange: (item: EnvItem) => void
  onSecret: (value: string | undefined) => void
  onMove: (by: -1 | 1) => void
  onRemove: () => void
}) {
  const words = useConfigText()
  const text = words.env
  const { model } = useWorkspace('model')
  const [isOpen, setOpen] = useState(false)
  const kind = inputKindOf(item)
  const isSecret = item.type === 'cred' || kind === 'cred'
  return (
    <div className="env-row">
      <div className="env-head">
        <TextInput
          aria-label={text.name}
          placeholder={text.name}
          value={item.name}
          error={error}
          readOnly={isReadOnly}
          classNames={{ input: 'form-code' }}
          onChange={(event) => onChange({ ...item, name: event.currentTarget.value })}
          spellCheck={false}
          autoComplete="off"
          data-testid={`env-${index}-name`}
        />
        <span className="env-used">{text.used(usesOf(model, node, item.name))}</span>
        {hasForm && (
          <ActionIcon
            variant={isOpen ? 'filled' : 'subtle'}
            color="gray"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
            aria-label={text.details(item.name)}
            data-testid={`env-${index}-details`}
          >
            <SlidersHorizontal size={16} aria-hidden />
          </ActionIcon>
        )}
        {!isReadOnly && (
          <>
            <ActionIcon variant="subtle" color="gray" disabled={index === 0} onClick={() => onMove(-1)} aria-label={text.up(item.name)}>
              <ArrowUp size={16} aria-hidden />
            </ActionIcon>
            <ActionIcon variant="subtle" color="gray" disabled={index === count - 1} onClick={() => onMove(1)} aria-label={text.down(item.name)}>
              <ArrowDown size={16} aria-hidden />
            </ActionIcon>
            <ActionIcon variant="subtle" color="gray" onClick={onRemove} aria-label={text.remove(item.name)} data-testid={`env-${index}-remove`}>
              <Trash2 size={16} aria-hidden />
            </ActionIcon>
          </>
        )}
      </div>
      {kind === 'conf-types' ? (
        <ConfigTypeInput value={item.type} onChange={(type) => onChange({ ...item, type, value: '' })} />
      ) : (
        <TypedInput
          label={text.value(item.name)}
          sources={(ENV_SOURCES as readonly string[]).includes(item.type) ? ENV_SOURCES : [item.type, ...ENV_SOURCES]}
          source={isSecret ? 'cred' : item.type}
          value={isSecret ? String(secret ?? '') : String(item.value ?? '')}
          isReadOnly={isReadOnly}
          testKey={`env-${index}`}
          description={isSecret ? secretWords(secret, words.secret) : undefined}
          onChange={(value, type) => {
            if (type === 'cred') {
              if (item.type === 'cred') onSecret(value === '' ? undefined : value)
              onChange({ ...item, type: 'cred', value: '', ...(hasForm && { ui: { ...item.ui, type: 'cred' } }) })
            } else {
              onSecret(undefined)
              const { ui, ...rest } = item
              onChange({ ...rest, type, value, ...(ui && { ui: ui.type === 'cred' ? { ...ui, type: 'input' } : ui }) })
            }
          }}
        />
      )}
      {isSecret && !isReadOnly && <SecretChoices secret={secret} onSecret={onSecret} />}
      {isOpen && hasForm && <EnvForm item={item} kind={kind} index={index} onChange={onChange} />}
    </div>
  )
}

const secretWords = (secret: unknown, text: ReturnType<typeof useConfigText>['secret']): string =>
  secret === undefined ? text.hint : secret === '' ? text.cleared : text.waiting

/** A stored password can be taken away; one that was just typed can be forgotten. */
export function SecretChoices({ secret, onSecret }: { secret: unknown; onSecret: (value: string | undefined) => void }) {
  const text = useConfigText().secret
  return (
    <Button variant="subtle" color="gray" size="compact-xs" className="env-secret" onClick={() => onSecret(secret === undefined ? '' : undefined)}>
      {secret === undefined ? text.clear : text.forget}
    </Button>
  )
}

function ConfigTypeInput({ value, onChange }: { value: string; onChange: (type: string) => void }) {
  const text = useConfigText().env
  const { types } = useWorkspace('types')
  const data = [...types.values()]
    .filter(({ isConfig }) => isConfig)
    .map(({ type, label }) => ({ value: type, label: label === type ? type : `${label} · ${type}` }))
  return <Select label={text.configType} data={data} value={value} searchable onChange={(next) => next && onChange(next)} />
}

/** How an instance's form shows a subflow's variable. */
function EnvForm({ item, kind, index, onChange }: { item: EnvItem; kind: InputKind; index: number; onChange: (item: EnvItem) => void }) {
  const words = useConfigText()
  const text = words.env
  const language = useLanguage() === 'de' ? 'de' : 'en-US'
  const { types } = useWorkspace('types')
  const ui = item.ui ?? {}
  const opts = ui.opts ?? {}
  const set = (changes: EnvUi) => onChange({ ...item, ui: { ...ui, ...changes } })
  return (
    <fieldset className="env-form">
      <legend>{text.form}</legend>
      <TextInput
        label={text.label}
        description={text.labelHint}
        value={ui.label?.[language] ?? ''}
        onChange={(event) => set({ label: { ...ui.label, [language]: event.currentTarget.value } })}
        data-testid={`env-${index}-label`}
      />
      <Select
        label={text.input}
        data={INPUT_KINDS.map((value) => ({ value, label: text.inputs[value] ?? value }))}
        value={kind}
        allowDeselect={false}
        onChange={(next) => {
          const type = (next ?? 'input') as InputKind
          const form: EnvUi = { ...ui, type, opts: type === 'input' ? { types: [...INSTANCE_SOURCES] } : type === 'select' ? { opts: [] } : {} }
          const firstConfig = [...types.values()].find(({ isConfig }) => isConfig)?.type ?? 'str'
          const valueType =
            type === 'cred'
              ? 'cred'
              : type === 'spinner'
                ? 'num'
                : type === 'checkbox'
                  ? 'bool'
                  : type === 'conf-types'
                    ? firstConfig
                    : kind === 'conf-types' || item.type === 'cred'
                      ? 'str'
                      : item.type
          onChange({ ...item, type: valueType, value: valueType === item.type ? item.value : valueType === 'bool' ? 'false' : '', ui: form })
        }}
        data-testid={`env-${index}-input`}
      />
      {kind === 'input' && (
        <Checkbox.Group label={text.types} value={opts.types ?? [...INSTANCE_SOURCES]} onChange={(next) => set({ opts: { ...opts, types: next } })}>
          <div className="env-types">
            {INSTANCE_SOURCES.map((source) => (
              <Checkbox key={source} value={source} label={<SourceName source={source} />} />
            ))}
          </div>
        </Checkbox.Group>
      )}
      {kind === 'select' && (
        <Textarea
          label={text.choices}
          description={text.choicesHint}
          autosize
          minRows={2}
          defaultValue={(opts.opts ?? []).map(({ v, l }) => (l?.[language] && l[language] !== v ? `${v} = ${l[language]}` : v)).join('\n')}
          onChange={(event) => set({ opts: { ...opts, opts: readChoices(event.currentTarget.value, opts.opts ?? [], language) } })}
          data-testid={`env-${index}-choices`}
        />
      )}
      {kind === 'spinner' && (
        <div className="env-limits">
          <NumberInput label={text.min} value={opts.min ?? ''} onChange={(next) => set({ opts: limited(opts, 'min', next) })} decimalSeparator="." />
          <NumberInput label={text.max} value={opts.max ?? ''} onChange={(next) => set({ opts: limited(opts, 'max', next) })} decimalSeparator="." />
        </div>
      )}
    </fieldset>
  )
}

function SourceName({ source }: { source: string }) {
  const { sources } = useSourceNames()
  return sources[source] ?? source
}

function useSourceNames() {
  const text = useConfigText()
  return { sources: { ...text.env.plainSources, ...text.sources } as Readonly<Record<string, string>> }
}

function limited(opts: NonNullable<EnvUi['opts']>, which: 'min' | 'max', value: number | string): NonNullable<EnvUi['opts']> {
  const { [which]: _old, ...rest } = opts
  return typeof value === 'number' ? { ...rest, [which]: value } : rest
}

/** One choice a line: `value`, or `value = words`. Words in other languages stay. */
function readChoices(
  typed: string,
  before: readonly { l?: Record<string, string>; v: string }[],
  language: string,
): { l: Record<string, string>; v: string }[] {
  return typed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const at = line.indexOf(' = ')
      const v = at < 0 ? line : line.slice(0, at).trim()
      const words = at < 0 ? line : line.slice(at + 3).trim()
      return { v, l: { ...before.find((one) => one.v === v)?.l, [language]: words } }
    })
}
