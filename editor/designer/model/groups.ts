/** Groups follow their members, as in Node-RED: the file holds their box, which is the members' box and a margin. */
import type { FlowModel } from './flow-model.ts'
import { NODE_HEIGHT } from './ports.ts'
import { type FlowNode, kindOf, numberOf, parentOf } from './raw.ts'

const MARGIN = 25
const LABEL_HEIGHT = 20

/** Half sizes of nodes are only known to who measures text; the canvas says them here. */
let sizeOf: (node: FlowNode) => { width: number; height: number } = () => ({ width: 120, height: NODE_HEIGHT })
export function measureNodesWith(measure: typeof sizeOf): void {
  sizeOf = measure
}

/** Fits every group of a tab to its members; inner groups first. Call inside a transaction. */
export function fitGroups(model: FlowModel, parent: string): void {
  const groups = model.childrenOf(parent).filter((node) => kindOf(node) === 'group')
  if (groups.length === 0) return
  model.edit('move', (draft) => {
    for (const group of groups.sort((a, b) => depthOf(model, b) - depthOf(model, a))) {
      const members = Array.isArray(group.nodes) ? group.nodes.map((id) => draft.get(id)).filter((node): node is FlowNode => node !== undefined) : []
      if (members.length === 0) continue
      const boxes = members.map(boxOf)
      const isLabelled = typeof group.name === 'string' && group.name !== ''
      const left = Math.min(...boxes.map((box) => box.left)) - MARGIN
      const top = Math.min(...boxes.map((box) => box.top)) - MARGIN - (isLabelled ? LABEL_HEIGHT : 0)
      const right = Math.max(...boxes.map((box) => box.right)) + MARGIN
      const bottom = Math.max(...boxes.map((box) => box.bottom)) + MARGIN
      draft.patch(group.id, { x: left, y: top, w: right - left, h: bottom - top })
    }
  })
}

function boxOf(node: FlowNode): { left: number; top: number; right: number; bottom: number } {
  const x = numberOf(node, 'x')
  const y = numberOf(node, 'y')
  if (kindOf(node) === 'group') return { left: x, top: y, right: x + numberOf(node, 'w'), bottom: y + numberOf(node, 'h') }
  const { width, height } = sizeOf(node)
  return { left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 }
}

function depthOf(model: FlowModel, group: FlowNode): number {
  let depth = 0
  let at: FlowNode | undefined = group
  // a broken file may hold a circle
  while (at && depth < 50) {
    const outer: unknown = at.g
    at = typeof outer === 'string' && parentOf(at) ? model.get(outer) : undefined
    depth += 1
  }
  return depth
}
