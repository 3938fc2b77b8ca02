/** `defineNode`: one declaration gives the runtime type, the stock editor's HTML, the designer's form, the config check and the help page. */
import type { Static, TObject, TProperties } from 'typebox'
import type { FieldError } from '../../base/schema.ts'
import type { CellwrightServices } from '../services.ts'
import type { Message } from './red.ts'
import { type ConfigReference, fieldsOf, type MessageSetting } from './schema.ts'

/** Palette families, each with a colour. */
export const FAMILIES = {
  motion: { label: 'motion', color: '#a3b8cc' },
  triggers: { label: 'triggers', color: '#cccf9f' },
  operator: { label: 'operator', color: '#b5c7a3' },
  jobs: { label: 'jobs', color: '#d0c09c' },
  orchestration: { label: 'orchestration', color: '#d0a9b8' },
  quality: { label: 'quality', color: '#bfb0cc' },
  erp: { label: 'ERP', color: '#d0aea3' },
} as const
type Family = keyof typeof FAMILIES

/**
 * A node's status line, in words; the key says what kind of news it is. `ok` is for what is confirmed good (a part in
 * tolerance, a finished program), `asks` for what waits for a person, `alarm` for what went wrong; the rest is grey.
 */
export type Status = { ok: string } | { info: string } | { waiting: string } | { asks: string } | { alarm: string } | { off: string }

type Stored<P extends TProperties, K extends keyof P & string> = Static<TObject<P>>[K & keyof Static<TObject<P>>]
type MessageKeys<P extends TProperties> = { [K in keyof P & string]: NonNullable<Stored<P, K>> extends MessageSetting ? K : never }[keyof P & string]
type ReferenceKeys<P extends TProperties> = { [K in keyof P & string]: NonNullable<Stored<P, K>> extends ConfigReference ? K : never }[keyof P & string]

/** What a message value evaluates to: `undefined` too where the field is optional. */
type Evaluated<P extends TProperties, K extends keyof P & string> =
  | (NonNullable<Stored<P, K>> extends MessageSetting<infer Result> ? Result : never)
  | (undefined extends Stored<P, K> ? undefined : never)
type Referenced<P extends TProperties, K extends keyof P & string> =
  | (NonNullable<Stored<P, K>> extends ConfigReference<infer Config> ? Config : never)
  | (undefined extends Stored<P, K> ? undefined : never)

/** What a node gets for its life. */
export interface NodeContext<P extends TProperties> {
  /** The node's id in the running flow. */
  readonly id: string
  readonly type: string
  /** The engineer's name for it, or its palette label. */
  readonly name: string
  readonly config: Static<TObject<P>>
  readonly services: CellwrightServices
  /** Aborted when the node is closed (deploy, removal, shutdown). */
  readonly signal: AbortSignal
  /** The configuration of a config node. @throws UserError `config-node-missing` */
  referenced<K extends ReferenceKeys<P>>(key: K): Referenced<P, K>
  /** Evaluates a message value. @throws UserError `value-unreadable`, `value-missing`, `value-invalid` */
  value<K extends MessageKeys<P>>(key: K, message: Message): Promise<Evaluated<P, K>>
  status(status: Status): void
  /** Sends on an output, counted from 0. */
  send(output: number, message: Message): void
  /** Reports an error to the flow's Catch nodes; without a message, to the log. */
  fail(error: unknown, message?: Message): void
  /** A warning in the log. */
  warn(text: string): void
  /** What this node keeps across its own restarts within one process (a deploy), made on first use. Gone when the node is removed. */
  kept<T>(make: () => T): T
  /** Whether any node is wired to the input. */
  hasInputWire(): boolean
  /** Whether anything is wired to an output. */
  hasOutputWire(output: number): boolean
  /** Calls back after every deploy: wires may have changed. */
  onFlowsStarted(listener: () => void): void
  /** Tells of errors of any node's message that no Catch node of the flow takes. */
  onUncaughtError(listener: (failure: UncaughtError) => void): void
}

/** An error that nobody in the flow handles. */
export interface UncaughtError {
  message: Message
  text: string
  /** Name or type of the node that failed. */
  nodeName: string
}

