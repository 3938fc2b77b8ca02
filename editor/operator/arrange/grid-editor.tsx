/**
 * A tab being arranged: controls are drawn as they are and cannot be pressed; they are moved and sized by pointer, finger or keys. What
 * is shown while something is dragged is where it would be if it were let go now.
 */
import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp, FoldHorizontal, FoldVertical, MoveDiagonal2, Trash2, UnfoldHorizontal, UnfoldVertical } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import { GRID_COLUMNS, type LayoutItem, leastSize, type PlaceableType } from '../../../server/api/panel-layouts.ts'
import { placeOf } from './grid-tab.tsx'
import { type GridTab, inReadingOrder, type Nudge, place, within } from './model.ts'
import { labelOf, Part, type Parts } from './parts.tsx'
import { useArrangeText } from './words.ts'

/** A finger that trembles does not drag. */
const THRESHOLD_PX = 6
/** So near to the edge what is dragged takes the page along. */
const EDGE_PX = 48
const EDGE_STEP_PX = 14

const NUDGES: Record<string, { plain: Nudge; shift: Nudge }> = {
  ArrowLeft: { plain: { move: { x: -1, y: 0 } }, shift: { size: { w: -1, h: 0 } } },
  ArrowRight: { plain: { move: { x: 1, y: 0 } }, shift: { size: { w: 1, h: 0 } } },
  ArrowUp: { plain: { move: { x: 0, y: -1 } }, shift: { size: { w: 0, h: -1 } } },
  ArrowDown: { plain: { move: { x: 0, y: 1 } }, shift: { size: { w: 0, h: 1 } } },
}

interface Drag {
  id: string
  kind: 'move' | 'size'
  /** Where the pointer went down, from the grid's upper left corner. */
  from: { x: number; y: number }
  hasBegun: boolean
  items: readonly LayoutItem[]
}

export interface GridEditorProps {
  tab: GridTab
  parts: Parts
  selected: string | undefined
  onSelect: (itemId: string | undefined) => void
  onPlace: (items: readonly LayoutItem[]) => void
  onNudge: (item: LayoutItem, nudge: Nudge) => void
  onRemove: (itemId: string) => void
}

/** What people call a control: its own words, or those of the block. */
export function useNameOf(parts: Parts): (shows: LayoutItem['shows']) => string {
  const text = useArrangeText()
  return (shows) => (shows.kind === 'block' ? text.blocks[shows.block] : (labelOf(shows.nodeId, parts) ?? text.unknown(shows.nodeId)))
}

export const typeOf = (shows: LayoutItem['shows'], { placeables, tiles }: Parts): PlaceableType | undefined => {
  if (shows.kind === 'block') return undefined
  const known = placeables?.find(({ nodeId }) => nodeId === shows.nodeId)?.type
  if (known) return known === 'ui-page' ? undefined : known
  const tile = tiles.find(({ nodeId }) => nodeId === shows.nodeId)
  return tile && (tile.kind === 'chart' ? 'cw-chart' : 'cw-value')
}

