/** What keys do while the canvas has the focus. The list is what the shortcuts dialog shows. */
import { copyText } from '../model/clipboard.ts'
import { disconnect, moveNodes, removeNodes, setDisabled } from '../model/commands.ts'
import { GRID } from '../model/ports.ts'
import { partOfSubflow } from '../model/scene.ts'
import type { FlowCanvas } from './flow-canvas.ts'

export interface KeyHost {
  edit(id: string): void
  quickAdd(): void
  paste(text: string): void
  deploy(): void
  connectMode(id: string): void
  showShortcuts(): void
  search(): void
  escape(): void
  announce(id: string | undefined): void
}

/** Keys as people read them, by action; the texts of the actions are in the catalogue under the same names. */
export const SHORTCUTS = {
  undo: ['Ctrl+Z'],
  redo: ['Ctrl+Y', 'Ctrl+Shift+Z'],
  selectAll: ['Ctrl+A'],
  copy: ['Ctrl+C'],
  cut: ['Ctrl+X'],
  paste: ['Ctrl+V'],
  remove: ['Delete'],
  edit: ['Enter'],
  move: ['↑ ↓ ← →'],
  moveFine: ['Shift+↑ ↓ ← →'],
  walk: ['Alt+↑ ↓ ← →'],
  next: ['N', 'P'],
  connect: ['C'],
  toggle: ['D'],
  quickAdd: ['Insert', 'A'],
  search: ['Ctrl+F'],
  deploy: ['Ctrl+Enter'],
  zoom: ['+', '−'],
  fit: ['0', 'F'],
  help: ['?'],
} as const
export type ShortcutName = keyof typeof SHORTCUTS

const ARROWS: Record<string, { x: number; y: number }> = {
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
}

export class Keyboard {
  readonly #canvas: FlowCanvas
  readonly #host: KeyHost
  /** Arrow presses until the key is let go are one step of the history. */
  #held = Symbol('held')

  constructor(canvas: FlowCanvas, host: KeyHost) {
    this.#canvas = canvas
    this.#host = host
  }

  up(): void {
    this.#held = Symbol('held')
  }

  /** @returns whether the key meant something here */
  down(event: KeyboardEvent): boolean {
    const hasControl = event.ctrlKey || event.metaKey
    const done = hasControl ? this.#withControl(event) : this.#plain(event)
    if (done) {
      event.preventDefault()
      event.stopPropagation()
    }
    return done
  }

  /** Copies what is selected. @returns the text for the clipboard */
  copy(): string | undefined {
    const { model, selection } = this.#canvas.workspace
    return selection.size ? copyText(model, new Set([...selection].filter((id) => !partOfSubflow(id)))) : undefined
  }

  remove(): void {
    const { model, selection, selectedWires } = this.#canvas.workspace
    const wires = [...selectedWires].map((id) => this.#canvas.area.wires.get(id)).filter((wire) => wire !== undefined)
    const nodes = [...selection].filter((id) => !partOfSubflow(id))
    if (wires.length === 0 && nodes.length === 0) return
    model.edit(nodes.length ? 'remove' : 'disconnect', () => {
      if (wires.length) disconnect(model, wires)
      if (nodes.length) removeNodes(model, nodes)
    })
    this.#canvas.workspace.select([])
  }

  #withControl(event: KeyboardEvent): boolean {
    const { model } = this.#canvas.workspace
    switch (event.key.toLowerCase()) {
      case 'z':
        if (event.shiftKey) model.redo()
        else model.undo()
        return true
      case 'y':
        model.redo()
        return true
      case 'a':
        this.#canvas.workspace.select([...this.#canvas.scene.nodes.keys(), ...this.#canvas.scene.groups.map((group) => group.id)])
        return true
      case 'f':
        this.#host.search()
        return true
      case 'enter':
        this.#host.deploy()
        return true
      default:
        // copy, cut and paste come as the browser's own clipboard events
        return false
    }
  }

  #plain(event: KeyboardEvent): boolean {
    const { workspace } = this.#canvas
    const { model, selection } = workspace
    const arrow = ARROWS[event.key]
    if (arrow && event.altKey) {
      this.#walk(arrow)
      return true
    }
    if (arrow) {
      const step = event.shiftKey ? 1 : GRID
      if (selection.size) moveNodes(model, selection, { x: arrow.x * step, y: arrow.y * step }, this.#held)
      else void this.#canvas.panBy(-arrow.x * 60, -arrow.y * 60)
      return true
    }
    if (event.altKey) return false
    const [one] = selection
    switch (event.key) {
      case 'Delete':
      case 'Backspace':
        this.remove()
        return true
      case 'Enter':
        if (one !== undefined) this.#host.edit(one)
        return one !== undefined
      case 'Escape':
        this.#host.escape()
        return true
      case 'n':
      case 'N':
        this.#step(1)
        return true
      case 'p':
      case 'P':
        this.#step(-1)
        return true
      case 'c':
      case 'C':
        if (one !== undefined) this.#host.connectMode(one)
        return one !== undefined
      case 'd':
      case 'D': {
        const nodes = [...selection].filter((id) => !partOfSubflow(id))
        if (nodes.length) setDisabled(model, nodes, !nodes.every((id) => model.get(id)?.d === true))
        return nodes.length > 0
      }
      case 'Insert':
      case 'a':
      case 'A':
        this.#host.quickAdd()
        return true
      case '+':
      case '=':
        void this.#canvas.zoomBy(1.25)
        return true
      case '-':
        void this.#canvas.zoomBy(0.8)
        return true
      case '0':
        void this.#canvas.zoomToFit()
        return true
      case 'f':
      case 'F':
        void this.#canvas.zoomToFit(selection)
        return true
      case '?':
        this.#host.showShortcuts()
        return true
      case ' ':
        return true
      default:
        return false
    }
  }

  /** The next or previous node in reading order. */
  #step(by: 1 | -1): void {
    const nodes = readingOrder(this.#canvas)
    if (nodes.length === 0) return
    const [one] = this.#canvas.workspace.selection
    const at = nodes.indexOf(one ?? '')
    this.#go(nodes[(at + by + nodes.length) % nodes.length])
  }

  /** The nearest node in a direction. */
  #walk(direction: { x: number; y: number }): void {
    const [one] = this.#canvas.workspace.selection
    const from = one === undefined ? undefined : this.#canvas.scene.nodes.get(one)
    if (!from) {
      this.#step(1)
      return
    }
    let best: string | undefined
    let bestCost = Number.POSITIVE_INFINITY
    for (const node of this.#canvas.scene.nodes.values()) {
      const along = (node.x - from.x) * direction.x + (node.y - from.y) * direction.y
      const aside = Math.abs((node.x - from.x) * direction.y) + Math.abs((node.y - from.y) * direction.x)
      const cost = along + aside * 2
      if (along > 5 && cost < bestCost) {
        best = node.id
        bestCost = cost
      }
    }
    if (best) this.#go(best)
  }

  #go(id: string | undefined): void {
    if (id === undefined) return
    this.#canvas.workspace.select([id])
    void this.#canvas.reveal(id)
    this.#host.announce(id)
  }
}

/** Nodes from top left to bottom right, by rows of a node's height. */
export function readingOrder(canvas: FlowCanvas): string[] {
  const row = (y: number) => Math.round(y / 40)
  return [...canvas.scene.nodes.values()].sort((a, b) => row(a.y) - row(b.y) || a.x - b.x).map((node) => node.id)
}
