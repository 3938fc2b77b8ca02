/** The content that a test expects: which of its fields count, and what they have to be. As a list of fields, or as JSON. */
import { Button, Checkbox, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { at, leavesOf, put } from './fields.ts'
import { readJson } from './steps.ts'
import { useRehearsalText } from './text.ts'

/** Of a big message the rest is edited as JSON. */
const MOST = 60

interface Expected {
  /** JSON. */
  content: string
  /** Names of fields that do not count. */
  left: ReadonlySet<string>
}

interface Props extends Expected {
  label: string
  /** What came out last. */
  cameOut?: unknown
  onChange: (expected: Expected) => void
}

export function FieldEditor({ label, content, left, cameOut, onChange }: Props) {
  const text = useRehearsalText()
  const read = readJson(content, text.wrong)
  const [isJson, setJson] = useState(false)
  if (isJson || 'wrong' in read)
    return (
      <>
        <Textarea
          aria-label={label}
          autosize
          minRows={2}
          maxRows={12}
          spellCheck={false}
          classNames={{ input: 'form-code' }}
          value={content}
          error={'wrong' in read ? read.wrong : undefined}
          onChange={(event) => onChange({ content: event.currentTarget.value, left })}
        />
        <Button size="compact-xs" variant="subtle" disabled={'wrong' in read} onClick={() => setJson(false)}>
          {text.tests.asFields}
        </Button>
      </>
    )
  const leaves = leavesOf(read.value)
  const count = (name: string, counts: boolean) => {
    const next = new Set(left)
    if (counts) next.delete(name)
    else next.add(name)
    onChange({ content, left: next })
  }
  return (
    <fieldset className="rehearsal-field-list" aria-label={label}>
      {leaves.slice(0, MOST).map(({ name, path, value }) => {
        const counts = !left.has(name)
        const found = cameOut === undefined ? undefined : at(cameOut, path)
        const set = (next: unknown) => onChange({ content: JSON.stringify(put(read.value, path, next), null, 2), left })
        return (
          <div key={name} className="rehearsal-field" data-counts={counts}>
            <Checkbox
              size="xs"
              label={name || text.tests.wholeValue}
              checked={counts}
              onChange={(event) => count(name, event.currentTarget.checked)}
              data-testid="rehearsal-field"
            />
            {counts && <ValueInput label={text.tests.valueOf(name || text.tests.wholeValue)} value={value} onChange={set} />}
            {counts && found !== undefined && JSON.stringify(found) !== JSON.stringify(value) && (
              <Button className="rehearsal-came-out" size="compact-xs" variant="subtle" onClick={() => set(found)} data-testid="rehearsal-came-out">
                {text.tests.cameOut(JSON.stringify(found).slice(0, 60))}
              </Button>
            )}
          </div>
        )
      })}
      {leaves.length > MOST && <p className="form-help">{text.result.more(leaves.length - MOST)}</p>}
      <Button size="compact-xs" variant="subtle" onClick={() => setJson(true)}>
        {text.tests.asJson}
      </Button>
    </fieldset>
  )
}

/** A text is edited without its quotes; numbers and the rest are read as JSON, and a text where that is none. */
function ValueInput({ label, value, onChange }: { label: string; value: unknown; onChange: (value: unknown) => void }) {
  const first = typeof value === 'string' ? value : JSON.stringify(value)
  const [typed, setTyped] = useState(first)
  // taken from what came out meanwhile; what is half typed stays as it is
  const shown = JSON.stringify(typeof value === 'string' ? typed : parsed(typed)) === JSON.stringify(value) ? typed : first
  return (
    <TextInput
      size="xs"
      aria-label={label}
      spellCheck={false}
      value={shown}
      onChange={(event) => {
        const next = event.currentTarget.value
        setTyped(next)
        onChange(typeof value === 'string' ? next : parsed(next))
      }}
    />
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // what is typed is then a text
    return text
  }
}
