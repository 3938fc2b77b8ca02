/** The values that a condition looks at, as they are now, while it is edited: the server looks, as the node does when it runs. */
import { CircleCheck, CircleHelp, CircleX } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { ResponseOf } from '../../../../server/api/route.ts'
import { type ConditionRowNow, previewCondition } from '../../../../server/api/triggers.ts'
import { call } from '../../../shared/api.ts'
import { formats, useLanguage } from '../../../shared/text/index.ts'
import { useServerWords } from '../../../shared/text/server-words.ts'
import { useTriggersText } from '../../../triggers/use-triggers-text.ts'
import { useWorkspace } from '../../use-workspace.ts'
import type { WidgetProps } from './widget.ts'
import './widgets.css'

/** While somebody types, and then again and again: values change. */
const WAIT_MS = 300
const AGAIN_MS = 1500

type Preview = ResponseOf<typeof previewCondition>

export function ConditionPreview({ values }: WidgetProps) {
  const text = useTriggersText().condition
  const say = useServerWords()
  const { model } = useWorkspace('model')
  const machine = typeof values.machine === 'string' && values.machine ? model.get(values.machine) : undefined
  const machineId = typeof machine?.machineId === 'string' ? machine.machineId : undefined
  const body = JSON.stringify({ config: { ...values, wires: undefined }, ...(machineId ? { machineId } : {}) })
  const [shown, setShown] = useState<{ preview?: Preview; problem?: string }>({})
  useEffect(() => {
    const leaving = new AbortController()
    let timer: ReturnType<typeof setTimeout>
    const look = () => {
      call(previewCondition, { body: JSON.parse(body), signal: leaving.signal }).then(
        (preview) => {
          setShown({ preview })
          timer = setTimeout(look, AGAIN_MS)
        },
        (error: Error) => {
          if (leaving.signal.aborted) return
          setShown({ problem: error.message })
          timer = setTimeout(look, AGAIN_MS)
        },
      )
    }
    timer = setTimeout(look, WAIT_MS)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [body])
  const { preview } = shown
  const problem = shown.problem ?? preview?.problem
  const conditions = Array.isArray(values.conditions) ? (values.conditions as Record<string, unknown>[]) : []
  if (!conditions.length) return null
  return (
    <section className="time-preview condition-preview" aria-label={text.title} data-testid="condition-preview">
      <h3>
        {text.title} {preview && !problem && <Verdict isTrue={preview.isTrue} whole />}
      </h3>
      {!preview && !problem && <p>{text.looking}</p>}
      {problem && <p>{say(problem)}</p>}
      {preview && !problem && (
        <ol className="cw-numbers">
          {preview.rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
            <li key={index} data-testid={`condition-now-${index}`}>
              <Verdict isTrue={row.isTrue} />
              <RowNow row={row} />
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

function Verdict({ isTrue, whole = false }: { isTrue: boolean | undefined; whole?: boolean }) {
  const text = useTriggersText().condition
  const words = isTrue === undefined ? text.notKnown : isTrue ? text.isTrue : text.notTrue
  const Icon = isTrue === undefined ? CircleHelp : isTrue ? CircleCheck : CircleX
  return (
    <span className="condition-verdict" data-true={isTrue === undefined ? 'unknown' : String(isTrue)}>
      <Icon size={14} aria-hidden={whole ? undefined : true} aria-label={whole ? undefined : words} />
      {whole && words}
    </span>
  )
}

function RowNow({ row: { value, unknown, at } }: { row: ConditionRowNow }) {
  const text = useTriggersText().condition
  const format = formats(useLanguage())
  const age = at === undefined ? '' : at === null ? text.ageUnknown : text.heard(format.time(at))
  if (unknown) return <span>{[text.unknown[unknown], unknown === 'stale' ? age : ''].filter(Boolean).join(', ')}</span>
  return (
    <span>
      {value === undefined ? text.hidden : <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>} {age}
    </span>
  )
}
