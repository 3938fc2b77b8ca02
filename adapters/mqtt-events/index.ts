/** Tells of messages of an MQTT broker (MQTT 5, or 3.1.1 where it knows no other; with mqtt.js), and what stands on its topics now. */
import type { MqttClient } from 'mqtt'
import { Type } from 'typebox'
import { messageOf } from '../../base/errors.ts'
import { type ConnectorContext, defineConnector, type RunningConnector, takesNoConfirmations, toldOf } from '../contract.ts'
import { createHealth } from '../health.ts'
import { createTeller } from '../teller.ts'
import { clientKey } from '../tls.ts'
import { openClient, refusalOf, subscribe } from './client.ts'
import { createDropped, DROPPED_TOPIC } from './dropped.ts'
import { createIntake } from './intake.ts'
import { lookAt } from './look.ts'
import { publishNotice } from './notice.ts'
import { Settings, WITH_TLS } from './settings.ts'
import { createTags } from './tags.ts'

const FIRST_RETRY_MS = 1000
const LAST_RETRY_MS = 30_000
/** A broker that refuses is asked seldom: too many wrong tries lock an account. */
const REFUSED_RETRY_MS = 60_000

export const mqttEvents = defineConnector({
  id: 'mqtt-events',
  label: 'MQTT',
  summary: 'Tells flows of messages of an MQTT broker.',
  use: 'For machines, sensors, PLC gateways and other programs that publish to a broker: each message on the chosen topics starts a flow. Set an “event trigger” to this connection.',
  promises: [
    'With quality of service 1 the broker hears that a message arrived only when it is stored here: none is lost over restarts of this server, as long as the broker keeps them (Mosquitto: 1,000 for each client that is away, until its max_queued_messages is raised).',
    'In a burst a broker with MQTT 5 may send 20,000 messages ahead, and drops none of them. One that knows only MQTT 3.1.1 sends few ahead (Mosquitto: 20) and drops what waits beyond its limit. What it says it has dropped is shown here.',
    'A message that the broker sends twice because the line broke is told of once. Only when this server dies between storing a message and telling the broker may it come twice: MQTT itself promises “at least once”.',
    'With quality of service 0, messages while the connection is down are lost.',
  ],
  shapes: {
    event: Type.Object({
      subject: Type.String({ examples: ['shop/mill-1/temperature'] }),
      text: Type.String({ examples: ['message on shop/mill-1/temperature'] }),
      payload: Type.Object({
        topic: Type.String({ examples: ['shop/mill-1/temperature'] }),
        message: Type.Unknown({ examples: [{ celsius: 41.5 }] }),
        qos: Type.Enum([0, 1, 2], { examples: [1] }),
        isRetained: Type.Boolean({ examples: [false] }),
      }),
    }),
  },
  tags: { label: 'Topic' },
  notices: { needs: 'noticeTopic' },
  settings: Settings,
  secrets: [{ name: 'password', title: 'Password', after: 'userName' }, clientKey(WITH_TLS)],
  secretsAreFor: ['url', 'userName', 'ca'],
  distinctBy: ['url', 'clientId'],
  check: lookAt,
  async forget(settings, secrets) {
    // a client that begins anew and goes: the broker keeps nothing for it any more (MQTT 3.1.1, 3.1.2.4)
    const { client } = await openClient(settings, secrets, { isLasting: false, hasItsOwnId: true })
    await client.endAsync()
  },
  start: ({ settings, secrets, context }) => start(settings, secrets, context),
})

async function start(settings: Settings, secrets: Record<string, string>, context: ConnectorContext): Promise<RunningConnector> {
  const health = createHealth(context, ['broker', 'gateway'])
  const teller = createTeller(context, (trouble) => health.set('gateway', trouble))
  const tags = createTags(settings, secrets)
  const intake = createIntake(settings, teller)
  const dropped = createDropped(settings.url, (problem) => context.problem(problem))
  const { client, version } = await openClient(settings, secrets, {
    isLasting: settings.qos > 0,
    handle(packet, ways) {
      if (packet.topic === DROPPED_TOPIC) {
        dropped(packet)
        return ways.done()
      }
      tags.heard(packet)
      intake(packet, ways)
    },
  })
  watchLine(client, settings, health)
  try {
    await subscribe(client, settings, settings.topics)
  } catch (error) {
    await client.endAsync(true)
    throw error
  }
  // many brokers keep this for administrators: then nobody here knows
  await client.subscribeAsync(DROPPED_TOPIC, { qos: 0 }).catch(() => {})
  return {
    confirm: takesNoConfirmations,
    notify: (notice) => publishNotice(client, settings, notice),
    tags: tags.live(version),
    async close() {
      client.removeAllListeners('close')
      await Promise.all([client.endAsync(true), tags.close()])
      await teller.close()
    },
  }
}

/** Says when the broker is away, and tries again less and less often. */
function watchLine(client: MqttClient, settings: Settings, health: { set(part: 'broker', trouble?: ReturnType<typeof toldOf>): void }): void {
  let retryMs = FIRST_RETRY_MS
  let reason = ''
  client.on('error', (error) => {
    const refusal = refusalOf(error, settings)
    if (refusal) {
      retryMs = REFUSED_RETRY_MS
      health.set('broker', toldOf(refusal))
    } else reason = messageOf(error) || String((error as { code?: unknown }).code)
  })
  client.on('close', () => {
    if (retryMs < REFUSED_RETRY_MS) {
      health.set('broker', {
        code: 'broker-lost',
        text: `The broker ${settings.url} is away${reason ? ` (${reason})` : ''}. It is tried again, at least every 30 s; nothing is to be done when it comes back.`,
        blanks: { where: settings.url, reason: reason || '–' },
      })
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
    }
    // read by mqtt.js when it next plans to connect
    client.options.reconnectPeriod = retryMs
  })
  client.on('connect', () => {
    retryMs = FIRST_RETRY_MS
    reason = ''
    client.options.reconnectPeriod = retryMs
    health.set('broker')
  })
}
