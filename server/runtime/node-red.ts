/**
 * The part of Node-RED 5 that we use, typed here because the package has no types of its own
 * (packages/node_modules/node-red/lib/red.js and @node-red/runtime/lib/api).
 */
import type { EventEmitter } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { FlowNode } from '../api/flows.ts'

/** An Express 4 application: Node-RED's apps must not sit under Express 5 (reference: its `http in` then fails to load). */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void

/** A running node (@node-red/runtime/lib/nodes/Node.js). */
export interface RunningNode {
  id: string
  type: string
  z?: string
  name?: string
  /** In an instance of a subflow: the node's id in the subflow's definition. */
  _alias?: string
  /** How many of its input handlers take `done`; 0: it never says when it is done. */
  _expectedDoneCount: number
  _inputCallback: unknown
  _inputCallbacks: unknown
  _flow?: { id?: string; flow?: { label?: string; name?: string } }
  receive(message?: Message): void
}

export type Message = Record<string, unknown> & { _run?: unknown; _msgid?: string }

export interface SendEvent {
  msg: Message
  source: { id: string; node: RunningNode; port: number }
  destination: { id: string; node?: RunningNode }
  cloneMessage: boolean
}
export interface ReceiveEvent {
  msg: Message
  destination: { id: string; node: RunningNode }
}
export interface CompleteEvent {
  msg: Message
  error?: unknown
  node: { id: string; node: RunningNode }
}
interface InstallEvent {
  module: string
  version?: string
  url?: string
  args: string[]
}

interface Hooks {
  /** Everything in Node-RED that triggers a hook calls it through this object. */
  trigger(name: string, payload: unknown, done?: (error?: unknown) => void): unknown
  add(name: `preInstall.${string}`, handler: (event: InstallEvent) => Promise<void>): void
  add(name: `preDeliver.${string}`, handler: (event: SendEvent) => void): void
  add(name: `onReceive.${string}` | `postReceive.${string}`, handler: (event: ReceiveEvent) => void): void
  add(name: `onComplete.${string}`, handler: (event: CompleteEvent) => void): void
  /** Whether anybody has added one of that name. */
  has(name: string): boolean
  /** All hooks with this label. */
  remove(name: `*.${string}`): void
}

/** A record of Node-RED's log: levels 10 fatal, 20 error, 30 warn, 40 info, 50 debug, 60 trace, 98 audit, 99 metric. */
export interface LogRecord {
  level: number
  msg?: unknown
  id?: string
  type?: string
  name?: string
  _alias?: string
  [key: string]: unknown
}

export interface EditorUser {
  username: string
  permissions: string | string[]
  /** The scoped token it came with; handed back with `saveFlows`. */
  ticket?: string
}

/** JSONata with the functions that flows know (@node-red/util/lib/util.js). */
export interface JsonataUtil {
  prepareJSONataExpression(value: string, node: RunningNode | undefined): { assign(name: string | symbol, value: unknown): void }
  evaluateJSONataExpression(
    expression: { assign(name: string | symbol, value: unknown): void },
    message: object,
    callback: (error: unknown, result?: unknown) => void,
  ): void
}

/** One set of nodes in the registry. */
export interface NodeSet {
  id: string
  name: string
  module: string
  version: string
  types: string[]
  enabled: boolean
  loaded?: boolean
  err?: unknown
  /** Of the module, once the runtime starts anew. */
  pending_version?: string
}

export interface NodeRed {
  init(server: Server, settings: Record<string, unknown>): void
  start(): Promise<void>
  stop(): Promise<void>
  readonly httpAdmin: RequestHandler
  readonly httpNode: RequestHandler
  readonly version: string
  readonly hooks: Hooks
  readonly util: JsonataUtil
  readonly events: EventEmitter
  readonly log: {
    addHandler(handler: { emit(event: string, record: LogRecord): void }): void
    removeHandler(handler: { emit(event: string, record: LogRecord): void }): void
  }
  readonly settings: Record<string, unknown>
  readonly nodes: {
    getNode(id: string): RunningNode | null
    getCredentials(id: string): Record<string, unknown> | undefined
    addCredentials(id: string, credentials: Record<string, unknown>): Promise<void>
    deleteCredentials(id: string): void
    clearCredentials(): void
    /** The live set of all credentials, plain (our settings turn Node-RED's own encryption off). */
    exportCredentials(): Promise<Record<string, Record<string, unknown>>>
    startFlows(): Promise<void>
    getNodeList(): NodeSet[]
    /** The HTML that a set registers in the editor, help included. */
    getNodeConfig(id: string, lang: string): string | null
    getType(type: string): unknown
  }
  readonly runtime: {
    nodes: {
      /** Installs from the registry through npm. */
      addModule(options: { user: EditorUser; module: string; version?: string }): Promise<unknown>
      removeModule(options: { user: EditorUser; module: string }): Promise<unknown>
    }
    flows: {
      getFlows(options: { user?: EditorUser }): Promise<{ flows: FlowNode[]; rev: string } | null>
      getState(options: object): Promise<{ state: 'start' | 'stop' | 'safe' }>
      setFlows(options: {
        user?: EditorUser
        flows: { flows: FlowNode[]; rev?: string }
        deploymentType: string
      }): Promise<{ rev: string } | { rev: undefined }>
    }
  }
}

const require = createRequire(import.meta.url)

/** Loads Node-RED: a singleton that must not be started twice in one process. */
export function loadNodeRed(): NodeRed {
  return require('node-red') as NodeRed
}

interface Texts {
  _(key: string, options: { lng: string }): unknown
  i: { loadLanguages(language: string): Promise<void> }
}
const texts = () => (createRequire(require.resolve('node-red'))('@node-red/util') as { i18n: Texts }).i18n

/**
 * Node-RED's own texts, by key, of every catalogue that is loaded; in English where a catalogue has no German. Always in the
 * language that is asked for: the runtime's own changes with the server's environment.
 */
export function translate(key: string, language: 'en-US' | 'de' = 'en-US'): string {
  const text = texts()._(key, { lng: language })
  return typeof text === 'string' ? text : key
}

/** Loads the German of the catalogues that are there and of those to come. Call it once Node-RED is set up, before it starts. */
export async function loadGermanTexts(): Promise<void> {
  await texts().i.loadLanguages('de')
}

/**
 * Node-RED makes two or three metric records a hop and drops them when no handler wants them; that costs more
 * than our tracing. Nobody reads them here, so they are not made.
 */
export function stopMetrics(): void {
  const prototype = createRequire(require.resolve('node-red'))('@node-red/runtime/lib/nodes/Node').prototype as { metric(event?: string): boolean | undefined }
  prototype.metric = (event) => (event === undefined ? false : undefined)
}
