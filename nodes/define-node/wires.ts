/** Looks at the stored flow: who is wired to a node's input. */
import type { Red, RedConfig, RedNode } from './red.ts'

/** Whether any enabled wire ends at the node's input, also that of a subflow's own input. */
export function hasInputWire(red: Red, node: RedNode): boolean {
  const id = node._alias ?? node.id
  let isWired = false
  red.nodes.eachNode((config) => {
    if (!isWired && endsOf(config).includes(id)) isWired = true
  })
  return isWired
}

function endsOf(config: RedConfig): string[] {
  if (config.d === true) return []
  // a subflow's definition: in: [{ wires: [{ id }] }]
  if (config.type === 'subflow')
    return asArray(config.in).flatMap((port) => asArray((port as { wires?: unknown }).wires).map((wire) => String((wire as { id?: unknown }).id)))
  return asArray(config.wires).flatMap(asArray).map(String)
}

const asArray = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
