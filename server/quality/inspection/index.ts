/**
 * Inspections: begun by a person or a flow, filled with what was measured and found, signed, decided. README.md says what is promised.
 */
import { sql } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/log.ts'
import type { RpcHandlers } from '../../../base/rpc.ts'
import {
  addInspectionResult,
  getInspection,
  getInspectionReport,
  listInspections,
  moveInspection,
  resultsNeeded,
  saveInspectionForms,
  startInspection,
} from '../../api/index.ts'
import type { Audit } from '../../audit/contract.ts'
import type { Caller } from '../../auth/caller.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { LiveHub } from '../../http/live-hub.ts'
import type { Orchestration } from '../../orchestration/contract.ts'
import type { gatewayRpc } from '../../runtime/contract.ts'
import type { Store } from '../../store/index.ts'
import { type QualityCore, whoIs } from '../contract.ts'
import { createDecisions } from '../decisions.ts'
import { csvOf, type PdfDocument, pdfOf, sendReport } from '../reports/index.ts'
import { createChanges } from './changes.ts'
import { inspectionDocument, inspectionRows } from './fai-report.ts'
import { createPlans } from './plans.ts'
import { findInspection, findPlan, planOf, resultsOf, toSummary, viewOf } from './read.ts'
import { createResults } from './results.ts'
import { INSPECTION_EVENT, type InspectionNow } from './runtime-contract.ts'

type Asks = Pick<RpcHandlers<typeof gatewayRpc>['requests'], 'startInspection' | 'inspectionNow'>

export interface InspectionPart {
  routes: RouteHandler[]
  rpc: { requests: Asks }
  /** Tells flows what was decided while nobody could be told. After `orchestration.start`. */
  start(): Promise<void>
  close(): void
}

export interface InspectionDeps {
  store: Pick<Store, 'db'>
  log: Logger
  live: Pick<LiveHub, 'provide' | 'publish'>
  audit: Audit
  core: Pick<QualityCore, 'enter' | 'measurements' | 'characteristics'>
  steps: Pick<Orchestration, 'raiseEvent'>
  /** Whose reports they are. */
  shop: () => string
  /** @defaultValue the computer's */
  clock?: () => Date
}

