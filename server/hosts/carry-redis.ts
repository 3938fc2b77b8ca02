/** Messages between hosts over Redis' publish and subscribe: the least delay, and no database on the way of a stop. */
import { Redis } from 'ioredis'
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Carrier } from './bus.ts'

/** Longer without an answer and the line counts as broken: what was sent then did not arrive for certain. */
const ANSWER_MS = 2000
const LONGEST_PAUSE_MS = 1000

/**
 * @param options.url as of the job queues
 * @param options.channel hosts of one database share it @defaultValue `cellwright-hosts`
 * @throws OperationalError redis-away
 */
export async function carryOverRedis({ url, channel = 'cellwright-hosts', log }: { url: string; channel?: string; log: Logger }): Promise<Carrier> {
  // nothing waits for a connection: what cannot be sent now is not sent
  const options = {
    lazyConnect: true,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times: number) => Math.min(50 * times, LONGEST_PAUSE_MS),
  }
  const sends = new Redis(url, { ...options, enableOfflineQueue: false, commandTimeout: ANSWER_MS })
  const hears = new Redis(url, options)
  let told = ''
  for (const connection of [sends, hears])
    connection.on('error', (error) => {
      if (messageOf(error) !== told) log.warn({ reason: messageOf(error) }, 'the line between the hosts (Redis) has trouble')
      told = messageOf(error)
    })
  hears.on('ready', () => {
    told = ''
  })
  try {
    await Promise.all([sends.connect(), hears.connect()])
    // subscribed again by itself when the connection comes back
    await hears.subscribe(channel)
  } catch (error) {
    for (const connection of [sends, hears]) connection.disconnect()
    throw new OperationalError({ code: 'redis-away', message: `The Redis of REDIS_URL does not answer: ${messageOf(error)}`, cause: error })
  }
  return {
    async send(text) {
      await sends.publish(channel, text)
    },
    onText: (listener) => void hears.on('message', (_channel: string, text: string) => listener(text)),
    async close() {
      for (const connection of [sends, hears]) connection.disconnect()
    },
  }
}
