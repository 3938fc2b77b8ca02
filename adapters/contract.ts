/**
 * The connector contract: what every connection to an outside system promises. The conformance suite
 * beside this file (`conformance.ts`) holds each connector to it.
 *
 * Excluded on purpose: queues, retries and duplicates across restarts (the gateway's store does them,
 * with the keys a connector gives), Node-RED, HTTP routes, and any state that must outlive the process.
 */
import type { Static, TObject, TSchema } from 'typebox'
import { messageOf, toErrorMessage, UserError } from '../base/errors.ts'
import type { PortName } from './ports/machines.ts'

/**
 * Something said to people: a sentence in English, and its code with the facts in it, by which a page says it in another
 * language. It says what is the case and, where something is wrong, what to do.
 */
export interface Told {
  /** Kebab-case, stable. */
  code: string
  text: string
  /** The facts in the sentence. */
  blanks?: Record<string, string | number>
}

/** An error as something said: its code, its message, and the `blanks` among its details. */
export function toldOf(error: unknown): Told {
  const { code, details } = toErrorMessage(error)
  const { blanks } = (details ?? {}) as { blanks?: Record<string, string | number> }
  return { code, text: messageOf(error), ...(blanks ? { blanks } : {}) }
}

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

/** Something that happened in the outside system, for flows that wait for it: a file, a message, a notification. */
export interface OutsideEvent {
  /** The same event always has the same key within a connection: it starts a flow once. */
  key: string
  /** What it is about, by which flows choose: a file name, a topic, a channel. */
  subject: string
  /** In words, for the list of runs. */
  text: string
  /** JSON. */
  payload: unknown
}

/**
 * A value of the outside system as it is now: a topic of a broker, later a node of a controller or a register. It is never
 * stored, and only the newest counts: what must not be missed is an {@link OutsideEvent}.
 */
export interface TagValue {
  tag: string
  /** JSON; the last one that was heard, null before the first. */
  value: unknown
  /** `bad`: nobody can say just now (the line is lost, the other side says so itself, nothing was heard yet). */
  quality: 'good' | 'bad'
  /** Epoch ms when the other side said so; null where that is not known (a message that a broker had kept). */
  at: number | null
}

/** Live values of a running connection. */
export interface LiveTags {
  /**
   * Watches these tags from now on and no others, and tells each soon and then at every change, of its quality too.
   * Nothing is told after the next call, or after `close`.
   * @throws OperationalError while the other side is away; the connection then watches them when it is back
   */
  watch(tags: readonly string[], tell: (value: TagValue) => void): Promise<void>
  /** Tags that can be heard just now, for people who choose one; it may take some seconds. */
  browse(signal: AbortSignal): Promise<TagValue[]>
}

/** Something that could not be taken, with the reason in plain words. */
export interface InboxProblem {
  source: string
  reason: string
  /** As in {@link Told}: a page says the reason in its language by them. */
  code?: string
  blanks?: Record<string, string | number>
}

/** How far a source has been read: what a connector that asks for news by itself must not forget. */
export interface Mark {
  /** Of several sources of one connection. */
  name: string
  /** The connector's own words, e.g. JSON. */
  value: string
}

