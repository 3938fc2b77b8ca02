/** Where a breakpoint can stand and how a place is called. No view. */
import { type BreakpointPlace, motionRoleOf } from '../../../server/api/debugger.ts'
import type { Hit } from '../canvas/flow-canvas.ts'
import type { ActionTarget } from '../host/action.ts'
import type { DesignerHost } from '../host/designer-host.ts'
import { labelOf } from '../model/scene.ts'
import type { Workspace } from '../workspace.ts'
import type { DebuggerText } from './text.ts'

/** The node's name as the canvas shows it. */
export function nameOf({ model, types }: Pick<Workspace, 'model' | 'types'>, id: string, otherwise = id): string {
  const node = model.get(id)
  if (!node) return otherwise
  const subflow = node.type.startsWith('subflow:') ? model.get(node.type.slice('subflow:'.length)) : undefined
  return labelOf(node, types.get(node.type), subflow).replaceAll('\n', ' ')
}

export function placeText(workspace: Workspace, at: BreakpointPlace, text: DebuggerText): string {
  return at.kind === 'node'
    ? text.condition.beforeNode(nameOf(workspace, at.nodeId))
    : text.condition.onWire(nameOf(workspace, at.from), nameOf(workspace, at.to))
}

/** The machine that a node acts on as soon as a message comes; undefined for nodes that do not. */
export function actsOn({ model }: Pick<Workspace, 'model'>, id: string, otherwise: string): string | undefined {
  const node = model.get(id)
  if (!node || motionRoleOf(node.type, node.command) !== 'acts') return undefined
  const config = typeof node.machine === 'string' ? model.get(node.machine) : undefined
  return typeof config?.machineId === 'string' ? config.machineId : otherwise
}

/** What an action is meant for: what was pointed at, else what is selected. */
export function targets(host: DesignerHost, target: ActionTarget | undefined): BreakpointPlace[] {
  const hits: Hit[] = target
    ? [target.hit]
    : [
        ...[...host.workspace.selection].map((id) => ({ on: 'node', id }) as const),
        ...[...host.workspace.selectedWires].map((id) => ({ on: 'wire', id }) as const),
      ]
  return hits.flatMap((hit): BreakpointPlace[] => {
    if (hit.on === 'wire') {
      const wire = host.canvas?.scene.wires.get(hit.id)
      return wire && !wire.from.id.includes('#') && !wire.to.id.includes('#')
        ? [{ kind: 'wire', from: wire.from.id, port: wire.from.port, to: wire.to.id }]
        : []
    }
    const id = hit.on === 'node' ? hit.id : hit.on === 'port' ? hit.port.id : undefined
    return id !== undefined && !id.includes('#') && host.canvas?.scene.nodes.has(id) ? [{ kind: 'node', nodeId: id }] : []
  })
}

/** Why a breakpoint cannot stand there. */
export function whyNoBreakpoint(host: DesignerHost, target: ActionTarget | undefined, text: DebuggerText): string | undefined {
  const places = targets(host, target)
  if (places.length === 0) {
    const isPart = target ? target.hit.on !== 'nothing' : host.workspace.selection.size + host.workspace.selectedWires.size > 0
    return isPart ? text.whyNot.part : text.whyNot.nothingSelected
  }
  for (const at of places) {
    const node = host.workspace.model.get(at.kind === 'node' ? at.nodeId : at.to)
    if (node && motionRoleOf(node.type, node.command) === 'protects') return text.whyNot.protects
  }
  // an inject node has no input, and yet its press comes in
  const comes = places.some((at) => at.kind === 'wire' || isEntered(host, at.nodeId))
  return comes ? undefined : text.whyNot.noInput
}

/** Enter without a wire: pressed, or called by Node-RED itself. */
const CALLED = new Set(['inject', 'catch', 'status', 'complete', 'link in', 'cw-button', 'cw-form'])

function isEntered(host: DesignerHost, id: string): boolean {
  const node = host.canvas?.scene.nodes.get(id)
  return !node || node.inputs > 0 || CALLED.has(node.type)
}
