/** The one WebSocket, `/api/live`: subscriptions that survive a lost line, and the truth about how fresh they are. */

import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { Static, TSchema } from 'typebox'
import type { LOOK_TOPICS, LookTopic, ServerMessage, TOPICS, Topic } from '../../server/api/live.ts'
import { toSignIn } from './api.ts'
import { notAnyMore, soon } from './soon.ts'

/** `lost` is known at the latest two seconds after the line died. */
export type LineState = 'connecting' | 'connected' | 'lost'

export type SnapshotOf<T extends Topic> = (typeof TOPICS)[T]['snapshot'] extends infer S extends TSchema ? Static<S> : never
export type ChangeOf<T extends Topic> = (typeof TOPICS)[T]['change'] extends infer S extends TSchema ? Static<S> : never

type LookOf<T extends LookTopic> = Static<(typeof LOOK_TOPICS)[T]['look']>
export type LookChangeOf<T extends LookTopic> = Static<(typeof LOOK_TOPICS)[T]['change']>

/** What is looked at in a topic that tells each listener of that only. */
export interface Looking<T extends LookTopic> {
  look(at: LookOf<T>): void
  end(): void
}
interface Viewing {
  at: unknown
  onChange: (data: unknown) => void
  onRefused: Subscription['onRefused']
}

interface Subscription {
  topic: Topic
  onSnapshot: (data: unknown) => void
  onChange: (data: unknown) => void
  onRefused: (refusal: { code: string; message: string }) => void
}

const PING_EVERY_MS = 1_000
/** A page must know within two seconds; the looks are this far apart. */
const DEAD_AFTER_MS = 1_900
const LOOK_EVERY_MS = 100
/** A look that comes so late was held up by the page itself, or by the computer that slept. */
const STOOD_STILL_MS = 1_000
const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 5_000

/** A connection to the live topics; one a page. */
export class LiveClient {
  readonly #url: string
  readonly #subscriptions = new Set<Subscription>()
  readonly #views = new Map<LookTopic, Viewing>()
  readonly #watchers = new Set<() => void>()
  #socket: WebSocket | undefined
  #state: LineState = 'connecting'
  #heardAt = 0
  #lostAt: Date | undefined
  #retryMs = FIRST_RETRY_MS
  #retry: ReturnType<typeof setTimeout> | undefined
  #beat: ReturnType<typeof setInterval> | undefined
  #isClosed = false

  constructor(url: string) {
    this.#url = url
    this.#open()
  }

  get state(): LineState {
    return this.#state
  }

  /** When the line was last known to be alive; undefined while it is. */
  get lostAt(): Date | undefined {
    return this.#lostAt
  }

