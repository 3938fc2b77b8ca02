/** BullMQ on Redis through ioredis. */
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Bull } from './dispatch.ts'

/**
 * @param options.url e.g. `redis://host:6379/0`
 * @param options.prefix of the keys @defaultValue cellwright
 * @throws OperationalError redis-away
 */
export async function openRedisBull(options: { url: string; prefix?: string; log: Logger }): Promise<Bull> {
  const prefix = options.prefix ?? 'cellwright'
  // BullMQ needs `maxRetriesPerRequest: null` on connections that block (docs.bullmq.io, "Connections")
  const connection = new Redis(options.url, { maxRetriesPerRequest: null, lazyConnect: true })
  connection.on('error', (error) => options.log.warn({ reason: messageOf(error) }, 'Redis has trouble'))
  try {
    await connection.connect()
  } catch (error) {
    connection.disconnect()
    throw new OperationalError({ code: 'redis-away', message: `The Redis of REDIS_URL does not answer: ${messageOf(error)}`, cause: error })
  }
  return {
    kind: 'redis',
    queue: (name, options) => new Queue(name, { ...options, connection, prefix }),
    worker: (name, process, settings) => new Worker(name, process, { ...settings, connection, prefix }),
    isAway: () => connection.status !== 'ready',
    async close() {
      await connection.quit().catch(() => connection.disconnect()) // a Redis that is away cannot say good-bye
    },
  }
}
