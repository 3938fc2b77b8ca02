/** The tabs while they are arranged: chosen, carried by pointer, and what can be done with the chosen one. */
import { ArrowLeft, ArrowRight, Pencil, Plus, Trash2 } from 'lucide-react'
import { type PointerEvent, useState } from 'react'
import type { LayoutTab, PanelLayout } from '../../../server/api/panel-layouts.ts'
import { ToolButton } from './bar.tsx'
import { moveTab, removeTab } from './model.ts'
import { useArrangeText } from './words.ts'

export interface TabStripProps {
  layout: PanelLayout
  tabId: string | undefined
  tabName: (tab: LayoutTab) => string
  onChoose: (tabId: string) => void
  onChange: (layout: PanelLayout) => void
  /** There is room for no more: undefined. */
  onAdd: (() => void) | undefined
}

export function TabStrip({ layout, tabId, tabName, onChoose, onChange, onAdd }: TabStripProps) {
  const text = useArrangeText()
  const [carried, setCarried] = useState<{ id: string; by: number; fromX: number }>()
  const { tabs } = carried ? moveTab(layout, carried.id, carried.by) : layout
  /** A tab goes where it is let go: as many places on as it is widths away. */
  const dragged = ({ id }: LayoutTab) => ({
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
      setCarried({ id, by: 0, fromX: event.clientX })
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (carried?.id !== id) return
      const by = Math.round((event.clientX - carried.fromX) / Math.max(1, event.currentTarget.offsetWidth))
      if (by !== carried.by) setCarried({ ...carried, by })
    },
    onPointerUp: () => {
      if (carried?.id === id && carried.by !== 0) onChange(moveTab(layout, id, carried.by))
      setCarried(undefined)
    },
    onPointerCancel: () => setCarried(undefined),
  })
  return (
    <nav className="op-tabs op-tabs-edited" aria-label={text.tabs.label}>
      {tabs.map((one) => (
        <button
          key={one.id}
          type="button"
          aria-current={one.id === tabId ? 'page' : undefined}
          onClick={() => onChoose(one.id)}
          {...dragged(one)}
          data-testid={`edit-tab-${one.id}`}
        >
          <span>{tabName(one)}</span>
        </button>
      ))}
      <button type="button" aria-label={text.tabs.add} title={text.tabs.add} disabled={!onAdd} onClick={onAdd} data-testid="add-tab">
        <Plus size={24} aria-hidden />
      </button>
    </nav>
  )
}

export interface TabToolsProps {
  layout: PanelLayout
  tab: LayoutTab
  onChange: (layout: PanelLayout) => void
  onRename: () => void
}

export function TabTools({ layout, tab, onChange, onRename }: TabToolsProps) {
  const text = useArrangeText().tabs
  const at = layout.tabs.findIndex(({ id }) => id === tab.id)
  const isLast = layout.tabs.length === 1
  const move = (by: number) => () => onChange(moveTab(layout, tab.id, by))
  return (
    <>
      <ToolButton icon={ArrowLeft} label={text.left} onPress={at > 0 ? move(-1) : undefined} testId="tab-left" />
      <ToolButton icon={ArrowRight} label={text.right} onPress={at < layout.tabs.length - 1 ? move(1) : undefined} testId="tab-right" />
      <ToolButton icon={Pencil} label={text.rename} onPress={onRename} testId="tab-rename" />
      <ToolButton
        icon={Trash2}
        label={text.remove}
        hint={isLast ? text.last : text.remove}
        onPress={isLast ? undefined : () => onChange(removeTab(layout, tab.id))}
        testId="tab-remove"
      />
    </>
  )
}
