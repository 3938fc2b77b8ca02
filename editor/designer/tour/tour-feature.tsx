/** The guided first flow: a card beside the work, never over it; each step is over as soon as it is done. */
import { Button, CloseButton } from '@mantine/core'
import { CircleCheck, GraduationCap } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useCommonText } from '../../shared/theme.tsx'
import { useFindText } from '../find/text.ts'
import type { Action } from '../host/action.ts'
import { useActions, useAllActions, useHost } from '../host/use-host.ts'
import { useSession } from '../use-session.ts'
import { useWorkspace } from '../use-workspace.ts'
import { STEPS } from './steps.ts'

/** A step that is done is seen to be done before the next one comes. */
const DONE_MS = 900
const LOOK_MS = 200

export function TourFeature() {
  const host = useHost()
  const text = useFindText()
  const [isOn, setOn] = useState(false)
  useActions(
    useMemo(
      (): Action[] => [
        {
          id: 'help.tour',
          title: text.actions.tour,
          group: 'help',
          icon: GraduationCap,
          words: text.words.tour,
          isInMenu: true,
          isEverywhere: true,
          // the canvas has the keys that the steps speak of
          run: () => {
            setOn(true)
            host.focus()
          },
        },
      ],
      [host, text],
    ),
  )
  const close = () => {
    setOn(false)
    host.focus()
  }
  return isOn ? <Tour onClose={close} /> : null
}

function Tour({ onClose }: { onClose: () => void }) {
  const { tour } = useFindText()
  const common = useCommonText()
  const host = useHost()
  useWorkspace('model', 'place', 'types')
  useSession()
  const inject = useAllActions().find(({ id }) => id === 'debug.inject')
  // what is there already needs no showing
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      STEPS.findIndex((step) => !step.isDone(host)),
    ),
  )
  const step = STEPS[at]
  const isDone = step?.isDone(host) ?? false
  useEffect(() => {
    if (!isDone) return
    const timer = setTimeout(() => setAt(at + 1), DONE_MS)
    return () => clearTimeout(timer)
  }, [isDone, at])
  const words = step && tour.steps[step.name]
  return (
    <>
      {step && !isDone && <Ring key={step.name} targets={() => step.targets(host)} />}
      <section className="tour" aria-label={tour.title} data-testid="tour" data-step={step?.name ?? 'finished'} data-not-canvas>
        <header>
          <span>{step ? tour.step(at + 1, STEPS.length) : tour.title}</span>
          <CloseButton aria-label={`${common.close}: ${tour.title}`} title={tour.close} onClick={onClose} data-testid="tour-close" />
        </header>
        <div aria-live="polite">
          <h2>
            {isDone && <CircleCheck size={18} aria-label={tour.doneSaid} className="tour-done" />}
            {words?.title ?? tour.finished}
          </h2>
          <p>{words?.text ?? tour.finishedText}</p>
          <p className="tour-how">{words?.how ?? tour.finishedKeys}</p>
          {words && <p className="tour-keys">{words.keys}</p>}
        </div>
        <div className="tour-bar" aria-hidden>
          {STEPS.map(({ name }, index) => (
            <i key={name} data-state={index < at || (index === at && isDone) ? 'done' : index === at ? 'now' : undefined} />
          ))}
        </div>
        <footer>
          {step?.name === 'look' && inject && (
            <Button size="compact-sm" onClick={() => inject.run(undefined)} data-testid="tour-inject">
              {inject.title}
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={() => (step ? setAt(at + 1) : onClose())} data-testid="tour-next">
            {step ? (step.name === 'look' ? tour.next : tour.skip) : tour.done}
          </Button>
        </footer>
      </section>
    </>
  )
}

/** A ring round what the step is about; it follows it, and takes no clicks. */
function Ring({ targets }: { targets: () => string[] }) {
  const [box, setBox] = useState<DOMRect>()
  const latest = useRef(targets)
  latest.current = targets
  useEffect(() => {
    let seen: Element | undefined
    const look = () => {
      const element = latest
        .current()
        .map((selector) => document.querySelector(selector))
        .find((one) => one !== null)
      if (element && element !== seen) element.scrollIntoView({ block: 'nearest' })
      seen = element
      const next = element?.getBoundingClientRect()
      setBox((before) => (before && next && before.x === next.x && before.y === next.y && before.width === next.width ? before : next))
    }
    look()
    const timer = setInterval(look, LOOK_MS)
    return () => clearInterval(timer)
  }, [])
  if (!box || box.width === 0) return null
  return <div className="tour-ring" aria-hidden style={{ left: box.x - 6, top: box.y - 6, width: box.width + 12, height: box.height + 12 }} />
}
