/** What is at a place of the canvas, found by geometry: nothing asks the page. */
import type { Point } from '../model/commands.ts'
import { inputAt, isInside, outputAt, PORT_REACH, portNear } from '../model/ports.ts'
import type { SceneGroup } from '../model/scene.ts'
import type { FlowArea } from './flow-area.ts'
import type { Rect } from './grid.ts'
import type { Hit } from './hit.ts'
import { distanceTo } from './wire-shape.ts'

/** How near to a wire counts as on it, in pixels. */
const WIRE_REACH = 8
/** Ports of neighbours are not further apart than this on the canvas. */
const PORT_REACH_MAX = 16

export interface HitPlace {
  area: FlowArea
  groups: readonly SceneGroup[]
  zoom: number
  /** Nodes are elements, whose ports can be seen. */
  isNear: boolean
}

/** The topmost thing at a point. */
export function hitAt({ area, groups, zoom, isNear }: HitPlace, point: Point, pointer: 'mouse' | 'touch'): Hit {
  const reach = PORT_REACH[pointer] / zoom
  const near = [...area.nodeGrid.within(around(point, reach))].reverse()
  if (isNear) {
    for (const id of near) {
      const box = area.views.get(id)?.box
      const found = box && portNear(box, point, Math.min(reach, PORT_REACH_MAX))
      if (found) return { on: 'port', port: { id, port: found.port, side: found.side }, at: found.side === 'input' ? inputAt(box) : outputAt(box, found.port) }
    }
  }
  for (const id of near) {
    const box = area.views.get(id)?.box
    if (box && isInside(box, point)) return { on: 'node', id }
  }
  const wire = wireNear(area, point, WIRE_REACH / zoom)
  if (wire) return { on: 'wire', id: wire }
  const group = groupAt(groups, point)
  return group ? { on: 'group', id: group.id } : { on: 'nothing' }
}

/** The innermost of the groups around a point. */
export function groupAt(groups: readonly SceneGroup[], { x, y }: Point, isAsked: (group: SceneGroup) => boolean = () => true): SceneGroup | undefined {
  return groups.findLast((one) => x >= one.x && x <= one.x + one.width && y >= one.y && y <= one.y + one.height && isAsked(one))
}

/** The wire nearest to a point. @param reach in canvas units */
export function wireNear(area: FlowArea, point: Point, reach: number, except?: ReadonlySet<string>): string | undefined {
  let best: string | undefined
  let bestDistance = reach
  for (const id of area.wireGrid.within(around(point, reach))) {
    if (except?.has(id)) continue
    const distance = distanceTo(area.wires.get(id)?.curves ?? [], point)
    if (distance < bestDistance) {
      best = id
      bestDistance = distance
    }
  }
  return best
}

/** Nodes wholly or partly inside a box, and groups wholly inside. */
export function thingsWithin({ area, groups }: Pick<HitPlace, 'area' | 'groups'>, { left, top, right, bottom }: Rect): Set<string> {
  const found = new Set<string>()
  for (const id of area.nodeGrid.within({ left, top, right, bottom })) {
    // without the room that the grid keeps for a status
    const box = area.boxOf(id)
    if (box && box.left <= right && box.right >= left && box.top <= bottom && box.bottom >= top) found.add(id)
  }
  for (const { id, x, y, width, height } of groups) {
    if (x >= left && x + width <= right && y >= top && y + height <= bottom) found.add(id)
  }
  return found
}

const around = ({ x, y }: Point, reach: number): Rect => ({ left: x - reach, top: y - reach, right: x + reach, bottom: y + reach })
