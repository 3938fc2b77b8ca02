/**
 * The canvas: Rete's editor, area and connection plugin showing one tab of the workspace. The model is the truth; Rete
 * mirrors it. Everything that is drawn is drawn at most once per frame.
 */
import { NodeEditor } from 'rete'
import { connect, type Point } from '../model/commands.ts'
import { measureNodesWith } from '../model/groups.ts'
import { kindOf } from '../model/raw.ts'
import { type Scene, sceneNode, sceneOf } from '../model/scene.ts'
import type { Workspace } from '../workspace.ts'
import { Faces } from './faces.ts'
import { FlowArea, type Schemes, type ShownWire } from './flow-area.ts'
import { enlarged, joined, type Rect } from './grid.ts'
import type { Hit } from './hit.ts'
import { hitAt, thingsWithin, wireNear } from './hits.ts'
import type { CanvasLayer, HoverListener, MarkSource, MenuListener } from './layers.ts'
import { mirror } from './mirror.ts'
import { MovingWires } from './moving.ts'
import { BOX_ZOOM, type Colours, readColours } from './painter.ts'
import { Picture } from './picture.ts'
import { type PortHit, PortProbe } from './port-flow.ts'
import type { WireStyle } from './route.ts'
import { keep, kept } from './taste.ts'
import { type RevealOptions, View } from './view.ts'

