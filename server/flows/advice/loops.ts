/** Circles in which nothing waits: one message goes round as fast as the computer can, for ever. */
import type { Steps } from '../../../base/steps.ts'
import { type FlowAdvice, type FlowNode, finding } from '../../api/index.ts'
import { nameOf } from '../fence.ts'
import { adviceOf } from './advice-of.ts'
import type { FlowGraph } from './graph.ts'

/** They let time pass, or wait for something outside. */
const PAUSES: ReadonlySet<string> = new Set([
  'delay',
  'trigger',
  'http request',
  'exec',
  'tcp request',
  'file in',
  'cw-run-program',
  'cw-program-check',
  'cw-program-transform',
  'cw-machine-command',
  'cw-jog',
  'cw-home',
  'cw-probe',
  'cw-spindle',
  'cw-tool-change',
  'cw-lease',
  'cw-wait-state',
  'cw-button',
  // their steps are stored at every turn, and those that repeat have a limit
  'cw-wait-until',
  'cw-wait-event',
  'cw-wait-person',
  'cw-approval',
  'cw-sequence',
  'cw-parallel',
  'cw-for-each',
  'cw-loop',
  'cw-try',
  'cw-retry',
  'cw-lock',
  'cw-rate-gate',
  'cw-call-flow',
])
/** They may let a message pass or not: the author may have thought of an end. */
const GATES: ReadonlySet<string> = new Set(['switch', 'function', 'rbe', 'join', 'batch', 'sort', 'cw-check', 'cw-measure'])

export function* loops(graph: FlowGraph): Steps<FlowAdvice[]> {
  const pauses = (node: FlowNode): boolean =>
    PAUSES.has(node.type) || !graph.isKnown(node) || graph.inside(node).some((one) => PAUSES.has(one.type) || !graph.isKnown(one))
  const isFast = new Map<FlowNode, boolean>()
  for (const node of graph.nodes) {
    yield
    isFast.set(node, !pauses(node))
  }
  const next = (node: FlowNode) => graph.next(node).filter((target) => isFast.get(target))
  const advice: FlowAdvice[] = []
  for (const circle of yield* circles(
    graph.nodes.filter((node) => isFast.get(node)),
    next,
  )) {
    const [first] = circle
    if (!first) continue
    const gates = circle.filter((node) => GATES.has(node.type) || graph.inside(node).some((one) => GATES.has(one.type)))
    const found = finding('loop', { count: circle.length, ...(gates.length > 0 && { gates: gates.slice(0, 3).map(nameOf) }) })
    advice.push(
      adviceOf(
        'loop',
        first,
        found,
        circle.map(({ id }) => id),
      ),
    )
  }
  return advice
}

/** The strongly connected parts that hold a circle (Tarjan's algorithm, without recursion: chains have any length). */
function* circles(nodes: readonly FlowNode[], next: (node: FlowNode) => readonly FlowNode[]): Steps<FlowNode[][]> {
  const index = new Map<FlowNode, number>()
  const low = new Map<FlowNode, number>()
  const open: FlowNode[] = []
  const isOpen = new Set<FlowNode>()
  const found: FlowNode[][] = []
  for (const start of nodes) {
    if (index.has(start)) continue
    const path: { node: FlowNode; rest: FlowNode[]; targets: readonly FlowNode[] }[] = []
    const enter = (node: FlowNode) => {
      index.set(node, index.size)
      low.set(node, index.get(node) as number)
      open.push(node)
      isOpen.add(node)
      const targets = next(node)
      path.push({ node, rest: [...targets], targets })
    }
    enter(start)
    for (let top = path.at(-1); top; top = path.at(-1)) {
      yield
      const { node, rest, targets } = top
      const target = rest.pop()
      if (target) {
        if (!index.has(target)) enter(target)
        else if (isOpen.has(target)) low.set(node, Math.min(low.get(node) as number, index.get(target) as number))
        continue
      }
      path.pop()
      const above = path.at(-1)?.node
      if (above) low.set(above, Math.min(low.get(above) as number, low.get(node) as number))
      if (low.get(node) !== index.get(node)) continue
      const part = open.splice(open.lastIndexOf(node))
      for (const one of part) isOpen.delete(one)
      if (part.length > 1 || targets.includes(node)) found.push(part)
    }
  }
  return found
}
