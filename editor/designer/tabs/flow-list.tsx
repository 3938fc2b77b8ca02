/** Ctrl+Shift+F: every flow and subflow, by folder: search, go, hide and show. */
import { CloseButton, Modal, TextInput } from '@mantine/core'
import { ChevronDown, CircleOff, Component, Eye, EyeOff, Folder, Lock, Search, TriangleAlert, Workflow } from 'lucide-react'
import { useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { hiddenTabs } from '../find/kept.ts'
import { useFindText } from '../find/text.ts'
import { type FlowNode, kindOf } from '../model/raw.ts'
import { useWorkspace } from '../use-workspace.ts'
import { flowName, folderOf, hideTab, shownTabs } from './flows.ts'

interface Section {
  /** Empty: in no folder. `undefined`: the subflows. */
  folder: string | undefined
  flows: FlowNode[]
}

export function FlowList({ onClose }: { onClose: () => void }) {
  const text = useFindText().flows
  const workspace = useWorkspace('model', 'place', 'problems')
  const { model } = workspace
  useSyncExternalStore(hiddenTabs.watch, hiddenTabs.list)
  const [query, setQuery] = useState('')
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const list = useRef<HTMLDivElement>(null)
  const version = workspace.version('model')
  const tabs = model.tabs()
  const subflows = model.subflows()
  const wanted = query.trim().toLowerCase()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the model's content
  const sections = useMemo((): Section[] => {
    const fits = (node: FlowNode) => wanted === '' || flowName(node).toLowerCase().includes(wanted)
    const byFolder = Map.groupBy(tabs.filter(fits), (tab) => folderOf(tab).folder)
    const folders = [...byFolder]
      .map(([folder, flows]) => ({ folder, flows }))
      .sort((a, b) => Number(a.folder !== '') - Number(b.folder !== '') || a.folder.localeCompare(b.folder))
    const parts = subflows.filter(fits)
    return [...folders, ...(parts.length ? [{ folder: undefined, flows: parts }] : [])]
  }, [version, wanted])
  const facts = useFacts(version)
  const go = (id: string) => {
    workspace.open(id)
    onClose()
  }
  const step = (event: React.KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    const rows = [...(list.current?.querySelectorAll<HTMLElement>('.flow-row > button:first-child, .flow-folder') ?? [])]
    const at = rows.indexOf(document.activeElement as HTMLElement)
    event.preventDefault()
    rows[event.key === 'ArrowDown' ? at + 1 : Math.max(0, at - 1)]?.focus()
  }
  return (
    <Modal opened onClose={onClose} title={text.title} size={560} yOffset="10vh" transitionProps={{ duration: 0 }} returnFocus={false}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows go through the buttons inside */}
      <div className="flow-list" onKeyDown={step} data-testid="flow-list">
        <TextInput
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          placeholder={text.search}
          aria-label={text.search}
          leftSection={<Search size={16} aria-hidden />}
          rightSection={query && <CloseButton size="sm" aria-label={text.search} onClick={() => setQuery('')} />}
          onKeyDown={(event) => {
            const first = sections[0]?.flows[0]
            if (event.key === 'Enter' && first) go(first.id)
          }}
          data-autofocus
          data-testid="flow-search"
        />
        {sections.length === 0 && <p className="panel-empty">{text.none}</p>}
        <div ref={list} className="flow-sections">
          {sections.map(({ folder, flows }) => {
            const key = folder ?? '\0subflows'
            const isOpen = wanted !== '' || !closed.has(key)
            return (
              <section key={key} aria-label={folder === undefined ? text.subflows : folder || text.noFolder}>
                {folder !== '' && (
                  <button
                    type="button"
                    className="flow-folder"
                    aria-expanded={isOpen}
                    onClick={() => setClosed(closed.has(key) ? new Set([...closed].filter((other) => other !== key)) : new Set([...closed, key]))}
                  >
                    <ChevronDown size={14} aria-hidden />
                    {folder === undefined ? <Component size={16} aria-hidden /> : <Folder size={16} aria-hidden />}
                    {folder ?? text.subflows}
                    <span>{flows.length}</span>
                  </button>
                )}
                {isOpen &&
                  flows.map((flow) => (
                    <Row
                      key={flow.id}
                      flow={flow}
                      facts={facts.get(flow.id)}
                      isShown={flow.id === workspace.place}
                      isLast={shownTabs(workspace).length < 2}
                      onGo={() => go(flow.id)}
                    />
                  ))}
              </section>
            )
          })}
        </div>
        <p className="flow-count" role="status">
          {text.count(tabs.filter(({ id }) => !hiddenTabs.has(id)).length, tabs.length)}
          {tabs.some(({ id }) => hiddenTabs.has(id)) && (
            <button type="button" onClick={() => hiddenTabs.set([])} data-testid="flows-show-all">
              {text.showAll}
            </button>
          )}
        </p>
      </div>
    </Modal>
  )
}

