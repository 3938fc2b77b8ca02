/** The nodes that traces name, by number: a node is described once, however often a message reaches it. */
import type { TraceNode } from '../../runs/trace.ts'
import type { NodeRed, RunningNode } from '../node-red.ts'

const INDEX = Symbol('index of the node in the trace table')
type IndexedNode = RunningNode & { [INDEX]?: number }

export interface NodeTable {
  of(node: RunningNode): number
  byId(nodeId: string | undefined): number
  at(index: number): TraceNode
}

export function createNodeTable(red: Pick<NodeRed, 'nodes'>): NodeTable {
  const nodes: TraceNode[] = []
  const known = new Map<string, number>()

  const add = (facts: TraceNode): number => {
    const key = JSON.stringify(facts)
    let index = known.get(key)
    if (index === undefined) {
      index = nodes.length
      nodes.push(facts)
      known.set(key, index)
    }
    return index
  }

  const of = (node: IndexedNode): number => {
    const found = node[INDEX]
    if (found !== undefined) return found
    const flow = node._flow?.flow
    const flowId = node._flow?.id
    const flowName = flow?.label ?? flow?.name
    const index = add({
      id: node._alias ?? node.id,
      type: node.type,
      ...(node.name ? { name: String(node.name) } : {}),
      ...(flowId ? { flowId } : {}),
      ...(flowName ? { flowName } : {}),
    })
    Object.defineProperty(node, INDEX, { value: index, enumerable: false })
    return index
  }

  return {
    of,
    byId(nodeId) {
      const node = nodeId === undefined ? null : red.nodes.getNode(nodeId)
      return node ? of(node) : add({ id: nodeId ?? '?', type: 'unknown' })
    },
    at: (index) => nodes[index] ?? { id: '?', type: '?' },
  }
}
