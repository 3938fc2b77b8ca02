/** What is where: boxes in square cells, so that looking at a part of a flow costs what is there and not what there is. */

export interface Rect {
  left: number
  top: number
  right: number
  bottom: number
}

const CELL = 400

interface Entry {
  id: string
  box: Rect
  /** The last look that has met it, so that a box in several cells is met once. */
  look: number
}

export class SpatialGrid {
  readonly #cells = new Map<number, Set<Entry>>()
  readonly #entries = new Map<string, Entry>()
  #look = 0
  /** The box around everything, until something at its edge moves. */
  #bounds: Rect | undefined

  /** Puts a box in, or moves it. */
  put(id: string, box: Rect): void {
    const entry = this.#entries.get(id)
    if (entry && sameCells(entry.box, box)) {
      this.#forgetBoundsAt(entry.box)
      this.#bounds &&= joined(this.#bounds, box)
      entry.box = box
      return
    }
    this.remove(id)
    this.#bounds &&= joined(this.#bounds, box)
    const next: Entry = { id, box, look: 0 }
    this.#entries.set(id, next)
    for (const key of cellsOf(box)) {
      const cell = this.#cells.get(key)
      if (cell) cell.add(next)
      else this.#cells.set(key, new Set([next]))
    }
  }

  remove(id: string): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    this.#entries.delete(id)
    this.#forgetBoundsAt(entry.box)
    for (const key of cellsOf(entry.box)) {
      const cell = this.#cells.get(key)
      cell?.delete(entry)
      if (cell?.size === 0) this.#cells.delete(key)
    }
  }

  boxOf(id: string): Rect | undefined {
    return this.#entries.get(id)?.box
  }

  get size(): number {
    return this.#entries.size
  }

  /** The ids whose boxes touch `area`. */
  within(area: Rect): Set<string> {
    const found = new Set<string>()
    this.visit(area, (id) => found.add(id))
    return found
  }

  /** Calls `visit` once for every box that touches `area`. */
  visit(area: Rect, visit: (id: string, box: Rect) => void): void {
    // zoomed far out, looking through all is quicker than through the cells
    if (countOfCells(area) * 4 > this.#entries.size) {
      for (const { id, box } of this.#entries.values()) if (touches(box, area)) visit(id, box)
      return
    }
    this.#look += 1
    for (const key of cellsOf(area)) {
      for (const entry of this.#cells.get(key) ?? []) {
        if (entry.look === this.#look) continue
        entry.look = this.#look
        if (touches(entry.box, area)) visit(entry.id, entry.box)
      }
    }
  }

  /** How many boxes touch `area`; `limit` when there are more. */
  countWithin(area: Rect, limit: number): number {
    let count = 0
    if (this.#entries.size < limit) return this.#entries.size
    this.visit(area, () => {
      count += 1
    })
    return Math.min(count, limit)
  }

  /** The box around everything; undefined when there is nothing. */
  bounds(): Rect | undefined {
    if (!this.#bounds) for (const { box } of this.#entries.values()) this.#bounds = this.#bounds ? joined(this.#bounds, box) : box
    return this.#bounds
  }

  /** What was at the edge of everything may no longer be. */
  #forgetBoundsAt({ left, top, right, bottom }: Rect): void {
    const all = this.#bounds
    if (all && (left <= all.left || top <= all.top || right >= all.right || bottom >= all.bottom)) this.#bounds = undefined
  }

  clear(): void {
    this.#cells.clear()
    this.#entries.clear()
    this.#bounds = undefined
  }
}

export function joined(a: Rect, b: Rect): Rect {
  return { left: Math.min(a.left, b.left), top: Math.min(a.top, b.top), right: Math.max(a.right, b.right), bottom: Math.max(a.bottom, b.bottom) }
}

export function enlarged({ left, top, right, bottom }: Rect, by: number): Rect {
  return { left: left - by, top: top - by, right: right + by, bottom: bottom + by }
}

export function touches(a: Rect, b: Rect): boolean {
  return a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom
}

const cell = (value: number) => Math.floor(value / CELL)

function sameCells(a: Rect, b: Rect): boolean {
  return cell(a.left) === cell(b.left) && cell(a.right) === cell(b.right) && cell(a.top) === cell(b.top) && cell(a.bottom) === cell(b.bottom)
}

function countOfCells({ left, top, right, bottom }: Rect): number {
  return (cell(right) - cell(left) + 1) * (cell(bottom) - cell(top) + 1)
}

/** More cells than any flow is high. */
const ROW = 2 ** 24

/** A box as large as a whole flow goes into no more than this many cells each way. */
const LIMIT = 500

function cellsOf({ left, top, right, bottom }: Rect): number[] {
  const keys: number[] = []
  const lastX = Math.min(cell(right), cell(left) + LIMIT)
  const lastY = Math.min(cell(bottom), cell(top) + LIMIT)
  for (let x = cell(left); x <= lastX; x += 1) for (let y = cell(top); y <= lastY; y += 1) keys.push(x * ROW + y)
  return keys
}
