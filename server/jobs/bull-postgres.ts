/**
 * BullMQ on PostgreSQL with few connections: BullMQ makes a pool and a listening connection for every
 * queue and worker; here all of them share one pool of two and one listening connection.
 */
import type { EventEmitter } from 'node:events'
import { PostgresConnection, PostgresQueueBackend, type Queue, type Worker, withBackend } from 'bullmq'
import type { Bull } from './dispatch.ts'

const POOL = 2

/** Closed by its owner, not by the first queue that closes. */
class SharedConnection extends PostgresConnection {
  readonly #inTurn = new WeakSet<object>()

  /** The listening client, asked one thing at a time: several backends would otherwise talk across each other. */
  override async getListenClient(): ReturnType<PostgresConnection['getListenClient']> {
    const client = await super.getListenClient()
    if (this.#inTurn.has(client)) return client
    this.#inTurn.add(client)
    const query = client.query.bind(client)
    let last: Promise<unknown> = Promise.resolve()
    client.query = (text, params) => {
      const next = last.then(() => query(text, params))
      last = next.catch(() => {}) // its own caller hears of it
      return next as never
    }
    ;(client as unknown as EventEmitter).setMaxListeners(0)
    return client
  }
  override close(): Promise<void> {
    return Promise.resolve()
  }
  end(): Promise<void> {
    return super.close()
  }
}

/**
 * Connects and brings BullMQ's own schema `bullmq` up to date.
 * @param options.database node-postgres connection string
 * @param options.schema another schema, for tests
 */
export async function openPostgresBull(options: { database: string; schema?: string }): Promise<Bull> {
  const connection = new SharedConnection({
    connectionString: options.database,
    application_name: 'cellwright-jobs',
    schema: options.schema ?? 'bullmq',
    migrate: true,
    max: POOL,
    idleTimeoutMillis: 60_000,
    connectionTimeoutMillis: 5000,
    query_timeout: 30_000,
    keepAlive: true,
  })
  // queues and workers forward it too, but only while there are some
  connection.on('error', () => {})
  // each backend listens for errors, readiness and lost listeners of the one connection
  connection.setMaxListeners(0)
  try {
    await connection.waitUntilReady()
  } catch (error) {
    await connection.end()
    throw error
  }
  const classes = withBackend((name, options) => new PostgresQueueBackend(connection, name, options as never, true))
  return {
    kind: 'postgres',
    queue: (name) => new classes.Queue(name, { connection: {} }) as unknown as Queue,
    worker: (name, process, settings) => new classes.Worker(name, process, { ...settings, connection: {} }) as unknown as Worker,
    close: () => connection.end(),
  }
}
