/** A real PostgreSQL as the other side of the connector's tests. */
import { connect, createServer, type Socket } from 'node:net'
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

/** A line to a database that can be cut: at once, or when something is said over it. */
export async function cuttingLine({ host, port }: { host: string; port: number }) {
  const ends = new Set<Socket>()
  let opened = 0
  let cutAt: string | undefined
  const server = createServer((near) => {
    opened += 1
    const far = connect({ host, port })
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end)
      end.on('error', () => {}) // it is cut
      end.on('close', () => {
        ends.delete(end)
        other.destroy()
      })
    }
    near.on('data', (bytes) => {
      if (cutAt === undefined || !bytes.includes(cutAt)) return void far.write(bytes)
      cutAt = undefined
      near.destroy()
    })
    far.on('data', (bytes) => void near.write(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    /** How often somebody called. */
    opened: () => opened,
    cut() {
      for (const end of ends) end.destroy()
    },
    /** The next time somebody says this, and once. */
    cutAt(text: string) {
      cutAt = text
    },
    async close() {
      for (const end of ends) end.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
