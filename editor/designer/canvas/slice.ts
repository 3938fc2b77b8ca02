/** A line drawn across wires: which of them it cuts, and where. */
import type { FlowArea, ShownWire } from './flow-area.ts'
import { type Point, pointOn } from './wire-shape.ts'

const SVG = 'http://www.w3.org/2000/svg'
const STEPS = 16

/** The wires that a line goes across, with the place of the first crossing. */
export function cutBy(area: FlowArea, line: readonly Point[]): { wire: ShownWire; at: Point }[] {
  const [xs, ys] = [line.map(({ x }) => x), line.map(({ y }) => y)]
  const box = { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) }
  const cuts: { wire: ShownWire; at: Point }[] = []
  area.wireGrid.visit(box, (id) => {
    const wire = area.wires.get(id)
    const at = wire && crossing(wire, line)
    if (wire && at) cuts.push({ wire, at })
  })
  return cuts
}

function crossing({ curves }: ShownWire, line: readonly Point[]): Point | undefined {
  for (const curve of curves) {
    let before = curve[0]
    for (let step = 1; step <= STEPS; step += 1) {
      const here = pointOn(curve, step / STEPS)
      for (let index = 1; index < line.length; index += 1) {
        const at = meeting(before, here, line[index - 1] as Point, line[index] as Point)
        if (at) return at
      }
      before = here
    }
  }
  return undefined
}

/** Where two straight pieces cross. */
export function meeting(a: Point, b: Point, c: Point, d: Point): Point | undefined {
  const [rx, ry, sx, sy] = [b.x - a.x, b.y - a.y, d.x - c.x, d.y - c.y]
  const cross = rx * sy - ry * sx
  if (cross === 0) return undefined
  const t = ((c.x - a.x) * sy - (c.y - a.y) * sx) / cross
  const u = ((c.x - a.x) * ry - (c.y - a.y) * rx) / cross
  return t >= 0 && t <= 1 && u >= 0 && u <= 1 ? { x: a.x + t * rx, y: a.y + t * ry } : undefined
}

/** Lines over the canvas for as long as a gesture lasts: the cut being drawn, what a dragged node is in line with. */
export class Strokes {
  readonly #svg = document.createElementNS(SVG, 'svg')
  readonly #path = document.createElementNS(SVG, 'path')
  readonly #area: FlowArea

  constructor(area: FlowArea) {
    this.#area = area
    this.#svg.setAttribute('class', 'flow-strokes')
    this.#svg.setAttribute('aria-hidden', 'true')
    this.#svg.append(this.#path)
  }

  /** @param kind how it looks */
  show(kind: 'cut' | 'junction' | 'guide', lines: readonly (readonly Point[])[]): void {
    const drawn = lines.map((line) => line.map(({ x, y }, index) => `${index ? 'L' : 'M'}${Math.round(x)} ${Math.round(y)}`).join('')).join('')
    if (!drawn) {
      this.hide()
      return
    }
    this.#svg.dataset.kind = kind
    this.#svg.style.strokeWidth = String((kind === 'guide' ? 1 : 2) / this.#area.area.transform.k)
    this.#path.setAttribute('d', drawn)
    if (!this.#svg.isConnected) this.#area.lifted.content.append(this.#svg)
  }

  hide(): void {
    if (this.#svg.isConnected) this.#svg.remove()
  }
}
