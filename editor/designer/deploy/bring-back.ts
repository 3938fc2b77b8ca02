/** A draft of last time over what runs now: both together, or side by side where both changed the same. No view. */
import { applyChanges, changesFrom, isNothing } from '../../../server/api/flow-changes.ts'
import { mergeFlows, planMerge } from '../../../server/api/flow-merge.ts'
import { type FlowNode, getVersion } from '../../../server/api/flows.ts'
import type { FlowDraft } from '../../../server/api/together.ts'
import { ApiError, call } from '../../shared/api.ts'
import { byId } from '../model/diff.ts'
import type { Base } from './deploy-state.ts'

export interface KeptDraft {
  base: Base
  changes: FlowDraft['changes']
  at: Date
}

type Back =
  /** Both changed the same: the draft over the flows that it began from. */
  | { isClashing: true; before: readonly FlowNode[]; flows: readonly FlowNode[] }
  /** What is to be drawn over what runs. `isMerged`: somebody deployed since. */
  | { isClashing: false; flows: readonly FlowNode[]; isMerged: boolean }

/** @returns undefined when there is nothing in the draft that does not run */
export async function bringBack(draft: KeptDraft, deployed: readonly FlowNode[], base: Base): Promise<Back | undefined> {
  const isMerged = draft.base.rev !== base.rev
  const before = isMerged ? await flowsOf(draft.base, deployed) : deployed
  const ours = applyChanges(before, draft.changes as Parameters<typeof applyChanges>[1])
  const differs = (flows: readonly FlowNode[]) => !isNothing(changesFrom(byId(deployed), flows))
  if (!differs(ours)) return undefined
  const plan = planMerge(byId(before), ours, deployed)
  if (isMerged && plan.clashes.length > 0) return { isClashing: true, before, flows: ours }
  const flows = isMerged ? mergeFlows(plan, new Map()).flows : ours
  return differs(flows) ? { isClashing: false, flows, isMerged } : undefined
}

/** The flows that a draft began from; what runs now, where that version is not known any more. */
async function flowsOf({ versionId }: Base, deployed: readonly FlowNode[]): Promise<readonly FlowNode[]> {
  if (versionId === undefined) return []
  try {
    return (await call(getVersion, { params: { versionId } })).flows as FlowNode[]
  } catch (error) {
    if (error instanceof ApiError && error.code === 'version-not-found') return deployed
    throw error
  }
}
