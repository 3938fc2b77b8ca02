/** What every area of the designer has at hand: one object for the life of the page. No view. */
import type { ComponentType } from 'react'
import type { CanvasHandle } from '../canvas/canvas-view.tsx'
import type { FlowCanvas } from '../canvas/flow-canvas.ts'
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
  /** Offers node types at a place of the canvas. */
  quickAdd(at: { x: number; y: number }, window: { clientX: number; clientY: number }): void
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

  constructor(parts: { workspace: Workspace; session: FlowSession; log: DebugLog }) {
    this.workspace = parts.workspace
    this.session = parts.session
    this.log = parts.log
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
