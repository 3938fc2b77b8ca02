/**
 * Which wires of the flow file a message goes along. Node-RED runs a subflow as a copy with ids of its own and wires its
 * last nodes straight to what follows the instance (@node-red/runtime/lib/flows/Subflow.js); the file, and the designer,
 * know the definition (`_alias`), its ports, and the instance.
 */
import type { RunningNode } from '../node-red.ts'

export interface Wire {
  /** Tab or subflow in which it is drawn. */
  place: string | undefined
  from: string
  port: number
  to: string
}

interface Ports {
  id: string
  wires?: { id: string; port?: number }[]
}
/** A running instance of a subflow, as far as it is needed here. */
interface SubflowInstance {
  TYPE: 'subflow'
  parent: unknown
  /** Takes what is sent to the instance. */
  node: RunningNode
  statusNode?: RunningNode
  subflowDef: { id: string; out?: Ports[] }
  subflowInstance: { id: string; _alias?: string; z?: string; wires?: string[][] }
}

const flowOf = (node: RunningNode): unknown => node._flow
const instanceOf = (flow: unknown): SubflowInstance | undefined => {
  const instance = flow as Partial<SubflowInstance> | undefined
  return instance?.TYPE === 'subflow' && instance.subflowDef && instance.subflowInstance ? (instance as SubflowInstance) : undefined
}

/** The instance whose way in this node is. */
const entered = (node: RunningNode): SubflowInstance | undefined => {
  const instance = instanceOf(flowOf(node))
  return instance?.node === node ? instance : undefined
}

const nameOf = ({ subflowInstance }: SubflowInstance) => subflowInstance._alias ?? subflowInstance.id

/** The node's id in the flow file. */
export function fileIdOf(node: RunningNode): string {
  const instance = entered(node)
  return instance ? nameOf(instance) : (node._alias ?? node.id)
}

/** Where the node stands: its flow, or for an instance of a subflow the flow that holds it. */
function homeOf(node: RunningNode): unknown {
  const instance = entered(node)
  return instance ? instance.parent : flowOf(node)
}

/** The tabs and subflows that a node is in, from its own outwards: a node in a subflow is on the tab of the instance, too. */
export function filePlacesOf(node: RunningNode): string[] {
  const places: string[] = []
  for (let flow = homeOf(node); flow; flow = instanceOf(flow)?.parent) {
    const place = placeOf(flow)
    if (place !== undefined) places.push(place)
  }
  return places
}

/** Tab or subflow of the file. */
function placeOf(flow: unknown): string | undefined {
  return instanceOf(flow)?.subflowDef.id ?? (flow as { id?: string } | undefined)?.id
}

export function filePlaceOf(node: RunningNode): string | undefined {
  return placeOf(homeOf(node))
}

/** Every wire of the file between an output and the node that gets the message: more than one where it leaves a subflow. */
export function wiresBetween(source: RunningNode, port: number, target: RunningNode): Wire[] {
  const inner = entered(source)
  const to = fileIdOf(target)
  if (inner) {
    // from the way in of an instance
    const from = `${inner.subflowDef.id}#in#${port}`
    if (homeOf(target) === inner) return [{ place: inner.subflowDef.id, from, port: 0, to }]
    return leaving(inner, { id: inner.subflowDef.id, port, from, fromPort: 0 }, target)
  }
  const flow = flowOf(source)
  const from = fileIdOf(source)
  const instance = instanceOf(flow)
  if (instance && target === instance.statusNode) return [{ place: placeOf(flow), from, port, to: `${instance.subflowDef.id}#status#0` }]
  if (!instance || homeOf(target) === flow) return [{ place: placeOf(flow), from, port, to }]
  return leaving(instance, { id: from, port, from, fromPort: port }, target)
}

/** From a node of a subflow's definition (or its way in) through one of its outputs to what follows the instance. */
function leaving(instance: SubflowInstance, source: { id: string; port: number; from: string; fromPort: number }, target: RunningNode): Wire[] {
  const { subflowDef, subflowInstance, parent } = instance
  const found: Wire[] = []
  ;(subflowDef.out ?? []).forEach((out, index) => {
    const isWired = out.wires?.some((wire) => wire.id === source.id && (wire.port ?? 0) === source.port)
    if (!isWired || !subflowInstance.wires?.[index]?.includes(target.id)) return
    found.push({ place: subflowDef.id, from: source.from, port: source.fromPort, to: `${subflowDef.id}#out#${index}` })
    const outer = instanceOf(parent)
    if (!outer || homeOf(target) === parent) found.push({ place: placeOf(parent), from: nameOf(instance), port: index, to: fileIdOf(target) })
    else if (target === outer.statusNode) found.push({ place: outer.subflowDef.id, from: nameOf(instance), port: index, to: `${outer.subflowDef.id}#status#0` })
    else found.push(...leaving(outer, { id: nameOf(instance), port: index, from: nameOf(instance), fromPort: index }, target))
  })
  return found
}