interface Facts {
  nodes: number
  problems: number
  isChanged: boolean
}

/** What is worth knowing of each flow before one goes there. */
function useFacts(version: number): ReadonlyMap<string, Facts> {
  const { model, problems } = useWorkspace()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the model's content
  return useMemo(() => {
    const facts = new Map<string, Facts>()
    for (const node of model.export()) {
      const flow = kindOf(node) === 'tab' || kindOf(node) === 'subflow' ? node.id : String(node.z ?? '')
      const known = facts.get(flow) ?? { nodes: 0, problems: 0, isChanged: false }
      facts.set(flow, known)
      if (kindOf(node) === 'node') known.nodes += 1
      known.problems += problems.get(node.id)?.length ?? 0
      known.isChanged ||= model.dirty.has(node.id)
    }
    return facts
  }, [version, problems, model])
}

interface RowProps {
  flow: FlowNode
  facts: Facts | undefined
  isShown: boolean
  isLast: boolean
  onGo: () => void
}

function Row({ flow, facts, isShown, isLast, onGo }: RowProps) {
  const text = useFindText().flows
  const workspace = useWorkspace()
  const isSubflow = kindOf(flow) === 'subflow'
  const isHidden = hiddenTabs.has(flow.id) && !isShown
  const { name } = folderOf(flow)
  const notes = [
    text.nodes(facts?.nodes ?? 0),
    flow.disabled === true && text.disabled,
    flow.locked === true && text.locked,
    isHidden && text.hidden,
    facts?.isChanged && text.changed,
  ].filter(Boolean)
  return (
    <div className="flow-row" data-shown={isShown || undefined} data-hidden={isHidden || undefined}>
      <button type="button" aria-current={isShown || undefined} onClick={onGo} data-testid={`flow-${flow.id}`}>
        {isSubflow ? <Component size={16} aria-hidden /> : flow.disabled === true ? <CircleOff size={16} aria-hidden /> : <Workflow size={16} aria-hidden />}
        <span className="flow-row-name">{isSubflow ? flowName(flow) : name}</span>
        {flow.locked === true && <Lock size={14} aria-hidden />}
        <span className="flow-row-notes">{notes.join(' · ')}</span>
        {facts && facts.problems > 0 && (
          <span className="flow-row-problems">
            <TriangleAlert size={14} aria-hidden /> {text.problems(facts.problems)}
          </span>
        )}
      </button>
      {!isSubflow && (
        <button
          type="button"
          className="flow-row-hide"
          aria-label={isHidden ? text.show(name) : text.hide(name)}
          title={isHidden ? text.show(name) : text.hide(name)}
          disabled={!isHidden && isLast}
          onClick={() => (isHidden ? hiddenTabs.remove(flow.id) : hideTab(workspace, flow.id))}
          data-testid={`flow-hide-${flow.id}`}
        >
          {isHidden ? <EyeOff size={16} aria-hidden /> : <Eye size={16} aria-hidden />}
        </button>
      )}
    </div>
  )
}
