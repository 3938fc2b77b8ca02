/** All versions in one list, and one of them beside it. */
import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { AlarmClock, Drill, FlaskConical, LayoutDashboard, LayoutTemplate, ListOrdered, type LucideIcon, Plug, Search, Settings, Workflow } from 'lucide-react'
import { useState } from 'react'
import { listHistory, VERSION_KINDS, type VersionEntry, type VersionKind } from '../../../server/api/versions.ts'
import { call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useHistoryText } from '../use-history-text.ts'
import { usePages } from '../use-pages.ts'
import { VersionDetail } from './version-detail.tsx'
import { Marks, titleOf } from './version-words.tsx'

const ICONS: Readonly<Record<VersionKind, LucideIcon>> = {
  flow: Workflow,
  panel: LayoutDashboard,
  template: LayoutTemplate,
  machine: Drill,
  connection: Plug,
  queue: ListOrdered,
  trigger: AlarmClock,
  'flow-test': FlaskConical,
  setting: Settings,
}
const PAGE = 50

export function VersionsTab({ chosen, onChoose }: { chosen: string | undefined; onChoose: (id: string | undefined) => void }) {
  const text = useHistoryText()
  const words = text.versions
  const [kind, setKind] = useState<VersionKind>()
  const [search, setSearch] = useState('')
  const [isLabelled, setLabelled] = useState(false)
  // a deploy anywhere is a new version
  const flows = useLive('flows', (_, change) => change)
  const key = JSON.stringify([kind, search, isLabelled, flows.value?.rev])
  const { list, error, hasMore, more, refresh } = usePages(key, PAGE, (last: VersionEntry | undefined) =>
    call(listHistory, {
      query: {
        limit: PAGE,
        ...(kind ? { kind } : {}),
        ...(search.trim() ? { search: search.trim() } : {}),
        ...(isLabelled ? { labelled: true } : {}),
        ...(last ? { before: last.id } : {}),
      },
    }),
  )
  const isNarrowed = kind !== undefined || search.trim() !== '' || isLabelled
  return (
    <div className="history-page" data-chosen={chosen === undefined ? undefined : true}>
      <section className="history-list" aria-label={words.list}>
        <header>
          <h1>{text.title}</h1>
          <p>{words.intro}</p>
          <TextInput
            aria-label={words.search}
            placeholder={words.search}
            leftSection={<Search size={16} aria-hidden />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            data-testid="history-search"
          />
          <div className="history-filters">
            <NativeSelect
              aria-label={words.kind}
              size="xs"
              value={kind ?? 'all'}
              onChange={(event) => setKind(VERSION_KINDS.find((one) => one === event.currentTarget.value))}
              data={[{ value: 'all', label: words.all }, ...VERSION_KINDS.map((one) => ({ value: one, label: words.kinds[one] }))]}
              data-testid="history-kind"
            />
            <Checkbox size="xs" label={words.labelledOnly} checked={isLabelled} onChange={(event) => setLabelled(event.currentTarget.checked)} />
          </div>
        </header>
        {error !== undefined && (
          <p className="history-problem" role="alert">
            {error}
          </p>
        )}
        {!list && error === undefined && <div className="history-skeleton" aria-hidden />}
        {list?.length === 0 && <p className="history-note">{isNarrowed ? words.none : words.empty}</p>}
        <ol data-testid="versions">
          {list?.map((version) => (
            <Line key={version.id} version={version} isChosen={version.id === chosen} onChoose={() => onChoose(version.id)} />
          ))}
        </ol>
        {hasMore && (
          <Button variant="default" onClick={more}>
            {text.more}
          </Button>
        )}
      </section>
      {chosen === undefined ? (
        <p className="history-detail history-choose">{words.choose}</p>
      ) : (
        <VersionDetail key={chosen} id={chosen} onBack={() => onChoose(undefined)} onChange={refresh} />
      )}
    </div>
  )
}

function Line({ version, isChosen, onChoose }: { version: VersionEntry; isChosen: boolean; onChoose: () => void }) {
  const text = useHistoryText()
  const words = text.versions
  const format = formats(useLanguage())
  const Icon = ICONS[version.kind]
  return (
    <li data-chosen={isChosen || undefined} data-testid={`entry-${version.id}`} data-kind={version.kind} data-state={version.state}>
      <button type="button" aria-pressed={isChosen} onClick={onChoose}>
        <Icon size={18} aria-label={words.one[version.kind]} />
        <span className="history-line">
          <strong>
            {titleOf(version, text)} <em>{words.number(version.number)}</em>
          </strong>
          <span className={version.reason ? undefined : 'history-quiet'}>{version.reason ?? words.noReason}</span>
          <span className="history-quiet">
            {version.author} · <time dateTime={version.at}>{format.dateTime(version.at)}</time>
          </span>
        </span>
        <span className="history-badges">
          <Marks version={version} />
        </span>
      </button>
    </li>
  )
}
