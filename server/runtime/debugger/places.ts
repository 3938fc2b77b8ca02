/** Where a running node is, in the words of the flow file: subflows run under ids of their own, people see the definition. */
import type { RunningNode } from '../node-red.ts'

/** What is read of Node-RED's running flows (@node-red/runtime/lib/flows/{Flow,Subflow,Group}.js). */
interface Flow {
  TYPE?: 'flow' | 'subflow' | 'group'
  id?: string
  parent?: Flow
  node?: RunningNode
  subflowDef?: { id: string; out?: { wires: { id: string; port: number }[] }[] }
  subflowInstance?: { id: string; _alias?: string }
}

/** Deeper than this nobody nests. */
const MAX_DEPTH = 50

/** The id that the flow file has. */
export const idOf = (node: Pick<RunningNode, 'id' | '_alias'>): string => node._alias ?? node.id

function above(flow: Flow | undefined): Flow | undefined {
  let found = flow
  for (let depth = 0; found?.TYPE === 'group' && depth < MAX_DEPTH; depth += 1) found = found.parent
  return found
}

/** The flow that a node stands in; an instance of a subflow stands outside of what it holds. */
function flowAround(node: RunningNode): Flow | undefined {
  const flow = above(node._flow as Flow | undefined)
  return flow?.TYPE === 'subflow' && flow.node === node ? above(flow.parent) : flow
}

/** The tab and the subflow definitions around a node, from the outside in. */
export function placesOf(node: RunningNode): string[] {
  const places: string[] = []
  let flow = flowAround(node)
  for (let depth = 0; flow && depth < MAX_DEPTH; depth += 1) {
    if (flow.TYPE === 'subflow' && flow.subflowDef) places.unshift(flow.subflowDef.id)
    else if (flow.TYPE === 'flow' && flow.id && flow.id !== 'global') places.unshift(flow.id)
    flow = above(flow.parent)
  }
  return places
}

/** The wire's beginning as it is drawn: what leaves a subflow leaves its instance. */
export function originOf({ source, to }: { source: { node: RunningNode; port: number }; to: RunningNode }): { id: string; port: number } {
  let id = idOf(source.node)
  let { port } = source
  const target = flowAround(to)
  let flow = above(source.node._flow as Flow | undefined)
  for (let depth = 0; flow?.TYPE === 'subflow' && flow !== target && flow.subflowInstance && depth < MAX_DEPTH; depth += 1) {
    const definition = flow.subflowDef
    const wired = (definition?.out ?? []).findIndex(({ wires }) => wires.some((wire) => (wire.id === id || wire.id === definition?.id) && wire.port === port))
    id = flow.subflowInstance._alias ?? flow.subflowInstance.id
    port = Math.max(0, wired)
    flow = above(flow.parent)
  }
  return { id, port }
}

/** Stopped by a deploy: it takes no messages any more (Node.prototype.close). */
export function isStopped(node: RunningNode): boolean {
  const many = node._inputCallbacks
  return !node._inputCallback && !(Array.isArray(many) && many.length > 0)
}
