/**
 * Documents of a quality management system: nonconformance reports, CAPA, 8D, control plans. The row says where a document stands; each
 * change of it is a revision that stays, written in the same transaction. README.md says what is promised.
 */
import { sql } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/log.ts'
import type { RpcHandlers } from '../../../base/rpc.ts'
import {
  type DocumentRevision,
  getDocument,
  getDocumentList,
  getDocumentReport,
  getDocumentRevision,
  listDocumentRevisions,
  listDocuments,
  listDueDocuments,
  moveDocument,
  openDocument,
  proposeControlPlanRows,
  type QualityDocument,
  saveDocument,
} from '../../api/index.ts'
import { dueItems } from '../../api/quality/documents/complete.ts'
import { workflowOf } from '../../api/quality/documents/workflow.ts'
import type { Audit } from '../../audit/contract.ts'
import type { Caller } from '../../auth/caller.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { LiveHub } from '../../http/live-hub.ts'
import type { Orchestration } from '../../orchestration/contract.ts'
import type { gatewayRpc } from '../../runtime/contract.ts'
import type { Store } from '../../store/index.ts'
import type { KeptVersions } from '../../versions/index.ts'
import { whoIs } from '../contract.ts'
import { createDecisions } from '../decisions.ts'
import { csvOf, pdfOf, sendReport } from '../reports/index.ts'
import { createChanges, mayWriteKind } from './changes.ts'
import { createNumbering } from './numbering.ts'
import { dayOf } from './numbers.ts'
import { rowsOfPart } from './plan-rows.ts'
import { documentContent, documentWords, listRows } from './report.ts'
import { chosenDocuments, contentOf, type DocumentRow, findDocument, toDocument, toRevision, toSummary } from './rows.ts'
import { NONCONFORMANCE_EVENT, type NonconformanceNow } from './runtime-contract.ts'

const MOST_LISTED = 10_000

type Asks = Pick<RpcHandlers<typeof gatewayRpc>['requests'], 'openNonconformance' | 'nonconformanceNow'>

export interface DocumentsPart {
  routes: RouteHandler[]
  rpc: { requests: Asks }
  /** Tells flows what was decided while nobody could be told. After `orchestration.start`. */
  start(): Promise<void>
  close(): void
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
  const changes = createChanges({ db, clock })
  const numbering = createNumbering({ db, audit, versions, clock })
  const decisions = createDecisions({ db, log, steps, table: 'qualityDocument', event: NONCONFORMANCE_EVENT })
  let count = 0
  live.provide('quality-documents', () => ({ revision: count }))
  const changed = (id: string) => {
    count += 1
    live.publish('quality-documents', { revision: count, id })
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
        const { row, isNew } = await changes.open({ ...body, key: `${caller.userId} ${body.key}`, who: whoIs(caller) })
        if (isNew) {
          changed(row.id)
          audit.record({ caller, action: 'quality-document.open', target: row.number, detail: { kind: row.kind, id: row.id } })
        }
        return view(row, caller)
      }),
      handle(saveDocument, async ({ params, body, caller }) => {
        const row = await changes.save(params.id, body, caller)
        if (row.revision !== body.revision) {
          audit.record({ caller, action: 'quality-document.change', target: row.number, detail: { revision: row.revision, reason: body.reason } })
          changed(row.id)
        }
        return view(row, caller)
      }),
      handle(moveDocument, async ({ params, body, caller }) => {
        const row = await changes.move(params.id, body, caller)
        const sense = workflowOf(row.kind).moves[body.move]?.sense
        const action = sense === 'yes' ? 'quality-document.approve' : sense === 'no' ? 'quality-document.refuse' : 'quality-document.move'
        audit.record({ caller, action, target: row.number, detail: { move: body.move, state: row.state, revision: row.revision, reason: body.reason } })
        changed(row.id)
        decisions.tellSoon(row)
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
      ...numbering.routes,
    ],
    rpc: {
      requests: {
        async openNonconformance({ nodeId, runId, key, content }) {
          const { row, isNew } = await changes.open({ kind: 'ncr', content, key: `flow ${nodeId} ${key}`, who: { name: 'Flow' }, runId, nodeId })
          if (isNew) {
            changed(row.id)
            audit.record({
              who: 'flow',
              via: 'system',
              action: 'quality-document.open',
              target: row.number,
              detail: { kind: 'ncr', id: row.id, nodeId, runId },
            })
          }
          return nonconformance(row.id)
        },
        nonconformanceNow: ({ id }) => nonconformance(id),
      },
    },
    start: decisions.start,
    close: decisions.close,
  }
}
