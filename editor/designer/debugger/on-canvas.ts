/** The debugger on the canvas: signs at nodes, breakpoints and waiting messages on wires. */
import type { FlowCanvas } from '../canvas/flow-canvas.ts'
import type { CanvasLayer, MarkSource, NodeMark } from '../canvas/layers.ts'
import { pointOn } from '../canvas/wire-shape.ts'
import type { Workspace } from '../workspace.ts'
import type { DebuggerStore } from './debugger-store.ts'
import { actsOn } from './places.ts'
import type { DebuggerText } from './text.ts'

export function debuggerMarks({ store, workspace, text }: { store: DebuggerStore; workspace: Workspace; text: () => DebuggerText }): MarkSource {
  return (id) => {
    const { marks } = text()
    const found: NodeMark[] = []
    const breakpoint = store.breakpointAt({ kind: 'node', nodeId: id })
    if (breakpoint) {
      const { isOn, condition } = breakpoint
      found.push({
        kind: !isOn ? 'breakpoint-off' : condition ? 'breakpoint-when' : 'breakpoint',
        ...(condition ? { text: '?' } : {}),
        title: !isOn ? marks.off : condition ? marks.conditional(condition) : marks.breakpoint,
      })
    }
    const waiting = store.state.waitingAt[id] ?? 0
    if (waiting > 0) found.push({ kind: 'waiting', text: String(waiting), title: marks.waiting(waiting) })
    const machine = store.isActive ? actsOn(workspace, id, marks.machine) : undefined
    if (machine !== undefined) found.push({ kind: 'acts', icon: 'axes', title: marks.acts(machine) })
    return found.length > 0 ? found : undefined
  }
}

/** Breakpoints stand in the middle of their wire, waiting messages before their node. */
export function wireLayer(store: DebuggerStore): CanvasLayer {
  return {
    where: 'under',
    order: 20,
    paint(context, { area, colours, zoom }) {
      const { breakpoints, waiting } = store.state
      const isFew = breakpoints.some(({ at }) => at.kind === 'wire') || waiting.some(({ from }) => from !== undefined)
      if (!isFew) return
      const size = 7 / Math.max(zoom, 0.4)
      for (const { at, isOn, condition } of breakpoints) {
        if (at.kind !== 'wire') continue
        const curves = area.wires.get(`${at.from}:${at.port}:${at.to}`)?.curves
        const middle = curves?.[Math.floor(curves.length / 2)]
        if (!middle) continue
        const { x, y } = curves.length % 2 === 1 ? pointOn(middle, 0.5) : middle[0]
        octagon(context, x, y, size)
        context.fillStyle = isOn ? colours.ink : colours.surface
        context.strokeStyle = colours.ink
        context.lineWidth = size / 4
        context.fill()
        context.stroke()
        if (!condition) continue
        context.fillStyle = isOn ? colours.surface : colours.ink
        context.font = `700 ${size * 1.5}px ${colours.font}`
        context.textAlign = 'center'
        context.textBaseline = 'middle'
        context.fillText('?', x, y)
      }
      const count = new Map<string, number>()
      for (const { from, nodeId } of waiting) {
        if (!from) continue
        const id = `${from.id}:${from.port}:${nodeId}`
        count.set(id, (count.get(id) ?? 0) + 1)
      }
      for (const id of count.keys()) {
        const last = area.wires.get(id)?.curves.at(-1)
        if (!last) continue
        // two bars, as on a pause key
        const { x, y } = pointOn(last, 0.85)
        context.fillStyle = colours.surface
        context.beginPath()
        context.arc(x, y, size * 1.1, 0, Math.PI * 2)
        context.fill()
        context.fillStyle = colours.ink
        context.fillRect(x - size * 0.55, y - size * 0.6, size * 0.4, size * 1.2)
        context.fillRect(x + size * 0.15, y - size * 0.6, size * 0.4, size * 1.2)
      }
    },
  }
}

function octagon(context: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  context.beginPath()
  for (let corner = 0; corner < 8; corner += 1) {
    const angle = Math.PI / 8 + (corner * Math.PI) / 4
    context.lineTo(x + Math.cos(angle) * size, y + Math.sin(angle) * size)
  }
  context.closePath()
}

/** Draws anew what the debugger's news concern. */
export function followOnCanvas(canvas: FlowCanvas, store: DebuggerStore): () => void {
  return store.watch(() => canvas.redrawFaces())
}
