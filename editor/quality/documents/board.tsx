/** Nonconformance reports on a board: a column for each state, in which nothing is hidden that waits for somebody. */
import './documents.css'
import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { Clock, FileWarning, Flame, Plus, Search, TriangleAlert } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { listMachines } from '../../../server/api/machines.ts'
import { EVIDENCE_KINDS, type Evidence } from '../../../server/api/quality/documents/content.ts'
import { type DocumentSummary, listDocuments } from '../../../server/api/quality/documents/routes.ts'
import { call } from '../../shared/api.ts'
import { ListEmpty } from '../../shared/list-page/list-page.tsx'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { hashOf, type SectionProps } from '../section.ts'
import { DocumentPage } from './document-page.tsx'
import { OpenDialog } from './open-dialog.tsx'
import { useChanges } from './use-document.ts'
import { useDocumentsText } from './use-documents-text.ts'

const COLUMNS = ['open', 'contained', 'proposed', 'disposed'] as const
const DAY_MS = 86_400_000
const RANKS: Readonly<Record<string, number>> = { critical: 0, major: 1, minor: 2 }
/** What is late first, then what is worst, then what waits longest. */
const byUrgency = (a: DocumentSummary, b: DocumentSummary): number =>
  Number(b.isOverdue) - Number(a.isOverdue) || (RANKS[a.severity ?? 'minor'] ?? 2) - (RANKS[b.severity ?? 'minor'] ?? 2) || (a.since < b.since ? -1 : 1)

/** `new`, perhaps with its evidence: `new/signal/sig_1/what it says`. */
function newOf(place: string): { evidence: Evidence | undefined } | undefined {
  const [first, ...rest] = place.split('/')
  if (first !== 'new') return undefined
  const [kind = '', id = '', text = ''] = rest.map(decodeURIComponent)
  const known = EVIDENCE_KINDS.find((one) => one === kind)
  return { evidence: known && id ? { kind: known, id, text } : undefined }
}

export function Board({ place, go }: SectionProps) {
  const adding = newOf(place)
  if (place !== '' && !adding)
    return <DocumentPage key={place} id={place} onBack={() => go('')} onOpened={({ id }) => location.assign(`#${hashOf('documents', id)}`)} />
  return (
    <>
      <Columns go={go} />
      {adding && <OpenDialog kind="ncr" evidence={adding.evidence} onClose={() => go('')} onOpened={({ id }) => go(id)} />}
    </>
  )
}

function Columns({ go }: { go: (place: string) => void }) {
  const text = useDocumentsText()
  const { me } = useMe()
  const changes = useChanges()
  const [typed, setTyped] = useState('')
  const [isOverdueOnly, setOverdueOnly] = useState(false)
  const [machineId, setMachineId] = useState('')
  const search = useDeferredValue(typed.trim())
  const machines = useLoad('machines', () => call(listMachines)).value ?? []
  const filters = { kind: 'ncr' as const, ...(search ? { search } : {}), ...(machineId ? { machineId } : {}), ...(isOverdueOnly ? { overdue: true } : {}) }
  const { value, error } = useLoad(JSON.stringify([filters, changes]), async () => {
    const [open, closed] = await Promise.all([
      call(listDocuments, { query: { ...filters, open: true, limit: 500 } }),
      isOverdueOnly ? [] : call(listDocuments, { query: { ...filters, state: 'closed', limit: 20 } }),
    ])
    return { open, closed }
  })
  const isEmpty = value !== undefined && value.open.length === 0 && value.closed.length === 0 && !search && !machineId && !isOverdueOnly
  const add = may(me, 'quality.enter') && (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => go('new')} data-testid="ncr-add">
      {text.board.add}
    </Button>
  )
  return (
    <section className="quality-pad document-board-page" aria-labelledby="board-title">
      <header className="quality-head">
        <h1 id="board-title">{text.board.title}</h1>
        {!isEmpty && add}
      </header>
      {error && (
        <p className="document-problem" role="alert">
          {error}
        </p>
      )}
      {!value && !error && <div className="list-skeleton" aria-hidden />}
      {isEmpty ? (
        <ListEmpty icon={FileWarning} title={text.board.empty.title} text={text.board.empty.text} steps={text.board.empty.steps} testId="board-empty">
          {add}
        </ListEmpty>
      ) : (
        <>
          <div className="document-tools">
            <TextInput
              aria-label={text.board.search}
              placeholder={text.board.search}
              leftSection={<Search size={16} aria-hidden />}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              data-testid="board-search"
            />
            <NativeSelect
              aria-label={text.board.machine}
              value={machineId}
              onChange={(event) => setMachineId(event.currentTarget.value)}
              data={[{ value: '', label: text.board.anyMachine }, ...machines.map(({ id, name }) => ({ value: id, label: name }))]}
            />
            <Checkbox
              label={text.board.overdueOnly}
              checked={isOverdueOnly}
              onChange={(event) => setOverdueOnly(event.currentTarget.checked)}
              data-testid="board-overdue"
            />
          </div>
          <div className="document-board">
            {COLUMNS.map((state) => (
              <Column
                key={state}
                title={text.states[state]}
                state={state}
                cards={value?.open.filter((one) => one.state === state).sort(byUrgency) ?? []}
                machines={machines}
              />
            ))}
            {(value?.closed.length ?? 0) > 0 && <Column title={text.board.closedLately} state="closed" cards={value?.closed ?? []} machines={machines} />}
          </div>
        </>
      )}
    </section>
  )
}

