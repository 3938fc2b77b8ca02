/** Every revision of a document: who, when, why, and what was different. */
import { Button, Modal } from '@mantine/core'
import { useState } from 'react'
import { type DocumentRevision, getDocumentRevision, listDocumentRevisions } from '../../../server/api/quality/documents/routes.ts'
import { jsonDiff } from '../../history/changes/json-diff.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { type DocumentsText, inWords, useDocumentsText } from './use-documents-text.ts'

const actInWords = (text: DocumentsText, { act }: DocumentRevision) => (act === 'open' || act === 'save' ? text.detail.acts[act] : text.moves[act])

export function Revisions({ id, revision }: { id: string; revision: number }) {
  const text = useDocumentsText()
  const format = formats(useLanguage())
  const [compared, compare] = useState<number>()
  const { value } = useLoad(`${id} ${revision}`, () => call(listDocumentRevisions, { params: { id } }))
  return (
    <section>
      <h3>{text.detail.history}</h3>
      <ol className="document-revisions">
        {value?.map((one) => (
          <li key={one.revision} data-testid={`revision-${one.revision}`}>
            <span>
              <strong>{actInWords(text, one)}</strong> {one.by}
              <small>
                {text.detail.revision(String(one.revision))} · {format.dateTime(one.at)} · {text.states[one.state]}
              </small>
              {one.reason && <q>{one.reason}</q>}
            </span>
            {one.revision > 1 && (
              <Button
                variant="subtle"
                size="compact-sm"
                onClick={() => compare(one.revision)}
                aria-label={`${text.detail.revision(String(one.revision))}: ${text.detail.compare} ${text.detail.comparedWith}`}
                data-testid={`compare-${one.revision}`}
              >
                {text.detail.compare}
              </Button>
            )}
          </li>
        ))}
      </ol>
      {compared !== undefined && <Compare id={id} revision={compared} onClose={() => compare(undefined)} />}
    </section>
  )
}

function Compare({ id, revision, onClose }: { id: string; revision: number; onClose: () => void }) {
  const text = useDocumentsText()
  const { value } = useLoad(`${id} ${revision}`, async () => {
    const [before, after] = await Promise.all([revision - 1, revision].map((one) => call(getDocumentRevision, { params: { id, revision: one } })))
    return jsonDiff(before?.content, after?.content)
  })
  const say = (one: unknown) => (one === undefined ? text.detail.nothing : typeof one === 'string' ? one : JSON.stringify(one, null, 1))
  return (
    <Modal
      opened
      size="xl"
      onClose={onClose}
      title={text.detail.compareTitle(String(revision - 1), String(revision))}
      closeButtonProps={{ 'aria-label': text.detail.cancel }}
    >
      {value?.length === 0 && <p>{text.detail.same}</p>}
      <dl className="document-diff" data-testid="document-diff">
        {value?.map(({ path, before, after }) => (
          <div key={path}>
            <dt>{pathInWords(text, path)}</dt>
            <dd>
              <small>{text.detail.was}</small>
              <del>{say(before)}</del>
            </dd>
            <dd>
              <small>{text.detail.is}</small>
              <ins>{say(after)}</ins>
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  )
}

/** `actions[3f…].dueOn`: what the first part is called stands in the form; the row by its place is of no use to people. */
function pathInWords(text: DocumentsText, path: string): string {
  const [first = '', ...rest] = path.split(/[.[]/)
  const last = rest.filter((part) => !part.endsWith(']')).at(-1)
  const inner =
    last === undefined ? undefined : ((text.plan as Readonly<Record<string, unknown>>)[last] ?? (text.rows as Readonly<Record<string, unknown>>)[last] ?? last)
  return [inWords(text, first), inner].filter((one) => typeof one === 'string').join(': ')
}
