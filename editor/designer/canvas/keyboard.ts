/**
 * What the canvas's own keys do while it has the focus: moving, walking, giving up. Every other key stands for an action
 * (`find/key-listener.tsx`), which hears it first. The list is what the shortcuts dialog shows.
 */
import { copyText } from '../model/clipboard.ts'
import { disconnect, moveNodes, removeNodes } from '../model/commands.ts'
import { GRID } from '../model/ports.ts'
import { partOfSubflow } from '../model/scene.ts'
import type { FlowCanvas } from './flow-canvas.ts'

export interface KeyHost {
  escape(): void
  announce(id: string): void
}

/** Keys as people read them; the texts are in the catalogue under the same names. */
export const SHORTCUTS = {
  move: ['↑ ↓ ← →'],
  moveFine: ['Shift+↑ ↓ ← →'],
  walk: ['Alt+↑ ↓ ← →'],
  next: ['N', 'P'],
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

  down(event: KeyboardEvent): void {
    // with Ctrl a key is an action's, or the browser's own copy, cut and paste
    if (event.ctrlKey || event.metaKey || !this.#act(event)) return
    event.preventDefault()
    event.stopPropagation()
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

  /** @returns whether the key means something here */
  #act(event: KeyboardEvent): boolean {
    const { model, selection } = this.#canvas.workspace
    const arrow = ARROWS[event.key]
    if (arrow && event.altKey) {
      this.#walk(arrow)
      return true
    }
    if (arrow) {
      const step = event.shiftKey ? 1 : GRID
      if (selection.size) moveNodes(model, selection, { x: arrow.x * step, y: arrow.y * step }, this.#held)
      else void this.#canvas.view.panBy(-arrow.x * 60, -arrow.y * 60)
      return true
    }
    if (event.altKey) return false
    switch (event.key) {
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
      case ' ':
        // held, it makes the pointer move the view; the page must not scroll
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
