/** What runs caused and met: stored at once, or when the database is back; the run's sentence follows. */
import type { Kysely } from 'kysely'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Run } from '../api/index.ts'
import type { Database } from '../store/tables.ts'
import { hasLink, insertLinks, readRuns, rowToRun, setSummaries } from './rows.ts'
import type { RunRecord } from './run-record.ts'
import { summarize } from './summary.ts'

type Link = Run['links'][number]
const LINKS_PER_STATEMENT = 500

export interface LinkWriter {
  link(runId: string, link: Omit<Link, 'at'>): Promise<void>
  linkOnce(runId: string, link: Omit<Link, 'at'>): Promise<void>
  /** To be written with the next flush. */
  later(runId: string, link: Link): void
  /** @throws what the database said */
  flush(): Promise<void>
  /** Writes the sentence of runs that the memory does not hold. */
  summarizeRows(ids: readonly string[], endText?: string): Promise<void>
}

/** @param options.retry links wait: a flush is due when the database may be back */
export function createLinkWriter(options: {
  db: Kysely<Database>
  log: Logger
  records: ReadonlyMap<string, RunRecord>
  touch: (record: RunRecord) => void
  retry: () => void
}): LinkWriter {
  const { db, log, records, touch, retry } = options
  const waiting: { runId: string; link: Link }[] = []

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

  const link: LinkWriter['link'] = async (runId, one) => {
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
      waiting.push({ runId, link: whole })
      retry()
      return
    }
    if (!record) await summarizeRows([runId]).catch((error) => log.warn({ runId, reason: messageOf(error) }, 'the sentence of a run is older than its links'))
  }

  return {
    link,
    async linkOnce(runId, one) {
      const isSame = (other: Link) => other.kind === one.kind && other.id === one.id
      if (records.get(runId)?.links.some(isSame) || waiting.some((each) => each.runId === runId && isSame(each.link))) return
      const isThere = await hasLink(db, runId, one)
      if (!isThere) await link(runId, one)
    },
    later: (runId, one) => void waiting.push({ runId, link: one }),
    async flush() {
      while (waiting.length) {
        const batch = waiting.slice(0, LINKS_PER_STATEMENT)
        await insertLinks(db, batch)
        waiting.splice(0, batch.length)
        const elsewhere = new Set(batch.map(({ runId }) => runId).filter((runId) => !records.has(runId)))
        if (elsewhere.size) await summarizeRows([...elsewhere])
      }
    },
    summarizeRows,
  }
}
