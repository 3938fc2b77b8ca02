/** Beside what was measured: the documents that have it as their evidence, and the way to a new report. */
import './documents.css'
import { Button } from '@mantine/core'
import { FileWarning } from 'lucide-react'
import type { Evidence } from '../../../server/api/quality/documents/content.ts'
import { listDocuments } from '../../../server/api/quality/documents/routes.ts'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { useLoad } from '../../shared/use-load.ts'
import { hashOf } from '../section.ts'
import { StateOf } from './state-of.tsx'
import { useChanges } from './use-document.ts'
import { useDocumentsText } from './use-documents-text.ts'

export function ReportsOf({ evidence: { kind, id, text: said } }: { evidence: Evidence }) {
  const text = useDocumentsText()
  const { me } = useMe()
  const { value } = useLoad(`${kind} ${id} ${useChanges()}`, () => call(listDocuments, { query: { linkKind: kind, linkId: id, limit: 20 } }))
  const mayReport = may(me, 'quality.enter')
  if (!mayReport && !value?.length) return null
  return (
    <div className="document-reports" data-testid="reports-of">
      {value && value.length > 0 && (
        <ul>
          {value.map((one) => (
            <li key={one.id}>
              <a href={`#${hashOf(one.kind === 'ncr' ? 'nonconformance' : 'documents', one.id)}`}>
                {one.number} {one.title}
              </a>{' '}
              <StateOf kind={one.kind} state={one.state} />
            </li>
          ))}
        </ul>
      )}
      {mayReport && (
        <Button
          component="a"
          variant="default"
          size="xs"
          leftSection={<FileWarning size={16} aria-hidden />}
          href={`#${hashOf('nonconformance', ['new', kind, id, said].map(encodeURIComponent).join('/'))}`}
          data-testid="report-this"
        >
          {text.board.add}
        </Button>
      )}
    </div>
  )
}
