/** The check list before a deploy, as rows: what was looked at, how it is, and what was found. No view. */
import type { FlowAdvice, FlowProblem } from '../../../server/api/flows.ts'
import type { Check } from './deploy-state.ts'

type RowId =
  | 'type'
  | 'settings'
  | 'rights'
  | 'motion'
  | 'quality'
  | 'credentials'
  | 'loop'
  | 'steps'
  | 'unreachable'
  | 'tests'
  | 'people'
  | 'running'
  | 'waiting'
/** From harmless to what keeps a deploy back. */
export type RowState = 'good' | 'hint' | 'confirm' | 'blocks'

export interface Finding {
  nodeId: string | undefined
  message: string
  way?: readonly string[] | undefined
}

export interface Row {
  id: RowId
  state: RowState
  findings: Finding[]
  /** So before this deploy already: counted, not shown. */
  known: number
}

export interface ReviewFacts {
  check: Check
  /** The words of what the server found, behind the name of its node. */
  say: (found: FlowProblem | FlowAdvice) => string
  /** Problems in the person's language, by node; they say the same as the server's. */
  here: ReadonlyMap<string, readonly FlowProblem[]>
  people: readonly Finding[]
  /** Somebody deployed since: both have to be put together first. */
  hasNewer: boolean
  running: readonly Finding[]
  /** Messages in the debugger that the deploy drops. */
  dropped: readonly Finding[]
  /** Flow tests that run first. */
  tests: readonly Finding[]
}

export function reviewRows({ check, say, here, people, hasNewer, running, dropped, tests }: ReviewFacts): Row[] {
  const { problems, advice } = check
  const blocking = (id: RowId, list: readonly FlowProblem[]): Row => ({
    id,
    state: list.length > 0 ? 'blocks' : 'good',
    findings: inOwnWords(list, here, say),
    known: 0,
  })
  const advised = (about: FlowAdvice['about'], state: RowState): Row => {
    const list = advice.filter((one) => one.about === about)
    const fresh = list.filter((one) => !one.isKnown)
    return {
      id: about === 'machine' ? 'motion' : about,
      state: fresh.length > 0 ? state : list.length > 0 ? 'hint' : 'good',
      findings: fresh.map((one) => ({ nodeId: one.nodeId, message: say(one), way: one.way })),
      known: list.length - fresh.length,
    }
  }
  return [
    blocking(
      'type',
      problems.filter(({ about }) => about === 'type'),
    ),
    blocking(
      'settings',
      problems.filter(({ about }) => about !== 'type' && about !== 'rights'),
    ),
    blocking(
      'rights',
      problems.filter(({ about }) => about === 'rights'),
    ),
    machines(advised('motion', 'confirm'), advised('machine', 'hint')),
    advised('quality', 'hint'),
    advised('credentials', 'hint'),
    advised('loop', 'hint'),
    advised('steps', 'hint'),
    advised('unreachable', 'hint'),
    { id: 'tests', state: tests.length > 0 ? 'hint' : 'good', findings: [...tests], known: 0 },
    { id: 'people', state: hasNewer ? 'blocks' : people.length > 0 ? 'hint' : 'good', findings: [...people], known: 0 },
    { id: 'running', state: running.length > 0 ? 'hint' : 'good', findings: [...running], known: 0 },
    { id: 'waiting', state: dropped.length > 0 ? 'hint' : 'good', findings: [...dropped], known: 0 },
  ]
}

/** Both are about machines: only what moves by itself is to be confirmed. */
const machines = (moving: Row, missing: Row): Row => ({
  id: 'motion',
  state: moving.state === 'good' ? missing.state : moving.state,
  findings: [...moving.findings, ...missing.findings],
  known: moving.known + missing.known,
})

/** What the page says of a node in the person's language takes the place of the server's words. */
function inOwnWords(problems: readonly FlowProblem[], here: ReviewFacts['here'], say: ReviewFacts['say']): Finding[] {
  const said = new Set<string>()
  return problems.flatMap((problem): Finding[] => {
    const { nodeId } = problem
    const own = nodeId === undefined ? undefined : here.get(nodeId)
    if (nodeId === undefined || !own?.length) return [{ nodeId, message: say(problem) }]
    if (said.has(nodeId)) return []
    said.add(nodeId)
    return own.map((problem) => ({ nodeId, message: problem.message }))
  })
}
