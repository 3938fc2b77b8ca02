/** A look at a broker before a connection is made: does it answer, what is it, is there something on the topics? */
import type { Told } from '../contract.ts'
import { openClient, subscribe } from './client.ts'
import { listenFor } from './listen-for.ts'
import type { Settings } from './settings.ts'

/** Mosquitto, HiveMQ, EMQX and others keep their version there. */
const VERSION_TOPIC = '$SYS/broker/version'
/** How long is listened for a message. */
const LISTEN_MS = 2500
const TOPICS_SAID = 3

/** @throws UserError broker-refused, certificate-…, topic-refused; OperationalError broker-away */
export async function lookAt(settings: Settings, secrets: Record<string, string>): Promise<Told[]> {
  const { client, version: mqtt } = await openClient(settings, secrets, { isLasting: false })
  const heard = new Set<string>()
  let version: string | undefined
  const enough = new AbortController()
  client.on('message', (topic: string, payload: Buffer) => {
    if (topic === VERSION_TOPIC) version = payload.toString('utf8').slice(0, 100)
    else heard.add(topic)
    if (version !== undefined && heard.size >= TOPICS_SAID) enough.abort()
  })
  try {
    await subscribe(client, settings, settings.topics)
    // many brokers keep this for administrators: refused is as good an answer
    await subscribe(client, settings, [VERSION_TOPIC]).catch(() => {})
    await listenFor(LISTEN_MS, enough.signal)
  } finally {
    await client.endAsync(true)
  }
  const where = settings.url
  const topics = settings.topics.join(', ')
  const some = [...heard].slice(0, TOPICS_SAID).join(', ')
  return [
    version === undefined
      ? { code: 'broker-seen', text: `The broker ${where} lets this client in.`, blanks: { where } }
      : { code: 'broker-version', text: `The broker ${where} lets this client in; it is ${version}.`, blanks: { where, version } },
    mqtt === 5
      ? { code: 'mqtt-five', text: 'It speaks MQTT 5: in a burst it may send ahead, so that it need drop nothing.' }
      : {
          code: 'mqtt-three',
          text: 'It speaks MQTT 3.1.1 only: what comes faster than it is stored here waits in the broker, which drops what is beyond its limit (Mosquitto: 1,000, max_queued_messages).',
        },
    { code: 'topics-granted', text: `It lets it listen to ${topics}.`, blanks: { topics } },
    heard.size
      ? { code: 'topics-heard', text: `Heard within ${LISTEN_MS / 1000} s: ${some}.`, blanks: { topics: some, seconds: LISTEN_MS / 1000 } }
      : {
          code: 'nothing-heard',
          text: `Nothing was heard within ${LISTEN_MS / 1000} s. That is as it should be if nobody has sent anything meanwhile.`,
          blanks: { seconds: LISTEN_MS / 1000 },
        },
  ]
}
