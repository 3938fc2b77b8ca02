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
import { FlowArea, ReteNode, reteWire, type Schemes, type ShownWire } from './flow-area.ts'
import type { Rect } from './grid.ts'
import type { Hit } from './hit.ts'
import type { CanvasLayer, HoverListener, MarkSource, MenuListener } from './layers.ts'
import { MovingWires } from './moving.ts'
import { drawFace, type FaceState } from './node-face.ts'
import { BOX_ZOOM, type Colours, paint, readColours } from './painter.ts'
import { type PortHit, PortProbe } from './port-flow.ts'
import type { WireStyle } from './route.ts'
import { keep, kept } from './taste.ts'
import { distanceTo } from './wire-shape.ts'

const ZOOM_MIN = 0.05
const ZOOM_MAX = 2.5
/** A flow too large to be read as a whole is opened at its beginning, this large. */
const READABLE = 0.65
/** Nodes are there a little before they come into the window, in screen pixels. */
const MARGIN = 80
/** The picture is larger than the window on every side, so that it can be moved a little before it must be made anew; in screen pixels. */
const BLEED = 160
const SHARPEN_MS = 120
/** More dragged nodes than this stay in the layer of the others. */
const LIFTED_MAX = 12
/** Nobody reads statuses faster than this. */
const STATUS_MS = 50
/** With more nodes than this in the window they are boxes, whatever the zoom. */
const ELEMENTS_MAX = 400
/** How long a screen reader may be told the old name of a node that changes all the time. */
const NAMES_MS = 250
const EMPTY: Scene = { nodes: new Map(), wires: new Map(), groups: [] }

