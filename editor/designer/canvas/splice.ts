/** A node dropped on a wire goes into its middle, if it has an input and an output and no wires of its own. */
import type { FlowCanvas } from './flow-canvas.ts'

/** The wire that a dragged node would go into, at the place where it is now. */
export function wireDropTarget(canvas: FlowCanvas, id: string): string | undefined {
  const view = canvas.area.views.get(id)
  if (view?.node.scene.kind !== 'node' || canvas.area.wiresOf(id).size > 0) return undefined
  const { inputs, outputs } = view.node.scene
  return inputs > 0 && outputs > 0 ? canvas.wireNear(view.box, 12) : undefined
}
