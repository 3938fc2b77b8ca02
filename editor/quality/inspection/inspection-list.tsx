/** All inspections: what is open, and what waits for a decision. */
import '../list/list.css'
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { ClipboardList, ListChecks, Plus, Search } from 'lucide-react'
import { type MouseEvent, useState } from 'react'
import { type InspectionSummary, listInspections } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { ListEmpty } from '../../shared/list-page/list-page.tsx'
import { may, useMe } from '../../shared/me.ts'
import { useLoad } from '../../shared/use-load.ts'
import { Refusal } from '../refusal.tsx'
import { hashOf } from '../section.ts'
import { useFormats } from '../use-quality-text.ts'
import { InspectionPill } from './state-pill.tsx'
import { useInspectionText } from './words.ts'

export function InspectionList({ news, isStale, go }: { news: string; isStale: boolean; go: (place: string) => void }) {
  const text = useInspectionText()
  const { me } = useMe()
  const [search, setSearch] = useState('')
  const [filter, setFilter] = useState<'open' | 'all'>('open')
  const { value: list, error } = useLoad(`${news} ${filter} ${search.trim()}`, () =>
    call(listInspections, { query: { open: filter === 'open', limit: 300, ...(search.trim() ? { search: search.trim() } : {}) } }),
  )
  const any = useLoad(news, () => call(listInspections, { query: { limit: 1 } }))
  const actions = (
    <>
      {may(me, 'quality.enter') && (
        <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => go('begin')} data-testid="begin-inspection">
          {text.begin}
        </Button>
      )}
      <Button variant="default" leftSection={<ListChecks size={16} aria-hidden />} onClick={() => go('plans')} data-testid="to-plans">
        {text.plans}
      </Button>
    </>
  )
  const isEmpty = any.value?.length === 0
  return (
    <section className="quality-pad" aria-labelledby="inspection-title">
      <header className="quality-head">
        <h1 id="inspection-title">{text.title}</h1>
        {!isEmpty && <div className="quality-actions">{actions}</div>}
      </header>
      {isStale && <p className="quality-dim">{text.stale}</p>}
      <Refusal>{error}</Refusal>
      {!list && !error && <div className="list-skeleton" aria-hidden />}
      {isEmpty && (
        <ListEmpty icon={ClipboardList} title={text.empty.title} text={text.empty.text} steps={text.empty.steps} testId="inspection-empty">
          <div className="quality-actions">{actions}</div>
        </ListEmpty>
      )}
      {!isEmpty && list && (
        <>
          <div className="quality-tools">
            <TextInput
              aria-label={text.search}
              placeholder={text.search}
              leftSection={<Search size={16} aria-hidden />}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
              data-testid="search-inspections"
            />
            <SegmentedControl
              value={filter}
              onChange={(value) => setFilter(value === 'all' ? 'all' : 'open')}
              data={(['open', 'all'] as const).map((value) => ({ value, label: text.filters[value] }))}
              data-testid="filter-inspections"
            />
          </div>
          {list.length === 0 ? (
            <p className="quality-dim">{text.noMatch}</p>
          ) : (
            <table className="quality-list cw-numbers">
              <thead>
                <tr>
                  {(['number', 'state', 'part', 'serials', 'opened'] as const).map((column) => (
                    <th key={column} scope="col" data-column={column === 'opened' ? 'due' : column}>
                      {text.columns[column]}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {list.map((inspection) => (
                  <Line key={inspection.id} inspection={inspection} go={go} />
                ))}
              </tbody>
            </table>
          )}
        </>
      )}
    </section>
  )
}

function Line({ inspection, go }: { inspection: InspectionSummary; go: (place: string) => void }) {
  const text = useInspectionText()
  const format = useFormats()
  const { id, number, state, part, partName, isFirstArticle, serials, lot, openedAt, openedBy } = inspection
  const place = encodeURIComponent(id)
  // the whole line leads there; its number is the link for keys and for who does not see it
  const follow = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest('a')) return
    go(place)
  }
  return (
    <tr className="inspection-line" onClick={follow} data-testid={`inspection-${number}`}>
      <th scope="row">
        <a href={`#${hashOf('inspection', place)}`}>{number}</a>
        <small>{isFirstArticle ? text.firstArticle : text.plain}</small>
      </th>
      <td>
        <InspectionPill state={state} />
      </td>
      <td>
        {part}
        <small>{partName}</small>
      </td>
      <td>{[serials.slice(0, 3).join(', ') + (serials.length > 3 ? ' …' : ''), lot].filter(Boolean).join(' · ')}</td>
      <td data-column="due">
        {format.dateTime(openedAt)}
        <small>{openedBy}</small>
      </td>
    </tr>
  )
}
