/** What becomes of the parts: so many of them each. */
import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { Plus, Trash2 } from 'lucide-react'
import { DISPOSITIONS, type DispositionRow } from '../../../server/api/quality/documents/content.ts'
import { type Num, NumberField } from '../../shared/number-field.tsx'
import { newRowId } from './specs.ts'
import { useDocumentsText } from './use-documents-text.ts'

export interface DispositionRowsProps {
  label: string
  rows: readonly DispositionRow[]
  /** How many parts there are to decide about. */
  quantity: number | undefined
  onChange: (rows: DispositionRow[]) => void
  isFixed: boolean
}

export function DispositionRows({ label, rows, quantity, onChange, isFixed }: DispositionRowsProps) {
  const { rows: text, choices } = useDocumentsText()
  const put = (id: string, part: Partial<DispositionRow>) => onChange(rows.map((row) => (row.id === id ? { ...row, ...part } : row)))
  const sum = rows.reduce((all, row) => all + (row.quantity || 0), 0)
  return (
    <fieldset className="document-rows" data-testid="field-dispositions">
      <legend>{label}</legend>
      {rows.map((row, index) => (
        <div key={row.id} className="document-row">
          <div className="document-cells">
            <NativeSelect
              label={text.what}
              value={row.what}
              disabled={isFixed}
              onChange={(event) => put(row.id, { what: DISPOSITIONS.find((one) => one === event.currentTarget.value) ?? 'rework' })}
              data={DISPOSITIONS.map((value) => ({ value, label: choices[value] }))}
              data-testid={`disposition-${index}-what`}
            />
            {isFixed ? (
              <TextInput label={text.quantity} value={String(row.quantity)} readOnly />
            ) : (
              <NumberField
                label={text.quantity}
                value={row.quantity as Num}
                onChange={(value) => put(row.id, { quantity: value === '' ? 0 : value })}
                digits={0}
                min={0}
                testId={`disposition-${index}-quantity`}
              />
            )}
          </div>
          <Textarea
            label={text.instruction}
            autosize
            minRows={1}
            value={row.instruction ?? ''}
            onChange={(event) => put(row.id, { instruction: event.currentTarget.value })}
            readOnly={isFixed}
            maxLength={1000}
          />
          {!isFixed && (
            <div className="document-buttons">
              <Button
                variant="subtle"
                color="gray"
                leftSection={<Trash2 size={16} aria-hidden />}
                onClick={() => onChange(rows.filter(({ id }) => id !== row.id))}
                aria-label={`${text.remove}: ${choices[row.what]}`}
              >
                {text.remove}
              </Button>
            </div>
          )}
        </div>
      ))}
      {quantity !== undefined && rows.length > 0 && (
        <p className="cw-numbers" data-warning={sum === quantity ? undefined : true}>
          {text.sum(String(sum), String(quantity))}
        </p>
      )}
      {!isFixed && (
        <Button
          variant="default"
          leftSection={<Plus size={16} aria-hidden />}
          onClick={() => onChange([...rows, { id: newRowId(), what: 'rework', quantity: Math.max(0, (quantity ?? 0) - sum) }])}
          aria-label={`${text.add}: ${label}`}
          data-testid="disposition-add"
        >
          {text.add}
        </Button>
      )}
    </fieldset>
  )
}
