/** Who did what from where: searched, read, exported. */
import { Button, TextInput } from '@mantine/core'
import { ChevronDown, ChevronRight, Search } from 'lucide-react'
import { useState } from 'react'
import { type AuditEntry, listAudit } from '../../../server/api/audit.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { type HistoryText, useHistoryText } from '../use-history-text.ts'
import { usePages } from '../use-pages.ts'
import { actionsLike, wordsOfAction } from './action-words.ts'
import { AuditState } from './audit-state.tsx'
import { queryOf } from './query.ts'

const PAGE = 100
export function AuditTab() {
  const text = useHistoryText()
  const words = text.audit
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const query = queryOf(typed, (action) => actionsLike(action, text))
  const { list, error, hasMore, more, refresh } = usePages(JSON.stringify(query), PAGE, (last: AuditEntry | undefined) =>
    call(listAudit, { query: { ...query, limit: PAGE, ...(last ? { before: last.seq } : {}) } }),
  )
  const type = (field: string) => ({
    size: 'xs' as const,
    value: typed[field] ?? '',
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const { value } = event.currentTarget
      setTyped((before) => ({ ...before, [field]: value }))
    },
  })
  return (
    <div className="audit-page">
      <section className="audit-log" aria-label={words.list}>
        <header>
          <h1>{words.list}</h1>
          <div className="audit-filter">
            <TextInput label={words.search} leftSection={<Search size={14} aria-hidden />} {...type('search')} data-testid="audit-search" />
            <TextInput label={words.who} {...type('who')} data-testid="audit-who" />
            <TextInput label={words.action} {...type('action')} data-testid="audit-action" />
            <TextInput label={words.target} {...type('target')} data-testid="audit-target" />
            <TextInput label={words.from} type="datetime-local" {...type('from')} />
            <TextInput label={words.to} type="datetime-local" {...type('to')} />
          </div>
        </header>
        {error !== undefined && (
          <p className="history-problem" role="alert">
            {words.failed} {error}
          </p>
        )}
        {!list && error === undefined && <div className="history-skeleton" aria-hidden />}
        {list?.length === 0 && <p className="history-note">{words.none}</p>}
        {list && list.length > 0 && (
          <table className="audit-table" data-testid="audit-table">
            <thead>
              <tr>
                <th scope="col">{words.time}</th>
                <th scope="col">{words.who}</th>
                <th scope="col">{words.what}</th>
                <th scope="col">{words.target}</th>
                <th scope="col">{words.where}</th>
              </tr>
            </thead>
            <tbody>
              {list.map((entry) => (
                <Row key={entry.id} entry={entry} />
              ))}
            </tbody>
          </table>
        )}
        {hasMore && (
          <Button variant="default" onClick={more} data-testid="audit-more">
            {text.more}
          </Button>
        )}
      </section>
      <AuditState query={query} onChange={refresh} />
    </div>
  )
}

function whereOf({ via, origin }: AuditEntry, words: HistoryText['audit']): string {
  const known: Readonly<Record<string, string>> = words.via
  const way = origin?.client === 'cli' ? words.via.cli : (known[via] ?? via)
  return [way, origin?.token && words.tokenNamed(origin.token), origin?.panel && words.panelNamed(origin.panel.slice(0, 8)), origin?.address]
    .filter(Boolean)
    .join(' · ')
}

function Row({ entry }: { entry: AuditEntry }) {
  const text = useHistoryText()
  const words = text.audit
  const format = formats(useLanguage())
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <tr data-testid={`audit-${entry.seq}`}>
        <td>
          <button type="button" className="audit-open" aria-expanded={isOpen} aria-label={`${words.details} ${entry.seq}`} onClick={() => setOpen(!isOpen)}>
            {isOpen ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
          </button>
          <time dateTime={entry.at}>{format.dateTime(entry.at)}</time>
        </td>
        <td>{entry.who}</td>
        <td title={entry.action}>{wordsOfAction(entry.action, text)}</td>
        <td className="audit-target">{entry.target}</td>
        <td>{whereOf(entry, words)}</td>
      </tr>
      {isOpen && (
        <tr className="audit-detail">
          <td colSpan={5}>
            <code>
              {entry.seq} · {entry.action}
            </code>
            {entry.detail !== undefined && <pre>{JSON.stringify(entry.detail, null, 2)}</pre>}
            <code>SHA-256 {entry.hash}</code>
          </td>
        </tr>
      )}
    </>
  )
}
