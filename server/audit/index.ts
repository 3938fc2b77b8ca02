/** The audit log: who did what from where, chained, signed, searched, exported, kept for as long as the shop says. README.md beside this file. */
import { once } from 'node:events'
import type { Response } from 'express'
import type { Kysely } from 'kysely'
import { messageOf, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { type AuditState, type AuditVerdict, exportAudit, getAuditState, listAudit, setAuditRetention, verifyAudit } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Database } from '../store/index.ts'
import type { KeptVersions } from '../versions/index.ts'
import type { Audit } from './contract.ts'
import { CSV_HEAD, csvLine, entryLine, headerLine } from './files.ts'
import { type AuditFilter, entriesOf, isFiltered, listEntries, verifyChain } from './read.ts'
import { readRule, trimAudit } from './retention.ts'
import { readCheckpoints, readHead } from './rows.ts'
import { auditKey, fingerprintOf } from './signing.ts'
import { createTrail } from './trail.ts'
import { openWitness } from './witness.ts'

const TRIM_EVERY_MS = 3_600_000
const DAY_MS = 86_400_000
const SETTING = { kind: 'setting', subject: 'audit-retention' } as const

export interface AuditPart extends Audit {
  readonly handlers: readonly RouteHandler[]
  /** Resolves when everything recorded so far is written. */
  written(): Promise<void>
  /** Removes from time to time what is too old. */
  start(): void
  /** Writes what is left, for at most two seconds; what then remains goes to the log. */
  close(): Promise<void>
}

export function createAudit(options: {
  db: Kysely<Database>
  log: Logger
  secrets: Pick<Secrets, 'derive'>
  versions: Pick<KeptVersions, 'keep' | 'own'>
  /** Where this host remembers the end of the chain. */
  witnessFile?: string
}): AuditPart {
  const { db, log, versions } = options
  const key = auditKey(options.secrets)
  const witness = openWitness({ file: options.witnessFile, log })
  const trail = createTrail({ db, log, key, witness })
  let lastVerdict: AuditVerdict | undefined
  let timer: NodeJS.Timeout | undefined
  let queue: Promise<unknown> = Promise.resolve()
  /** Verifying and removing, one at a time. */
  const oneAtATime = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work)
    queue = result.catch(() => {})
    return result
  }
  const remembered = () => (witness.last ? [{ ...witness.last, by: 'this host' }] : [])

  const trim = (): Promise<void> =>
    oneAtATime(async () => {
      const rule = await readRule(db)
      if (!rule?.maxAgeDays) return
      const oldest = await db.selectFrom('audit').select('at').orderBy('seq').limit(1).executeTakeFirst()
      if (!oldest || oldest.at.getTime() >= Date.now() - rule.maxAgeDays * DAY_MS) return
      const verdict = await verifyChain(db, key.publicKey, remembered())
      if (verdict.problem && verdict.problem.kind !== 'repaired') {
        log.error({ problem: verdict.problem }, 'nothing was removed from the audit log: its chain is broken')
        return
      }
      await trimAudit({ db, key, log })
    })
  const trimInBackground = () =>
    void trim().catch((error) => log.warn({ reason: messageOf(error) }, 'old entries of the audit log could not be removed; tried again later'))

  const state = async (): Promise<AuditState> => {
    const [head, checkpoints, rule, oldest] = await Promise.all([
      readHead(db),
      readCheckpoints(db),
      readRule(db),
      db.selectFrom('audit').select('at').orderBy('seq').limit(1).executeTakeFirst(),
    ])
    return {
      entries: head.seq - (checkpoints.at(-1)?.upTo ?? 0),
      ...(oldest ? { oldestAt: oldest.at.toISOString() } : {}),
      head: { seq: head.seq, hash: head.hash },
      fingerprint: fingerprintOf(key.publicKey),
      ...(lastVerdict ? { lastVerdict } : {}),
      checkpoints,
      maxAgeDays: rule?.maxAgeDays ?? null,
      ...(rule ? { setBy: rule.by, setAt: rule.at.toISOString() } : {}),
    }
  }
  const setRetention = async (maxAgeDays: number | null, caller: Caller, from?: { reason?: string | undefined; versionId?: string }): Promise<void> => {
    const values = { maxAgeDays, by: caller.name, at: new Date() }
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto('auditRetention')
        .values({ id: 1, ...values })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
        .execute()
      await versions.keep(tx, {
        ...SETTING,
        title: 'How long the audit log is kept',
        content: { maxAgeDays },
        author: caller,
        reason: from?.reason,
        restoredFrom: from?.versionId,
      })
    })
    trail.record({ caller, action: 'audit.retention', target: 'audit log', detail: { maxAgeDays, ...(from?.reason ? { reason: from.reason } : {}) } })
    trimInBackground()
  }
  versions.own(SETTING, {
    sees: 'audit.view',
    changes: 'audit.keep',
    async restore({ caller, version, reason }) {
      const { maxAgeDays } = version.content as { maxAgeDays: number | null }
      await setRetention(maxAgeDays, caller, { reason, versionId: version.id })
    },
  })

  async function send(response: Response, filter: AuditFilter, format: 'jsonl' | 'csv', by: string): Promise<void> {
    const head = await readHead(db)
    response
      .status(200)
      .setHeader('Content-Type', format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8')
      .setHeader('Content-Disposition', `attachment; filename="audit-${new Date().toISOString().slice(0, 10)}.${format}"`)
      .setHeader('Cache-Control', 'no-store')
    const begin =
      format === 'csv'
        ? CSV_HEAD
        : headerLine({
            isWhole: !isFiltered(filter),
            exportedAt: new Date().toISOString(),
            by,
            publicKey: key.publicKey,
            head,
            checkpoints: await readCheckpoints(db),
          })
    response.write(begin)
    for await (const entry of entriesOf(db, filter, head.seq)) {
      if (response.destroyed) return
      if (!response.write(format === 'csv' ? csvLine(entry) : entryLine(entry))) await Promise.race([once(response, 'drain'), once(response, 'close')])
    }
    response.end()
  }

  return {
    record: trail.record,
    written: trail.written,
    start() {
      trimInBackground()
      timer = setInterval(trimInBackground, TRIM_EVERY_MS)
      timer.unref()
    },
    handlers: [
      handle(listAudit, ({ query }) => {
        requireOrder(query)
        return listEntries(db, query)
      }),
      handle(exportAudit, async ({ query: { format, ...filter }, caller, response }) => {
        requireOrder(filter)
        await trail.written()
        await send(response, filter, format, caller.name)
        trail.record({ caller, action: 'audit.export', target: 'audit log', detail: { format, ...filter } })
      }),
      handle(verifyAudit, ({ body, caller }) =>
        oneAtATime(async () => {
          await trail.written()
          lastVerdict = await verifyChain(db, key.publicKey, [...remembered(), ...(body.expect ? [{ ...body.expect, by: caller.name }] : [])])
          if (lastVerdict.problem) log.error({ problem: lastVerdict.problem }, 'the audit log is not whole')
          return lastVerdict
        }),
      ),
      handle(getAuditState, state),
      handle(setAuditRetention, async ({ body, caller }) => {
        await setRetention(body.maxAgeDays, caller, { reason: body.reason })
        return state()
      }),
    ],
    async close() {
      clearInterval(timer)
      await trail.close()
    },
  }
}

/** @throws UserError invalid-input */
function requireOrder({ from, to }: AuditFilter): void {
  if (from !== undefined && to !== undefined && Date.parse(from) > Date.parse(to))
    throw new UserError({ code: 'invalid-input', status: 400, message: 'The beginning of the time is after its end. Exchange the two.' })
}
