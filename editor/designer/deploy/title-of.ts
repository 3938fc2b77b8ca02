/** What an object of the flow file is called in lists: a tab and a subflow by their own names, a node as on the canvas. */
import { type FlowNode, kindOf, textOf } from '../model/raw.ts'
import { labelOf, type Types } from '../model/scene.ts'

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
