/** What is to be drawn of one tab or subflow: boxes with ports, wires, groups. Derived from the model, never stored. */
import type { NodeType } from '../../../server/api/flows.ts'
import { foldGroups } from './collapsed.ts'
import type { FlowModel } from './flow-model.ts'
import { heightFor, JUNCTION_SIZE, NODE_HEIGHT, widthFor } from './ports.ts'
import { type FlowNode, kindOf, numberOf, subflowOf, subflowPorts, textOf, wiresOf } from './raw.ts'
import type { Measure, PortEnd, Scene, SceneGroup, SceneNode, Types } from './scene-types.ts'

export type { Measure, PortEnd, Scene, SceneGroup, SceneNode, SceneWire, Types } from './scene-types.ts'

/** A subflow's own ports are drawn as nodes with ids of this form. */
const PART = /^(.+)#(in|out|status)#(\d+)$/
export const partId = (subflow: string, side: 'in' | 'out' | 'status', index: number) => `${subflow}#${side}#${index}`

/** Whether an id of the scene is a subflow's own port, and which. */
export function partOfSubflow(id: string): { subflow: string; side: 'in' | 'out' | 'status'; index: number } | undefined {
  const match = PART.exec(id)
  return match?.[1] ? { subflow: match[1], side: match[2] as 'in' | 'out' | 'status', index: Number(match[3]) } : undefined
}

const wireId = (from: PortEnd, to: PortEnd) => `${from.id}:${from.port}:${to.id}`

const NONE: ReadonlySet<string> = new Set()

/** Everything on one tab or in one subflow; these groups folded up. */
export function sceneOf(model: FlowModel, parent: string, types: Types, measure: Measure, collapsed: ReadonlySet<string> = NONE): Scene {
  const scene: Scene = { nodes: new Map(), wires: new Map(), groups: [] }
  const children = model.childrenOf(parent)
  for (const node of children) {
    const kind = kindOf(node)
    if (kind === 'node' || kind === 'junction') scene.nodes.set(node.id, sceneNode(model, node, types, measure))
    else if (kind === 'group') scene.groups.push(sceneGroup(model, node))
  }
  const definition = model.get(parent)
  if (definition && kindOf(definition) === 'subflow') addParts(scene, definition)
  for (const node of children) {
    if (!scene.nodes.has(node.id)) continue
    wiresOf(node).forEach((targets, port) => {
      for (const target of targets) addWire(scene, { id: node.id, port }, { id: target, port: 0 })
    })
  }
  scene.groups.sort((a, b) => a.depth - b.depth)
  return collapsed.size > 0 ? foldGroups(scene, model, collapsed, measure) : scene
}

function addWire(scene: Scene, from: PortEnd, to: PortEnd): void {
  // a wire to nowhere, or to another tab, stays in the file and is not drawn
  if (!scene.nodes.has(from.id) || !scene.nodes.has(to.id)) return
  const id = wireId(from, to)
  scene.wires.set(id, { id, from, to })
}

interface Made {
  types: Types
  subflow: FlowNode | undefined
  labelWidth: number
  scene: SceneNode
}
/** Objects of the model are replaced, never changed: what was made of one is good until types, subflow or fonts change. */
const made = new WeakMap<FlowNode, Made>()

/** One node's box, label and ports. The same object as before where nothing about it has changed. */
export function sceneNode(model: FlowModel, node: FlowNode, types: Types, measure: Measure): SceneNode {
  const subflowId = subflowOf(node)
  const subflow = subflowId === undefined ? undefined : model.get(subflowId)
  const known = made.get(node)
  if (known?.types === types && known.subflow === subflow && known.labelWidth === widthOf(known.scene.label, measure)) return known.scene
  const scene = makeNode(node, types.get(node.type), subflow, measure)
  made.set(node, { types, subflow, labelWidth: widthOf(scene.label, measure), scene })
  return scene
}

function widthOf(label: string, measure: Measure): number {
  return label.includes('\n') ? Math.max(...label.split('\n').map(measure)) : measure(label)
}

function makeNode(node: FlowNode, type: NodeType | undefined, subflow: FlowNode | undefined, measure: Measure): SceneNode {
  const common = { id: node.id, type: node.type, x: numberOf(node, 'x'), y: numberOf(node, 'y'), isDisabled: node.d === true }
  if (kindOf(node) === 'junction') {
    return {
      ...common,
      kind: 'junction',
      family: 'core',
      label: '',
      isLabelHidden: true,
      isUnknown: false,
      width: JUNCTION_SIZE,
      height: JUNCTION_SIZE,
      inputs: 1,
      outputs: 1,
      outputLabels: [],
    }
  }
  const { inputs, outputs } = portsOf(node, type, subflow)
  const label = shortened(labelOf(node, type, subflow))
  const isLabelHidden = node.l === false || (node.l === undefined && /^link (in|out|call)$/.test(node.type) && node.type !== 'link call')
  return {
    ...common,
    kind: 'node',
    family: subflow ? 'subflow' : (type?.family ?? 'other'),
    label,
    isLabelHidden,
    isUnknown: !type && !subflow,
    inputs,
    outputs,
    width: isLabelHidden ? NODE_HEIGHT : widthFor(widthOf(label, measure)),
    height: Math.max(heightFor(outputs), NODE_HEIGHT + (label.split('\n').length - 1) * 20),
    ...ownIcon(node, subflow),
    ...buttonOf(node),
    outputLabels: Array.isArray(node.outputLabels) ? (node.outputLabels as string[]) : (type?.outputLabels ?? []),
  }
}

