/** What flows are next to the version they began from: the form in which a draft is kept. */
import type { FlowNode } from './flows.ts'
import { sameJson } from './same-json.ts'
import type { FlowChanges } from './together.ts'

/** What it takes from `base` to `flows`. Passwords that stand in a node are left out: a draft is no place for them. */
export function changesFrom(base: ReadonlyMap<string, FlowNode>, flows: readonly FlowNode[]): FlowChanges {
  const ids = new Set(flows.map(({ id }) => id))
  const put = flows.filter((node) => {
    const old = base.get(node.id)
    return old !== node && !(old && sameJson(old, node))
  })
  const removed = [...base.keys()].filter((id) => !ids.has(id))
  const plain = [...[...base.keys()].filter((id) => ids.has(id)), ...flows.filter(({ id }) => !base.has(id)).map(({ id }) => id)]
  const isPlain = flows.every(({ id }, index) => plain[index] === id)
  return { put: put.map(withoutSecrets), removed, ...(isPlain ? {} : { order: flows.map(({ id }) => id) }) }
}

/** The flows of a draft. */
export function applyChanges(base: readonly FlowNode[], { put, removed, order }: FlowChanges): FlowNode[] {
  const isGone = new Set(removed)
  const changed = new Map(put.map((node) => [node.id, node as FlowNode]))
  const flows = base.filter(({ id }) => !isGone.has(id)).map((node) => changed.get(node.id) ?? node)
  const there = new Set(flows.map(({ id }) => id))
  for (const node of changed.values()) if (!there.has(node.id)) flows.push(node)
  if (!order) return flows
  const place = new Map(order.map((id, index) => [id, index]))
  return flows.toSorted((a, b) => (place.get(a.id) ?? order.length) - (place.get(b.id) ?? order.length))
}

export const isNothing = ({ put, removed, order }: FlowChanges): boolean => put.length === 0 && removed.length === 0 && order === undefined

function withoutSecrets(node: FlowNode): FlowNode {
  if (!('credentials' in node)) return node
  const { credentials: _, ...rest } = node
  return rest as FlowNode
}
