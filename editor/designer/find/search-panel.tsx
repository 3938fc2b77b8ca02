/** The panel that searches all flows; its hits stay while one goes from one to the next. */
import { CloseButton, Select, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useDeferredValue, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { familyOf } from '../canvas/families.ts'
import { TypeIcon } from '../canvas/icons.tsx'
import { useChoices } from '../config/lists.ts'
import { useHost } from '../host/use-host.ts'
import { kindOf } from '../model/raw.ts'
import { Panel } from '../panels/panel.tsx'
import { useWorkspace } from '../use-workspace.ts'
import { flowOf, nameOf, readQuery, type SearchHit, snippetOf } from './search.ts'
import type { SearchState } from './search-state.ts'
import { useFindText } from './text.ts'

const SHOWN_MOST = 300

export function SearchPanel({ state, onClose }: { state: SearchState; onClose: () => void }) {
  const text = useFindText().search
  const host = useHost()
  const workspace = useWorkspace('model', 'types', 'problems')
  useSyncExternalStore(state.watch, () => state.version)
  const [typed, setTyped] = useState(state.query)
  const asked = useDeferredValue(typed)
  const list = useRef<HTMLDivElement>(null)
  const things = useThings()
  const modelVersion = workspace.version('model') + workspace.version('problems')
  // somebody else asked: the palette, "where is it used"
  const [shownQuery, setShownQuery] = useState(state.query)
  if (shownQuery !== state.query) {
    setShownQuery(state.query)
    setTyped(state.query)
  }
  useEffect(() => {
    if (asked !== state.query) {
      setShownQuery(asked)
      state.ask(asked)
    }
  }, [asked, state])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the model's content
  useEffect(() => {
    state.names = things.names
    if (state.query !== '') state.refresh()
  }, [state, modelVersion, things.names])
  useEffect(() => {
    list.current?.querySelector(`#hit-${state.at}`)?.scrollIntoView({ block: 'nearest' })
  }, [state.at])

  const hits = state.hits.slice(0, SHOWN_MOST)
  const flows = useMemo(() => sectionsOf(hits, ({ node }) => flowOf(workspace, node)), [hits, workspace])
  const used = readQuery(state.query).uses[0]
  const usedNode = used === undefined ? undefined : workspace.model.get(used)
  const usedName = used === undefined ? undefined : usedNode ? nameOf(workspace, usedNode) : things.names.get(used)
  const say = (hit: SearchHit | undefined) => {
    if (hit) host.say(text.said(hit.name, state.at + 1, state.hits.length))
  }
  const keys: Record<string, () => void> = {
    ArrowDown: () => say(state.step(1)),
    ArrowUp: () => say(state.step(-1)),
    Enter: () => {
      const hit = state.hits[state.at] ?? state.go(0)
      if (!hit) return
      if (kindOf(hit.node) === 'config') host.page?.edit(hit.node.id)
      else {
        workspace.reveal(hit.node.id)
        host.focus()
      }
    },
  }
  const ask = (query: string) => {
    setTyped(query)
    state.ask(query)
  }
  return (
    <Panel title={text.title} onClose={onClose}>
      <TextInput
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        placeholder={text.placeholder}
        aria-label={text.label}
        role="combobox"
        aria-expanded={hits.length > 0}
        aria-controls="search-hits"
        aria-activedescendant={state.at >= 0 ? `hit-${state.at}` : undefined}
        leftSection={<Search size={16} aria-hidden />}
        rightSection={typed && <CloseButton size="sm" aria-label={text.clear} onClick={() => ask('')} />}
        onKeyDown={(event) => {
          const act = keys[event.key]
          if (!act || event.nativeEvent.isComposing) return
          event.preventDefault()
          act()
        }}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        data-testid="search-input"
      />
      {state.query === '' && (
        <>
          <p className="form-help">{text.hint}</p>
          <p className="search-also">{text.filters}</p>
          <div className="search-filters">
            {Object.entries(text.filterList).map(([filter, label]) => (
              <button key={filter} type="button" onClick={() => ask(filter)} data-testid={`filter-${filter}`}>
                {label}
              </button>
            ))}
          </div>
          {things.options.length > 0 && (
            <Select
              mt="sm"
              label={text.chooseUse}
              data={things.options}
              searchable
              value={null}
              onChange={(id) => id && ask(`uses:${id}`)}
              data-testid="search-uses"
            />
          )}
        </>
      )}
      {used !== undefined && <p className="search-uses">{text.usagesOf(usedName ?? used)}</p>}
      {state.query !== '' && (
        <p className="search-count" role="status" data-testid="search-count">
          {hits.length > 0 ? text.count(state.hits.length, flows.filter(({ id }) => id !== undefined).length) : used === undefined ? text.none : text.noUsages}
          {hits.length === 0 && used === undefined && <span>{text.noneHint}</span>}
          {state.hits.length > SHOWN_MOST && <span>{text.more(SHOWN_MOST)}</span>}
        </p>
      )}
      <div ref={list} className="search-hits" role="listbox" id="search-hits" aria-label={text.title} hidden={hits.length === 0}>
        {flows.map(({ id, hits: inFlow }) => {
          const flow = id === undefined ? undefined : workspace.model.get(id)
          const name = flow ? nameOf(workspace, flow) : text.shared
          return (
            // biome-ignore lint/a11y/useSemanticElements: a group of options has no element of its own
            <div key={id ?? ''} role="group" aria-label={name}>
              <div className="search-flow" aria-hidden>
                {name}
                <span>{inFlow.length}</span>
              </div>
              {inFlow.map(({ hit, index }) => (
                <HitRow
                  key={hit.node.id}
                  hit={hit}
                  index={index}
                  isChosen={index === state.at}
                  query={state.query}
                  onChoose={() => state.go(index)}
                  onEdit={() => host.page?.edit(hit.node.id)}
                />
              ))}
            </div>
          )
        })}
      </div>
    </Panel>
  )
}

interface HitRowProps {
  hit: SearchHit
  index: number
  isChosen: boolean
  query: string
  onChoose: () => void
  onEdit: () => void
}

function HitRow({ hit: { node, name, entry }, index, isChosen, query, onChoose, onEdit }: HitRowProps) {
  const { types } = useWorkspace()
  const family = types.get(node.type)?.family ?? (kindOf(node) === 'config' ? 'config' : 'other')
  const snippet = entry && snippetOf(entry.value, query)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search field has the focus and takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the search field has the focus and names the active one
    <div
      id={`hit-${index}`}
      role="option"
      aria-selected={isChosen}
      className="search-hit"
      onClick={onChoose}
      onDoubleClick={onEdit}
      data-testid={`hit-${node.id}`}
    >
      <span className="palette-entry-icon" data-family={familyOf(family)}>
        <TypeIcon type={node.type} family={family} icon={types.get(node.type)?.icon} />
      </span>
      <span className="search-hit-text">
        <span className="search-hit-name">{name}</span> <span className="search-hit-type">{node.type}</span>
        {snippet && (
          <span className="search-hit-snippet">
            {entry.path}: {snippet.before}
            <mark>{snippet.hit}</mark>
            {snippet.after}
          </span>
        )}
      </span>
    </div>
  )
}

