/** A value, opened level by level: nothing is made that is not opened, and of a long list a hundred at a time. */
import './debug.css'
import { Copy, Pin, PinOff, Waypoints } from 'lucide-react'
import { createContext, memo, type ReactNode, useContext, useMemo, useState } from 'react'
import { useLiveText } from '../live/text.ts'
import { copyText, pathWith, preview, type ShownValue, shown } from './debug-value.ts'

/** What is the same in the whole tree. */
export interface TreeContext {
  /** Puts text on the clipboard and says so. */
  copy: (text: string, what: 'value' | 'path') => void
  /** Paths that are open from the beginning. */
  open?: ReadonlySet<string>
  keepOpen?: ((path: string, isKept: boolean) => void) | undefined
  /** What was left out of the value, by path. */
  note?: ((path: string) => string | undefined) | undefined
}
const Context = createContext<TreeContext>({ copy: () => {} })

const MOST = 100
const LONG = 300

/** @param props.path what the value is, `msg.payload`: for copying paths; the root of the tree is open when it has a few entries and `isOpen` */
export function ValueTree({ value, path, isOpen = false, ...tree }: { value: unknown; path: string; isOpen?: boolean } & TreeContext) {
  const { copy, open, keepOpen, note } = tree
  const context = useMemo(() => ({ copy, ...(open ? { open } : {}), keepOpen, note }), [copy, open, keepOpen, note])
  return (
    <Context value={context}>
      <div className="tree">
        <Value value={value} path={path} isOpen={isOpen} />
      </div>
    </Context>
  )
}

const Value = memo(function Value({
  value,
  path,
  name,
  isOpen: isOpenFirst = false,
}: {
  value: unknown
  path: string
  name?: string | number
  isOpen?: boolean
}) {
  const { open, note } = useContext(Context)
  const isKept = open?.has(path) === true
  const [isToggled, setToggled] = useState<boolean>()
  const look = useMemo(() => shown(value), [value])
  const isOpen = isToggled ?? (isKept || isOpenFirst)
  const left = note?.(path)
  const label = name === undefined ? null : <span className="tree-name">{name}: </span>
  const isLeaf = look.is === 'text' || look.is === 'word' || look.is === 'bytes' || look.length === 0
  const [isNear, setNear] = useState(false)
  const near = { onPointerEnter: () => setNear(true), onPointerLeave: () => setNear(false), onFocus: () => setNear(true) }
  const tools = <Tools value={value} path={path} canKeep={!isLeaf} isKept={isKept} isNear={isNear} />
  if (isLeaf)
    return (
      <div className="tree-line" {...near}>
        <span className="tree-leaf">
          {label}
          <Leaf look={look} />
          {left && <span className="tree-note"> {left}</span>}
        </span>
        {tools}
      </div>
    )
  return (
    <>
      <div className="tree-line" {...near}>
        <button type="button" className="tree-toggle" aria-expanded={isOpen} onClick={() => setToggled(!isOpen)}>
          {label}
          <span className="tree-size">{sizeOf(look)}</span>
          {!isOpen && <span className="tree-summary">{preview(look)}</span>}
          {left && <span className="tree-note">{left}</span>}
        </button>
        {tools}
      </div>
      {isOpen && (
        <div className="tree-children">
          <Children look={look} path={path} />
        </div>
      )}
    </>
  )
})

function sizeOf(look: ShownValue): string {
  if (look.is === 'list') return `${look.name}[${look.length}]`
  if (look.is === 'object') return look.name ? `${look.name} {${look.length}}` : `{${look.length}}`
  return ''
}

function Leaf({ look }: { look: ShownValue }) {
  const text = useLiveText().debug
  const [isWhole, setWhole] = useState(false)
  switch (look.is) {
    case 'text': {
      const isLong = look.text.length > LONG
      return (
        <span data-type="text">
          {isLong && !isWhole ? `${look.text.slice(0, LONG)}…` : look.text || '""'}
          {isLong && (
            <button type="button" className="tree-more" onClick={() => setWhole(!isWhole)}>
              {isWhole ? text.less : text.showAll(look.text.length)}
            </button>
          )}
        </span>
      )
    }
    case 'word':
      return (
        <span data-type={look.type} title={asDate(look)}>
          {look.word}
        </span>
      )
    case 'bytes':
      return (
        <span data-type="bytes">
          {text.bytes(look.length)} {look.hex}
          {look.bytes.length < look.length && ' …'}
        </span>
      )
    default:
      return <span data-type="other">{look.is === 'list' ? `${look.name}[]` : `${look.name}{}`}</span>
  }
}

