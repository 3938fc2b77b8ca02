/**
 * BullMQ on PostgreSQL with few connections: BullMQ makes a pool and a listening connection for every
 * queue and worker; here all of them share one pool of two and one listening connection.
 */
import type { EventEmitter } from 'node:events'
import { PostgresConnection, type PostgresConnectionOptions, PostgresQueueBackend, type Queue, type Worker, withBackend } from 'bullmq'
import { Client } from 'pg'
import type { Bull } from './dispatch.ts'

const POOL = 2

/**
 * A lost connection without a listener for its error ends the process (node-postgres, events "error"). BullMQ
 * has none on a connection in the moment after it was made, and between two queries of one transaction.
 */
const survivesLoss = (client: EventEmitter) => void client.on('error', () => {})

class ListeningClient extends Client {
  /** Why the connection is gone, when that was before anybody else listened. */
  earlyLoss: Error | undefined
  constructor(config: ConstructorParameters<typeof Client>[0]) {
    super(config)
    this.on('error', (error) => {
      if (this.listenerCount('error') === 1) this.earlyLoss = error
    })
  }
}

/** Closed by its owner, not by the first queue that closes. */
class SharedConnection extends PostgresConnection {
  readonly #inTurn = new WeakSet<object>()

  constructor(options: PostgresConnectionOptions) {
    super(options)
    ;(this.pool as unknown as EventEmitter).on('connect', survivesLoss)
    // the class of the listening client, which BullMQ lets nobody choose
    const own = this as unknown as { pgModule: { Client: typeof Client } | undefined }
    if (!own.pgModule) throw new Error('BullMQ makes its listening connection in another way than expected: look at bull-postgres.ts.')
    own.pgModule = { ...own.pgModule, Client: ListeningClient }
  }

  /** The listening client, asked one thing at a time: several backends would otherwise talk across each other. */
  override async getListenClient(): ReturnType<PostgresConnection['getListenClient']> {
    const client = await super.getListenClient()
    const { earlyLoss } = client as unknown as ListeningClient
    if (earlyLoss) {
      // BullMQ listens by now, and makes another one the next time
      ;(client as unknown as EventEmitter).emit('error', earlyLoss)
      throw earlyLoss
    }
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
    queue: (name, options) => new classes.Queue(name, { ...options, connection: {} }) as unknown as Queue,
    worker: (name, process, settings) => new classes.Worker(name, process, { ...settings, connection: {} }) as unknown as Worker,
    close: () => connection.end(),
  }
}