/** What a running connection may use. */
export interface ConnectorContext {
  /**
   * Offers items found together (e.g. all rows of one file). Resolves when the gateway has stored
   * them (new or known): only then may the connector mark the source as read.
   */
  offer(items: InboxItem[]): Promise<{ taken: number; known: number }>
  /**
   * Tells of things that happened, in their order; all or none of them are taken. Resolves when the gateway has stored them
   * for the flows that wait for them: only then may the source be marked as read, or the message acknowledged.
   * `teller.ts` does the trying again and puts many small events together.
   * @param events at most {@link MAX_EVENTS}
   * @param mark how far a source is read with them, kept in the same transaction; `context.marks` gives it back after a restart
   */
  events(events: readonly OutsideEvent[], mark?: Mark): Promise<void>
  /** The marks that were kept with events of this connection, by name. */
  marks(): Promise<Record<string, string>>
  /** Tells what could not be taken; shown with the connection. */
  problem(problem: InboxProblem): void
  /** How the connection is, for people; `health.ts` puts several parts together. */
  state(state: 'running' | 'failing', why?: Told): void
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

/** What somebody outside of the shop's pages should hear: an alarm that nobody has acknowledged. */
export interface Notice {
  /** The same notice has the same key at every try. */
  key: string
  priority: 'alarm' | 'warning' | 'action'
  title: string
  /** What it means and what to do. */
  text?: string
  machine?: string
  /** ISO: since when. */
  at: string
}

/** Events that are told at once. */
export const MAX_EVENTS = 200

/** For connections that only tell of events. @throws UserError no-confirmations */
export async function takesNoConfirmations(): Promise<never> {
  throw new UserError({ code: 'no-confirmations', message: 'This connection only tells of events: it takes no confirmations. Choose another connection.' })
}

/** A live connection. */
export interface RunningConnector {
  /**
   * Brings a confirmation to the outside system: doing it again with the same key changes nothing.
   * @returns where it went (file path, document number)
   * @throws OperationalError when a retry may help, UserError when it cannot
   */
  confirm(confirmation: Confirmation, signal: AbortSignal): Promise<{ reference: string }>
  /** Of a connector that declares `notices`; otherwise as `confirm`. */
  notify?(notice: Notice, signal: AbortSignal): Promise<{ reference: string }>
  /** Of a connector that declares `tags`. */
  tags?: LiveTags
  /**
   * Asks the other side for what it has now (a reading of a gauge) and waits for it; several are answered one after the other.
   * @returns JSON, as the `payload` of an event of this connector
   * @throws OperationalError no-answer, or as it was refused; UserError when it cannot be asked
   */
  ask?(signal: AbortSignal): Promise<unknown>
  /** Stops looking and frees everything; resolves when nothing of it runs. */
  close(): Promise<void>
}

/**
 * Shapes of what a connector brings and answers, with examples. A rehearsal makes samples of them for its stand-in, and says
 * that they are samples; the page of connections shows them to people who build flows.
 */
interface Shapes {
  /** The payload of an {@link InboxItem}. */
  workOrder?: TSchema
  /** An object with the `subject`, `text` and `payload` of an {@link OutsideEvent}. */
  event?: TSchema
  /** What {@link RunningConnector.confirm} answers. */
  confirmation?: TSchema
}

/** A field of a form is shown only while another setting is one of these, or begins with one. */
export interface When {
  field: string
  is?: readonly string[]
  starts?: readonly string[]
}

/** A secret of a connection: kept encrypted, passed only to the host process, never sent back to a page. */
export interface Secret {
  name: string
  title: string
  description?: string
  /** Of many lines, e.g. a key file. @defaultValue false */
  isLong?: boolean
  /** Stands behind this setting in a form. @defaultValue behind all */
  after?: string
  when?: When
}

/** A kind of outside system. */
export interface Connector<Settings extends TObject = TObject> {
  /** Kebab-case, stable: it is stored with each connection. */
  id: string
  label: string
  summary: string
  /** What it is for, in a sentence or two, for people who choose a kind. */
  use: string
  /** What it promises when something fails, and what not: what may be lost or come twice, and when. One sentence each. */
  promises: readonly string[]
  /** A connector without one has no samples in rehearsals. */
  shapes?: Shapes
  /** It has live values: what one is called, for people. */
  tags?: { label: string }
  /** It brings notices to people or other programs, once this setting is filled in. */
  notices?: { needs?: keyof Static<Settings> & string }
  /**
   * Each property has a `title`; beside JSON Schema's words those of a form count: `unit`, `labels` (of the values of an
   * enum), `when` ({@link When}), `isLong` (text of many lines), `placeholder`,
   * `isOwn` (a new connection begins with the default and something that no other has).
   */
  settings: Settings
  secrets: readonly Secret[]
  /**
   * Settings that say to whom the secrets are told. With others the kept secrets are not used: who may change a connection
   * must not get its password by sending it elsewhere.
   */
  secretsAreFor: readonly (keyof Static<Settings> & string)[]
  /** No two connections of this kind have all of these alike: they would take each other's place, or each other's files. */
  distinctBy: readonly (keyof Static<Settings> & string)[]
  /**
   * The serial port that it would open, as it is named. Opens nothing: the gateway asks, so that no port has two owners
   * (`ports/machines.ts`). Whoever opens one asks `machinePorts.requireFree` first.
   * @defaultValue it opens none
   */
  port?(settings: Static<Settings>): PortName | undefined
  /**
   * Connects once and looks whether the settings can work (folder there and writable, server answers).
   * @returns what it saw, at least one thing
   * @throws UserError saying what to change; OperationalError when the other side is away
   */
  check(settings: Static<Settings>, secrets: Record<string, string>): Promise<Told[]>
  /**
   * The connection was removed: the other side need keep nothing for it any more. Best effort.
   * @throws whatever went wrong; the connection is gone all the same
   */
  forget?(settings: Static<Settings>, secrets: Record<string, string>): Promise<void>
  /** Starts; resolves when it watches. */
  start(options: { settings: Static<Settings>; secrets: Record<string, string>; context: ConnectorContext }): Promise<RunningConnector>
}

/** Declares a connector; identity, for its types. */
export function defineConnector<const Settings extends TObject>(connector: Connector<Settings>): Connector<Settings> {
  return connector
}