export function GridEditor({ tab, parts, selected, onSelect, onPlace, onNudge, onRemove }: GridEditorProps) {
  const text = useArrangeText()
  const nameOf = useNameOf(parts)
  const grid = useRef<HTMLDivElement>(null)
  const [drag, setDrag] = useState<Drag>()
  const items = drag?.items ?? tab.items

  const inGrid = (event: PointerEvent): { x: number; y: number } => {
    const { left = 0, top = 0 } = grid.current?.getBoundingClientRect() ?? {}
    return { x: event.clientX - left, y: event.clientY - top }
  }
  /** From one cell to the next, px. */
  const pitch = (): { x: number; y: number } => {
    const element = grid.current
    if (!element) return { x: 1, y: 1 }
    const style = getComputedStyle(element)
    const gap = Number.parseFloat(style.rowGap) || 0
    return { x: (element.clientWidth + gap) / GRID_COLUMNS, y: (Number.parseFloat(style.gridAutoRows) || 1) + gap }
  }
  const down = (event: PointerEvent<HTMLElement>, item: LayoutItem, kind: Drag['kind']) => {
    if (event.button !== 0 || drag) return
    event.stopPropagation()
    event.currentTarget.setPointerCapture(event.pointerId)
    onSelect(item.id)
    setDrag({ id: item.id, kind, from: inGrid(event), hasBegun: false, items: tab.items })
  }
  const moved = (event: PointerEvent<HTMLElement>) => {
    const item = drag && tab.items.find(({ id }) => id === drag.id)
    if (!drag || !item) return
    const at = inGrid(event)
    const by = { x: at.x - drag.from.x, y: at.y - drag.from.y }
    if (!drag.hasBegun && Math.hypot(by.x, by.y) < THRESHOLD_PX) return
    const cell = pitch()
    const dx = Math.round(by.x / cell.x)
    const dy = Math.round(by.y / cell.y)
    const least = leastSize(item.shows, typeOf(item.shows, parts))
    const wanted =
      drag.kind === 'move'
        ? within({ ...item, x: item.x + dx, y: item.y + dy }, least)
        : { x: item.x, y: item.y, w: Math.min(GRID_COLUMNS - item.x, Math.max(least.w, item.w + dx)), h: Math.min(60 - item.y, Math.max(least.h, item.h + dy)) }
    setDrag({ ...drag, hasBegun: true, items: place(tab.items, item.id, wanted) ?? drag.items })
    scrollAlong(event.currentTarget, event.clientY)
  }
  const up = () => {
    if (!drag) return
    if (drag.hasBegun) onPlace(drag.items)
    setDrag(undefined)
  }
  const keyed = (event: KeyboardEvent, item: LayoutItem) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return
    const nudge = NUDGES[event.key]
    if (nudge) onNudge(item, event.shiftKey ? nudge.shift : nudge.plain)
    else if (event.key === 'Delete' || event.key === 'Backspace') onRemove(item.id)
    else if (event.key === 'Escape' && drag) setDrag(undefined)
    else if (event.key === 'Escape') onSelect(undefined)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className="op-grid-tab">
      <section
        ref={grid}
        className="op-grid op-grid-edited"
        aria-label={text.grid.label(tab.name)}
        data-testid="grid-edited"
        onPointerDown={(event) => event.target === event.currentTarget && onSelect(undefined)}
      >
        {inReadingOrder(items).map((item) => {
          const name = nameOf(item.shows)
          const isMissing = item.shows.kind === 'node' && parts.missing.has(item.shows.nodeId)
          return (
            // biome-ignore lint/a11y/useSemanticElements: a control that is moved, not a set of fields
            <div
              key={item.id}
              role="group"
              // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by keys
              tabIndex={0}
              className="op-place op-place-edited"
              style={placeOf(item)}
              aria-label={`${text.grid.selected(name)}${isMissing ? ` ${text.grid.missing}` : ''}`}
              data-selected={item.id === selected || undefined}
              data-dragged={(drag?.hasBegun && drag.id === item.id) || undefined}
              data-block={item.shows.kind === 'block' ? item.shows.block : 'node'}
              data-missing={isMissing || undefined}
              data-testid={`item-${item.id}`}
              onFocus={() => onSelect(item.id)}
              onKeyDown={(event) => keyed(event, item)}
              onPointerDown={(event) => down(event, item, 'move')}
              onPointerMove={moved}
              onPointerUp={up}
              onPointerCancel={() => setDrag(undefined)}
            >
              <div className="op-place-shown" inert>
                <Part shows={item.shows} parts={parts} />
              </div>
              <span className="op-place-name" aria-hidden>
                {name}
              </span>
              <span
                className="op-place-size"
                title={text.grid.size}
                data-testid={`size-${item.id}`}
                onPointerDown={(event) => down(event, item, 'size')}
                onPointerMove={moved}
                onPointerUp={up}
                onPointerCancel={() => setDrag(undefined)}
              >
                <MoveDiagonal2 size={24} aria-hidden />
              </span>
            </div>
          )
        })}
      </section>
      {tab.items.length === 0 && <p className="op-empty">{text.grid.empty}</p>}
    </div>
  )
}

/** Moves the nearest thing that scrolls, when the pointer is at its edge. */
function scrollAlong(from: HTMLElement, clientY: number): void {
  const scroller = from.closest('.op-content')
  if (!scroller) return
  const { top, bottom } = scroller.getBoundingClientRect()
  if (clientY > bottom - EDGE_PX) scroller.scrollBy(0, EDGE_STEP_PX)
  else if (clientY < top + EDGE_PX) scroller.scrollBy(0, -EDGE_STEP_PX)
}

/** The same as the keys do, for whoever has none and cannot drag. */
export function NudgeKeys({ item, onNudge, onRemove }: { item: LayoutItem; onNudge: (nudge: Nudge) => void; onRemove: () => void }) {
  const text = useArrangeText().grid
  const keys: [name: keyof typeof text.keys, icon: typeof ArrowLeft, nudge: Nudge][] = [
    ['left', ArrowLeft, { move: { x: -1, y: 0 } }],
    ['right', ArrowRight, { move: { x: 1, y: 0 } }],
    ['up', ArrowUp, { move: { x: 0, y: -1 } }],
    ['down', ArrowDown, { move: { x: 0, y: 1 } }],
    ['narrower', FoldHorizontal, { size: { w: -1, h: 0 } }],
    ['wider', UnfoldHorizontal, { size: { w: 1, h: 0 } }],
    ['shorter', FoldVertical, { size: { w: 0, h: -1 } }],
    ['taller', UnfoldVertical, { size: { w: 0, h: 1 } }],
  ]
  return (
    <div className="op-nudges" role="toolbar" aria-label={text.keys.label} data-testid={`nudges-${item.id}`}>
      {keys.map(([name, Icon, nudge]) => (
        <button
          key={name}
          type="button"
          className="op-plain"
          aria-label={text.keys[name]}
          title={text.keys[name]}
          onClick={() => onNudge(nudge)}
          data-testid={`nudge-${name}`}
        >
          <Icon size={22} aria-hidden />
        </button>
      ))}
      <button type="button" className="op-plain" aria-label={text.remove} title={text.remove} onClick={onRemove} data-testid="remove-item">
        <Trash2 size={22} aria-hidden />
      </button>
    </div>
  )
}
