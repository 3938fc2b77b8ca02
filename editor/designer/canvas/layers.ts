/** What areas of the designer draw on the canvas, without a part in painting or hitting: layers, marks at nodes, hovering. */
import type { Scene } from '../model/scene.ts'
import type { FlowArea } from './flow-area.ts'
import type { Rect } from './grid.ts'
import type { Hit } from './hit.ts'
import type { Colours } from './painter.ts'

/** What a layer sees. The context is set to canvas coordinates; every paint begins from default styles. */
export interface LayerView {
  scene: Scene
  area: FlowArea
  colours: Colours
  visible: Rect
  zoom: number
}

export interface CanvasLayer {
  /** Under the nodes, with the wires; or over everything. */
  where: 'under' | 'over'
  /** Smaller numbers are painted first. @defaultValue 0 */
  order?: number
  paint(context: CanvasRenderingContext2D, view: LayerView): void
}

/** A small sign at a node's upper edge, from left to right in this order. */
export interface NodeMark {
  /** Class `flow-node-mark-<kind>`, styled by its area. */
  kind: string
  icon?: string
  text?: string
  /** Said to screen readers, behind the node's name. */
  title: string
}

/** Marks of one area. */
export type MarkSource = (id: string) => readonly NodeMark[] | undefined

/** What the pointer rests on; undefined when it has left the canvas. */
export type HoverListener = (hit: Hit | undefined, at: { clientX: number; clientY: number }) => void

/** A menu was asked for: of what, and where. */
export type MenuListener = (asked: { hit: Hit; at: { x: number; y: number }; window: { clientX: number; clientY: number } }) => void
