/** A dialog of the panel: it lies over the page but never over STOP and HOLD, and is left by Escape or a press beside it. */
import { useFocusTrap } from '@mantine/hooks'
import { ArrowLeft } from 'lucide-react'
import { type ReactNode, useCallback, useEffect, useId } from 'react'
import { createPortal } from 'react-dom'
import { useOperatorText } from './use-operator-text.ts'

/** Where dialogs lie and what is under them; both are on the page as long as it is there. */
export const LAYER_ID = 'op-layer'
export const UNDER_ID = 'op-under'
let open = 0

/** @param props.isWide there is a keypad beside the values */
export function OperatorDialog({ title, isWide = false, onClose, children }: { title: string; isWide?: boolean; onClose: () => void; children: ReactNode }) {
  const trap = useFocusTrap()
  // a text field gets no focus by itself: a tablet would lay its keyboard over the dialog
  const begin = useCallback(
    (node: HTMLElement | null) => {
      const first = node?.querySelector('input[inputmode="none"]') ?? node?.querySelector('h2')
      first?.setAttribute('data-autofocus', '')
      trap(node)
    },
    [trap],
  )
  const titleId = useId()
  useEffect(() => {
    const before = document.activeElement
    open += 1
    document.getElementById(UNDER_ID)?.toggleAttribute('inert', true)
    return () => {
      open -= 1
      if (open > 0) return
      document.getElementById(UNDER_ID)?.toggleAttribute('inert', false)
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  const layer = document.getElementById(LAYER_ID)
  if (!layer) return null
  return createPortal(
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard has Escape, below
    // biome-ignore lint/a11y/noStaticElementInteractions: a click beside the dialog leaves it
    <div className="op-overlay" onClick={(event) => event.target === event.currentTarget && onClose()}>
      <div
        ref={begin}
        className="op-dialog"
        role="dialog"
        aria-modal="false"
        aria-labelledby={titleId}
        data-wide={isWide || undefined}
        onKeyDown={(event) => event.key === 'Escape' && onClose()}
      >
        <h2 id={titleId} tabIndex={-1}>
          {title}
        </h2>
        {children}
      </div>
    </div>,
    layer,
  )
}

/** Leaves a dialog, or takes one step back in it. */
export function Back({ onClick }: { onClick: () => void }) {
  const text = useOperatorText()
  return (
    <button type="button" className="op-dialog-back" onClick={onClick}>
      <ArrowLeft size={22} aria-hidden /> {text.back}
    </button>
  )
}

/** Why it was not done, said aloud. */
export function Problem({ children }: { children: string | undefined }) {
  if (!children) return null
  return (
    <p className="op-problem" role="alert">
      {children}
    </p>
  )
}
