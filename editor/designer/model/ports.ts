/**
 * Where a node's ports are, by arithmetic and never by reading the layout. The measures are those of Node-RED's own
 * editor (@node-red/editor-client, view.js: node height, port distance, 20 px grid), so that a flow looks alike in both.
 */

export const GRID = 20
export const NODE_HEIGHT = 30
const PORT_STEP = 15
const NODE_WIDTH_MIN = 100
export const PORT_SIZE = 10
export const JUNCTION_SIZE = 10
/** Between a group's edge and what is in it, and what its name takes at the top. */
export const GROUP_MARGIN = 25
export const GROUP_LABEL_HEIGHT = 20
/** How far from a port the pointer may be, in screen pixels: a mouse, a finger. */
export const PORT_REACH = { mouse: 10, touch: 22 } as const

export interface Box {
  /** Centre. */
  x: number
  y: number
  width: number
  height: number
}

/** A box with ports. */
export interface Ported extends Box {
  inputs: number
  outputs: number
}

/** Tall enough for its outputs. */
export function heightFor(outputs: number): number {
  return Math.max(NODE_HEIGHT, outputs * PORT_STEP)
}

/** Wide enough for its label, in whole grid steps. */
export function widthFor(labelWidth: number): number {
  return Math.max(NODE_WIDTH_MIN, GRID * Math.ceil((labelWidth + 50) / GRID))
}

export function inputAt(node: Ported): { x: number; y: number } {
  return { x: node.x - node.width / 2, y: node.y }
}

export function outputAt(node: Ported, port: number): { x: number; y: number } {
  return { x: node.x + node.width / 2, y: node.y + (port - (node.outputs - 1) / 2) * (PORT_STEP - 2) }
}

/** The port nearest to a point within reach, or nothing. */
export function portNear(node: Ported, point: { x: number; y: number }, reach: number): { side: 'input' | 'output'; port: number } | undefined {
  let best: { side: 'input' | 'output'; port: number } | undefined
  let bestDistance = reach
  const look = (side: 'input' | 'output', port: number, at: { x: number; y: number }) => {
    const distance = Math.hypot(at.x - point.x, at.y - point.y)
    if (distance <= bestDistance) {
      best = { side, port }
      bestDistance = distance
    }
  }
  if (node.inputs > 0) look('input', 0, inputAt(node))
  for (let port = 0; port < node.outputs; port += 1) look('output', port, outputAt(node, port))
  return best
}

export function isInside(box: Box, point: { x: number; y: number }): boolean {
  return Math.abs(point.x - box.x) <= box.width / 2 && Math.abs(point.y - box.y) <= box.height / 2
}

export function snap(value: number): number {
  return Math.round(value / GRID) * GRID
}
