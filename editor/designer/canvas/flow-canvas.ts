/**
 * The canvas: Rete's editor, area and connection plugin showing one tab of the workspace. The model is the truth; Rete
 * mirrors it. Everything that is drawn is drawn at most once per frame.
 */
import { NodeEditor } from 'rete'
import { connect, type Point } from '../model/commands.ts'
import { measureNodesWith } from '../model/groups.ts'
import { inputAt, isInside, outputAt, PORT_REACH, portNear } from '../model/ports.ts'
import { kindOf, sameJson } from '../model/raw.ts'
import { type PortEnd, type Scene, sceneNode, sceneOf } from '../model/scene.ts'
import type { Workspace } from '../workspace.ts'
import { FlowArea, ReteNode, reteWire, type Schemes } from './flow-area.ts'
import type { Rect } from './grid.ts'
import type { CanvasLayer, HoverListener, MarkSource, MenuListener } from './layers.ts'
import { drawFace, type FaceState } from './node-face.ts'
import { BOX_ZOOM, type Colours, paint, readColours } from './painter.ts'
import { type PortHit, PortProbe } from './port-flow.ts'
import { distanceTo } from './wire-shape.ts'

const ZOOM_MIN = 0.05
const ZOOM_MAX = 2.5
const MARGIN = 200
const EMPTY: Scene = { nodes: new Map(), wires: new Map(), groups: [] }

/** What is under the pointer, nearest to the eye first. */
export type Hit =
  | { on: 'port'; port: PortHit; at: Point }
  | { on: 'node'; id: string }
  | { on: 'wire'; id: string }
  | { on: 'group'; id: string }
  | { on: 'nothing' }

export interface CanvasHost {
  /** Node faces are named for screen readers in the person's language. */
  nameOf(id: string): string
  iconOf(type: string): string | undefined
  /** A wire was let go over nothing: offer what fits. */
  wireDropped(port: PortHit, at: Point): void
}

export class FlowCanvas {
  readonly area: FlowArea
  readonly probe: PortProbe
  readonly workspace: Workspace
  scene: Scene = EMPTY
  hoveredWire: string | undefined
  readonly #host: CanvasHost
  readonly #container: HTMLElement
  readonly #canvas = document.createElement('canvas')
  readonly #context: CanvasRenderingContext2D
  /** Over the nodes; there only while a layer needs it. */
  readonly #above = document.createElement('canvas')
  readonly #layers = new Set<CanvasLayer>()
  readonly #marks = new Set<MarkSource>()
  readonly #hovers = new Set<HoverListener>()
  readonly #menus = new Set<MenuListener>()
  readonly #editor = new NodeEditor<Schemes>()
  readonly #ends: (() => void)[] = []
  readonly #labels = new Map<string, number>()
  readonly #views = new Map<string, { x: number; y: number; k: number }>()
  #colours: Colours
  #size = { width: 0, height: 0 }
  #rect = new DOMRect()
  #frame: number | undefined
  #mirroring: Promise<void> = Promise.resolve()
  #place: string | undefined
  #facesToDraw = new Set<string>()
  #disabled: ReadonlySet<string> = new Set()
  #isClosed = false
  /** Told after every painted frame in which the view moved: zoom level, for the zoom display. */
  onView: (() => void) | undefined

