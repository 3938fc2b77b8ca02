/** What the colours of a rehearsal mean: over the canvas, and in the panel. */
import { Button } from '@mantine/core'
import { X } from 'lucide-react'
import { createPortal } from 'react-dom'
import { useCanvas } from '../host/use-canvas.ts'
import { useHost } from '../host/use-host.ts'
import type { RehearsalStore } from './rehearsal-store.ts'
import { useRehearsalText } from './text.ts'

export function Legend({ store }: { store: RehearsalStore }) {
  const text = useRehearsalText()
  const host = useHost()
  const place = useCanvas() && host.handle?.element?.closest('.designer-canvas')
  if (!place) return null
  return createPortal(
    <section className="rehearsal-legend" aria-label={text.legend.title} data-not-canvas data-testid="rehearsal-legend">
      <LegendKeys />
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        leftSection={<X size={14} aria-hidden />}
        onClick={() => {
          store.clear()
          host.say(text.said.cleared)
          host.focus()
        }}
        data-testid="rehearsal-clear"
      >
        {text.legend.clear}
      </Button>
    </section>,
    place,
  )
}

export function LegendKeys() {
  const text = useRehearsalText().legend
  return (
    <>
      <span className="rehearsal-key" data-kind="reached">
        {text.reached}
      </span>
      <span className="rehearsal-key" data-kind="missed">
        {text.missed}
      </span>
    </>
  )
}
