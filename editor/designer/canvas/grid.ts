/** What is where: boxes in square cells, so that looking at a part of a flow costs what is there and not what there is. */

export interface Rect {
  left: number
  top: number
  right: number
  bottom: number
}

const CELL = 400

export class SpatialGrid {
  readonly #cells = new Map<string, Set<string>>()
  readonly #boxes = new Map<string, Rect>()

  /** Puts a box in, or moves it. */
  put(id: string, box: Rect): void {
    const before = this.#boxes.get(id)
    if (before && sameCells(before, box)) {
      this.#boxes.set(id, box)
      return
    }
    this.remove(id)
    this.#boxes.set(id, box)
    for (const key of cellsOf(box)) {
      const cell = this.#cells.get(key)
      if (cell) cell.add(id)
      else this.#cells.set(key, new Set([id]))
    }
  }

  remove(id: string): void {
    const box = this.#boxes.get(id)
    if (!box) return
    this.#boxes.delete(id)
    for (const key of cellsOf(box)) {
      const cell = this.#cells.get(key)
      cell?.delete(id)
      if (cell?.size === 0) this.#cells.delete(key)
    }
  }

  boxOf(id: string): Rect | undefined {
    return this.#boxes.get(id)
  }

  /** The ids whose boxes touch `area`. */
  within(area: Rect): Set<string> {
    const found = new Set<string>()
    this.visit(area, (id) => found.add(id))
    return found
  }

  /** Calls `visit` once for every box that touches `area`. */
  visit(area: Rect, visit: (id: string) => void): void {
    // zoomed far out there are more cells than boxes
    if (countOfCells(area) > this.#boxes.size) {
      for (const [id, box] of this.#boxes) if (touches(box, area)) visit(id)
      return
    }
    const seen = new Set<string>()
    for (const key of cellsOf(area)) {
      for (const id of this.#cells.get(key) ?? []) {
        if (seen.has(id)) continue
        seen.add(id)
        const box = this.#boxes.get(id)
        if (box && touches(box, area)) visit(id)
      }
    }
  }

  /** The box around everything; undefined when there is nothing. */
  bounds(): Rect | undefined {
    let all: Rect | undefined
    for (const box of this.#boxes.values()) {
      all = all
        ? {
            left: Math.min(all.left, box.left),
            top: Math.min(all.top, box.top),
            right: Math.max(all.right, box.right),
            bottom: Math.max(all.bottom, box.bottom),
          }
        : box
    }
    return all
  }

  clear(): void {
    this.#cells.clear()
    this.#boxes.clear()
  }
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

/** A box as large as a whole flow goes into no more than this many cells each way. */
const LIMIT = 500

function* cellsOf({ left, top, right, bottom }: Rect): Generator<string> {
  const lastX = Math.min(cell(right), cell(left) + LIMIT)
  const lastY = Math.min(cell(bottom), cell(top) + LIMIT)
  for (let x = cell(left); x <= lastX; x += 1) for (let y = cell(top); y <= lastY; y += 1) yield `${x},${y}`
}
