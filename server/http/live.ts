/**
 * The one WebSocket, `/api/live`: topics with a snapshot at subscribing and changes afterwards. A slow
 * listener loses old changes and gets a new snapshot instead: its buffer in our memory is bounded.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TSchema } from 'typebox'
import { type WebSocket, WebSocketServer } from 'ws'
import { OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { type Checker, checker } from '../../base/schema.ts'
import {
  CAPABILITIES,
  ClientMessage,
  LOOK_TOPIC_NAMES,
  LOOK_TOPICS,
  type LookTopic,
  type ServerMessage,
  TOPIC_NAMES,
  TOPICS,
  type Topic,
} from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { Less, LiveHub, LookHub, Viewer, ViewerLine } from './live-hub.ts'
import { toProblem } from './problem.ts'

/** More than this waiting for one listener: changes are left out and a snapshot follows when it has caught up. */
const MAX_BUFFERED_BYTES = 1_000_000
const MAX_MESSAGE_BYTES = 16_384
const MAX_CLIENTS = 500
const TICK_MS = 500
const PING_EVERY_TICKS = 20
/** Close codes of our own (4000 to 4999 are free for applications, RFC 6455 section 7.4.2). */
const SIGNED_OUT = 4401
const clientMessage = checker(ClientMessage)
const messageCheckers = Object.fromEntries(
  TOPIC_NAMES.map((topic) => [topic, { snapshot: checker<TSchema>(TOPICS[topic].snapshot), change: checker<TSchema>(TOPICS[topic].change) }]),
) as Record<Topic, { snapshot: Checker<TSchema>; change: Checker<TSchema> }>
const lookCheckers = Object.fromEntries(
  LOOK_TOPIC_NAMES.map((topic) => [topic, { look: checker<TSchema>(LOOK_TOPICS[topic].look), change: checker<TSchema>(LOOK_TOPICS[topic].change) }]),
) as Record<LookTopic, { look: Checker<TSchema>; change: Checker<TSchema> }>

/**
 * `fresh`: the snapshot is under way, changes wait in `queue`. `live`: changes go out as they come.
 * `stale`: changes were left out, a snapshot is due.
 */
type Subscription = { state: 'fresh'; queue: string[] } | { state: 'live' } | { state: 'stale' }

interface Client {
  socket: WebSocket
  request: IncomingMessage
  caller: Caller
  topics: Map<Topic, Subscription>
  viewers: Map<LookTopic, Viewer<LookTopic>>
  hasAnsweredPing: boolean
}

/** The hub, and what the HTTP server needs of it. */
export interface Live extends LiveHub, LookHub {
  /** Takes over an upgrade whose caller is known. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller): void
  /** Sends everybody who listens a new snapshot (something was removed, which no change can say). */
  refresh(topic: Topic): void
  /** Looks at every listener's rights again, at once. */
  recheck(): void
  close(): Promise<void>
}

const isTopic = (name: string): name is Topic => (TOPIC_NAMES as string[]).includes(name)
const isLookTopic = (name: string): name is LookTopic => (LOOK_TOPIC_NAMES as string[]).includes(name)