type Machines = readonly { id: string; name: string }[]

function Column({ title, state, cards, machines }: { title: string; state: string; cards: readonly DocumentSummary[]; machines: Machines }) {
  const text = useDocumentsText()
  const format = formats(useLanguage())
  return (
    <section
      className="document-column"
      aria-labelledby={`column-${state}`}
      data-testid={`column-${state}`}
      data-state={state === 'proposed' && cards.length > 0 ? 'action' : undefined}
    >
      <h2 id={`column-${state}`}>
        {title} <span className="cw-numbers">{format.number(cards.length)}</span>
      </h2>
      {cards.length === 0 && <p className="quality-dim">{text.board.none}</p>}
      <ol>
        {cards.map((card) => (
          <li key={card.id}>
            <Card card={card} machines={machines} />
          </li>
        ))}
      </ol>
    </section>
  )
}

function Card({ card, machines }: { card: DocumentSummary; machines: Machines }) {
  const text = useDocumentsText()
  const format = formats(useLanguage())
  const { number, title, severity, quantity, part, owner, dueOn, isOverdue, since } = card
  const machine = machines.find(({ id }) => id === card.machineId)?.name ?? card.machineId
  const days = Math.max(0, Math.floor((Date.now() - Date.parse(since)) / DAY_MS))
  return (
    <a className="document-card" href={`#${hashOf('nonconformance', card.id)}`} data-testid={`card-${number}`}>
      <span className="document-card-top">
        <span className="cw-numbers">{number}</span>
        {severity !== undefined && severity !== 'minor' && (
          <span className="quality-pill" data-state={severity === 'critical' ? 'alarm' : 'warning'}>
            {severity === 'critical' ? <Flame size={14} aria-hidden /> : <TriangleAlert size={14} aria-hidden />}
            {text.choices[severity as 'major' | 'critical']}
          </span>
        )}
      </span>
      <strong>{title}</strong>
      <small>{[quantity === undefined ? '' : text.board.parts(format.number(quantity)), part, machine, owner].filter(Boolean).join(' · ')}</small>
      <small className="document-card-end">
        <span>{text.board.days(format.number(days))}</span>
        {dueOn && (
          <span className="quality-pill" data-state={isOverdue ? 'warning' : undefined}>
            <Clock size={14} aria-hidden />
            {isOverdue ? `${text.detail.overdue}, ${format.day(dueOn)}` : text.detail.until(format.day(dueOn))}
          </span>
        )}
      </small>
    </a>
  )
}
