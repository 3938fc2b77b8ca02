/** Node types that have become others: flows that have them run as they are, and a deploy puts the newer ones in their place. Both do the same. */
import type { FlowNode } from '../api/index.ts'

const UPGRADES: Readonly<Record<string, (node: FlowNode) => FlowNode>> = {
  // all of its settings are those of a characteristic that is given in the node
  'cw-check': (node) => ({ ...node, type: 'cw-measure', from: 'here' }),
}

/** The same flows, each node of the newest type. What needs nothing stays the same object. */
export function upgradeNodes(flows: readonly FlowNode[]): FlowNode[] {
  return flows.map((node) => (Object.hasOwn(UPGRADES, node.type) ? (UPGRADES[node.type]?.(node) ?? node) : node))
}
