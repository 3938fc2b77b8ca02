/** Hears every key of the page and does the action it stands for; shows what has been begun of keys that follow one another. */
import { notifications } from '@mantine/notifications'
import { useEffect, useState } from 'react'
import { useHost } from '../host/use-host.ts'
import { KeyHandler, placeOf } from './key-handler.ts'
import { keyText } from './key-words.ts'
import { useFindText } from './text.ts'

const SHOWN_MS = 3_000

export function KeyListener() {
  const host = useHost()
  const text = useFindText()
  const [begun, setBegun] = useState<{ keys: string; next: { keys: string; title: string }[] }>()
  useEffect(() => {
    const handler = new KeyHandler()
    const down = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return
      const answer = handler.press(host.actions.list(), event, placeOf(event.target, host.handle?.element))
      setBegun(undefined)
      if (answer.is === 'nothing') return
      event.preventDefault()
      event.stopPropagation()
      switch (answer.is) {
        case 'begun': {
          const keys = keyText(answer.steps.join(' '), text.keys)
          host.say(text.begun(keys))
          const depth = answer.steps.length
          const next = answer.next.flatMap((action) =>
            (action.keys ?? [])
              .map((one) => one.split(' '))
              .filter((steps) => steps.length > depth && answer.steps.every((step, at) => steps[at] === step))
              .map((steps) => ({ keys: keyText(steps.slice(depth).join(' '), text.keys), title: action.title })),
          )
          setBegun({ keys, next })
          return
        }
        case 'refused':
          host.say(answer.why)
          notifications.show({ id: 'why-not', title: answer.action.title, message: answer.why, autoClose: 2_500 })
          return
        case 'action':
          notifications.hide('why-not')
          answer.action.run(undefined)
          return
        default:
          answer satisfies never
      }
    }
    // before the canvas and the panels: an action means the same everywhere
    addEventListener('keydown', down, { capture: true })
    return () => removeEventListener('keydown', down, { capture: true })
  }, [host, text])
  useEffect(() => {
    if (!begun) return
    const timer = setTimeout(() => setBegun(undefined), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [begun])
  if (!begun) return null
  return (
    <div className="keys-begun" data-testid="keys-begun" aria-hidden>
      <strong>{begun.keys}</strong>
      <ul>
        {begun.next.map(({ keys, title }) => (
          <li key={`${keys} ${title}`}>
            <kbd>{keys}</kbd> {title}
          </li>
        ))}
      </ul>
    </div>
  )
}
