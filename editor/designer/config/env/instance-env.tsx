/** The values of one instance of a subflow: the form that the subflow describes. */
import { ActionIcon, NumberInput, PasswordInput, Select, Switch } from '@mantine/core'
import { RotateCcw } from 'lucide-react'
import { useLanguage } from '../../../shared/text/index.ts'
import type { FlowNode } from '../../model/raw.ts'
import { ConfigNodeInput } from '../config-node-input.tsx'
import type { SecretValues } from '../secrets.ts'
import { useConfigText } from '../text.ts'
import { TypedInput } from '../typed-input.tsx'
import { INSTANCE_SOURCES, inputKindOf, instanceEnv, labelOf, withInstanceValue } from './env.ts'
import { SecretChoices } from './env-editor.tsx'

export interface InstanceEnvProps {
  definition: FlowNode
  values: Readonly<Record<string, unknown>>
  onChange: (changes: Record<string, unknown>) => void
  secrets: SecretValues
  onSecret: (name: string, value: string | undefined) => void
  onNewConfig: (type: string, use: (id: string) => void) => void
  onEditConfig: (id: string) => void
}

export function InstanceEnv({ definition, values, onChange, secrets, onSecret, onNewConfig, onEditConfig }: InstanceEnvProps) {
  const words = useConfigText()
  const text = words.env
  const language = useLanguage()
  const shown = instanceEnv(definition, values).filter(({ item }) => inputKindOf(item) !== 'hide')
  if (shown.length === 0) return <p className="form-help">{text.noProperties}</p>
  return (
    <>
      {shown.map(({ item, type, value, isOwn }) => {
        const { name } = item
        const label = labelOf(item, language)
        const kind = inputKindOf(item)
        const set = (next: { type: string; value: unknown } | undefined) => onChange({ env: withInstanceValue(values, name, next) })
        const testId = `field-env-${name}`
        const asText = String(value ?? '')
        const inherited = isOwn || kind === 'none' ? undefined : text.default
        const field = () => {
          switch (kind) {
            case 'none':
              return <p className="form-label">{label}</p>
            case 'checkbox':
              return (
                <Switch
                  label={label}
                  description={inherited}
                  checked={asText === 'true'}
                  onChange={(event) => set({ type: 'bool', value: String(event.currentTarget.checked) })}
                  data-testid={testId}
                />
              )
            case 'spinner':
              return (
                <NumberInput
                  label={label}
                  description={inherited}
                  value={asText}
                  {...(item.ui?.opts?.min !== undefined && { min: item.ui.opts.min })}
                  {...(item.ui?.opts?.max !== undefined && { max: item.ui.opts.max })}
                  decimalSeparator="."
                  onChange={(next) => set({ type: 'num', value: String(next) })}
                  data-testid={testId}
                />
              )
            case 'select':
              return (
                <Select
                  label={label}
                  description={inherited}
                  data={(item.ui?.opts?.opts ?? []).map(({ v, l }) => ({ value: v, label: l?.[language] || l?.['en-US'] || v }))}
                  value={asText || null}
                  allowDeselect={false}
                  onChange={(next) => set({ type: 'str', value: next ?? '' })}
                  data-testid={testId}
                />
              )
            case 'cred': {
              const secret = secrets[name]
              return (
                <div>
                  <PasswordInput
                    label={label}
                    description={secret === undefined ? words.secret.hint : secret === '' ? words.secret.cleared : words.secret.waiting}
                    placeholder={words.secret.keep}
                    autoComplete="new-password"
                    value={String(secret ?? '')}
                    onChange={(event) => {
                      const next = event.currentTarget.value
                      onSecret(name, next === '' ? undefined : next)
                      // the entry says that there is a value of its own; the value itself goes another way
                      set({ type: 'cred', value: '' })
                    }}
                    data-testid={testId}
                  />
                  <SecretChoices secret={secret} onSecret={(next) => onSecret(name, next)} />
                </div>
              )
            }
            case 'conf-types':
              return (
                <ConfigNodeInput
                  label={label}
                  description={inherited}
                  placeholder={undefined}
                  error={undefined}
                  withAsterisk={false}
                  type={item.type}
                  value={asText}
                  onChange={(id) => set({ type: 'conf-type', value: id })}
                  onNew={() => onNewConfig(item.type, (id) => set({ type: 'conf-type', value: id }))}
                  onEdit={onEditConfig}
                  data-testid={testId}
                />
              )
            case 'input':
              return (
                <TypedInput
                  label={label}
                  description={inherited}
                  sources={item.ui?.opts?.types ?? INSTANCE_SOURCES}
                  source={type}
                  value={asText}
                  testKey={`env-${name}`}
                  onChange={(next, source) => set({ type: source, value: next })}
                />
              )
            case 'hide':
              return null
            default:
              return kind satisfies never
          }
        }
        return (
          <div key={name} className="env-instance">
            {field()}
            {isOwn && kind !== 'cred' && kind !== 'none' && (
              <ActionIcon
                variant="subtle"
                color="gray"
                onClick={() => set(undefined)}
                aria-label={text.reset(label)}
                title={text.reset(label)}
                data-testid={`${testId}-reset`}
              >
                <RotateCcw size={15} aria-hidden />
              </ActionIcon>
            )}
          </div>
        )
      })}
    </>
  )
}
