/**
 * What stands in the machine for a tool or probe to touch: work pieces, plates, a tool setter. Places are millimetres
 * in the envelope's coordinates, where the carriage really is, whatever the firmware believes.
 */

/** Straight walls up to a top; nothing hangs over, so what is below the top does not matter. */
export type Solid =
  | {
      kind: 'box'
      min: [number, number]
      max: [number, number]
      topMm: number
      /** Turned about its centre, counter-clockwise. */
      angleDeg?: number
      surface?: Surface
    }
  /** A boss, a round plate, a tool setter. */
  | { kind: 'cylinder'; centre: [number, number]; diameterMm: number; topMm: number; surface?: Surface }
  /** A box with a hole from its top down; `bottomMm`: where the hole ends, through when absent. */
  | {
      kind: 'bored-box'
      min: [number, number]
      max: [number, number]
      topMm: number
      bore: { centre: [number, number]; diameterMm: number; bottomMm?: number }
    }

/** Heights to add to a solid's top. */
interface Surface {
  /** mm per mm in X and Y, 0 at `at`. */
  tilt?: { at: [number, number]; x: number; y: number }
  /** Rows of heights over the rectangle `min`..`max`, the first row at the lowest Y; bilinear in between, as at the rim outside. */
  grid?: { min: [number, number]; max: [number, number]; heightsMm: number[][] }
}

/** What is in the spindle. Its end is `lengthMm` below the carriage. */
export interface Tool {
  diameterMm: number
  lengthMm: number
  /** `ball`: a probe tip; `flat`: an end mill. */
  end: 'ball' | 'flat'
}

export interface Scene {
  solids: Solid[]
  tool?: Tool
}

const NO_TOOL: Tool = { diameterMm: 0, lengthMm: 0, end: 'ball' }
/** Nearer than this is touching. */
const TOUCH_MM = 1e-4
/** Beyond so much free air nothing is looked for. */
const LONGEST_MM = 100_000

type Place = readonly [number, number, number]

/** A place along a straight line of the carriage. */
const along = (from: Place, unit: Place, mm: number): Place => [from[0] + unit[0] * mm, from[1] + unit[1] * mm, from[2] + unit[2] * mm]

/** After how many mm of a straight move the tool touches something; infinite when it touches nothing. */
export function mmToContact(scene: Scene, move: { from: Place; unit: Place; lengthMm: number }): number {
  const { from, unit } = move
  const longest = Math.min(move.lengthMm, LONGEST_MM)
  // the clearance shrinks hardly faster than the tool moves: going on by most of it never passes through anything
  for (let mm = 0, i = 0; mm <= longest && i < 10_000; i++) {
    const free = clearance(scene, along(from, unit, mm))
    if (free <= TOUCH_MM) return mm
    mm += Math.max(free * 0.9, TOUCH_MM / 2)
  }
  return Number.POSITIVE_INFINITY
}

/** After how many mm a tool that touches is free again; infinite when it is not within the move. */
export function mmToRelease(scene: Scene, move: { from: Place; unit: Place; lengthMm: number }): number {
  const { from, unit, lengthMm } = move
  const isFree = (mm: number) => clearance(scene, along(from, unit, mm)) > TOUCH_MM
  const step = 0.05
  for (let mm = 0; mm <= lengthMm + step; mm += step) {
    const at = Math.min(mm, lengthMm)
    if (!isFree(at)) continue
    let touching = Math.max(at - step, 0)
    let free = at
    for (let i = 0; i < 30; i++) {
      const middle = (touching + free) / 2
      if (isFree(middle)) free = middle
      else touching = middle
    }
    return free
  }
  return Number.POSITIVE_INFINITY
}

/** Whether the tool touches something with the carriage at this place. */
export function isTouching(scene: Scene, carriage: Place): boolean {
  return scene.solids.length > 0 && clearance(scene, carriage) <= TOUCH_MM
}