  /**
   * Listens to a topic. The snapshot comes once now and again after every lost line.
   * @returns what ends it
   */
  subscribe<T extends Topic>(
    topic: T,
    onSnapshot: (data: SnapshotOf<T>) => void,
    onChange: (data: ChangeOf<T>) => void,
    onRefused: Subscription['onRefused'] = () => {},
  ): () => void {
    const subscription: Subscription = { topic, onSnapshot: onSnapshot as never, onChange: onChange as never, onRefused }
    this.#subscriptions.add(subscription)
    // subscribing again to a topic that is open brings its snapshot, which is harmless for the others
    this.#send({ type: 'subscribe', topics: [topic] })
    return () => {
      this.#subscriptions.delete(subscription)
      if (![...this.#subscriptions].some((other) => other.topic === topic)) this.#send({ type: 'unsubscribe', topics: [topic] })
    }
  }

  /** Looks at a part of a topic; one part a page looks at a topic. What it looks at is said again after every lost line. */
  look<T extends LookTopic>(topic: T, onChange: (data: LookChangeOf<T>) => void, onRefused: Subscription['onRefused'] = () => {}): Looking<T> {
    const view: Viewing = { at: undefined, onChange: onChange as never, onRefused }
    this.#views.set(topic, view)
    return {
      look: (at) => {
        view.at = at
        if (this.#views.get(topic) === view) this.#send({ type: 'look', topic, at })
      },
      end: () => {
        if (this.#views.get(topic) !== view) return
        this.#views.delete(topic)
        this.#send({ type: 'unsubscribe', topics: [topic] })
      },
    }
  }

  /** Calls back whenever {@link state} changes. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#retry)
    clearInterval(this.#beat)
    this.#socket?.close()
  }

  #open(): void {
    const socket = new WebSocket(this.#url)
    this.#socket = socket
    this.#heardAt = Date.now()
    socket.onopen = () => {
      this.#heardAt = Date.now()
      this.#retryMs = FIRST_RETRY_MS
      this.#become('connected')
      const topics = [...new Set([...this.#subscriptions].map((subscription) => subscription.topic))]
      if (topics.length) this.#send({ type: 'subscribe', topics })
      for (const [topic, { at }] of this.#views) if (at !== undefined) this.#send({ type: 'look', topic, at })
      this.#send({ type: 'ping' })
    }
    socket.onmessage = (event) => {
      this.#heardAt = Date.now()
      if (this.#state !== 'connected') this.#become('connected')
      if (typeof event.data === 'string') this.#take(JSON.parse(event.data) as ServerMessage)
    }
    socket.onclose = (event) => {
      if (this.#socket === socket) this.#reconnect()
      // 4401: the session ended (signed out elsewhere, disabled, expired)
      if (event.code === 4401) void toSignIn()
    }
    clearInterval(this.#beat)
    let pingedAt = Date.now()
    let lookedAt = Date.now()
    /** Since when it is waited for what may have come while the page stood still. */
    let waitsSince = 0
    this.#beat = setInterval(() => {
      const now = Date.now()
      const stoodStill = now - lookedAt >= STOOD_STILL_MS
      lookedAt = now
      if (now - this.#heardAt >= DEAD_AFTER_MS) {
        // what came meanwhile is not read yet: the next look knows, if anything is heard by then
        if (stoodStill && this.#heardAt >= waitsSince) {
          waitsSince = now
          pingedAt = now
          this.#send({ type: 'ping' })
          return
        }
        // a half-open line never closes by itself: leave it and try anew
        this.#socket = undefined
        socket.close()
        this.#reconnect()
      } else if (now - pingedAt >= PING_EVERY_MS) {
        pingedAt = now
        this.#send({ type: 'ping' })
      }
    }, LOOK_EVERY_MS)
  }

  #reconnect(): void {
    clearInterval(this.#beat)
    if (this.#isClosed) return
    this.#become('lost')
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#open(), this.#retryMs * (0.75 + Math.random() / 2))
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS)
  }

  #become(state: LineState): void {
    if (this.#state === state) return
    this.#state = state
    this.#lostAt = state === 'lost' ? new Date(this.#heardAt) : undefined
    for (const watcher of this.#watchers) watcher()
  }

  #send(message: unknown): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case 'snapshot':
      case 'change':
        if (message.type === 'change') this.#views.get(message.topic as LookTopic)?.onChange(message.data)
        for (const subscription of [...this.#subscriptions]) {
          if (subscription.topic !== message.topic) continue
          if (message.type === 'snapshot') subscription.onSnapshot(message.data)
          else subscription.onChange(message.data)
        }
        return
      case 'refused':
        this.#views.get(message.topic as LookTopic)?.onRefused(message)
        for (const subscription of [...this.#subscriptions]) if (subscription.topic === message.topic) subscription.onRefused(message)
        return
      case 'error':
        console.warn(`live: ${message.code}: ${message.message}`)
        return
      case 'pong':
        return
      default:
        message satisfies never
    }
  }
}

let shared: LiveClient | undefined
/** The page's own connection, opened on first use. */
export function live(): LiveClient {
  shared ??= new LiveClient(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/live`)
  return shared
}

/** Calls back whenever the page's own line was lost and is there again. @returns what ends it */
export function onLineBack(listener: () => void): () => void {
  let wasLost = false
  return live().watch(() => {
    const { state } = live()
    if (state === 'connected' && wasLost) listener()
    wasLost = state === 'lost' || (wasLost && state !== 'connected')
  })
}

/** How the line is; renders anew when it changes. */
export function useLine(): { state: LineState; lostAt: Date | undefined } {
  const client = live()
  const state = useSyncExternalStore(
    useCallback((changed) => client.watch(changed), [client]),
    () => client.state,
  )
  return { state, lostAt: client.lostAt }
}

/** What {@link useLive} knows of a topic. */
export interface LiveValue<Value> {
  /** Undefined until the first snapshot. */
  value: Value | undefined
  /** No news could have come for two seconds: show it grey, with `at`. */
  isStale: boolean
  /** When the last snapshot or change came. */
  at: Date | undefined
  refusal: { code: string; message: string } | undefined
}

/**
 * A topic's value: the snapshot, with every change put in by `apply`.
 * Without `apply` a change replaces the value (topics whose change is the whole).
 */
export function useLive<T extends Topic, Value = SnapshotOf<T>>(
  topic: T,
  apply?: (value: Value, change: ChangeOf<T>) => Value,
  isWanted = true,
): LiveValue<Value> {
  const [known, setKnown] = useState<{ value: Value | undefined; at: Date | undefined; refusal: LiveValue<Value>['refusal'] }>({
    value: undefined,
    at: undefined,
    refusal: undefined,
  })
  const applied = useRef(apply)
  applied.current = apply
  useEffect(() => {
    if (!isWanted) return
    let changes: ChangeOf<T>[] = []
    let at = new Date()
    const takeIn = () => {
      const fresh = changes
      changes = []
      setKnown((before) => {
        if (before.value === undefined) return before
        const put = applied.current
        const value = fresh.reduce<Value>((known, change) => (put ? put(known, change) : (change as unknown as Value)), before.value)
        return { value, at, refusal: undefined }
      })
    }
    const forget = () => {
      changes = []
      notAnyMore(takeIn)
    }
    const end = live().subscribe(
      topic,
      (snapshot) => {
        forget()
        setKnown({ value: snapshot as Value, at: new Date(), refusal: undefined })
      },
      (change) => {
        changes.push(change)
        at = new Date()
        soon(takeIn)
      },
      (refusal) => {
        forget()
        setKnown({ value: undefined, at: undefined, refusal })
      },
    )
    return () => {
      forget()
      end()
    }
  }, [topic, isWanted])
  return { ...known, isStale: useLine().state !== 'connected' }
}

/** For topics whose change is one item of the snapshot's list: puts it in the place of the one with the same key, or first. */
export function upsertBy<Item>(key: (item: Item) => string): (list: Item[], item: Item) => Item[] {
  return (list, item) => {
    const index = list.findIndex((other) => key(other) === key(item))
    return index < 0 ? [item, ...list] : list.with(index, item)
  }
}
