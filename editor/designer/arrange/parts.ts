/** What the arranging actions have in common: what they are done to, and when they cannot be. */
import type { Action, ActionTarget } from '../host/action.ts'
import type { DesignerHost } from '../host/designer-host.ts'
import { groupsAround } from '../model/collapsed.ts'
import type { FlowNode } from '../model/raw.ts'
import { partOfSubflow } from '../model/scene.ts'
import type { WireEnds } from '../model/wires.ts'
import type { Placed } from './align.ts'
import type { ArrangeText } from './text.ts'

export interface ActionParts {
  host: DesignerHost
  text: ArrangeText
}

/** What is pointed at counts as selected; it is when the menu opens, and a test or a script may ask without one. */
export function chosen({ workspace }: DesignerHost, target?: ActionTarget): string[] {
  const hit = target?.hit
  const ids = [...workspace.selection]
  if (hit && (hit.on === 'node' || hit.on === 'group') && !workspace.selection.has(hit.id)) return [hit.id]
  return ids
}

/** Nodes, junctions and groups among them: no subflow's own ports. */
export function chosenNodes(host: DesignerHost, target?: ActionTarget): FlowNode[] {
  return chosen(host, target)
    .map((id) => host.workspace.model.get(id))
    .filter((node) => node !== undefined)
}

export function chosenGroups(host: DesignerHost, target?: ActionTarget): FlowNode[] {
  return chosenNodes(host, target).filter((node) => node.type === 'group')
}

export function chosenWires({ workspace, canvas }: DesignerHost, target?: ActionTarget): WireEnds[] {
  const hit = target?.hit
  const ids = hit?.on === 'wire' && !workspace.selectedWires.has(hit.id) ? [hit.id] : [...workspace.selectedWires]
  return ids.map((id) => canvas?.scene.wires.get(id)).filter((wire) => wire !== undefined)
}

/** The boxes on the canvas of what is selected; what is in a selected group goes with it. */
export function boxesOf({ workspace, canvas }: DesignerHost, ids: readonly string[]): Placed[] {
  const scene = canvas?.scene
  if (!scene) return []
  const all = new Set(ids)
  return ids
    .filter((id) => !groupsAround(workspace.model, id).some((group) => all.has(group)))
    .flatMap((id) => {
      const node = scene.nodes.get(id)
      if (node) return [{ id, x: node.x, y: node.y, width: node.width, height: node.height }]
      const group = scene.groups.find((one) => one.id === id)
      return group ? [{ id, x: group.x + group.width / 2, y: group.y + group.height / 2, width: group.width, height: group.height }] : []
    })
}

/** From where middles go on the canvas to what the file holds: groups have their upper left corner there. */
export function filePlaces({ workspace: { model } }: DesignerHost, boxes: readonly Placed[], middles: ReadonlyMap<string, { x: number; y: number }>) {
  const places = new Map<string, { x: number; y: number }>()
  for (const box of boxes) {
    const to = middles.get(box.id)
    if (!to) continue
    const group = model.get(box.id)
    if (group?.type !== 'group') places.set(box.id, to)
    else places.set(box.id, { x: Number(group.x) + to.x - box.x, y: Number(group.y) + to.y - box.y })
  }
  return places
}

function isLocked({ workspace: { model, place } }: DesignerHost): boolean {
  return place !== undefined && model.get(place)?.locked === true
}

/** These actions change the shown flow: not while it is locked. */
export function changing({ host, text }: ActionParts, actions: readonly Action[]): Action[] {
  return actions.map((action) => ({ ...action, whyNot: (target) => (isLocked(host) ? text.why.locked : action.whyNot?.(target)) }))
}

export const isPart = (id: string) => partOfSubflow(id) !== undefined
