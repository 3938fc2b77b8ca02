/** Inspection plans and their revisions. */
import type { Transaction } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import {
  changeInspectionPlan,
  createInspectionPlan,
  getInspectionPlan,
  type InspectionPlanDefinition,
  listInspectionPlans,
  planProblem,
} from '../../api/index.ts'
import type { Audit } from '../../audit/contract.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import { type Database, json } from '../../store/index.ts'
import type { Db, QualityCore, Who } from '../contract.ts'
import { whoIs } from '../contract.ts'
import { findPlan, toPlan } from './read.ts'

export interface PlansDeps {
  db: Db
  core: Pick<QualityCore, 'characteristics'>
  audit: Audit
}

const PROBLEMS = {
  'balloon-twice': (balloon: string) => `There are two balloons with the number ${balloon}. Give each its own.`,
  'characteristic-missing': (balloon: string) => `Balloon ${balloon} is measured: choose the characteristic that its values belong to.`,
  'requirement-missing': (balloon: string) => `Balloon ${balloon} is judged by a person: write what it has to be like.`,
}

export function createPlans({ db, core, audit }: PlansDeps): RouteHandler[] {
  async function check(definition: InspectionPlanDefinition): Promise<void> {
    const problem = planProblem(definition)
    if (problem)
      throw new UserError({
        code: 'inspection-plan-invalid',
        message: PROBLEMS[problem.code](problem.balloon),
        details: { problem: problem.code, balloon: problem.balloon },
      })
    const ids = [...new Set(definition.balloons.flatMap(({ characteristicId }) => characteristicId ?? []))]
    const there = new Set((await core.characteristics(ids)).map(({ id }) => id))
    const missing = definition.balloons.find(({ characteristicId }) => characteristicId !== undefined && !there.has(characteristicId))
    if (missing)
      throw new UserError({
        code: 'characteristic-not-found',
        status: 404,
        message: `Balloon ${missing.number} names a characteristic that is not there. Choose one from the list.`,
      })
  }

  async function write(
    tx: Transaction<Database>,
    plan: { id: string; revision: number; definition: InspectionPlanDefinition; who: Who; reason: string },
  ): Promise<void> {
    const { id, revision, definition, who, reason } = plan
    await tx
      .insertInto('inspectionPlanRevision')
      .values({ planId: id, revision, definition: json(definition), by: who.name, byId: who.id ?? null, reason })
      .execute()
  }

  /** The same part, revision and kind has one plan at a time. */
  const exists = (error: unknown, { part }: InspectionPlanDefinition): never => {
    if ((error as { code?: string; constraint?: string }).code === '23505' && (error as { constraint?: string }).constraint === 'inspectionPlan_of')
      throw new UserError({
        code: 'inspection-plan-exists',
        status: 409,
        message: `There is a plan of this kind for ${part} in this revision already. Change that one, or retire it.`,
      })
    throw error
  }

  return [
    handle(listInspectionPlans, async ({ query }) => {
      let rows = db.selectFrom('inspectionPlan').selectAll()
      if (!query.retired) rows = rows.where('isRetired', '=', false)
      return (await rows.orderBy('part').orderBy('id').limit(2000).execute()).map(toPlan)
    }),
    handle(getInspectionPlan, async ({ params }) => {
      const plan = await findPlan(db, params.id)
      const revisions = await db.selectFrom('inspectionPlanRevision').selectAll().where('planId', '=', params.id).orderBy('revision', 'desc').execute()
      return {
        plan: toPlan(plan),
        revisions: revisions.map(({ revision, definition, by, reason, at }) => ({ revision, definition, by, reason, at: at.toISOString() })),
      }
    }),
    handle(createInspectionPlan, async ({ body: { definition, reason = 'First revision' }, caller }) => {
      await check(definition)
      const who = whoIs(caller)
      const id = newId('inp')
      await db
        .transaction()
        .execute(async (tx) => {
          await tx
            .insertInto('inspectionPlan')
            .values({ id, revision: 1, part: definition.part, definition: json(definition), isRetired: definition.isRetired, by: who.name })
            .execute()
          await write(tx, { id, revision: 1, definition, who, reason })
        })
        .catch((error: unknown) => exists(error, definition))
      audit.record({ caller, action: 'inspection-plan.add', target: definition.part, detail: { id } })
      return toPlan(await findPlan(db, id))
    }),
    handle(changeInspectionPlan, async ({ params: { id }, body: { definition, revision, reason }, caller }) => {
      await check(definition)
      const who = whoIs(caller)
      await db
        .transaction()
        .execute(async (tx) => {
          const before = await findPlan(tx, id, true)
          if (before.revision !== revision)
            throw new UserError({
              code: 'inspection-plan-changed',
              status: 409,
              message: `${before.by} has changed this plan meanwhile. Look at what is there now, then do it again.`,
              details: { revision: before.revision },
            })
          const next = {
            revision: revision + 1,
            part: definition.part,
            definition: json(definition),
            isRetired: definition.isRetired,
            by: who.name,
            changedAt: new Date(),
          }
          await tx.updateTable('inspectionPlan').set(next).where('id', '=', id).execute()
          await write(tx, { id, revision: revision + 1, definition, who, reason })
        })
        .catch((error: unknown) => exists(error, definition))
      audit.record({ caller, action: 'inspection-plan.change', target: definition.part, detail: { id, revision: revision + 1, reason } })
      return toPlan(await findPlan(db, id))
    }),
  ]
}
