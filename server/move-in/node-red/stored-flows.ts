/**
 * Flows as any version of Node-RED has kept them: the bare array (0.x to 5), `{ flows, rev }` of the admin API's v2, and one flow as
 * `/flow/:id` gives it (`{ id, label, nodes, configs, subflows }`).
 */
import { createHash } from 'node:crypto'
import type { Steps } from '../../../base/steps.ts'
import type { FlowNode } from '../../api/index.ts'
import { isRecord, own, type Rec, recordsIn } from '../json.ts'
import type { CredentialSets } from './credentials.ts'

export interface ReadFlows {
  nodes: FlowNode[]
  /** That stood in the nodes themselves, as the editor exports them. */
  inline: CredentialSets
  /** What is no node, named as well as can be. */
  broken: string[]
  /** How many stood on no flow. */
  strays: number
}

/** Does it look like flows? */
export function looksLikeFlows(value: unknown): boolean {
  const found = listOf(value)
  return found?.some((node) => isRecord(node) && typeof node.id === 'string' && typeof node.type === 'string') === true
}

function listOf(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value
  const flows = own(value, 'flows')
  if (Array.isArray(flows)) return flows
  if (!isRecord(value) || typeof value.id !== 'string' || !Array.isArray(value.nodes)) return undefined
  const { nodes, configs: _1, subflows: _2, ...tab } = value
  const subflows = recordsIn(value, 'subflows').flatMap((subflow): unknown[] => {
    const { nodes: inside, configs, ...rest } = subflow
    return [{ ...rest, type: 'subflow' }, ...(Array.isArray(inside) ? inside : []), ...(Array.isArray(configs) ? configs : [])]
  })
  const isGlobal = value.id === 'global'
  return [...(isGlobal ? [] : [{ ...tab, type: 'tab' }]), ...subflows, ...(nodes as unknown[]), ...recordsIn(value, 'configs')]
}

const MOST_ID = 100
const CONTAINERS = new Set(['tab', 'subflow'])
const isPlaced = (node: Rec) => typeof node.x === 'number' && typeof node.y === 'number'

/** @param label of the flow that is made for nodes that stand on none */
export function* readFlows(value: unknown, label: string): Steps<ReadFlows> {
  const byId = new Map<string, FlowNode>()
  const inline: CredentialSets = {}
  const broken: string[] = []
  for (const given of listOf(value) ?? []) {
    yield
    const id = own(given, 'id')
    const type = own(given, 'type')
    if (
      !isRecord(given) ||
      typeof id !== 'string' ||
      typeof type !== 'string' ||
      id === '' ||
      id.length > MOST_ID ||
      type === '' ||
      id in Object.prototype ||
      byId.has(id)
    ) {
      broken.push(typeof id === 'string' ? id.slice(0, MOST_ID) : typeof type === 'string' ? type.slice(0, MOST_ID) : '?')
      continue
    }
    const { credentials, ...node } = given
    if (isRecord(credentials)) inline[id] = credentials
    byId.set(id, node as FlowNode)
  }
  const stray: FlowNode[] = []
  for (const node of byId.values()) {
    yield
    if (CONTAINERS.has(node.type)) continue
    const place = typeof node.z === 'string' ? byId.get(node.z) : undefined
    if (place && CONTAINERS.has(place.type)) continue
    delete node.z
    if (isPlaced(node) || node.type === 'group') stray.push(node)
  }
  if (stray.length) {
    const id = createHash('sha256')
      .update(stray.map((node) => node.id).join())
      .digest('hex')
      .slice(0, 16)
    byId.set(id, { id, type: 'tab', label, disabled: false, info: '', env: [] })
    for (const node of stray) node.z = id
  }
  for (const node of byId.values()) {
    yield
    tidy(node, byId)
  }
  const nodes = [...byId.values()]
  // a flow stands before what is on it
  return { nodes: [...nodes.filter(({ type }) => type === 'tab'), ...nodes.filter(({ type }) => type !== 'tab')], inline, broken, strays: stray.length }
}

/** What old editors left behind: wires to nodes that are gone, groups on another flow. Node-RED itself passes over it. */
function tidy(node: FlowNode, byId: ReadonlyMap<string, FlowNode>): void {
  if (Array.isArray(node.wires) && node.type !== 'tab')
    node.wires = (node.wires as unknown[]).map((port) =>
      Array.isArray(port) ? (port as unknown[]).filter((target) => typeof target === 'string' && byId.get(target)?.z === node.z) : [],
    )
  if (typeof node.g === 'string') {
    const group = byId.get(node.g)
    if (group?.type !== 'group' || group.z !== node.z) delete node.g
  }
  if (node.type === 'group' && Array.isArray(node.nodes)) node.nodes = (node.nodes as unknown[]).filter((id) => typeof id === 'string' && byId.has(id))
  if (node.type === 'tab') {
    if (typeof node.label !== 'string') node.label = node.id
    // 0.x wrote it as null where nobody had said
    if (typeof node.disabled !== 'boolean') node.disabled = false
  }
}
