/** What of all documents is to be done, by whom and until when; what is late stands first. */
import { Button } from '@mantine/core'
import { ArrowLeft, Clock } from 'lucide-react'
import { listDueDocuments } from '../../../server/api/quality/documents/routes.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { hashOf } from '../section.ts'
import { useChanges } from './use-document.ts'
import { useDocumentsText } from './use-documents-text.ts'

export function Due({ onBack }: { onBack: () => void }) {
  const text = useDocumentsText()
  const format = formats(useLanguage())
  const { value, error } = useLoad(`due ${useChanges()}`, () => call(listDueDocuments, { query: {} }))
  return (
    <section className="quality-pad" aria-labelledby="due-title">
      <Button className="document-back" variant="subtle" size="compact-md" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={onBack}>
        {text.detail.back}
      </Button>
      <header className="quality-head">
        <h1 id="due-title">{text.due.title}</h1>
      </header>
      {error && (
        <p className="document-problem" role="alert">
          {error}
        </p>
      )}
      {value?.length === 0 && <p className="quality-dim">{text.due.none}</p>}
      <ol className="document-due" data-testid="due-list">
        {value?.map((item) => (
          <li key={`${item.id} ${item.of} ${item.dueOn} ${item.text}`}>
            <span className="quality-pill cw-numbers" data-state={item.isOverdue ? 'warning' : undefined}>
              <Clock size={14} aria-hidden />
              {item.isOverdue ? `${text.due.overdue}, ${format.day(item.dueOn)}` : format.day(item.dueOn)}
            </span>
            <span>
              <strong>{item.text || item.title}</strong>
              <small>
                {[text.due.of[item.of], item.owner].filter(Boolean).join(' · ')} ·{' '}
                <a href={`#${hashOf(item.kind === 'ncr' ? 'nonconformance' : 'documents', item.id)}`}>
                  {item.number} {item.title}
                </a>
              </small>
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
