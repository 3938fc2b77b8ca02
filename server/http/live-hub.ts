/** How the parts of the gateway feed the live topics; `live.ts` beside it serves them over the WebSocket. */
import type { Static, TSchema } from 'typebox'
import type { TOPICS, Topic } from '../api/index.ts'

type Snapshot<T extends Topic> = (typeof TOPICS)[T]['snapshot'] extends infer S extends TSchema ? Static<S> : never
type Change<T extends Topic> = (typeof TOPICS)[T]['change'] extends infer S extends TSchema ? Static<S> : never

export interface LiveHub {
  /** Says where a topic's snapshot comes from; exactly one part provides a topic. */
  provide<T extends Topic>(topic: T, snapshot: () => Snapshot<T> | Promise<Snapshot<T>>): void
  /** Sends a change to everybody who listens. Slow listeners lose old changes, never the order, and are told to re-subscribe. */
  publish<T extends Topic>(topic: T, change: Change<T>): void
}
