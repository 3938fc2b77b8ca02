/** Acceptance sampling: plans and their series, lots and their verdicts. */
import { newId } from '../../../base/ids.ts'
import {
  beginLot,
  changeSamplingPlan,
  correctLot,
  createSamplingPlan,
  exportLots,
  getLot,
  getSamplingPlan,
  judgeLot,
  type Lot,
  listLots,
  listSamplingPlans,
  type SamplingDefinition,
  setSeverity,
  withdrawLot,
} from '../../api/index.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import { json } from '../../store/index.ts'
import { type Db, type Who, whoIs } from '../contract.ts'
import { csvOf, sendReport } from '../reports/index.ts'
import type { LotsCore, LotsDeps } from './contract.ts'
import { lotById, lotsOf, planRow, plansOf, planView, revisionsOf, severityChanges, standing } from './read.ts'
import { aqlForCounts, movedOn, planChanged, planExists } from './refusals.ts'
import { samplingRequests } from './rpc.ts'
import { LOT_EVENT } from './runtime-contract.ts'
import { countedAnew, setTo } from './series.ts'
import { createLotWork, lockPlan } from './work.ts'

/** As a file: the newest so many. */
const MOST_EXPORTED = 20_000
/** AQLs up to here count nonconforming items as well. */
const LARGEST_AQL_OF_ITEMS = 10

export interface LotsPart {
  routes: RouteHandler[]
  rpc: { requests: ReturnType<typeof samplingRequests> }
  /** Tells waiting flows of lots that were decided when nobody could. */
  start(): Promise<void>
  core: LotsCore
}

