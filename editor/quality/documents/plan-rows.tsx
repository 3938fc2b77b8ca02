/** The rows of a control plan: taken from the characteristics of the part, and written. */
import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { ListPlus, Plus, Trash2, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import type { ControlPlanRow } from '../../../server/api/quality/documents/content.ts'
import { proposeControlPlanRows } from '../../../server/api/quality/documents/routes.ts'
import { ApiError, call } from '../../shared/api.ts'
import { newRowId } from './specs.ts'
import { useDocumentsText } from './use-documents-text.ts'

export interface PlanRowsProps {
  label: string
  rows: readonly ControlPlanRow[]
  part: string
  partRevision: string
  onChange: (rows: ControlPlanRow[]) => void
  isFixed: boolean
  machines: readonly { id: string; name: string }[]
  outdated: readonly { rowId: string; revision: number; isRetired: boolean }[]
}

const SHORT = ['operation', 'process', 'special', 'specification', 'evaluation', 'sample', 'frequency', 'control', 'owner'] as const
const LENGTHS: Record<(typeof SHORT)[number], number> = {
  operation: 120,
  process: 200,
  special: 20,
  specification: 200,
  evaluation: 200,
  sample: 40,
  frequency: 120,
  control: 300,
  owner: 120,
}

export function PlanRows({ label, rows, part, partRevision, onChange, isFixed, machines, outdated }: PlanRowsProps) {
  const { plan: text, rows: words, choices } = useDocumentsText()
  const [problem, setProblem] = useState<string>()
  const [reaction, setReaction] = useState('')
  const put = (id: string, change: Partial<ControlPlanRow>) => onChange(rows.map((row) => (row.id === id ? { ...row, ...change } : row)))
  const take = async () => {
    setProblem(undefined)
    try {
      const found = await call(proposeControlPlanRows, { query: { part: part.trim(), ...(partRevision.trim() ? { partRevision: partRevision.trim() } : {}) } })
      const there = new Set(rows.map(({ characteristicId }) => characteristicId))
      const fresh = found.filter(({ characteristicId }) => !there.has(characteristicId))
      if (fresh.length === 0) return setProblem(text.noneNew)
      onChange([...rows, ...fresh])
      notifications.show({ message: text.taken(String(fresh.length)) })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.message)
    }
  }
  const lacking = rows.filter((row) => !row.reaction?.trim())
  return (
    <fieldset className="document-rows" data-testid="field-rows">
      <legend>{label}</legend>
      {!isFixed && (
        <div className="document-buttons">
          <Button
            variant="default"
            leftSection={<ListPlus size={16} aria-hidden />}
            disabled={part.trim() === ''}
            onClick={() => void take()}
            data-testid="plan-take"
          >
            {text.take}
          </Button>
        </div>
      )}
      {problem && <p className="document-problem">{problem}</p>}
      {!isFixed && rows.length > 1 && lacking.length > 0 && (
        <div className="document-fill">
          <TextInput
            label={text.allReaction}
            value={reaction}
            onChange={(event) => setReaction(event.currentTarget.value)}
            maxLength={1000}
            data-testid="plan-reaction"
          />
          <Button
            variant="default"
            disabled={reaction.trim() === ''}
            onClick={() => onChange(rows.map((row) => (row.reaction?.trim() ? row : { ...row, reaction: reaction.trim() })))}
            data-testid="plan-fill"
          >
            {text.fill}
          </Button>
        </div>
      )}
      {rows.map((row, index) => {
        const change = outdated.find(({ rowId }) => rowId === row.id)
        return (
          <div key={row.id} className="document-row" data-testid={`plan-row-${index}`}>
            <TextInput
              label={`${index + 1}. ${text.characteristic}`}
              value={row.characteristic}
              onChange={(event) => put(row.id, { characteristic: event.currentTarget.value })}
              readOnly={isFixed}
              maxLength={200}
            />
            {change && (
              <p className="document-outdated">
                <TriangleAlert size={16} aria-hidden /> {change.isRetired ? text.retired : text.outdated(String(change.revision))}
              </p>
            )}
            <div className="document-cells">
              <NativeSelect
                label={text.of}
                disabled={isFixed}
                value={row.of}
                onChange={(event) => put(row.id, { of: event.currentTarget.value === 'process' ? 'process' : 'product' })}
                data={(['product', 'process'] as const).map((value) => ({ value, label: choices[value] }))}
              />
              <NativeSelect
                label={text.machineId}
                disabled={isFixed}
                value={row.machineId ?? ''}
                onChange={(event) => put(row.id, { machineId: event.currentTarget.value })}
                data={[{ value: '', label: choices[''] }, ...machines.map(({ id, name }) => ({ value: id, label: name }))]}
              />
              {SHORT.map((field) => (
                <TextInput
                  key={field}
                  label={text[field]}
                  value={row[field] ?? ''}
                  onChange={(event) => put(row.id, { [field]: event.currentTarget.value })}
                  readOnly={isFixed}
                  maxLength={LENGTHS[field]}
                />
              ))}
            </div>
            <Textarea
              label={text.reaction}
              autosize
              minRows={1}
              value={row.reaction ?? ''}
              onChange={(event) => put(row.id, { reaction: event.currentTarget.value })}
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
                  aria-label={`${words.remove}: ${row.characteristic || index + 1}`}
                >
                  {words.remove}
                </Button>
              </div>
            )}
          </div>
        )
      })}
      {!isFixed && (
        <Button
          variant="default"
          leftSection={<Plus size={16} aria-hidden />}
          onClick={() => onChange([...rows, { id: newRowId(), characteristic: '', of: 'product' }])}
          aria-label={`${words.add}: ${label}`}
          data-testid="plan-add"
        >
          {words.add}
        </Button>
      )}
    </fieldset>
  )
}