/** Numbers of this size are nearly always moments, in milliseconds. */
function asDate(look: Extract<ShownValue, { is: 'word' }>): string | undefined {
  const value = Number(look.word)
  return look.type === 'number' && value > 1e12 && value < 3e12 ? new Date(value).toISOString() : undefined
}

function Children({ look, path }: { look: ShownValue; path: string }): ReactNode {
  const text = useLiveText().debug
  const [most, setMost] = useState(MOST)
  if (look.is !== 'list' && look.is !== 'object') return null
  // a long list is opened in hundreds, so that its end is as near as its beginning
  if (look.is === 'list' && look.items.length > MOST * 2) {
    const starts = Array.from({ length: Math.ceil(look.items.length / MOST) }, (_, index) => index * MOST)
    return (
      <>
        {starts.map((start) => (
          <Slice key={start} items={look.items} start={start} path={path} />
        ))}
        {look.length > look.items.length && <div className="tree-note">{text.notSent(look.length - look.items.length)}</div>}
      </>
    )
  }
  const count = look.is === 'list' ? look.items.length : look.keys.length
  const names: (string | number)[] = look.is === 'list' ? look.items.slice(0, most).map((_, index) => index) : look.keys.slice(0, most)
  return (
    <>
      {names.map((name) => (
        <Value key={name} name={name} path={pathWith(path, name)} value={look.is === 'list' ? look.items[name as number] : look.get(name as string)} />
      ))}
      {count > most && (
        <button type="button" className="tree-more" onClick={() => setMost(most + MOST * 5)}>
          {text.more(count - most)}
        </button>
      )}
      {look.length > count && <div className="tree-note">{text.notSent(look.length - count)}</div>}
    </>
  )
}

function Slice({ items, start, path }: { items: readonly unknown[]; start: number; path: string }) {
  const [isOpen, setOpen] = useState(false)
  const end = Math.min(start + MOST, items.length)
  return (
    <>
      <button type="button" className="tree-toggle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span className="tree-size">
          [{start} … {end - 1}]
        </span>
      </button>
      {isOpen && (
        <div className="tree-children">
          {items.slice(start, end).map((item, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a place in a list that never changes
            <Value key={start + index} name={start + index} path={pathWith(path, start + index)} value={item} />
          ))}
        </div>
      )}
    </>
  )
}

/**
 * What can be done with a part. Only copying is always there: a thousand lines with three buttons each would be slow, so the
 * others come when the pointer or the focus is near.
 */
function Tools({ value, path, canKeep, isKept, isNear }: { value: unknown; path: string; canKeep: boolean; isKept: boolean; isNear: boolean }) {
  const text = useLiveText().debug
  const { copy, keepOpen } = useContext(Context)
  const button = (label: string, icon: ReactNode, run: () => void, isOn?: boolean) => (
    <button type="button" title={label} aria-label={`${label}: ${path}`} aria-pressed={isOn} onClick={run}>
      {icon}
    </button>
  )
  return (
    <span className="tree-tools">
      {button(text.copyValue, <Copy size={13} aria-hidden />, () => copy(copyText(value), 'value'))}
      {isNear && button(text.copyPath, <Waypoints size={13} aria-hidden />, () => copy(path, 'path'))}
      {(isNear || isKept) &&
        canKeep &&
        keepOpen &&
        button(
          isKept ? text.keepOpenNot : text.keepOpen,
          isKept ? <PinOff size={13} aria-hidden /> : <Pin size={13} aria-hidden />,
          () => keepOpen(path, !isKept),
          isKept,
        )}
    </span>
  )
}
