/**
 * Keeps the database within its budget: deletes history before its time, the least worth first and of each the oldest first, in small batches with
 * pauses, until a tenth of the budget is free again. One host at a time: whoever has the lock of the pass.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import type { DatabasePass, HistoryClass } from '../api/index.ts'
import { HISTORY } from './history.ts'
import { type Asks, databaseBytes, type LiveSize, liveSize } from './live-size.ts'

/** Of the budget: deleted down to here, so that the next hour has room. */
const DOWN_TO = 0.9
/** Any number that no other advisory lock of ours has. */
const LOCK = 7_203_309_001
const STATEMENT_MS = 20_000
/** The vacuum that PostgreSQL begins by itself gives way after a second. */
const VACUUM_LOCK_MS = 10_000
/** Work never waits for us, nor we for it: what is locked is left for the next time. */
const LOCK_MS = 1000
/** Nothing is known of the size of its rows yet. */
const FIRST_STEP = 10
/** Of one batch, about. */
const BATCH_BYTES = 8 * 1024 * 1024
const SHORTEST_PAUSE_MS = 10

export interface BudgetPass {
  /** node-postgres connection string. */
  database: string
  limitBytes: number
  signal: AbortSignal
  /** Told after each batch: only for tests. */
  onBatch?: ((rows: number) => void) | undefined
}

/**
 * @returns what was done; undefined when the database is within its budget, or when another host is at it
 * @throws what the database says when nothing could be deleted
 */
export async function keepDatabaseWithin({ database, limitBytes, signal, onBatch }: BudgetPass): Promise<DatabasePass | undefined> {
  // a connection of its own: the lock belongs to it, and ends with it however this process ends
  const client = new Client({ connectionString: database, application_name: 'cellwright space', connectionTimeoutMillis: 5000 })
  // a lost connection fails the next query; without a listener it would end the process
  client.on('error', () => {})
  // a vacuum may take minutes, and the end of a gateway waits for nobody
  const cut = () => client.connection.stream.destroy()
  signal.addEventListener('abort', cut, { once: true })
  await client.connect()
  try {
    if ((await databaseBytes(client)) <= limitBytes) return undefined
    const { rows } = await client.query<{ isOurs: boolean }>('select pg_try_advisory_lock($1) as "isOurs"', [LOCK])
    if (!rows[0]?.isOurs) return undefined
    await client.query(`set statement_timeout = ${STATEMENT_MS}`)
    await client.query(`set lock_timeout = ${LOCK_MS}`)
    const before = await liveSize(client)
    if (before.counted <= limitBytes) return undefined
    const done = await deleteHistory({ client, before, needed: before.counted - limitBytes * DOWN_TO, signal, onBatch })
    const nothing = !Object.values(done.rows).some(Boolean)
    if (done.failure !== undefined && nothing) throw done.failure
    const after = await (async () => {
      await vacuum(client, done.touched, signal)
      return (await liveSize(client)).counted
    })().catch(() => before.counted - done.freed) // the connection is lost: what was deleted is all the same
    const isCut = done.failure !== undefined || signal.aborted
    return {
      beforeBytes: Math.round(before.counted),
      afterBytes: Math.max(0, Math.round(after)),
      limitBytes,
      rows: done.rows,
      suffices: after <= limitBytes,
      ...(isCut ? { isCut } : {}),
    }
  } finally {
    signal.removeEventListener('abort', cut)
    await client.end().catch(() => {}) // it may be gone already
  }
}

interface Deleting extends Pick<BudgetPass, 'signal' | 'onBatch'> {
  client: Asks
  before: LiveSize
  /** Bytes that count. */
  needed: number
}

async function deleteHistory({ client, before, needed, signal, onBatch }: Deleting) {
  const rows: Record<HistoryClass, number> = { messages: 0, runs: 0, firings: 0, told: 0, jobs: 0 }
  const touched = new Set<string>()
  let freed = 0
  try {
    for (const { class: name, tables, alsoFrom = [], batch, step: most, keptHours } of HISTORY) {
      let after = ''
      let step = FIRST_STEP
      while (freed < needed && !signal.aborted) {
        const begin = performance.now()
        const answer = await client.query<{ looked: number; last: string | null; rows: string; bytes: string }>(batch, [after, step, keptHours])
        const [found] = answer.rows
        if (!found) break
        const count = Number(found.rows)
        rows[name] += count
        freed += Number(found.bytes) * before.perByte[name]
        if (count > 0) for (const table of [...tables, ...alsoFrom]) touched.add(table)
        onBatch?.(count)
        if (found.looked < step || found.last === null) break
        after = found.last
        step = nextStep({ step, most, bytes: Number(found.bytes), wanted: (needed - freed) / before.perByte[name] })
        // as long as it worked it rests: at most half of one connection is ours
        await pause(Math.max(SHORTEST_PAUSE_MS, performance.now() - begin), undefined, { signal }).catch(() => {}) // it ends
      }
    }
    return { rows, touched, freed }
  } catch (failure) {
    // what has been deleted is told all the same
    return { rows, touched, freed, failure }
  }
}

/** Rows are of all sizes: as many as are likely to be what is wanted, or a few MB, and never far more than the last time. */
const nextStep = (last: { step: number; most: number; bytes: number; wanted: number }): number => {
  const each = last.bytes / last.step
  const fitting = each > 0 ? Math.ceil(Math.min(last.wanted, BATCH_BYTES) / each) : last.most
  return Math.max(1, Math.min(last.most, last.step * 4, fitting))
}

/** PostgreSQL writes new rows into the room of deleted ones only after a vacuum. Nothing is locked for it, and nothing is given back to the disk. */
async function vacuum(client: Asks, tables: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
  await client.query('set statement_timeout = 0')
  await client.query(`set lock_timeout = ${VACUUM_LOCK_MS}`)
  for (const table of tables) if (!signal.aborted) await client.query(`vacuum (truncate false, analyze) "${table}"`)
  await client.query(`set statement_timeout = ${STATEMENT_MS}`)
}
