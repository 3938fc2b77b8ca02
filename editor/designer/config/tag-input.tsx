/** A live value of the node's connection: what can be heard there just now is offered, and any other may be written. */
import { Autocomplete, Loader } from '@mantine/core'
import { useRef, useState } from 'react'
import { type BrowsedTag, browseTags } from '../../../server/api/connections.ts'
import { type ApiError, call } from '../../shared/api.ts'
import { sayError } from '../../shared/connections/words.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { useTriggersText } from '../../triggers/use-triggers-text.ts'
import { useEditedNode } from './sample/use-sample.ts'

/** It is listened anew when somebody comes back to the field later. */
const KEEP_MS = 15_000

export interface TagInputProps {
  value: string
  onChange: (value: string) => void
  label: string
  description: string | undefined
  placeholder: string | undefined
  error: string | undefined
  withAsterisk: boolean
  'data-testid': string
}

export function TagInput({ value, onChange, description, ...input }: TagInputProps) {
  const text = useTriggersText().condition
  const language = useLanguage()
  const { node } = useEditedNode()
  const connectionId = typeof node?.connection === 'string' ? node.connection : ''
  const [heard, setHeard] = useState<{ of: string; tags: BrowsedTag[] }>({ of: '', tags: [] })
  const [problem, setProblem] = useState<string>()
  const [isListening, setListening] = useState(false)
  const asked = useRef({ of: '', at: 0 })
  const look = () => {
    if (!connectionId || (asked.current.of === connectionId && Date.now() - asked.current.at < KEEP_MS)) return
    asked.current = { of: connectionId, at: Date.now() }
    setListening(true)
    setProblem(undefined)
    call(browseTags, { params: { connectionId } })
      .then(
        (tags) => setHeard({ of: connectionId, tags }),
        (error: ApiError) => setProblem(sayError(error, language)),
      )
      .finally(() => setListening(false))
  }
  const tags = heard.of === connectionId ? heard.tags : []
  const hint = !connectionId
    ? text.connectionFirst
    : isListening
      ? text.listening
      : (problem ?? (asked.current.of === connectionId && tags.length === 0 ? text.noTags : description))
  return (
    <Autocomplete
      {...input}
      description={hint}
      data={tags.map(({ tag }) => tag)}
      renderOption={({ option }) => {
        const one = tags.find(({ tag }) => tag === option.value)
        return (
          <span className="tag-option">
            <span>{option.value}</span>
            {one?.value !== undefined && <code>{inShort(one.value)}</code>}
          </span>
        )
      }}
      limit={50}
      value={value}
      onChange={onChange}
      onFocus={look}
      onClick={look}
      rightSection={isListening ? <Loader size="xs" /> : undefined}
      comboboxProps={{ withinPortal: true }}
      autoComplete="off"
      spellCheck={false}
    />
  )
}

function inShort(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)} …` : text
}