/** Nodes are there a little before they come into the window, in screen pixels. */
const MARGIN = 80
/** More dragged nodes than this stay in the layer of the others. */
const LIFTED_MAX = 12
/** With more nodes than this in the window they are boxes, whatever the zoom. */
const ELEMENTS_MAX = 400
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
  readonly view: View
  readonly probe: PortProbe
  readonly workspace: Workspace
  scene: Scene = EMPTY
  readonly #container: HTMLElement
  readonly #picture: Picture
  readonly #faces: Faces
  readonly #moving: MovingWires
  readonly #editor = new NodeEditor<Schemes>()
  readonly #hovers = new Set<HoverListener>()
  readonly #menus = new Set<MenuListener>()
  readonly #painters = new Set<() => void>()
  readonly #movers = new Set<() => void>()
  readonly #ends: (() => void)[] = []
  readonly #labels = new Map<string, number>()
  /** How each tab was looked at when it was left. */
  readonly #lastViews = new Map<string, { x: number; y: number; k: number }>()
  #colours: Colours
  #frame: number | undefined
  #mirroring: Promise<void> = Promise.resolve()
  #place: string | undefined
  #disabled: ReadonlySet<string> = new Set()
  #isClosed = false
  #hoveredWire: string | undefined
  #dragged: ReadonlySet<string> = new Set()
  #groupShift: { ids: ReadonlySet<string>; x: number; y: number } | undefined
  #isNear = true
  /** Told after every painted frame in which the view moved: zoom level, for the zoom display. */
  onView: (() => void) | undefined

  constructor(container: HTMLElement, workspace: Workspace, host: CanvasHost) {
    this.#container = container
    this.workspace = workspace
    this.area = new FlowArea(container)
    this.area.area.content.holder.classList.add('flow-holder')
    this.area.wireStyle = kept('wires', ['smooth', 'curved', 'square'])
    this.view = new View(container, this.area)
    this.#colours = readColours(container)
    this.#picture = new Picture(container, {
      area: this.area,
      view: this.view,
      scene: () => this.scene,
      colours: () => this.#colours,
      look: () => this.#look(),
      bounds: () => this.bounds(),
      again: () => this.draw(),
    })
    this.#faces = new Faces({
      area: this.area,
      workspace,
      nameOf: (id) => host.nameOf(id),
      iconOf: (type) => host.iconOf(type),
      colours: () => this.#colours,
      schedule: () => this.#schedule(),
    })
    this.#moving = new MovingWires(this.area)
    this.#editor.use(this.area)
    this.probe = new PortProbe(this.area, {
      connect: (from, to) => connect(workspace.model, from, to),
      nameOf: (port) => this.#portName(port),
      dropped: (port) => host.wireDropped(port, { ...this.area.area.pointer }),
    })
    this.area.addPipe((context) => {
      if (!context || typeof context !== 'object' || !('type' in context)) return context
      if (context.type === 'render' && context.data.type === 'node') this.#faces.draw(context.data.payload.id)
      else if (context.type === 'render' || context.type === 'nodetranslated') this.#moved()
      else if (context.type === 'translated' || context.type === 'zoomed') this.#schedule()
      // the end of a wire being drawn follows the pointer
      else if (context.type === 'pointerup' || (context.type === 'pointermove' && this.area.dangling)) this.#schedule()
      return context
    })
    measureNodesWith((node) => sceneNode(workspace.model, node, workspace.types, this.measure))
    this.#watch()
    this.#resize()
    this.#show()
  }

  close(): void {
    this.#isClosed = true
    for (const end of this.#ends) end()
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#faces.close()
    this.area.destroy()
    this.area.lifted.close()
    this.#picture.close()
  }

  get colours(): Colours {
    return this.#colours
  }

  measure = (text: string): number => {
    let width = this.#labels.get(text)
    if (width === undefined) {
      width = this.#picture.widthOf(text)
      this.#labels.set(text, width)
    }
    return width
  }

  hit(point: Point, pointer: 'mouse' | 'touch' = 'mouse'): Hit {
    return hitAt({ area: this.area, groups: this.scene.groups, zoom: this.view.zoom, isNear: this.#isNear }, point, pointer)
  }

  wireNear(point: Point, reach: number, except?: ReadonlySet<string>): string | undefined {
    return wireNear(this.area, point, reach, except)
  }

  /** Nodes wholly or partly inside a box, and groups wholly inside. */
  within(area: Rect): Set<string> {
    return thingsWithin({ area: this.area, groups: this.scene.groups }, area)
  }

  #portName({ id, side, port }: PortHit): string | undefined {
    if (side === 'output') return this.scene.nodes.get(id)?.outputLabels[port] || undefined
    const labels = this.workspace.model.get(id)?.inputLabels
    return Array.isArray(labels) && typeof labels[port] === 'string' ? labels[port] || undefined : undefined
  }

  /** Everything in view, or the selection; never larger than life. */
  async zoomToFit(ids?: ReadonlySet<string>): Promise<void> {
    await this.view.fit(ids && ids.size > 0 ? this.#boundsOf(ids) : this.bounds())
  }

  /** Moves the view, if need be, so that a node is seen. */
  async reveal(id: string, options: RevealOptions = {}): Promise<void> {
    await this.#mirroring
    const box = this.area.views.get(id)?.box
    if (!box) return
    this.#resize()
    await this.view.reveal(box, options)
  }

  /** Resolves when the canvas shows what the model holds. */
  async settled(): Promise<void> {
    await this.#mirroring
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

  endDrag(): void {
    if (this.#dragged.size === 0) return
    this.area.putDown(this.#dragged)
    this.#dragged = new Set()
    this.#moving.take([])
    this.#groupShift = undefined
    this.draw()
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

  /** What follows the pointer has moved; the picture only changes where nodes are boxes or groups move. */
  #moved(): void {
    if (!this.#isNear || this.#groupShift) this.draw()
    else this.#schedule()
  }

  /** Puts every node back to where the model has it. */
  restore(): void {
    for (const node of this.scene.nodes.values()) if (!this.area.isInPlace(node.id)) this.area.change(node)
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

  get hoveredWire(): string | undefined {
    return this.#hoveredWire
  }

  setHover(wire: string | undefined): void {
    if (this.#hoveredWire === wire) return
    this.#hoveredWire = wire
    this.draw()
  }

  /** Draws something more on the canvas. @returns what ends it */
  addLayer(layer: CanvasLayer): () => void {
    return this.#picture.addLayer(layer)
  }

  /** Puts signs at nodes; {@link redrawFaces} when they change. @returns what ends it */
  addMarks(source: MarkSource): () => void {
    return this.#faces.addMarks(source)
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
    for (const listener of [...this.#menus]) listener({ hit, at: this.view.toCanvas(window), window })
  }

  /** Draws the faces of these nodes, or of all that are shown, at the next frame. */
  redrawFaces(ids?: Iterable<string>): void {
    this.#faces.redraw(ids)
  }

  /** Asks for a new picture at the next frame. */
  draw(): void {
    this.#picture.makeStale()
    this.#schedule()
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

  /** Whether nodes are elements, and not boxes. */
  get isNear(): boolean {
    return this.#isNear
  }

  /** Asks for the next frame: the view has moved or faces have changed, the picture itself is still good. */
  #schedule(): void {
    if (this.#frame !== undefined || this.#isClosed) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = undefined
      this.#paint()
    })
  }

  #paint(): void {
    const { visible, zoom } = this.view
    this.#isNear = zoom >= BOX_ZOOM && this.area.nodeGrid.countWithin(visible, ELEMENTS_MAX) < ELEMENTS_MAX
    this.area.showWithin(this.#isNear ? enlarged(visible, MARGIN / zoom) : undefined)
    this.#faces.drawAsked()
    this.area.placeElements()
    this.area.lifted.place(this.view.transform)
    this.#moving.draw()
    const isNew = this.#picture.show(this.#isNear)
    if (isNew) for (const listener of [...this.#painters]) listener()
    this.onView?.()
    for (const listener of [...this.#movers]) listener()
  }

  #look(): ReturnType<ConstructorParameters<typeof Picture>[1]['look']> {
    const { selection, selectedWires, problems } = this.workspace
    return {
      selection,
      selectedWires,
      problems,
      hoveredWire: this.#hoveredWire,
      disabled: this.#disabled,
      elsewhere: this.#moving.ids,
      groupShift: this.#groupShift,
    }
  }

  #watch(): void {
    const { workspace } = this
    const redraw = () => {
      this.#faces.redraw()
      this.draw()
    }
    this.#ends.push(
      workspace.on('model', (touched) => this.#modelChanged(touched)),
      workspace.on('place', () => this.#show()),
      workspace.on('types', () => this.#refresh()),
      workspace.collapsed.watch(() => this.#refresh()),
      workspace.on('selection', () => {
        this.#faces.selectionChanged()
        this.draw()
      }),
      workspace.on('problems', redraw),
      workspace.on('status', (touched) => this.#faces.statusChanged(touched)),
      workspace.on('reveal', (id) => void this.reveal(id)),
    )
    const size = new ResizeObserver(() => this.#resize())
    size.observe(this.#container)
    const scheme = new MutationObserver(() => {
      this.#colours = readColours(this.#container)
      redraw()
    })
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
    this.view.measureSize()
    this.#picture.resize()
    this.draw()
  }

  #show(): void {
    const { place } = this.workspace
    if (this.#place) this.#lastViews.set(this.#place, { ...this.view.transform })
    this.#place = place
    this.probe.cancel()
    this.#mirroring = this.#mirroring.then(async () => {
      if (this.workspace.place !== place || this.#isClosed) return
      await this.#mirror(EMPTY)
      await this.#mirror(this.#sceneNow())
      const last = place === undefined ? undefined : this.#lastViews.get(place)
      if (last) await this.view.restore(last)
      else await this.view.openOn(this.bounds())
      this.draw()
    })
  }

  #modelChanged(touched: ReadonlySet<string> | undefined): void {
    const { place, model } = this.workspace
    if (place !== this.#place) {
      this.#show()
      return
    }
    this.#faces.redraw(touched ?? this.area.views.keys())
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
      await this.#mirror(this.#sceneNow())
      // flows that arrived after the tab was opened are shown whole
      if (hadNothing && this.scene.nodes.size > 1) await this.view.openOn(this.bounds())
      // a node in the hand may have other wires now
      if (this.#dragged.size > 0) this.#moving.take(this.#dragged)
      this.draw()
    })
  }

  #sceneNow(): Scene {
    const { place, model, types, collapsed } = this.workspace
    return place === undefined ? EMPTY : sceneOf(model, place, types, this.measure, collapsed.ids)
  }

  async #mirror(next: Scene): Promise<void> {
    const before = this.scene
    this.scene = next
    this.#disabled = new Set([...next.nodes.values()].filter((node) => node.isDisabled).map((node) => node.id))
    await mirror({ editor: this.#editor, area: this.area, held: this.#dragged }, before, next)
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
}
