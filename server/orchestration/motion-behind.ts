/** Whether a message that leaves a node can come to one that acts on a machine: what must not be done again without a person. */
import { type FlowNode, motionRoleOf } from '../api/index.ts'

/** Conservative: where a way cannot be read from the flows (a call by name, a queued job), every end of such a way counts. */
export function motionBehind(flows: readonly FlowNode[], nodeId: string): boolean {
  const behind = nodesBehind(flows, nodeId)
  // not in the flows: nothing is known of it
  if (!behind) return true
  for (const node of behind) if (motionRoleOf(node.type, node.command) !== 'watches') return true
  return false
}

/**
 * The nodes to which a message that leaves a node can come; undefined for a node that is not in the flows.
 * @param options.staysHere ways through the store (a queued job, a signal), on which another host may go on, are left out @defaultValue false
 */
export function nodesBehind(flows: readonly FlowNode[], nodeId: string, options: { staysHere?: boolean } = {}): Iterable<FlowNode> | undefined {
  const byId = new Map(flows.map((node) => [node.id, node]))
  // in a subflow: the id of the instance, and the node's own (@node-red/runtime lib/flows/Subflow.js)
  const start = byId.get(nodeId) ?? byId.get(nodeId.slice(nodeId.lastIndexOf('-') + 1))
  return start && walk(flows, { byId, nodeId, start, staysHere: options.staysHere ?? false })
}

function* walk(
  flows: readonly FlowNode[],
  { byId, nodeId, start, staysHere }: { byId: ReadonlyMap<string, FlowNode>; nodeId: string; start: FlowNode; staysHere: boolean },
): Generator<FlowNode> {
  const seen = new Set<string>([nodeId])
  const queue = [start]
  const add = (node: FlowNode | undefined) => {
    if (!node || seen.has(node.id)) return
    seen.add(node.id)
    queue.push(node)
  }
  for (let node = queue.shift(); node; node = queue.shift()) {
    const isOff = node.d === true || byId.get(String(node.z))?.disabled === true
    if (isOff) continue
    if (node !== start) yield node
    for (const id of Array.isArray(node.wires) ? node.wires.flat() : []) add(byId.get(String(id)))
    if (node.type === 'link out' || node.type === 'link call') {
      const links = Array.isArray(node.links) ? node.links : []
      for (const id of links) add(byId.get(String(id)))
      if (node.linkType === 'dynamic' || node.mode === 'return') for (const each of flows) if (each.type === 'link in') add(each)
    }
    if (node.type === 'cw-call-flow') for (const each of flows) if (each.type === 'cw-flow-begin') add(each)
    if (node.type === 'cw-emit' && !staysHere)
      for (const each of flows) if (each.type === 'cw-event-trigger' && each.source === 'flow' && each.event === node.event) add(each)
    if (node.type === 'cw-enqueue' && !staysHere) for (const each of flows) if (each.type === 'cw-job-in') add(each)
    if (node.type.startsWith('subflow:')) {
      const subflow = node.type.slice('subflow:'.length)
      for (const each of flows) if (each.z === subflow) add(each)
    }
    // out of a subflow: wherever it is used
    const around = typeof node.z === 'string' && byId.get(node.z)?.type === 'subflow' ? node.z : undefined
    if (around !== undefined) for (const each of flows) if (each.type === `subflow:${around}`) add(each)
  }
}
