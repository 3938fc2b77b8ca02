/** One drag of nodes and groups: on the grid or in line with neighbours, into a wire, into and out of groups, out of the chain. */
import { moveNodes, type Point, spliceInto, withMembers } from '../../model/commands.ts'
import { GRID } from '../../model/ports.ts'
import { detach } from '../../model/reconnect.ts'
import { partOfSubflow } from '../../model/scene.ts'
import type { FlowCanvas } from '../flow-canvas.ts'
import type { Rect } from '../grid.ts'
import { alignWith } from '../guides.ts'
import type { Strokes } from '../slice.ts'
import { wireDropTarget } from '../splice.ts'
import { kept } from '../taste.ts'
import { GroupDrop, type GroupMove } from './group-drop.ts'
import { Shake } from './shake.ts'

/** With more in sight, being in line with something means nothing. */
const NEIGHBOURS_MAX = 300

export interface DragParts {
  canvas: FlowCanvas
  strokes: Strokes
  /** What the pointer holds, and where. */
  grabbed: string
  at: Point
  words: (move: GroupMove) => string
  /** The wires over the edge of what is dragged are gone. */
  cameLoose: () => void
}

export class NodeDrag {
  readonly #parts: DragParts
  readonly #starts = new Map<string, Point>()
  readonly #box: Rect | undefined
  readonly #others: readonly Rect[]
  readonly #groups: GroupDrop
  readonly #shake = new Shake()
  /** What is done on the way is one step of the history with letting go. */
  readonly #step = Symbol('drag')
  #by: Point = { x: 0, y: 0 }
  /** The model's version after the nodes came loose. */
  #looseAt: number | undefined

  constructor(parts: DragParts) {
    const { canvas, grabbed, words } = parts
    this.#parts = parts
    const moved = withMembers(canvas.workspace.model, canvas.workspace.selection)
    for (const id of moved) {
      const view = canvas.area.views.get(id)
      if (view) this.#starts.set(id, { ...view.position })
    }
    const hasGuides = kept('guides', ['on', 'off']) === 'on'
    this.#others = hasGuides ? neighboursOf(canvas, this.#starts) : []
    this.#box = hasGuides ? canvas.boxAround(this.#starts.keys()) : undefined
    this.#groups = new GroupDrop(canvas, { grabbed, moved, words })
    canvas.beginDrag(moved)
  }

  move(event: PointerEvent): void {
    const { canvas, strokes, grabbed, at } = this.#parts
    const now = canvas.view.toCanvas(event)
    if (this.#shake.add(event)) this.#comeLoose()
    this.#groups.aim(now, event.shiftKey)
    const raw = { x: now.x - at.x, y: now.y - at.y }
    // snapped by the grabbed node's corner, so that all keep their distances; Alt moves freely
    const by = event.altKey ? { x: Math.round(raw.x), y: Math.round(raw.y) } : this.#rest(raw)
    if (event.altKey) strokes.hide()
    if (by.x === this.#by.x && by.y === this.#by.y) return
    this.#by = by
    void canvas.preview(new Map([...this.#starts].map(([id, start]) => [id, { x: start.x + by.x, y: start.y + by.y }])), by)
    canvas.setHover(this.#starts.size === 1 ? wireDropTarget(canvas, grabbed) : undefined)
  }

  /** Where what is dragged comes to rest: in line with a neighbour, else on the grid. */
  #rest(raw: Point): Point {
    const { canvas, strokes, grabbed } = this.#parts
    const grid = snapped(raw, this.#starts.get(grabbed))
    const box = this.#box
    if (!box) return grid
    const here = { left: box.left + raw.x, right: box.right + raw.x, top: box.top + raw.y, bottom: box.bottom + raw.y }
    const { dx, dy, lines } = alignWith(here, this.#others, Math.min(8, 6 / canvas.view.zoom))
    strokes.show('guide', lines)
    return { x: dx === undefined ? grid.x : Math.round(raw.x + dx), y: dy === undefined ? grid.y : Math.round(raw.y + dy) }
  }

  /** Shaken out of the chain: what led to it leads to what it led to. */
  #comeLoose(): void {
    const { model, selection } = this.#parts.canvas.workspace
    const before = model.version
    model.edit('reconnect', () => detach(model, selection), this.#step)
    if (model.version === before) return
    this.#looseAt = model.version
    this.#parts.cameLoose()
  }

  /** @returns what it did to groups */
  drop(): GroupMove | undefined {
    const { canvas, grabbed } = this.#parts
    const { model, selection } = canvas.workspace
    const { move } = this.#groups
    const wire = this.#starts.size === 1 ? canvas.hoveredWire : undefined
    const target = wire === undefined ? undefined : canvas.area.wires.get(wire)
    const label = target ? 'splice' : move ? (move.kind === 'into' ? 'group' : 'ungroup') : 'move'
    const isDone = model.edit(
      label,
      () => {
        moveNodes(model, selection, this.#by)
        this.#groups.apply()
        if (target && !partOfSubflow(grabbed)) spliceInto(model, grabbed, target)
      },
      this.#step,
    )
    if (isDone) return move
    // a locked flow stays as it is
    canvas.restore()
    return undefined
  }

  /** Everything is as it was before. */
  cancel(): void {
    const { canvas } = this.#parts
    if (this.#looseAt !== undefined && this.#looseAt === canvas.workspace.model.version) canvas.workspace.model.undo()
    canvas.restore()
  }

  /** After {@link drop} or {@link cancel}. */
  end(): void {
    this.#groups.end()
    this.#parts.canvas.endDrag()
  }
}

/** The boxes in sight that stay where they are; none where there are too many. */
function neighboursOf({ area, view }: FlowCanvas, moved: ReadonlyMap<string, Point>): Rect[] {
  const boxes: Rect[] = []
  area.nodeGrid.visit(view.visible, (id) => {
    const box = moved.has(id) ? undefined : area.boxOf(id)
    if (box && boxes.length <= NEIGHBOURS_MAX) boxes.push(box)
  })
  return boxes.length > NEIGHBOURS_MAX ? [] : boxes
}

function snapped(raw: Point, corner: Point | undefined): Point {
  const to = (value: number, start: number) => Math.round((start + value) / GRID) * GRID - start
  // nodes are 30 high, so that a corner sits between two lines: the middle is snapped
  return { x: to(raw.x, corner?.x ?? 0), y: to(raw.y, (corner?.y ?? 0) + 15) }
}