/** @param options.callerNow who a connection's request stands for now; undefined once signed out or revoked */
export function createLive(options: {
  callerNow: (request: IncomingMessage) => Caller | undefined
  log: Logger
  /** Check what is sent against the topic's schemas, for tests and development. */
  checkMessages?: boolean
  maxBufferedBytes?: number
}): Live {
  const { callerNow, log, maxBufferedBytes = MAX_BUFFERED_BYTES } = options
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false })
  const providers = new Map<Topic, () => unknown>()
  const lesser = new Map<Topic, Less<Topic>>()
  const openers = new Map<LookTopic, (line: ViewerLine<LookTopic>) => Viewer<LookTopic>>()
  const clients = new Set<Client>()

  /** @throws Error when a part tells something else than it declared */
  const checkMessage = (topic: Topic, part: 'snapshot' | 'change', data: unknown) => {
    if (!options.checkMessages) return
    const problems = messageCheckers[topic][part].errors(data)
    if (problems.length) throw new Error(`the ${part} of ${topic} is against its declaration: ${JSON.stringify(problems.slice(0, 3))}`)
  }

  const send = (client: Client, message: ServerMessage | string) => {
    if (client.socket.readyState === client.socket.OPEN) client.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }
  /** What this listener gets less of the topic than others. */
  const lessOf = (client: Client, topic: Topic): Less<Topic> | undefined => {
    const less = lesser.get(topic)
    return less && !client.caller.capabilities.has(less.without) ? less : undefined
  }
  const isFull = (client: Client) => client.socket.bufferedAmount > maxBufferedBytes

  const sendSnapshot = async (client: Client, topic: Topic) => {
    const subscription: Subscription = { state: 'fresh', queue: [] }
    client.topics.set(topic, subscription)
    try {
      const provider = providers.get(topic)
      if (!provider) throw new OperationalError({ code: 'topic-away', message: `Nothing is known about "${topic}" yet. Subscribe again in a moment.` })
      const data = await provider()
      checkMessage(topic, 'snapshot', data)
      // unsubscribed, or subscribed anew, while the snapshot was made
      if (client.topics.get(topic) !== subscription) return
      const less = lessOf(client, topic)
      send(client, { type: 'snapshot', topic, data: less ? less.snapshot(data as never) : data })
      client.topics.set(topic, { state: 'live' })
      for (const change of subscription.queue) send(client, change)
    } catch (error) {
      if (client.topics.get(topic) !== subscription) return
      client.topics.delete(topic)
      const { code, detail } = toProblem(error)
      if (code === 'internal-error') log.error({ err: error, topic }, 'snapshot failed')
      send(client, { type: 'refused', topic, code, message: detail })
    }
  }

  const subscribe = (client: Client, name: string) => {
    if (!isTopic(name)) {
      send(client, { type: 'refused', topic: name, code: 'topic-unknown', message: `There is no topic "${name}". Topics: ${TOPIC_NAMES.join(', ')}.` })
      return
    }
    const { access } = TOPICS[name]
    if (!client.caller.capabilities.has(access)) {
      send(client, { type: 'refused', topic: name, code: 'not-allowed', message: `Your role does not include the right to ${CAPABILITIES[access]}.` })
      return
    }
    void sendSnapshot(client, name)
  }

  const look = (client: Client, name: string, at: unknown) => {
    const refuse = (code: string, message: string) => send(client, { type: 'refused', topic: name, code, message })
    if (!isLookTopic(name)) return refuse('topic-unknown', `Nothing can be looked at in a topic "${name}". Topics: ${LOOK_TOPIC_NAMES.join(', ')}.`)
    const { access } = LOOK_TOPICS[name]
    if (!client.caller.capabilities.has(access)) return refuse('not-allowed', `Your role does not include the right to ${CAPABILITIES[access]}.`)
    try {
      const wanted = lookCheckers[name].look.parse(at, 'What is looked at')
      let viewer = client.viewers.get(name)
      if (!viewer) {
        const opener = openers.get(name)
        if (!opener) throw new OperationalError({ code: 'topic-away', message: `Nothing is known about "${name}" yet. Look again in a moment.` })
        viewer = opener({
          hasRoom: () => client.socket.readyState === client.socket.OPEN && !isFull(client),
          send(data) {
            if (options.checkMessages) {
              const problems = lookCheckers[name].change.errors(data)
              if (problems.length) throw new Error(`the change of ${name} is against its declaration: ${JSON.stringify(problems.slice(0, 3))}`)
            }
            send(client, { type: 'change', topic: name, data })
          },
          refuse(error) {
            const { code, detail } = toProblem(error)
            refuse(code, detail)
          },
        })
        client.viewers.set(name, viewer)
      }
      viewer.look(wanted as never)
    } catch (error) {
      const { code, detail } = toProblem(error)
      if (code === 'internal-error') log.error({ err: error, topic: name }, 'looking failed')
      refuse(code, detail)
    }
  }
  const closeViewer = (client: Client, topic: LookTopic) => {
    client.viewers.get(topic)?.close()
    client.viewers.delete(topic)
  }
  const closeViewers = (client: Client) => {
    for (const topic of [...client.viewers.keys()]) closeViewer(client, topic)
  }

  const receive = (client: Client, raw: unknown, isBinary: boolean) => {
    let message: unknown
    try {
      if (isBinary) throw new Error('binary')
      message = JSON.parse(String(raw))
    } catch {
      send(client, { type: 'error', code: 'message-not-json', message: 'Messages are JSON text.' })
      return
    }
    if (!clientMessage.is(message)) {
      send(client, { type: 'error', code: 'message-unknown', message: 'Say {"type":"subscribe","topics":[…]}, "unsubscribe", "look" or "ping".' })
      return
    }
    switch (message.type) {
      case 'subscribe':
        for (const topic of message.topics) subscribe(client, topic)
        return
      case 'unsubscribe':
        for (const topic of message.topics) {
          if (isTopic(topic)) client.topics.delete(topic)
          else if (isLookTopic(topic)) closeViewer(client, topic)
        }
        return
      case 'look':
        look(client, message.topic, message.at)
        return
      case 'ping':
        send(client, { type: 'pong' })
        return
      default:
        message satisfies never
    }
  }

  const recheckClient = (client: Client) => {
    const caller = callerNow(client.request)
    if (!caller) {
      client.socket.close(SIGNED_OUT, 'signed out')
      // one that does not answer the closing handshake is not waited for
      setTimeout(() => client.socket.terminate(), 1000).unref()
      clients.delete(client)
      closeViewers(client)
      return
    }
    if (caller === client.caller) return
    client.caller = caller
    for (const topic of [...client.viewers.keys()]) {
      if (caller.capabilities.has(LOOK_TOPICS[topic].access)) continue
      closeViewer(client, topic)
      send(client, {
        type: 'refused',
        topic,
        code: 'not-allowed',
        message: `Your role no longer includes the right to ${CAPABILITIES[LOOK_TOPICS[topic].access]}.`,
      })
    }
    for (const topic of client.topics.keys()) {
      if (caller.capabilities.has(TOPICS[topic].access)) {
        // what it gets of it may be another part now
        if (lesser.has(topic)) void sendSnapshot(client, topic)
        continue
      }
      client.topics.delete(topic)
      send(client, { type: 'refused', topic, code: 'not-allowed', message: `Your role no longer includes the right to ${CAPABILITIES[TOPICS[topic].access]}.` })
    }
  }

  let ticks = 0
  const timer = setInterval(() => {
    ticks += 1
    const isPingTime = ticks % PING_EVERY_TICKS === 0
    for (const client of clients) {
      recheckClient(client)
      if (!isFull(client)) for (const [topic, { state }] of client.topics) if (state === 'stale') void sendSnapshot(client, topic)
      if (!isPingTime) continue
      if (!client.hasAnsweredPing) {
        client.socket.terminate()
        continue
      }
      client.hasAnsweredPing = false
      client.socket.ping()
    }
  }, TICK_MS)

  return {
    provide(topic, snapshot, less) {
      if (providers.has(topic)) throw new Error(`two parts provide the topic ${topic}`)
      providers.set(topic, snapshot)
      if (less) lesser.set(topic, less as unknown as Less<Topic>)
    },
    publish(topic, change) {
      checkMessage(topic, 'change', change)
      const textOf = (data: unknown) => JSON.stringify({ type: 'change', topic, data } satisfies ServerMessage)
      let whole: string | undefined
      let part: string | undefined
      for (const client of clients) {
        const subscription = client.topics.get(topic)
        if (!subscription || subscription.state === 'stale') continue
        if (isFull(client)) {
          client.topics.set(topic, { state: 'stale' })
          continue
        }
        const less = lessOf(client, topic)
        if (less) part ??= textOf(less.change(change as never))
        else whole ??= textOf(change)
        const text = (less ? part : whole) ?? ''
        if (subscription.state === 'live') send(client, text)
        else if (subscription.queue.length < 1000) subscription.queue.push(text)
        else client.topics.set(topic, { state: 'stale' })
      }
    },
    serve(topic, open) {
      if (openers.has(topic)) throw new Error(`two parts serve the topic ${topic}`)
      openers.set(topic, open as (line: ViewerLine<LookTopic>) => Viewer<LookTopic>)
    },
    refresh(topic) {
      for (const client of clients) if (client.topics.has(topic)) void sendSnapshot(client, topic)
    },
    accept(request, socket, head, caller) {
      if (clients.size >= MAX_CLIENTS) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
        return
      }
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const client: Client = { socket: webSocket, request, caller, topics: new Map(), viewers: new Map(), hasAnsweredPing: true }
        clients.add(client)
        webSocket.on('message', (raw, isBinary) => receive(client, raw, isBinary))
        webSocket.on('pong', () => {
          client.hasAnsweredPing = true
        })
        webSocket.on('close', () => {
          clients.delete(client)
          closeViewers(client)
        })
        // ws closes the connection after an error (too large a message, a broken frame) by itself
        webSocket.on('error', (error) => log.debug({ err: error }, 'live connection'))
      })
    },
    recheck() {
      for (const client of clients) recheckClient(client)
    },
    async close() {
      clearInterval(timer)
      for (const client of clients) {
        closeViewers(client)
        client.socket.close(1001, 'server stops')
        client.socket.terminate()
      }
      clients.clear()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
