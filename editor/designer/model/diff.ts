/** What changed between two states of the flows, node by node. */
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
