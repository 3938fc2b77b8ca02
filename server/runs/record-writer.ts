/** Writes records into their rows, a batch in one statement, and reads what an earlier life of the gateway wrote of them. */
import { isDeepStrictEqual } from 'node:util'
import type { Kysely } from 'kysely'
import type { Logger } from '../../base/log.ts'
import type { Database } from '../store/tables.ts'
import { readRuns, rowToRun, upsertRuns } from './rows.ts'
import { fillFromRow, type RunRecord } from './run-record.ts'

export interface RecordWriter {
  /** Fills records whose beginning an earlier life of the gateway wrote. */
  readUnread(batch: readonly RunRecord[]): Promise<void>
  /** A record that the database refuses is dropped and counted. @throws when the database is away */
  write(batch: RunRecord[]): Promise<void>
}

export function createRecordWriter(deps: {
  db: Kysely<Database>
  log: Logger
  /** Whose runs they are. */
  host: string | null
  counts: { hopsRecorded: number; hopsDropped: number; runsRecorded: number; runsDropped: number }
  /** The row was read: what waited for that is put into the record. */
  onRead: (record: RunRecord) => void
  onStored: (record: RunRecord) => void
  /** Its row says that another gateway has cancelled it. */
  onCancelled: (record: RunRecord) => void
  onWritten: (batch: RunRecord[]) => void
  forget: (record: RunRecord) => void
}): RecordWriter {
  const { db, log, host, counts, onRead, onStored, onCancelled, onWritten, forget } = deps

  const drop = (record: RunRecord, error: unknown) => {
    log.error({ runId: record.id, err: error }, 'a run could not be stored and is dropped')
    counts.runsDropped += 1
    counts.hopsDropped += record.hops - record.hopsStored
    forget(record)
  }

  /** A run taken up again after this memory had forgotten it: with what its row held, it is the whole of it. */
  const mend = async (metBefore: readonly RunRecord[], described: ReadonlyMap<RunRecord, number>): Promise<void> => {
    const rows = await readRuns(
      db,
      metBefore.map((record) => record.id),
    )
    const whole = metBefore.filter((record) => {
      const found = rows.get(record.id)
      if (!found) return false
      // what came while the row was written and read is not in it yet
      record.detail = [...rowToRun(found).detail, ...record.detail.slice(described.get(record))]
      record.links = [...found.links, ...record.links.filter((link) => !found.links.some((other) => isDeepStrictEqual(other, link)))]
      return true
    })
    if (whole.length) await write(whole)
  }

  const write = async (batch: RunRecord[]): Promise<void> => {
    let found: Awaited<ReturnType<typeof upsertRuns>>
    const states = batch.map((record) => record.state)
    const hops = batch.map((record) => record.hops)
    const described = new Map(batch.map((record) => [record, record.detail.length]))
    try {
      found = await upsertRuns(db, batch, host)
    } catch (error) {
      if (!isDataError(error)) throw error
      // one record that the database refuses must not take the others with it
      if (batch.length > 1) {
        const half = batch.length >> 1
        await write(batch.slice(0, half))
        return write(batch.slice(half))
      }
      for (const record of batch) drop(record, error)
      return
    }
    const metBefore: RunRecord[] = []
    for (const [index, record] of batch.entries()) {
      const stored = hops[index] ?? 0
      counts.hopsRecorded += stored - record.hopsStored
      record.hopsStored = stored
      if (record.row === 'new') {
        counts.runsRecorded += 1
        if (found.wasThere.has(record.id)) metBefore.push(record)
      }
      record.row = 'known'
      if (found.cancelled.has(record.id) && states[index] !== 'cancelled') {
        record.state = 'cancelled'
        onCancelled(record)
      }
      onStored(record)
    }
    if (metBefore.length) await mend(metBefore, described)
    onWritten(batch)
  }

  return {
    async readUnread(batch) {
      const unread = batch.filter((record) => record.row === 'unread')
      const rows = await readRuns(
        db,
        unread.map((record) => record.id),
      )
      for (const record of unread) {
        const found = rows.get(record.id)
        if (found) fillFromRow(record, rowToRun(found))
        record.row = found ? 'known' : 'new'
        onRead(record)
      }
    },
    write,
  }
}

/** The database is there and refuses the values (SQLSTATE classes 21, 22 and 23), as against being away. */
export function isDataError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && /^2[123]/.test(String(error.code))
}
