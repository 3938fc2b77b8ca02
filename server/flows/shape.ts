/**
 * The shape that Node-RED takes for granted in flow JSON. It reads on without looking: a group that lies in itself
 * keeps it busy for ever, a subflow that contains itself fills its memory until it dies.
 */
import type { Steps } from '../../base/steps.ts'
import { type Finding, type FlowNode, finding, type WantedShape } from '../api/index.ts'

export interface BrokenNode {
  node: FlowNode
  found: Finding
  property: string
}

const SUBFLOW = 'subflow:'
/** Flow JSON is kept in plain objects by id: `constructor` would be found in an empty one. */
const isNameOfEveryObject = (id: string) => id in Object.prototype
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const CONTROL = /[\u0000-\u001f\u007f]/
const isTextList = (value: unknown) => Array.isArray(value) && value.every((each) => typeof each === 'string')
const isObjectList = (value: unknown) => Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null)
const isPortList = (value: unknown) =>
  isObjectList(value) &&
  (value as { wires?: unknown }[]).every(
    ({ wires }) => wires === undefined || (isObjectList(wires) && (wires as { id?: unknown }[]).every(({ id }) => typeof id === 'string')),
  )

/** What is wrong with one node by itself, whatever its type. */
export function brokenShape(node: FlowNode): { found: Finding; property: string } | undefined {
  const { type } = node
  const must = (property: string, isRight: (value: unknown) => boolean, wanted: WantedShape) =>
    node[property] === undefined || isRight(node[property]) ? undefined : { property, found: finding('shape-wrong', { property, wanted }) }
  const isText = (value: unknown) => typeof value === 'string'
  const isTextOrNothing = (value: unknown) => value === null || isText(value)
  if (CONTROL.test(node.id) || isNameOfEveryObject(node.id)) return { property: 'id', found: finding('id-unusable', {}) }
  const anywhere = must('z', isTextOrNothing, 'tab') ?? must('g', isTextOrNothing, 'group')
  if (anywhere) return anywhere
  if (typeof node.z === 'string' && node.z) {
    const place = must('x', Number.isFinite, 'number') ?? must('y', Number.isFinite, 'number')
    if (place) return place
  }
  if (type === 'tab' || type === 'group' || type === 'subflow' || type.startsWith(SUBFLOW)) {
    const env = must('env', isObjectList, 'variables')
    if (env) return env
  }
  if (type === 'tab') return must('label', isText, 'text') ?? must('disabled', (value) => typeof value === 'boolean', 'yes-or-no')
  if (type === 'group') return must('nodes', isTextList, 'nodes')
  if (type === 'subflow') return must('in', isPortList, 'ports') ?? must('out', isPortList, 'ports')
  return undefined
}

/** Groups that lie in a group that is not there or in themselves, subflows that contain themselves. */
export function* containersInThemselves(flows: readonly FlowNode[], byId: ReadonlyMap<string, FlowNode>): Steps<BrokenNode[]> {
  const broken: BrokenNode[] = []
  const groupOf = (node: FlowNode) => (typeof node.g === 'string' && node.g ? byId.get(node.g) : undefined)
  for (const node of flows) {
    yield
    if (typeof node.g !== 'string' || !node.g) continue
    const group = groupOf(node)
    if (group?.type !== 'group' || group.z !== node.z) broken.push({ node, property: 'g', found: finding('group-elsewhere', {}) })
  }
  const groups = flows.filter((node) => node.type === 'group')
  const isGroup = (node: FlowNode | undefined): node is FlowNode => node?.type === 'group'
  const inItself = new Set([
    ...(yield* nodesOnCircles(groups, (group) => [groupOf(group)].filter(isGroup))),
    // the editor goes by this list, the runtime by `g`
    ...(yield* nodesOnCircles(groups, ({ nodes }) => (Array.isArray(nodes) ? nodes.map((id) => byId.get(String(id))).filter(isGroup) : []))),
  ])
  for (const node of inItself) broken.push({ node, property: 'g', found: finding('group-in-itself', {}) })

  const instances = new Map<string, Set<FlowNode>>()
  for (const node of flows) {
    yield
    const inside = node.type.startsWith(SUBFLOW) && typeof node.z === 'string' ? byId.get(node.z) : undefined
    const used = byId.get(node.type.slice(SUBFLOW.length))
    if (inside?.type !== 'subflow' || used?.type !== 'subflow') continue
    const known = instances.get(inside.id) ?? new Set()
    instances.set(inside.id, known.add(used))
  }
  const subflows = flows.filter((node) => node.type === 'subflow')
  for (const node of yield* nodesOnCircles(subflows, (subflow) => [...(instances.get(subflow.id) ?? [])]))
    broken.push({ node, property: 'type', found: finding('subflow-in-itself', {}) })
  return broken
}

/** The first node met again on each circle; without recursion, for chains of any length. */
export function* nodesOnCircles(nodes: readonly FlowNode[], next: (node: FlowNode) => readonly FlowNode[]): Steps<FlowNode[]> {
  const state = new Map<FlowNode, 'open' | 'done'>()
  const found: FlowNode[] = []
  for (const start of nodes) {
    if (state.has(start)) continue
    state.set(start, 'open')
    const path = [{ node: start, rest: [...next(start)] }]
    for (let top = path.at(-1); top; top = path.at(-1)) {
      yield
      const target = top.rest.shift()
      if (!target) {
        state.set(top.node, 'done')
        path.pop()
      } else if (state.get(target) === 'open') found.push(top.node)
      else if (!state.has(target)) {
        state.set(target, 'open')
        path.push({ node: target, rest: [...next(target)] })
      }
    }
  }
  return found
}
