/** Objects of the flow file in lists: what they are called, and those of them that can be selected now. */
import { type FlowNode, kindOf, textOf } from '../model/raw.ts'
import { labelOf, type Types } from '../model/scene.ts'
import type { Workspace } from '../workspace.ts'

/** A tab and a subflow by their own names, a node as on the canvas. */
export function titleOf(node: FlowNode, types: Types): string {
  switch (kindOf(node)) {
    case 'tab':
      return textOf(node, 'label') || node.id
    case 'subflow':
    case 'group':
      return textOf(node, 'name') || node.type
    default:
      return labelOf(node, types.get(node.type))
  }
}

/** Of these, the ones on the tab or in the subflow that is shown. */
export function onShownPlace({ model, place }: Workspace, ids: readonly string[]): string[] {
  return ids.filter((id) => model.get(id)?.z === place)
}
