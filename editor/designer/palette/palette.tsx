/** Every node type that can be put on the canvas: favourites, what was used last, and by category; searched, dragged or clicked. */
import { ActionIcon, CloseButton, Skeleton, TextInput } from '@mantine/core'
import { ChevronDown, ChevronsDownUp, ChevronsUpDown, Clock, Search, Star } from 'lucide-react'
import { useCallback, useDeferredValue, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import type { NodeType } from '../../../server/api/flows.ts'
import { familyOf } from '../canvas/families.ts'
import { closedFamilies, favouriteTypes, recentTypes } from '../find/kept.ts'
import { useFindText } from '../find/text.ts'
import { useDesignerText } from '../text.ts'
import { beginPaletteDrag, type PaletteDragHost } from './drag.ts'
import { Entry, type EntryProps } from './entry.tsx'
import { familiesOf, searchTypes } from './search.ts'
import { useAllTypes } from './use-types.ts'

const RECENT_MOST = 4

/** A category's height before it is seen, in pixels: its head and its entries (designer.css), so that nothing jumps. */
const heightOf = (entries: number) => 34 + entries * 34

export interface PaletteProps {
  canvas: () => HTMLElement | null
  host: PaletteDragHost
}

export function Palette({ canvas, host }: PaletteProps) {
  const text = useDesignerText()
  const find = useFindText().nodes
  const types = useAllTypes()
  const [query, setQuery] = useState('')
  const asked = useDeferredValue(query.trim())
  const closed = useSyncExternalStore(closedFamilies.watch, closedFamilies.list)
  const favourites = useSyncExternalStore(favouriteTypes.watch, favouriteTypes.list)
  const recent = useSyncExternalStore(recentTypes.watch, recentTypes.list)
  const list = useRef<HTMLDivElement>(null)
  const families = useMemo(() => familiesOf(types), [types])
  const found = useMemo(() => (asked ? searchTypes(types, asked) : undefined), [types, asked])
  const named = (names: readonly string[]) => names.flatMap((name) => types.filter((type) => type.type === name && !type.isConfig))
  const kept = named(favourites)
  const lately = named(recent.filter((name) => !favourites.includes(name))).slice(0, RECENT_MOST)
  // of the last rendering, without making every entry anew
  const latest = useRef({ canvas, host })
  latest.current = { canvas, host }
  const press = useCallback<EntryProps['onPress']>(
    (event, type, element) => beginPaletteDrag(event, type, element, latest.current.canvas, latest.current.host),
    [],
  )
  const add = useCallback<EntryProps['onAdd']>((type) => latest.current.host.click(type), [])
  const entry = (type: NodeType, section: string) => <Entry key={`${section} ${type.type}`} type={type} section={section} onPress={press} onAdd={add} />
  const areAllClosed = families.every(({ name }) => closed.includes(name))

  /** Up and down go from entry to entry, from the search field too. */
  const walk = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0) return
    const rows = [...(list.current?.querySelectorAll<HTMLElement>('.palette-entry, .palette-family') ?? [])]
    const next = rows[rows.indexOf(document.activeElement as HTMLElement) + step]
    event.preventDefault()
    if (next) next.focus()
    else if (step < 0) event.currentTarget.querySelector('input')?.focus()
  }

  return (
    <aside className="palette" aria-label={text.palette.label} onKeyDown={walk}>
      <div className="palette-search">
        <TextInput
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          placeholder={text.palette.search}
          aria-label={text.palette.search}
          leftSection={<Search size={16} aria-hidden />}
          rightSection={query && <CloseButton size="sm" aria-label={text.palette.clear} onClick={() => setQuery('')} />}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setQuery('')
            if (event.key === 'Enter' && found?.[0]) host.click(found[0])
          }}
          data-testid="palette-search"
        />
        <ActionIcon
          variant="subtle"
          color="gray"
          size={30}
          aria-label={areAllClosed ? find.openAll : find.closeAll}
          title={areAllClosed ? find.openAll : find.closeAll}
          onClick={() => closedFamilies.set(areAllClosed ? [] : families.map(({ name }) => name))}
        >
          {areAllClosed ? <ChevronsUpDown size={16} aria-hidden /> : <ChevronsDownUp size={16} aria-hidden />}
        </ActionIcon>
      </div>
      <div className="palette-list" ref={list}>
        {types.length === 0 && Array.from({ length: 8 }, (_, index) => `s${index}`).map((key) => <Skeleton key={key} height={32} radius="sm" />)}
        {found && (
          <p className="only-read" role="status">
            {find.count(found.length)}
          </p>
        )}
        {found && found.length === 0 && (
          <div className="palette-none">
            <p>{text.palette.none(asked)}</p>
            <p>{text.palette.noneHint}</p>
          </div>
        )}
        {found?.map((type) => entry(type, ''))}
        {!found && kept.length > 0 && (
          <section aria-label={find.favourites}>
            <h2 className="palette-usual">
              <Star size={14} aria-hidden /> {find.favourites}
            </h2>
            {kept.map((type) => entry(type, 'favourite-'))}
          </section>
        )}
        {!found && lately.length > 0 && (
          <section aria-label={find.recent}>
            <h2 className="palette-usual">
              <Clock size={14} aria-hidden /> {find.recent}
            </h2>
            {lately.map((type) => entry(type, 'recent-'))}
          </section>
        )}
        {!found &&
          families.map(({ name, types: members }) => {
            const isOpen = !closed.includes(name)
            return (
              <section key={name} style={{ containIntrinsicSize: `auto ${heightOf(isOpen ? members.length : 0)}px` }}>
                <button
                  type="button"
                  className="palette-family"
                  aria-expanded={isOpen}
                  onClick={() => (isOpen ? closedFamilies.add(name) : closedFamilies.remove(name))}
                >
                  <ChevronDown size={14} aria-hidden />
                  <span className="palette-dot" data-family={familyOf(name)} />
                  {text.palette.families[name] ?? name}
                  <span className="palette-count" aria-hidden>
                    {members.length}
                  </span>
                </button>
                {isOpen && members.map((type) => entry(type, ''))}
              </section>
            )
          })}
      </div>
    </aside>
  )
}
