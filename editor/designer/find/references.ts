/** What a node points to elsewhere in the flows, and what points to it. No view. */
import type { FlowModel } from '../model/flow-model.ts'
import { type FlowNode, kindOf, subflowOf } from '../model/raw.ts'

/** Properties that hold ids of the drawing itself, not of what a node uses. */
const DRAWING = new Set(['id', 'z', 'g', 'x', 'y', 'w', 'h', 'wires', 'nodes'])

/** A value somewhere in a node, by its path: `rules.0.v`. */
export interface Entry {
  path: string
  value: string
}

const known = new WeakMap<FlowNode, readonly Entry[]>()

/** Every text and number in a node's settings. Objects of the model never change, so this is worked out once for each. */
export function entriesOf(node: FlowNode): readonly Entry[] {
  let entries = known.get(node)
  if (!entries) {
    const list: Entry[] = []
    for (const [key, value] of Object.entries(node)) if (!DRAWING.has(key) && key !== 'type') collect(key, value, list)
    entries = list
    known.set(node, entries)
  }
  return entries
}

function collect(path: string, value: unknown, into: Entry[]): void {
  if (typeof value === 'string') {
    if (value !== '') into.push({ path, value })
  } else if (typeof value === 'number' || typeof value === 'boolean') into.push({ path, value: String(value) })
  else if (Array.isArray(value)) for (const [at, item] of value.entries()) collect(`${path}.${at}`, item, into)
  else if (typeof value === 'object' && value !== null) for (const [key, item] of Object.entries(value)) collect(`${path}.${key}`, item, into)
}

export interface Definition {
  node: FlowNode
  how: 'subflow' | 'link' | 'config'
}

/** Where a node leads to without a wire: its subflow, the other ends of a link, the shared settings it names. */
export function definitionsOf(model: FlowModel, node: FlowNode): Definition[] {
  const found: Definition[] = []
  const subflow = subflowOf(node)
  const definition = subflow === undefined ? undefined : model.get(subflow)
  if (definition) found.push({ node: definition, how: 'subflow' })
  if (/^link (in|out|call)$/.test(node.type) && Array.isArray(node.links)) {
    for (const id of node.links) {
      const other = typeof id === 'string' ? model.get(id) : undefined
      if (other) found.push({ node: other, how: 'link' })
    }
  }
  for (const { value } of entriesOf(node)) {
    const named = model.get(value)
    if (named && kindOf(named) === 'config' && !found.some((one) => one.node.id === named.id)) found.push({ node: named, how: 'config' })
  }
  return found
}

/** Whether a node names this id in its settings, or is made from this subflow. */
export function uses(node: FlowNode, id: string): Entry | undefined {
  if (node.id === id) return undefined
  if (subflowOf(node) === id) return { path: 'type', value: node.type }
  return entriesOf(node).find(({ value }) => value === id)
}
