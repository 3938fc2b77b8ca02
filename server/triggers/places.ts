/** Where triggers stand in the flows. */
import type { FlowNode } from '../api/index.ts'
import type { Place } from './due.ts'

/** Tab and its name for each node; the node of a subflow's instance stands where the instance does. */
export function placesOf(flows: readonly FlowNode[]): (nodeId: string) => Place {
  const byId = new Map(flows.map((node) => [node.id, node]))
  return (nodeId) => {
    // Node-RED names the nodes of an instance `<instance>-<node>` (@node-red/runtime lib/flows/Subflow.js)
    const node = byId.get(nodeId) ?? byId.get(nodeId.slice(0, Math.max(0, nodeId.indexOf('-'))))
    const tab = typeof node?.z === 'string' ? byId.get(node.z) : undefined
    if (!tab) return {}
    const label = tab.label ?? tab.name
    return { flowId: tab.id, ...(typeof label === 'string' && label ? { flowName: label } : {}) }
  }
}
