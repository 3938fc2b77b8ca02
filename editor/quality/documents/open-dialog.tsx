/** A new document: what it is about, and it has its number. */
import { Button, Modal, NativeSelect, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { type DocumentKind, type Evidence, SEVERITIES } from '../../../server/api/quality/documents/content.ts'
import { openDocument, type QualityDocument } from '../../../server/api/quality/documents/routes.ts'
import { ApiError, call } from '../../shared/api.ts'
import { type Num, NumberField } from '../../shared/number-field.tsx'
import { useDocumentsText } from './use-documents-text.ts'

export function OpenDialog({
  kind,
  evidence,
  onClose,
  onOpened,
}: {
  kind: DocumentKind
  evidence?: Evidence | undefined
  onClose: () => void
  onOpened: (document: QualityDocument) => void
}) {
  const text = useDocumentsText()
  const [title, setTitle] = useState('')
  const [part, setPart] = useState('')
  const [severity, setSeverity] = useState<string>('minor')
  const [quantity, setQuantity] = useState<Num>('')
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  // pressed twice, or sent again since the answer was lost: one document
  const key = useRef(crypto.randomUUID())
  const send = async () => {
    setBusy(true)
    setProblem(undefined)
    const of = kind === 'ncr' ? { severity, ...(quantity === '' ? {} : { quantity }), ...(evidence?.text ? { found: evidence.text } : {}) } : {}
    const content = { title: title.trim(), ...(part.trim() ? { part: part.trim() } : {}), ...of, ...(evidence ? { links: [evidence] } : {}) }
    try {
      onOpened(await call(openDocument, { body: { kind, content, key: key.current } }))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.message)
      setBusy(false)
    }
  }
  return (
    <Modal opened onClose={onClose} title={text.open.title(text.kinds[kind])} closeButtonProps={{ 'aria-label': text.detail.cancel }}>
      <form
        className="document-form"
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        <TextInput
          label={text.open.what}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          maxLength={200}
          data-autofocus
          data-testid="new-title"
        />
        <TextInput label={text.fields.part} value={part} onChange={(event) => setPart(event.currentTarget.value)} maxLength={120} data-testid="new-part" />
        {kind === 'ncr' && (
          <div className="document-fields">
            <NativeSelect
              label={text.fields.severity}
              value={severity}
              onChange={(event) => setSeverity(event.currentTarget.value)}
              data={SEVERITIES.map((value) => ({ value, label: text.choices[value] }))}
              data-testid="new-severity"
            />
            <NumberField label={text.open.quantity} value={quantity} onChange={setQuantity} digits={0} min={0} testId="new-quantity" />
          </div>
        )}
        {evidence && <p className="quality-dim">{text.open.evidence(evidence.text || evidence.id)}</p>}
        {problem && (
          <p className="document-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="document-buttons document-end">
          <Button variant="default" onClick={onClose}>
            {text.detail.cancel}
          </Button>
          <Button type="submit" disabled={title.trim().length < 3 || isBusy} data-testid="new-open">
            {text.open.go}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
