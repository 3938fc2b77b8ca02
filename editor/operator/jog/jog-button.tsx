/** One direction of the pad. It acts on press, and a finger that slips off it ends the move. */
import { type ReactNode, useRef } from 'react'

export interface JogButtonProps {
  label: string
  /** Along both axes: smaller in its looks, not in its target. */
  isDiagonal?: boolean
  isDisabled: boolean
  isMoving: boolean
  testId: string
  onPress: () => void
  onRelease: () => void
  children: ReactNode
}

export function JogButton({ label, isDiagonal = false, isDisabled, isMoving, testId, onPress, onRelease, children }: JogButtonProps) {
  const down = useRef(false)
  const release = () => {
    if (!down.current) return
    down.current = false
    onRelease()
  }
  const press = () => {
    if (isDisabled || down.current) return
    down.current = true
    onPress()
  }
  return (
    <button
      type="button"
      className="op-jog-button"
      data-diagonal={isDiagonal || undefined}
      data-moving={isMoving || undefined}
      data-testid={testId}
      aria-label={label}
      disabled={isDisabled}
      onPointerDown={(event) => {
        // a second finger on the screen means that something else is wanted: nothing begins, and what moves ends
        if (!event.isPrimary || event.button !== 0) return release()
        // a touch is held by its button wherever it goes: this one must notice that it slips off
        if (event.currentTarget.hasPointerCapture(event.pointerId)) event.currentTarget.releasePointerCapture(event.pointerId)
        press()
      }}
      // where the capture stays with the button it is told of every move: outside of it the finger has slipped
      onGotPointerCapture={(event) => event.currentTarget.releasePointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        const { left, right, top, bottom } = event.currentTarget.getBoundingClientRect()
        if (event.clientX < left || event.clientX > right || event.clientY < top || event.clientY > bottom) release()
      }}
      onPointerUp={release}
      onPointerLeave={release}
      onPointerCancel={release}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        if (!event.repeat) press()
      }}
      onKeyUp={release}
      onBlur={release}
    >
      {children}
    </button>
  )
}
