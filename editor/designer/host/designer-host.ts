/** What every area of the designer has at hand: one object for the life of the page. No view. */
import type { ComponentType } from 'react'
import type { NodeType } from '../../../server/api/flows.ts'
import type { CanvasHandle } from '../canvas/canvas-view.tsx'
import type { FlowCanvas } from '../canvas/flow-canvas.ts'
import type { PortHit } from '../canvas/port-flow.ts'
import type { FlowSession } from '../deploy/session.ts'
import type { DebugLog } from '../panels/debug-log.ts'
import type { Workspace } from '../workspace.ts'
import type { Action } from './action.ts'
import type { LastMessages } from './last-messages.ts'
import { Registry } from './registry.ts'

/** A page of the side panel, opened by a button in the header. */
export interface SidePanel {
  id: string
  title: string
  icon: ComponentType<{ size?: number }>
  /** Order of the buttons; the panels that were there first have 10, 20, 30, 40. */
  order: number
  body: ComponentType<{ onClose: () => void }>
  /** A number at the button. */
  count?: () => number
}

/** What the page does for its areas; set when the page is there. */
export interface PageServices {
  /** Opens a node's, group's, tab's or config node's form. */
  edit(id: string): void
  /** Opens a side panel, or closes what is open. */
  openPanel(id: string | undefined): void
  closeSide(): void
  /** Offers node types at a place of the canvas; with `from`, those that fit a wire from there, which is then drawn. */
  quickAdd(at: { x: number; y: number }, window: { clientX: number; clientY: number }, from?: PortHit): void
  /** Puts a node of a type in the middle of what is seen. */
  add(type: NodeType): void
  /** Offers the nodes that a node's output can lead to. */
  connect(id: string): void
  deploy(): void
  importFlows(): void
  exportFlows(): void
  paste(text: string): void
  showShortcuts(): void
  togglePalette(): void
}

export class DesignerHost {
  readonly actions = new Registry<Action>()
  readonly panels = new Registry<SidePanel>()
  readonly workspace: Workspace
  readonly session: FlowSession
  readonly log: DebugLog
  page: PageServices | undefined
  handle: CanvasHandle | null = null
  /** The last real messages of the running flows, where they are known. */
  lastMessages: LastMessages | undefined

  #edited: string | undefined
  readonly #editedListeners = new Set<() => void>()

  constructor(parts: { workspace: Workspace; session: FlowSession; log: DebugLog }) {
    this.workspace = parts.workspace
    this.session = parts.session
    this.log = parts.log
  }

  /** The object whose form is open. */
  get edited(): string | undefined {
    return this.#edited
  }
  /** For the page: another form was opened, or none is. */
  setEdited(id: string | undefined): void {
    if (id === this.#edited) return
    this.#edited = id
    for (const listener of [...this.#editedListeners]) listener()
  }
  /** Told when another form is opened or closed. @returns what ends it */
  onEdited(listener: () => void): () => void {
    this.#editedListeners.add(listener)
    return () => this.#editedListeners.delete(listener)
  }

  get canvas(): FlowCanvas | undefined {
    return this.handle?.canvas
  }

  /** Puts the focus on the canvas. */
  focus(): void {
    this.handle?.focus()
  }

  /** Says something to screen readers. */
  say(text: string): void {
    this.handle?.say(text)
  }
}
