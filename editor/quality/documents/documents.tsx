/** All documents of quality: found, opened, what is due of them, and how they are numbered. */
import './documents.css'
import { Button, Menu, NativeSelect, SegmentedControl, TextInput } from '@mantine/core'
import { ChevronDown, Download, FileText, Hash, ListTodo, Plus, Search } from 'lucide-react'
import { type MouseEvent, useDeferredValue, useState } from 'react'
import { DOCUMENT_KINDS, type DocumentKind } from '../../../server/api/quality/documents/content.ts'
import { type DocumentSummary, getDocumentList, listDocuments } from '../../../server/api/quality/documents/routes.ts'
import { call, urlOf } from '../../shared/api.ts'
import { ListEmpty } from '../../shared/list-page/list-page.tsx'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { hashOf, type SectionProps } from '../section.ts'
import { DocumentPage } from './document-page.tsx'
import { Due } from './due.tsx'
import { NumberingPage } from './numbering.tsx'
import { OpenDialog } from './open-dialog.tsx'
import { StateOf } from './state-of.tsx'
import { useChanges } from './use-document.ts'
import { useDocumentsText } from './use-documents-text.ts'

const PAGE = 100
const WHICH = ['open', 'overdue', 'all'] as const

export function Documents({ place, go }: SectionProps) {
  const [first, second = ''] = place.split('/')
  const adding = first === 'new' ? DOCUMENT_KINDS.find((kind) => kind === second) : undefined
  if (place === 'due') return <Due onBack={() => go('')} />
  if (place === 'numbering') return <NumberingPage onBack={() => go('')} />
  if (place !== '' && first !== 'new') return <DocumentPage key={place} id={place} onBack={() => go('')} onOpened={({ id }) => go(id)} />
  return (
    <>
      <List go={go} />
      {adding && <OpenDialog kind={adding} onClose={() => go('')} onOpened={({ id }) => go(id)} />}
    </>
  )
}

function List({ go }: { go: (place: string) => void }) {
  const text = useDocumentsText()
  const { me } = useMe()
  const changes = useChanges()
  const [typed, setTyped] = useState('')
  const [kind, setKind] = useState<DocumentKind | ''>('')
  const [which, setWhich] = useState<(typeof WHICH)[number]>('all')
  const [most, setMost] = useState(PAGE)
  const search = useDeferredValue(typed.trim())
  const chosen = {
    ...(search ? { search } : {}),
    ...(kind ? { kind } : {}),
    ...(which === 'open' ? { open: true } : which === 'overdue' ? { overdue: true } : {}),
  }
  const query = { ...chosen, limit: Math.min(500, most) }
  const { value, error } = useLoad(JSON.stringify([query, changes]), () => call(listDocuments, { query }))
  const isEmpty = value?.length === 0 && !search && !kind && which === 'all'
  const add = may(me, 'quality.edit') && (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button leftSection={<Plus size={16} aria-hidden />} rightSection={<ChevronDown size={16} aria-hidden />} data-testid="document-add">
          {text.list.add}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {DOCUMENT_KINDS.map((one) => (
          <Menu.Item key={one} onClick={() => go(`new/${one}`)} data-testid={`document-add-${one}`}>
            {text.kinds[one]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
  return (
    <section className="quality-pad" aria-labelledby="documents-title">
      <header className="quality-head">
        <h1 id="documents-title">{text.list.title}</h1>
        <div className="document-buttons">
          <Button variant="default" leftSection={<ListTodo size={16} aria-hidden />} onClick={() => go('due')} data-testid="to-due">
            {text.list.due}
          </Button>
          <Button variant="default" leftSection={<Hash size={16} aria-hidden />} onClick={() => go('numbering')} data-testid="to-numbering">
            {text.list.numbering}
          </Button>
          {!isEmpty && add}
        </div>
      </header>
      {error && (
        <p className="document-problem" role="alert">
          {error}
        </p>
      )}
      {!value && !error && <div className="list-skeleton" aria-hidden />}
      {isEmpty ? (
        <ListEmpty icon={FileText} title={text.list.empty.title} text={text.list.empty.text} steps={text.list.empty.steps} testId="documents-empty">
          {add}
        </ListEmpty>
      ) : (
        <>
          <div className="document-tools">
            <TextInput
              aria-label={text.list.search}
              placeholder={text.list.search}
              leftSection={<Search size={16} aria-hidden />}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              data-testid="documents-search"
            />
            <NativeSelect
              aria-label={text.list.kind}
              value={kind}
              onChange={(event) => setKind(DOCUMENT_KINDS.find((one) => one === event.currentTarget.value) ?? '')}
              data={[{ value: '', label: text.list.anyKind }, ...DOCUMENT_KINDS.map((value) => ({ value, label: text.kinds[value] }))]}
              data-testid="documents-kind"
            />
            <SegmentedControl
              aria-label={text.list.which}
              value={which}
              onChange={(next) => setWhich(WHICH.find((one) => one === next) ?? 'all')}
              data={WHICH.map((value) => ({ value, label: text.list[value] }))}
              data-testid="documents-which"
            />
            <Button
              component="a"
              variant="default"
              leftSection={<Download size={16} aria-hidden />}
              href={urlOf(getDocumentList.path, { query: chosen })}
              download
              data-testid="documents-csv"
            >
              {text.list.csv}
            </Button>
          </div>
          {value?.length === 0 && <p className="quality-dim">{text.list.noMatch}</p>}
          {value && value.length > 0 && (
            <table className="document-list">
              <thead>
                <tr>
                  {(['number', 'title', 'state', 'owner', 'dueOn', 'changedAt'] as const).map((column) => (
                    <th key={column} scope="col" data-column={column}>
                      {text.list.columns[column]}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {value.map((one) => (
                  <Line key={one.id} one={one} go={go} />
                ))}
              </tbody>
            </table>
          )}
          {value && value.length >= most && most < 500 && (
            <Button variant="default" onClick={() => setMost(most + PAGE)}>
              {text.list.more}
            </Button>
          )}
        </>
      )}
    </section>
  )
}

function Line({ one, go }: { one: DocumentSummary; go: (place: string) => void }) {
  const text = useDocumentsText()
  const format = formats(useLanguage())
  // the whole line leads there; its number is the link for keys and for who does not see it
  const follow = (event: MouseEvent) => {
    if (!(event.target instanceof Element && event.target.closest('a'))) go(one.id)
  }
  return (
    <tr onClick={follow} data-testid={`document-${one.number}`}>
      <th scope="row" className="cw-numbers">
        <a href={`#${hashOf('documents', one.id)}`}>{one.number}</a>
      </th>
      <td>
        {one.title}
        <small>{[text.kinds[one.kind], one.part].filter(Boolean).join(' · ')}</small>
      </td>
      <td>
        <StateOf kind={one.kind} state={one.state} />
      </td>
      <td data-column="owner">{one.owner}</td>
      <td data-column="dueOn" className="cw-numbers">
        {one.dueOn && (
          <span className="quality-pill" data-state={one.isOverdue ? 'warning' : undefined}>
            {one.isOverdue ? `${text.detail.overdue}, ${format.day(one.dueOn)}` : format.day(one.dueOn)}
          </span>
        )}
      </td>
      <td data-column="changedAt" className="cw-numbers">
        {format.dateTime(one.changedAt)}
      </td>
    </tr>
  )
}
