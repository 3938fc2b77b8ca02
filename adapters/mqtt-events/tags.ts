/**
 * What stands on topics now, by a client of its own: what the broker kept for us while we were away is news for flows, and not
 * how things are. It asks for retained messages, and keeps no session.
 */
import type { IPublishPacket, MqttClient } from 'mqtt'
import type { LiveTags, TagValue } from '../contract.ts'
import { newClient, openClient, type Version } from './client.ts'
import { listenFor } from './listen-for.ts'
import { parsed } from './parsed.ts'
import type { Settings } from './settings.ts'
import { isAmong } from './topics.ts'

/** How long is listened when somebody looks for a topic. */
const LISTEN_MS = 1500
/** Topics that are offered to somebody who chooses. */
const MOST_OFFERED = 500
/** What is larger is no value to compare. */
const MAX_BYTES = 8192

export interface Tags {
  /** A message on its way through: its topic can be offered. */
  heard(packet: IPublishPacket): void
  live(version: Version): LiveTags
  close(): Promise<void>
}

export function createTags(settings: Settings, secrets: Record<string, string>): Tags {
  /** The newest last. */
  const known = new Map<string, TagValue>()
  let client: MqttClient | undefined
  let wanted: ReadonlySet<string> = new Set()
  let last = new Map<string, TagValue>()
  let tell: (value: TagValue) => void = () => {}

  const note = (packet: IPublishPacket): TagValue => {
    const { topic, payload, retain } = packet
    const value = payload.length > MAX_BYTES ? `… ${payload.length} bytes` : parsed(payload.toString('utf8'))
    // nobody says when a message that the broker had kept was sent
    const one: TagValue = { tag: topic, value, quality: payload.length > MAX_BYTES ? 'bad' : 'good', at: retain ? null : Date.now() }
    if (topic.startsWith('$')) return one
    known.delete(topic)
    known.set(topic, one)
    if (known.size > MOST_OFFERED) for (const oldest of known.keys()) if (known.delete(oldest)) break
    return one
  }
  const say = (one: TagValue) => {
    last.set(one.tag, one)
    tell(one)
  }
  const nobodyKnows = () => {
    for (const tag of wanted) say({ ...(last.get(tag) ?? { tag, value: null, at: null }), quality: 'bad' })
  }
  /** Only what the connection is set to: who may set up flows is not thereby given the whole broker. */
  const allowed = () => [...wanted].filter((tag) => !/[+#]/.test(tag) && isAmong(settings.topics, tag))

  const begin = (version: Version): MqttClient => {
    const next = newClient(settings, secrets, { isLasting: false, reconnects: true, version })
    next.options.resubscribe = false
    next.on('message', (topic, _payload, packet) => {
      const one = note(packet)
      if (wanted.has(topic)) say(one)
    })
    next.on('connect', () => {
      const topics = allowed()
      // refused ones stay unknown; the page of the connection says so for all topics
      if (topics.length) next.subscribeAsync(topics, { qos: settings.qos as 0 | 1 }).catch(() => {})
    })
    next.on('close', nobodyKnows)
    next.connect()
    return next
  }
  const end = async () => {
    const gone = client
    client = undefined
    gone?.removeAllListeners('close')
    await gone?.endAsync(true)
  }

  return {
    heard: (packet) => void note(packet),
    live: (version) => ({
      async watch(tags, onValue) {
        const before = wanted
        wanted = new Set(tags)
        tell = onValue
        last = new Map([...last].filter(([tag]) => wanted.has(tag)))
        if (!wanted.size) return end()
        for (const tag of wanted) onValue(last.get(tag) ?? { tag, value: null, quality: 'bad', at: null })
        if (!client) {
          client = begin(version)
          return
        }
        if (!client.connected) return
        const gone = [...before].filter((tag) => !wanted.has(tag))
        if (gone.length) await client.unsubscribeAsync(gone)
        const fresh = allowed().filter((tag) => !before.has(tag))
        if (fresh.length) await client.subscribeAsync(fresh, { qos: settings.qos as 0 | 1 })
      },
      async browse(signal) {
        const { client: looking } = await openClient(settings, secrets, { isLasting: false })
        looking.on('message', (_topic, _payload, packet) => void note(packet))
        try {
          await looking.subscribeAsync([...settings.topics], { qos: 0 })
          // when the connection is closed: what was heard so far
          await listenFor(LISTEN_MS, signal)
        } finally {
          await looking.endAsync(true)
        }
        return [...known.values()].filter(({ tag }) => isAmong(settings.topics, tag)).sort((a, b) => a.tag.localeCompare(b.tag))
      },
    }),
    close: end,
  }
}
