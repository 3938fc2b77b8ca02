/** What pointers do on the canvas, as one state machine: select, drag, marquee, wire, pan, pinch. */
import { connect, disconnect, moveNodes, type Point, spliceInto, withMembers } from '../model/commands.ts'
import { cutWires } from '../model/junctions.ts'
import { type Box, GRID, inputAt, outputAt } from '../model/ports.ts'
import { partOfSubflow } from '../model/scene.ts'
import { wiresBehind } from '../model/wires.ts'
import type { ShownWire } from './flow-area.ts'
import type { FlowCanvas, Hit } from './flow-canvas.ts'
import type { Rect } from './grid.ts'
import { alignWith } from './guides.ts'
import { foldPlace } from './painter.ts'
import type { PortHit } from './port-flow.ts'
import { cutBy, Strokes } from './slice.ts'
import { wireDropTarget } from './splice.ts'
import { kept } from './taste.ts'

type Gesture =
  | { kind: 'none' }
  | { kind: 'press'; pointer: number; at: Point; from: { clientX: number; clientY: number }; hit: Hit; wasSelected: boolean }
  | { kind: 'drag'; pointer: number; grabbed: string; at: Point; starts: Map<string, Point>; by: Point; box: Rect | undefined; others: readonly Rect[] }
  | { kind: 'marquee'; pointer: number; at: Point; before: ReadonlySet<string> }
  | { kind: 'wire'; pointer: number }
  /** Wires taken off a port, to be put on another. */
  | { kind: 'rewire'; pointer: number; wires: readonly ShownWire[]; loose: PortHit }
  | { kind: 'slice'; pointer: number; mode: 'cut' | 'junction'; line: Point[] }
  | { kind: 'pan'; pointer: number; x: number; y: number; hasMoved: boolean }
  | { kind: 'pinch'; distance: number; x: number; y: number }

export interface GestureHost {
  edit(id: string): void
  quickAdd(at: Point): void
  /** Moves the keyboard's focus to the canvas. */
  focus(): void
}

const THRESHOLD_PX = 4
const DOUBLE_CLICK_MS = 450
const DOUBLE_CLICK_PX = 16
const LONG_PRESS_MS = 500
const LONG_PRESS_PX = 10
/** How near to the window's edge a drag moves the view, and how far a frame at most. */
const EDGE_PX = 36
const EDGE_STEP_PX = 14
/** With more in sight, being in line with something means nothing. */
const NEIGHBOURS_MAX = 300
const NOTHING: Gesture = { kind: 'none' }

export class Gestures {
  readonly #canvas: FlowCanvas
  readonly #element: HTMLElement
  readonly #host: GestureHost
  readonly #marquee = document.createElement('div')
  readonly #shield = document.createElement('div')
  readonly #abort = new AbortController()
  readonly #touches = new Map<number, { clientX: number; clientY: number }>()
  #gesture: Gesture = NOTHING
  #isSpaceHeld = false
  readonly #strokes: Strokes
  #longPress: { timer: ReturnType<typeof setTimeout>; clientX: number; clientY: number } | undefined
  /** A menu that the browser is about to ask for was answered already, or is none. */
  #isMenuDone = false
  #edge: { frame: number; event: PointerEvent } | undefined
  #lastClick: { on: string; at: number; clientX: number; clientY: number } | undefined

