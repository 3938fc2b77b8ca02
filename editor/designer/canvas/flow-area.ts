/**
 * Rete's area with our own way of showing nodes: every node has a view, but an element only while it is in the window
 * and large enough to read; wires have no elements at all. Keeps an index of what is where.
 */
import { ClassicPreset, type GetSchemes } from 'rete'
import { AreaPlugin, type NodeView } from 'rete-area-plugin'
import { inputAt, outputAt } from '../model/ports.ts'
import type { PortEnd, SceneNode, SceneWire } from '../model/scene.ts'
import { type Rect, SpatialGrid } from './grid.ts'
import { boundsOf, type Curve, curvesOf, type Point } from './wire-shape.ts'

/** A node as Rete knows it. */
export class ReteNode extends ClassicPreset.Node {
  scene: SceneNode
  constructor(scene: SceneNode) {
    super(scene.label)
    this.id = scene.id
    this.scene = scene
  }
}
/** A wire as Rete knows it. */
export interface ReteWire extends ClassicPreset.Connection<ReteNode, ReteNode> {
  isPseudo?: boolean
}
export type Schemes = GetSchemes<ReteNode, ReteWire>

export function reteWire({ id, from, to }: SceneWire): ReteWire {
  return { id, source: from.id, sourceOutput: String(from.port), target: to.id, targetInput: String(to.port) } as ReteWire
}

export interface ShownWire extends SceneWire {
  curves: Curve[]
}

/** Status text hangs below a node, so it must be drawn a little before and after its box is in the window. */
const BELOW = 24

export class FlowNodeView {
  readonly node: ReteNode
  /** Top left corner, as Rete has it. */
  position: Point
  /** Made when first shown. */
  built: HTMLElement | undefined
  isShown = false
  readonly #area: FlowArea

  constructor(area: FlowArea, node: ReteNode) {
    this.#area = area
    this.node = node
    this.position = cornerOf(node.scene)
  }

  get element(): HTMLElement {
    this.built ??= document.createElement('div')
    return this.built
  }

  /** The node's box where it is now: while dragged, apart from the model. */
  get box(): SceneNode {
    const { scene } = this.node
    return { ...scene, x: this.position.x + scene.width / 2, y: this.position.y + scene.height / 2 }
  }

  translate = async (x: number, y: number): Promise<boolean> => {
    const previous = { ...this.position }
    const allowed = await this.#area.emit({ type: 'nodetranslate', data: { id: this.node.id, position: { x, y }, previous } })
    if (!allowed) return false
    this.position = { ...allowed.data.position }
    this.#area.placed(this)
    await this.#area.emit({ type: 'nodetranslated', data: { id: this.node.id, position: this.position, previous } })
    return true
  }

  /** Sizes follow from labels and ports: nobody sets them. */
  resize = async (): Promise<boolean> => false

  destroy(): void {}
}

function cornerOf(node: SceneNode): Point {
  return { x: node.x - node.width / 2, y: node.y - node.height / 2 }
}

export class FlowArea extends AreaPlugin<Schemes> {
  readonly views = new Map<string, FlowNodeView>()
  readonly wires = new Map<string, ShownWire>()
  readonly nodeGrid = new SpatialGrid()
  readonly wireGrid = new SpatialGrid()
  /** The wire being drawn by a person: from a port to the pointer. */
  dangling: { port: PortEnd & { side: 'input' | 'output' }; to: Point } | undefined
  readonly #shown = new Set<string>()
  readonly #wiresOf = new Map<string, Set<string>>()
  readonly #noElement = document.createElement('div')

  constructor(container: HTMLElement) {
    super(container)
    // our own gestures do both
    this.area.setDragHandler(null)
    this.area.setZoomHandler(null)
    this.addPipe((context) => {
      if (context && typeof context === 'object' && 'type' in context && context.type === 'render' && context.data.type === 'connection') {
        const { payload, start, end } = context.data
        const to = start ?? end
        if ((payload as ReteWire).isPseudo && to) this.#dangle(payload as ReteWire, to)
      }
      return context
    })
  }

  override addNodeView(node: ReteNode): NodeView {
    const view = new FlowNodeView(this, node)
    this.views.set(node.id, view)
    this.nodeViews.set(node.id, view as unknown as NodeView)
    this.#index(view)
    return view as unknown as NodeView
  }