  constructor(container: HTMLElement, workspace: Workspace, host: CanvasHost) {
    this.#container = container
    this.workspace = workspace
    this.#host = host
    this.#canvas.className = 'flow-wires'
    this.#canvas.setAttribute('aria-hidden', 'true')
    const context = this.#canvas.getContext('2d')
    if (!context) throw new Error('This browser draws no canvas')
    this.#context = context
    container.append(this.#canvas)
    this.area = new FlowArea(container)
    this.area.area.content.holder.classList.add('flow-holder')
    this.#above.className = 'flow-above'
    this.#above.setAttribute('aria-hidden', 'true')
    this.#editor.use(this.area)
    this.probe = new PortProbe(this.area, {
      connect: (from, to) => connect(workspace.model, from, to),
      dropped: (port) => host.wireDropped(port, { ...this.area.area.pointer }),
    })
    this.area.addPipe((context) => {
      if (!context || typeof context !== 'object' || !('type' in context)) return context
      if (context.type === 'render' && context.data.type === 'node') this.#drawFace(context.data.payload.id)
      if (['translated', 'zoomed', 'nodetranslated', 'render', 'pointermove', 'pointerup'].includes(context.type)) this.draw()
      return context
    })
    this.#colours = readColours(container)
    measureNodesWith((node) => sceneNode(workspace.model, node, workspace.types, this.measure))
    this.#watch()
    this.#resize()
    this.#show()
  }

  measure = (text: string): number => {
    let width = this.#labels.get(text)
    if (width === undefined) {
      this.#context.save()
      this.#context.font = `500 14px ${this.#colours.font}`
      width = this.#context.measureText(text).width
      this.#context.restore()
      this.#labels.set(text, width)
    }
    return width
  }

  close(): void {
    this.#isClosed = true
    for (const end of this.#ends) end()
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.area.destroy()
    this.#canvas.remove()
    this.#above.remove()
  }

  get zoom(): number {
    return this.area.area.transform.k
  }

  /** Where on the canvas a point of the window is. */
  toCanvas(event: { clientX: number; clientY: number }): Point {
    const { x, y, k } = this.area.area.transform
    return { x: (event.clientX - this.#rect.left - x) / k, y: (event.clientY - this.#rect.top - y) / k }
  }

  /** Where in the window a point of the canvas is. */
  toWindow(point: Point): { clientX: number; clientY: number } {
    const { x, y, k } = this.area.area.transform
    return { clientX: point.x * k + x + this.#rect.left, clientY: point.y * k + y + this.#rect.top }
  }

  /** The middle of what is seen. */
  get middle(): Point {
    return this.toCanvas({ clientX: this.#rect.left + this.#size.width / 2, clientY: this.#rect.top + this.#size.height / 2 })
  }

  hit(point: Point, pointer: 'mouse' | 'touch' = 'mouse'): Hit {
    const reach = PORT_REACH[pointer] / this.zoom
    const around = { left: point.x - reach, top: point.y - reach, right: point.x + reach, bottom: point.y + reach }
    const near = [...this.area.nodeGrid.within(around)].reverse()
    if (this.zoom >= BOX_ZOOM) {
      for (const id of near) {
        const box = this.area.views.get(id)?.box
        const found = box && portNear(box, point, Math.min(reach, 16))
        if (found)
          return { on: 'port', port: { id, port: found.port, side: found.side }, at: found.side === 'input' ? inputAt(box) : outputAt(box, found.port) }
      }
    }
    for (const id of near) {
      const box = this.area.views.get(id)?.box
      if (box && isInside(box, point)) return { on: 'node', id }
    }
    const wire = this.wireNear(point, 8 / this.zoom)
    if (wire) return { on: 'wire', id: wire }
    const group = this.scene.groups.findLast((one) => point.x >= one.x && point.x <= one.x + one.width && point.y >= one.y && point.y <= one.y + one.height)
    return group ? { on: 'group', id: group.id } : { on: 'nothing' }
  }

  wireNear(point: Point, reach: number, except?: ReadonlySet<string>): string | undefined {
    const area = { left: point.x - reach, top: point.y - reach, right: point.x + reach, bottom: point.y + reach }
    let best: string | undefined
    let bestDistance = reach
    for (const id of this.area.wireGrid.within(area)) {
      if (except?.has(id)) continue
      const distance = distanceTo(this.area.wires.get(id)?.curves ?? [], point)
      if (distance < bestDistance) {
        best = id
        bestDistance = distance
      }
    }
    return best
  }

  /** Nodes and groups wholly or partly inside a box. */
  within(area: Rect): Set<string> {
    const found = new Set<string>()
    for (const id of this.area.nodeGrid.within(area)) {
      const box = this.area.views.get(id)?.box
      if (
        box &&
        box.x - box.width / 2 <= area.right &&
        box.x + box.width / 2 >= area.left &&
        box.y - box.height / 2 <= area.bottom &&
        box.y + box.height / 2 >= area.top
      )
        found.add(id)
    }
    for (const { id, x, y, width, height } of this.scene.groups) {
      if (x >= area.left && x + width <= area.right && y >= area.top && y + height <= area.bottom) found.add(id)
    }
    return found
  }

  /** Zooms by a factor, a point of the window staying where it is. */
  async zoomAt(factor: number, at: { clientX: number; clientY: number }): Promise<void> {
    const { x, y, k } = this.area.area.transform
    const next = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, k * factor))
    if (next === k) return
    const left = at.clientX - this.#rect.left - x
    const top = at.clientY - this.#rect.top - y
    // Rete takes the shift of the origin for this zoom: offset times (1 - next / k)
    await this.area.area.zoom(next, left * (1 - next / k), top * (1 - next / k))
  }

  async zoomBy(factor: number): Promise<void> {
    await this.zoomAt(factor, { clientX: this.#rect.left + this.#size.width / 2, clientY: this.#rect.top + this.#size.height / 2 })
  }

  async panBy(dx: number, dy: number): Promise<void> {
    const { x, y } = this.area.area.transform
    await this.area.area.translate(x + dx, y + dy)
  }

  /** Everything in view, or the selection; never larger than life. */
  async zoomToFit(ids?: ReadonlySet<string>): Promise<void> {
    const all = ids && ids.size > 0 ? this.#boundsOf(ids) : this.#bounds()
    const { width, height } = this.#size
    if (!all) {
      await this.area.area.zoom(1)
      await this.area.area.translate(0, 0)
      return
    }
    const padding = 48
    const k = Math.max(ZOOM_MIN, Math.min(1, (width - padding * 2) / (all.right - all.left), (height - padding * 2) / (all.bottom - all.top)))
    await this.area.area.zoom(k)
    await this.area.area.translate(width / 2 - ((all.left + all.right) / 2) * k, height / 2 - ((all.top + all.bottom) / 2) * k)
  }

  /**
   * Moves the view, if need be, so that a node is seen.
   * @param options.isZoomKept leaves the zoom as it is
   * @param options.coveredRight how much of the canvas a panel lies over, in pixels
   */
  async reveal(id: string, { isZoomKept = false, coveredRight = 0 }: { isZoomKept?: boolean; coveredRight?: number } = {}): Promise<void> {
    await this.#mirroring
    const view = this.area.views.get(id)
    if (!view) return
    this.#resize()
    const { x, y } = view.box
    const k = isZoomKept ? this.zoom : Math.max(this.zoom, 0.7)
    const margin = 80
    const window = this.toWindow({ x, y })
    const isSeen =
      k === this.zoom &&
      window.clientX > this.#rect.left + margin &&
      window.clientX < this.#rect.right - coveredRight - margin &&
      window.clientY > this.#rect.top + margin / 2 &&
      window.clientY < this.#rect.bottom - margin / 2
    if (isSeen) return
    await this.area.area.zoom(k)
    await this.area.area.translate((this.#size.width - coveredRight) / 2 - x * k, this.#size.height / 2 - y * k)
  }

  /** Moves nodes on the screen only: while they are dragged. */
  async preview(positions: ReadonlyMap<string, Point>): Promise<void> {
    for (const [id, { x, y }] of positions) await this.area.translate(id, { x, y })
  }

  /** Puts every node back to where the model has it. */
  restore(): void {
    for (const node of this.scene.nodes.values()) this.area.change(node)
    this.draw()
  }

  setHover(wire: string | undefined): void {
    if (this.hoveredWire === wire) return
    this.hoveredWire = wire
    this.draw()
  }

  /** Draws something more on the canvas. @returns what ends it */
  addLayer(layer: CanvasLayer): () => void {
    this.#layers.add(layer)
    if (layer.where === 'over' && !this.#above.isConnected) {
      this.#container.append(this.#above)
      this.#resize()
    }
    this.draw()
    return () => {
      this.#layers.delete(layer)
      if (![...this.#layers].some(({ where }) => where === 'over')) this.#above.remove()
      this.draw()
    }
  }

  /** Puts signs at nodes; {@link redrawFaces} when they change. @returns what ends it */
  addMarks(source: MarkSource): () => void {
    this.#marks.add(source)
    this.redrawFaces()
    return () => {
      this.#marks.delete(source)
      this.redrawFaces()
    }
  }

  /** Told what the pointer is over, whenever that is something else. @returns what ends it */
  onHover(listener: HoverListener): () => void {
    this.#hovers.add(listener)
    return () => this.#hovers.delete(listener)
  }

  tellHover(hit: Hit | undefined, at: { clientX: number; clientY: number }): void {
    for (const listener of [...this.#hovers]) listener(hit, at)
  }

  /** Told when somebody asks what can be done with something: right click, long press, menu key. @returns what ends it */
  onMenu(listener: MenuListener): () => void {
    this.#menus.add(listener)
    return () => this.#menus.delete(listener)
  }

  askMenu(hit: Hit, window: { clientX: number; clientY: number }): void {
    for (const listener of [...this.#menus]) listener({ hit, at: this.toCanvas(window), window })
  }

  /** Draws the faces of these nodes, or of all that are shown, at the next frame. */
  redrawFaces(ids: Iterable<string> = this.area.shown): void {
    for (const id of ids) this.#facesToDraw.add(id)
    this.draw()
  }

  /** Asks for a new picture at the next frame. */
  draw(): void {
    if (this.#frame !== undefined || this.#isClosed) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = undefined
      this.#paint()
    })
  }

  /** The part of the canvas that is seen. */
  get visible(): Rect {
    const { x, y, k } = this.area.area.transform
    return { left: -x / k, top: -y / k, right: (this.#size.width - x) / k, bottom: (this.#size.height - y) / k }
  }

  #paint(): void {
    const { visible } = this
    const margin = MARGIN / this.zoom
    const isNear = this.zoom >= BOX_ZOOM
    this.area.showWithin(
      isNear ? { left: visible.left - margin, top: visible.top - margin, right: visible.right + margin, bottom: visible.bottom + margin } : undefined,
    )
    for (const id of this.#facesToDraw) if (this.area.views.get(id)?.isShown) this.#drawFace(id)
    this.#facesToDraw.clear()
    paint(
      this.#context,
      {
        area: this.area,
        groups: this.scene.groups,
        selection: this.workspace.selection,
        selectedWires: this.workspace.selectedWires,
        hoveredWire: this.hoveredWire,
        disabled: this.#disabled,
        colours: this.#colours,
        size: this.#size,
      },
      visible,
    )
    this.#paintLayers(this.#context, 'under', visible)
    const above = this.#above.isConnected ? this.#above.getContext('2d') : undefined
    if (above) {
      above.setTransform(1, 0, 0, 1, 0, 0)
      above.clearRect(0, 0, this.#above.width, this.#above.height)
      this.#paintLayers(above, 'over', visible)
    }
    this.onView?.()
  }

  #paintLayers(context: CanvasRenderingContext2D, where: CanvasLayer['where'], visible: Rect): void {
    const layers = [...this.#layers].filter((layer) => layer.where === where).sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    if (layers.length === 0) return
    const { x, y, k } = this.area.area.transform
    const ratio = window.devicePixelRatio || 1
    for (const layer of layers) {
      context.save()
      context.setTransform(ratio * k, 0, 0, ratio * k, ratio * x, ratio * y)
      layer.paint(context, { scene: this.scene, area: this.area, colours: this.#colours, visible, zoom: k })
      context.restore()
    }
  }

  #watch(): void {
    const { workspace } = this
    this.#ends.push(
      workspace.on('model', (touched) => this.#modelChanged(touched)),
      workspace.on('place', () => this.#show()),
      workspace.on('types', () => this.#refresh()),
      workspace.on('selection', () => this.#redrawAll()),
      workspace.on('problems', () => this.#redrawAll()),
      workspace.on('status', (touched) => {
        for (const id of touched) this.#facesToDraw.add(id)
        this.draw()
      }),
      workspace.on('reveal', (id) => void this.reveal(id)),
    )
    const size = new ResizeObserver(() => this.#resize())
    size.observe(this.#container)
    const theme = () => {
      this.#colours = readColours(this.#container)
      this.draw()
    }
    const scheme = new MutationObserver(theme)
    scheme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-mantine-color-scheme', 'lang'] })
    void document.fonts.ready.then(() => {
      // labels are as wide as the real font makes them
      if (this.#isClosed) return
      this.#labels.clear()
      this.#refresh()
    })
    this.#ends.push(
      () => size.disconnect(),
      () => scheme.disconnect(),
    )
  }

  #resize(): void {
    this.#rect = this.#container.getBoundingClientRect()
    this.#size = { width: this.#rect.width, height: this.#rect.height }
    const ratio = window.devicePixelRatio || 1
    for (const canvas of [this.#canvas, this.#above]) {
      canvas.width = Math.max(1, Math.round(this.#size.width * ratio))
      canvas.height = Math.max(1, Math.round(this.#size.height * ratio))
    }
    this.draw()
  }

  /** The window may have scrolled or a panel opened since the last measure. */
  measurePlace(): void {
    this.#rect = this.#container.getBoundingClientRect()
  }

  #show(): void {
    const { place } = this.workspace
    if (this.#place) this.#views.set(this.#place, { ...this.area.area.transform })
    this.#place = place
    this.probe.cancel()
    this.#mirroring = this.#mirroring.then(async () => {
      if (this.workspace.place !== place || this.#isClosed) return
      await this.#mirror(EMPTY)
      await this.#mirror(place === undefined ? EMPTY : sceneOf(this.workspace.model, place, this.workspace.types, this.measure))
      const view = place === undefined ? undefined : this.#views.get(place)
      if (view) {
        await this.area.area.zoom(view.k)
        await this.area.area.translate(view.x, view.y)
      } else await this.zoomToFit()
      this.draw()
    })
  }

  #modelChanged(touched: ReadonlySet<string> | undefined): void {
    const { place, model } = this.workspace
    if (place !== this.#place) {
      this.#show()
      return
    }
    for (const id of touched ?? this.area.views.keys()) this.#facesToDraw.add(id)
    // a change elsewhere is not seen here
    const isHere =
      !touched ||
      [...touched].some(
        (id) => id === place || this.area.views.has(id) || model.get(id)?.z === place || kindOf(model.get(id) ?? { id: '', type: '' }) !== 'node',
      )
    if (isHere) this.#refresh()
    else this.draw()
  }

  #refresh(): void {
    const { place } = this.workspace
    this.#mirroring = this.#mirroring.then(async () => {
      if (this.workspace.place !== place || place !== this.#place || this.#isClosed) return
      const hadNothing = this.scene.nodes.size === 0
      await this.#mirror(place === undefined ? EMPTY : sceneOf(this.workspace.model, place, this.workspace.types, this.measure))
      // flows that arrived after the tab was opened are shown whole
      if (hadNothing && this.scene.nodes.size > 1) await this.zoomToFit()
      this.draw()
    })
  }

  #redrawAll(): void {
    this.redrawFaces()
  }

  /** Makes Rete's editor hold exactly this scene. */
  async #mirror(next: Scene): Promise<void> {
    const before = this.scene
    this.scene = next
    this.#disabled = new Set([...next.nodes.values()].filter((node) => node.isDisabled).map((node) => node.id))
    for (const id of before.wires.keys()) if (!next.wires.has(id)) await this.#editor.removeConnection(id)
    for (const id of before.nodes.keys()) if (!next.nodes.has(id)) await this.#editor.removeNode(id)
    for (const [id, node] of next.nodes) {
      const known = before.nodes.get(id)
      if (!known) await this.#editor.addNode(new ReteNode(node))
      else if (sameJson(known, node)) {
        next.nodes.set(id, known)
        if (!this.area.isInPlace(id)) this.area.change(known)
      } else this.area.change(node)
    }
    for (const [id, wire] of next.wires) if (!before.wires.has(id)) await this.#editor.addConnection(reteWire(wire))
  }

  #bounds(): Rect | undefined {
    let all = this.area.nodeGrid.bounds()
    for (const { x, y, width, height } of this.scene.groups) {
      const box = { left: x, top: y, right: x + width, bottom: y + height }
      all = all ? joined(all, box) : box
    }
    return all
  }

  #boundsOf(ids: ReadonlySet<string>): Rect | undefined {
    let all: Rect | undefined
    for (const id of ids) {
      const group = this.scene.groups.find((one) => one.id === id)
      const box = this.area.nodeGrid.boxOf(id) ?? (group && { left: group.x, top: group.y, right: group.x + group.width, bottom: group.y + group.height })
      if (box) all = all ? joined(all, box) : box
    }
    return all
  }

  #drawFace(id: string): void {
    const view = this.area.views.get(id)
    if (!view) return
    const { workspace } = this
    const state: FaceState = {
      isSelected: workspace.selection.has(id),
      isChanged: workspace.model.dirty.has(id),
      problem: workspace.problems
        .get(id)
        ?.map((problem) => problem.message)
        .join('\n'),
      status: workspace.statuses.get(id),
      marks: [...this.#marks].flatMap((source) => source(id) ?? []),
      name: this.#host.nameOf(id),
      icon: this.#host.iconOf(view.node.scene.type),
    }
    drawFace(view.element, view.node.scene, state)
  }

  /** What an output's wire may lead to, and an input's come from. */
  fits(port: PortHit, other: PortEnd & { side: 'input' | 'output' }): boolean {
    return port.side !== other.side && port.id !== other.id
  }
}

function joined(a: Rect, b: Rect): Rect {
  return { left: Math.min(a.left, b.left), top: Math.min(a.top, b.top), right: Math.max(a.right, b.right), bottom: Math.max(a.bottom, b.bottom) }
}
