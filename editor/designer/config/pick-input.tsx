/** Picks a machine, program or connection from the product's list; a value that is not in it stays and says so. */
import { Loader, Select, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useDesignerText } from '../text.ts'
import { useChoices } from './lists.ts'
import { NewConnection } from './new-connection.tsx'
import type { Pick } from './schema.ts'

export interface PickInputProps {
  from: Pick
  /** Of connections: which connectors suit. @defaultValue all */
  connectors?: readonly string[] | undefined
  value: string
  onChange: (value: string) => void
  label: string
  description: string | undefined
  placeholder: string | undefined
  error: string | undefined
  withAsterisk: boolean
  leftSection?: ReactNode
  leftSectionWidth?: number
  leftSectionPointerEvents?: 'all'
  'data-testid': string
}

export function PickInput({ from, connectors, value, onChange, placeholder, ...input }: PickInputProps) {
  const text = useDesignerText()
  const { choices: all, hasFailed } = useChoices(from)
  const choices = connectors?.length ? all?.filter(({ connector }) => connector !== undefined && connectors.includes(connector)) : all
  if (hasFailed) {
    return <TextInput {...input} value={value} description={text.config.listFailed} onChange={(event) => onChange(event.currentTarget.value)} />
  }
  const isTwice = (name: string) => (choices ?? []).filter((choice) => choice.name === name).length > 1
  const known = (choices ?? []).map(({ id, name }) => ({ value: id, label: isTwice(name) ? `${name} · ${id}` : name }))
  // programs and connections may be named by what they are called, too
  const isKnown = value === '' || (choices ?? []).some(({ id, name }) => id === value || name === value)
  const data =
    isKnown && known.some((option) => option.value === value)
      ? known
      : value === ''
        ? known
        : [{ value, label: isKnown || !choices ? value : text.config.gone(value) }, ...known]
  const select = (
    <Select
      {...input}
      data={data}
      value={value === '' ? null : value}
      onChange={(next) => onChange(next ?? '')}
      placeholder={placeholder ?? text.config.choose}
      searchable
      clearable={!input.withAsterisk}
      nothingFoundMessage={choices?.length === 0 ? text.config.none[from] : undefined}
      rightSection={choices ? undefined : <Loader size="xs" />}
      comboboxProps={{ withinPortal: true }}
    />
  )
  if (from !== 'connection') return select
  return (
    <div className="config-pick">
      {select}
      <NewConnection connectors={connectors} onMade={onChange} />
    </div>
  )
}
