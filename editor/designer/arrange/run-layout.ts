/** Lays out what is selected, or the whole flow: asks the worker, lets the nodes glide to their places, and makes it one step. */
import type { FlowCanvas } from '../canvas/flow-canvas.ts'
import type { DesignerHost } from '../host/designer-host.ts'
import { placeNodes, withMembers } from '../model/commands.ts'
import { textOf } from '../model/raw.ts'
import { askLayout } from './ask-layout.ts'
import type { LayoutJob } from './layout.ts'
import { filePlaces } from './parts.ts'

const GLIDE_MS = 260
/** More than these are put in place at once: gliding would be slower than the eye. */
const GLIDE_NODES = 400

/** @returns how many were moved @throws the signal's reason, or what the worker says */
export async function runLayout(host: DesignerHost, signal: AbortSignal): Promise<number> {
  const { canvas, workspace } = host
  const { place } = workspace
  if (!canvas || place === undefined) return 0
  const job = jobFor(host, canvas)
  const middles = await askLayout(job, signal)
  // gone elsewhere meanwhile: nothing is moved behind one's back
  if (workspace.place !== place) return 0
  const places = filePlaces(host, job.boxes, middles)
  for (const [id, at] of places) {
    const node = workspace.model.get(id)
    if (node && node.x === at.x && node.y === at.y) places.delete(id)
  }
  if (places.size === 0) return 0
  const moving = job.boxes.filter(({ id }) => places.has(id))
  if (moving.length <= GLIDE_NODES && !matchMedia('(prefers-reduced-motion: reduce)').matches) {
    const glides = moving.map(({ id, x, y, width, height }) => {
      const to = middles.get(id) ?? { x, y }
      return { id, from: { x: x - width / 2, y: y - height / 2 }, to: { x: to.x - width / 2, y: to.y - height / 2 } }
    })
    const isDone = await glide(canvas, glides, () => workspace.place === place && !signal.aborted)
    if (!isDone) {
      canvas.restore()
      return 0
    }
  }
  placeNodes(workspace.model, places, 'layout')
  return places.size
}

/** Two or more selected things, with what is in groups among them; otherwise everything. */
function jobFor({ workspace: { model, selection } }: DesignerHost, { scene }: FlowCanvas): LayoutJob {
  const all = withMembers(model, selection)
  const some = [...all].filter((id) => scene.nodes.has(id))
  const isIn = (id: string) => some.length < 2 || all.has(id)
  const nodes = [...scene.nodes.values()].filter(({ id }) => isIn(id))
  const groupOf = (id: string) => {
    const group = model.get(id)?.g
    return typeof group === 'string' ? { group } : {}
  }
  return {
    boxes: nodes.map(({ id, x, y, width, height, type }) => ({ id, x, y, width, height, ...groupOf(id), isComment: type === 'comment' })),
    groups: scene.groups
      .filter(({ id }) => isIn(id))
      .map(({ id }) => ({ id, ...groupOf(id), isLabelled: textOf(model.get(id) ?? { id, type: '' }, 'name') !== '' })),
    wires: [...scene.wires.values()]
      .filter(({ from, to }) => isIn(from.id) && isIn(to.id))
      .map(({ from, to }) => ({ from: from.id, port: from.port, to: to.id })),
  }
}

interface Glide {
  id: string
  from: { x: number; y: number }
  to: { x: number; y: number }
}

async function glide(canvas: FlowCanvas, glides: readonly Glide[], isWanted: () => boolean): Promise<boolean> {
  const begun = performance.now()
  for (;;) {
    const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve))
    if (!isWanted()) return false
    const share = Math.min(1, Math.max(0, (now - begun) / GLIDE_MS))
    const eased = 1 - (1 - share) ** 3
    for (const { id, from, to } of glides) await canvas.area.translate(id, { x: from.x + (to.x - from.x) * eased, y: from.y + (to.y - from.y) * eased })
    canvas.draw()
    if (share === 1) return true
  }
}
