/** What nobody has acknowledged in time, published to the topic for messages. */
import type { MqttClient } from 'mqtt'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import type { Notice } from '../contract.ts'
import type { Settings } from './settings.ts'

/**
 * Published at least once (QoS 1), and not retained: who connects tomorrow must not take it for new.
 * @throws UserError no-notices; OperationalError broker-away
 */
export async function publishNotice(client: MqttClient, { noticeTopic, url }: Settings, notice: Notice): Promise<{ reference: string }> {
  if (!noticeTopic)
    throw new UserError({ code: 'no-notices', message: 'This connection has no topic for messages. Enter one in its settings, or choose another connection.' })
  const away = (reason: string, cause?: unknown) =>
    new OperationalError({
      code: 'broker-away',
      message: `The broker ${url} cannot be reached: ${reason}. Check its address and port, and that it runs.`,
      details: { blanks: { where: url, reason } },
      cause,
    })
  // mqtt.js would keep it in memory until the line is back: the gateway keeps it better
  if (!client.connected) throw away('the line is down')
  try {
    await client.publishAsync(noticeTopic, JSON.stringify(notice), { qos: 1 })
  } catch (error) {
    throw away(messageOf(error), error)
  }
  return { reference: noticeTopic }
}
