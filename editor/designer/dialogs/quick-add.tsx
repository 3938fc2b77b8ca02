/** Which node to add at a place: typed, chosen, there. With a wire in hand, only what it can meet. */
import { TextInput } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { NodeType } from '../../../server/api/flows.ts'
import { familyOf } from '../canvas/families.ts'
import { TypeIcon } from '../canvas/icons.tsx'
import { favouriteTypes, recentTypes } from '../find/kept.ts'
import { useFindText } from '../find/text.ts'
import { familiesOf, searchTypes } from '../palette/search.ts'
import { useAllTypes } from '../palette/use-types.ts'
import { useDesignerText } from '../text.ts'

export interface QuickAddProps {
  at: { clientX: number; clientY: number }
  /** Only what a wire from this side can meet. */
  from: 'input' | 'output' | undefined
  onChoose: (type: NodeType) => void
  onClose: () => void
}

const WIDTH = 300
const HEIGHT = 380
const SHOWN_MOST = 60

export function QuickAdd({ at, from, onChoose, onClose }: QuickAddProps) {
  const text = useDesignerText()
  const find = useFindText()
  const types = useAllTypes()
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState(0)
  const root = useRef<HTMLDivElement>(null)
  const sections = useMemo(() => {
    const fits = (type: NodeType) => (from === 'output' ? type.inputs > 0 : from === 'input' ? type.outputs > 0 : true)
    if (query.trim() !== '') return [{ name: '', types: searchTypes(types, query).filter(fits).slice(0, SHOWN_MOST) }]
    const all = familiesOf(types)
      .flatMap((family) => family.types)
      .filter(fits)
    const known = [...new Set([...favouriteTypes.list(), ...recentTypes.list()])]
    const usual = known.flatMap((name) => all.filter(({ type }) => type === name)).slice(0, 6)
    const rest = all.filter((type) => !usual.includes(type)).slice(0, SHOWN_MOST)
    return usual.length > 0
      ? [
          { name: find.quickAdd.recent, types: usual },
          { name: find.nodes.all, types: rest },
        ]
      : [{ name: '', types: rest }]
  }, [types, query, from, find])
  const found = useMemo(() => sections.flatMap((section) => section.types), [sections])
  useEffect(() => {
    const leave = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) onClose()
    }
    window.addEventListener('pointerdown', leave, true)
    return () => window.removeEventListener('pointerdown', leave, true)
  }, [onClose])
  useEffect(() => {
    root.current?.querySelector(`[data-index="${chosen}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const keys: Record<string, () => void> = {
    ArrowDown: () => setChosen(chosen + 1 >= found.length ? 0 : chosen + 1),
    ArrowUp: () => setChosen(chosen <= 0 ? Math.max(0, found.length - 1) : chosen - 1),
    PageDown: () => setChosen(Math.min(found.length - 1, chosen + 7)),
    PageUp: () => setChosen(Math.max(0, chosen - 7)),
    Enter: () => {
      const type = found[chosen]
      if (type) onChoose(type)
    },
    Escape: onClose,
    // the list is all there is in here
    Tab: onClose,
  }
  let number = -1
  return (
    <div
      ref={root}
      className="quick-add"
      role="dialog"
      aria-label={text.quickAdd.label}
      data-testid="quick-add"
      data-own-keys
      style={{
        left: Math.max(8, Math.min(at.clientX, innerWidth - WIDTH - 8)),
        top: Math.max(8, Math.min(at.clientY, innerHeight - HEIGHT - 8)),
        width: WIDTH,
        maxHeight: HEIGHT,
      }}
    >
      <TextInput
        value={query}
        placeholder={text.quickAdd.placeholder}
        aria-label={text.quickAdd.label}
        role="combobox"
        aria-expanded
        aria-controls="quick-add-list"
        aria-activedescendant={found[chosen] ? `quick-${chosen}` : undefined}
        autoComplete="off"
        spellCheck={false}
        autoFocus
        onChange={(event) => {
          setQuery(event.currentTarget.value)
          setChosen(0)
        }}
        onKeyDown={(event) => {
          const act = keys[event.key]
          if (!act || event.nativeEvent.isComposing) return
          event.preventDefault()
          event.stopPropagation()
          act()
        }}
        data-testid="quick-add-search"
      />
      {from && <p className="form-help">{from === 'output' ? text.quickAdd.fits : text.quickAdd.comesFrom}</p>}
      <p className="form-help" role="status">
        {found.length === 0 && text.quickAdd.none}
      </p>
      <div className="quick-add-list" role="listbox" id="quick-add-list" aria-label={text.quickAdd.label}>
        {sections.map(({ name, types: list }) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options has no element of its own
          <div key={name} role="group" aria-label={name || text.quickAdd.label}>
            {name && (
              <div className="commands-head" aria-hidden>
                {name}
              </div>
            )}
            {list.map((type) => {
              number += 1
              const index = number
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the search field has the focus and takes the keys
                // biome-ignore lint/a11y/useFocusableInteractive: the search field has the focus and names the active one
                <div
                  key={type.type}
                  id={`quick-${index}`}
                  role="option"
                  aria-selected={index === chosen}
                  aria-label={type.label}
                  aria-description={type.summary}
                  data-index={index}
                  className="quick-add-item"
                  data-family={familyOf(type.family)}
                  onPointerMove={() => setChosen(index)}
                  onClick={() => onChoose(type)}
                  data-testid={`quick-${type.type}`}
                >
                  <span className="palette-entry-icon">
                    <TypeIcon type={type.type} family={type.family} icon={type.icon} />
                  </span>
                  <span className="quick-add-text">
                    <span>{type.label}</span>
                    {type.summary && <em>{type.summary}</em>}
                  </span>
                </div>
              )
            })}
          </div>
        ))}
      </div>
    </div>
  )
}