export type { Hit } from './hit.ts'

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
  readonly #moving: MovingWires
  #dragged: ReadonlySet<string> = new Set()
  #statusTimer: ReturnType<typeof setTimeout> | undefined
  #groupShift: { ids: ReadonlySet<string>; x: number; y: number } | undefined
  #isNear = true
  /** The picture must be made anew, not only moved. */
  #isStale = true
  /** The view the picture was made for. */
  #painted: { x: number; y: number; k: number; isNear: boolean } | undefined
  #sharpen: ReturnType<typeof setTimeout> | undefined
  readonly #painters = new Set<() => void>()
  readonly #movers = new Set<() => void>()
  #namesToWrite = new Set<string>()
  readonly #statusesToDraw = new Set<string>()
  #writeNames: ReturnType<typeof setTimeout> | undefined
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
    this.#moving = new MovingWires(this.area)
    this.area.wireStyle = kept('wires', ['smooth', 'curved', 'square'])
    this.#above.className = 'flow-above'
    this.#above.setAttribute('aria-hidden', 'true')
    this.#editor.use(this.area)
    this.probe = new PortProbe(this.area, {
      connect: (from, to) => connect(workspace.model, from, to),
      nameOf: (port) => this.#portName(port),
      dropped: (port) => host.wireDropped(port, { ...this.area.area.pointer }),
    })
    this.area.addPipe((context) => {
      if (!context || typeof context !== 'object' || !('type' in context)) return context
      if (context.type === 'render' && context.data.type === 'node') this.#drawFace(context.data.payload.id)
      else if (context.type === 'render' || context.type === 'nodetranslated') this.#moved()
      else if (context.type === 'translated' || context.type === 'zoomed') this.#schedule()
      // the end of a wire being drawn follows the pointer
      else if (context.type === 'pointerup' || (context.type === 'pointermove' && this.area.dangling)) this.#schedule()
      return context
    })
    this.#colours = readColours(container)
    measureNodesWith((node) => sceneNode(workspace.model, node, workspace.types, this.measure))
    this.#watch()
    this.#resize()
    this.#show()
  }

  get colours(): Colours {
    return this.#colours
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
    clearTimeout(this.#sharpen)
    clearTimeout(this.#writeNames)
    clearTimeout(this.#statusTimer)
    this.area.destroy()
    this.#canvas.remove()
    this.#above.remove()
  }

  /** Where the canvas is in the window. */
  get rect(): DOMRect {
    return this.#rect
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
    if (this.#isNear) {
      for (const id of near) {
        const box = this.area.views.get(id)?.box
        // a folded group has no ports of its own
        const found = box && box.kind !== 'group' && portNear(box, point, Math.min(reach, 16))
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

  #portName({ id, side, port }: PortHit): string | undefined {
    if (side === 'output') return this.scene.nodes.get(id)?.outputLabels[port] || undefined
    const labels = this.workspace.model.get(id)?.inputLabels
    return Array.isArray(labels) && typeof labels[port] === 'string' ? labels[port] || undefined : undefined
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

  /** What a tab opens with: everything, if it can be read so; otherwise its top left corner. */
  async #firstView(): Promise<void> {
    const all = this.bounds()
    if (all && (this.#size.width / (all.right - all.left) < READABLE || this.#size.height / (all.bottom - all.top) < READABLE)) {
      await this.area.area.zoom(READABLE)
      await this.area.area.translate(24 - all.left * READABLE, 24 - all.top * READABLE)
    } else await this.zoomToFit()
  }

  /** Everything in view, or the selection; never larger than life. */
  async zoomToFit(ids?: ReadonlySet<string>): Promise<void> {
    const all = ids && ids.size > 0 ? this.#boundsOf(ids) : this.bounds()
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

  /** Puts a point into the middle of the window. */
  async centreOn({ x, y }: Point): Promise<void> {
    await this.area.area.translate(this.#size.width / 2 - x * this.zoom, this.#size.height / 2 - y * this.zoom)
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

  /** Nodes (and the frames of groups) are about to be dragged. */
  beginDrag(ids: ReadonlySet<string>): void {
    this.#moving.take(ids)
    this.#dragged = ids
    if (ids.size <= LIFTED_MAX) this.area.lift(ids)
    this.#groupShift = this.scene.groups.some((group) => ids.has(group.id)) ? { ids, x: 0, y: 0 } : undefined
    this.draw()
  }

  /** Moves nodes on the screen only: while they are dragged. @param by how far from where the drag began */
  async preview(positions: ReadonlyMap<string, Point>, by: Point): Promise<void> {
    if (this.#groupShift) this.#groupShift = { ...this.#groupShift, ...by }
    for (const [id, { x, y }] of positions) await this.area.translate(id, { x, y })
    this.#moved()
  }

  /** Wires that are taken off a port are not drawn while they are in the hand. */
  takeInHand(wires: readonly ShownWire[], loose: PortHit, to: Point): void {
    this.#moving.takeWires(wires.map((wire) => wire.id))
    const others = wires.map((wire) => (loose.side === 'output' ? wire.from : wire.to)).filter((end) => end.id !== loose.id || end.port !== loose.port)
    this.area.dangling = { port: loose, to, others }
    this.draw()
  }

  moveInHand(to: Point): void {
    const { dangling } = this.area
    if (dangling) this.area.dangling = { ...dangling, to }
    this.#schedule()
  }

  putFromHand(): void {
    this.area.dangling = undefined
    this.#moving.take([])
    this.draw()
  }

  endDrag(): void {
    if (this.#dragged.size === 0) return
    this.area.putDown(this.#dragged)
    this.#dragged = new Set()
    this.#moving.take([])
    this.#groupShift = undefined
    this.draw()
  }

  /** What follows the pointer has moved; the picture only changes where nodes are boxes or groups move. */
  #moved(): void {
    if (!this.#isNear || this.#groupShift) this.draw()
    else this.#schedule()
  }

  /** Puts every node back to where the model has it. */
  restore(): void {
    for (const node of this.scene.nodes.values()) this.area.change(node)
    this.draw()
  }

  /** How wires run; kept in this browser. */
  get wireStyle(): WireStyle {
    return this.area.wireStyle
  }
  set wireStyle(style: WireStyle) {
    keep('wires', style)
    this.area.wireStyle = style
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
    this.#schedule()
  }

  /** Asks for a new picture at the next frame. */
  draw(): void {
    this.#isStale = true
    this.#schedule()
  }

  /** Asks for the next frame: the view has moved or faces have changed, the picture itself is still good. */
  #schedule(): void {
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

  /** Whether nodes are elements, and not boxes. */
  get isNear(): boolean {
    return this.#isNear
  }

  #paint(): void {
    const { visible, zoom } = this
    const around = enlarged(visible, MARGIN / zoom)
    this.#isNear = zoom >= BOX_ZOOM && this.area.nodeGrid.countWithin(visible, ELEMENTS_MAX) < ELEMENTS_MAX
    this.area.showWithin(this.#isNear ? around : undefined)
    for (const id of this.#facesToDraw) if (this.area.views.get(id)?.isShown) this.#drawFace(id)
    this.#facesToDraw.clear()
    this.area.placeElements()
    this.#moving.draw()
    const shift = this.#isStale ? undefined : this.#shiftOfPicture()
    if (shift) {
      this.#put(`translate(${shift.x}px, ${shift.y}px) scale(${shift.k})`)
      // when the view has come to rest the picture is made anew, sharp
      clearTimeout(this.#sharpen)
      if (shift.k !== 1 || !shift.isWhole) this.#sharpen = setTimeout(() => this.draw(), SHARPEN_MS)
    } else this.#paintPicture()
    this.onView?.()
    for (const listener of [...this.#movers]) listener()
  }

  /** How the picture that is there must be moved to fit the view; undefined when it no longer covers it. */
  #shiftOfPicture(): { x: number; y: number; k: number; isWhole: boolean } | undefined {
    const { x, y, k } = this.area.area.transform
    const painted = this.#painted
    if (!painted || painted.isNear !== this.#isNear) return undefined
    const scale = k / painted.k
    if (scale < 0.5 || scale > 2) return undefined
    const { width, height } = this.#size
    // the picture's corners in the window now
    const left = x - (painted.x + BLEED) * scale
    const top = y - (painted.y + BLEED) * scale
    const right = left + (width + BLEED * 2) * scale
    const bottom = top + (height + BLEED * 2) * scale
    const isWhole = left <= 0 && top <= 0 && right >= width && bottom >= height
    if (!isWhole) {
      // where there is nothing but the grid's dots, they may come a moment later
      const all = this.bounds()
      const isMissed =
        all &&
        ((left > 0 && all.left * k + x < left) ||
          (top > 0 && all.top * k + y < top) ||
          (right < width && all.right * k + x > right) ||
          (bottom < height && all.bottom * k + y > bottom))
      if (isMissed) return undefined
    }
    return { x: left + BLEED, y: top + BLEED, k: scale, isWhole }
  }

  #put(transform: string): void {
    this.#canvas.style.transform = transform
    this.#above.style.transform = transform
  }

  #paintPicture(): void {
    const visible = enlarged(this.visible, BLEED / this.zoom)
    this.#isStale = false
    clearTimeout(this.#sharpen)
    this.#painted = { ...this.area.area.transform, isNear: this.#isNear }
    this.#put('none')
    const isUnfinished = paint(
      this.#context,
      {
        area: this.area,
        groups: this.scene.groups,
        selection: this.workspace.selection,
        selectedWires: this.workspace.selectedWires,
        hoveredWire: this.hoveredWire,
        disabled: this.#disabled,
        problems: this.workspace.problems,
        colours: this.#colours,
        size: this.#size,
        bleed: BLEED,
        isNear: this.#isNear,
        elsewhere: this.#moving.ids,
        groupShift: this.#groupShift,
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
    // ways that are still to be found come with the next frames
    if (isUnfinished) this.draw()
    for (const listener of [...this.#painters]) listener()
  }

  /** Told after every new picture. @returns what ends it */
  onPicture(listener: () => void): () => void {
    this.#painters.add(listener)
    return () => this.#painters.delete(listener)
  }

  /** Told after every frame: the view may have moved. @returns what ends it */
  onMove(listener: () => void): () => void {
    this.#movers.add(listener)
    return () => this.#movers.delete(listener)
  }

  #paintLayers(context: CanvasRenderingContext2D, where: CanvasLayer['where'], visible: Rect): void {
    const layers = [...this.#layers].filter((layer) => layer.where === where).sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    if (layers.length === 0) return
    const { x, y, k } = this.area.area.transform
    const ratio = window.devicePixelRatio || 1
    for (const layer of layers) {
      context.save()
      context.setTransform(ratio * k, 0, 0, ratio * k, ratio * (x + BLEED), ratio * (y + BLEED))
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
      workspace.collapsed.watch(() => this.#refresh()),
      workspace.on('selection', () => this.#redrawAll()),
      workspace.on('problems', () => this.#redrawAll()),
      workspace.on('status', (touched) => {
        for (const id of touched) if (this.area.shown.has(id)) this.#statusesToDraw.add(id)
        this.#statusTimer ??= setTimeout(() => this.#drawStatuses(), STATUS_MS)
      }),
      workspace.on('reveal', (id) => void this.reveal(id)),
    )
    const size = new ResizeObserver(() => this.#resize())
    size.observe(this.#container)
    const theme = () => {
      this.#colours = readColours(this.#container)
      this.#redrawAll()
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
      const [width, height] = [this.#size.width + BLEED * 2, this.#size.height + BLEED * 2]
      canvas.width = Math.round(width * ratio)
      canvas.height = Math.round(height * ratio)
      canvas.style.width = `${width}px`
      canvas.style.height = `${height}px`
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
      await this.#mirror(place === undefined ? EMPTY : sceneOf(this.workspace.model, place, this.workspace.types, this.measure, this.workspace.collapsed.ids))
      const view = place === undefined ? undefined : this.#views.get(place)
      if (view) {
        await this.area.area.zoom(view.k)
        await this.area.area.translate(view.x, view.y)
      } else await this.#firstView()
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
      await this.#mirror(place === undefined ? EMPTY : sceneOf(this.workspace.model, place, this.workspace.types, this.measure, this.workspace.collapsed.ids))
      // flows that arrived after the tab was opened are shown whole
      if (hadNothing && this.scene.nodes.size > 1) await this.#firstView()
      this.draw()
    })
  }

  #redrawAll(): void {
    this.redrawFaces()
    this.draw()
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

  /** The box around everything on the canvas. */
  bounds(): Rect | undefined {
    let all = this.area.nodeGrid.bounds()
    for (const { x, y, width, height } of this.scene.groups) {
      const box = { left: x, top: y, right: x + width, bottom: y + height }
      all = all ? joined(all, box) : box
    }
    return all
  }

  /** The box around these nodes and groups, as they are on the screen now. */
  boxAround(ids: Iterable<string>): Rect | undefined {
    return this.#boundsOf(new Set(ids), false)
  }

  #boundsOf(ids: ReadonlySet<string>, withStatus = true): Rect | undefined {
    let all: Rect | undefined
    for (const id of ids) {
      const group = this.scene.groups.find((one) => one.id === id)
      const box =
        (withStatus ? this.area.nodeGrid.boxOf(id) : this.area.boxOf(id)) ??
        (group && { left: group.x, top: group.y, right: group.x + group.width, bottom: group.y + group.height })
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
      icon: this.#host.iconOf(view.node.scene.type),
      colour: this.#colours.family(view.node.scene.family),
    }
    drawFace(view.element, view.node.scene, state)
    this.#namesToWrite.add(id)
    if (state.isSelected) this.#writeName(id)
    else this.#writeNames ??= setTimeout(() => this.#writeAllNames(), NAMES_MS)
  }

  #drawStatuses(): void {
    this.#statusTimer = undefined
    for (const id of this.#statusesToDraw) this.#facesToDraw.add(id)
    this.#statusesToDraw.clear()
    this.#schedule()
  }

  #writeAllNames(): void {
    this.#writeNames = undefined
    for (const id of this.#namesToWrite) this.#writeName(id)
    this.#namesToWrite.clear()
  }

  #writeName(id: string): void {
    const view = this.area.views.get(id)
    if (!view?.isShown) return
    const marks = [...this.#marks].flatMap((source) => source(id) ?? [])
    view.element.setAttribute('aria-label', [this.#host.nameOf(id), ...marks.map(({ title }) => title)].join(', '))
  }

  /** What an output's wire may lead to, and an input's come from. */
  fits(port: PortHit, other: PortEnd & { side: 'input' | 'output' }): boolean {
    return port.side !== other.side && port.id !== other.id
  }
}

function enlarged({ left, top, right, bottom }: Rect, by: number): Rect {
  return { left: left - by, top: top - by, right: right + by, bottom: bottom + by }
}

function joined(a: Rect, b: Rect): Rect {
  return { left: Math.min(a.left, b.left), top: Math.min(a.top, b.top), right: Math.max(a.right, b.right), bottom: Math.max(a.bottom, b.bottom) }
}
