/** One node type in the palette: dragged, clicked, kept as a favourite; its card says what it does. */
import { Popover } from '@mantine/core'
import { Lock } from 'lucide-react'
import { memo, type Ref, type RefObject, useImperativeHandle, useRef, useState, useSyncExternalStore } from 'react'
import type { NodeType } from '../../../server/api/flows.ts'
import { may, useMe } from '../../shared/me.ts'
import { familyOf } from '../canvas/families.ts'
import { Sign, TypeIcon } from '../canvas/icons.tsx'
import { favouriteTypes } from '../find/kept.ts'
import { useFindText } from '../find/text.ts'
import { useDesignerText } from '../text.ts'
import { HelpCard } from './help-card.tsx'

export interface EntryProps {
  type: NodeType
  /** The part of the palette it stands in; a type can stand in several. */
  section: string
  onPress: (event: PointerEvent, type: NodeType, element: HTMLElement) => void
  onAdd: (type: NodeType) => void
}

const OPEN_MS = 600
const CLOSE_MS = 150

/** There are very many of them: each has its buttons and its card only while it is pointed at, and is drawn anew only for itself. */
export const Entry = memo(function Entry({ type, section, onPress, onAdd }: EntryProps) {
  const text = useDesignerText()
  const find = useFindText().nodes
  const { me } = useMe()
  const row = useRef<HTMLDivElement>(null)
  const element = useRef<HTMLButtonElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const [card, setCard] = useState<'closed' | 'hovered' | 'asked'>('closed')
  const [isNear, setNear] = useState(false)
  const isTouched = useSyncExternalStore(watchFinger, hasFinger)
  const isFavourite = useSyncExternalStore(favouriteTypes.watch, () => favouriteTypes.has(type.type))
  const isLocked = type.needs === 'flows.code' && me !== undefined && !may(me, 'flows.code')
  const later = (isOpen: boolean) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setCard((before) => (before === 'asked' ? before : isOpen ? 'hovered' : 'closed')), isOpen ? OPEN_MS : CLOSE_MS)
  }
  const close = () => {
    clearTimeout(timer.current)
    // the card had the focus, if it was asked for
    if (card === 'asked') element.current?.focus()
    setCard('closed')
  }
  const ask = () => {
    clearTimeout(timer.current)
    if (card === 'asked') close()
    else setCard('asked')
  }
  return (
    <div
      ref={row}
      className="palette-row"
      onPointerEnter={(event) => {
        setNear(true)
        if (event.pointerType === 'mouse') later(true)
      }}
      onPointerLeave={() => {
        setNear(false)
        later(false)
      }}
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
          if (element.current) onPress(event.nativeEvent, type, element.current)
        }}
        onClick={(event) => {
          // a pointer's click was dealt with at its release; this is the keyboard's
          if (event.detail === 0) onAdd(type)
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
      {(isNear || isTouched || card !== 'closed') && (
        <span className="palette-buttons">
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
      )}
      {card !== 'closed' && (
        <Popover
          opened
          onChange={(isOpen) => {
            if (!isOpen) close()
          }}
          position="right-start"
          offset={12}
          width={360}
          shadow="md"
          withinPortal
          trapFocus={card === 'asked'}
          withRoles={false}
          transitionProps={{ duration: 0 }}
        >
          <Popover.Target>
            <Beside row={row} />
          </Popover.Target>
          <Popover.Dropdown
            className="palette-card"
            aria-label={find.about(type.label)}
            onPointerEnter={() => clearTimeout(timer.current)}
            onPointerLeave={() => later(false)}
          >
            <HelpCard type={type} isLocked={isLocked} isFavourite={isFavourite} onFavourite={() => toggleFavourite(type.type)} onDone={close} />
          </Popover.Dropdown>
        </Popover>
      )}
    </div>
  )
})

/** The card stands beside the row it is in. */
function Beside({ row, ref }: { row: RefObject<HTMLElement | null>; ref?: Ref<HTMLElement | null> }) {
  useImperativeHandle<HTMLElement | null, HTMLElement | null>(ref, () => row.current, [row])
  return null
}

const finger = () => matchMedia('(pointer: coarse)')
const hasFinger = () => finger().matches
/** A finger points at nothing before it presses: everything is there at once. */
function watchFinger(changed: () => void): () => void {
  const query = finger()
  query.addEventListener('change', changed)
  return () => query.removeEventListener('change', changed)
}

function toggleFavourite(type: string): void {
  if (favouriteTypes.has(type)) favouriteTypes.remove(type)
  // in the order in which they were kept
  else favouriteTypes.set([...favouriteTypes.list(), type])
}
