/** Differences drawn on the canvas: what is gone as a ghost where it was, new and lost wires, and where something was moved from. */
import type { FlowCanvas } from '../canvas/flow-canvas.ts'
import type { CanvasLayer, LayerView } from '../canvas/layers.ts'
import { curvesOf } from '../canvas/wire-shape.ts'
import { inputAt, NODE_HEIGHT, outputAt, type Ported } from '../model/ports.ts'
import { type FlowNode, kindOf, numberOf, textOf, wiresOf } from '../model/raw.ts'
import type { Workspace } from '../workspace.ts'
import type { Comparison } from './comparison.ts'
import { DIFF_SIGNS } from './diff-list.tsx'

interface Ink {
  added: string
  removed: string
  surface: string
}

const GHOST_WIDTH = 120

/** Draws the differences on a canvas, with a mark at each node. @returns what ends it */
export function showDifferences(canvas: FlowCanvas, comparison: Comparison, words: Readonly<Record<'added' | 'changed' | 'moved', string>>): (() => void)[] {
  return [
    canvas.addLayer(compareLayer(canvas.workspace, comparison)),
    canvas.addMarks((id) => {
      const kind = comparison.of(id)?.kind
      return kind && kind !== 'removed' ? [{ kind: `diff-${kind}`, text: DIFF_SIGNS[kind], title: words[kind] }] : undefined
    }),
  ]
}

function compareLayer(workspace: Workspace, comparison: Comparison): CanvasLayer {
  return {
    where: 'over',
    order: 5,
    paint(context, view) {
      const place = workspace.place
      if (!comparison.against || place === undefined) return
      const ink = readInk()
      const thin = Math.max(1.5, 1 / view.zoom)
      const before = comparison.before
      // a ghost is as large as it was drawn then, as far as is known
      const boxOf = (id: string): Ported | undefined => {
        const shown = view.area.views.get(id)?.box
        const node = shown ? undefined : before.get(id)
        return node && node.z === place ? ghostOf(node) : shown
      }
      for (const diff of comparison.list) {
        if (diff.node.z !== place) continue
        if (diff.kind === 'removed') paintGhost(context, diff.node, ink, view, thin)
        else {
          const was = before.get(diff.id)
          if (was && (was.x !== diff.node.x || was.y !== diff.node.y)) paintMove(context, was, boxOf(diff.id), view, thin)
        }
        paintWires(context, { was: before.get(diff.id), is: diff.kind === 'removed' ? undefined : diff.node, boxOf, ink, thin })
      }
    },
  }
}

function ghostOf(node: FlowNode): Ported {
  const outputs = wiresOf(node).length
  return { x: numberOf(node, 'x'), y: numberOf(node, 'y'), width: GHOST_WIDTH, height: NODE_HEIGHT, inputs: 1, outputs }
}

function paintGhost(context: CanvasRenderingContext2D, node: FlowNode, ink: Ink, { colours, zoom }: LayerView, thin: number): void {
  const isGroup = kindOf(node) === 'group'
  if (kindOf(node) === 'config') return
  const { x, y, width, height } = isGroup
    ? {
        x: numberOf(node, 'x') + numberOf(node, 'w') / 2,
        y: numberOf(node, 'y') + numberOf(node, 'h') / 2,
        width: numberOf(node, 'w'),
        height: numberOf(node, 'h'),
      }
    : ghostOf(node)
  context.globalAlpha = 0.85
  context.beginPath()
  context.roundRect(x - width / 2, y - height / 2, width, height, 6)
  if (!isGroup) {
    context.fillStyle = ink.surface
    context.fill()
  }
  context.lineWidth = thin
  context.strokeStyle = ink.removed
  context.setLineDash([5, 4])
  context.stroke()
  context.setLineDash([])
  if (zoom < 0.35) return
  const label = textOf(node, 'name') || node.type
  context.font = `500 13px ${colours.font}`
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  context.fillStyle = ink.removed
  const left = x - width / 2 + 10
  const top = isGroup ? y - height / 2 + 14 : y
  context.fillText(`− ${label}`, left, top, width - 20)
  const textWidth = Math.min(context.measureText(`− ${label}`).width, width - 20)
  context.beginPath()
  context.moveTo(left + 12, top)
  context.lineTo(left + textWidth, top)
  context.lineWidth = 1
  context.stroke()
  context.globalAlpha = 1
}

function paintMove(context: CanvasRenderingContext2D, was: FlowNode, box: Ported | undefined, { colours }: LayerView, thin: number): void {
  if (!box) return
  const from = { x: numberOf(was, 'x'), y: numberOf(was, 'y') }
  context.globalAlpha = 0.8
  context.strokeStyle = colours.ink
  context.lineWidth = thin
  context.setLineDash([2, 4])
  context.beginPath()
  context.roundRect(from.x - box.width / 2, from.y - box.height / 2, box.width, box.height, 6)
  context.moveTo(from.x, from.y)
  context.lineTo(box.x, box.y)
  context.stroke()
  context.setLineDash([])
  context.globalAlpha = 1
}

function paintWires(
  context: CanvasRenderingContext2D,
  { was, is, boxOf, ink, thin }: { was: FlowNode | undefined; is: FlowNode | undefined; boxOf: (id: string) => Ported | undefined; ink: Ink; thin: number },
): void {
  const then = new Set(was ? ends(was) : [])
  const now = new Set(is ? ends(is) : [])
  const source = boxOf((is ?? was)?.id ?? '')
  if (!source) return
  const draw = (wire: string, isNew: boolean) => {
    const [port = '0', ...rest] = wire.split(' ')
    const target = boxOf(rest.join(' '))
    if (!target) return
    context.beginPath()
    for (const [a, b, c, d] of curvesOf(outputAt(source, Number(port)), inputAt(target))) {
      context.moveTo(a.x, a.y)
      context.bezierCurveTo(b.x, b.y, c.x, c.y, d.x, d.y)
    }
    context.lineWidth = isNew ? thin * 2 : thin * 1.5
    context.strokeStyle = isNew ? ink.added : ink.removed
    context.setLineDash(isNew ? [] : [6, 5])
    context.stroke()
    context.setLineDash([])
  }
  for (const wire of now) if (!then.has(wire)) draw(wire, true)
  for (const wire of then) if (!now.has(wire)) draw(wire, false)
}

const ends = (node: FlowNode) => wiresOf(node).flatMap((targets, port) => targets.map((target) => `${port} ${target}`))

let inkKnown: { scheme: string; ink: Ink } | undefined
/** A canvas knows no custom properties: they are read through a real element, once a theme. */
function readInk(): Ink {
  const root = document.documentElement
  const scheme = `${root.dataset.mantineColorScheme} ${matchMedia('(prefers-color-scheme: dark)').matches}`
  if (inkKnown?.scheme === scheme) return inkKnown.ink
  const probe = document.createElement('span')
  document.body.append(probe)
  const read = (token: string) => {
    probe.style.color = `var(${token})`
    return getComputedStyle(probe).color
  }
  const ink = { added: read('--cw-state-action'), removed: read('--cw-state-alarm'), surface: read('--cw-surface') }
  probe.remove()
  inkKnown = { scheme, ink }
  return ink
}
