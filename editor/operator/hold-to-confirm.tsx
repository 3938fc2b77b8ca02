/** A button for what moves a machine: it acts only when it was kept pressed for a moment. A slip of a finger does nothing. */
import { type ReactNode, useEffect, useRef, useState } from 'react'

const HOLD_MS = 900

export interface HoldToConfirmProps {
  label: string
  /** What will happen, in words. */
  says: string
  hint: string
  icon?: ReactNode
  isDisabled?: boolean
  testId: string
  onConfirm: () => void
}

export function HoldToConfirm({ label, says, hint, icon, isDisabled = false, testId, onConfirm }: HoldToConfirmProps) {
  const [isPressed, setPressed] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const release = () => {
    clearTimeout(timer.current)
    setPressed(false)
  }
  const press = () => {
    if (isDisabled || isPressed) return
    setPressed(true)
    timer.current = setTimeout(() => {
      setPressed(false)
      onConfirm()
    }, HOLD_MS)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  return (
    <button
      type="button"
      className="op-confirm"
      data-pressed={isPressed || undefined}
      data-testid={testId}
      disabled={isDisabled}
      style={{ '--op-hold': `${HOLD_MS}ms` } as never}
      onPointerDown={press}
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
      <span className="op-confirm-label">
        {icon}
        {label}
      </span>
      <span className="op-confirm-says">{says}</span>
      <span className="op-confirm-hint">{hint}</span>
    </button>
  )
}