interface FlowHits {
  /** The tab or subflow; undefined: shared settings. */
  id: string | undefined
  hits: { hit: SearchHit; index: number }[]
}

/** Hits come by flow; each keeps its own number. */
function sectionsOf(hits: readonly SearchHit[], flow: (hit: SearchHit) => string | undefined): FlowHits[] {
  const sections: FlowHits[] = []
  hits.forEach((hit, index) => {
    const id = flow(hit)
    const last = sections.at(-1)
    if (last && last.id === id) last.hits.push({ hit, index })
    else sections.push({ id, hits: [{ hit, index }] })
  })
  return sections
}

/** Machines, programs and connections: named by id in flows, found by name. */
function useThings(): { names: ReadonlyMap<string, string>; options: { group: string; items: { value: string; label: string }[] }[] } {
  const text = useFindText().search
  const { choices: machines } = useChoices('machine')
  const { choices: programs } = useChoices('program')
  const { choices: connections } = useChoices('connection')
  return useMemo(() => {
    const groups = [
      { group: text.machine, list: machines ?? [] },
      { group: text.program, list: programs ?? [] },
      { group: text.connection, list: connections ?? [] },
    ].filter(({ list }) => list.length > 0)
    const seen = new Set<string>()
    return {
      names: new Map(groups.flatMap(({ list }) => list.map(({ id, name }) => [id, name] as const))),
      // an id twice would be one choice too many
      options: groups.map(({ group, list }) => ({
        group,
        items: list.filter(({ id }) => !seen.has(id) && seen.add(id)).map(({ id, name }) => ({ value: id, label: name })),
      })),
    }
  }, [machines, programs, connections, text])
}
