/** All gauges: how their calibration stands, when it is due, what they show. */
import '../list/list.css'
import './gauges.css'
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { CalendarClock, Plus, Ruler, Search } from 'lucide-react'
import { type MouseEvent, useState } from 'react'
import type { Gauge } from '../../../server/api/quality/index.ts'
import { ListEmpty } from '../../shared/list-page/list-page.tsx'
import { may, useMe } from '../../shared/me.ts'
import type { LiveList } from '../../shared/use-live-list.ts'
import { hashOf } from '../section.ts'
import { useFormats } from '../use-quality-text.ts'
import { GaugePill, needsCare } from './state-pill.tsx'
import { lineOf, useGaugeLines } from './use-lines.ts'
import { dayOf, inDays, useGaugeText } from './words.ts'

const FILTERS = ['all', 'attention', 'connected', 'retired'] as const
type Filter = (typeof FILTERS)[number]

function isShown(gauge: Gauge, filter: Filter): boolean {
  const { isRetired, connectionId } = gauge.definition
  switch (filter) {
    case 'all':
      return !isRetired
    case 'attention':
      return needsCare(gauge)
    case 'connected':
      return !isRetired && connectionId !== undefined
    case 'retired':
      return isRetired
    default:
      return filter satisfies never
  }
}
const matches = ({ definition: { name, kind, maker, serial, place } }: Gauge, typed: string) =>
  [name, kind, maker, serial, place].join(' ').toLowerCase().includes(typed.trim().toLowerCase())

export function GaugeList({ known, go }: { known: LiveList<Gauge>; go: (place: string) => void }) {
  const text = useGaugeText()
  const format = useFormats()
  const { me } = useMe()
  const [typed, setTyped] = useState('')
  const [filter, setFilter] = useState<Filter>('all')
  const { list, error, isStale } = known
  const found = (list ?? []).filter((one) => isShown(one, filter) && matches(one, typed))
  const inFilter = (each: Filter) => (list ?? []).filter((one) => isShown(one, each)).length
  const caring = inFilter('attention')
  const adding = may(me, 'quality.edit') && (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => go('new')} data-testid="add-gauge">
      {text.add}
    </Button>
  )
  return (
    <section className="quality-pad" aria-labelledby="gauges-title">
      <header className="quality-head">
        <h1 id="gauges-title">{text.title}</h1>
        {list && list.length > 0 && <div className="quality-actions">{adding}</div>}
      </header>
      {isStale && <p className="quality-dim">{text.stale}</p>}
      {error && (
        <p className="quality-problem" role="alert">
          {error.message}
        </p>
      )}
      {!list && !error && <div className="list-skeleton" aria-hidden />}
      {list?.length === 0 && (
        <ListEmpty icon={Ruler} title={text.empty.title} text={text.empty.text} steps={text.empty.steps} testId="gauges-empty">
          <div className="quality-actions">{adding}</div>
        </ListEmpty>
      )}
      {list && list.length > 0 && (
        <>
          {caring > 0 && filter !== 'attention' && (
            <p className="gauges-reminder" role="status">
              <CalendarClock size={18} aria-hidden />
              <span>{caring === 1 ? text.reminderOne : text.reminder(format.number(caring))}</span>
              <Button variant="default" size="xs" onClick={() => setFilter('attention')} data-testid="show-due">
                {text.look}
              </Button>
            </p>
          )}
          <div className="quality-tools">
            <TextInput
              aria-label={text.search}
              placeholder={text.search}
              leftSection={<Search size={16} aria-hidden />}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              data-testid="search-gauges"
            />
            <SegmentedControl
              aria-label={text.filter}
              value={filter}
              onChange={(value) => setFilter(FILTERS.find((each) => each === value) ?? 'all')}
              data={FILTERS.map((each) => ({ value: each, label: `${text.filters[each]} ${format.number(inFilter(each))}` }))}
              data-testid="filter-gauges"
            />
          </div>
          {found.length === 0 ? (
            <p className="quality-dim">{text.noMatch}</p>
          ) : (
            <table className="quality-list cw-numbers">
              <thead>
                <tr>
                  {(['name', 'state', 'due', 'reading', 'place'] as const).map((column) => (
                    <th key={column} scope="col" data-column={column}>
                      {text.columns[column]}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {found.map((one) => (
                  <Line key={one.id} gauge={one} go={go} />
                ))}
              </tbody>
            </table>
          )}
        </>
      )}
    </section>
  )
}

function Line({ gauge, go }: { gauge: Gauge; go: (place: string) => void }) {
  const text = useGaugeText()
  const format = useFormats()
  const { id, definition, calibration } = gauge
  const place = encodeURIComponent(id)
  // the whole line leads there; its name is the link for keys and for who does not see it
  const follow = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest('a')) return
    go(place)
  }
  const about = [definition.kind, definition.maker, definition.serial].filter(Boolean)
  return (
    <tr onClick={follow} data-testid={`gauge-${id}`}>
      <th scope="row">
        <a href={`#${hashOf('gauges', place)}`}>{definition.name}</a>
        {about.length > 0 && <small>{about.join(' · ')}</small>}
      </th>
      <td>
        <GaugePill gauge={gauge} />
      </td>
      <td>
        {calibration?.passed && (
          <>
            {format.day(dayOf(calibration.dueAt))}
            {!definition.isRetired && <small>{inDays(text.days, calibration.dueAt)}</small>}
          </>
        )}
      </td>
      <td>
        <Shows gauge={gauge} />
      </td>
      <td data-column="place">{definition.place}</td>
    </tr>
  )
}

/** What a connected gauge shows, with when; nothing for one that is not connected. */
export function Shows({ gauge: { definition } }: { gauge: Gauge }) {
  const text = useGaugeText()
  const format = useFormats()
  const { lines, isStale } = useGaugeLines(definition.connectionId !== undefined)
  if (definition.connectionId === undefined) return null
  const line = lineOf(definition, lines)
  const isFresh = line?.isThere === true && !isStale
  return (
    <span data-testid="gauge-shows" className={isFresh ? undefined : 'cw-stale'}>
      {line?.reading ? (
        <>
          <strong>
            {format.number(line.reading.value, line.reading.decimals)} {line.reading.unit}
          </strong>
          <small>{format.dateTime(line.reading.at)}</small>
        </>
      ) : (
        <span className="quality-dim">{isFresh ? text.line.nothing : ''}</span>
      )}
      {!isFresh && <small>{text.line.away}</small>}
    </span>
  )
}
