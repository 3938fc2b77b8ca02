/** Branches of orchestration nodes that never come back, and calls that nobody takes: their messages would wait for ever. */
import type { Steps } from '../../../base/steps.ts'
import { type Finding, type FlowAdvice, type FlowNode, finding } from '../../api/index.ts'
import { adviceOf } from './advice-of.ts'
import type { FlowGraph } from './graph.ts'

/** Outputs that give a message out and wait for it; with a time limit somebody has thought of its never coming back. */
const BRANCHES: Record<string, { outputs: readonly number[]; limit?: string; waitsForAll?: (node: FlowNode) => boolean }> = {
  'cw-sequence': { outputs: [0, 1, 2, 3, 4, 5], limit: 'timeout' },
  'cw-parallel': { outputs: [0, 1, 2, 3], limit: 'timeout', waitsForAll: ({ join }) => join === 'all' },
  'cw-for-each': { outputs: [0], limit: 'timeout' },
  'cw-loop': { outputs: [0], limit: 'timeout' },
  'cw-try': { outputs: [0, 1, 2], limit: 'timeout' },
  'cw-retry': { outputs: [0], limit: 'timeout' },
  'cw-lock': { outputs: [0], limit: 'lease' },
  'cw-undo': { outputs: [1] },
}
/** Where a branch may end without coming back, and nobody is surprised. */
const ENDS: ReadonlySet<string> = new Set(['cw-return', 'cw-stop-work'])

export function* branches(graph: FlowGraph): Steps<FlowAdvice[]> {
  const advice: FlowAdvice[] = []
  const say = (node: FlowNode, found: Finding) => advice.push(adviceOf('steps', node, found))
  const begins = new Map<string, FlowNode[]>()
  for (const node of graph.nodes) {
    yield
    if (node.type === 'cw-flow-begin') begins.set(String(node.flow), [...(begins.get(String(node.flow)) ?? []), node])
  }
  /** What a branch leads to; the ways of a step inside are its own business, and it goes on at its other outputs. */
  function* behind(starts: readonly FlowNode[]): Steps<Set<FlowNode>> {
    const seen = new Set<FlowNode>()
    const toDo = [...starts]
    for (let node = toDo.pop(); node; node = toDo.pop()) {
      yield
      if (seen.has(node)) continue
      seen.add(node)
      toDo.push(...graph.nextThrough(node))
    }
    return seen
  }
  const inBranches = new Set<FlowNode>()
  for (const node of graph.nodes) {
    yield
    const rule = BRANCHES[node.type]
    if (rule) {
      const isPatient = rule.limit === undefined || Number(node[rule.limit] ?? 0) === 0
      for (const output of rule.outputs) {
        const starts = wiredTo(graph, node, output)
        if (!starts.length) continue
        const reached = yield* behind(starts)
        for (const one of reached) inBranches.add(one)
        if (!isPatient || !(rule.waitsForAll?.(node) ?? true)) continue
        const comesBack = [...reached].some((one) => one === node || ENDS.has(one.type) || !graph.isKnown(one))
        if (!comesBack)
          say(node, finding('branch-without-return', { output: graph.typeOf(node)?.outputLabels[output] ?? `output ${output + 1}`, number: output + 1 }))
      }
    }
    if (node.type === 'cw-flow-begin') {
      const reached = yield* behind(wiredTo(graph, node, 0))
      for (const one of reached) inBranches.add(one)
      const own = String(node.flow)
      const isAnswered = [...reached].some((one) => ENDS.has(one.type) || !graph.isKnown(one))
      if (reached.size > 0 && !isAnswered) say(node, finding('flow-without-return', { name: own }))
      if ((begins.get(own)?.[0] ?? node) !== node) say(node, finding('flow-name-taken', { name: own }))
    }
    if (node.type === 'cw-call-flow' && (node.flowType ?? 'str') === 'str' && String(node.flow ?? '') !== '' && !begins.has(String(node.flow)))
      say(node, finding('no-flow-begin', { name: String(node.flow) }))
  }
  for (const node of graph.nodes) {
    yield
    // what nothing leads to is told as such
    if (node.type === 'cw-return' && graph.hasSource(node) && !inBranches.has(node)) say(node, finding('return-outside', {}))
  }
  return advice
}

function wiredTo(graph: FlowGraph, node: FlowNode, output: number): FlowNode[] {
  const wires: unknown = Array.isArray(node.wires) ? node.wires[output] : undefined
  const near = new Set(graph.next(node))
  return (Array.isArray(wires) ? wires : []).map((id) => graph.byId.get(String(id))).filter((one): one is FlowNode => one !== undefined && near.has(one))
}