  constructor(element: HTMLElement, canvas: FlowCanvas, host: GestureHost) {
    this.#canvas = canvas
    this.#element = element
    this.#host = host
    this.#strokes = new Strokes(canvas.area)
    this.#marquee.className = 'flow-marquee'
    this.#marquee.hidden = true
    this.#shield.className = 'flow-shield'
    element.append(this.#marquee)
    const { signal } = this.#abort
    // before Rete's own listeners: the probe must be on the port when they look
    element.addEventListener('pointerdown', (event) => this.#down(event), { signal, capture: true })
    window.addEventListener('pointermove', (event) => this.#move(event), { signal, capture: true })
    window.addEventListener('pointerup', (event) => this.#up(event), { signal, capture: true })
    window.addEventListener('pointercancel', (event) => this.#cancel(event), { signal, capture: true })
    element.addEventListener('wheel', (event) => this.#wheel(event), { signal, passive: false })
    element.addEventListener('contextmenu', (event) => this.#menu(event), { signal })
    element.addEventListener('pointerleave', (event) => this.#canvas.tellHover(undefined, event), { signal })
    window.addEventListener('keydown', (event) => this.#key(event, true), { signal })
    window.addEventListener('keyup', (event) => this.#key(event, false), { signal })
    window.addEventListener('blur', () => this.#setSpace(false), { signal })
  }

  close(): void {
    this.#abort.abort()
    this.#end()
    this.#endLongPress()
    this.#marquee.remove()
  }

  /** Gives up what is under way. @returns whether anything was */
  escape(): boolean {
    const wasBusy = this.#gesture.kind !== 'none'
    if (this.#gesture.kind === 'drag') this.#canvas.restore()
    if (this.#gesture.kind === 'wire') this.#canvas.probe.cancel()
    if (this.#gesture.kind === 'rewire') this.#canvas.probe.place(undefined)
    this.#end()
    return wasBusy
  }

  #down(event: PointerEvent): void {
    if (event.target instanceof Element && event.target.closest('[data-not-canvas]')) return
    this.#canvas.measurePlace()
    this.#host.focus()
    this.#isMenuDone = false
    this.#endLongPress()
    if (event.pointerType === 'touch') {
      this.#touches.set(event.pointerId, event)
      if (this.#touches.size === 1) this.#beginLongPress(event)
      if (this.#touches.size === 2) {
        this.escape()
        this.#gesture = { kind: 'pinch', ...this.#spread() }
        return
      }
    }
    if (this.#gesture.kind !== 'none') return
    if (event.button === 1 || (event.button === 0 && this.#isSpaceHeld)) {
      event.preventDefault()
      this.#startPan(event)
      return
    }
    if (event.button === 2 && (event.ctrlKey || event.metaKey || event.shiftKey)) {
      // as in Node-RED: Ctrl cuts wires away, Shift puts junctions into them
      const mode = event.shiftKey ? 'junction' : 'cut'
      this.#gesture = { kind: 'slice', pointer: event.pointerId, mode, line: [this.#canvas.toCanvas(event)] }
      return
    }
    if (event.button !== 0) return
    const at = this.#canvas.toCanvas(event)
    const hit = this.#canvas.hit(at, event.pointerType === 'touch' ? 'touch' : 'mouse')
    switch (hit.on) {
      case 'port':
        if (event.shiftKey && this.#takeWires(event, hit.port, at)) return
        // the probe takes the press from here: Rete's connection plugin hears it on the probe's element
        this.#canvas.probe.place(hit.port, hit.at)
        this.#gesture = { kind: 'wire', pointer: event.pointerId }
        this.#passToProbe(event)
        return
      case 'group':
        if (this.#fold(hit.id, at)) return
        this.#pressOn(event, hit.id, at, hit)
        return
      case 'node':
        this.#pressOn(event, hit.id, at, hit)
        return
      case 'wire':
        this.#countClick(event, hit)
        if (!this.#canvas.area.wires.has(hit.id)) return
        this.#canvas.workspace.select([], event.ctrlKey || event.metaKey || event.shiftKey ? toggled(this.#canvas.workspace.selectedWires, hit.id) : [hit.id])
        return
      case 'nothing':
        if (event.pointerType === 'touch') {
          this.#startPan(event)
          return
        }
        this.#gesture = { kind: 'press', pointer: event.pointerId, at, from: pick(event), hit, wasSelected: false }
    }
  }

  /** The press was on the canvas's element; the plugin listens on the probe's, which was not there yet. */
  #passToProbe(event: PointerEvent): void {
    const probe = this.#canvas.probe.element
    if (!probe || (event.target instanceof Node && probe.contains(event.target))) return
    probe.dispatchEvent(
      new PointerEvent('pointerdown', {
        clientX: event.clientX,
        clientY: event.clientY,
        pointerId: event.pointerId,
        button: 0,
        bubbles: false,
        cancelable: true,
      }),
    )
  }

  #pressOn(event: PointerEvent, id: string, at: Point, hit: Hit): void {
    const { workspace } = this.#canvas
    const wasSelected = workspace.selection.has(id)
    if (event.ctrlKey || event.metaKey || event.shiftKey) workspace.select(wasSelected ? workspace.selection : [...workspace.selection, id])
    else if (!wasSelected) workspace.select([id])
    this.#gesture = { kind: 'press', pointer: event.pointerId, at, from: pick(event), hit, wasSelected }
  }

  /** The sign at a group's corner folds it up. @returns whether it was pressed */
  #fold(id: string, at: Point): boolean {
    const group = this.#canvas.scene.groups.find((one) => one.id === id)
    if (!group) return false
    const sign = foldPlace(group)
    if (Math.hypot(sign.x - at.x, sign.y - at.y) > 14) return false
    this.#canvas.workspace.select([id])
    this.#canvas.workspace.collapsed.toggle(id)
    return true
  }

  /** Shift on a port takes its wires in the hand: the selected ones among them, or all. @returns whether it has any */
  #takeWires(event: PointerEvent, port: PortHit, at: Point): boolean {
    const { area, workspace } = this.#canvas
    const all = [...area.wiresOf(port.id)]
      .map((id) => area.wires.get(id))
      .filter((wire) => wire !== undefined)
      .filter(({ from, to }) => (port.side === 'output' ? from.id === port.id && from.port === port.port : to.id === port.id))
    const chosen = all.filter((wire) => workspace.selectedWires.has(wire.id))
    const wires = chosen.length ? chosen : all
    const [first] = wires
    if (!first) return false
    const loose: PortHit = port.side === 'output' ? { ...first.to, side: 'input' } : { ...first.from, side: 'output' }
    this.#gesture = { kind: 'rewire', pointer: event.pointerId, wires, loose }
    this.#canvas.takeInHand(wires, loose, at)
    return true
  }

  #rewire(event: PointerEvent, { wires, loose }: Extract<Gesture, { kind: 'rewire' }>): void {
    const { model } = this.#canvas.workspace
    const target = this.#targetOf(this.#canvas.hit(this.#canvas.toCanvas(event), 'touch'), loose)
    model.edit(target ? 'connect' : 'disconnect', () => {
      disconnect(
        model,
        wires.flatMap((wire) => wiresBehind(model, wire)),
      )
      if (!target) return
      const { id, port } = target.port
      for (const { from, to } of wires) connect(model, ...((loose.side === 'output' ? [from, { id, port }] : [{ id, port }, to]) as [PortHit, PortHit]))
    })
    this.#canvas.probe.place(undefined)
  }

  #slice({ mode, line }: Extract<Gesture, { kind: 'slice' }>): void {
    const { model, place } = this.#canvas.workspace
    const cuts = cutBy(this.#canvas.area, line)
    if (cuts.length === 0) return
    if (mode === 'junction') this.#canvas.workspace.select(cutWires(model, place ?? '', cuts))
    else
      disconnect(
        model,
        cuts.flatMap(({ wire }) => wiresBehind(model, wire)),
      )
  }

  #beginLongPress(event: PointerEvent): void {
    const { clientX, clientY } = event
    const timer = setTimeout(() => {
      this.#longPress = undefined
      this.#openMenu(event)
      // what the finger does until it is lifted is no gesture any more
      this.#isMenuDone = true
      navigator.vibrate?.(10)
    }, LONG_PRESS_MS)
    this.#longPress = { timer, clientX, clientY }
  }

  #endLongPress(): void {
    clearTimeout(this.#longPress?.timer)
    this.#longPress = undefined
  }

  /** While something is dragged to the edge of the window, the view goes along. */
  #goAlong(event: PointerEvent): void {
    if (this.#edge) {
      this.#edge.event = event
      return
    }
    if (!this.#isGoing(event)) return
    const step = () => {
      const edge = this.#edge
      const by = edge && this.#isGoing(edge.event)
      if (!edge || !by) {
        this.#edge = undefined
        return
      }
      void this.#canvas.panBy(-by.x, -by.y).then(() => this.#edge === edge && this.#act(edge.event))
      edge.frame = requestAnimationFrame(step)
    }
    this.#edge = { event, frame: requestAnimationFrame(step) }
  }

  /** How far the view goes at the next frame; undefined when it stays. */
  #isGoing({ clientX, clientY }: PointerEvent): Point | undefined {
    if (!['drag', 'marquee', 'rewire', 'wire', 'slice'].includes(this.#gesture.kind)) return undefined
    const box = this.#canvas.rect
    const push = (at: number, low: number, high: number) =>
      at < low + EDGE_PX
        ? -Math.min(1, (low + EDGE_PX - at) / EDGE_PX) * EDGE_STEP_PX
        : at > high - EDGE_PX
          ? Math.min(1, (at - high + EDGE_PX) / EDGE_PX) * EDGE_STEP_PX
          : 0
    const by = { x: push(clientX, box.left, box.right), y: push(clientY, box.top, box.bottom) }
    return by.x === 0 && by.y === 0 ? undefined : by
  }

  #move(event: PointerEvent): void {
    const held = this.#longPress
    if (held && Math.hypot(event.clientX - held.clientX, event.clientY - held.clientY) > LONG_PRESS_PX) this.#endLongPress()
    this.#act(event)
    this.#goAlong(event)
  }

  #act(event: PointerEvent): void {
    if (this.#touches.has(event.pointerId)) this.#touches.set(event.pointerId, event)
    const gesture = this.#gesture
    switch (gesture.kind) {
      case 'none':
        this.#hover(event)
        return
      case 'press':
        if (event.pointerId !== gesture.pointer || Math.hypot(event.clientX - gesture.from.clientX, event.clientY - gesture.from.clientY) < THRESHOLD_PX) return
        this.#begin(event, gesture)
        return
      case 'drag':
        if (event.pointerId === gesture.pointer) this.#drag(event, gesture)
        return
      case 'marquee':
        if (event.pointerId === gesture.pointer) this.#stretch(event, gesture)
        return
      case 'wire':
        if (event.pointerId === gesture.pointer) this.#aim(event)
        return
      case 'rewire':
        if (event.pointerId !== gesture.pointer) return
        this.#aim(event)
        this.#canvas.moveInHand(this.#canvas.toCanvas(event))
        return
      case 'slice':
        if (event.pointerId !== gesture.pointer) return
        gesture.line.push(this.#canvas.toCanvas(event))
        this.#strokes.show(gesture.mode, [gesture.line])
        return
      case 'pan':
        if (event.pointerId === gesture.pointer) {
          void this.#canvas.panBy(event.clientX - gesture.x, event.clientY - gesture.y)
          this.#gesture = { ...gesture, x: event.clientX, y: event.clientY, hasMoved: true }
        }
        return
      case 'pinch':
        this.#pinch(gesture)
        return
      default:
        gesture satisfies never
    }
  }

  #begin(event: PointerEvent, press: Extract<Gesture, { kind: 'press' }>): void {
    const { workspace } = this.#canvas
    if (press.hit.on !== 'node' && press.hit.on !== 'group') {
      const isAdding = event.ctrlKey || event.metaKey || event.shiftKey
      this.#gesture = { kind: 'marquee', pointer: press.pointer, at: press.at, before: isAdding ? workspace.selection : new Set() }
      this.#move(event)
      return
    }
    const starts = new Map<string, Point>()
    const moved = withMembers(workspace.model, workspace.selection)
    for (const id of moved) {
      const view = this.#canvas.area.views.get(id)
      if (view) starts.set(id, { ...view.position })
    }
    const neighbours = kept('guides', ['on', 'off']) === 'on' ? this.#neighbours(starts) : undefined
    this.#gesture = {
      kind: 'drag',
      pointer: press.pointer,
      grabbed: press.hit.id,
      at: press.at,
      starts,
      by: { x: 0, y: 0 },
      box: neighbours && this.#canvas.boxAround(starts.keys()),
      others: neighbours ?? [],
    }
    this.#canvas.beginDrag(moved)
    this.#element.append(this.#shield)
    this.#move(event)
  }

  /** The boxes in sight that stay where they are; none where there are too many. */
  #neighbours(moved: ReadonlyMap<string, Point>): Rect[] {
    const { area, visible } = this.#canvas
    const boxes: Rect[] = []
    area.nodeGrid.visit(visible, (id) => {
      const box = moved.has(id) ? undefined : area.views.get(id)?.box
      if (box && boxes.length <= NEIGHBOURS_MAX) {
        const [wide, high] = [box.width / 2, box.height / 2]
        boxes.push({ left: box.x - wide, right: box.x + wide, top: box.y - high, bottom: box.y + high })
      }
    })
    return boxes.length > NEIGHBOURS_MAX ? [] : boxes
  }

  #drag(event: PointerEvent, gesture: Extract<Gesture, { kind: 'drag' }>): void {
    const now = this.#canvas.toCanvas(event)
    const raw = { x: now.x - gesture.at.x, y: now.y - gesture.at.y }
    const start = gesture.starts.get(gesture.grabbed)
    // snapped by the grabbed node's corner, so that all keep their distances; Alt moves freely
    const by = event.altKey ? { x: Math.round(raw.x), y: Math.round(raw.y) } : this.#rest(raw, start, gesture)
    if (event.altKey) this.#strokes.hide()
    if (by.x === gesture.by.x && by.y === gesture.by.y) return
    this.#gesture = { ...gesture, by }
    void this.#canvas.preview(new Map([...gesture.starts].map(([id, at]) => [id, { x: at.x + by.x, y: at.y + by.y }])), by)
    this.#canvas.setHover(gesture.starts.size === 1 ? wireDropTarget(this.#canvas, gesture.grabbed) : undefined)
  }

  /** Where what is dragged comes to rest: in line with a neighbour, else on the grid. */
  #rest(raw: Point, start: Point | undefined, { box, others }: Extract<Gesture, { kind: 'drag' }>): Point {
    const grid = snapped(raw, start)
    if (!box) return grid
    const here = { left: box.left + raw.x, right: box.right + raw.x, top: box.top + raw.y, bottom: box.bottom + raw.y }
    const { dx, dy, lines } = alignWith(here, others, Math.min(8, 6 / this.#canvas.zoom))
    this.#strokes.show('guide', lines)
    return { x: dx === undefined ? grid.x : Math.round(raw.x + dx), y: dy === undefined ? grid.y : Math.round(raw.y + dy) }
  }

  #stretch(event: PointerEvent, { at, before }: Extract<Gesture, { kind: 'marquee' }>): void {
    const now = this.#canvas.toCanvas(event)
    const area = { left: Math.min(at.x, now.x), top: Math.min(at.y, now.y), right: Math.max(at.x, now.x), bottom: Math.max(at.y, now.y) }
    this.#canvas.workspace.select([...before, ...this.#canvas.within(area)])
    const { x, y, k } = this.#canvas.area.area.transform
    this.#marquee.hidden = false
    this.#marquee.style.transform = `translate(${area.left * k + x}px, ${area.top * k + y}px)`
    this.#marquee.style.width = `${(area.right - area.left) * k}px`
    this.#marquee.style.height = `${(area.bottom - area.top) * k}px`
  }

  /** While a wire is drawn the probe follows the nearest port that fits. */
  #aim(event: PointerEvent): void {
    const { dangling } = this.#canvas.area
    if (!dangling) return
    const hit = this.#canvas.hit(this.#canvas.toCanvas(event), 'touch')
    const target = this.#targetOf(hit, dangling.port)
    if (target) this.#canvas.probe.place(target.port, target.at, target.over)
    else this.#canvas.probe.place(undefined)
  }

  /** A node's body takes a wire at its input, so that a wire need not be aimed. */
  #targetOf(hit: Hit, from: PortHit): { port: PortHit; at: Point; over?: Box } | undefined {
    if (hit.on === 'port' && hit.port.side !== from.side && hit.port.id !== from.id) return { port: hit.port, at: hit.at }
    const id = hit.on === 'node' ? hit.id : hit.on === 'port' ? hit.port.id : undefined
    const box = id === undefined || id === from.id ? undefined : this.#canvas.area.views.get(id)?.box
    if (!box || id === undefined) return undefined
    if (from.side === 'output' && box.inputs > 0) return { port: { id, port: 0, side: 'input' }, at: inputAt(box), over: wider(box) }
    if (from.side === 'input' && box.outputs === 1) return { port: { id, port: 0, side: 'output' }, at: outputAt(box, 0), over: wider(box) }
    return undefined
  }

  #pinch(gesture: Extract<Gesture, { kind: 'pinch' }>): void {
    if (this.#touches.size < 2) return
    const now = this.#spread()
    void this.#canvas
      .panBy(now.x - gesture.x, now.y - gesture.y)
      .then(() => this.#canvas.zoomAt(now.distance / gesture.distance, { clientX: now.x, clientY: now.y }))
    this.#gesture = { kind: 'pinch', ...now }
  }

  #spread(): { distance: number; x: number; y: number } {
    const [a, b] = [...this.#touches.values()]
    if (!a || !b) return { distance: 1, x: 0, y: 0 }
    return { distance: Math.max(1, Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)), x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2 }
  }

  #up(event: PointerEvent): void {
    this.#touches.delete(event.pointerId)
    this.#endLongPress()
    const gesture = this.#gesture
    const { workspace } = this.#canvas
    switch (gesture.kind) {
      case 'press':
        if (event.pointerId !== gesture.pointer) return
        if (gesture.hit.on === 'nothing') {
          if (event.ctrlKey || event.metaKey) this.#host.quickAdd(gesture.at)
          else workspace.select([])
        } else if (gesture.hit.on === 'node' || gesture.hit.on === 'group') this.#click(event, gesture.hit.id, gesture.wasSelected)
        this.#end()
        this.#countClick(event, gesture.hit)
        return
      case 'drag':
        if (event.pointerId !== gesture.pointer) return
        this.#drop(gesture)
        break
      case 'wire':
        if (event.pointerId !== gesture.pointer) return
        this.#aim(event)
        break
      case 'rewire':
        if (event.pointerId !== gesture.pointer) return
        this.#rewire(event, gesture)
        break
      case 'slice':
        if (event.pointerId !== gesture.pointer) return
        this.#isMenuDone = gesture.line.length > 1
        this.#slice(gesture)
        break
      case 'pan':
        if (event.pointerId !== gesture.pointer) return
        if (!gesture.hasMoved) {
          workspace.select([])
          this.#end()
          if (event.pointerType === 'touch') this.#countClick(event, { on: 'nothing' })
          return
        }
        break
      case 'marquee':
        if (event.pointerId !== gesture.pointer) return
        break
      case 'pinch':
        if (this.#touches.size > 0) return
        break
      case 'none':
        return
      default:
        gesture satisfies never
    }
    this.#end()
  }

  /** A click without a drag on one of many selected: that one only; with Ctrl: without it. */
  #click(event: PointerEvent, id: string, wasSelected: boolean): void {
    const { workspace } = this.#canvas
    if (event.ctrlKey || event.metaKey || event.shiftKey) {
      if (wasSelected) workspace.select([...workspace.selection].filter((other) => other !== id))
    } else if (workspace.selection.size > 1) workspace.select([id])
  }

  #drop({ grabbed, starts, by }: Extract<Gesture, { kind: 'drag' }>): void {
    const { model, selection } = this.#canvas.workspace
    const wire = starts.size === 1 ? this.#canvas.hoveredWire : undefined
    const target = wire === undefined ? undefined : this.#canvas.area.wires.get(wire)
    const isDone = model.edit(target ? 'splice' : 'move', () => {
      moveNodes(model, selection, by)
      if (target && !partOfSubflow(grabbed)) spliceInto(model, grabbed, target)
    })
    // a locked flow stays as it is
    if (!isDone) this.#canvas.restore()
  }

  #cancel(event: PointerEvent): void {
    this.#endLongPress()
    this.#touches.delete(event.pointerId)
    this.escape()
  }

  #end(): void {
    if (this.#gesture.kind === 'rewire') this.#canvas.putFromHand()
    this.#gesture = NOTHING
    this.#strokes.hide()
    if (this.#edge) cancelAnimationFrame(this.#edge.frame)
    this.#edge = undefined
    this.#marquee.hidden = true
    this.#canvas.setHover(undefined)
    this.#canvas.endDrag()
    this.#shield.remove()
  }

  #startPan(event: PointerEvent): void {
    this.#gesture = { kind: 'pan', pointer: event.pointerId, x: event.clientX, y: event.clientY, hasMoved: false }
    this.#element.append(this.#shield)
  }

  #hover(event: PointerEvent): void {
    if (!(event.target instanceof Node) || !this.#element.contains(event.target) || event.pointerType === 'touch') return
    if (event.target instanceof Element && event.target.closest('[data-not-canvas]')) return
    const hit = this.#canvas.hit(this.#canvas.toCanvas(event))
    if (hit.on === 'port') this.#canvas.probe.place(hit.port, hit.at)
    else this.#canvas.probe.place(undefined)
    this.#canvas.setHover(hit.on === 'wire' ? hit.id : undefined)
    this.#element.dataset.over = hit.on
    this.#canvas.tellHover(hit, event)
  }

  /**
   * A second click on the same thing. Counted here and not by the browser, which forgets the first click when the
   * element under the pointer is drawn anew in between.
   */
  #countClick(event: PointerEvent, hit: Hit): void {
    const on = 'id' in hit ? hit.id : hit.on
    const last = this.#lastClick
    const isSecond =
      last !== undefined &&
      last.on === on &&
      event.timeStamp - last.at <= DOUBLE_CLICK_MS &&
      Math.hypot(event.clientX - last.clientX, event.clientY - last.clientY) <= DOUBLE_CLICK_PX
    this.#lastClick = isSecond ? undefined : { on, at: event.timeStamp, ...pick(event) }
    if (!isSecond || event.ctrlKey || event.metaKey || event.shiftKey) return
    const { workspace } = this.#canvas
    if (hit.on === 'node' && workspace.collapsed.has(hit.id)) workspace.collapsed.toggle(hit.id)
    else if (hit.on === 'node' || hit.on === 'group') this.#host.edit(hit.id)
    else if (hit.on === 'wire') this.#junctionAt(hit.id, this.#canvas.toCanvas(event))
    else if (hit.on === 'nothing') this.#host.quickAdd(this.#canvas.toCanvas(event))
  }

  /** A double click on a wire puts a junction there. */
  #junctionAt(id: string, at: Point): void {
    const { model, place } = this.#canvas.workspace
    const wire = this.#canvas.area.wires.get(id)
    if (wire) this.#canvas.workspace.select(cutWires(model, place ?? '', [{ wire, at: { x: Math.round(at.x), y: Math.round(at.y) } }]))
  }

  #wheel(event: WheelEvent): void {
    if (event.target instanceof Element && event.target.closest('[data-not-canvas]')) return
    event.preventDefault()
    this.#canvas.measurePlace()
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1
    if (!event.ctrlKey && !event.metaKey && !event.altKey) {
      // two fingers on a trackpad tell both directions; a wheel has one, and Shift turns it
      const isTurned = event.shiftKey && event.deltaX === 0
      void this.#canvas.panBy(-(isTurned ? event.deltaY : event.deltaX) * lines, isTurned ? 0 : -event.deltaY * lines)
      return
    }
    const step = Math.max(-120, Math.min(120, event.deltaY * lines))
    // a pinch on a trackpad comes as a wheel with Ctrl and small steps
    void this.#canvas.zoomAt(Math.exp(-step * (Math.abs(step) < 30 ? 0.01 : 0.002)), event)
  }

  /** What is under the pointer is what the menu is for: it becomes the selection, unless it is part of it. */
  #menu(event: MouseEvent): void {
    event.preventDefault()
    if (event.target instanceof Element && event.target.closest('[data-not-canvas]')) return
    // the long press has opened it already, or the right button drew a line
    if (this.#isMenuDone || this.#gesture.kind === 'slice') return
    this.#openMenu(event)
  }

  #openMenu(event: MouseEvent): void {
    this.escape()
    this.#canvas.measurePlace()
    const hit = this.#canvas.hit(this.#canvas.toCanvas(event))
    const { workspace } = this.#canvas
    if ((hit.on === 'node' || hit.on === 'group') && !workspace.selection.has(hit.id)) workspace.select([hit.id])
    else if (hit.on === 'wire' && !workspace.selectedWires.has(hit.id)) workspace.select([], [hit.id])
    this.#canvas.askMenu(hit, event)
  }

  #key(event: KeyboardEvent, isDown: boolean): void {
    if (event.key !== ' ') return
    const isTyping = event.target instanceof HTMLElement && event.target.closest('input, textarea, select, button, a, [contenteditable]')
    if (isTyping && isDown) return
    this.#setSpace(isDown)
  }

  #setSpace(isHeld: boolean): void {
    this.#isSpaceHeld = isHeld
    if (isHeld) this.#element.dataset.space = ''
    else delete this.#element.dataset.space
  }
}

/** The body and the ports beside it. */
const wider = (box: Box): Box => ({ x: box.x, y: box.y, width: box.width + 40, height: box.height + 20 })

const pick = ({ clientX, clientY }: PointerEvent) => ({ clientX, clientY })

function snapped(raw: Point, corner: Point | undefined): Point {
  const to = (value: number, start: number) => Math.round((start + value) / GRID) * GRID - start
  // nodes are 30 high, so that a corner sits between two lines: the middle is snapped
  return { x: to(raw.x, corner?.x ?? 0), y: to(raw.y, (corner?.y ?? 0) + 15) }
}

function toggled(set: ReadonlySet<string>, id: string): Set<string> {
  const next = new Set(set)
  if (!next.delete(id)) next.add(id)
  return next
}
