/** Messages between hosts over PostgreSQL's NOTIFY, where there is no Redis. What is too long for one goes through a table. */
import { sql } from 'kysely'
import { Client } from 'pg'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Store } from '../store/index.ts'
import type { Carrier } from './bus.ts'

const CHANNEL = 'cellwright_hosts'
/** A notification holds less than 8000 bytes (postgresql.org, "NOTIFY"). */
const LONGEST = 7500
const IN_TABLE = '#'
const RETRY_MS = 1000
const KEEP_S = 60

export async function carryOverPostgres({ store, log }: { store: Pick<Store, 'db' | 'database'>; log: Logger }): Promise<Carrier> {
  const { db } = store
  const listeners: ((text: string) => void)[] = []
  let client: Client | undefined
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  let told = ''

  const hear = (text: string) => {
    for (const listener of listeners) listener(text)
  }
  const heard = async (payload: string) => {
    if (!payload.startsWith(IN_TABLE)) return hear(payload)
    const row = await db
      .selectFrom('hostMessage')
      .select('body')
      .where('id', '=', Number(payload.slice(IN_TABLE.length)))
      .executeTakeFirst()
    if (row) hear(row.body)
  }
  const open = async (): Promise<void> => {
    const fresh = new Client({ connectionString: store.database, application_name: 'cellwright hosts', keepAlive: true, connectionTimeoutMillis: 5000 })
    let isLost = false
    const lost = (error?: unknown) => {
      if (isLost) return
      isLost = true
      fresh.connection.stream.destroy()
      if (isClosed) return
      const reason = error === undefined ? 'the connection ended' : messageOf(error)
      if (reason !== told) log.warn({ reason }, 'the line between the hosts (PostgreSQL) has trouble')
      told = reason
      timer = setTimeout(() => void open().catch(() => {}), RETRY_MS) // lost() has told and tries on
    }
    fresh.on('error', lost)
    fresh.on('end', () => lost())
    fresh.on('notification', ({ payload }) => {
      heard(payload ?? '').catch((error) => log.warn({ reason: messageOf(error) }, 'a message of another host could not be read'))
    })
    try {
      await fresh.connect()
      await fresh.query(`listen ${CHANNEL}`)
      client = fresh
      told = ''
    } catch (error) {
      lost(error)
      throw error
    }
  }
  await open()

  return {
    async send(text) {
      if (Buffer.byteLength(text) <= LONGEST) {
        await sql`select pg_notify(${CHANNEL}, ${text})`.execute(db)
        return
      }
      await db.deleteFrom('hostMessage').where('at', '<', sql<Date>`now() - make_interval(secs => ${KEEP_S})`).execute()
      const { id } = await db.insertInto('hostMessage').values({ body: text }).returning('id').executeTakeFirstOrThrow()
      await sql`select pg_notify(${CHANNEL}, ${`${IN_TABLE}${id}`})`.execute(db)
    },
    onText: (listener) => void listeners.push(listener),
    async close() {
      isClosed = true
      clearTimeout(timer)
      await client?.end().catch(() => {}) // it may be gone already
    },
  }
}
