/** Who works on an 8D. */
import { Button, TextInput } from '@mantine/core'
import { Plus, Trash2 } from 'lucide-react'
import { newRowId } from './specs.ts'
import { useDocumentsText } from './use-documents-text.ts'

interface Member {
  id: string
  name: string
  role?: string
}

export function TeamRows({ label, rows, onChange, isFixed }: { label: string; rows: readonly Member[]; onChange: (rows: Member[]) => void; isFixed: boolean }) {
  const text = useDocumentsText().rows
  const put = (id: string, part: Partial<Member>) => onChange(rows.map((row) => (row.id === id ? { ...row, ...part } : row)))
  return (
    <fieldset className="document-rows" data-testid="field-team">
      <legend>{label}</legend>
      {rows.map((row, index) => (
        <div key={row.id} className="document-row document-cells">
          <TextInput
            label={text.name}
            value={row.name}
            onChange={(event) => put(row.id, { name: event.currentTarget.value })}
            readOnly={isFixed}
            maxLength={120}
            data-testid={`team-${index}-name`}
          />
          <TextInput
            label={text.role}
            value={row.role ?? ''}
            onChange={(event) => put(row.id, { role: event.currentTarget.value })}
            readOnly={isFixed}
            maxLength={120}
          />
          {!isFixed && (
            <Button
              className="document-remove"
              variant="subtle"
              color="gray"
              leftSection={<Trash2 size={16} aria-hidden />}
              onClick={() => onChange(rows.filter(({ id }) => id !== row.id))}
              aria-label={`${text.remove}: ${row.name || index + 1}`}
            >
              {text.remove}
            </Button>
          )}
        </div>
      ))}
      {!isFixed && (
        <Button
          variant="default"
          leftSection={<Plus size={16} aria-hidden />}
          onClick={() => onChange([...rows, { id: newRowId(), name: '' }])}
          aria-label={`${text.add}: ${label}`}
          data-testid="team-add"
        >
          {text.add}
        </Button>
      )}
    </fieldset>
  )
}
