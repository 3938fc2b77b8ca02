/** Whether what a test expects came of its rehearsal. */
import type { RehearsalExpectation, RehearsalReport } from '../../api/index.ts'

type Facts = Pick<RehearsalReport, 'calls' | 'machines' | 'sent' | 'coverage'>
type Verdict = RehearsalReport['expectations'][number]

/** Of objects only what is expected is compared; lists must be as long. */
export function includes(actual: unknown, expected: unknown): boolean {
  if (Array.isArray(expected))
    return Array.isArray(actual) && actual.length === expected.length && expected.every((value, index) => includes(actual[index], value))
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return false
    return Object.entries(expected).every(([name, value]) => includes((actual as Record<string, unknown>)[name], value))
  }
  return Object.is(actual, expected)
}

/** In the order of the expectations. `found`: what came nearest, where there was something. */
export function judge(expectations: readonly RehearsalExpectation[], facts: Facts): Verdict[] {
  return expectations.map((expected) => {
    switch (expected.kind) {
      case 'message': {
        const messages = facts.sent.filter(({ from, port }) => from === expected.from && port === expected.port).map(({ message }) => message)
        return anyOf(messages, expected.message)
      }
      case 'call':
        return anyOf(
          facts.calls.filter(({ nodeId }) => nodeId === expected.nodeId).map(({ body }) => body),
          expected.body,
        )
      case 'motion': {
        const { machineId, kind: _, ...rest } = expected
        return anyOf(facts.machines.find(({ id }) => id === machineId)?.motions ?? [], rest)
      }
      case 'unreached':
        return { isMet: !facts.coverage.nodes.includes(expected.nodeId) }
      default:
        return expected satisfies never
    }
  })
}

function anyOf(actual: readonly unknown[], expected: unknown): Verdict {
  if (actual.some((each) => expected === undefined || includes(each, expected))) return { isMet: true }
  let nearest: { found: unknown; met: number } | undefined
  for (const found of actual) {
    const met = metIn(found, expected)
    if (!nearest || met >= nearest.met) nearest = { found, met }
  }
  return { isMet: false, ...(nearest ? { found: nearest.found } : {}) }
}

/** How many of the expected values are there; of what is equally near the last one counts. */
function metIn(actual: unknown, expected: unknown): number {
  if (typeof expected !== 'object' || expected === null) return Object.is(actual, expected) ? 1 : 0
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(expected)) return 0
  return Object.entries(expected).reduce((sum, [name, value]) => sum + metIn((actual as Record<string, unknown>)[name], value), 0)
}
