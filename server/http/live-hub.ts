/** How the parts of the gateway feed the live topics; `live.ts` beside it serves them over the WebSocket. */
import type { Static, TSchema } from 'typebox'
import type { Capability, LOOK_TOPICS, LookTopic, TOPICS, Topic } from '../api/index.ts'

type Snapshot<T extends Topic> = (typeof TOPICS)[T]['snapshot'] extends infer S extends TSchema ? Static<S> : never
type Change<T extends Topic> = (typeof TOPICS)[T]['change'] extends infer S extends TSchema ? Static<S> : never

type Look<T extends LookTopic> = Static<(typeof LOOK_TOPICS)[T]['look']>
type LookChange<T extends LookTopic> = Static<(typeof LOOK_TOPICS)[T]['change']>

/** One listener of a topic that tells each listener of what it looks at. */
export interface Viewer<T extends LookTopic> {
  /** It looks at something else now. */
  look(at: Look<T>): void
  close(): void
}
/** The way back to that listener. */
export interface ViewerLine<T extends LookTopic> {
  /** False while it has not read what was sent: sending waits until it has. */
  hasRoom(): boolean
  send(change: LookChange<T>): void
  /** Why what is looked at cannot be told just now; the look goes on. */
  refuse(error: unknown): void
}

/** What of a topic is left for whoever lacks a capability. */
export interface Less<T extends Topic> {
  without: Capability
  snapshot: (whole: Snapshot<T>) => Snapshot<T>
  change: (whole: Change<T>) => Change<T>
}

export interface LiveHub {
  /**
   * Says where a topic's snapshot comes from; exactly one part provides a topic.
   * @param less what listeners without a capability get of snapshots and changes
   */
  provide<T extends Topic>(topic: T, snapshot: () => Snapshot<T> | Promise<Snapshot<T>>, less?: Less<T>): void
  /** Sends a change to everybody who listens. Slow listeners lose old changes, never the order, and are told to re-subscribe. */
  publish<T extends Topic>(topic: T, change: Change<T>): void
}

/** Topics of which each listener gets what it looks at. */
export interface LookHub {
  /** Exactly one part serves a topic. */
  serve<T extends LookTopic>(topic: T, open: (line: ViewerLine<T>) => Viewer<T>): void
}
