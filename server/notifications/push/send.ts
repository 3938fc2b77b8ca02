/**
 * A message for a person's browsers: encrypted for each of them (RFC 8291), so that the push service between does not read it. It holds
 * what stands on the panels as well, and no more.
 */
import { createHash } from 'node:crypto'
import { messageOf } from '../../../base/errors.ts'
import { eventInWords, type Language, type NotificationEvent, pageOf } from '../../api/index.ts'
import { headOf, worstOf } from '../mail/compose.ts'
import type { Outcome } from '../outbox.ts'
import { post } from '../reach.ts'
import type { Device, Devices } from './devices.ts'
import type { PushKeys } from './keys.ts'

/** A push service keeps it so long for a browser that is off. */
const KEPT_S = 12 * 3600
const TIMEOUT_MS = 15_000
/** Push services take 4096 bytes, of which encryption needs some. */
const MOST_TEXT = 500

interface PushMessage {
  messageId: string
  userId: string
  language: Language
  events: readonly NotificationEvent[]
}

/** What the service worker shows. */
interface PushPayload {
  title: string
  body: string
  /** A message with the same one takes the place of the one before. */
  tag: string
  url: string
  isAlarm: boolean
  lang: Language
}

export interface PushSending {
  /** Sends it to every browser of the person. Sent when one of them took it. */
  send(message: PushMessage, signal?: AbortSignal): Promise<Outcome>
}

export function createPushSending(deps: {
  devices: Devices
  keys: () => PushKeys
  /** `mailto:` or `https:`: whom a push service may write to about this sender. */
  contact: () => Promise<string>
  shop: () => string
  onGone: () => void
  /** Only for tests: a push service on this computer. */
  testing?: { ca: string } | undefined
}): PushSending {
  const { devices, keys, contact, shop, onGone, testing } = deps

  const toOne = async ({ subscription }: Device, payload: PushPayload, topic: string, signal?: AbortSignal): Promise<Outcome | 'gone'> => {
    const { default: webPush } = await import('web-push')
    const { endpoint, headers, body } = webPush.generateRequestDetails(subscription, JSON.stringify(payload), {
      vapidDetails: { subject: await contact(), ...keys() },
      contentEncoding: 'aes128gcm',
      TTL: KEPT_S,
      urgency: payload.isAlarm ? 'high' : 'normal',
      topic,
    })
    try {
      const { status, retryAfterS } = await post({
        url: endpoint,
        headers: Object.fromEntries(
          Object.entries(headers)
            .filter(([name]) => name !== 'Content-Length')
            .map(([name, value]) => [name, String(value)]),
        ),
        body: body ?? '',
        allowsPrivate: testing !== undefined,
        ca: testing?.ca,
        timeoutMs: TIMEOUT_MS,
        ...(signal ? { signal } : {}),
      })
      if (status >= 200 && status < 300) return { what: 'sent', status }
      if (status === 404 || status === 410) return 'gone'
      const error = `The push service answered ${status}.`
      // asked wrongly, or with keys that are not ours: asking again changes nothing
      if (status >= 400 && status < 500 && status !== 429 && status !== 408) return { what: 'dead', status, error }
      return { what: 'again', status, error, ...(retryAfterS === undefined ? {} : { waitS: retryAfterS }) }
    } catch (error) {
      return { what: 'again', error: messageOf(error) }
    }
  }

  return {
    async send({ messageId, userId, language, events }, signal) {
      const worst = worstOf(events)
      if (!worst) return { what: 'dropped', error: 'There is nothing to say.' }
      const words = eventInWords(worst, language)
      const body =
        events.length > 1
          ? events
              .map((event) => eventInWords(event, language).title)
              .slice(-5)
              .join('\n')
          : (words.text ?? '')
      const payload: PushPayload = {
        title: headOf(events, language).slice(0, 200),
        body: body ? body.slice(0, MOST_TEXT) : shop(),
        tag: messageId,
        url: pageOf(worst),
        isAlarm: worst.severity === 'alarm',
        lang: language,
      }
      // RFC 8030: 32 characters of base64url; a message that is sent again takes the place of the one that may be waiting
      const topic = createHash('sha256').update(messageId).digest('base64url').slice(0, 32)
      const all = await devices.of(userId)
      const outcomes = await Promise.all(
        all.map(async (device) => {
          const outcome = await toOne(device, payload, topic, signal)
          if (outcome !== 'gone') return outcome
          await devices.remove(userId, device.id)
          onGone()
          return undefined
        }),
      )
      const left = outcomes.filter((outcome) => outcome !== undefined)
      if (!left.length) return { what: 'dropped', error: 'No browser of this person shows messages any more.' }
      return left.find(({ what }) => what === 'sent') ?? left.find(({ what }) => what === 'again') ?? (left[0] as Outcome)
    },
  }
}
