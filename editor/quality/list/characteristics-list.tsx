/** All characteristics with how they are now: what needs somebody stands out, a line leads to the chart. */
import './list.css'
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { ListChecks, Plus, Ruler, Search, Upload } from 'lucide-react'
import { type MouseEvent, useState } from 'react'
import { ListEmpty } from '../../shared/list-page/list-page.tsx'
import { may, useMe } from '../../shared/me.ts'
import type { LiveList } from '../../shared/use-live-list.ts'
import { charPlace } from '../address.ts'
import { hashOf } from '../section.ts'
import { useChartsText, useFormats } from '../use-quality-text.ts'
import { RecentLine, useIsSeen } from './recent-line.tsx'
import { FILTERS, type Filter, isShown, matches, stateOf } from './state-of.ts'
import { StatePill } from './state-pill.tsx'
import type { ListedCharacteristic } from './use-characteristics.ts'

const SHOWN = 200

export function CharacteristicsList({ known, go }: { known: LiveList<ListedCharacteristic>; go: (place: string) => void }) {
  const { list: text, empty, stale } = useChartsText()
  const format = useFormats()
  const { me } = useMe()
  const [typed, setTyped] = useState('')
  const [filter, setFilter] = useState<Filter>('all')
  const [most, setMost] = useState(SHOWN)
  const { list, error, isStale } = known
  const mayEdit = may(me, 'quality.edit')
  const found = (list ?? []).filter((one) => isShown(one, filter) && matches(one, typed))
  const inFilter = (each: Filter) => (list ?? []).filter((one) => isShown(one, each)).length
  const adding = mayEdit && (
    <>
      <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => go('new')} data-testid="add-characteristic">
        {text.add}
      </Button>
      <Button variant="default" leftSection={<Upload size={16} aria-hidden />} onClick={() => go('import')} data-testid="import-characteristics">
        {text.import}
      </Button>
    </>
  )
  return (
    <section className="quality-pad" aria-labelledby="characteristics-title">
      <header className="quality-head">
        <h1 id="characteristics-title">{text.title}</h1>
        <div className="quality-actions">
          <Button variant="default" leftSection={<ListChecks size={16} aria-hidden />} onClick={() => go('catalogue')} data-testid="to-catalogue">
            {text.catalogue}
          </Button>
          {list && list.length > 0 && adding}
        </div>
      </header>
      {isStale && <p className="quality-dim">{stale}</p>}
      {error && (
        <p className="quality-problem" role="alert">
          {error.message}
        </p>
      )}
      {!list && !error && <div className="list-skeleton" aria-hidden />}
      {list?.length === 0 && (
        <ListEmpty icon={Ruler} title={empty.title} text={empty.text} steps={empty.steps} testId="characteristics-empty">
          <div className="quality-actions">{adding}</div>
        </ListEmpty>
      )}
      {list && list.length > 0 && (
        <>
          <div className="quality-tools">
            <TextInput
              aria-label={text.search}
              placeholder={text.search}
              leftSection={<Search size={16} aria-hidden />}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              data-testid="search-characteristics"
            />
            <SegmentedControl
              aria-label={text.filter}
              value={filter}
              onChange={(value) => setFilter(FILTERS.find((each) => each === value) ?? 'all')}
              data={FILTERS.map((each) => ({ value: each, label: `${text.filters[each]} ${format.number(inFilter(each))}` }))}
              data-testid="filter-characteristics"
            />
          </div>
          {found.length === 0 ? (
            <p className="quality-dim">{text.noMatch}</p>
          ) : (
            <table className="quality-list cw-numbers">
              <thead>
                <tr>
                  {(['name', 'state', 'last', 'recent', 'due', 'measured'] as const).map((column) => (
                    <th key={column} scope="col" data-column={column}>
                      {text.columns[column]}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {found.slice(0, most).map((one) => (
                  <Line key={one.id} one={one} go={go} />
                ))}
              </tbody>
            </table>
          )}
          {found.length > most && (
            <Button variant="default" onClick={() => setMost(most + SHOWN)}>
              {text.more(format.number(Math.min(SHOWN, found.length - most)))}
            </Button>
          )}
        </>
      )}
    </section>
  )
}

function Line({ one, go }: { one: ListedCharacteristic; go: (place: string) => void }) {
  const { list: text } = useChartsText()
  const format = useFormats()
  const { ref, isSeen } = useIsSeen()
  const { definition, last, due, measured } = one
  const place = charPlace(one.id)
  const state = stateOf(one)
  const about = [[definition.part, definition.partRevision].filter(Boolean).join(' '), definition.feature, definition.operation].filter(Boolean)
  // the whole line leads there; its name is the link for keys and for who does not see it
  const follow = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest('a')) return
    go(place)
  }
  return (
    <tr ref={ref} data-state={state} onClick={follow} data-testid={`characteristic-${one.id}`}>
      <th scope="row">
        <a href={`#${hashOf('characteristics', place)}`}>{definition.name}</a>
        {about.length > 0 && <small>{about.join(' · ')}</small>}
      </th>
      <td>
        <StatePill state={state} />
      </td>
      <td>
        {last ? (
          <>
            <strong>
              {format.number(last.value, definition.decimals)} {definition.unit}
            </strong>
            <small>{format.dateTime(last.at)}</small>
          </>
        ) : (
          <span className="quality-dim">{text.never}</span>
        )}
      </td>
      <td data-column="recent">
        <RecentLine characteristic={one} isSeen={isSeen} label={text.recentLabel(definition.name)} />
      </td>
      <td data-column="due">{due && <Due due={due} every={definition.sampling?.count} />}</td>
      <td data-column="measured">{format.number(measured)}</td>
    </tr>
  )
}

function Due({ due, every }: { due: NonNullable<ListedCharacteristic['due']>; every: number | undefined }) {
  const { list: text } = useChartsText()
  const format = useFormats()
  if (due.isDue)
    return (
      <span className="quality-pill" data-state="action">
        {text.dueNow}
      </span>
    )
  if (due.at !== undefined) return text.dueAt(format.short(Date.parse(due.at)))
  return due.partsSince === undefined ? null : text.partsSince(format.number(due.partsSince), format.number(every ?? 0))
}
