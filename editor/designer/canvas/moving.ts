/**
 * The wires of moved nodes and the wire being drawn, as one small drawing with what is lifted: the picture with all other wires
 * need not be painted anew at every move.
 */
import { inputAt, outputAt } from '../model/ports.ts'
import type { FlowArea } from './flow-area.ts'
import { type Curve, curvesOf } from './wire-shape.ts'

const SVG = 'http://www.w3.org/2000/svg'
/** Few wires find their ways at every move; many are drawn plain until they are let go. */
const ROUTED_MAX = 8

export class MovingWires {
  readonly #area: FlowArea
  readonly #svg = document.createElementNS(SVG, 'svg')
  readonly #wires = document.createElementNS(SVG, 'path')
  readonly #dangling = document.createElementNS(SVG, 'path')
  #ids: ReadonlySet<string> = new Set()
  #drawn = ''
  #isLoose = false

  constructor(area: FlowArea) {
    this.#area = area
    this.#svg.setAttribute('class', 'flow-moving')
    this.#svg.setAttribute('aria-hidden', 'true')
    this.#dangling.dataset.dashed = ''
    this.#svg.append(this.#wires, this.#dangling)
  }

  /** The wires that are drawn here, and not in the picture. */
  get ids(): ReadonlySet<string> {
    return this.#ids
  }

  /** From now on the wires of these nodes are drawn here. */
  take(nodes: Iterable<string>): void {
    const ids = new Set<string>()
    for (const node of nodes) for (const wire of this.#area.wiresOf(node)) ids.add(wire)
    this.#ids = ids
    this.#isLoose = false
  }

  /** These wires are not drawn at all: what is loose of them is the area's `dangling`. */
  takeWires(ids: readonly string[]): void {
    this.#ids = new Set(ids)
    this.#isLoose = true
  }

  /** Draws them where they are now. */
  draw(): void {
    const { dangling } = this.#area
    if (this.#ids.size === 0 && !dangling) {
      if (this.#svg.isConnected) this.#svg.remove()
      this.#drawn = ''
      return
    }
    if (this.#ids.size <= ROUTED_MAX) for (const id of this.#ids) this.#area.route(id)
    const ways = this.#isLoose ? '' : [...this.#ids].map((id) => pathOf(this.#area.wires.get(id)?.curves ?? [])).join('')
    const loose = pathOf(dangling ? this.#danglingCurves() : [])
    const width = String(Math.max(2, 1.2 / this.#area.area.transform.k))
    const drawn = `${width}|${ways}|${loose}`
    if (drawn === this.#drawn) return
    this.#drawn = drawn
    this.#svg.style.strokeWidth = width
    this.#wires.setAttribute('d', ways)
    this.#dangling.setAttribute('d', loose)
    if (!this.#svg.isConnected) this.#area.lifted.content.prepend(this.#svg)
  }

  #danglingCurves(): Curve[] {
    const { dangling, views } = this.#area
    if (!dangling) return []
    const { port, to, others = [] } = dangling
    return [port, ...others].flatMap((end) => {
      const box = views.get(end.id)?.box
      if (!box) return []
      return port.side === 'output' ? curvesOf(outputAt(box, end.port), to) : curvesOf(to, inputAt(box))
    })
  }
}

const round = (value: number) => Math.round(value * 10) / 10

function pathOf(curves: readonly Curve[]): string {
  let path = ''
  let end: { x: number; y: number } | undefined
  for (const [a, b, c, d] of curves) {
    if (!end || end.x !== a.x || end.y !== a.y) path += `M${round(a.x)} ${round(a.y)}`
    path += `C${round(b.x)} ${round(b.y)} ${round(c.x)} ${round(c.y)} ${round(d.x)} ${round(d.y)}`
    end = d
  }
  return path
}
