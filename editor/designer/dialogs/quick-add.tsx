/** Chooses a node type at the pointer: type a few letters, Enter. */
import { TextInput } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { NodeType } from '../../../server/api/flows.ts'
import { familyOf } from '../canvas/families.ts'
import { TypeIcon } from '../canvas/icons.tsx'
import { useAllTypes } from '../palette/palette.tsx'
import { searchTypes } from '../palette/search.ts'
import { useDesignerText } from '../text.ts'

export interface QuickAddProps {
  at: { clientX: number; clientY: number }
  /** Only what a wire from this side can meet. */
  from: 'input' | 'output' | undefined
  onChoose: (type: NodeType) => void
  onClose: () => void
}

const WIDTH = 280
const HEIGHT = 360

export function QuickAdd({ at, from, onChoose, onClose }: QuickAddProps) {
  const text = useDesignerText()
  const types = useAllTypes()
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState(0)
  const root = useRef<HTMLDivElement>(null)
  const found = useMemo(
    () => searchTypes(types, query).filter((type) => (from === 'output' ? type.inputs > 0 : from === 'input' ? type.outputs > 0 : true)),
    [types, query, from],
  )
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
    ArrowDown: () => setChosen(Math.min(chosen + 1, found.length - 1)),
    ArrowUp: () => setChosen(Math.max(chosen - 1, 0)),
    Enter: () => {
      const type = found[chosen]
      if (type) onChoose(type)
    },
    Escape: onClose,
  }
  return (
    <div
      ref={root}
      className="quick-add"
      role="dialog"
      aria-label={text.quickAdd.label}
      data-testid="quick-add"
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
        autoFocus
        onChange={(event) => {
          setQuery(event.currentTarget.value)
          setChosen(0)
        }}
        onKeyDown={(event) => {
          const act = keys[event.key]
          if (!act) return
          event.preventDefault()
          event.stopPropagation()
          act()
        }}
        data-testid="quick-add-search"
      />
      {from && <p className="form-help">{from === 'output' ? text.quickAdd.fits : text.quickAdd.comesFrom}</p>}
      <div className="quick-add-list" role="listbox" id="quick-add-list" aria-label={text.quickAdd.label}>
        {found.length === 0 && <p className="form-help">{text.quickAdd.none}</p>}
        {found.slice(0, 60).map((type, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the search field has the focus and takes the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the search field has the focus and names the active one
          <div
            key={type.type}
            id={`quick-${index}`}
            role="option"
            aria-selected={index === chosen}
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
        ))}
      </div>
    </div>
  )
}