export function createInspections(deps: InspectionDeps): InspectionPart {
  const { log, live, audit, core, steps, shop, clock = () => new Date() } = deps
  const { db } = deps.store
  const changes = createChanges({ db, core, clock })
  const results = createResults({ db, core, clock })
  const decisions = createDecisions({ db, log, steps, table: 'inspection', event: INSPECTION_EVENT })
  let count = 0
  live.provide('quality-inspections', () => ({ revision: count }))
  const changed = (id: string) => {
    count += 1
    live.publish('quality-inspections', { revision: count, id })
  }

  const view = async (id: string, caller: Caller) => viewOf(core, db, await findInspection(db, id), caller)

  const now = async (id: string): Promise<InspectionNow> => {
    const row = await findInspection(db, id)
    const plan = await planOf(db, row)
    const results = row.signed ?? (await resultsOf(core, db, row, plan))
    const decided = ['accepted', 'rejected', 'withdrawn'].includes(row.state)
      ? await db
          .selectFrom('inspectionAct')
          .select(['by', 'at', 'reason'])
          .where('inspectionId', '=', id)
          .where('act', 'in', ['accept', 'reject', 'withdraw'])
          .orderBy('revision', 'desc')
          .limit(1)
          .executeTakeFirst()
      : undefined
    const conforming = results.filter(({ isConforming }) => isConforming).length
    return {
      id,
      number: row.number,
      state: row.state,
      conforming,
      nonconforming: results.length - conforming,
      needed: resultsNeeded(plan, row.quantity),
      ...(decided ? { by: decided.by, at: decided.at.toISOString(), ...(decided.reason === null ? {} : { reason: decided.reason }) } : {}),
    }
  }

  return {
    routes: [
      ...createPlans({ db, core, audit }),
      handle(listInspections, async ({ query }) => {
        const { open, planId, search, before, limit } = query
        let rows = db.selectFrom('inspection').selectAll()
        if (open) rows = rows.where('state', 'in', ['open', 'verified'])
        if (planId !== undefined) rows = rows.where('planId', '=', planId)
        for (const word of (search ?? '').toLowerCase().split(/\s+/).filter(Boolean)) rows = rows.where('words', 'like', `%${word.replace(/[\\%_]/g, '\\$&')}%`)
        if (before !== undefined)
          rows = rows.where(sql<boolean>`("openedAt", id) < (select last."openedAt", last.id from inspection last where last.id = ${before})`)
        return (await rows.orderBy('openedAt', 'desc').orderBy('id', 'desc').limit(limit).execute()).map(toSummary)
      }),
      handle(getInspection, ({ params, caller }) => view(params.id, caller)),
      handle(startInspection, async ({ body, caller }) => {
        const plan = await findPlan(db, body.planId)
        const { row, isNew } = await changes.begin({ ...body, plan, key: `${caller.userId} ${body.key}`, who: whoIs(caller) })
        if (isNew) {
          changed(row.id)
          audit.record({ caller, action: 'inspection.start', target: row.number, detail: { id: row.id, part: row.part } })
        }
        return viewOf(core, db, row, caller)
      }),
      handle(addInspectionResult, async ({ params: { id }, body, caller }) => {
        if (await results.add(id, body, whoIs(caller))) changed(id)
        return view(id, caller)
      }),
      handle(saveInspectionForms, async ({ params: { id }, body, caller }) => {
        const row = await changes.saveForms(id, body, caller)
        if (row.revision !== body.revision) changed(id)
        return viewOf(core, db, row, caller)
      }),
      handle(moveInspection, async ({ params: { id }, body, caller }) => {
        const row = await changes.move(id, body, caller)
        audit.record({ caller, action: `inspection.${body.move}`, target: row.number, detail: { id, state: row.state, reason: body.reason } })
        changed(id)
        decisions.tellSoon(row)
        return viewOf(core, db, row, caller)
      }),
      handle(getInspectionReport, async ({ params: { id }, query: { format, language, paper }, caller, response }) => {
        const inspection = await view(id, caller)
        const name = `${inspection.number} ${inspection.part}`
        if (format === 'csv') return sendReport(response, { name, type: 'csv', body: await csvOf(inspectionRows(inspection)) })
        const document: PdfDocument = inspectionDocument(inspection, { language, paper, shop: shop(), by: caller.name, at: clock() })
        return sendReport(response, { name, type: 'pdf', body: await pdfOf(document) })
      }),
    ],
    rpc: {
      requests: {
        async startInspection({ nodeId, key, part, partRevision, isFirstArticle, ...rest }) {
          let plans = db
            .selectFrom('inspectionPlan')
            .selectAll()
            .where('part', '=', part)
            .where('isRetired', '=', false)
            .where(sql<boolean>`(definition ->> 'isFirstArticle')::boolean = ${isFirstArticle}`)
          if (partRevision !== undefined) plans = plans.where(sql<boolean>`coalesce(definition ->> 'partRevision', '') = ${partRevision}`)
          const plan = await plans.orderBy('changedAt', 'desc').limit(1).executeTakeFirst()
          if (!plan)
            throw new UserError({
              code: 'inspection-plan-not-found',
              status: 404,
              message: `There is no ${isFirstArticle ? 'first-article plan' : 'inspection plan'} for the part "${part}"${partRevision ? ` in revision ${partRevision}` : ''}. Make one under Quality, Inspection.`,
            })
          const { row, isNew } = await changes.begin({ ...rest, plan, nodeId, key: `flow ${nodeId} ${key}`, who: { name: 'Flow' } })
          if (isNew) {
            changed(row.id)
            audit.record({
              who: 'flow',
              via: 'system',
              action: 'inspection.start',
              target: row.number,
              detail: { id: row.id, part: row.part, nodeId, runId: rest.runId },
            })
          }
          return now(row.id)
        },
        inspectionNow: ({ id }) => now(id),
      },
    },
    start: decisions.start,
    close: decisions.close,
  }
}
