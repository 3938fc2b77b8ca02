/**
 * The connector contract: what every connection to an outside system promises. The conformance suite
 * beside this file (`conformance.ts`) holds each connector to it.
 *
 * Excluded on purpose: queues, retries and duplicates across restarts (the gateway's store does them,
 * with the keys a connector gives), Node-RED, HTTP routes, and any state that must outlive the process.
 */
import type { Static, TObject } from 'typebox'

/** Something an outside system offers, e.g. one work order. */
export interface InboxItem {
  kind: 'workOrder'
  /** The same thing always has the same key within a connection: the gateway takes each key once. */
  key: string
  /** Where it came from, for people: file name and row, record id. */
  source: string
  /** JSON, checked by the gateway against the kind's schema. */
  payload: unknown
}

/** Something that could not be taken, with the reason in plain words. */
export interface InboxProblem {
  source: string
  reason: string
}

/** What a running connection may use. */
export interface ConnectorContext {
  /**
   * Offers items found together (e.g. all rows of one file). Resolves when the gateway has stored
   * them (new or known): only then may the connector mark the source as read.
   */
  offer(items: InboxItem[]): Promise<{ taken: number; known: number }>
  /** Tells what could not be taken; shown with the connection. */
  problem(problem: InboxProblem): void
  /** How the connection is, for people. */
  state(state: 'running' | 'failing', text?: string): void
  signal: AbortSignal
}

/** A confirmation on its way out. */
export interface Confirmation {
  /** The same confirmation has the same key at every try. */
  key: string
  workOrder: string
  /** JSON object: quantity good and scrapped, times, measured values. */
  body: Record<string, unknown>
}

/** A live connection. */
export interface RunningConnector {
  /**
   * Brings a confirmation to the outside system: doing it again with the same key changes nothing.
   * @returns where it went (file path, document number)
   * @throws OperationalError when a retry may help, UserError when it cannot
   */
  confirm(confirmation: Confirmation, signal: AbortSignal): Promise<{ reference: string }>
  /** Stops looking and frees everything; resolves when nothing of it runs. */
  close(): Promise<void>
}

/** A kind of outside system. */
export interface Connector<Settings extends TObject = TObject> {
  /** Kebab-case, stable: it is stored with each connection. */
  id: string
  label: string
  summary: string
  settings: Settings
  /** Names of the secrets it needs, kept encrypted and passed only to the host process. */
  secrets: readonly string[]
  /**
   * Looks once whether the settings can work (folder there and writable, server answers).
   * @throws UserError saying what to change
   */
  check(settings: Static<Settings>, secrets: Record<string, string>): Promise<void>
  /** Starts; resolves when it watches. */
  start(options: { settings: Static<Settings>; secrets: Record<string, string>; context: ConnectorContext }): Promise<RunningConnector>
}

/** Declares a connector; identity, for its types. */
export function defineConnector<const Settings extends TObject>(connector: Connector<Settings>): Connector<Settings> {
  return connector
}
