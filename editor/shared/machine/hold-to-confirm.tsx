/**
 * A button for what moves a machine: it acts only when it was kept pressed for a moment. A slip of a finger does nothing. Only time in
 * which the page could have seen the finger lift counts: one that stood still hears of that later.
 */
import './machine.css'
import { type ReactNode, useEffect, useRef, useState } from 'react'

const HOLD_MS = 900
/** From frame to frame. */
const COUNTS_AT_MOST_MS = 100

export interface HoldToConfirmProps {
  label: string
  /** What will happen, in words. */
  says: string
  hint: string
  icon?: ReactNode
  isDisabled?: boolean
  /** `plain` where a person is not asked to do it. @defaultValue action */
  tone?: 'action' | 'plain'
  testId: string
  onConfirm: () => void
}

export function HoldToConfirm({ label, says, hint, icon, isDisabled = false, tone = 'action', testId, onConfirm }: HoldToConfirmProps) {
  const [isPressed, setPressed] = useState(false)
  const frame = useRef(0)
  const release = () => {
    cancelAnimationFrame(frame.current)
    setPressed(false)
  }
  const press = () => {
    if (isDisabled || isPressed) return
    setPressed(true)
    let keptMs = 0
    let seenAt = performance.now()
    const look = () => {
      const now = performance.now()
      keptMs += Math.min(now - seenAt, COUNTS_AT_MOST_MS)
      seenAt = now
      if (keptMs < HOLD_MS) {
        frame.current = requestAnimationFrame(look)
        return
      }
      setPressed(false)
      onConfirm()
    }
    frame.current = requestAnimationFrame(look)
  }
  useEffect(() => () => cancelAnimationFrame(frame.current), [])
  // what must not be done any more is not done, however long the finger stays
  useEffect(() => {
    if (!isDisabled) return
    cancelAnimationFrame(frame.current)
    setPressed(false)
  }, [isDisabled])
  return (
    <button
      type="button"
      className="cw-confirm"
      data-tone={tone}
      data-pressed={isPressed || undefined}
      data-testid={testId}
      disabled={isDisabled}
      style={{ '--cw-hold-time': `${HOLD_MS}ms` } as never}
      onPointerDown={(event) => event.button === 0 && press()}
      onPointerUp={release}
      onPointerLeave={release}
      onPointerCancel={release}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault()
          press()
        }
      }}
      onKeyUp={release}
      onBlur={release}
    >
      <span className="cw-confirm-label">
        {icon}
        {label}
      </span>
      <span className="cw-confirm-says">{says}</span>
      <span className="cw-confirm-hint">{hint}</span>
    </button>
  )
}
