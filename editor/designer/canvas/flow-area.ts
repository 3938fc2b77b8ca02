/**
 * Rete's area with our own way of showing nodes: every node has a view, but an element only while it is in the window
 * and large enough to read; wires have no elements at all. Keeps an index of what is where.
 */
import { ClassicPreset, type GetSchemes } from 'rete'
import { AreaPlugin, type NodeView } from 'rete-area-plugin'
import { inputAt, outputAt } from '../model/ports.ts'
import type { PortEnd, SceneNode, SceneWire } from '../model/scene.ts'
import { type Rect, SpatialGrid } from './grid.ts'
import { Lifted } from './lifted.ts'
import { routed, type WireStyle } from './route.ts'
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
  /** Its way round the nodes is found; until then it has its plain shape. */
  isRouted: boolean
}

/** Status text hangs below a node, so it must be drawn a little before and after its box is in the window. */
const BELOW = 24
/** A node this near to a wire may be in its way. */
const NEAR = 30

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
  dangling: { port: PortEnd & { side: 'input' | 'output' }; to: Point; others?: PortEnd[] } | undefined
  /** What follows the pointer. */
  readonly lifted: Lifted
  #style: WireStyle = 'smooth'
  readonly #unplaced = new Set<FlowNodeView>()
  readonly #shown = new Set<string>()
  readonly #wiresOf = new Map<string, Set<string>>()
  readonly #noElement = document.createElement('div')

  constructor(container: HTMLElement) {
    super(container)
    // Rete sets "hidden", which can still be scrolled: by the browser's search, by focus; every place would then be wrong
    container.style.overflow = 'clip'
    this.lifted = new Lifted(container)
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
    this.#unroute(this.nodeGrid.boxOf(node.id))
    return view as unknown as NodeView
  }

  override removeNodeView(id: string): void {
    const view = this.views.get(id)
    if (!view) return
    this.hide(id)
    this.#unroute(this.nodeGrid.boxOf(id))
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
    this.wires.set(connection.id, { id: connection.id, from, to, curves: [], isRouted: false })
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

  /** The node's drawing changed: size, label, ports, place. @param isHeld it is in somebody's hand, and stays where it is */
  change(scene: SceneNode, isHeld = false): void {
    const view = this.views.get(scene.id)
    if (!view) return
    this.#unroute(this.#cornerBox(view.node.scene))
    view.node.scene = scene
    if (!isHeld) view.position = cornerOf(scene)
    this.placed(view)
    this.#unroute(this.#cornerBox(scene))
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
    move(view)
    this.area.content.add(view.element)
    this.#render(view)
  }

  hide(id: string): void {
    const view = this.views.get(id)
    if (!view?.isShown) return
    view.isShown = false
    this.#shown.delete(id)
    void this.emit({ type: 'unmount', data: { element: view.element } })
    view.element.remove()
    // what has the keyboard's attention and is no longer in the window must not be named
    const named = this.container.closest('[aria-activedescendant]')
    if (named?.getAttribute('aria-activedescendant') === view.element.id) named.removeAttribute('aria-activedescendant')
  }

  /** A view moved: its element, its index and its wires follow. */
  placed(view: FlowNodeView): void {
    this.#index(view)
    if (view.isShown) this.#unplaced.add(view)
    for (const wire of this.#wiresOf.get(view.node.id) ?? []) this.#shape(wire)
  }

  /** A node's box where it is now, without the room for its status. */
  boxOf(id: string): Rect | undefined {
    const view = this.views.get(id)
    if (!view) return undefined
    const { x, y } = view.position
    return { left: x, top: y, right: x + view.node.scene.width, bottom: y + view.node.scene.height }
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

  /** Puts the elements of moved nodes where they belong: once a frame, so that nothing measures the page in between. */
  placeElements(): void {
    for (const view of this.#unplaced) move(view)
    this.#unplaced.clear()
  }

  /** Takes the elements of nodes out from among the others, to be moved. */
  lift(ids: Iterable<string>): void {
    for (const id of ids) {
      const view = this.views.get(id)
      if (view?.isShown) this.lifted.content.append(view.element)
    }
  }

  putDown(ids: Iterable<string>): void {
    for (const id of ids) {
      const view = this.views.get(id)
      if (!view?.isShown || view.element.parentElement !== this.lifted.content) continue
      this.area.content.add(view.element)
      move(view)
    }
  }

  get wireStyle(): WireStyle {
    return this.#style
  }

  set wireStyle(style: WireStyle) {
    this.#style = style
    for (const id of this.wires.keys()) this.#shape(id)
  }

  /** Finds a wire's way round the nodes, if that is still to be done. @returns whether it was */
  route(id: string): boolean {
    const wire = this.wires.get(id)
    const ends = wire && !wire.isRouted ? this.#endsOf(wire) : undefined
    if (!wire || !ends) return false
    wire.isRouted = true
    wire.curves = routed({ ...ends, obstacles: this.#obstacles, style: this.#style, lane: laneOf(id) })
    this.wireGrid.put(id, boundsOf(wire.curves))
    return true
  }

  #shape(id: string): void {
    const wire = this.wires.get(id)
    const ends = wire && this.#endsOf(wire)
    if (!wire || !ends) return
    wire.curves = curvesOf(ends.from, ends.to)
    wire.isRouted = this.#style === 'curved'
    this.wireGrid.put(id, boundsOf(wire.curves))
  }

  #endsOf(wire: ShownWire): { from: Point; to: Point } | undefined {
    const from = this.views.get(wire.from.id)
    const to = this.views.get(wire.to.id)
    return from && to && { from: outputAt(from.box, wire.from.port), to: inputAt(to.box) }
  }

  #obstacles = (area: Rect): Rect[] => {
    const boxes: Rect[] = []
    this.nodeGrid.visit(area, (id, box) => {
      // a junction is a point on the way
      if (this.views.get(id)?.node.scene.kind !== 'junction') boxes.push({ ...box, bottom: box.bottom - BELOW })
    })
    return boxes
  }

  /** Wires here may have to go another way. */
  #unroute(box: Rect | undefined): void {
    if (!box || this.#style === 'curved') return
    this.wireGrid.visit({ left: box.left - NEAR, top: box.top - NEAR, right: box.right + NEAR, bottom: box.bottom + NEAR }, (id) => {
      const wire = this.wires.get(id)
      if (wire) wire.isRouted = false
    })
  }

  #cornerBox(scene: SceneNode): Rect {
    const { x, y } = cornerOf(scene)
    return { left: x, top: y, right: x + scene.width, bottom: y + scene.height }
  }

  #dangle(wire: ReteWire, to: Point): void {
    this.dangling = wire.source
      ? { port: { id: wire.source, port: Number(wire.sourceOutput), side: 'output' }, to }
      : { port: { id: wire.target, port: Number(wire.targetInput), side: 'input' }, to }
  }
}

function move({ element, position }: FlowNodeView): void {
  // no transform: each would be a layer of its own for the browser to sort at every frame
  element.style.left = `${position.x}px`
  element.style.top = `${position.y}px`
}

/** A small number that stays with the wire. */
function laneOf(id: string): number {
  let sum = 0
  for (let index = 0; index < id.length; index += 1) sum = (sum * 31 + id.charCodeAt(index)) % 997
  return sum
}
