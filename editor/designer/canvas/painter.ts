/** Everything of the canvas that is not a node near enough to read: grid, groups, wires, and boxes when zoomed far out. */

import { NODE_HEIGHT } from '../model/ports.ts'
import type { SceneGroup } from '../model/scene.ts'
import { FAMILY_COLOURS, familyOf } from './families.ts'
import type { FlowArea, FlowNodeView, ShownWire } from './flow-area.ts'
import type { Rect } from './grid.ts'
import type { Curve } from './wire-shape.ts'

/** Below this zoom nodes are boxes. */
export const BOX_ZOOM = 0.35

const TOKENS = {
  dot: '--cw-grid-dot',
  wire: '--cw-wire',
  accent: '--cw-accent',
  surface: '--cw-surface',
  line: '--cw-line-strong',
  ink: '--cw-ink-2',
  group: '--cw-line-strong',
  alarm: '--cw-state-alarm',
} as const

/** The colours of the moment. A canvas knows no custom properties, so they are read when the theme changes. */
export interface Colours extends Record<keyof typeof TOKENS, string> {
  family: (family: string) => string
  font: string
}

/** Reads the tokens as they are now: through a real element, because a token may be a function of light and dark. */
export function readColours(container: HTMLElement): Colours {
  const probe = document.createElement('span')
  container.append(probe)
  const read = (token: string) => {
    probe.style.color = `var(${token})`
    return getComputedStyle(probe).color
  }
  const families = new Map<string, string>()
  const colours = Object.fromEntries(Object.entries(TOKENS).map(([name, token]) => [name, read(token)])) as Record<keyof typeof TOKENS, string>
  const font = getComputedStyle(container).fontFamily
  for (const name of FAMILY_COLOURS) families.set(name, read(`--cw-family-${name}`))
  probe.remove()
  const known = new Map<string, string>()
  return {
    ...colours,
    font,
    family: (family) => {
      let colour = known.get(family)
      if (colour === undefined) {
        colour = families.get(familyOf(family)) ?? colours.line
        known.set(family, colour)
      }
      return colour
    },
  }
}

export interface Look {
  area: FlowArea
  groups: readonly SceneGroup[]
  selection: ReadonlySet<string>
  selectedWires: ReadonlySet<string>
  hoveredWire: string | undefined
  disabled: ReadonlySet<string>
  colours: Colours
  /** Size of the window on the canvas, CSS pixels. */
  size: { width: number; height: number }
  /** How much larger than the window the picture is on every side, CSS pixels. */
  bleed: number
  /** Nodes are elements, and not painted. */
  isNear: boolean
  problems: ReadonlyMap<string, unknown>
  /** Wires that are drawn by others just now. */
  elsewhere: ReadonlySet<string>
  /** How far the frames of groups are from where the model has them: while they are dragged. */
  groupShift: { ids: ReadonlySet<string>; x: number; y: number } | undefined
}

const DOT_STEP = 20
const FAR_ZOOM = 0.25
/** How long a frame may look for wires' ways. */
const ROUTING_MS = 6

/** @returns whether there is more to come: ways of wires that are still to be found */
export function paint(context: CanvasRenderingContext2D, look: Look, visible: Rect): boolean {
  const { area, size, bleed } = look
  const { x, y, k } = area.area.transform
  const ratio = window.devicePixelRatio || 1
  context.setTransform(ratio, 0, 0, ratio, ratio * bleed, ratio * bleed)
  context.clearRect(-bleed, -bleed, size.width + bleed * 2, size.height + bleed * 2)
  paintDots(context, look)
  context.setTransform(ratio * k, 0, 0, ratio * k, ratio * (x + bleed), ratio * (y + bleed))
  const shift = look.groupShift
  for (const group of look.groups) paintGroup(context, shift?.ids.has(group.id) ? { ...group, x: group.x + shift.x, y: group.y + shift.y } : group, look, k)
  const isUnfinished = paintWires(context, look, visible, k)
  if (!look.isNear) paintBoxes(context, look, visible, k)
  return isUnfinished
}

