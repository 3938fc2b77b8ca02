/**
 * Documents of a quality management system: nonconformance reports, CAPA, 8D, control plans. The row says where a document stands; each
 * change of it is a revision that stays, written in the same transaction. README.md says what is promised.
 */
import { sql, type Transaction } from 'kysely'
import { messageOf, UserError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import type { Logger } from '../../../base/log.ts'
import type { RpcHandlers } from '../../../base/rpc.ts'
import {
  DOCUMENT_KINDS,
  type DocumentKind,
  type DocumentNumbering,
  type DocumentRevision,
  getDocument,
  getDocumentList,
  getDocumentReport,
  getDocumentRevision,
  type KindAndContent,
  listDocumentNumbering,
  listDocumentRevisions,
  listDocuments,
  listDueDocuments,
  moveDocument,
  openDocument,
  proposeControlPlanRows,
  type QualityDocument,
  saveDocument,
  setDocumentNumbering,
} from '../../api/index.ts'
import { dueItems } from '../../api/quality/documents/complete.ts'
import { isFinal, type MoveName, workflowOf } from '../../api/quality/documents/workflow.ts'
import { sameJson } from '../../api/same-json.ts'
import type { Audit } from '../../audit/contract.ts'
import type { Caller } from '../../auth/caller.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { LiveHub } from '../../http/live-hub.ts'
import type { Orchestration } from '../../orchestration/contract.ts'
import type { gatewayRpc } from '../../runtime/contract.ts'
import { type Database, json, type Store } from '../../store/index.ts'
import { type KeptVersions, requireContent } from '../../versions/index.ts'
import { type Who, whoIs } from '../contract.ts'
import { csvOf, pdfOf, sendReport } from '../reports/index.ts'
import { checkWrites, readContent, wordsOf } from './content.ts'
import { checkPattern, dayOf, numberingView, patternOf, takeNumber } from './numbers.ts'
import { rowsOfPart } from './plan-rows.ts'
import { documentContent, documentWords, listRows } from './report.ts'
import { chosenDocuments, contentOf, type DocumentRow, findDocument, lacksOf, nextDay, toDocument, toRevision, toSummary, whyNot } from './rows.ts'
import { NONCONFORMANCE_EVENT, type NonconformanceNow } from './runtime-contract.ts'

/** What a flow was not told yet, since the gateway ended in between, is looked for so often. */
const TELL_EVERY_MS = 60_000
const MOST_LISTED = 10_000

type Asks = Pick<RpcHandlers<typeof gatewayRpc>['requests'], 'openNonconformance' | 'nonconformanceNow'>

export interface DocumentsPart {
  routes: RouteHandler[]
  rpc: { requests: Asks }
  /** Tells flows what was decided while nobody could be told. After `orchestration.start`. */
  start(): Promise<void>
  close(): void
}

interface Opening {
  kind: DocumentKind
  content: unknown
  key: string
  who: Who
  reason?: string | undefined
  runId?: string | undefined
  nodeId?: string | undefined
}

export function createDocuments(deps: {
  store: Pick<Store, 'db'>
  log: Logger
  live: LiveHub
  audit: Audit
  steps: Pick<Orchestration, 'raiseEvent'>
  versions: Pick<KeptVersions, 'keep' | 'own'>
  /** Whose reports they are, and what machines are called in them. */
  shop: () => string
  machines: () => readonly { id: string; name: string }[]
  /** @defaultValue the computer's */
  clock?: () => Date
}): DocumentsPart {
  const { log, live, audit, steps, versions, clock = () => new Date() } = deps
  const { db } = deps.store
  let changes = 0
  let telling: NodeJS.Timeout | undefined
  live.provide('quality-documents', () => ({ revision: changes }))
  const setPatterns = async (patterns: Readonly<Partial<Record<DocumentKind, string>>>, caller: Caller, reason: string | undefined, restoredFrom?: string) => {
    for (const pattern of Object.values(patterns)) checkPattern(pattern)
    await db.transaction().execute(async (tx) => {
      for (const [kind, pattern] of Object.entries(patterns) as [DocumentKind, string][])
        await tx
          .insertInto('qualityNumbering')
          .values({ kind, pattern })
          .onConflict((conflict) => conflict.column('kind').doUpdateSet({ pattern }))
          .execute()
      const content = Object.fromEntries(await Promise.all(DOCUMENT_KINDS.map(async (kind) => [kind, await patternOf(tx, kind)] as const)))
      await versions.keep(tx, {
        kind: 'setting',
        subject: 'quality-numbering',
        title: 'Numbers of documents of quality',
        content,
        author: caller,
        reason,
        ...(restoredFrom === undefined ? {} : { restoredFrom }),
      })
    })
    audit.record({ caller, action: 'quality-document.numbering', detail: { patterns, reason } })
  }
  versions.own(
    { kind: 'setting', subject: 'quality-numbering' },
    {
      sees: 'quality.view',
      changes: 'quality.edit',
      restore: ({ caller, version, reason }) => setPatterns(requireContent(version) as Partial<Record<DocumentKind, string>>, caller, reason, version.id),
    },
  )
  const changed = (id: string) => {
    changes += 1
    live.publish('quality-documents', { revision: changes, id })
  }

  /** Writes the next revision of a document together with where that leaves it. */
  const write = async (tx: Transaction<Database>, row: DocumentRow, next: Revision): Promise<DocumentRow> => {
    const { act, state, document, who, reason } = next
    const revision = row.revision + 1
    const isOver = isFinal(row.kind, state)
    const now = clock()
    const rule = act === 'save' ? undefined : workflowOf(row.kind).moves[act]
    await tx
      .insertInto('qualityDocumentRevision')
      .values({
        documentId: row.id,
        revision,
        state,
        act,
        content: json(document.content),
        by: who.name,
        byId: who.id ?? null,
        reason: reason?.trim() || null,
        at: now,
      })
      .execute()
    const hasDecided = row.kind === 'ncr' && (act === 'approve' || act === 'withdraw')
    return tx
      .updateTable('qualityDocument')
      .set({
        revision,
        state,
        content: json(document.content),
        words: wordsOf(row.number, document.content),
        machineId: machineOf(document),
        dueOn: nextDay(state, isOver, document),
        isFinal: isOver,
        changedAt: now,
        ...(act === 'save' ? {} : { since: now, askedBy: rule?.sense === 'ask' ? who.name : null, askedById: rule?.sense === 'ask' ? (who.id ?? null) : null }),
        ...(act === 'approve' && row.kind === 'control-plan' ? { releases: row.releases + 1 } : {}),
        ...(hasDecided ? { isTold: false } : {}),
      })
      .where('id', '=', row.id)
      .returningAll()
      .executeTakeFirstOrThrow()
  }

  /** @returns the document of that key, and whether it is new */
  const open = async ({ kind, content, key, who, reason, runId, nodeId }: Opening): Promise<{ row: DocumentRow; isNew: boolean }> => {
    const document = readContent(kind, content)
    const now = clock()
    const opened = await db.transaction().execute(async (tx) => {
      // who comes twice at once waits here, and then finds it: a number is never taken in vain
      await sql`select pg_advisory_xact_lock(hashtext('quality document'), hashtext(${key}))`.execute(tx)
      const there = await tx.selectFrom('qualityDocument').selectAll().where('key', '=', key).executeTakeFirst()
      if (there) return { row: there, isNew: false }
      const id = newId('qdc')
      const number = await takeNumber(tx, kind, now)
      const { begins } = workflowOf(kind)
      const row = await tx
        .insertInto('qualityDocument')
        .values({
          id,
          kind,
          number,
          state: begins,
          since: now,
          revision: 1,
          content: json(document.content),
          words: wordsOf(number, document.content),
          machineId: machineOf(document),
          dueOn: nextDay(begins, false, document),
          key,
          runId: runId ?? null,
          nodeId: nodeId ?? null,
          openedBy: who.name,
          openedById: who.id ?? null,
          openedAt: now,
          changedAt: now,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      await tx
        .insertInto('qualityDocumentRevision')
        .values({
          documentId: id,
          revision: 1,
          state: begins,
          act: 'open',
          content: json(document.content),
          by: who.name,
          byId: who.id ?? null,
          reason: reason?.trim() || null,
          at: now,
        })
        .execute()
      return { row, isNew: true }
    })
    if (opened.row.kind !== kind)
      throw new UserError({ code: 'document-key-used', status: 409, message: `This key was used for ${opened.row.number}, a document of another kind.` })
    if (opened.isNew) changed(opened.row.id)
    return opened
  }

  /** The row for a change that was decided on its revision. @throws UserError document-not-found, document-changed */
  const locked = async (tx: Transaction<Database>, id: string, revision: number): Promise<DocumentRow> => {
    const row = await findDocument(tx, id, true)
    if (row.revision === revision) return row
    throw new UserError({
      code: 'document-changed',
      status: 409,
      message: `Somebody else has changed ${row.number} meanwhile. Look at what is there now, then do it again.`,
      details: { revision: row.revision },
    })
  }

  const revisionsOf = async (id: string): Promise<DocumentRevision[]> => {
    const rows = await db
      .selectFrom('qualityDocumentRevision')
      .select(['revision', 'state', 'act', 'by', 'at', 'reason'])
      .where('documentId', '=', id)
      .orderBy('revision', 'desc')
      .execute()
    return rows.map(toRevision)
  }
  const view = (row: DocumentRow, caller: Caller): Promise<QualityDocument> => toDocument(db, row, caller, clock())
  const mayWriteKind = (kind: DocumentKind, caller: Caller) => {
    if (kind !== 'ncr' && !caller.capabilities.has('quality.edit'))
      throw new UserError({
        code: 'not-allowed',
        status: 403,
        message: 'With your role you may write nonconformance reports. Other documents of quality take the right to change quality.',
      })
  }

  const tell = async (row: Pick<DocumentRow, 'id' | 'number' | 'revision'>): Promise<void> => {
    await steps.raiseEvent({ id: `${row.id}-${row.revision}`, name: NONCONFORMANCE_EVENT, key: row.id })
    await db.updateTable('qualityDocument').set({ isTold: true }).where('id', '=', row.id).where('revision', '=', row.revision).execute()
  }
  const tellAll = async () => {
    for (const row of await db.selectFrom('qualityDocument').select(['id', 'number', 'revision']).where('isTold', '=', false).limit(500).execute())
      await tell(row)
  }
  /** What could not be told is told by the next look. */
  const tellSoon = (row: DocumentRow) => {
    if (row.isTold) return
    tell(row).catch((error) => log.warn({ document: row.number, reason: messageOf(error) }, 'flows could not be told of a decision yet; tried again'))
  }

  const move = async (row: DocumentRow, name: MoveName, caller: Caller, given: { reason?: string | undefined }, tx: Transaction<Database>) => {
    const rule = workflowOf(row.kind).moves[name]
    if (!rule?.from.includes(row.state))
      throw new UserError({
        code: 'move-not-possible',
        status: 409,
        message: `${row.number} is in the state “${row.state}”, from which “${name}” does not lead on. Look at it again.`,
        details: { state: row.state, move: name },
      })
    const problem = whyNot(row, rule, caller)
    if (problem !== undefined) throw refused(problem, row)
    if (rule.reason && !given.reason?.trim()) throw new UserError({ code: 'reason-missing', message: 'Say why: it stands in the history of the document.' })
    const document = contentOf(row)
    const missing = lacksOf(name, document)
    if (missing.length)
      throw new UserError({
        code: 'document-incomplete',
        message: `Before this, fill in what is missing in ${row.number}: ${missing.join(', ')}.`,
        details: { lacks: missing },
      })
    return write(tx, row, { act: name, state: rule.to, document, who: whoIs(caller), reason: given.reason })
  }

  const nonconformance = async (id: string): Promise<NonconformanceNow> => {
    const row = await findDocument(db, id)
    const { kind, content } = contentOf(row)
    if (kind !== 'ncr') throw new UserError({ code: 'document-not-found', status: 404, message: 'There is no nonconformance report with this id.' })
    const decided = await db
      .selectFrom('qualityDocumentRevision')
      .select(['by', 'at', 'reason'])
      .where('documentId', '=', id)
      .where('act', 'in', ['approve', 'withdraw'])
      .orderBy('revision', 'desc')
      .limit(1)
      .executeTakeFirst()
    const outcome = row.state === 'disposed' || row.state === 'closed' ? 'disposed' : row.state === 'withdrawn' ? 'withdrawn' : 'waits'
    return {
      id,
      number: row.number,
      state: row.state,
      outcome,
      dispositions: outcome === 'disposed' ? content.dispositions : [],
      ...(decided && outcome !== 'waits'
        ? { by: decided.by, at: decided.at.toISOString(), ...(decided.reason === null ? {} : { reason: decided.reason }) }
        : {}),
    }
  }

  return {
    routes: [
      handle(listDocuments, async ({ query }) => {
        const { before, limit } = query
        let rows = chosenDocuments(db, query, clock())
        if (before !== undefined)
          rows = rows.where(sql<boolean>`("openedAt", id) < (select last."openedAt", last.id from "qualityDocument" last where last.id = ${before})`)
        const now = clock()
        return (await rows.limit(limit).execute()).map((row) => toSummary(row, now))
      }),
      handle(getDocumentList, async ({ query, response }) => {
        const now = clock()
        const rows = await chosenDocuments(db, query, now).limit(MOST_LISTED).execute()
        sendReport(response, { name: `documents ${dayOf(now)}`, type: 'csv', body: await csvOf(listRows(rows.map((row) => toSummary(row, now)))) })
      }),
      handle(listDueDocuments, async ({ query }) => {
        const today = dayOf(clock())
        let rows = db
          .selectFrom('qualityDocument')
          .select(['id', 'number', 'kind', 'state', 'content'])
          .where('isFinal', '=', false)
          .where('dueOn', 'is not', null)
        if (query.overdue) rows = rows.where('dueOn', '<', today)
        const found = await rows.orderBy('dueOn').orderBy('number').limit(query.limit).execute()
        return found
          .flatMap((row) => {
            const document = contentOf(row)
            const { id, number, kind, state } = row
            return dueItems(state, document).map((item) => ({ id, number, kind, title: document.content.title, ...item, isOverdue: item.dueOn < today }))
          })
          .filter(({ isOverdue }) => isOverdue || !query.overdue)
          .sort((a, b) => (a.dueOn < b.dueOn ? -1 : a.dueOn > b.dueOn ? 1 : a.number.localeCompare(b.number)))
          .slice(0, query.limit)
      }),
      handle(getDocument, async ({ params, caller }) => view(await findDocument(db, params.id), caller)),
      handle(openDocument, async ({ body, caller }) => {
        mayWriteKind(body.kind, caller)
        // whose key it is belongs to it: another person's page cannot meet this one's document
        const { row, isNew } = await open({ ...body, key: `${caller.userId} ${body.key}`, who: whoIs(caller) })
        if (isNew) audit.record({ caller, action: 'quality-document.open', target: row.number, detail: { kind: row.kind, id: row.id } })
        return view(row, caller)
      }),
      handle(saveDocument, async ({ params, body, caller }) => {
        const row = await db.transaction().execute(async (tx) => {
          const before = await locked(tx, params.id, body.revision)
          mayWriteKind(before.kind, caller)
          const document = readContent(before.kind, body.content)
          if (sameJson(before.content, document.content)) return before
          checkWrites(before.kind, before.state, before.content, document.content)
          return write(tx, before, { act: 'save', state: before.state, document, who: whoIs(caller), reason: body.reason })
        })
        if (row.revision !== body.revision) {
          audit.record({ caller, action: 'quality-document.change', target: row.number, detail: { revision: row.revision, reason: body.reason } })
          changed(row.id)
        }
        return view(row, caller)
      }),
      handle(moveDocument, async ({ params, body, caller }) => {
        const row = await db.transaction().execute(async (tx) => move(await locked(tx, params.id, body.revision), body.move, caller, body, tx))
        const sense = workflowOf(row.kind).moves[body.move]?.sense
        const action = sense === 'yes' ? 'quality-document.approve' : sense === 'no' ? 'quality-document.refuse' : 'quality-document.move'
        audit.record({ caller, action, target: row.number, detail: { move: body.move, state: row.state, revision: row.revision, reason: body.reason } })
        changed(row.id)
        tellSoon(row)
        return view(row, caller)
      }),
      handle(listDocumentRevisions, async ({ params }) => {
        await findDocument(db, params.id)
        return revisionsOf(params.id)
      }),
      handle(getDocumentRevision, async ({ params }) => {
        await findDocument(db, params.id)
        const row = await db
          .selectFrom('qualityDocumentRevision')
          .selectAll()
          .where('documentId', '=', params.id)
          .where('revision', '=', params.revision)
          .executeTakeFirst()
        if (!row) throw new UserError({ code: 'revision-not-found', status: 404, message: 'The document has no such revision.' })
        return { ...toRevision(row), content: row.content as Record<string, unknown> }
      }),
      handle(getDocumentReport, async ({ params, query: { language, paper }, caller, response }) => {
        const row = await findDocument(db, params.id)
        const [document, revisions] = await Promise.all([view(row, caller), revisionsOf(row.id)])
        const at = clock()
        const body = await pdfOf({
          language,
          paper,
          orientation: row.kind === 'control-plan' ? 'landscape' : 'portrait',
          title: documentWords(language).kinds[row.kind],
          subject: document.title,
          number: row.number,
          shop: deps.shop(),
          by: caller.name,
          at,
          content: documentContent({ document, revisions, language, machines: new Map(deps.machines().map(({ id, name }) => [id, name])) }),
        })
        sendReport(response, { name: `${row.number} ${document.title}`, type: 'pdf', body })
      }),
      handle(proposeControlPlanRows, ({ query }) => rowsOfPart(db, query)),
      handle(listDocumentNumbering, () => Promise.all(DOCUMENT_KINDS.map((kind) => numberingView(db, kind, clock())))),
      handle(setDocumentNumbering, async ({ params: { kind }, body: { pattern, reason }, caller }): Promise<DocumentNumbering> => {
        await setPatterns({ [kind]: pattern }, caller, reason)
        return numberingView(db, kind, clock())
      }),
    ],
    rpc: {
      requests: {
        async openNonconformance({ nodeId, runId, key, content }) {
          const { row, isNew } = await open({ kind: 'ncr', content, key: `flow ${nodeId} ${key}`, who: { name: 'Flow' }, runId, nodeId })
          if (isNew)
            audit.record({
              who: 'flow',
              via: 'system',
              action: 'quality-document.open',
              target: row.number,
              detail: { kind: 'ncr', id: row.id, nodeId, runId },
            })
          return nonconformance(row.id)
        },
        nonconformanceNow: ({ id }) => nonconformance(id),
      },
    },
    async start() {
      await tellAll()
      telling = setInterval(() => {
        tellAll().catch((error) => log.warn({ reason: messageOf(error) }, 'flows could not be told of decisions yet; tried again'))
      }, TELL_EVERY_MS)
      telling.unref()
    },
    close: () => clearInterval(telling),
  }
}

interface Revision {
  act: MoveName | 'save'
  state: string
  document: KindAndContent
  who: Who
  reason?: string | undefined
}

const machineOf = ({ content }: KindAndContent): string | null => ('machineId' in content ? (content.machineId ?? null) : null)
function refused(problem: NonNullable<ReturnType<typeof whyNot>>, { number, askedBy }: DocumentRow): UserError {
  switch (problem) {
    case 'right':
      return new UserError({ code: 'not-allowed', status: 403, message: 'Your role does not include the right to do this.' })
    case 'own':
      return new UserError({ code: 'own-request', status: 403, message: `You asked for this yourself: a second person has to decide on ${number}.` })
    case 'in-person':
      return new UserError({
        code: 'approve-in-person',
        status: 403,
        message: `Only somebody who is signed in themselves can decide what ${askedBy ?? 'somebody'} asked for: an API token could be anybody. Open ${number} in a browser.`,
      })
  }
}
