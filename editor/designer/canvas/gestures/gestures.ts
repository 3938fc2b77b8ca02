/** What pointers do on the canvas, as one state machine: select, drag, marquee, wire, pan, pinch. */
import type { Point } from '../../model/commands.ts'
import { cutWires } from '../../model/junctions.ts'
import type { FlowCanvas, Hit } from '../flow-canvas.ts'
import { foldPlace } from '../painter.ts'
import type { PortHit } from '../port-flow.ts'
import { Strokes } from '../slice.ts'
import { Clicks } from './clicks.ts'
import { EdgePan } from './edge-pan.ts'
import { Fingers } from './fingers.ts'
import type { GroupMove } from './group-drop.ts'
import { LongPress } from './long-press.ts'
import { Marquee } from './marquee.ts'
import { NodeDrag } from './node-drag.ts'
import { moveByWheel } from './wheel.ts'
import { type Taken, WireHand } from './wire-hand.ts'

type Gesture =
  | { kind: 'none' }
  | { kind: 'press'; pointer: number; at: Point; from: { clientX: number; clientY: number }; hit: Hit; wasSelected: boolean }
  | { kind: 'drag'; pointer: number; drag: NodeDrag }
  | { kind: 'marquee'; pointer: number; at: Point; before: ReadonlySet<string> }
  | { kind: 'wire'; pointer: number }
  /** A folded group opens, to go on with a wire from inside. */
  | { kind: 'unfold'; pointer: number }
  /** Wires taken off a port, to be put on another. */
  | { kind: 'rewire'; pointer: number; taken: Taken }
  | { kind: 'slice'; pointer: number; mode: 'cut' | 'junction'; line: Point[] }
  | { kind: 'pan'; pointer: number; x: number; y: number; hasMoved: boolean }
  | { kind: 'pinch'; distance: number; x: number; y: number }

/** What a gesture did that cannot be seen by everybody. */
export type GestureNews = { is: 'group'; move: GroupMove } | { is: 'loose' } | { is: 'choosePort' }

export interface GestureHost {
  edit(id: string): void
  quickAdd(at: Point): void
  /** Moves the keyboard's focus to the canvas. */
  focus(): void
  /** What the frame of a group says while something is held over it. */
  wordsOf(move: GroupMove): string
  tell(news: GestureNews): void
}

const THRESHOLD_PX = 4
/** At the window's edge these move the view. */
const ALONG: ReadonlySet<Gesture['kind']> = new Set(['drag', 'marquee', 'rewire', 'wire', 'slice'])
const NOTHING: Gesture = { kind: 'none' }

export class Gestures {
  readonly #canvas: FlowCanvas
  readonly #element: HTMLElement
  readonly #host: GestureHost
  readonly #marquee: Marquee
  readonly #shield = document.createElement('div')
  readonly #abort = new AbortController()
  readonly #fingers = new Fingers()
  #gesture: Gesture = NOTHING
  #isSpaceHeld = false
  readonly #strokes: Strokes
  readonly #hand: WireHand
  readonly #clicks = new Clicks()
  readonly #edge: EdgePan
  readonly #longPress = new LongPress()
  /** A menu that the browser is about to ask for was answered already, or is none. */
  #isMenuDone = false
  constructor(element: HTMLElement, canvas: FlowCanvas, host: GestureHost) {
    this.#canvas = canvas
    this.#element = element
    this.#host = host
    this.#strokes = new Strokes(canvas.area)
    this.#hand = new WireHand(canvas)
    this.#edge = new EdgePan(canvas.view, (event) => this.#act(event))
    this.#marquee = new Marquee(element, canvas.view)
    this.#shield.className = 'flow-shield'
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
    this.#longPress.end()
    this.#marquee.remove()
  }

