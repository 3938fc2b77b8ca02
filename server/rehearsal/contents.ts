/**
 * What is in messages is for those with `flows.messages`. A kept test may hold something recorded: others may run it, and see how
 * it came out without what was in it.
 */

import type { FlowTest, FlowTestOutcome, RehearsalAnswers, RehearsalReport, RehearsalStep } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'

export const maySee = ({ capabilities }: Pick<Caller, 'capabilities'>): boolean => capabilities.has('flows.messages')

/** Whether something in it comes from the run history. */
export function holdsRecorded({ steps, answers }: { steps: readonly RehearsalStep[]; answers?: RehearsalAnswers | undefined }): boolean {
  return (
    steps.some((step) => 'origin' in step && step.origin?.from === 'recorded') ||
    Object.values(answers ?? {}).some((list) => list.some(({ from }) => from === 'recorded'))
  )
}

export function testWithoutContents(test: FlowTest): FlowTest {
  if (!holdsRecorded(test)) return test
  return {
    ...test,
    steps: test.steps.map((step) => {
      if ((step.do !== 'give' && step.do !== 'send') || step.origin?.from !== 'recorded') return step
      const { message: _, ...rest } = step
      return rest
    }),
    answers: Object.fromEntries(
      Object.entries(test.answers).map(([id, list]) => [
        id,
        list.map((answer) => {
          if (answer.from !== 'recorded') return answer
          const { value: _, ...rest } = answer
          return rest
        }),
      ]),
    ),
    // what it expects was mostly taken from what came of it
    expect: test.expect.map((expected) => {
      if (expected.kind === 'message') {
        const { message: _, ...rest } = expected
        return rest
      }
      if (expected.kind === 'call') {
        const { body: _, ...rest } = expected
        return rest
      }
      return expected
    }),
  }
}

export function reportWithoutContents(report: RehearsalReport): RehearsalReport {
  return {
    ...report,
    calls: report.calls.map(({ answer: _, ...call }) => ({ ...call, body: null })),
    sent: report.sent.map((sent) => ({ ...sent, message: null })),
    expectations: report.expectations.map(({ isMet }) => ({ isMet })),
    isWithoutContents: true,
  }
}

export const outcomeWithoutContents = (outcome: FlowTestOutcome): FlowTestOutcome => ({
  ...outcome,
  unmet: outcome.unmet.map(({ expected }) => {
    if (expected.kind === 'message') return { expected: { kind: expected.kind, from: expected.from, port: expected.port } }
    if (expected.kind === 'call') return { expected: { kind: expected.kind, nodeId: expected.nodeId } }
    return { expected }
  }),
})
