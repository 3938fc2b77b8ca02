/**
 * Inspections: begun by a person or a flow, filled with what was measured and found, signed, decided. README.md says what is promised.
 */
import { sql, type Transaction } from 'kysely'
import { messageOf, UserError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import type { Logger } from '../../../base/log.ts'
import type { RpcHandlers } from '../../../base/rpc.ts'
import {
  addInspectionResult,
  type Balloon,
  getInspection,
  getInspectionReport,
  type InspectionForms,
  type InspectionMove,
  type InspectionPlanDefinition,
  lacksOf,
  listInspections,
  moveInspection,
  piecesOf,
  resultsNeeded,
  saveInspectionForms,
  startInspection,
} from '../../api/index.ts'
import { numberingOf, numberText } from '../../api/quality/documents/numbering.ts'
import { sameJson } from '../../api/same-json.ts'
import type { Audit } from '../../audit/contract.ts'
import type { Caller } from '../../auth/caller.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { LiveHub } from '../../http/live-hub.ts'
import type { Orchestration } from '../../orchestration/contract.ts'
import type { gatewayRpc } from '../../runtime/contract.ts'
import { type Database, json, type Store } from '../../store/index.ts'
import { type QualityCore, type Who, whoIs } from '../contract.ts'
import { csvOf, type PdfDocument, pdfOf, sendReport } from '../reports/index.ts'
import { inspectionDocument, inspectionRows } from './fai-report.ts'
import { createPlans } from './plans.ts'
import { findInspection, findPlan, type InspectionRow, isPossible, type PlanRow, planOf, resultsOf, toSummary, viewOf, whyNot } from './read.ts'
import { INSPECTION_EVENT, type InspectionNow } from './runtime-contract.ts'

/** What a flow was not told yet, since the gateway ended in between, is looked for so often. */
const TELL_EVERY_MS = 60_000

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

interface Begin {
  plan: PlanRow
  key: string
  who: Who
  serials: string[]
  lot?: string | undefined
  quantity: number
  workOrder?: string | undefined
  runId?: string | undefined
  nodeId?: string | undefined
}

export function createInspections(deps: InspectionDeps): InspectionPart {
  const { log, live, audit, core, steps, shop, clock = () => new Date() } = deps
  const { db } = deps.store
  let changes = 0
  let telling: NodeJS.Timeout | undefined
  live.provide('quality-inspections', () => ({ revision: changes }))
  const changed = (id: string) => {
    changes += 1
    live.publish('quality-inspections', { revision: changes, id })
  }

  /** @returns the inspection of that key, and whether it is new */
  const begin = async ({ plan, key, who, serials, lot, quantity, workOrder, runId, nodeId }: Begin): Promise<{ row: InspectionRow; isNew: boolean }> => {
    const { definition } = plan
    if (serials.length > quantity)
      throw new UserError({
        code: 'serials-too-many',
        message: `There are ${serials.length} serial numbers for ${quantity} parts. Say how many parts are inspected.`,
      })
    const now = clock()
    const begun = await db.transaction().execute(async (tx) => {
      // who comes twice at once waits here, and then finds it: a number is never taken in vain
      await sql`select pg_advisory_xact_lock(hashtext('inspection'), hashtext(${key}))`.execute(tx)
      const there = await tx.selectFrom('inspection').selectAll().where('key', '=', key).executeTakeFirst()
      if (there) return { row: there, isNew: false }
      if (plan.isRetired)
        throw new UserError({
          code: 'inspection-plan-retired',
          message: `The plan of ${plan.part} is not used any more. Choose another, or take it back into use.`,
        })
      const id = newId('ins')
      const number = await takeNumber(tx, definition.isFirstArticle, now)
      const forms: InspectionForms = { one: { assembly: [] }, two: definition.product }
      const row = await tx
        .insertInto('inspection')
        .values({
          id,
          number,
          planId: plan.id,
          planRevision: plan.revision,
          state: 'open',
          revision: 1,
          part: definition.part,
          partName: definition.partName,
          isFirstArticle: definition.isFirstArticle,
          serials,
          lot: lot ?? null,
          quantity,
          workOrder: workOrder ?? null,
          forms: json(forms),
          words: [number, definition.part, definition.partName, lot, workOrder, ...serials].filter(Boolean).join(' ').toLowerCase(),
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
      await act(tx, row, { act: 'open', who })
      return { row, isNew: true }
    })
    if (begun.isNew) changed(begun.row.id)
    return begun
  }

  const act = (
    tx: Transaction<Database>,
    { id, revision }: Pick<InspectionRow, 'id' | 'revision'>,
    what: { act: string; who: Who; reason?: string | undefined; forms?: InspectionForms },
  ) =>
    tx
      .insertInto('inspectionAct')
      .values({
        inspectionId: id,
        revision,
        act: what.act,
        reason: what.reason?.trim() || null,
        by: what.who.name,
        byId: what.who.id ?? null,
        at: clock(),
        ...(what.forms === undefined ? {} : { forms: json(what.forms) }),
      })
      .execute()

  /** The row for a change that was decided on its revision. */
  const locked = async (tx: Transaction<Database>, id: string, revision: number): Promise<InspectionRow> => {
    const row = await findInspection(tx, id, true)
    if (row.revision === revision) return row
    throw new UserError({
      code: 'inspection-changed',
      status: 409,
      message: `Somebody else has changed ${row.number} meanwhile. Look at what is there now, then do it again.`,
      details: { revision: row.revision },
    })
  }
  const stillOpen = (row: InspectionRow): void => {
    if (row.state !== 'open')
      throw new UserError({
        code: 'inspection-signed',
        status: 409,
        message: `${row.number} is not open any more: somebody has put their name to it, or withdrawn it. Open it again first.`,
        details: { state: row.state },
      })
  }

  const view = async (id: string, caller: Caller) => viewOf(core, db, await findInspection(db, id), caller)

  const tell = async (row: Pick<InspectionRow, 'id' | 'revision'>): Promise<void> => {
    await steps.raiseEvent({ id: `${row.id}-${row.revision}`, name: INSPECTION_EVENT, key: row.id })
    await db.updateTable('inspection').set({ isTold: true }).where('id', '=', row.id).where('revision', '=', row.revision).execute()
  }
  const tellAll = async () => {
    for (const row of await db.selectFrom('inspection').select(['id', 'revision']).where('isTold', '=', false).limit(500).execute()) await tell(row)
  }

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

  const move = async (
    id: string,
    { move: name, revision, reason }: { move: InspectionMove; revision: number; reason?: string | undefined },
    caller: Caller,
  ): Promise<InspectionRow> =>
    db.transaction().execute(async (tx) => {
      const row = await locked(tx, id, revision)
      if (!isPossible(name, row.state))
        throw new UserError({
          code: 'move-not-possible',
          status: 409,
          message: `${row.number} is in the state “${row.state}”, from which “${name}” does not lead on. Look at it again.`,
          details: { state: row.state, move: name },
        })
      const plan = await planOf(tx, row)
      const results = row.signed ?? (await resultsOf(core, tx, row, plan))
      const lacks = lacksOf({ plan, quantity: row.quantity, serials: row.serials, forms: row.forms, results })
      const problem = whyNot(name, row, { plan, isComplete: lacks.length === 0 }, caller)
      if (problem === 'incomplete')
        throw new UserError({
          code: 'inspection-incomplete',
          message: `${row.number} is not complete: ${lacks.length} entries are missing. The list beside it says which.`,
          details: { lacks: lacks.slice(0, 50) },
        })
      if (problem !== undefined) throw refused(problem, row)
      const isConcession = name === 'accept' && results.some(({ isConforming }) => !isConforming)
      if (name !== 'verify' && name !== 'accept' && !reason?.trim())
        throw new UserError({ code: 'reason-missing', message: 'Say why: it stands in the history of the inspection.' })
      if (isConcession && !reason?.trim())
        throw new UserError({
          code: 'reason-missing',
          message: 'Some results do not conform. Say why the part is accepted all the same, e.g. the number of the concession.',
        })
      const state = ({ verify: 'verified', accept: 'accepted', reject: 'rejected', reopen: 'open', withdraw: 'withdrawn' } as const)[name]
      const next = await tx
        .updateTable('inspection')
        .set({
          state,
          revision: revision + 1,
          changedAt: clock(),
          ...(name === 'verify' ? { signed: json(results), verifiedById: caller.userId } : {}),
          ...(name === 'reopen' ? { signed: null, verifiedById: null } : {}),
          ...(state === 'accepted' || state === 'rejected' || state === 'withdrawn' ? { isTold: false } : {}),
        })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow()
      await act(tx, next, { act: name, who: whoIs(caller), reason })
      return next
    })

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
        const { row, isNew } = await begin({ ...body, plan, key: `${caller.userId} ${body.key}`, who: whoIs(caller) })
        if (isNew) audit.record({ caller, action: 'inspection.start', target: row.number, detail: { id: row.id, part: row.part } })
        return viewOf(core, db, row, caller)
      }),
      handle(addInspectionResult, async ({ params: { id }, body, caller }) => {
        const {
          resultId,
          balloon: number,
          piece,
          value,
          size,
          gaugeId,
          machineId,
          program,
          tool,
          measurementId,
          isConforming,
          text,
          tooling,
          nonconformance,
        } = body
        const row = await findInspection(db, id)
        const again = await db.selectFrom('inspectionResult').select(['inspectionId', 'balloon', 'piece']).where('id', '=', resultId).executeTakeFirst()
        if (again) {
          if (again.inspectionId === id && again.balloon === number && again.piece === piece) return view(id, caller)
          throw new UserError({ code: 'result-id-used', status: 409, message: 'This id was used for another result. Each result has an id of its own.' })
        }
        stillOpen(row)
        const plan = await planOf(db, row)
        const balloon = balloonOf(plan, number, piece, row.quantity)
        const who = whoIs(caller)
        const result = { balloon: number, piece, text, tooling, nonconformance }
        const keep = async (tx: Transaction<Database>, more: { measurementId?: string; isConforming?: boolean }) => {
          stillOpen(await findInspection(tx, id, true))
          await tx
            .insertInto('inspectionResult')
            .values({
              id: resultId,
              inspectionId: id,
              balloon: number,
              piece,
              measurementId: more.measurementId ?? null,
              isConforming: more.isConforming ?? null,
              text: result.text ?? null,
              tooling: result.tooling ?? null,
              nonconformance: result.nonconformance ?? null,
              by: who.name,
              byId: who.id ?? null,
              at: clock(),
            })
            .execute()
        }
        if (balloon.kind === 'attribute') {
          const said = isConforming ?? (await latest(id, number, piece))?.isConforming
          if (said === undefined || said === null) throw missing('Say whether it conforms: this balloon is judged, not measured.')
          await db.transaction().execute((tx) => keep(tx, { isConforming: said }))
        } else if (value !== undefined) {
          const serial = row.serials[piece - 1]
          await core.enter(
            {
              entryId: resultId,
              characteristicId: balloon.characteristicId ?? '',
              values: [value],
              source: 'form',
              ...(size === undefined ? {} : { size }),
              ...(serial === undefined ? {} : { serial }),
              ...(row.lot === null ? {} : { lot: row.lot }),
              ...(row.workOrder === null ? {} : { workOrder: row.workOrder }),
              ...(gaugeId === undefined ? {} : { gaugeId }),
              ...(machineId === undefined ? {} : { machineId }),
              ...(program === undefined ? {} : { program }),
              ...(tool === undefined ? {} : { tool }),
              ...(text === undefined ? {} : { comment: text }),
            },
            who,
            // the measurement and its place in the inspection are there together, or neither
            (tx, { measurements: [measured] }) => (measured ? keep(tx as Transaction<Database>, { measurementId: measured.id }) : Promise.resolve()),
          )
        } else {
          // what is there gets a number of a nonconformance, a note, or another measurement
          const results = await resultsOf(core, db, row, plan)
          const there = measurementId ?? results.find((one) => one.balloon === number && one.piece === piece)?.measurementId
          if (there === undefined) throw missing('Enter the value, or choose a measurement that is there: this balloon is measured.')
          await checkMeasurement(there, balloon)
          await db.transaction().execute((tx) => keep(tx, { measurementId: there }))
        }
        changed(id)
        return view(id, caller)
      }),
      handle(saveInspectionForms, async ({ params: { id }, body: { forms, revision }, caller }) => {
        const row = await db.transaction().execute(async (tx) => {
          const before = await locked(tx, id, revision)
          stillOpen(before)
          if (sameJson(before.forms, forms)) return before
          const next = await tx
            .updateTable('inspection')
            .set({ forms: json(forms), revision: revision + 1, changedAt: clock() })
            .where('id', '=', id)
            .returningAll()
            .executeTakeFirstOrThrow()
          await act(tx, next, { act: 'forms', who: whoIs(caller), forms })
          return next
        })
        if (row.revision !== revision) changed(id)
        return viewOf(core, db, row, caller)
      }),
      handle(moveInspection, async ({ params: { id }, body, caller }) => {
        const row = await move(id, body, caller)
        audit.record({ caller, action: `inspection.${body.move}`, target: row.number, detail: { id, state: row.state, reason: body.reason } })
        changed(id)
        if (!row.isTold)
          tell(row).catch((error) => log.warn({ inspection: row.number, reason: messageOf(error) }, 'flows could not be told of a decision yet; tried again'))
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
          const { row, isNew } = await begin({ ...rest, plan, nodeId, key: `flow ${nodeId} ${key}`, who: { name: 'Flow' } })
          if (isNew)
            audit.record({
              who: 'flow',
              via: 'system',
              action: 'inspection.start',
              target: row.number,
              detail: { id: row.id, part: row.part, nodeId, runId: rest.runId },
            })
          return now(row.id)
        },
        inspectionNow: ({ id }) => now(id),
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

  async function latest(inspectionId: string, balloon: string, piece: number) {
    return db
      .selectFrom('inspectionResult')
      .select('isConforming')
      .where('inspectionId', '=', inspectionId)
      .where('balloon', '=', balloon)
      .where('piece', '=', piece)
      .orderBy('n', 'desc')
      .limit(1)
      .executeTakeFirst()
  }

  async function checkMeasurement(id: string, balloon: Balloon): Promise<void> {
    const found = await db.selectFrom('measurement').select('characteristicId').where('id', '=', id).executeTakeFirst()
    if (!found) throw new UserError({ code: 'measurement-not-found', status: 404, message: 'There is no such measurement.' })
    if (found.characteristicId !== balloon.characteristicId)
      throw new UserError({
        code: 'measurement-of-another',
        message: `This measurement is of another characteristic than balloon ${balloon.number}. Choose one of its own.`,
      })
  }
}

function balloonOf(plan: InspectionPlanDefinition, number: string, piece: number, quantity: number): Balloon {
  const balloon = plan.balloons.find((one) => one.number === number)
  if (!balloon) throw new UserError({ code: 'balloon-not-found', status: 404, message: `The plan has no balloon ${number}.` })
  if (piece > piecesOf(balloon, quantity))
    throw new UserError({
      code: 'balloon-not-found',
      status: 404,
      message: `Balloon ${number} is looked at on ${piecesOf(balloon, quantity)} parts, not on part ${piece}.`,
    })
  return balloon
}

/** Counted up in the transaction that begins the inspection: no gap when it fails, and nobody gets the same one. */
async function takeNumber(tx: Transaction<Database>, isFirstArticle: boolean, at: Date): Promise<string> {
  const numbering = numberingOf(isFirstArticle ? 'FAIR-{YYYY}-{####}' : 'INS-{YYYY}-{####}', String(at.getFullYear()))
  const { last } = await tx
    .insertInto('qualityNumber')
    .values({ scope: `${numbering.before}\n${numbering.after}`, last: 1 })
    .onConflict((conflict) => conflict.column('scope').doUpdateSet((e) => ({ last: e('qualityNumber.last', '+', 1) })))
    .returning('last')
    .executeTakeFirstOrThrow()
  return numberText(numbering, Number(last))
}

const missing = (message: string) => new UserError({ code: 'result-missing', message })

function refused(problem: 'right' | 'same-person' | 'in-person', { number }: InspectionRow): UserError {
  switch (problem) {
    case 'right':
      return new UserError({ code: 'not-allowed', status: 403, message: 'Your role does not include the right to do this.' })
    case 'same-person':
      return new UserError({ code: 'own-signature', status: 403, message: `You have verified ${number} yourself: a second person has to decide on it.` })
    case 'in-person':
      return new UserError({
        code: 'approve-in-person',
        status: 403,
        message: `Only somebody who is signed in themselves can put their name to ${number}: an API token could be anybody. Open it in a browser.`,
      })
    default:
      return problem satisfies never
  }
}