/** Free way between the tool and the nearest solid, mm; not above 0 where they meet. */
function clearance(scene: Scene, carriage: Place): number {
  const { diameterMm, lengthMm, end } = scene.tool ?? NO_TOOL
  const radius = diameterMm / 2
  const [x, y, z] = carriage
  const tip = z - lengthMm
  let nearest = Number.POSITIVE_INFINITY
  for (const solid of scene.solids) {
    const { outside, over } = distances(solid, x, y, end === 'ball' ? tip + radius : tip)
    // the tool goes up for ever, so beside a wall only the way to the wall counts
    const free = end === 'ball' ? apart(outside, over) - radius : apart(outside - radius, over)
    nearest = Math.min(nearest, free)
  }
  return nearest
}

function apart(beside: number, above: number): number {
  if (beside <= 0 && above <= 0) return Math.max(beside, above)
  return Math.hypot(Math.max(beside, 0), Math.max(above, 0))
}

/** From a point: how far outside the walls (negative inside), and how far over the top. */
function distances(solid: Solid, x: number, y: number, z: number): { outside: number; over: number } {
  switch (solid.kind) {
    case 'cylinder':
      return { outside: Math.hypot(x - solid.centre[0], y - solid.centre[1]) - solid.diameterMm / 2, over: overSurface(solid, x, y, z) }
    case 'box':
      return { outside: outsideBox(solid, x, y), over: overSurface(solid, x, y, z) }
    case 'bored-box': {
      const { centre, diameterMm, bottomMm } = solid.bore
      const inHole = diameterMm / 2 - Math.hypot(x - centre[0], y - centre[1])
      const over = z - solid.topMm
      // in the hole its floor is what lies below
      if (inHole > 0 && bottomMm !== undefined && z - bottomMm < Math.hypot(inHole, Math.max(over, 0))) return { outside: 0, over: z - bottomMm }
      return { outside: Math.max(outsideBox(solid, x, y), inHole), over }
    }
  }
}

function outsideBox(box: { min: [number, number]; max: [number, number]; angleDeg?: number }, x: number, y: number): number {
  const middleX = (box.min[0] + box.max[0]) / 2
  const middleY = (box.min[1] + box.max[1]) / 2
  const angle = (-(box.angleDeg ?? 0) * Math.PI) / 180
  const cosine = Math.cos(angle)
  const sine = Math.sin(angle)
  const right = Math.abs((x - middleX) * cosine - (y - middleY) * sine) - (box.max[0] - box.min[0]) / 2
  const back = Math.abs((x - middleX) * sine + (y - middleY) * cosine) - (box.max[1] - box.min[1]) / 2
  return apart(right, back)
}

/** Over a top that is tilted or uneven: square to its slope. */
function overSurface({ topMm, surface }: { topMm: number; surface?: Surface }, x: number, y: number, z: number): number {
  if (!surface) return z - topMm
  const height = topMm + heightAt(surface, x, y)
  const slopeX = (heightAt(surface, x + 0.01, y) - heightAt(surface, x - 0.01, y)) / 0.02
  const slopeY = (heightAt(surface, x, y + 0.01) - heightAt(surface, x, y - 0.01)) / 0.02
  return (z - height) / Math.hypot(1, slopeX, slopeY)
}

/** The height a surface adds at a place, mm. */
function heightAt({ tilt, grid }: Surface, x: number, y: number): number {
  const plane = tilt ? (x - tilt.at[0]) * tilt.x + (y - tilt.at[1]) * tilt.y : 0
  if (!grid) return plane
  const { min, max, heightsMm } = grid
  const rows = heightsMm.length
  const columns = heightsMm[0]?.length ?? 0
  const cell = (value: number, low: number, high: number, count: number) => {
    const at = Math.min(Math.max(((value - low) / (high - low)) * (count - 1), 0), count - 1)
    const first = Math.min(Math.floor(at), Math.max(count - 2, 0))
    return { first, share: at - first }
  }
  const column = cell(x, min[0], max[0], columns)
  const row = cell(y, min[1], max[1], rows)
  const point = (r: number, c: number) => heightsMm[r]?.[c] ?? 0
  const low = point(row.first, column.first) * (1 - column.share) + point(row.first, column.first + 1) * column.share
  const high = point(row.first + 1, column.first) * (1 - column.share) + point(row.first + 1, column.first + 1) * column.share
  return plane + low * (1 - row.share) + high * row.share
}