function buttonOf({ type, active, d }: FlowNode): Pick<SceneNode, 'button'> {
  if (d === true) return {}
  if (type === 'inject') return { button: 'send' }
  return type === 'debug' ? { button: active === false ? 'off' : 'on' } : {}
}

/** A node's own `outputs` wins over its type's (function, switch); wires that are there show their ports whatever the type says. */
function portsOf(node: FlowNode, type: NodeType | undefined, subflow: FlowNode | undefined): { inputs: number; outputs: number } {
  if (subflow) return { inputs: Math.min(subflowPorts(subflow, 'in').length, 1), outputs: subflowPorts(subflow, 'out').length }
  const wired = wiresOf(node).findLastIndex((targets) => targets.length > 0) + 1
  const own = node.outputs
  if (type) return { inputs: Math.min(type.inputs, 1), outputs: Math.max(wired, typeof own === 'number' ? own : type.outputs) }
  return { inputs: 1, outputs: Math.max(wired, wiresOf(node).length) }
}

function ownIcon(node: FlowNode, subflow: FlowNode | undefined): { icon?: string } {
  const icon = textOf(node, 'icon') || (subflow ? textOf(subflow, 'icon') : '')
  return icon === '' ? {} : { icon }
}

/** The person's name for it, else its subflow's, else its type's. `\n` written in a name breaks the line, as in Node-RED. */
export function labelOf(node: FlowNode, type: NodeType | undefined, subflow?: FlowNode): string {
  const own = textOf(node, 'name') || (subflow ? textOf(subflow, 'name') : '') || type?.label || node.type
  return own.replaceAll('\\n', '\n').trim() || node.type
}

/** What is drawn of a name: longer ones would lie over the whole flow. The form and the search have all of it. */
const LABEL_MOST = 60
const LABEL_LINES_MOST = 12

function shortened(label: string): string {
  if (label.length <= LABEL_MOST) return label
  const lines = label.split('\n').slice(0, LABEL_LINES_MOST)
  return lines.map((line) => (line.length > LABEL_MOST ? `${line.slice(0, LABEL_MOST - 1)}…` : line)).join('\n')
}

function sceneGroup(model: FlowModel, node: FlowNode): SceneGroup {
  const style = (typeof node.style === 'object' && node.style !== null ? node.style : {}) as Record<string, unknown>
  let depth = 0
  for (let outer = node.g; typeof outer === 'string' && depth < 50; outer = model.get(outer)?.g) depth += 1
  return {
    id: node.id,
    x: numberOf(node, 'x'),
    y: numberOf(node, 'y'),
    width: numberOf(node, 'w'),
    height: numberOf(node, 'h'),
    label: shortened(textOf(node, 'name')),
    stroke: typeof style.stroke === 'string' ? style.stroke : undefined,
    fill: typeof style.fill === 'string' ? style.fill : undefined,
    depth,
  }
}

function addParts(scene: Scene, definition: FlowNode): void {
  const box = { type: 'subflow', family: 'subflow', isLabelHidden: true, isDisabled: false, isUnknown: false, width: 40, height: 40, outputLabels: [] }
  for (const side of ['in', 'out', 'status'] as const) {
    subflowPorts(definition, side).forEach((port, index) => {
      const id = partId(definition.id, side, index)
      scene.nodes.set(id, {
        ...box,
        id,
        kind: side === 'in' ? 'subflow-in' : side === 'out' ? 'subflow-out' : 'subflow-status',
        label: side === 'out' ? String(index + 1) : '',
        x: port.x,
        y: port.y,
        inputs: side === 'in' ? 0 : 1,
        outputs: side === 'in' ? 1 : 0,
      })
    })
  }
  for (const side of ['in', 'out', 'status'] as const) {
    subflowPorts(definition, side).forEach((port, index) => {
      const id = partId(definition.id, side, index)
      for (const wire of port.wires) {
        if (side === 'in') addWire(scene, { id, port: 0 }, { id: wire.id, port: 0 })
        else addWire(scene, { id: wire.id, port: wire.port }, { id, port: 0 })
      }
    })
  }
}
