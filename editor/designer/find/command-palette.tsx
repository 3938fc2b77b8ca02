/** Ctrl+K: every command, node, flow and node type by name. Ctrl+Shift+P: commands only. */
import { Modal } from '@mantine/core'
import { ArrowRight, Component, Plus, Search, Workflow } from 'lucide-react'
import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { ActionGroup } from '../host/action.ts'
import { useAllActions, useHost } from '../host/use-host.ts'
import { kindOf } from '../model/raw.ts'
import { useAllTypes } from '../palette/use-types.ts'
import { useWorkspace } from '../use-workspace.ts'
import { recentActions } from './kept.ts'
import { keyWords } from './key-words.ts'
import { type PaletteItem, type PaletteSection, paletteSections } from './palette-items.ts'
import { useFindText } from './text.ts'

const PAGE = 8

export function CommandPalette({ isCommandsOnly, onClose, onSearch }: { isCommandsOnly: boolean; onClose: () => void; onSearch: (query: string) => void }) {
  const text = useFindText()
  const host = useHost()
  const actions = useAllActions()
  const types = useAllTypes()
  const workspace = useWorkspace()
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const asked = useDeferredValue(query)
  const sections = useMemo(
    () =>
      paletteSections({ query: asked, isCommandsOnly, actions, workspace, types, recent: recentActions.list(), groupName: ({ group }) => text.groups[group] }),
    [asked, isCommandsOnly, actions, workspace, types, text],
  )
  const items = useMemo(() => sections.flatMap((section) => section.items), [sections])
  const chosen = Math.min(at, items.length - 1)
  useEffect(() => {
    list.current?.querySelector(`#command-${chosen}`)?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const close = () => {
    onClose()
    host.focus()
  }
  const choose = (item: PaletteItem | undefined) => {
    if (!item) return
    if (item.kind === 'command' && item.why !== undefined) {
      host.say(item.why)
      return
    }
    onClose()
    // after the dialog has given the focus back
    setTimeout(() => {
      host.focus()
      switch (item.kind) {
        case 'command':
          recentActions.add(item.action.id)
          item.action.run(undefined)
          return
        case 'flow':
          workspace.open(item.node.id)
          return
        case 'node':
          if (kindOf(item.node) === 'config') host.page?.edit(item.node.id)
          else workspace.reveal(item.node.id)
          return
        case 'type':
          host.page?.add(item.type)
          return
        case 'search':
          onSearch(query.trim())
          return
        default:
          item satisfies never
      }
    })
  }
  const keys: Record<string, () => void> = {
    ArrowDown: () => setAt(chosen + 1 >= items.length ? 0 : chosen + 1),
    ArrowUp: () => setAt(chosen <= 0 ? items.length - 1 : chosen - 1),
    PageDown: () => setAt(Math.min(items.length - 1, chosen + PAGE)),
    PageUp: () => setAt(Math.max(0, chosen - PAGE)),
    Enter: () => choose(items[chosen]),
  }
  const isNothing = asked.trim() !== '' && items.every(({ kind }) => kind === 'search')
  let number = -1
  return (
    <Modal.Root opened onClose={close} size={640} yOffset="12vh" transitionProps={{ duration: 0 }} returnFocus={false} classNames={{ content: 'commands' }}>
      <Modal.Overlay />
      <Modal.Content aria-label={text.palette.title} data-testid="commands">
        <div className="commands-search">
          <Search size={18} aria-hidden />
          <input
            type="text"
            role="combobox"
            aria-expanded
            aria-controls="commands-list"
            aria-activedescendant={items[chosen] ? `command-${chosen}` : undefined}
            aria-label={isCommandsOnly ? text.palette.placeholderCommands : text.palette.placeholder}
            placeholder={isCommandsOnly ? text.palette.placeholderCommands : text.palette.placeholder}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            value={query}
            onChange={(event) => {
              setQuery(event.currentTarget.value)
              setAt(0)
            }}
            onKeyDown={(event) => {
              const act = keys[event.key]
              if (!act || event.nativeEvent.isComposing) return
              event.preventDefault()
              act()
            }}
            data-testid="commands-search"
          />
        </div>
        <div ref={list} className="commands-list" role="listbox" id="commands-list" aria-label={text.palette.title}>
          {sections.map((section) => (
            // biome-ignore lint/a11y/useSemanticElements: a group of options has no element of its own
            <div key={section.kind} role="group" aria-label={headOf(section, text)} className="commands-section">
              <div className="commands-head" aria-hidden>
                {headOf(section, text)}
              </div>
              {section.items.map((item) => {
                number += 1
                const index = number
                return (
                  <Row
                    key={keyOf(item)}
                    index={index}
                    isChosen={index === chosen}
                    item={item}
                    query={asked}
                    onPoint={() => setAt(index)}
                    onChoose={() => choose(item)}
                  />
                )
              })}
            </div>
          ))}
        </div>
        <p className="commands-none" role="status">
          {isNothing && text.palette.none(asked.trim())} {isNothing && items.length > 0 && text.palette.noneHint}
        </p>
        <p className="commands-hint">{text.palette.hint}</p>
      </Modal.Content>
    </Modal.Root>
  )
}

function headOf({ kind }: PaletteSection, text: ReturnType<typeof useFindText>): string {
  const { palette } = text
  const heads: Record<PaletteSection['kind'], string> = {
    recent: palette.recent,
    command: palette.commands,
    flow: palette.flows,
    node: palette.nodes,
    type: palette.types,
    search: text.search.title,
  }
  return heads[kind]
}

function keyOf(item: PaletteItem): string {
  switch (item.kind) {
    case 'command':
      return item.action.id
    case 'flow':
    case 'node':
      return item.node.id
    case 'type':
      return item.type.type
    case 'search':
      return 'search'
    default:
      return item satisfies never
  }
}

interface RowProps {
  index: number
  isChosen: boolean
  item: PaletteItem
  query: string
  onPoint: () => void
  onChoose: () => void
}

function Row({ index, isChosen, item, query, onPoint, onChoose }: RowProps) {
  const text = useFindText()
  const { icon, title, note, keys, why } = faceOf(item, query, text)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search field has the focus and takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the search field has the focus and names the active one
    <div
      id={`command-${index}`}
      role="option"
      aria-selected={isChosen}
      aria-disabled={why !== undefined}
      aria-label={[title, why ?? note].filter(Boolean).join(', ')}
      className="command"
      onPointerMove={onPoint}
      onClick={onChoose}
      data-testid={item.kind === 'command' ? `action-${item.action.id}` : `found-${keyOf(item)}`}
    >
      <span className="command-icon">{icon}</span>
      <span className="command-title">{title}</span>
      {(why ?? note) && <span className="command-note">{why ?? note}</span>}
      {keys && (
        <span className="command-keys">
          {keyWords(keys, text.keys).map((step) => (
            <kbd key={step.join()}>{step.join(' ')}</kbd>
          ))}
        </span>
      )}
    </div>
  )
}

interface Face {
  icon: ReactNode
  title: string
  note?: string | undefined
  keys?: string | undefined
  why?: string | undefined
}

function faceOf(item: PaletteItem, query: string, text: ReturnType<typeof useFindText>): Face {
  switch (item.kind) {
    case 'command': {
      const { action, why } = item
      const Icon = action.icon ?? ArrowRight
      const isOn = action.isOn?.()
      const group: ActionGroup = action.group
      return {
        icon: <Icon size={16} />,
        title: action.title,
        note: isOn === undefined ? text.groups[group] : isOn ? text.palette.on : text.palette.off,
        keys: action.keys?.[0],
        why,
      }
    }
    case 'flow':
      return kindOf(item.node) === 'subflow'
        ? { icon: <Component size={16} />, title: item.name, note: text.palette.subflow }
        : { icon: <Workflow size={16} />, title: item.name, note: item.node.disabled === true ? text.flows.disabled : undefined }
    case 'node':
      return { icon: <ArrowRight size={16} />, title: item.name, note: [item.node.type, item.place].filter(Boolean).join(' · ') }
    case 'type':
      return { icon: <Plus size={16} />, title: text.palette.add(item.type.label), note: item.type.summary }
    case 'search':
      return { icon: <Search size={16} />, title: text.palette.searchAll(query.trim()), keys: 'Ctrl+F' }
    default:
      return item satisfies never
  }
}
