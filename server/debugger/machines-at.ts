/** Which machines a flow or a node deals with, read from the flow file. */
import type { FlowNode } from '../api/index.ts'

/**
 * @param at a tab or subflow definition (with the subflows that are used in it), or one node (an instance: what is inside)
 * @returns ids of machines
 */
export function machinesAt(flows: readonly FlowNode[], at: { placeId: string } | { nodeId: string }): Set<string> {
  const byId = new Map(flows.map((node) => [node.id, node]))
  const found = new Set<string>()
  const seen = new Set<string>()
  const look = (node: FlowNode) => {
    const config = typeof node.machine === 'string' ? byId.get(node.machine) : undefined
    if (config?.type === 'cw-machine' && typeof config.machineId === 'string') found.add(config.machineId)
    if (node.type.startsWith('subflow:')) inside(node.type.slice('subflow:'.length))
  }
  const inside = (placeId: string) => {
    if (seen.has(placeId)) return
    seen.add(placeId)
    for (const node of flows) if (node.z === placeId) look(node)
  }
  if ('placeId' in at) inside(at.placeId)
  else {
    const node = byId.get(at.nodeId)
    if (node) look(node)
  }
  return found
}
