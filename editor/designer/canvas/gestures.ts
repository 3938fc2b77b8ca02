/** What pointers do on the canvas, as one state machine: select, drag, marquee, wire, pan, pinch. */
import { disconnect, moveNodes, type Point, spliceInto, withMembers } from '../model/commands.ts'
import { type Box, GRID, inputAt, outputAt } from '../model/ports.ts'
import { partOfSubflow } from '../model/scene.ts'
import type { FlowCanvas, Hit } from './flow-canvas.ts'
import type { PortHit } from './port-flow.ts'
import { wireDropTarget } from './splice.ts'

type Gesture =
  | { kind: 'none' }
  | { kind: 'press'; pointer: number; at: Point; from: { clientX: number; clientY: number }; hit: Hit; wasSelected: boolean }
  | { kind: 'drag'; pointer: number; grabbed: string; at: Point; starts: Map<string, Point>; by: Point }
  | { kind: 'marquee'; pointer: number; at: Point; before: ReadonlySet<string> }
  | { kind: 'wire'; pointer: number }
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
const NOTHING: Gesture = { kind: 'none' }

export class Gestures {
  readonly #canvas: FlowCanvas
  readonly #element: HTMLElement
  readonly #host: GestureHost
  readonly #marquee = document.createElement('div')
  readonly #abort = new AbortController()
  readonly #touches = new Map<number, { clientX: number; clientY: number }>()
  #gesture: Gesture = NOTHING
  #isSpaceHeld = false
  #lastClick: { on: string; at: number; clientX: number; clientY: number } | undefined

  constructor(element: HTMLElement, canvas: FlowCanvas, host: GestureHost) {
    this.#canvas = canvas
    this.#element = element
    this.#host = host
    this.#marquee.className = 'flow-marquee'
    this.#marquee.hidden = true
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
    this.#marquee.remove()
  }

  /** Gives up what is under way. @returns whether anything was */
  escape(): boolean {
    const wasBusy = this.#gesture.kind !== 'none'
    if (this.#gesture.kind === 'drag') this.#canvas.restore()
    if (this.#gesture.kind === 'wire') this.#canvas.probe.cancel()
    this.#end()
    return wasBusy
  }

  #down(event: PointerEvent): void {
    if (event.target instanceof Element && event.target.closest('[data-not-canvas]')) return
    this.#canvas.measurePlace()
    this.#host.focus()
    if (event.pointerType === 'touch') {
      this.#touches.set(event.pointerId, event)
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
    if (event.button !== 0) return
    const at = this.#canvas.toCanvas(event)
    const hit = this.#canvas.hit(at, event.pointerType === 'touch' ? 'touch' : 'mouse')
    switch (hit.on) {
      case 'port':
        // the probe takes the press from here: Rete's connection plugin hears it on the probe's element
        this.#canvas.probe.place(hit.port, hit.at)
        this.#gesture = { kind: 'wire', pointer: event.pointerId }
        this.#passToProbe(event)
        return
      case 'node':
      case 'group':
        this.#pressOn(event, hit.id, at, hit)
        return
      case 'wire':
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

  #move(event: PointerEvent): void {
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
    for (const id of withMembers(workspace.model, workspace.selection)) {
      const view = this.#canvas.area.views.get(id)
      if (view) starts.set(id, { ...view.position })
    }
    this.#gesture = { kind: 'drag', pointer: press.pointer, grabbed: press.hit.id, at: press.at, starts, by: { x: 0, y: 0 } }
    this.#element.dataset.dragging = ''
    this.#move(event)
  }

  #drag(event: PointerEvent, gesture: Extract<Gesture, { kind: 'drag' }>): void {
    const now = this.#canvas.toCanvas(event)
    const raw = { x: now.x - gesture.at.x, y: now.y - gesture.at.y }
    const start = gesture.starts.get(gesture.grabbed)
    // snapped by the grabbed node's corner, so that all keep their distances; Alt moves freely
    const by = event.altKey ? { x: Math.round(raw.x), y: Math.round(raw.y) } : snapped(raw, start)
    if (by.x === gesture.by.x && by.y === gesture.by.y) return
    this.#gesture = { ...gesture, by }
    void this.#canvas.preview(new Map([...gesture.starts].map(([id, at]) => [id, { x: at.x + by.x, y: at.y + by.y }])))
    this.#canvas.setHover(gesture.starts.size === 1 ? wireDropTarget(this.#canvas, gesture.grabbed) : undefined)
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
    const dangling = this.#canvas.area.dangling
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
    const gesture = this.#gesture
    const { workspace } = this.#canvas
    switch (gesture.kind) {
      case 'press':
        if (event.pointerId !== gesture.pointer) return
        if (gesture.hit.on === 'nothing') workspace.select([])
        else if (gesture.hit.on === 'node' || gesture.hit.on === 'group') this.#click(event, gesture.hit.id, gesture.wasSelected)
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
    model.edit(target ? 'splice' : 'move', () => {
      moveNodes(model, selection, by)
      if (target && !partOfSubflow(grabbed)) spliceInto(model, grabbed, target)
    })
  }

  #cancel(event: PointerEvent): void {
    this.#touches.delete(event.pointerId)
    this.escape()
  }

  #end(): void {
    this.#gesture = NOTHING
    this.#marquee.hidden = true
    this.#canvas.setHover(undefined)
    delete this.#element.dataset.dragging
    delete this.#element.dataset.panning
  }

  #startPan(event: PointerEvent): void {
    this.#gesture = { kind: 'pan', pointer: event.pointerId, x: event.clientX, y: event.clientY, hasMoved: false }
    this.#element.dataset.panning = ''
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
    if (hit.on === 'node' || hit.on === 'group') this.#host.edit(hit.id)
    else if (hit.on === 'nothing') this.#host.quickAdd(this.#canvas.toCanvas(event))
  }

  #wheel(event: WheelEvent): void {
    if (event.target instanceof Element && event.target.closest('[data-not-canvas]')) return
    event.preventDefault()
    this.#canvas.measurePlace()
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1
    if (event.shiftKey && !event.ctrlKey) {
      void this.#canvas.panBy(-(event.deltaX || event.deltaY) * lines, 0)
      return
    }
    const step = Math.max(-120, Math.min(120, event.deltaY * lines))
    // a pinch on a trackpad comes as a wheel with Ctrl and small steps
    void this.#canvas.zoomAt(Math.exp(-step * (event.ctrlKey ? 0.01 : 0.002)), event)
  }

  /** What is under the pointer is what the menu is for: it becomes the selection, unless it is part of it. */
  #menu(event: MouseEvent): void {
    event.preventDefault()
    if (event.target instanceof Element && event.target.closest('[data-not-canvas]')) return
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

  /** Takes a wire away: the menu's and the keyboard's way. */
  removeWires(ids: Iterable<string>): void {
    const wires = [...ids].map((id) => this.#canvas.area.wires.get(id)).filter((wire) => wire !== undefined)
    if (wires.length) disconnect(this.#canvas.workspace.model, wires)
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
