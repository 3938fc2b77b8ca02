/** The next times of a time trigger while it is edited: the server reckons them, as it does when they run. */
import { useEffect, useState } from 'react'
import { previewTimes } from '../../../../server/api/triggers.ts'
import { call } from '../../../shared/api.ts'
import { useLanguage } from '../../../shared/text/index.ts'
import { sayServer } from '../../../shared/text/server-words.ts'
import { useTriggersText } from '../../../triggers/use-triggers-text.ts'
import { useWorkspace } from '../../use-workspace.ts'
import type { WidgetProps } from './widget.ts'
import './widgets.css'

/** While somebody types. */
const WAIT_MS = 150

/** What is asked for most; a pattern is then changed sooner than written. */
const PRESETS = ['*/15 * * * *', '0 * * * *', '0 6 * * *', '0 6 * * MON-FRI', '0 6 * * MON', '0 6 1 * *'] as const

interface Preview {
  next: string[]
  zone: string
  problem?: string
}

export function TimePreview({ values, onChange }: WidgetProps) {
  const text = useTriggersText()
  const language = useLanguage()
  const { model } = useWorkspace('model')
  const calendar = typeof values.calendar === 'string' && values.calendar ? model.get(values.calendar) : undefined
  const body = JSON.stringify({ config: { ...values, wires: undefined }, ...(calendar ? { calendar } : {}), count: 5 })
  const [shown, setShown] = useState<{ body: string; preview?: Preview; problem?: string }>()
  useEffect(() => {
    const leaving = new AbortController()
    const timer = setTimeout(() => {
      call(previewTimes, { body: JSON.parse(body), signal: leaving.signal }).then(
        (preview) => setShown({ body, preview }),
        (error: Error) => leaving.signal.aborted || setShown({ body, problem: error.message }),
      )
    }, WAIT_MS)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [body])
  const preview = shown?.preview
  // by the clocks of the trigger, wherever the browser is
  const shownTime = new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', {
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    ...(preview ? { timeZone: preview.zone } : {}),
  })
  const problem = shown?.problem ?? preview?.problem
  return (
    <section
      className="time-preview"
      aria-label={text.preview.title}
      aria-live="polite"
      data-stale={shown?.body === body ? undefined : true}
      data-testid="time-preview"
    >
      <h3>
        {text.preview.title} {preview && !problem && <span>{text.preview.zone(preview.zone)}</span>}
      </h3>
      {(values.schedule ?? 'cron') === 'cron' && (
        <fieldset className="time-presets" aria-label={text.preview.often}>
          {PRESETS.map((pattern) => (
            <button
              key={pattern}
              type="button"
              aria-pressed={values.pattern === pattern}
              onClick={() => onChange({ pattern })}
              data-testid={`preset-${pattern}`}
            >
              {text.preview.presets[pattern]}
            </button>
          ))}
        </fieldset>
      )}
      {!shown && <p>{text.preview.loading}</p>}
      {problem && <p>{sayServer(problem, language)}</p>}
      {preview && !problem && preview.next.length === 0 && <p>{text.preview.none}</p>}
      {preview && !problem && (
        <ol className="cw-numbers">
          {preview.next.map((at) => (
            <li key={at}>{shownTime.format(new Date(at))}</li>
          ))}
        </ol>
      )}
    </section>
  )
}
