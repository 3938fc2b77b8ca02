/** The tests of an import, run before it is one. */
import { Button } from '@mantine/core'
import { CircleCheck, CircleDashed, LoaderCircle, Play, Square, TriangleAlert } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { FlowNode } from '../../../server/api/flows.ts'
import type { ImportPreview } from '../../../server/api/templates/index.ts'
import { useFindingText } from '../../designer/deploy/finding-words.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { errorWords, useTemplatesText } from '../words.ts'
import { rehearseAll, type TestState } from './rehearse.ts'

const ICONS = { waits: CircleDashed, runs: LoaderCircle, passed: CircleCheck, failed: TriangleAlert, broken: TriangleAlert } as const
const WAITS: TestState = { is: 'waits' }

/** @param props.isOn what is rehearsed fits together */
export function RehearseStep({ preview, before, isOn }: { preview: ImportPreview; before: readonly FlowNode[]; isOn: boolean }) {
  const text = useTemplatesText()
  const words = text.wizard
  const language = useLanguage()
  const findings = useFindingText()
  const [states, setStates] = useState<readonly TestState[]>([])
  const [isRunning, setRunning] = useState(false)
  const stop = useRef<AbortController>(undefined)
  useEffect(() => () => stop.current?.abort(), [])
  // what was rehearsed is not what stands there now
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new preview is a new flow
  useEffect(() => {
    stop.current?.abort()
    setStates([])
  }, [preview])
  const run = async () => {
    const own = new AbortController()
    stop.current = own
    setRunning(true)
    setStates([])
    const onState = (index: number, state: TestState) =>
      own.signal.aborted || setStates((known) => preview.tests.map((_, at) => (at === index ? state : (known[at] ?? WAITS))))
    await rehearseAll({ preview, before }, { onState, signal: own.signal })
    setRunning(false)
  }
  const at = states.findIndex(({ is }) => is === 'runs')
  return (
    <div className="templates-rehearse">
      <p className="templates-dim">{words.stepTestHint}</p>
      <ul className="templates-tests">
        {preview.tests.map(({ id, name }, index) => {
          const state = states[index] ?? WAITS
          const Icon = ICONS[state.is]
          return (
            <li key={id} data-state={state.is} data-testid="import-test">
              <Icon size={16} aria-hidden className={state.is === 'runs' ? 'templates-turns' : undefined} />
              <span>
                {name} {states.length > 0 && <em>{words.testStates[state.is]}</em>}
                {state.is === 'failed' && <span className="templates-dim">{`${words.unmet(state.unmet, state.all)} ${state.text}`}</span>}
                {state.is === 'broken' && <span className="templates-dim">{errorWords(state.error, language, findings)}</span>}
              </span>
            </li>
          )
        })}
      </ul>
      <div className="templates-actions" aria-live="polite">
        {isRunning ? (
          <>
            <span>{words.rehearsing(at + 1, preview.tests.length)}</span>
            <Button variant="default" leftSection={<Square size={14} aria-hidden />} onClick={() => stop.current?.abort()}>
              {words.stop}
            </Button>
          </>
        ) : (
          <Button variant="default" leftSection={<Play size={14} aria-hidden />} disabled={!isOn} onClick={() => void run()} data-testid="rehearse">
            {states.length > 0 ? words.rehearseAgain : words.rehearse}
          </Button>
        )}
      </div>
    </div>
  )
}
