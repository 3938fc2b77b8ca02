/** How far a deploy is on this page, what its check found, and what the server said to it. No view. */
import type { MergePlan } from '../../../server/api/flow-merge.ts'
import type { FlowTestOutcome } from '../../../server/api/flow-tests.ts'
import type { FlowAdvice, FlowNode, FlowProblem } from '../../../server/api/flows.ts'
import type { FlowDraft } from '../../../server/api/together.ts'
import type { ApiError } from '../../shared/api.ts'
import type { NodeDiff } from '../model/diff.ts'

export type DeployKind = 'nodes' | 'flows' | 'full'
export type Base = FlowDraft['base']

/** Somebody else's deploy under our changes. */
export interface Conflict {
  by: string | undefined
  theirs: readonly FlowNode[]
  base: Base
  their: NodeDiff[]
  our: NodeDiff[]
  plan: MergePlan
}

/** What the check before a deploy found. */
export interface Check {
  /** What was checked: a deploy sends exactly this, whatever was drawn since. */
  flows: readonly FlowNode[]
  problems: readonly FlowProblem[]
  advice: readonly FlowAdvice[]
  /** Flow tests that run first and have to pass. */
  tests: readonly { id: string; name: string; flowId: string }[]
  /** Production: the server refuses a deploy without a reason. */
  needsReason: boolean
  at: Date
}

/** The list that a person looks at before a deploy. */
export interface Review {
  kind: DeployKind
  check: Check
  comment: string
}

export type DeployState =
  | { is: 'idle' }
  | { is: 'checking' }
  | { is: 'review'; review: Review }
  | { is: 'deploying'; id: string }
  | { is: 'done'; versionId: string; comment: string }
  /** `tests`: it was refused because not all of them passed. */
  | { is: 'failed'; message: string; code: string; details: unknown; problems: FlowProblem[]; tests?: readonly FlowTestOutcome[] }
  | { is: 'conflict'; conflict: Conflict }

export type LoadState = { is: 'loading' } | { is: 'loaded' } | { is: 'failed'; message: string }

/** A draft that was there when the page opened. */
export interface BroughtBack {
  at: Date
  count: number
  /** Somebody deployed since, and both went together. */
  isMerged: boolean
}

/** What is sent to be deployed. */
export interface Sending {
  flows: readonly FlowNode[]
  isForced: boolean
  comment: string
  /** Although its tests do not pass. */
  untested?: { reason: string }
}

/** What a draft begins from. */
export const baseOf = ({ rev, versionId }: { rev: string; versionId?: string }): Base => ({ rev, ...(versionId === undefined ? {} : { versionId }) })

/** Does somebody have to look at it before the deploy? What is only unused, and what was so before, does not hold it up. */
export const hasToBeSeen = ({ problems, advice, needsReason }: Check): boolean =>
  needsReason || problems.length > 0 || advice.some(({ about, isKnown }) => about !== 'unreachable' && !isKnown)

export const failed = ({ message, code, details }: ApiError): DeployState => ({
  is: 'failed',
  message,
  code,
  details,
  problems: problemsIn(details),
  ...(code === 'flow-tests-failed' ? { tests: testsIn(details) } : {}),
})

function testsIn(details: unknown): FlowTestOutcome[] {
  const holder = details as { tests?: FlowTestOutcome[]; details?: { tests?: FlowTestOutcome[] } } | undefined
  return holder?.tests ?? holder?.details?.tests ?? []
}

export const cleaned = ({ property, ...problem }: FlowProblem): FlowProblem => ({
  ...problem,
  ...(property !== undefined && { property: property.replace(/^\//, '') }),
})

function problemsIn(details: unknown): FlowProblem[] {
  const holder = details as { problems?: unknown; details?: { problems?: unknown } } | undefined
  const list = holder?.problems ?? holder?.details?.problems
  if (!Array.isArray(list)) return []
  return list
    .filter((item): item is FlowProblem => typeof item?.message === 'string')
    .map(({ nodeId, property, message, code, params }) => ({
      message,
      ...(typeof code === 'string' && { code }),
      ...(params !== undefined && { params }),
      ...(typeof nodeId === 'string' && { nodeId }),
      ...(typeof property === 'string' && { property: property.replace(/^\//, '') }),
    }))
}
