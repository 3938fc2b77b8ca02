/** A dialog over the work of a page and never over STOP and HOLD beside it: it lies inside `.cw-work`. */
import './work-dialog.css'
import { X } from 'lucide-react'
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { useCommonText } from './theme.tsx'

export interface WorkDialogProps {
  title: string
  /** @defaultValue normal */
  size?: 'normal' | 'wide'
  onClose: () => void
  children: ReactNode
  testId?: string
}

export function WorkDialog({ title, size = 'normal', onClose, children, testId }: WorkDialogProps) {
  const text = useCommonText()
  const id = useId()
  const scrim = useRef<HTMLDivElement>(null)
  // what lies below is out of reach; STOP and HOLD beside it are not: the keyboard may go there
  useEffect(() => {
    const before = document.activeElement
    const others = [...(scrim.current?.parentElement?.children ?? [])].filter(
      (other): other is HTMLElement => other !== scrim.current && other instanceof HTMLElement,
    )
    for (const other of others) other.inert = true
    const first = scrim.current?.querySelector<HTMLElement>('[data-autofocus]') ?? scrim.current?.querySelector<HTMLElement>('input, select, textarea, button')
    first?.focus()
    return () => {
      for (const other of others) other.inert = false
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    // a click beside the dialog leaves it, as Escape does
    <div ref={scrim} className="cw-dialog-scrim" onPointerDown={(event) => event.target === event.currentTarget && onClose()}>
      {/* not modal: STOP and HOLD beside it stay in reach of everybody */}
      <div
        className="cw-dialog"
        role="dialog"
        aria-modal="false"
        aria-labelledby={id}
        data-size={size}
        data-testid={testId}
        onKeyDown={(event) => event.key === 'Escape' && onClose()}
      >
        <header>
          <h2 id={id}>{title}</h2>
          <button type="button" onClick={onClose} aria-label={text.close}>
            <X size={20} aria-hidden />
          </button>
        </header>
        {children}
      </div>
    </div>
  )
}
