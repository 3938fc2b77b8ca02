/** Gives nodes new ids and follows them through the flow, so that what is brought in never takes the place of what is there. */
import { randomBytes } from 'node:crypto'
import type { FlowNode } from '../api/index.ts'

/** Where the flow format itself holds ids, whatever the type of the node. */
const HOLDS_IDS = new Set(['id', 'z', 'g', 'wires', 'links', 'scope', 'nodes', 'in', 'out', 'status', 'env'])
const SUBFLOW = 'subflow:'

/** Which properties of a type hold the id of a config node. */
export type References = (type: string) => readonly string[]

/** A fresh id, as Node-RED makes them. */
export const newNodeId = (): string => randomBytes(8).toString('hex')

export const referencesOf =
  (types: readonly { type: string; references?: Readonly<Record<string, string>> | undefined }[]): References =>
  (type) => {
    const found = types.find((each) => each.type === type)?.references
    return found ? Object.keys(found) : []
  }

/**
 * The nodes under other ids. Texts that happen to read like an id (a machine's, a topic) stay.
 * @param ids what each id becomes; those that are not named stay
 */
export function withIds(nodes: readonly FlowNode[], ids: ReadonlyMap<string, string>, references: References): FlowNode[] {
  const replace = (value: unknown): unknown => {
    if (typeof value === 'string') return ids.get(value) ?? value
    if (Array.isArray(value)) return value.map(replace)
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replace(inner)]))
    return value
  }
  const byType = new Map<string, ReadonlySet<string>>()
  const ownOf = (type: string) => {
    const known = byType.get(type) ?? new Set(references(type))
    byType.set(type, known)
    return known
  }
  return nodes.map((node) => {
    const own = ownOf(node.type)
    const entries = Object.entries(node).map(([key, value]) => [key, HOLDS_IDS.has(key) || own.has(key) ? replace(value) : value])
    const subflow = node.type.startsWith(SUBFLOW) ? ids.get(node.type.slice(SUBFLOW.length)) : undefined
    return { ...Object.fromEntries(entries), type: subflow === undefined ? node.type : SUBFLOW + subflow } as FlowNode
  })
}

/** {@link withIds} with a fresh id for every node. */
export const withNewIds = (nodes: readonly FlowNode[], references: References): FlowNode[] =>
  withIds(nodes, new Map(nodes.map(({ id }) => [id, newNodeId()])), references)
