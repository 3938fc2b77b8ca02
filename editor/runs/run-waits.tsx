/** What a run waits for: its open steps, with since when, until when, and where an answer is given. */
import { Hourglass } from 'lucide-react'
import { useEffect, useState } from 'react'
import { listSteps, type StepView } from '../../server/api/steps.ts'
import { call } from '../shared/api.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { nameOf } from './steps.ts'
import { useRunsText } from './use-runs-text.ts'

/** @param what changes when there is something else to wait for */
export function RunWaits({ runId, what }: { runId: string; what: string }) {
  const text = useRunsText()
  const format = formats(useLanguage())
  const steps = useOpenSteps(runId, what)
  if (!steps?.length) return <p className="runs-waits">{text.waitsFor(what)}</p>
  return (
    <section>
      <h3>{text.waits}</h3>
      <ul className="runs-links" data-testid="run-waits">
        {steps.map((step) => (
          <li key={step.id}>
            <Hourglass size={18} aria-hidden />
            <strong>
              <a href={`/#node/${encodeURIComponent(step.nodeId)}`}>{nameOf(step)}</a>
            </strong>
            <span>
              {step.text}
              {step.isNodeMissing && <em> {text.nodeMissing}</em>}
              {step.kind === 'person' && (
                <>
                  {' '}
                  <a href="/operator">{text.onPanel}</a>
                </>
              )}
            </span>
            <span className="cw-numbers">
              {text.since(format.dateTime(step.since))}
              {step.dueAt && <>, {text.until(format.dateTime(step.dueAt))}</>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function useOpenSteps(runId: string, what: string): StepView[] | undefined {
  const [steps, setSteps] = useState<StepView[]>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `what` says that something has changed
  useEffect(() => {
    const leaving = new AbortController()
    call(listSteps, { query: { runId }, signal: leaving.signal }).then(
      (found) => setSteps(found.filter(({ state }) => state === 'waiting')),
      // the sentence of the run still says it
      () => leaving.signal.aborted || setSteps([]),
    )
    return () => leaving.abort()
  }, [runId, what])
  return steps
}
