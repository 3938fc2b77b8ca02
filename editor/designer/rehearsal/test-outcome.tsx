/** How a test came out: what was not as expected, field by field, and the steps that could not be done. */
import type { FlowTest } from '../../../server/api/flow-tests.ts'
import type { RehearsalExpectation, RehearsalReport } from '../../../server/api/rehearsal.ts'
import { useWorkspace } from '../use-workspace.ts'
import { DifferenceTable } from './difference.tsx'
import { expectationText, expectedContent } from './expectations.ts'
import type { Result, TestRun } from './rehearsal-store.ts'
import { headOf, stepText } from './result-words.ts'
import { useRehearsalText } from './text.ts'

export const isEnded = (run: TestRun | undefined): run is TestRun & { result: Result } => run?.state === 'passed' || run?.state === 'failed'

export const resultOf = (run: TestRun | undefined): Result | undefined => (isEnded(run) ? run.result : undefined)

export function TestOutcome({ test, result: { report }, isMet, onShow }: { test: FlowTest; result: Result; isMet: boolean; onShow: () => void }) {
  const text = useRehearsalText()
  const workspace = useWorkspace('model', 'types')
  const bad = report.steps.flatMap(({ state, text: why }, index) => {
    const step = test.steps[index]
    return state === 'done' || !step ? [] : [`${stepText(step, workspace, text)}: ${state === 'failed' ? why : text.result.stepStates[state]}`]
  })
  return (
    <div className="rehearsal-verdict">
      <span className="rehearsal-dim cw-numbers">{headOf(report, text)}</span>
      {!isMet && (
        <ul className="rehearsal-list">
          {bad.map((line) => (
            <li key={line}>{line}</li>
          ))}
          {test.expect.map((expected, index) => {
            const verdict = report.expectations[index]
            // biome-ignore lint/suspicious/noArrayIndexKey: the order of a test's expectations is theirs for good
            return verdict && !verdict.isMet && <Unmet key={index} expected={expected} found={verdict.found} report={report} />
          })}
        </ul>
      )}
      <button type="button" className="rehearsal-link" onClick={onShow}>
        {text.tests.showResult}
      </button>
    </div>
  )
}

/** @param report knows the machines' names */
export function Unmet({ expected, found, report }: { expected: RehearsalExpectation; found: unknown; report?: Pick<RehearsalReport, 'machines'> }) {
  const text = useRehearsalText()
  const workspace = useWorkspace('model', 'types')
  const content = expectedContent(expected)
  return (
    <li data-testid="rehearsal-unmet">
      <strong>{expectationText(expected, workspace, text, report)}</strong>
      {content !== undefined && found !== undefined ? (
        <DifferenceTable expected={content} found={found} />
      ) : (
        <p>{expected.kind === 'unreached' ? text.tests.reachedIt : text.tests.foundNothing}</p>
      )}
    </li>
  )
}
