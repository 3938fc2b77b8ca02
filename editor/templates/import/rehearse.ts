/** Runs the tests of an import before it is one: against virtual machines and stand-ins, one after the other. No view. */
import { applyChanges } from '../../../server/api/flow-changes.ts'
import type { FlowNode } from '../../../server/api/flows.ts'
import { getRehearsal, type RehearsalReport, startRehearsal, stopRehearsal } from '../../../server/api/rehearsal.ts'
import type { ImportPreview } from '../../../server/api/templates/index.ts'
import { call } from '../../shared/api.ts'

const POLL_MS = 300

export type TestState =
  | { is: 'waits' | 'runs' }
  | { is: 'passed' }
  | { is: 'failed'; unmet: number; all: number; text: string }
  | { is: 'broken'; error: unknown }

/**
 * @param onState told for each test by its place
 * @param signal stops it; the one under way is ended on the server
 */
export async function rehearseAll(
  { preview, before }: { preview: ImportPreview; before: readonly FlowNode[] },
  { onState, signal }: { onState: (index: number, state: TestState) => void; signal: AbortSignal },
): Promise<void> {
  const flows = applyChanges(before, preview.changes)
  // its programs are not in the library yet
  const { id, version } = preview.template
  const template = { id, version }
  for (const [index, test] of preview.tests.entries()) {
    if (signal.aborted) return
    onState(index, { is: 'runs' })
    try {
      const { steps, answers, expect, flowId } = test
      const report = await ended(await call(startRehearsal, { body: { flows, tabs: [flowId], steps, answers, expect, template } }).then(({ id }) => id), signal)
      if (signal.aborted) onState(index, { is: 'waits' })
      else onState(index, verdict(report))
    } catch (error) {
      onState(index, { is: 'broken', error })
    }
  }
}

/** As a deploy judges it that asks for tests. */
function verdict({ state, text, steps, expectations }: RehearsalReport): TestState {
  const unmet = expectations.filter(({ isMet }) => !isMet).length
  const hasPassed = state !== 'stopped' && steps.every((step) => step.state === 'done') && unmet === 0
  return hasPassed ? { is: 'passed' } : { is: 'failed', unmet, all: expectations.length, text }
}

async function ended(rehearsalId: string, signal: AbortSignal): Promise<RehearsalReport> {
  let isStopped = false
  for (;;) {
    const { state, report, error } = await call(getRehearsal, { params: { rehearsalId } })
    if (state === 'ended') {
      if (report) return report
      throw new Error(error ?? state)
    }
    if (signal.aborted && !isStopped) {
      isStopped = true
      await call(stopRehearsal, { params: { rehearsalId } })
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
