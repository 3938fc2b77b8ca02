/** A real PostgreSQL as the other side of the connector's tests. */
import { Client } from 'pg'

export function otherSide(postgres: { database: string; close: () => Promise<void> }) {
  const url = new URL(postgres.database)
  const database = url.pathname.slice(1)
  // one that can be asked while nobody may connect to the other
  const elsewhere = new URL(url)
  elsewhere.pathname = '/template1'
  const ask = async (text: string, values: unknown[] = [], at = postgres.database): Promise<void> => {
    const client = new Client({ connectionString: at })
    await client.connect()
    await client.query(text, values)
    await client.end()
  }
  return {
    /** Settings that lead there. */
    address: { host: url.hostname, port: Number(url.port), database, user: decodeURIComponent(url.username) },
    secrets: (url.password ? { password: decodeURIComponent(url.password) } : {}) as Record<string, string>,
    connectionString: postgres.database,
    ask,
    async vanish() {
      await ask(`alter database ${database} with allow_connections false`, [], elsewhere.href)
      await ask(`select pg_terminate_backend(pid) from pg_stat_activity where datname = $1`, [database], elsewhere.href)
    },
    comeBack: () => ask(`alter database ${database} with allow_connections true`, [], elsewhere.href),
    close: () => postgres.close(),
  }
}
export type OtherSide = ReturnType<typeof otherSide>
