/** Every node of the shown flow as a list: search, and the way to a flow for who does not see the canvas. */
import { TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import { familyOf } from '../canvas/families.ts'
import { TypeIcon } from '../canvas/icons.tsx'
import { type FlowNode, kindOf, numberOf } from '../model/raw.ts'
import { labelOf } from '../model/scene.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import { Panel } from './panel.tsx'

const ROW_PX = 34
const AROUND = 8

export function OutlinePanel({ onClose, onOpen }: { onClose: () => void; onOpen: (id: string) => void }) {
  const text = useDesignerText()
  const workspace = useWorkspace('model', 'place', 'types', 'selection', 'problems')
  const { model, place, types, selection, version } = workspace
  const [query, setQuery] = useState('')
  const wanted = query.trim().toLowerCase()
  const modelVersion = version.call(workspace, 'model')
  const items = useMemo(() => {
    // the version stands for the model's content
    void modelVersion
    const nodes = place === undefined ? [] : model.childrenOf(place).filter((node) => kindOf(node) === 'node')
    const row = (node: FlowNode) => Math.round(numberOf(node, 'y') / 40)
    nodes.sort((a, b) => row(a) - row(b) || numberOf(a, 'x') - numberOf(b, 'x'))
    const all = [...nodes, ...model.configNodes().filter((node) => node.type !== 'global-config')]
    return all
      .map((node) => ({ node, label: labelOf(node, types.get(node.type)), isConfig: kindOf(node) === 'config' }))
      .filter(({ node, label }) => wanted === '' || `${label} ${node.type} ${node.id}`.toLowerCase().includes(wanted))
  }, [model, modelVersion, place, types, wanted])

  const list = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const [focused, setFocused] = useState(0)
  const height = list.current?.clientHeight ?? 600
  const first = Math.max(0, Math.floor(top / ROW_PX) - AROUND)
  const last = Math.min(items.length, Math.ceil((top + height) / ROW_PX) + AROUND)
  const go = (index: number) => {
    const next = Math.max(0, Math.min(items.length - 1, index))
    setFocused(next)
    const item = items[next]
    if (item && !item.isConfig) workspace.reveal(item.node.id)
    const box = list.current
    if (!box) return
    if (next * ROW_PX < box.scrollTop) box.scrollTop = next * ROW_PX
    else if ((next + 1) * ROW_PX > box.scrollTop + box.clientHeight) box.scrollTop = (next + 1) * ROW_PX - box.clientHeight
  }
  const keys: Record<string, () => void> = {
    ArrowDown: () => go(focused + 1),
    ArrowUp: () => go(focused - 1),
    Home: () => go(0),
    End: () => go(items.length - 1),
    PageDown: () => go(focused + 10),
    PageUp: () => go(focused - 10),
    Enter: () => {
      const item = items[focused]
      if (item) onOpen(item.node.id)
    },
  }
  return (
    <Panel title={text.outline.title} onClose={onClose}>
      <TextInput
        size="sm"
        placeholder={text.outline.search}
        aria-label={text.outline.search}
        leftSection={<Search size={16} aria-hidden />}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') list.current?.focus()
        }}
        data-autofocus
        data-testid="outline-search"
        mb={8}
      />
      {items.length === 0 && <p className="panel-empty">{text.outline.none}</p>}
      <div
        ref={list}
        className="outline"
        role="listbox"
        tabIndex={0}
        aria-label={text.outline.title}
        aria-activedescendant={items[focused] ? `outline-${items[focused].node.id}` : undefined}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        onKeyDown={(event) => {
          const act = keys[event.key]
          if (!act) return
          event.preventDefault()
          act()
        }}
      >
        <div style={{ height: items.length * ROW_PX, position: 'relative' }}>
          {items.slice(first, last).map(({ node, label, isConfig }, offset) => {
            const index = first + offset
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it takes the keys
              // biome-ignore lint/a11y/useFocusableInteractive: the listbox has the focus and names the active one
              <div
                key={node.id}
                id={`outline-${node.id}`}
                role="option"
                aria-selected={selection.has(node.id)}
                aria-setsize={items.length}
                aria-posinset={index + 1}
                className="outline-item"
                data-focused={index === focused || undefined}
                style={{ top: index * ROW_PX, height: ROW_PX }}
                onClick={() => go(index)}
                onDoubleClick={() => onOpen(node.id)}
              >
                <span className="palette-entry-icon" data-family={familyOf(types.get(node.type)?.family ?? 'other')}>
                  <TypeIcon type={node.type} family={types.get(node.type)?.family ?? (isConfig ? 'config' : 'other')} />
                </span>
                <span className="outline-label">{label}</span>
                <span className="outline-type">{isConfig ? text.outline.configNodes : node.type}</span>
              </div>
            )
          })}
        </div>
      </div>
    </Panel>
  )
}