export function createLots({ db, audit, live, log, steps, happenedWithin }: LotsDeps): LotsPart {
  const changed = () => live.publish('quality', { kind: 'changed', what: 'sampling' })
  const raise = async (lotId: string) => void (await steps.raiseEvent({ id: `${lotId}-decided`, name: LOT_EVENT, key: lotId }))
  // what could not be told is told at the next start: flows wait in the database
  const decided = (lotId: string) => void raise(lotId).catch((error: unknown) => log.warn({ err: error, lotId }, 'flows that wait for a lot could not be told'))
  const work = createLotWork({ db, happenedWithin, changed, decided })

  async function savePlan(
    within: Db,
    { planId, revision, definition, reason }: { planId: string; revision: number; definition: SamplingDefinition; reason: string },
    who: Who,
  ) {
    if (definition.counts === 'items' && definition.aql > LARGEST_AQL_OF_ITEMS) throw aqlForCounts(definition.aql)
    const { name, isRetired } = definition
    const other = (await plansOf(within, { retired: false })).find((plan) => plan.id !== planId && plan.definition.name.toLowerCase() === name.toLowerCase())
    if (other && !isRetired) throw planExists(other.definition.name)
    await within
      .insertInto('samplingPlanRevision')
      .values({ planId, revision, name, isRetired, definition: json(definition), reason, by: who.name, byId: who.id ?? null })
      .execute()
  }

  const routes = [
    handle(listSamplingPlans, ({ query }) => plansOf(db, { retired: query.retired })),
    handle(getSamplingPlan, async ({ params: { id } }) => ({
      plan: await planView(db, id),
      changes: await severityChanges(db, id),
      revisions: await revisionsOf(db, id),
    })),
    handle(createSamplingPlan, async ({ body: { definition, reason = 'Planned' }, caller }) => {
      const planId = newId('spl')
      await db.transaction().execute(async (within) => {
        await lockPlan(within, 'names')
        await savePlan(within, { planId, revision: 1, definition, reason }, whoIs(caller))
      })
      changed()
      audit.record({ caller, action: 'quality.sampling-plan', target: planId, detail: { name: definition.name, reason } })
      return planView(db, planId)
    }),
    handle(changeSamplingPlan, async ({ params: { id }, body: { definition, revision, reason }, caller }) => {
      const who = whoIs(caller)
      await db.transaction().execute(async (within) => {
        await lockPlan(within, 'names')
        await lockPlan(within, id)
        const before = await planRow(within, id)
        if (before.revision !== revision) throw planChanged()
        await savePlan(within, { planId: id, revision: revision + 1, definition, reason }, who)
        const { aql, level, edition, counts } = before.definition
        if (aql === definition.aql && level === definition.level && edition === definition.edition && counts === definition.counts) return
        const { place, state } = await standing(within, id)
        await within
          .insertInto('samplingEvent')
          .values({
            id: newId('sev'),
            planId: id,
            place: place + 1,
            kind: 'changed',
            defects: 'null',
            state: json(countedAnew(state)),
            text: reason,
            by: who.name,
            byId: who.id ?? null,
          })
          .execute()
      })
      changed()
      audit.record({ caller, action: 'quality.sampling-plan', target: id, detail: { name: definition.name, revision: revision + 1, reason } })
      return planView(db, id)
    }),
    handle(setSeverity, async ({ params: { id }, body: { severity, reason, place: seen }, caller }) => {
      const who = whoIs(caller)
      await db.transaction().execute(async (within) => {
        await lockPlan(within, id)
        const { definition } = await planRow(within, id)
        const { place, state } = await standing(within, id)
        if (place !== seen) throw movedOn()
        const next = setTo(severity, state, definition)
        await within
          .insertInto('samplingEvent')
          .values({
            id: newId('sev'),
            planId: id,
            place: place + 1,
            kind: 'set',
            defects: 'null',
            state: json(next),
            text: reason,
            by: who.name,
            byId: who.id ?? null,
          })
          .execute()
      })
      changed()
      audit.record({ caller, action: 'quality.sampling-severity', target: id, detail: { severity, reason } })
      return planView(db, id)
    }),
    handle(beginLot, ({ params: { id }, body, caller }) => work.begin({ planId: id, ...body }, whoIs(caller))),
    handle(listLots, ({ query }) => lotsOf(db, query)),
    handle(getLot, ({ params: { id } }) => lotById(db, id)),
    handle(judgeLot, ({ params: { id }, body, caller }) => work.judge(id, body, whoIs(caller))),
    handle(correctLot, async ({ params: { id }, body, caller }) => {
      const lot = await work.correct(id, body, whoIs(caller))
      audit.record({ caller, action: 'quality.lot-correct', target: id, detail: { lot: lot.number, nonconforming: body.nonconforming, reason: body.reason } })
      return lot
    }),
    handle(withdrawLot, async ({ params: { id }, body: { reason }, caller }) => {
      const lot = await work.withdraw(id, reason, whoIs(caller))
      audit.record({ caller, action: 'quality.lot-withdraw', target: id, detail: { lot: lot.number, reason } })
      return lot
    }),
    handle(exportLots, async ({ query: { planId }, response }) => {
      const lots = (await lotsOf(db, { ...(planId === undefined ? {} : { planId }), limit: MOST_EXPORTED })).reverse()
      sendReport(response, { name: 'lots', type: 'csv', body: await csvOf(lotRows(lots)) })
    }),
  ]
  return {
    routes,
    rpc: { requests: samplingRequests({ db, work }) },
    core: work,
    async start() {
      const waiting = await db.selectFrom('step').select('key').distinct().where('state', '=', 'waiting').where('key', 'like', `${LOT_EVENT}\n%`).execute()
      for (const { key } of waiting) {
        const [lot] = await lotsOf(db, { id: key?.slice(LOT_EVENT.length + 1) ?? '', limit: 1 })
        if (lot && lot.state !== 'open') await raise(lot.id)
      }
    },
  }
}

function* lotRows(lots: readonly Lot[]) {
  const head = 'plan,lot,submission,size,severity,level,aql,letter,sample,accept,reject,state,nonconforming,defects,counts,switch,by,begun,judged,comment'
  yield head.split(',')
  for (const { planName, number, submission, size, sampling, state, result, withdrawn, by, at, comment } of lots)
    yield [
      planName,
      number,
      submission,
      size,
      sampling.severity,
      sampling.level,
      sampling.aql,
      sampling.planLetter,
      sampling.sample,
      sampling.accept,
      sampling.reject,
      state,
      result?.nonconforming,
      result?.defects.map(({ kind, count }) => `${kind}: ${count}`).join('; '),
      result?.counts,
      result?.switchReason,
      result?.by ?? withdrawn?.by ?? by,
      at,
      result?.at ?? withdrawn?.at,
      withdrawn?.reason ?? result?.comment ?? comment,
    ]
}
