/** Makes Rete's editor hold exactly what is to be drawn. */
import type { NodeEditor } from 'rete'
import { sameJson } from '../model/raw.ts'
import type { Scene } from '../model/scene.ts'
import { type FlowArea, ReteNode, reteWire, type Schemes } from './flow-area.ts'

export interface Mirror {
  editor: NodeEditor<Schemes>
  area: FlowArea
  /** Nodes in somebody's hand: they stay where they are. */
  held: ReadonlySet<string>
}

/** Brings the editor from one scene to the next. What is equal stays the same object in `next`. */
export async function mirror({ editor, area, held }: Mirror, before: Scene, next: Scene): Promise<void> {
  for (const id of before.wires.keys()) if (!next.wires.has(id)) await editor.removeConnection(id)
  for (const id of before.nodes.keys()) if (!next.nodes.has(id)) await editor.removeNode(id)
  for (const [id, node] of next.nodes) {
    const known = before.nodes.get(id)
    if (!known) await editor.addNode(new ReteNode(node))
    else if (known === node || sameJson(known, node)) {
      if (known !== node) next.nodes.set(id, known)
      // shown elsewhere while it was dragged
      if (!area.isInPlace(id) && !held.has(id)) area.change(known)
    } else area.change(node, held.has(id))
  }
  for (const [id, wire] of next.wires) if (!before.wires.has(id)) await editor.addConnection(reteWire(wire))
}
