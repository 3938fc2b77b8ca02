/** What no edit may do to flows, whichever way it came: by hand, by paste, by import. Undo and taking over a version are not edits. */
import type { Change } from './change.ts'
import { type FlowNode, kindOf, parentOf, subflowOf } from './raw.ts'

/** What the rules look at. */
interface Flows {
  get(id: string): FlowNode | undefined
  childrenOf(parent: string): FlowNode[]
}

export type Refusal =
  /** Something on a tab that is locked (`locked`, as Node-RED stores it), or the tab itself. */
  | { why: 'locked'; place: string }
  /** A subflow would have come to stand inside itself: Node-RED would start it for ever. */
  | { why: 'recursion'; subflow: string }

/** What a transaction that has been made breaks. */
export function refusalOf(model: Flows, changes: readonly Change[]): Refusal | undefined {
  const before = new Map<string, FlowNode | undefined>()
  for (const change of changes) if (!before.has(change.key)) before.set(change.key, change.before?.node)
  // unlocking a tab and changing it may be one step; removing it while it is locked may not
  const isLocked = (place: string) => hasLock(before.has(place) ? before.get(place) : model.get(place)) && (!model.get(place) || hasLock(model.get(place)))
  for (const { key, before: old, after } of changes) {
    // a tab that only changes its place among the tabs stays what it is
    if (old?.node === after?.node) continue
    const place = [key, old && parentOf(old.node), after && parentOf(after.node)].find((one) => one !== undefined && isLocked(one))
    if (place !== undefined) return { why: 'locked', place }
    const subflow = after && subflowOf(after.node)
    const parent = after && parentOf(after.node)
    const isNewThere = !old || old.node.type !== after?.node.type || parentOf(old.node) !== parent
    if (subflow && parent && isNewThere && model.get(key) && leadsTo(model, subflow, parent)) return { why: 'recursion', subflow }
  }
  return undefined
}

const hasLock = (node: FlowNode | undefined) => (node?.type === 'tab' || node?.type === 'subflow') && node.locked === true

/** Whether a subflow is another one, or holds it at any depth. */
function leadsTo(model: Flows, subflow: string, sought: string): boolean {
  const seen = new Set<string>()
  const visit = (id: string): boolean => {
    if (id === sought) return true
    if (seen.has(id)) return false
    seen.add(id)
    return model.childrenOf(id).some((child) => {
      const inner = subflowOf(child)
      return inner !== undefined && visit(inner)
    })
  }
  return kindOf(model.get(sought) ?? { id: '', type: '' }) === 'subflow' && visit(subflow)
}
