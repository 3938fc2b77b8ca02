/** One document: where it stands, what is next, what is written in it, on what it is based, and how it came to be. */
import './documents.css'
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { ArrowLeft, Clock, Download } from 'lucide-react'
import { listMachines } from '../../../server/api/machines.ts'
import type { Evidence, NcrContent } from '../../../server/api/quality/documents/content.ts'
import { FORMS } from '../../../server/api/quality/documents/form.ts'
import { getDocumentReport, openDocument, type QualityDocument } from '../../../server/api/quality/documents/routes.ts'
import { maySave, mayWrite, workflowOf } from '../../../server/api/quality/documents/workflow.ts'
import { ApiError, call, urlOf } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { EvidenceList, Followed } from './evidence.tsx'
import { Field } from './fields.tsx'
import { Moves } from './moves.tsx'
import { Revisions } from './revisions.tsx'
import { StateOf } from './state-of.tsx'
import { useDocument } from './use-document.ts'
import { useDocumentsText } from './use-documents-text.ts'

export function DocumentPage({ id, onBack, onOpened }: { id: string; onBack: () => void; onOpened: (document: QualityDocument) => void }) {
  const text = useDocumentsText()
  const language = useLanguage()
  const format = formats(language)
  const { me } = useMe()
  const open = useDocument(id)
  const machines = useLoad('machines', () => call(listMachines)).value ?? []
  const { document, content, problem } = open
  if (!document)
    return (
      <section className="quality-pad">
        <Back onBack={onBack} />
        {problem ? (
          <p className="document-problem" role="alert">
            {problem}
          </p>
        ) : (
          <div className="list-skeleton" aria-hidden />
        )}
      </section>
    )
  const { kind, state, number } = document
  const mayEdit = kind === 'ncr' ? may(me, 'quality.enter') : may(me, 'quality.edit')
  const isFixed = (field: string) => !mayEdit || !mayWrite(kind, state, field)
  const follow = async (next: 'capa' | '8d') => {
    const { title, part, partRevision, machineId, links } = document.content as NcrContent
    const self: Evidence = { kind: 'document', id: document.id, text: `${number} ${title}`.slice(0, 300) }
    const evidence = [self, ...links].slice(0, 100)
    try {
      const body = { kind: next, content: { title, part, partRevision, machineId, links: evidence }, key: crypto.randomUUID() }
      onOpened(await call(openDocument, { body }))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      notifications.show({ color: 'red', message: error.message })
    }
  }
  return (
    <section className="quality-pad document" aria-labelledby="document-title" data-testid="document" data-state={state}>
      <Back onBack={onBack} />
      <header className="document-head">
        <div>
          <p className="document-number cw-numbers" data-testid="document-number">
            {number}
          </p>
          <h1 id="document-title">{String(content.title ?? '')}</h1>
          <p className="quality-dim">
            {text.kinds[kind]} · {text.detail.openedBy(document.openedBy, format.dateTime(document.openedAt))} ·{' '}
            {text.detail.revision(String(document.revision))}
            {document.releases > 0 && ` · ${text.detail.issue(String(document.releases))}`}
          </p>
        </div>
        <div className="document-standing">
          <Button
            component="a"
            variant="default"
            leftSection={<Download size={16} aria-hidden />}
            href={urlOf(getDocumentReport.path, { params: { id }, query: { language } })}
            download
            data-testid="document-pdf"
          >
            {text.detail.pdf}
          </Button>
          <StateOf kind={kind} state={state} />
          {document.dueOn && (
            <span className="quality-pill" data-state={document.isOverdue ? 'warning' : undefined}>
              <Clock size={14} aria-hidden />
              {document.isOverdue ? `${text.detail.overdue}, ${format.day(document.dueOn)}` : text.detail.until(format.day(document.dueOn))}
            </span>
          )}
        </div>
      </header>
      <Steps kind={kind} state={state} />
      {problem && (
        <p className="document-problem" role="alert" data-testid="document-problem">
          {problem}
        </p>
      )}
      {open.isOvertaken && (
        <div className="document-problem" role="alert">
          <p>{text.detail.changed}</p>
          <Button variant="default" onClick={open.discard}>
            {text.detail.load}
          </Button>
        </div>
      )}
      <Moves open={open} />
      <div className="document-body">
        <form
          className="document-form"
          onSubmit={(event) => {
            event.preventDefault()
            void open.save()
          }}
        >
          {mayEdit && !maySave(kind, state) && <p className="quality-dim">{text.detail.fixed}</p>}
          {FORMS[kind].map((part) => (
            <fieldset key={part.id} className="document-part" data-now={part.id === state ? true : undefined}>
              <legend>{text.sections[part.id]}</legend>
              {part.rows.map((row) => (
                <div key={row.map(({ field }) => field).join(' ')} className="document-fields">
                  {row.map((spec) => (
                    <div key={spec.field} id={`document-${spec.field}`}>
                      <Field
                        spec={spec}
                        content={content}
                        onChange={open.write}
                        isFixed={isFixed(spec.field)}
                        machines={machines}
                        outdated={document.outdated}
                      />
                    </div>
                  ))}
                </div>
              ))}
            </fieldset>
          ))}
          {open.isDirty && (
            <div className="document-save" role="status">
              <span>{text.detail.unsaved}</span>
              <Button variant="default" onClick={open.discard} disabled={open.isBusy}>
                {text.detail.reset}
              </Button>
              <Button type="submit" disabled={open.isBusy || open.isOvertaken} data-testid="document-save">
                {text.detail.save}
              </Button>
            </div>
          )}
        </form>
        <aside className="document-side">
          <EvidenceList links={(content.links ?? []) as Evidence[]} isFixed={isFixed('links')} onChange={(links) => open.write({ links })} self={id} />
          <Followed document={document} mayOpen={may(me, 'quality.edit')} onOpen={(next) => void follow(next)} />
          {document.decisions.length > 0 && (
            <section>
              <h3>{text.detail.decisions}</h3>
              <ul data-testid="decisions">
                {document.decisions.map((one) => (
                  <li key={one.revision}>
                    <span className="quality-pill" data-state={one.isYes ? 'good' : 'warning'}>
                      {one.isYes ? text.detail.yes : text.detail.no}
                    </span>{' '}
                    {one.by}, {format.dateTime(one.at)}
                    {one.reason && <q>{one.reason}</q>}
                  </li>
                ))}
              </ul>
            </section>
          )}
          <Revisions id={id} revision={document.revision} />
        </aside>
      </div>
    </section>
  )
}

function Back({ onBack }: { onBack: () => void }) {
  const text = useDocumentsText()
  return (
    <Button
      className="document-back"
      variant="subtle"
      size="compact-md"
      leftSection={<ArrowLeft size={16} aria-hidden />}
      onClick={onBack}
      data-testid="document-back"
    >
      {text.detail.back}
    </Button>
  )
}

/** The way of a document of this kind, with where it is. */
function Steps({ kind, state }: { kind: QualityDocument['kind']; state: QualityDocument['state'] }) {
  const text = useDocumentsText()
  const states = Object.keys(workflowOf(kind).states) as QualityDocument['state'][]
  const way = states.filter((one) => one === state || (one !== 'withdrawn' && one !== 'obsolete'))
  return (
    <ol className="document-steps">
      {way.map((one) => (
        <li key={one} aria-current={one === state ? 'step' : undefined} data-done={way.indexOf(one) < way.indexOf(state) ? true : undefined}>
          {text.states[one]}
        </li>
      ))}
    </ol>
  )
}