/** One tile of the grid; kept until its size or colour changes, because a pattern is one operation and dots are thousands. */
let tile: { key: string; pattern: CanvasPattern | null } | undefined

function paintDots(context: CanvasRenderingContext2D, { area, colours, size, bleed }: Look): void {
  const { x, y, k } = area.area.transform
  let step = DOT_STEP * k
  while (step < 14) step *= 4
  const ratio = window.devicePixelRatio || 1
  const pixels = Math.max(1, Math.round(step * ratio))
  const key = `${pixels} ${colours.dot}`
  if (tile?.key !== key) {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = pixels
    const brush = canvas.getContext('2d')
    const dot = Math.max(1, Math.round(Math.min(2, k * 1.6) * ratio))
    if (brush) {
      brush.fillStyle = colours.dot
      brush.fillRect(0, 0, dot, dot)
    }
    tile = { key, pattern: context.createPattern(canvas, 'repeat') }
  }
  if (!tile.pattern) return
  tile.pattern.setTransform(new DOMMatrix([step / pixels, 0, 0, step / pixels, ((x % step) + step) % step, ((y % step) + step) % step]))
  context.fillStyle = tile.pattern
  context.fillRect(-bleed, -bleed, size.width + bleed * 2, size.height + bleed * 2)
}

function paintGroup(context: CanvasRenderingContext2D, group: SceneGroup, { colours, selection }: Look, k: number): void {
  const isSelected = selection.has(group.id)
  context.beginPath()
  context.roundRect(group.x, group.y, group.width, group.height, 6)
  if (group.fill && group.fill !== 'none') {
    // the colour is the engineer's own; thin, so that both themes bear it
    context.globalAlpha = 0.12
    context.fillStyle = group.fill
    context.fill()
    context.globalAlpha = 1
  }
  context.lineWidth = (isSelected ? 2 : 1) / Math.max(k, 0.3)
  context.strokeStyle = isSelected ? colours.accent : group.stroke && group.stroke !== 'none' ? group.stroke : colours.group
  context.setLineDash(isSelected ? [] : [6, 4])
  context.stroke()
  context.setLineDash([])
  if (k >= BOX_ZOOM) paintFold(context, group, colours)
  if (group.label && k >= BOX_ZOOM) {
    context.font = `550 14px ${colours.font}`
    context.textBaseline = 'top'
    context.fillStyle = colours.ink
    context.fillText(group.label, group.x + 12, group.y + 9, Math.max(group.width - 48, 20))
  }
}

/** Where a group's sign for folding it up is. */
export function foldPlace(group: SceneGroup): { x: number; y: number } {
  return { x: group.x + group.width - 16, y: group.y + 16 }
}

function paintFold(context: CanvasRenderingContext2D, group: SceneGroup, colours: Colours): void {
  const { x, y } = foldPlace(group)
  context.beginPath()
  context.moveTo(x - 5, y - 2.5)
  context.lineTo(x, y + 2.5)
  context.lineTo(x + 5, y - 2.5)
  context.lineWidth = 2
  context.strokeStyle = colours.ink
  context.stroke()
}

function trace(context: CanvasRenderingContext2D, curves: readonly Curve[]): void {
  const first = curves[0]?.[0]
  if (!first) return
  context.moveTo(first.x, first.y)
  for (const [, b, c, d] of curves) context.bezierCurveTo(b.x, b.y, c.x, c.y, d.x, d.y)
}

function traceStraight(context: CanvasRenderingContext2D, curves: readonly Curve[]): void {
  const first = curves[0]?.[0]
  const last = curves.at(-1)?.[3]
  if (!first || !last) return
  context.moveTo(first.x, first.y)
  context.lineTo(last.x, last.y)
}

