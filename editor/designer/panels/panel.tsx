/** The side panel's frame: title, tools, close. */
import { CloseButton } from '@mantine/core'
import type { ReactNode } from 'react'
import { useCommonText } from '../../shared/theme.tsx'
import { useFocusOnOpen } from './use-focus.ts'

export function Panel({
  title,
  note,
  tools,
  onClose,
  children,
}: {
  title: string
  note?: string
  tools?: ReactNode
  onClose: () => void
  children: ReactNode
}) {
  const text = useCommonText()
  const root = useFocusOnOpen<HTMLElement>()
  return (
    <section
      ref={root}
      tabIndex={-1}
      className="panel"
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) onClose()
      }}
    >
      <header className="panel-head">
        <div className="panel-title">
          <h2>{title}</h2>
          {note && <span>{note}</span>}
        </div>
        {tools}
        <CloseButton aria-label={`${text.close}: ${title}`} onClick={onClose} />
      </header>
      <div className="panel-body">{children}</div>
    </section>
  )
}