  override removeNodeView(id: string): void {
    const view = this.views.get(id)
    if (!view) return
    this.hide(id)
    this.views.delete(id)
    this.nodeViews.delete(id)
    this.nodeGrid.remove(id)
  }

  override addConnectionView(connection: ReteWire) {
    const view = { element: this.#noElement }
    this.connectionViews.set(connection.id, view)
    if (connection.isPseudo) return view
    const from = { id: connection.source, port: Number(connection.sourceOutput) }
    const to = { id: connection.target, port: Number(connection.targetInput) }
    this.wires.set(connection.id, { id: connection.id, from, to, curves: [] })
    for (const end of [from.id, to.id]) {
      const set = this.#wiresOf.get(end)
      if (set) set.add(connection.id)
      else this.#wiresOf.set(end, new Set([connection.id]))
    }
    this.#shape(connection.id)
    return view
  }

  override removeConnectionView(id: string): void {
    this.connectionViews.delete(id)
    const wire = this.wires.get(id)
    if (!wire) {
      this.dangling = undefined
      return
    }
    this.wires.delete(id)
    this.wireGrid.remove(id)
    this.#wiresOf.get(wire.from.id)?.delete(id)
    this.#wiresOf.get(wire.to.id)?.delete(id)
  }

  /** The node's drawing changed: size, label, ports, place. */
  change(scene: SceneNode): void {
    const view = this.views.get(scene.id)
    if (!view) return
    view.node.scene = scene
    view.position = cornerOf(scene)
    this.placed(view)
    if (view.isShown) this.#render(view)
  }

  /** Whether a node is where the model has it; while it is dragged it is not. */
  isInPlace(id: string): boolean {
    const view = this.views.get(id)
    if (!view) return true
    const corner = cornerOf(view.node.scene)
    return corner.x === view.position.x && corner.y === view.position.y
  }

  /** Shows the nodes in `area` and hides the others. */
  showWithin(area: Rect | undefined): void {
    const wanted = area ? this.nodeGrid.within(area) : new Set<string>()
    for (const id of [...this.#shown]) if (!wanted.has(id)) this.hide(id)
    for (const id of wanted) this.show(id)
  }

  get shown(): ReadonlySet<string> {
    return this.#shown
  }

  show(id: string): void {
    const view = this.views.get(id)
    if (!view || view.isShown) return
    view.isShown = true
    this.#shown.add(id)
    this.area.content.add(view.element)
    move(view)
    this.#render(view)
  }

  hide(id: string): void {
    const view = this.views.get(id)
    if (!view?.isShown) return
    view.isShown = false
    this.#shown.delete(id)
    void this.emit({ type: 'unmount', data: { element: view.element } })
    view.element.remove()
  }

  /** A view moved: its element, its index and its wires follow. */
  placed(view: FlowNodeView): void {
    this.#index(view)
    if (view.isShown) move(view)
    for (const wire of this.#wiresOf.get(view.node.id) ?? []) this.#shape(wire)
  }

  wiresOf(id: string): ReadonlySet<string> {
    return this.#wiresOf.get(id) ?? new Set()
  }

  #render(view: FlowNodeView): void {
    void this.emit({ type: 'render', data: { element: view.element, type: 'node', payload: view.node } })
  }

  #index(view: FlowNodeView): void {
    const { width, height } = view.node.scene
    const { x, y } = view.position
    this.nodeGrid.put(view.node.id, { left: x, top: y, right: x + width, bottom: y + height + BELOW })
  }

  #shape(id: string): void {
    const wire = this.wires.get(id)
    if (!wire) return
    const from = this.views.get(wire.from.id)
    const to = this.views.get(wire.to.id)
    if (!from || !to) return
    wire.curves = curvesOf(outputAt(from.box, wire.from.port), inputAt(to.box))
    this.wireGrid.put(id, boundsOf(wire.curves))
  }

  #dangle(wire: ReteWire, to: Point): void {
    this.dangling = wire.source
      ? { port: { id: wire.source, port: Number(wire.sourceOutput), side: 'output' }, to }
      : { port: { id: wire.target, port: Number(wire.targetInput), side: 'input' }, to }
  }
}

function move(view: FlowNodeView): void {
  view.element.style.transform = `translate(${view.position.x}px, ${view.position.y}px)`
}