function paintWires(context: CanvasRenderingContext2D, look: Look, visible: Rect, k: number): boolean {
  const { area, colours, selectedWires, selection, hoveredWire, disabled, elsewhere } = look
  // so far out nobody sees a curve, and straight lines are painted many times faster
  const isFar = k < FAR_ZOOM
  const thickness = isFar ? 1 / k : Math.max(2, 1.2 / k)
  const until = performance.now() + ROUTING_MS
  let isUnfinished = false
  const plain: ShownWire[] = []
  const dead: ShownWire[] = []
  const special: ShownWire[] = []
  const near: ShownWire[] = []
  // the wires of what is selected stand out; of a whole flow they would say nothing
  const isFewSelected = selection.size > 0 && selection.size <= 200
  area.wireGrid.visit(visible, (id) => {
    const wire = area.wires.get(id)
    if (!wire || elsewhere.has(id)) return
    if (!wire.isRouted && k >= BOX_ZOOM) {
      if (performance.now() < until) area.route(id)
      else isUnfinished = true
    }
    if (id === hoveredWire || selectedWires.has(id)) special.push(wire)
    else if (disabled.size > 0 && (disabled.has(wire.from.id) || disabled.has(wire.to.id))) dead.push(wire)
    else if (isFewSelected && (selection.has(wire.from.id) || selection.has(wire.to.id))) near.push(wire)
    else plain.push(wire)
  })
  const stroke = (wires: readonly ShownWire[], style: string, width: number, dash: number[] = []) => {
    if (wires.length === 0) return
    context.beginPath()
    for (const { curves } of wires) {
      if (isFar) traceStraight(context, curves)
      else trace(context, curves)
    }
    context.lineWidth = width
    context.strokeStyle = style
    context.setLineDash(dash)
    context.stroke()
    context.setLineDash([])
  }
  stroke(plain, colours.wire, thickness)
  context.globalAlpha = 0.45
  stroke(dead, colours.wire, thickness, [8, 5])
  context.globalAlpha = 0.7
  stroke(near, colours.accent, thickness)
  context.globalAlpha = 1
  stroke(special, colours.accent, thickness + 1)
  return isUnfinished
}

/** Smaller than this a label cannot be read. */
const LABEL_ZOOM = 0.3

function paintBoxes(context: CanvasRenderingContext2D, { area, colours, selection, disabled, problems }: Look, visible: Rect, k: number): void {
  const byColour = new Map<string, FlowNodeView[]>()
  area.nodeGrid.visit(visible, (id) => {
    const view = area.views.get(id)
    if (!view) return
    const colour = selection.has(id) ? colours.accent : problems.has(id) ? colours.alarm : colours.family(view.node.scene.family)
    const list = byColour.get(colour)
    if (list) list.push(view)
    else byColour.set(colour, [view])
  })
  const hasLabels = k >= LABEL_ZOOM
  for (const [colour, views] of byColour) {
    context.fillStyle = colour
    for (const { node, position } of views) {
      const { width, height, id } = node.scene
      const isDead = disabled.has(id)
      if (isDead) context.globalAlpha = 0.35
      context.fillRect(position.x, position.y, width, Math.max(height, NODE_HEIGHT / 2))
      if (isDead) context.globalAlpha = 1
    }
  }
  if (!hasLabels) return
  // nearly readable: the boxes are paper with a coloured edge, as the elements are
  context.fillStyle = colours.surface
  for (const views of byColour.values())
    for (const { node, position } of views)
      if (node.scene.width > 60) context.fillRect(position.x + 28, position.y + 2, node.scene.width - 30, node.scene.height - 4)
  context.fillStyle = colours.ink
  context.font = `500 14px ${colours.font}`
  context.textBaseline = 'middle'
  for (const views of byColour.values()) {
    for (const { node, position } of views) {
      if (node.scene.width > 60) context.fillText(node.scene.label, position.x + 36, position.y + node.scene.height / 2)
    }
  }
}
