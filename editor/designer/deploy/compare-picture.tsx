/** Flows that are not the drawing, over the canvas: to be looked at, moved and zoomed, and nothing else. */
import { useCallback } from 'react'
import type { FlowCanvas } from '../canvas/flow-canvas.ts'
import { LookOnly } from '../canvas/look-only.tsx'
import { useHost } from '../host/use-host.ts'
import { measureNodesWith } from '../model/groups.ts'
import { sceneNode } from '../model/scene.ts'
import type { Workspace } from '../workspace.ts'
import { showDifferences } from './compare-layer.ts'
import type { Comparison } from './comparison.ts'
import { useDeployText } from './text.ts'

export function ComparePicture({ comparison, picture }: { comparison: Comparison; picture: Workspace }) {
  const words = useDeployText().compare
  const host = useHost()
  const onMade = useCallback(
    (made: FlowCanvas) => {
      // how large a node is, is asked of the canvas that was made last: groups of the drawing go by the drawing
      const drawing = host.canvas
      if (drawing) measureNodesWith((node) => sceneNode(host.workspace.model, node, host.workspace.types, drawing.measure))
      // what lies under it is not what one sees
      const drawn = host.handle?.element?.closest('.canvas-frame')
      drawn?.setAttribute('inert', '')
      return [() => drawn?.removeAttribute('inert'), ...showDifferences(made, comparison, words.marks), picture.on('reveal', (id) => void made.reveal(id))]
    },
    [picture, comparison, host, words],
  )
  return (
    <LookOnly picture={picture} label={words.picture} className="compare-picture" testId="compare-picture" onMade={onMade} onEscape={() => comparison.end()} />
  )
}
