/** Writes entries in the background, in order and each once, kept in memory (up to a bound) while the database is away. */
import type { Kysely } from 'kysely'
import { messageOf, OperationalError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { AuditHead } from '../api/audit.ts'
import type { AuditAction } from '../api/audit-actions.ts'
import type { Database } from '../store/index.ts'
import { json } from '../store/index.ts'
import { type AuditContent, atText } from './chain.ts'
import type { Audit } from './contract.ts'
import { append, lockHead } from './rows.ts'
import { type AuditKey, headText, isSigned } from './signing.ts'
import type { Witness } from './witness.ts'

const MAX_KEPT = 20_000
/** A hash takes some microseconds, and the gateway's loop carries every stop. */
const MAX_BATCH = 100
const RETRY_MS = 1000

export interface Trail extends Audit {
  /** Resolves when everything recorded so far is written. */
  written(): Promise<void>
  /** Writes what is left, for at most two seconds; what then remains goes to the log. */
  close(): Promise<void>
}

/** PostgreSQL's text has no U+0000, and halves of surrogate pairs would be stored as another character than was hashed. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed()
/** Of somebody who is not signed in yet: where they tried from is a detail of what they tried. */
const addressIn = (detail: unknown): AuditContent['origin'] => {
  const address = (detail as { address?: unknown } | null | undefined)?.address
  return typeof address === 'string' ? { address } : null
}
const storableJson = (value: unknown): unknown => {
  if (value === undefined || value === null) return null
  try {
    return JSON.parse(json(value)) as unknown
  } catch (error) {
    // what was done counts more than what could not be said about it
    return { unsayable: messageOf(error) }
  }
}

export function createTrail({ db, log, key, witness }: { db: Kysely<Database>; log: Logger; key: AuditKey; witness: Witness }): Trail {
  const kept: AuditContent[] = []
  let lost = 0
  let writing: Promise<void> | undefined
  let isAway = false
  let isClosed = false
  let isRollbackTold = false
  let wake: () => void = () => {}

  /** What this gateway writes about the log itself. */
  const own = (action: AuditAction, detail: unknown): AuditContent => {
    const now = new Date()
    return { id: newId('aud'), at: atText(now), who: 'Cellwright', whoId: null, via: 'system', origin: null, action, target: 'audit log', detail }
  }
  /** The chain goes on in any case; that it was not as it was left is an entry of it. */
  const findingsOf = (head: AuditHead, lastHash: string | undefined): AuditContent[] => {
    const { seq, hash, signature } = head
    const found: AuditContent[] = []
    // signed for the first time: from before there were signatures, unless this host remembers one
    const isFirst = signature === null && witness.last === undefined
    if (!isFirst && !isSigned(headText(head), signature, key.publicKey)) found.push(own('audit.head-unsigned', { seq, hash }))
    if (lastHash !== undefined && lastHash !== hash) found.push(own('audit.head-elsewhere', { seq, hash, found: lastHash }))
    const isRolledBack = witness.last !== undefined && witness.last.seq > seq
    if (isRolledBack && !isRollbackTold) found.push(own('audit.rolled-back', { seq, remembered: witness.last?.seq }))
    isRollbackTold = isRolledBack
    for (const { action, detail } of found) log.error({ action, detail }, 'the audit log is not as it was left')
    return found
  }

  const writeBatch = (batch: readonly AuditContent[], isAgain: boolean): Promise<AuditHead> =>
    db.transaction().execute(async (tx) => {
      const head = await lockHead(tx)
      let entries = batch
      if (isAgain) {
        // an answer may have been lost on the way back: what is there already is not written again
        const ids = batch.map(({ id }) => id)
        const there = new Set((await tx.selectFrom('audit').select('id').where('id', 'in', ids).execute()).map(({ id }) => id))
        entries = batch.filter(({ id }) => !there.has(id))
        if (!entries.length) return head
      }
      const last = await tx.selectFrom('audit').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1).executeTakeFirst()
      // behind whatever is there: a row that somebody has put in must not end the log
      return append(tx, last && last.seq > head.seq ? last : head, [...findingsOf(head, last?.hash), ...entries], key)
    })

  const isPassing = (error: unknown) => error instanceof OperationalError
  const write = async () => {
    let isAgain = false
    let size = MAX_BATCH
    while (kept.length) {
      const batch = kept.slice(0, size)
      try {
        const head = await writeBatch(batch, isAgain)
        witness.saw(head)
        kept.splice(0, batch.length)
        isAgain = false
        size = MAX_BATCH
        if (isAway) log.info('the audit trail is written again')
        isAway = false
      } catch (error) {
        isAgain = true
        if (!isPassing(error) && !isClosed) {
          // one that the database does not take must not hold up all the others: found by writing them one by one
          if (size > 1) {
            size = 1
            continue
          }
          const [entry] = kept.splice(0, 1)
          log.error({ err: error, entry }, 'audit entry kept in the log only: the database refuses it')
          kept.unshift(own('audit.entry-refused', { id: entry?.id, action: entry?.action }))
          size = MAX_BATCH
          if (entry?.action !== 'audit.entry-refused') continue
          kept.splice(0, 1)
        }
        if (!isAway) log.warn({ err: error }, 'the audit trail cannot be written now and waits in memory')
        isAway = true
        if (isClosed) return
        await new Promise<void>((resolve) => {
          wake = resolve
          setTimeout(resolve, RETRY_MS).unref()
        })
      }
    }
  }
  const start = () => {
    writing ??= write().finally(() => {
      writing = undefined
    })
    return writing
  }

  return {
    record({ caller, who, via, action, target, detail }) {
      const entry: AuditContent = {
        id: newId('aud'),
        at: atText(new Date()),
        who: storable(who ?? caller?.userName ?? 'nobody'),
        whoId: caller ? storable(caller.userId) : null,
        via: storable(via ?? caller?.via ?? 'system'),
        origin: storableJson(caller?.origin ?? addressIn(detail)) as AuditContent['origin'],
        action: storable(action),
        target: target === undefined ? null : storable(target),
        detail: storableJson(detail),
      }
      if (kept.length >= MAX_KEPT) {
        // the log is the last place that keeps it
        lost += 1
        log.error({ entry, lost }, 'audit entry kept in the log only: the database has been away too long')
        return
      }
      kept.push(entry)
      // not in the caller's own turn: recording must not delay what is recorded
      setImmediate(start)
    },
    written: async () => {
      await new Promise((resolve) => setImmediate(resolve))
      while (writing) await writing
    },
    async close() {
      isClosed = true
      wake()
      await Promise.race([start(), new Promise((resolve) => setTimeout(resolve, 2000).unref())])
      for (const entry of kept) log.error({ entry }, 'audit entry kept in the log only: the database was away at the end')
      await witness.close()
    },
  }
}
