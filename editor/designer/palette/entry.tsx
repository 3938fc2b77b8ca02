/** One node type in the palette: dragged, clicked, kept as a favourite; its card says what it does. */
import { Popover } from '@mantine/core'
import { Lock } from 'lucide-react'
import { useRef, useState, useSyncExternalStore } from 'react'
import type { NodeType } from '../../../server/api/flows.ts'
import { may, useMe } from '../../shared/me.ts'
import { familyOf } from '../canvas/families.ts'
import { Sign, TypeIcon } from '../canvas/icons.tsx'
import { favouriteTypes } from '../find/kept.ts'
import { useFindText } from '../find/text.ts'
import { useDesignerText } from '../text.ts'
import { beginPaletteDrag, type PaletteDragHost } from './drag.ts'
import { HelpCard } from './help-card.tsx'

export interface PaletteProps {
  canvas: () => HTMLElement | null
  host: PaletteDragHost
}

const OPEN_MS = 600
const CLOSE_MS = 150

export function Entry({ type, canvas, host, section }: { type: NodeType; section: string } & PaletteProps) {
  const text = useDesignerText()
  const find = useFindText().nodes
  const { me } = useMe()
  const element = useRef<HTMLButtonElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const [card, setCard] = useState<'closed' | 'hovered' | 'asked'>('closed')
  const isFavourite = useSyncExternalStore(favouriteTypes.watch, favouriteTypes.list).includes(type.type)
  const isLocked = type.needs === 'flows.code' && me !== undefined && !may(me, 'flows.code')
  const later = (isOpen: boolean) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setCard((before) => (before === 'asked' ? before : isOpen ? 'hovered' : 'closed')), isOpen ? OPEN_MS : CLOSE_MS)
  }
  const ask = () => {
    clearTimeout(timer.current)
    setCard(card === 'asked' ? 'closed' : 'asked')
  }
  return (
    <Popover
      opened={card !== 'closed'}
      onChange={(isOpen) => setCard(isOpen ? card : 'closed')}
      position="right-start"
      offset={12}
      width={360}
      shadow="md"
      withinPortal
      trapFocus={card === 'asked'}
      returnFocus={card === 'asked'}
      withRoles={false}
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <div
          className="palette-row"
          onPointerEnter={(event) => {
            if (event.pointerType === 'mouse') later(true)
          }}
          onPointerLeave={() => later(false)}
        >
          <button
            ref={element}
            type="button"
            className="palette-entry"
            data-family={familyOf(type.family)}
            data-testid={`palette-${section}${type.type}`}
            aria-label={text.palette.add(type.label)}
            aria-description={type.summary}
            onPointerDown={(event) => {
              later(false)
              if (element.current) beginPaletteDrag(event.nativeEvent, type, element.current, canvas, host)
            }}
            onClick={(event) => {
              // a pointer's click was dealt with at its release; this is the keyboard's
              if (event.detail === 0) host.click(type)
            }}
            onKeyDown={(event) => {
              if (event.key !== 'ArrowRight') return
              event.preventDefault()
              setCard('asked')
            }}
            draggable={false}
          >
            <span className="palette-entry-icon">
              <TypeIcon type={type.type} family={type.family} icon={type.icon} />
            </span>
            <span className="palette-entry-label">{type.label}</span>
            {isLocked && <Lock size={14} aria-label={text.palette.needsCode} />}
          </button>
          <span className="palette-buttons" data-kept={isFavourite || undefined}>
            <button
              type="button"
              tabIndex={-1}
              aria-label={isFavourite ? find.noFavourite(type.label) : find.favourite(type.label)}
              aria-pressed={isFavourite}
              title={isFavourite ? find.noFavourite(type.label) : find.favourite(type.label)}
              onClick={() => toggleFavourite(type.type)}
              data-testid={`palette-star-${section}${type.type}`}
            >
              <Sign icon={isFavourite ? 'star-full' : 'star'} size={14} />
            </button>
            <button
              type="button"
              tabIndex={-1}
              aria-label={find.about(type.label)}
              title={find.about(type.label)}
              aria-expanded={card !== 'closed'}
              onClick={ask}
            >
              <Sign icon="info" size={14} />
            </button>
          </span>
        </div>
      </Popover.Target>
      <Popover.Dropdown
        className="palette-card"
        aria-label={find.about(type.label)}
        onPointerEnter={() => clearTimeout(timer.current)}
        onPointerLeave={() => later(false)}
      >
        <HelpCard type={type} isLocked={isLocked} isFavourite={isFavourite} onFavourite={() => toggleFavourite(type.type)} onDone={() => setCard('closed')} />
      </Popover.Dropdown>
    </Popover>
  )
}

function toggleFavourite(type: string): void {
  if (favouriteTypes.has(type)) favouriteTypes.remove(type)
  // in the order in which they were kept
  else favouriteTypes.set([...favouriteTypes.list(), type])
}