/** What a node does. */
export interface NodeBehaviour {
  /**
   * Handles a message. Resolving means done; throwing sends the error to the flow's Catch nodes.
   * What it waits for must survive the node's close, or end with its signal.
   */
  input?(message: Message): Promise<void> | void
  /** @param isRemoved the node was taken out of the flow, or disabled; otherwise it is only restarted. */
  close?(isRemoved: boolean): Promise<void> | void
}

interface Common {
  /** Begins with `cw-`; stored in flows, never changed. */
  type: `cw-${string}`
  family: Family
  label: string
  /** One sentence: what it does. */
  summary: string
  /** A file name in nodes/icons, without `.svg`. */
  icon: string
  /** The type that a deploy makes of it (server/flows/upgrade.ts): flows keep it until then, palettes do not offer it. */
  replacedBy?: `cw-${string}`
}

interface Configured<P extends TProperties> {
  config: TObject<P>
  /** The property shown as the node's label when it has no name. */
  labelFrom?: keyof P & string
  /** Rules across fields; the fields themselves are already right. */
  check?(config: Static<TObject<P>>): FieldError[]
}

interface Wired {
  kind?: 'node'
  inputs: 0 | 1
  /** What each output carries, in words. */
  outputs: readonly string[]
}

/** A node with wires, as it is declared. */
type FlowNodeDeclaration<P extends TProperties> = Common & Configured<P> & Wired & { setup(context: NodeContext<P>): NodeBehaviour | undefined }

/** A node that only holds configuration for others, as it is declared. */
type ConfigNodeDeclaration<P extends TProperties> = Common & Configured<P> & { kind: 'config' }

// What was declared, with the types of its properties forgotten: only `readConfig` makes configurations, and it makes them right
interface AnyConfigured {
  config: TObject
  labelFrom?: string
  check?(config: unknown): FieldError[]
}
export interface FlowNode extends Common, AnyConfigured, Wired {
  setup(context: unknown): NodeBehaviour | undefined
}
export interface ConfigNode extends Common, AnyConfigured {
  kind: 'config'
}
export type NodeDeclaration = FlowNode | ConfigNode

// Node-RED's own properties (flow file format and editor: @node-red/editor-client, "registerType"), and those it reserves
const RESERVED = new Set([
  'id',
  'type',
  'name',
  'wires',
  'info',
  'icon',
  'inputs',
  'outputs',
  'inputLabels',
  'outputLabels',
  'credentials',
  'users',
  'env',
  'disabled',
  'dirty',
  'changed',
  'valid',
  'selected',
  'status',
])

/**
 * Declares a node type.
 * @throws Error when a name cannot be used in Node-RED: it would be a bug of ours, seen when the module loads
 */
export function defineNode<P extends TProperties>(declaration: ConfigNodeDeclaration<P>): Omit<ConfigNode, 'config'> & { config: TObject<P> }
export function defineNode<P extends TProperties>(declaration: FlowNodeDeclaration<P>): Omit<FlowNode, 'config'> & { config: TObject<P> }
export function defineNode<P extends TProperties>(declaration: FlowNodeDeclaration<P> | ConfigNodeDeclaration<P>): NodeDeclaration {
  if (!/^cw-[a-z][a-z0-9-]*$/.test(declaration.type)) throw new Error(`"${declaration.type}" is not a node type name: cw- and lower-case words.`)
  const seen = new Set<string>()
  for (const [key, field] of fieldsOf(declaration.config)) {
    for (const name of field.widget === 'message-value' ? [key, `${key}Type`] : [key]) {
      if (RESERVED.has(name) || name.length === 1 || !/^[a-zA-Z][a-zA-Z0-9]*$/.test(name)) {
        throw new Error(`${declaration.type}: "${name}" is reserved by Node-RED or not a property name.`)
      }
      if (seen.has(name)) throw new Error(`${declaration.type}: "${name}" is used twice.`)
      seen.add(name)
    }
  }
  return declaration as unknown as NodeDeclaration
}

export const isConfigNode = (declaration: NodeDeclaration): declaration is ConfigNode => declaration.kind === 'config'
