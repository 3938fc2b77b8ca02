/** How documents are numbered, with the number that comes next. */
import { Button, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { ArrowLeft } from 'lucide-react'
import { useState } from 'react'
import { numberingOf, numberText, patternProblem } from '../../../server/api/quality/documents/numbering.ts'
import { type DocumentNumbering, listDocumentNumbering, setDocumentNumbering } from '../../../server/api/quality/documents/routes.ts'
import { ApiError, call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { useLoad } from '../../shared/use-load.ts'
import { todayHere } from './specs.ts'
import { useDocumentsText } from './use-documents-text.ts'

export function NumberingPage({ onBack }: { onBack: () => void }) {
  const text = useDocumentsText()
  const { value, error, refresh } = useLoad('numbering', () => call(listDocumentNumbering))
  return (
    <section className="quality-pad" aria-labelledby="numbering-title">
      <Button className="document-back" variant="subtle" size="compact-md" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={onBack}>
        {text.detail.back}
      </Button>
      <header className="quality-head">
        <h1 id="numbering-title">{text.numbering.title}</h1>
      </header>
      <p className="document-lead">{text.numbering.lead}</p>
      {error && (
        <p className="document-problem" role="alert">
          {error}
        </p>
      )}
      <div className="document-numbering">
        {value?.map((one) => (
          <Pattern key={one.kind} one={one} onSaved={refresh} />
        ))}
      </div>
    </section>
  )
}

function Pattern({ one, onSaved }: { one: DocumentNumbering; onSaved: () => void }) {
  const text = useDocumentsText()
  const { me } = useMe()
  const [typed, setTyped] = useState<string>()
  const [problem, setProblem] = useState<string>()
  const pattern = (typed ?? one.pattern).trim()
  const wrong = patternProblem(pattern)
  const isChanged = pattern !== one.pattern
  const next = wrong === undefined && isChanged ? numberText(numberingOf(pattern, todayHere()), 1) : one.next
  const save = async () => {
    setProblem(undefined)
    try {
      await call(setDocumentNumbering, { params: { kind: one.kind }, body: { pattern } })
      setTyped(undefined)
      notifications.show({ message: text.numbering.saved })
      onSaved()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.message)
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <TextInput
        label={text.kinds[one.kind]}
        description={wrong ? undefined : text.numbering.next(next)}
        value={typed ?? one.pattern}
        onChange={(event) => setTyped(event.currentTarget.value)}
        error={problem ?? (wrong && text.numbering.problems[wrong])}
        readOnly={!may(me, 'quality.edit')}
        maxLength={40}
        data-testid={`pattern-${one.kind}`}
      />
      {isChanged && (
        <Button type="submit" disabled={wrong !== undefined} data-testid={`pattern-save-${one.kind}`}>
          {text.numbering.save}
        </Button>
      )}
    </form>
  )
}
