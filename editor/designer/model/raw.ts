/**
 * Node-RED's flow JSON as it is: a flat array of objects (nodered.org/docs/developing-flows, "Flows file format").
 * What we do not know stays in the objects untouched; these functions only read.
 */
import type { FlowNode } from '../../../server/api/flows.ts'

export type { FlowNode } from '../../../server/api/flows.ts'
export { sameJson } from '../../../server/api/same-json.ts'

export type Kind = 'tab' | 'subflow' | 'group' | 'junction' | 'config' | 'node'

/** Node-RED takes an object for a config node when it lacks x or y (@node-red/editor-client, nodes.js, importNodes). */
export function kindOf(node: FlowNode): Kind {
  switch (node.type) {
    case 'tab':
    case 'subflow':
    case 'group':
    case 'junction':
      return node.type
    default:
      return Object.hasOwn(node, 'x') && Object.hasOwn(node, 'y') ? 'node' : 'config'
  }
}

/** The tab, subflow or (config nodes) scope it lives in; undefined for what is global. */
export function parentOf(node: FlowNode): string | undefined {
  const z = node.z
  return typeof z === 'string' && z !== '' ? z : undefined
}

export function textOf(node: FlowNode, property: string): string {
  const value = node[property]
  return typeof value === 'string' ? value : ''
}

export function numberOf(node: FlowNode, property: string): number {
  const value = node[property]
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}

/** Targets by output; broken entries are left out here and kept in the file. */
export function wiresOf(node: FlowNode): string[][] {
  const wires = node.wires
  if (!Array.isArray(wires)) return []
  return wires.map((output: unknown) => (Array.isArray(output) ? output.filter((target): target is string => typeof target === 'string') : []))
}

/** The id of the subflow an instance is made from. */
export function subflowOf(node: FlowNode): string | undefined {
  return node.type.startsWith('subflow:') ? node.type.slice('subflow:'.length) : undefined
}

/** One of a subflow's own ports, as it stands in the file. */
export interface SubflowPort {
  x: number
  y: number
  wires: { id: string; port: number }[]
}

/** The ports of a subflow's definition: `in` lead to nodes, `out` and `status` come from nodes. */
export function subflowPorts(node: FlowNode, side: 'in' | 'out' | 'status'): SubflowPort[] {
  const value = node[side]
  const list = side === 'status' ? (value ? [value] : []) : Array.isArray(value) ? value : []
  return list.map((port: unknown) => {
    const { x, y, wires } = (typeof port === 'object' && port !== null ? port : {}) as Record<string, unknown>
    return {
      x: typeof x === 'number' ? x : 0,
      y: typeof y === 'number' ? y : 0,
      wires: (Array.isArray(wires) ? wires : [])
        .filter((wire): wire is { id: string; port?: unknown } => typeof wire?.id === 'string')
        .map((wire) => ({ id: wire.id, port: typeof wire.port === 'number' ? wire.port : 0 })),
    }
  })
}

/** A fresh id, as Node-RED makes them: 16 hexadecimal digits. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The object with every id in it replaced, wherever it stands. A subflow instance's type names an id too. */
export function renamed(node: FlowNode, ids: ReadonlyMap<string, string>): FlowNode {
  if (ids.size === 0) return node
  const rename = (value: unknown): unknown => {
    if (typeof value === 'string') return ids.get(value) ?? value
    if (Array.isArray(value)) return value.map(rename)
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rename(inner)]))
    return value
  }
  const subflow = subflowOf(node)
  const next = rename(node) as FlowNode
  return subflow && ids.has(subflow) ? { ...next, type: `subflow:${ids.get(subflow)}` } : { ...next, type: node.type }
}
