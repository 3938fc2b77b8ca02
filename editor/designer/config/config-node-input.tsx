/** Chooses shared settings (a config node) of one type, makes new ones and opens them. */
import { ActionIcon, Select } from '@mantine/core'
import { SquarePen } from 'lucide-react'
import { textOf } from '../model/raw.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'

export function ConfigNodeInput({
  type,
  value,
  onChange,
  onNew,
  onEdit,
  ...input
}: {
  type: string
  value: string
  label: string
  description: string | undefined
  placeholder: string | undefined
  error: string | undefined
  withAsterisk: boolean
  onChange: (id: string) => void
  onNew: () => void
  onEdit: (id: string) => void
  'data-testid': string
}) {
  const text = useDesignerText()
  const { model, types } = useWorkspace('model', 'types')
  const label = types.get(type)?.label ?? type
  const known = model
    .configNodes(type)
    .map((node) => ({ value: node.id, label: textOf(node, 'name') || textOf(node, 'machineId') || `${label} ${node.id.slice(0, 6)}` }))
  const NEW = '\0new'
  const data = [
    ...(value && !known.some((option) => option.value === value) ? [{ value, label: text.config.gone(value) }] : []),
    ...known,
    { value: NEW, label: text.config.newOf(label) },
  ]
  return (
    <Select
      {...input}
      placeholder={input.placeholder ?? text.config.choose}
      data={data}
      value={value || null}
      onChange={(next) => (next === NEW ? onNew() : onChange(next ?? ''))}
      searchable={known.length > 8}
      // beside the box itself, whatever is said above and below it
      inputContainer={(box) => (
        <div className="form-config-node">
          {box}
          <ActionIcon
            variant="default"
            size={36}
            disabled={!model.get(value)}
            onClick={() => onEdit(value)}
            aria-label={`${text.config.edit}: ${input.label}`}
            data-testid={`${input['data-testid']}-edit`}
          >
            <SquarePen size={16} aria-hidden />
          </ActionIcon>
        </div>
      )}
    />
  )
}
