/**
 * Which way messages go through flows: wires, link nodes, subflows. Only what is switched on. Node-RED's rules:
 * @node-red/nodes/core/common/60-link.js, @node-red/runtime/lib/flows/Subflow.js.
 */
import type { Steps } from '../../../base/steps.ts'
import type { FlowNode, NodeType } from '../../api/index.ts'
import { isCoreType } from '../fence-table.ts'

const SUBFLOW = 'subflow:'
const FORMAT: ReadonlySet<string> = new Set(['tab', 'group', 'subflow', 'comment'])

export interface FlowGraph {
  /** The nodes that take part: on, on a tab or in a subflow that is used, no config nodes. */
  nodes: readonly FlowNode[]
  byId: ReadonlyMap<string, FlowNode>
  typeOf(node: FlowNode): NodeType | undefined
  /** Where messages go from a node, inside its tab or subflow and over links; an instance of a subflow is one node. */
  next(node: FlowNode): readonly FlowNode[]
  /** The same, with the way over queued jobs, into subflows and out of them. Two instances of one subflow are not told apart. */
  nextThrough(node: FlowNode): readonly FlowNode[]
  /** Does anything send to it? */
  hasSource(node: FlowNode): boolean
  /** What is in the subflow of an instance; empty for others. */
  inside(node: FlowNode): readonly FlowNode[]
  /** Whether the product knows what the type does: Node-RED's own and ours. */
  isKnown(node: FlowNode): boolean
}

export function* flowGraph(flows: readonly FlowNode[], types: readonly NodeType[]): Steps<FlowGraph> {
  const byType = new Map(types.map((type) => [type.type, type]))
  const byId = new Map<string, FlowNode>()
  for (const node of flows) {
    yield
    byId.set(node.id, node)
  }
  const isOff = (node: FlowNode) => node.d === true || (typeof node.z === 'string' && byId.get(node.z)?.disabled === true)
  const used = new Set<string>()
  for (const node of flows) {
    yield
    if (node.type.startsWith(SUBFLOW) && !isOff(node)) used.add(node.type.slice(SUBFLOW.length))
  }
  const isPart = (node: FlowNode | undefined): node is FlowNode =>
    node !== undefined &&
    !FORMAT.has(node.type) &&
    node.x !== undefined &&
    node.y !== undefined &&
    !isOff(node) &&
    (byId.get(String(node.z))?.type === 'tab' || used.has(String(node.z)))

  const nodes: FlowNode[] = []
  const byPlace = new Map<string, FlowNode[]>()
  const instances = new Map<string, FlowNode[]>()
  const linkIns: FlowNode[] = []
  const jobIns = new Map<string, FlowNode[]>()
  const begins = new Map<string, FlowNode[]>()
  for (const node of flows) {
    yield
    if (!isPart(node)) continue
    nodes.push(node)
    add(byPlace, String(node.z), node)
    if (node.type.startsWith(SUBFLOW)) add(instances, node.type.slice(SUBFLOW.length), node)
    if (node.type === 'link in') linkIns.push(node)
    if (node.type === 'cw-job-in') add(jobIns, String(node.jobName), node)
    if (node.type === 'cw-flow-begin') add(begins, String(node.flow), node)
  }

  const parts = (ids: Iterable<unknown>) => [...ids].map((id) => byId.get(String(id))).filter(isPart)
  const wired = (node: FlowNode) => parts(Array.isArray(node.wires) ? (node.wires as unknown[]).flat() : [])
  const linked = (node: FlowNode): FlowNode[] => {
    if (node.type === 'link out') return node.mode === 'return' ? [] : parts(listOf(node.links)).filter(({ type }) => type === 'link in')
    if (node.type !== 'link call') return []
    return node.linkType === 'dynamic' ? linkIns : parts(listOf(node.links)).filter(({ type }) => type === 'link in')
  }
  /** Over a call by name; what comes back goes on at the outputs of the caller. */
  const called = (node: FlowNode): FlowNode[] => {
    if (node.type !== 'cw-call-flow') return []
    return node.flowType === 'str' || node.flowType === undefined ? (begins.get(String(node.flow)) ?? []) : [...begins.values()].flat()
  }
  const queued = (node: FlowNode): FlowNode[] => {
    if (node.type !== 'cw-enqueue') return []
    return node.jobNameType === 'str' || node.jobNameType === undefined ? (jobIns.get(String(node.jobName)) ?? []) : [...jobIns.values()].flat()
  }
  const definitionOf = (node: FlowNode) => (node.type.startsWith(SUBFLOW) ? byId.get(node.type.slice(SUBFLOW.length)) : undefined)
  const entrances = (definition: FlowNode) => parts(portsOf(definition.in).flatMap((port) => portsOf(port.wires).map(({ id }) => id)))
  /** Of a node in a subflow: the instances that what it sends comes out of. */
  const exits = new Map<string, Set<string>>()
  for (const definition of flows) {
    yield
    if (definition.type !== 'subflow') continue
    for (const port of portsOf(definition.out))
      for (const { id } of portsOf(port.wires)) exits.set(String(id), (exits.get(String(id)) ?? new Set()).add(definition.id))
  }

  const around = new Map<string, readonly FlowNode[]>()
  const through = new Map<string, readonly FlowNode[]>()
  const sourced = new Set<string>()
  for (const node of nodes) {
    yield
    const near = [...wired(node), ...linked(node)]
    around.set(node.id, near)
    const definition = definitionOf(node)
    const out = [...(exits.get(node.id) ?? [])].flatMap((subflow) => (instances.get(subflow) ?? []).flatMap(wired))
    const far = [...near, ...queued(node), ...called(node), ...(definition ? entrances(definition) : []), ...out]
    through.set(node.id, far)
    for (const target of far) sourced.add(target.id)
  }
  const isKnown = (node: FlowNode) => isCoreType(node.type) || node.type.startsWith('cw-') || node.type.startsWith(SUBFLOW)
  return {
    nodes,
    byId,
    typeOf: (node) => byType.get(node.type),
    next: (node) => around.get(node.id) ?? [],
    nextThrough: (node) => through.get(node.id) ?? [],
    hasSource: (node) => sourced.has(node.id),
    inside: (node) => byPlace.get(definitionOf(node)?.id ?? '') ?? [],
    isKnown,
  }
}

function add(map: Map<string, FlowNode[]>, key: string, node: FlowNode): void {
  const list = map.get(key)
  if (list) list.push(node)
  else map.set(key, [node])
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const portsOf = (value: unknown) => listOf(value).filter((port): port is { id?: unknown; wires?: unknown } => typeof port === 'object' && port !== null)
