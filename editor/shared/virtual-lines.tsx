/**
 * A list of lines of one height of which only those in sight have an element: for code and talk of any length. Browsers cannot
 * make elements higher than some ten million pixels, so beyond that the scroll bar is scaled and wheel and keys still go
 * line by line.
 */
import './virtual-lines.css'
import { type KeyboardEvent, type ReactNode, type Ref, useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react'

const HIGHEST_PX = 8_000_000
const OVERSCAN = 6

export interface VirtualLinesHandle {
  /** Brings a line into sight, away from the edges; does nothing when it is comfortably in sight. */
  show: (index: number, options?: { isCentred?: boolean }) => void
  showEnd: () => void
}

export interface VirtualLinesProps {
  count: number
  rowHeight: number
  label: string
  className?: string
  ref?: Ref<VirtualLinesHandle>
  row: (index: number) => ReactNode
  /** Told which lines are in sight, for those who fetch them. */
  onSight?: (first: number, last: number) => void
  /** Told whether the end is in sight: who follows the end goes on following only then. */
  onEnd?: (isAtEnd: boolean) => void
  onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void
  testId?: string
}

export function VirtualLines({ count, rowHeight, label, className, ref, row, onSight, onEnd, onKeyDown, testId }: VirtualLinesProps) {
  const box = useRef<HTMLElement>(null)
  const [height, setHeight] = useState(0)
  const [first, setFirst] = useState(0)
  /** Where the scroll bar was put by us: a scroll event from there says nothing new. */
  const putAt = useRef(-1)
  const early = useRef<number>(undefined)
  const whole = count * rowHeight
  const inner = Math.min(whole, HIGHEST_PX)
  const isScaled = whole > HIGHEST_PX
  const inSight = Math.max(1, height / rowHeight)
  const last = Math.max(0, count - inSight)
  const at = Math.min(first, last)

  const scrollTopOf = useCallback(
    (index: number) => (isScaled ? (last === 0 ? 0 : (index / last) * (inner - height)) : index * rowHeight),
    [isScaled, last, inner, height, rowHeight],
  )
  const go = useCallback(
    (index: number) => {
      const to = Math.max(0, Math.min(last, index))
      setFirst(to)
      if (box.current) {
        box.current.scrollTop = scrollTopOf(to)
        putAt.current = box.current.scrollTop
      }
    },
    [last, scrollTopOf],
  )

  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const measure = () => setHeight(element.clientHeight)
    measure()
    const watcher = new ResizeObserver(measure)
    watcher.observe(element)
    return () => watcher.disconnect()
  }, [])

  // wheels turn by pixels: with a scaled bar one notch would be thousands of lines
  useEffect(() => {
    const element = box.current
    if (!element || !isScaled) return
    const turn = (event: WheelEvent) => {
      if (event.ctrlKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return
      event.preventDefault()
      const lines = event.deltaMode === 1 ? event.deltaY : event.deltaMode === 2 ? event.deltaY * inSight : event.deltaY / rowHeight
      go(at + lines)
    }
    element.addEventListener('wheel', turn, { passive: false })
    return () => element.removeEventListener('wheel', turn)
  }, [isScaled, go, at, inSight, rowHeight])

  useImperativeHandle(ref, () => ({
    show(index, { isCentred = false } = {}) {
      if (height === 0) {
        early.current = index
        return
      }
      const edge = Math.min(3, inSight / 4)
      if (!isCentred && index >= at + edge && index <= at + inSight - 1 - edge) return
      go(isCentred ? index - inSight / 2 : index < at + edge ? index - edge : index - inSight + 1 + edge)
    },
    showEnd: () => go(last),
  }))

  // what was to be shown before the list had its height
  useEffect(() => {
    if (height === 0 || early.current === undefined) return
    const index = early.current
    early.current = undefined
    go(index - height / rowHeight / 2)
  }, [height, rowHeight, go])

  const from = Math.max(0, Math.floor(at) - OVERSCAN)
  const to = Math.min(count, Math.ceil(at + inSight) + OVERSCAN)
  // what a listener gives back is not for React, which would call it
  useEffect(() => {
    onSight?.(from, to)
  }, [from, to, onSight])
  const isAtEnd = at >= last - 1
  useEffect(() => {
    onEnd?.(isAtEnd)
  }, [isAtEnd, onEnd])

  const keys = (event: KeyboardEvent<HTMLElement>) => {
    onKeyDown?.(event)
    if (event.defaultPrevented || !isScaled) return
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: inSight - 1, PageUp: 1 - inSight, Home: -count, End: count }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    go(at + step)
  }

  const top = isScaled ? scrollTopOf(at) - (at - from) * rowHeight : from * rowHeight
  const rows = []
  for (let index = from; index < to; index++) rows.push(row(index))
  return (
    <section
      ref={box}
      className={`virtual-lines ${className ?? ''}`}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
      tabIndex={0}
      onKeyDown={keys}
      onScroll={(event) => {
        const { scrollTop } = event.currentTarget
        if (Math.abs(scrollTop - putAt.current) < 1) return
        putAt.current = -1
        setFirst(isScaled ? (scrollTop / Math.max(1, inner - height)) * last : scrollTop / rowHeight)
      }}
      data-testid={testId}
    >
      <div className="virtual-inner" style={{ height: inner }}>
        <div className="virtual-rows" style={{ transform: `translateY(${top}px)` }}>
          {rows}
        </div>
      </div>
    </section>
  )
}
