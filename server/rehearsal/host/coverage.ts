/** Which nodes and wires of the flows that took part a message went over. */
import type { FlowNode, RehearsalReport } from '../../api/index.ts'

type Coverage = RehearsalReport['coverage']
type Wire = Coverage['wires'][number]

const keyOf = ({ from, port, to }: Wire) => `${from} ${port} ${to}`

/**
 * @param nodes all that could be reached
 * @param taken wires that messages went over, once each or more often
 * @param begun nodes that something outside the flow set going
 */
export function coverageOf(nodes: readonly FlowNode[], taken: Iterable<Wire>, begun: Iterable<string>): Coverage {
  const keys = new Set<string>()
  const reached = new Set(begun)
  for (const wire of taken) {
    keys.add(keyOf(wire))
    reached.add(wire.from)
    reached.add(wire.to)
  }
  const all = nodes.flatMap(({ id, wires }) => (wires as string[][]).flatMap((targets, port) => targets.map((to): Wire => ({ from: id, port, to }))))
  return {
    nodes: nodes.filter(({ id }) => reached.has(id)).map(({ id }) => id),
    nodesMissed: nodes.filter(({ id }) => !reached.has(id)).map(({ id }) => id),
    wires: all.filter((wire) => keys.has(keyOf(wire))),
    wiresMissed: all.filter((wire) => !keys.has(keyOf(wire))),
  }
}
