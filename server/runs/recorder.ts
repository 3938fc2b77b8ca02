/**
 * Takes traces in and writes them in batches. The gateway's loop stays free: a flush writes a bounded
 * number of runs per statement and waits for the database between them. When more comes in than the
 * database takes, the oldest finished runs are dropped and counted: history may lose, figures may not lie.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Kysely } from 'kysely'
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Run } from '../api/index.ts'
import type { Database } from '../store/tables.ts'
import { hasLink, insertLinks, insertRun, interruptRows, readRuns, rowToRun, setSummaries, upsertRuns } from './rows.ts'
import { applyTrace, beginRecord, giveUp, type RunRecord, triggerOf } from './run-record.ts'
import { summarize } from './summary.ts'
import { decodeTrace, type TracedRun } from './trace.ts'

/** How long news may wait for company. */
const FLUSH_MS = 200
/** Runs in one statement: about 5 ms of this process' time with three hops a run. */
const RUNS_PER_STATEMENT = 500
/** Runs that may wait for the database. */
const MAX_WAITING = 50_000
/** Ended runs kept in memory for news that comes late. */
const MAX_ENDED = 2000
const RETRY_MS = 1000

export interface RunMetrics {
  hopsRecorded: number
  /** Hops lost in the runtime or here. */
  hopsDropped: number
  runsRecorded: number
  runsDropped: number
  /** Runs that wait to be written now. */
  waiting: number
}

export interface Recorder {
  trace(notice: { batch: string; dropped: number }): void
  open(run: { id: string; trigger: Run['trigger'] }): Promise<void>
  link(runId: string, link: Omit<Run['links'][number], 'at'>): Promise<void>
  linkOnce(runId: string, link: Omit<Run['links'][number], 'at'>): Promise<void>
  fail(runId: string, why: string): Promise<void>
  /** Resolves when it is in the database, however long that is away. */
  interruptActive(why: string): Promise<void>
  /** Writes what waits; resolves when it is in the database. @throws what the database said */
  flush(): Promise<void>
  metrics(): RunMetrics
  /** The end is near: what the database does not take is not tried again. */
  hurry(): void
  close(): Promise<void>
}

