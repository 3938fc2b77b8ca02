/** What changed between two states of the flows, node by node; and putting two people's changes together. */
import { type FlowNode, sameJson } from './raw.ts'

export interface NodeDiff {
  id: string
  /** The newer object, or the older one where it was removed. */
  node: FlowNode
  kind: 'added' | 'removed' | 'changed' | 'moved'
  /** Properties that differ, without position. */
  properties: string[]
}

const POSITION = new Set(['x', 'y', 'w', 'h'])

/** What it takes from `before` to `after`. */
export function diffFlows(before: ReadonlyMap<string, FlowNode>, after: ReadonlyMap<string, FlowNode>): NodeDiff[] {
  const diffs: NodeDiff[] = []
  for (const [id, node] of after) {
    const old = before.get(id)
    if (!old) diffs.push({ id, node, kind: 'added', properties: [] })
    else if (!sameJson(old, node)) {
      const properties = [...new Set([...Object.keys(old), ...Object.keys(node)])].filter((key) => !sameJson(old[key], node[key]))
      const meaningful = properties.filter((key) => !POSITION.has(key))
      diffs.push({ id, node, kind: meaningful.length ? 'changed' : 'moved', properties: meaningful })
    }
  }
  for (const [id, node] of before) if (!after.has(id)) diffs.push({ id, node, kind: 'removed', properties: [] })
  return diffs
}

/** Flows by id. */
export function byId(flows: readonly FlowNode[]): Map<string, FlowNode> {
  return new Map(flows.map((node) => [node.id, node]))
}

/**
 * Puts both people's changes together, where no node was changed by both.
 * @returns the merged flows, or the ids that both changed
 */
export function merge(
  base: ReadonlyMap<string, FlowNode>,
  ours: readonly FlowNode[],
  theirs: readonly FlowNode[],
): { flows: FlowNode[] } | { conflicts: string[] } {
  const our = diffFlows(base, byId(ours))
  const their = new Map(diffFlows(base, byId(theirs)).map((diff) => [diff.id, diff]))
  const theirsById = byId(theirs)
  const conflicts = our.filter((diff) => their.has(diff.id) && !sameJson(byId(ours).get(diff.id), theirsById.get(diff.id))).map((diff) => diff.id)
  // a wire or a tab that the other side took away under our change
  for (const { id, node } of our) {
    if (node.z && base.has(String(node.z)) && !theirsById.has(String(node.z)) && byId(ours).has(id)) conflicts.push(id)
  }
  if (conflicts.length) return { conflicts: [...new Set(conflicts)] }
  const removed = new Set(our.filter((diff) => diff.kind === 'removed').map((diff) => diff.id))
  const replaced = new Map(our.filter((diff) => diff.kind !== 'removed').map((diff) => [diff.id, diff.node]))
  const flows = theirs.filter((node) => !removed.has(node.id)).map((node) => replaced.get(node.id) ?? node)
  const known = new Set(flows.map((node) => node.id))
  for (const [id, node] of replaced) if (!known.has(id)) flows.push(node)
  return { flows }
}
