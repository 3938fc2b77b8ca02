/**
 * Takes traces in and writes them in batches. The gateway's loop stays free: a flush writes a bounded
 * number of runs per statement and waits for the database between them. When more comes in than the
 * database takes, the oldest finished runs are dropped and counted: history may lose, figures may not lie.
 */
import type { Kysely } from 'kysely'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Database } from '../store/tables.ts'
import { createHolds, GRACE_MS } from './holds.ts'
import { createLinkWriter } from './link-writer.ts'
import { createMessageWriter } from './message-writer.ts'
import { createRecordWriter, isDataError } from './record-writer.ts'
import type { Recorder } from './recorder-contract.ts'
import { ensureRun, insertRun, interruptRows, readRuns, rowToRun } from './rows.ts'
import { applyTrace, beginRecord, endRecord, fillFromRow, giveUp, type RunRecord, triggerOf } from './run-record.ts'
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

/** @param onWritten told which runs changed, after they are in the database */
export function createRecorder(options: {
  db: Kysely<Database>
  log: Logger
  onWritten: (records: RunRecord[]) => void
  /** Another gateway has cancelled a run of this one's runtime. */
  onCancelledElsewhere?: (runId: string) => void
  /** Whose runtime the runs are in, among several hosts. @defaultValue the only one */
  host?: string | undefined
  /** What must not stand in a kept message. */
  secrets: () => readonly string[] | Promise<readonly string[]>
  /** What steps were given is kept at all. @defaultValue always */
  keepsMessages?: () => boolean
  /** The disk is too full for steps: only that runs were, and what is linked to them, is kept. @defaultValue never */
  isPaused?: () => boolean
  /** After a release, so long for news of a run that goes on. @defaultValue 2000 */
  graceMs?: number
}): Recorder {
  const { db, log, onWritten } = options
  const isPaused = options.isPaused ?? (() => false)
  const host = options.host ?? null
  const records = new Map<string, RunRecord>()
  /** Changed since the last flush, oldest change first. */
  const dirty = new Set<RunRecord>()
  /** Ended and written, oldest first. */
  const ended = new Set<RunRecord>()
  /** The last ones: what a node asks for them a moment later is refused. */
  const cancelled = new Set<string>()
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

  const messages = createMessageWriter({ db, log, secrets: options.secrets, keepsMessages: options.keepsMessages ?? (() => true), isDataError })
  const links = createLinkWriter({
    db,
    log,
    records,
    touch,
    retry: () => {
      if (!isClosed) timer ??= setTimeout(flushInBackground, RETRY_MS)
    },
  })

  const take = (traced: TracedRun) => {
    if (!/^[\w-]{1,64}$/.test(traced.id) || Math.abs(traced.startedAt) > 8e15) {
      counts.runsDropped += 1
      counts.hopsDropped += traced.hops
      return
    }
    let record = records.get(traced.id)
    if (!record) {
      record = beginRecord({
        id: traced.id,
        trigger: triggerOf(traced.trigger),
        startedAt: traced.startedAt,
        row: traced.isNew && !holds.has(traced.id) ? 'new' : 'unread',
      })
      records.set(traced.id, record)
    }
    holds.traced(traced)
    if (isPaused()) {
      counts.hopsDropped += traced.detail.length
      traced.detail = []
      traced.messages = []
    }
    traced.messages = messages.admit(traced.messages)
    if (record.row === 'unread') record.waiting.push(traced)
    else applyTrace(record, traced, holds.has(record.id))
    touch(record)
  }

  /** The record of a run, read from its row when this memory does not hold it. */
  const recordOf = async (runId: string): Promise<RunRecord | undefined> => {
    const inMemory = records.get(runId)
    if (inMemory) return inMemory
    const found = (await readRuns(db, [runId])).get(runId)
    const meanwhile = records.get(runId)
    if (meanwhile || !found) return meanwhile
    const run = rowToRun(found)
    const record = beginRecord({ id: runId, trigger: run.trigger, startedAt: Date.parse(run.startedAt), row: 'known' })
    fillFromRow(record, run)
    records.set(runId, record)
    if (record.state !== 'active') ended.add(record)
    return record
  }

  const holds = createHolds({
    db,
    host,
    graceMs: options.graceMs ?? GRACE_MS,
    finish(runId, end) {
      const finishing = async () => {
        const record = await recordOf(runId)
        if (record?.state === 'active') {
          endRecord(record, end)
          record.waitsFor = undefined
          touch(record)
          await flush()
        }
        await holds.drop(runId)
      }
      // its row says that it is released: the next life of the gateway ends it, if this one cannot
      const tryOn = (): void => {
        finishing().catch((error: unknown) => {
          if (isClosed) return
          log.warn({ runId, reason: messageOf(error) }, 'the end of a run that had waited is not stored yet')
          setTimeout(tryOn, RETRY_MS).unref()
        })
      }
      tryOn()
    },
  })

  const noteCancelled = (runId: string) => {
    cancelled.add(runId)
    const [oldest] = cancelled
    if (cancelled.size > MAX_ENDED && oldest !== undefined) cancelled.delete(oldest)
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

  /** While the history is paused, of runs that ended well and made nothing there is nothing to tell. */
  const dropPlain = () => {
    for (const record of dirty) {
      if (record.row !== 'new' || record.state !== 'completed' || record.links.length) continue
      counts.runsDropped += 1
      forget(record)
    }
  }

  const keepWhy = (record: RunRecord, end: { at: number; why: string }): boolean => {
    const link = giveUp(record, end)
    if (link) links.later(record.id, link)
    return link !== undefined
  }

  const writer = createRecordWriter({
    db,
    log,
    host,
    counts,
    forget,
    onRead(record) {
      for (const traced of record.waiting.splice(0)) applyTrace(record, traced, holds.has(record.id))
      if (record.givenUp) keepWhy(record, record.givenUp)
      record.givenUp = undefined
    },
    onStored(record) {
      if (record.state !== 'active' && !dirty.has(record)) ended.add(record)
    },
    onCancelled(record) {
      noteCancelled(record.id)
      options.onCancelledElsewhere?.(record.id)
    },
    onWritten(batch) {
      for (const record of ended) {
        if (ended.size <= MAX_ENDED) break
        forget(record)
      }
      onWritten(batch)
    },
  })

  const flushOnce = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    await links.flush()
    dropTooMany()
    if (isPaused()) dropPlain()
    messages.count(dirty)
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
        await writer.readUnread(batch)
        await messages.hideSecrets(batch)
        await writer.write(batch)
        await messages.write(batch)
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

  return {
    trace({ batch, dropped }) {
      counts.hopsDropped += dropped
      for (const traced of decodeTrace(Buffer.from(batch, 'base64'))) take(traced)
      if (dirty.size > MAX_WAITING * 1.2) dropTooMany()
    },
    async open({ id, trigger, replayOf }) {
      if (records.has(id)) return
      const startedAt = Date.now()
      const record = beginRecord({ id, trigger, startedAt, row: 'known' })
      record.replayOf = replayOf
      records.set(id, record)
      try {
        await insertRun(db, { id, trigger, startedAt, replayOf, host })
      } catch (error) {
        forget(record)
        throw error
      }
      onWritten([record])
    },
    link: links.link,
    linkOnce: links.linkOnce,
    async fail(runId, why) {
      const record = holds.has(runId) ? await recordOf(runId) : records.get(runId)
      if (record?.state !== 'active') return
      record.state = 'failed'
      record.endedAt = Date.now()
      record.endText = why
      record.waitsFor = undefined
      touch(record)
      await flush()
      if (holds.has(runId)) await holds.drop(runId)
    },
    async cancel(runId, why) {
      // what is known of it only by its row is read first
      if (records.get(runId)?.row === 'unread') await flush()
      const record = await recordOf(runId)
      if (record?.state !== 'active') return false
      noteCancelled(runId)
      record.state = 'cancelled'
      record.endedAt = Date.now()
      record.endText = why
      record.endedBySettling = false
      record.waitsFor = undefined
      touch(record)
      await flush()
      if (holds.has(runId)) await holds.drop(runId)
      return true
    },
    isCancelled: (runId) => cancelled.has(runId),
    async cancelWhenDone(runId, why) {
      const record = await recordOf(runId)
      if (record?.state === 'active') record.cancelled = why
    },
    async stateOf(runId) {
      await flush()
      return (await recordOf(runId))?.state
    },
    async hold(runId, why) {
      if (cancelled.has(runId)) throw runCancelled()
      // its first message may be ahead of the news of it
      if (!records.has(runId)) await ensureRun(db, runId, host)
      else if (records.get(runId)?.row === 'new') await flush()
      const record = await recordOf(runId)
      // by another gateway, or in an earlier life of this one
      if (record?.state === 'cancelled') throw runCancelled()
      await holds.hold(runId, why)
      if (!record) return
      if (record.state !== 'active') {
        record.state = 'active'
        record.endedAt = undefined
        record.endText = undefined
      }
      record.waitsFor = why
      touch(record)
    },
    async release(runId) {
      const record = records.get(runId)
      if (record) record.waitsFor = undefined
      await holds.release(runId)
      if (record) touch(record)
    },
    held: () => holds.list(),
    unheard: () => holds.unheard(),
    endUnheard: () => holds.endUnheard(),
    load: () => holds.load(),
    async interruptActive(why) {
      const at = Date.now()
      // at once, so that a run of the next runtime is not taken for one of the last
      holds.runtimeGone()
      for (const record of records.values()) {
        if (holds.has(record.id)) continue
        if (record.row === 'unread') record.givenUp = { at, why }
        else if (!keepWhy(record, { at, why })) continue
        touch(record)
      }
      for (;;) {
        try {
          await flush()
          const elsewhere = (await interruptRows(db, { at, why, host })).filter((id) => !records.has(id))
          for (let from = 0; from < elsewhere.length; from += RUNS_PER_STATEMENT)
            await links.summarizeRows(elsewhere.slice(from, from + RUNS_PER_STATEMENT), why)
          return
        } catch (error) {
          if (isClosed || !(error instanceof OperationalError)) throw error
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
        }
      }
    },
    async interruptOf(gone, why) {
      const ids = await interruptRows(db, { at: Date.now(), why, host: gone })
      for (let from = 0; from < ids.length; from += RUNS_PER_STATEMENT) await links.summarizeRows(ids.slice(from, from + RUNS_PER_STATEMENT), why)
    },
    async relink(runId) {
      const record = records.get(runId)
      const found = record && (await readRuns(db, [runId])).get(runId)
      if (!record || !found || found.links.length <= record.links.length) return
      record.links = found.links
      touch(record)
    },
    flush,
    metrics: () => ({ ...counts, waiting: dirty.size }),
    hurry() {
      isClosed = true
    },
    async close() {
      isClosed = true
      holds.close()
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

const runCancelled = () =>
  new UserError({ code: 'run-cancelled', status: 409, message: 'This run was cancelled: nothing of it waits any more, and nothing of it goes on.' })
