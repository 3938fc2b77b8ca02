/** What the machine is called, and the id it is known by for good. */
import { TextInput } from '@mantine/core'
import { useMachinesText } from '../use-machines-text.ts'
import { type Draft, idFrom, type Problem } from './draft.ts'
import { FormPart, useTell } from './fields.tsx'

export interface NameFormProps {
  draft: Draft
  problems: readonly Problem[]
  onChange: (draft: Draft) => void
  /** The machine is there already: its id stays. */
  isIdFixed: boolean
}

export function NameForm({ draft, problems, onChange, isIdFixed }: NameFormProps) {
  const text = useMachinesText().name
  const tell = useTell(problems)
  return (
    // in the set-up it stands below the title of its step
    <FormPart title={text.title} level={isIdFixed ? 2 : 3}>
      <div className="mf-row">
        <TextInput
          label={text.name}
          description={text.nameHint}
          placeholder={text.nameExample}
          value={draft.name}
          onChange={(event) => {
            const name = event.currentTarget.value
            // the id follows the name until a person makes their own
            onChange({ ...draft, name, id: !isIdFixed && (draft.id === '' || draft.id === idFrom(draft.name)) ? idFrom(name) : draft.id })
          }}
          error={tell('name')}
          maxLength={80}
          data-testid="machine-name"
        />
        <TextInput
          label={text.id}
          description={text.idHint}
          value={draft.id}
          onChange={(event) => onChange({ ...draft, id: event.currentTarget.value })}
          error={tell('id')}
          maxLength={40}
          disabled={isIdFixed}
          spellCheck={false}
          data-testid="machine-id"
        />
      </div>
    </FormPart>
  )
}