/** @param onWritten told which runs changed, after they are in the database */
export function createRecorder(options: { db: Kysely<Database>; log: Logger; onWritten: (records: RunRecord[]) => void }): Recorder {
  const { db, log, onWritten } = options
  const records = new Map<string, RunRecord>()
  /** Changed since the last flush, oldest change first. */
  const dirty = new Set<RunRecord>()
  /** Ended and written, oldest first. */
  const ended = new Set<RunRecord>()
  const waitingLinks: { runId: string; link: Run['links'][number] }[] = []
  const counts = { hopsRecorded: 0, hopsDropped: 0, runsRecorded: 0, runsDropped: 0 }
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  let isDatabaseAway = false
  let flushing: Promise<void> = Promise.resolve()

  const touch = (record: RunRecord) => {
    ended.delete(record)
    dirty.add(record)
    timer ??= setTimeout(flushInBackground, isDatabaseAway ? RETRY_MS : FLUSH_MS)
  }

  const take = (traced: TracedRun) => {
    if (!/^[\w-]{1,64}$/.test(traced.id) || Math.abs(traced.startedAt) > 8e15) {
      counts.runsDropped += 1
      counts.hopsDropped += traced.hops
      return
    }
    let record = records.get(traced.id)
    if (!record) {
      record = beginRecord({ id: traced.id, trigger: triggerOf(traced.trigger), startedAt: traced.startedAt, row: traced.isNew ? 'new' : 'unread' })
      records.set(traced.id, record)
    }
    if (record.row === 'unread') record.waiting.push(traced)
    else applyTrace(record, traced)
    touch(record)
  }

  const forget = (record: RunRecord) => {
    dirty.delete(record)
    ended.delete(record)
    records.delete(record.id)
  }

  const dropTooMany = () => {
    for (const record of dirty) {
      if (dirty.size <= MAX_WAITING) return
      if (record.state === 'active' || record.links.length) continue
      counts.runsDropped += 1
      counts.hopsDropped += record.hops - record.hopsStored
      forget(record)
    }
  }

  const keepWhy = (record: RunRecord, end: { at: number; why: string }): boolean => {
    const link = giveUp(record, end)
    if (link) waitingLinks.push({ runId: record.id, link })
    return link !== undefined
  }

  /** Fills records whose beginning an earlier life of the gateway wrote. */
  const readUnread = async (batch: RunRecord[]) => {
    const unread = batch.filter((record) => record.row === 'unread')
    const rows = await readRuns(
      db,
      unread.map((record) => record.id),
    )
    for (const record of unread) {
      const found = rows.get(record.id)
      if (found) fillFromRow(record, rowToRun(found))
      record.row = found ? 'known' : 'new'
      for (const traced of record.waiting.splice(0)) applyTrace(record, traced)
      if (record.givenUp) keepWhy(record, record.givenUp)
      record.givenUp = undefined
    }
  }

  const fillFromRow = (record: RunRecord, run: Run) => {
    record.state = run.state
    record.trigger = run.trigger
    record.startedAt = Date.parse(run.startedAt)
    record.endedAt = run.endedAt === undefined ? undefined : Date.parse(run.endedAt)
    record.hops = Math.max(record.hops, run.hops)
    record.hopsStored = run.hops
    record.detail = run.detail
    record.links = run.links
    record.endedBySettling = run.endedBySettling
  }

  const write = async (batch: RunRecord[]): Promise<void> => {
    let wasThere: Set<string>
    const hops = batch.map((record) => record.hops)
    const described = new Map(batch.map((record) => [record, record.detail.length]))
    try {
      wasThere = await upsertRuns(db, batch)
    } catch (error) {
      if (!isDataError(error)) throw error
      // one record that the database refuses must not take the others with it
      if (batch.length > 1) {
        const half = batch.length >> 1
        await write(batch.slice(0, half))
        return write(batch.slice(half))
      }
      const [record] = batch
      if (record) {
        log.error({ runId: record.id, err: error }, 'a run could not be stored and is dropped')
        counts.runsDropped += 1
        counts.hopsDropped += record.hops - record.hopsStored
        forget(record)
      }
      return
    }
    const metBefore: RunRecord[] = []
    for (const [index, record] of batch.entries()) {
      const stored = hops[index] ?? 0
      counts.hopsRecorded += stored - record.hopsStored
      record.hopsStored = stored
      if (record.row === 'new') {
        counts.runsRecorded += 1
        if (wasThere.has(record.id)) metBefore.push(record)
      }
      record.row = 'known'
      if (record.state !== 'active' && !dirty.has(record)) ended.add(record)
    }
    // a run taken up again after this memory had forgotten it: with what its row held, it is the whole of it
    if (metBefore.length) {
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
    for (const record of ended) {
      if (ended.size <= MAX_ENDED) break
      forget(record)
    }
    onWritten(batch)
  }

  const flushOnce = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    while (waitingLinks.length) {
      const batch = waitingLinks.slice(0, RUNS_PER_STATEMENT)
      await insertLinks(db, batch)
      waitingLinks.splice(0, batch.length)
      const elsewhere = new Set(batch.map(({ runId }) => runId).filter((runId) => !records.has(runId)))
      if (elsewhere.size) await summarizeRows([...elsewhere])
    }
    dropTooMany()
    let left = dirty.size
    while (left > 0) {
      const batch: RunRecord[] = []
      for (const record of dirty) {
        batch.push(record)
        dirty.delete(record)
        if (batch.length === RUNS_PER_STATEMENT) break
      }
      left -= RUNS_PER_STATEMENT
      try {
        await readUnread(batch)
        await write(batch)
      } catch (error) {
        for (const record of batch) touch(record)
        throw error
      }
    }
    isDatabaseAway = false
  }

  const flush = (): Promise<void> => {
    const next = flushing.then(flushOnce)
    flushing = next.catch(() => {}) // the caller of this flush hears of it
    return next
  }

  const flushInBackground = () => {
    timer = undefined
    flush().catch((error: unknown) => {
      if (!isDatabaseAway) log.warn({ reason: messageOf(error), waiting: dirty.size }, 'run history waits for the database')
      isDatabaseAway = true
      if (!isClosed) timer ??= setTimeout(flushInBackground, RETRY_MS)
    })
  }

  /** Writes the sentence of runs that this memory does not hold. */
  const summarizeRows = async (ids: readonly string[], endText?: string) => {
    const rows = await readRuns(db, ids)
    await setSummaries(
      db,
      [...rows.values()].map((found) => {
        const { id, trigger, state, hops, links } = rowToRun(found)
        return { id, summary: summarize({ trigger, state, hops, links, endText }) }
      }),
    )
  }

  const link: Recorder['link'] = async (runId, one) => {
    const whole = { ...one, at: new Date().toISOString() }
    const record = records.get(runId)
    if (record) {
      record.links.push(whole)
      touch(record)
    }
    try {
      await insertLinks(db, [{ runId, link: whole }])
    } catch (error) {
      log.warn({ runId, reason: messageOf(error) }, 'a link of a run waits for the database')
      waitingLinks.push({ runId, link: whole })
      if (!isClosed) timer ??= setTimeout(flushInBackground, RETRY_MS)
      return
    }
    if (!record) await summarizeRows([runId]).catch((error) => log.warn({ runId, reason: messageOf(error) }, 'the sentence of a run is older than its links'))
  }

  return {
    trace({ batch, dropped }) {
      counts.hopsDropped += dropped
      for (const traced of decodeTrace(Buffer.from(batch, 'base64'))) take(traced)
      if (dirty.size > MAX_WAITING * 1.2) dropTooMany()
    },
    async open({ id, trigger }) {
      if (records.has(id)) return
      const startedAt = Date.now()
      const record = beginRecord({ id, trigger, startedAt, row: 'known' })
      records.set(id, record)
      try {
        await insertRun(db, { id, trigger, startedAt })
      } catch (error) {
        forget(record)
        throw error
      }
      onWritten([record])
    },
    link,
    async linkOnce(runId, one) {
      const isSame = (other: Run['links'][number]) => other.kind === one.kind && other.id === one.id
      if (records.get(runId)?.links.some(isSame) || waitingLinks.some((each) => each.runId === runId && isSame(each.link))) return
      const isThere = await hasLink(db, runId, one)
      if (!isThere) await link(runId, one)
    },
    async fail(runId, why) {
      const record = records.get(runId)
      if (record?.state !== 'active') return
      record.state = 'failed'
      record.endedAt = Date.now()
      record.endText = why
      touch(record)
      await flush()
    },
    async interruptActive(why) {
      const at = Date.now()
      // at once, so that a run of the next runtime is not taken for one of the last
      for (const record of records.values()) {
        if (record.row === 'unread') record.givenUp = { at, why }
        else if (!keepWhy(record, { at, why })) continue
        touch(record)
      }
      for (;;) {
        try {
          await flush()
          const elsewhere = (await interruptRows(db, { at, why })).filter((id) => !records.has(id))
          for (let from = 0; from < elsewhere.length; from += RUNS_PER_STATEMENT) await summarizeRows(elsewhere.slice(from, from + RUNS_PER_STATEMENT), why)
          return
        } catch (error) {
          if (isClosed || !(error instanceof OperationalError)) throw error
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
        }
      }
    },
    flush,
    metrics: () => ({ ...counts, waiting: dirty.size }),
    hurry() {
      isClosed = true
    },
    async close() {
      isClosed = true
      clearTimeout(timer)
      try {
        await flush()
      } catch (error) {
        log.warn({ reason: messageOf(error), lost: dirty.size }, 'the last runs could not be stored')
      }
      clearTimeout(timer)
    },
  }
}

/** The database is there and refuses the values (SQLSTATE classes 21, 22 and 23), as against being away. */
function isDataError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && /^2[123]/.test(String(error.code))
}
