/** What our nodes use of Node-RED (there are no official types): @node-red/registry lib/util.js, @node-red/runtime lib/nodes/Node.js. */
import type { CellwrightServices } from '../services.ts'

/** A flow message: anything, with what our own nodes put there. */
export interface Message {
  _msgid?: string
  /** The run it belongs to; set by triggers and by the runtime's hooks. */
  _run?: string
  topic?: unknown
  payload?: unknown
  [key: string]: unknown
}

export interface RedStatus {
  fill?: 'red' | 'green' | 'yellow' | 'blue' | 'grey'
  shape?: 'ring' | 'dot'
  text?: string
}

/** A node's stored configuration, as the flow file has it. */
export interface RedConfig {
  id: string
  type: string
  z?: string
  name?: string
  [key: string]: unknown
}

/** A live node. */
export interface RedNode {
  id: string
  type: string
  z?: string
  name?: string
  /** Inside a subflow: the id of the node it was made from. */
  _alias?: string
  /** Node ids by output. */
  wires?: string[][]
  send(messages: (Message | null)[]): void
  status(status: RedStatus): void
  error(error: unknown, message?: Message): void
  warn(text: string): void
  context(): Record<'flow' | 'global', { set(key: string, value: unknown): void }>
  on(event: 'input', listener: (message: Message, send: (messages: (Message | null)[]) => void, done: (error?: unknown) => void) => void): void
  on(event: 'close', listener: (isRemoved: boolean, done: () => void) => void): void
}

interface AdminRequest {
  params: Record<string, string>
}
interface AdminResponse {
  json(body: unknown): void
  status(code: number): AdminResponse
}
type AdminHandler = (request: AdminRequest, response: AdminResponse, next: () => void) => void

/** What Node-RED hands to a node module. */
export interface Red {
  nodes: {
    createNode(node: RedNode, config: RedConfig): void
    registerType(type: string, construct: (this: RedNode, config: RedConfig) => void): void
    getNode(id: string): RedNode | null
    /** Every node of the active configuration, as stored. */
    eachNode(visit: (config: RedConfig) => void): void
  }
  util: {
    evaluateNodeProperty(value: string, type: string, node: RedNode, message: Message, callback: (error: unknown, result: unknown) => void): void
    cloneMessage<T>(message: T): T
  }
  events: {
    on(event: string, listener: (...facts: unknown[]) => void): void
    removeListener(event: string, listener: (...facts: unknown[]) => void): void
  }
  hooks: {
    add(name: string, handler: (event: { msg: Message; error?: unknown; node: { id: string; node: RedNode } }) => void): void
    remove(name: string): void
  }
  settings: { cellwright?: CellwrightServices }
  httpAdmin: { get(path: string, ...handlers: AdminHandler[]): void }
  auth: { needsPermission(permission: string): AdminHandler }
}