  /** Gives up what is under way. @returns whether anything was */
  escape(): boolean {
    const wasBusy = this.#gesture.kind !== 'none'
    if (this.#gesture.kind === 'drag') this.#gesture.drag.cancel()
    if (this.#gesture.kind === 'wire') this.#canvas.probe.cancel()
    if (this.#gesture.kind === 'rewire') this.#canvas.probe.place(undefined)
    this.#end()
    return wasBusy
  }

  #down(event: PointerEvent): void {
    if (event.target instanceof Element && event.target.closest('[data-not-canvas]')) return
    this.#canvas.view.measurePlace()
    this.#host.focus()
    this.#isMenuDone = false
    this.#longPress.end()
    if (event.pointerType === 'touch') {
      this.#fingers.put(event)
      if (this.#fingers.count === 1) this.#beginLongPress(event)
      if (this.#fingers.count === 2) {
        this.escape()
        this.#gesture = { kind: 'pinch', ...this.#fingers.spread() }
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
      this.#gesture = { kind: 'slice', pointer: event.pointerId, mode, line: [this.#canvas.view.toCanvas(event)] }
      return
    }
    if (event.button !== 0) return
    const at = this.#canvas.view.toCanvas(event)
    const hit = this.#canvas.hit(at, event.pointerType === 'touch' ? 'touch' : 'mouse')
    switch (hit.on) {
      case 'port':
        if (event.shiftKey && this.#takeWires(event, hit.port, at)) return
        if (this.#hand.foldedAt(hit) !== undefined) {
          void this.#pullOutOf(event, hit.port)
          return
        }
        // the probe takes the press from here: Rete's connection plugin hears it on the probe's element
        this.#canvas.probe.place(hit.port, hit.at)
        this.#gesture = { kind: 'wire', pointer: event.pointerId }
        void this.#passToProbe(event)
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
        // a finger moves the view; pressed again at once, it selects as a mouse does
        if (event.pointerType === 'touch' && !this.#clicks.wouldBeSecond(event, hit)) {
          this.#startPan(event)
          return
        }
        this.#gesture = { kind: 'press', pointer: event.pointerId, at, from: pick(event), hit, wasSelected: false }
    }
  }

  /** The press was on the canvas's element; the plugin listens on the probe's, which was not there yet. */
  async #passToProbe(event: PointerEvent, at: { clientX: number; clientY: number } = event): Promise<void> {
    const probe = this.#canvas.probe.element
    if (!probe || (event.target instanceof Node && probe.contains(event.target))) return
    await this.#canvas.probe.ready()
    // let go in the meantime
    if (this.#gesture.kind !== 'wire' || this.#gesture.pointer !== event.pointerId) return
    probe.dispatchEvent(
      new PointerEvent('pointerdown', {
        // the plugin looks what is at this place
        clientX: at.clientX,
        clientY: at.clientY,
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

  /** Shift on a port takes its wires in the hand. @returns whether it has any */
  #takeWires(event: PointerEvent, port: PortHit, at: Point): boolean {
    const taken = this.#hand.take(port, at)
    if (taken) this.#gesture = { kind: 'rewire', pointer: event.pointerId, taken }
    return taken !== undefined
  }

  /** A wire pulled from a folded group: the group opens, and the wire goes on from inside. */
  async #pullOutOf(event: PointerEvent, port: PortHit): Promise<void> {
    const gesture: Gesture = { kind: 'unfold', pointer: event.pointerId }
    this.#gesture = gesture
    this.#canvas.probe.place(undefined)
    const inside = await this.#hand.openAt(port)
    // let go in the meantime
    if (this.#gesture !== gesture) return
    if (!inside) {
      this.#end()
      this.#host.tell({ is: 'choosePort' })
      return
    }
    this.#canvas.probe.place(inside.port, inside.at)
    this.#gesture = { kind: 'wire', pointer: event.pointerId }
    await this.#passToProbe(event, this.#canvas.view.toWindow(inside.at))
  }

  #beginLongPress(event: PointerEvent): void {
    this.#longPress.begin(event, () => {
      this.#openMenu(event)
      // what the finger does until it is lifted is no gesture any more
      this.#isMenuDone = true
      navigator.vibrate?.(10)
    })
  }

  #move(event: PointerEvent): void {
    this.#longPress.move(event)
    this.#act(event)
    if (ALONG.has(this.#gesture.kind)) this.#edge.follow(event)
  }

  #act(event: PointerEvent): void {
    this.#fingers.move(event)
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
        if (event.pointerId === gesture.pointer) gesture.drag.move(event)
        return
      case 'marquee':
        if (event.pointerId === gesture.pointer) this.#stretch(event, gesture)
        return
      case 'wire':
        if (event.pointerId === gesture.pointer) this.#hand.aim(this.#canvas.view.toCanvas(event))
        return
      case 'unfold':
        return
      case 'rewire':
        if (event.pointerId !== gesture.pointer) return
        this.#hand.aim(this.#canvas.view.toCanvas(event))
        this.#canvas.moveInHand(this.#canvas.view.toCanvas(event))
        return
      case 'slice':
        if (event.pointerId !== gesture.pointer) return
        gesture.line.push(this.#canvas.view.toCanvas(event))
        this.#strokes.show(gesture.mode, [gesture.line])
        return
      case 'pan':
        if (event.pointerId === gesture.pointer) {
          void this.#canvas.view.panBy(event.clientX - gesture.x, event.clientY - gesture.y)
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
    const drag = new NodeDrag({
      canvas: this.#canvas,
      strokes: this.#strokes,
      grabbed: press.hit.id,
      at: press.at,
      words: (move) => this.#host.wordsOf(move),
      cameLoose: () => this.#host.tell({ is: 'loose' }),
    })
    this.#gesture = { kind: 'drag', pointer: press.pointer, drag }
    this.#element.append(this.#shield)
    this.#move(event)
  }

  #stretch(event: PointerEvent, { at, before }: Extract<Gesture, { kind: 'marquee' }>): void {
    const area = this.#marquee.stretch(at, this.#canvas.view.toCanvas(event))
    this.#canvas.workspace.select([...before, ...this.#canvas.within(area)])
  }

  #pinch(gesture: Extract<Gesture, { kind: 'pinch' }>): void {
    if (this.#fingers.count < 2) return
    const now = this.#fingers.spread()
    void this.#canvas.view
      .panBy(now.x - gesture.x, now.y - gesture.y)
      .then(() => this.#canvas.view.zoomAt(now.distance / gesture.distance, { clientX: now.x, clientY: now.y }))
    this.#gesture = { kind: 'pinch', ...now }
  }

  #up(event: PointerEvent): void {
    this.#fingers.lift(event)
    this.#longPress.end()
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
        this.#drop(gesture.drag)
        break
      case 'wire':
        if (event.pointerId !== gesture.pointer) return
        if (this.#hand.dropOnFolded(this.#canvas.view.toCanvas(event))) this.#host.tell({ is: 'choosePort' })
        else this.#hand.aim(this.#canvas.view.toCanvas(event))
        break
      case 'unfold':
        if (event.pointerId !== gesture.pointer) return
        break
      case 'rewire':
        if (event.pointerId !== gesture.pointer) return
        this.#hand.put(gesture.taken, this.#canvas.view.toCanvas(event))
        break
      case 'slice':
        if (event.pointerId !== gesture.pointer) return
        this.#isMenuDone = gesture.line.length > 1
        this.#hand.cut(gesture.mode, gesture.line)
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
        if (this.#fingers.count > 0) return
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

  #drop(drag: NodeDrag): void {
    const move = drag.drop()
    if (move) this.#host.tell({ is: 'group', move })
  }

  #cancel(event: PointerEvent): void {
    this.#longPress.end()
    this.#fingers.lift(event)
    this.escape()
  }

  #end(): void {
    if (this.#gesture.kind === 'rewire') this.#canvas.putFromHand()
    if (this.#gesture.kind === 'drag') this.#gesture.drag.end()
    this.#gesture = NOTHING
    this.#strokes.hide()
    this.#hand.end()
    this.#edge.end()
    this.#marquee.hide()
    this.#canvas.setHover(undefined)
    this.#shield.remove()
  }

  #startPan(event: PointerEvent): void {
    this.#gesture = { kind: 'pan', pointer: event.pointerId, x: event.clientX, y: event.clientY, hasMoved: false }
    this.#element.append(this.#shield)
  }

  #hover(event: PointerEvent): void {
    if (!(event.target instanceof Node) || !this.#element.contains(event.target) || event.pointerType === 'touch') return
    if (event.target instanceof Element && event.target.closest('[data-not-canvas]')) return
    const hit = this.#canvas.hit(this.#canvas.view.toCanvas(event))
    // the port of a folded group stands for those inside
    if (hit.on === 'port' && this.#hand.foldedAt(hit) === undefined) this.#canvas.probe.place(hit.port, hit.at)
    else this.#canvas.probe.place(undefined)
    this.#canvas.setHover(hit.on === 'wire' ? hit.id : undefined)
    this.#element.dataset.over = hit.on
    this.#canvas.tellHover(hit, event)
  }

  #countClick(event: PointerEvent, hit: Hit): void {
    if (!this.#clicks.add(event, hit) || event.ctrlKey || event.metaKey || event.shiftKey) return
    const { workspace } = this.#canvas
    if (hit.on === 'node' && workspace.collapsed.has(hit.id)) workspace.collapsed.toggle(hit.id)
    else if (hit.on === 'node' || hit.on === 'group') this.#host.edit(hit.id)
    else if (hit.on === 'wire') this.#junctionAt(hit.id, this.#canvas.view.toCanvas(event))
    else if (hit.on === 'nothing') this.#host.quickAdd(this.#canvas.view.toCanvas(event))
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
    this.#canvas.view.measurePlace()
    moveByWheel(this.#canvas.view, event)
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
    this.#canvas.view.measurePlace()
    const found = this.#canvas.hit(this.#canvas.view.toCanvas(event))
    const folded = this.#hand.foldedAt(found)
    const hit: Hit = folded === undefined ? found : { on: 'node', id: folded }
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

const pick = ({ clientX, clientY }: PointerEvent) => ({ clientX, clientY })

function toggled(set: ReadonlySet<string>, id: string): Set<string> {
  const next = new Set(set)
  if (!next.delete(id)) next.add(id)
  return next
}
