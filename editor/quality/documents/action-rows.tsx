/** Actions of a document: what, who, until when, done when. */
import { Button, Textarea, TextInput } from '@mantine/core'
import { Check, Plus, Trash2 } from 'lucide-react'
import type { DocumentAction } from '../../../server/api/quality/documents/content.ts'
import { newRowId, todayHere } from './specs.ts'
import { useDocumentsText } from './use-documents-text.ts'

export interface ActionRowsProps {
  label: string
  name: string
  rows: readonly DocumentAction[]
  onChange: (rows: DocumentAction[]) => void
  isFixed: boolean
}

export function ActionRows({ label, name, rows, onChange, isFixed }: ActionRowsProps) {
  const text = useDocumentsText().rows
  const put = (id: string, part: Partial<DocumentAction>) => onChange(rows.map((row) => (row.id === id ? { ...row, ...part } : row)))
  return (
    <fieldset className="document-rows" data-testid={`field-${name}`}>
      <legend>{label}</legend>
      {rows.map((row, index) => (
        <div
          key={row.id}
          className="document-row"
          data-done={row.doneOn ? true : undefined}
          data-overdue={!row.doneOn && row.dueOn !== undefined && row.dueOn < todayHere() ? true : undefined}
        >
          <Textarea
            label={`${index + 1}. ${text.what}`}
            autosize
            minRows={1}
            value={row.what}
            onChange={(event) => put(row.id, { what: event.currentTarget.value })}
            readOnly={isFixed}
            maxLength={1000}
            data-testid={`${name}-${index}-what`}
          />
          <div className="document-cells">
            <TextInput
              label={text.owner}
              value={row.owner ?? ''}
              onChange={(event) => put(row.id, { owner: event.currentTarget.value })}
              readOnly={isFixed}
              maxLength={120}
              data-testid={`${name}-${index}-owner`}
            />
            <TextInput
              label={text.dueOn}
              type="date"
              value={row.dueOn ?? ''}
              onChange={(event) => put(row.id, { dueOn: event.currentTarget.value })}
              readOnly={isFixed}
              data-testid={`${name}-${index}-due`}
            />
            <TextInput
              label={text.doneOn}
              type="date"
              value={row.doneOn ?? ''}
              onChange={(event) => put(row.id, { doneOn: event.currentTarget.value })}
              readOnly={isFixed}
            />
            <TextInput
              label={text.result}
              value={row.result ?? ''}
              onChange={(event) => put(row.id, { result: event.currentTarget.value })}
              readOnly={isFixed}
              maxLength={1000}
            />
          </div>
          {!isFixed && (
            <div className="document-buttons">
              {!row.doneOn && (
                <Button
                  variant="default"
                  leftSection={<Check size={16} aria-hidden />}
                  onClick={() => put(row.id, { doneOn: todayHere() })}
                  data-testid={`${name}-${index}-done`}
                >
                  {text.doneToday}
                </Button>
              )}
              <Button
                variant="subtle"
                color="gray"
                leftSection={<Trash2 size={16} aria-hidden />}
                onClick={() => onChange(rows.filter(({ id }) => id !== row.id))}
                aria-label={`${text.remove}: ${index + 1}. ${label}`}
              >
                {text.remove}
              </Button>
            </div>
          )}
        </div>
      ))}
      {!isFixed && (
        <Button
          variant="default"
          leftSection={<Plus size={16} aria-hidden />}
          onClick={() => onChange([...rows, { id: newRowId(), what: '' }])}
          aria-label={`${text.add}: ${label}`}
          data-testid={`${name}-add`}
        >
          {text.add}
        </Button>
      )}
    </fieldset>
  )
}
