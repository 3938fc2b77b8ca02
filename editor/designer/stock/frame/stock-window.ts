/**
 * The part of the stock editor's page that dialogs need, typed here because it has no types of its own
 * (@node-red/editor-client 5, public/red/red.js; the names are those of its modules).
 */
import type { FlowNode } from '../../model/raw.ts'

/** A node, group, tab or subflow as the stock editor holds it: the file's properties, and its own beside them. */
export interface StockNode {
  id: string
  type: string
  z?: string
  /** Config nodes: who uses them. */
  users?: StockNode[]
  _def: StockDefinition
  credentials?: Record<string, unknown> & { _?: Record<string, unknown> }
  [property: string]: unknown
}

interface StockDefinition {
  category?: string
  defaults?: Record<string, unknown>
  credentials?: Record<string, unknown>
}

/** One entry of its history; `multi` holds others. */
export interface StockHistory {
  t: string
  node?: StockNode
  outputMap?: Record<string, string | number>
  events?: StockHistory[]
}

export interface StockPick {
  selected?: readonly string[]
  single?: boolean
  prompt?: string
  filter?: (node: StockNode) => boolean
  onselect?: (picked: StockNode | StockNode[]) => void
  oncancel?: () => void
}

interface StockEditor {
  init(options: { apiRootUrl: string }): void
  events: { on(name: string, listener: (...about: never[]) => void): void; off(name: string, listener: (...about: never[]) => void): void }
  comms: { connect(): void }
  deploy: { init(options: unknown): void }
  palette: { editor: { init(): void }; refresh?(): void }
  user: { login(options: unknown, done: () => void): void }
  i18n: { detectLanguage(): string; lang(): string }
  actions: { invoke(name: string, ...about: unknown[]): unknown }
  notify: (message: unknown, ...options: unknown[]) => { close(): void; update(...about: unknown[]): void; hideNotification(): void }
  nodes: {
    import(nodes: FlowNode[], options: object): unknown
    node(id: string): StockNode | null
    group(id: string): StockNode | undefined
    subflow(id: string): StockNode | undefined
    workspace(id: string): StockNode | undefined
    eachNode(visit: (node: StockNode) => void): void
    eachConfig(visit: (node: StockNode) => void): void
    eachGroup(visit: (node: StockNode) => void): void
    eachSubflow(visit: (node: StockNode) => void): void
    eachWorkspace(visit: (node: StockNode) => void): void
    remove(id: string): unknown
    removeGroup(group: StockNode): void
    removeWorkspace(id: string): void
    convertNode(node: StockNode, options: { credentials: boolean }): FlowNode
    updateConfigNodeUsers(node: StockNode, options: { action: 'add' | 'remove'; emitEvent: boolean }): void
    getType(type: string): StockDefinition | undefined
    dirty(isDirty?: boolean): boolean | undefined
  }
  subflow: { removeSubflow(id: string): unknown }
  workspaces: { active(): string | number; show(id: string): void; isLocked(id?: string): boolean; remove(tab: StockNode): void }
  tray: { show(options?: { show?: () => void }): void }
  view: { redraw(...how: unknown[]): void; focus(): void; reveal(id: string, ...how: unknown[]): void; selectNodes(options: StockPick): void }
  history: { push(event: StockHistory): void; clear(): void }
  sidebar: { help: { show(type: string, ...how: unknown[]): void }; info: { refresh(node?: unknown): void }; config: { refresh(): void } }
  editor: {
    edit(node: StockNode, tab?: string): void
    editConfig(name: string, type: string, id: string, prefix: string | null): void
    editSubflow(subflow: StockNode, tab?: string): void
    editGroup(group: StockNode, tab?: string): void
    editFlow(tab: StockNode, at?: string): void
  }
}

interface AjaxOptions {
  type?: string
  method?: string
  url?: string
}

export interface StockWindow extends Window {
  RED: StockEditor
  Storage: typeof Storage
  $: { ajaxPrefilter(filter: (options: AjaxOptions, original: AjaxOptions, request: { abort(): void }) => void): void }
}
