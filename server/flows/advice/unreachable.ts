/** Nodes that no message can ever come to. Said at the first of them, not at everything behind it. */
import type { Steps } from '../../../base/steps.ts'
import { type FlowAdvice, type FlowNode, finding } from '../../api/index.ts'
import { adviceOf } from './advice-of.ts'
import type { FlowGraph } from './graph.ts'

/** They have an input and send by themselves all the same. */
const SEND_BY_THEMSELVES: ReadonlySet<string> = new Set(['inject', 'cw-button', 'cw-tool-change'])

export function* unreachable(graph: FlowGraph): Steps<FlowAdvice[]> {
  const isSource = (node: FlowNode) => {
    if (node.type === 'link in' || node.type === 'junction') return false
    if (SEND_BY_THEMSELVES.has(node.type)) return true
    // what a strange type does without a wire nobody here knows
    if (!graph.isKnown(node)) return true
    return !node.type.startsWith('subflow:') && (graph.typeOf(node)?.inputs ?? 0) === 0
  }
  const reached = new Set<FlowNode>()
  const toDo = graph.nodes.filter(isSource)
  for (let node = toDo.pop(); node; node = toDo.pop()) {
    yield
    if (reached.has(node)) continue
    reached.add(node)
    toDo.push(...graph.nextThrough(node))
  }
  const isTaker = (node: FlowNode) =>
    node.type === 'link in' || node.type === 'junction' || (node.type.startsWith('subflow:') ? hasInput(graph, node) : (graph.typeOf(node)?.inputs ?? 0) > 0)
  const advice: FlowAdvice[] = []
  for (const node of graph.nodes) {
    yield
    if (reached.has(node) || !isTaker(node) || graph.hasSource(node)) continue
    const behind = yield* countBehind(graph, node, reached)
    const found =
      node.type === 'cw-interlock' ? finding('interlock-unfed', {}) : finding(node.type === 'link in' ? 'link-unreachable' : 'unreachable', { behind })
    advice.push(adviceOf('unreachable', node, found))
  }
  return advice
}

function hasInput(graph: FlowGraph, instance: FlowNode): boolean {
  const ports = graph.byId.get(instance.type.slice('subflow:'.length))?.in
  return Array.isArray(ports) && ports.length > 0
}

function* countBehind(graph: FlowGraph, first: FlowNode, reached: ReadonlySet<FlowNode>): Steps<number> {
  const seen = new Set([first])
  const toDo = [first]
  for (let node = toDo.pop(); node; node = toDo.pop()) {
    yield
    for (const target of graph.next(node)) {
      if (seen.has(target) || reached.has(target)) continue
      seen.add(target)
      toDo.push(target)
    }
  }
  return seen.size - 1
}
