/** An inspection as it is now: its results (entered here, or measured elsewhere since it began), and what it lacks. */
import { type Selectable, sql } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import {
  type Inspection,
  type InspectionMove,
  type InspectionPlan,
  type InspectionResult,
  type InspectionSummary,
  keyOf,
  lacksOf,
  type Measurement,
  piecesOf,
  resultsNeeded,
} from '../../api/index.ts'
import type { Caller } from '../../auth/caller.ts'
import type { Database } from '../../store/index.ts'
import type { Db, QualityCore } from '../contract.ts'
import { isOfCounts } from '../definition.ts'

export type InspectionRow = Selectable<Database['inspection']>
export type PlanRow = Selectable<Database['inspectionPlan']>

/** @throws UserError inspection-not-found */
export async function findInspection(db: Db, id: string, isLocked = false): Promise<InspectionRow> {
  let query = db.selectFrom('inspection').selectAll().where('id', '=', id)
  if (isLocked) query = query.forUpdate()
  const row = await query.executeTakeFirst()
  if (!row) throw new UserError({ code: 'inspection-not-found', status: 404, message: 'There is no such inspection. Choose one from the list.' })
  return row
}

/** @throws UserError inspection-signed */
export function mustBeOpen(row: InspectionRow): void {
  if (row.state !== 'open')
    throw new UserError({
      code: 'inspection-signed',
      status: 409,
      message: `${row.number} is not open any more: somebody has put their name to it, or withdrawn it. Open it again first.`,
      details: { state: row.state },
    })
}

/** @throws UserError inspection-plan-not-found */
export async function findPlan(db: Db, id: string, isLocked = false): Promise<PlanRow> {
  let query = db.selectFrom('inspectionPlan').selectAll().where('id', '=', id)
  if (isLocked) query = query.forUpdate()
  const row = await query.executeTakeFirst()
  if (!row) throw new UserError({ code: 'inspection-plan-not-found', status: 404, message: 'There is no such inspection plan. Choose one from the list.' })
  return row
}

export const toPlan = ({ id, revision, definition, by, changedAt }: PlanRow): InspectionPlan => ({ id, revision, definition, by, at: changedAt.toISOString() })

export function toSummary(row: Omit<InspectionRow, 'forms' | 'signed'>): InspectionSummary {
  const {
    id,
    number,
    state,
    revision,
    planId,
    planRevision,
    part,
    partName,
    isFirstArticle,
    serials,
    lot,
    quantity,
    workOrder,
    openedBy,
    openedAt,
    changedAt,
  } = row
  return {
    id,
    number,
    state,
    revision,
    planId,
    planRevision,
    part,
    partName,
    isFirstArticle,
    serials,
    quantity,
    openedBy,
    ...(lot === null ? {} : { lot }),
    ...(workOrder === null ? {} : { workOrder }),
    openedAt: openedAt.toISOString(),
    changedAt: changedAt.toISOString(),
  }
}

export async function planOf(db: Db, { planId, planRevision }: Pick<InspectionRow, 'planId' | 'planRevision'>): Promise<InspectionPlan['definition']> {
  const { definition } = await db
    .selectFrom('inspectionPlanRevision')
    .select('definition')
    .where('planId', '=', planId)
    .where('revision', '=', planRevision)
    .executeTakeFirstOrThrow()
  return definition
}

/** What is there by now, whether or not it was signed meanwhile: in the order of the balloons. */
export async function resultsOf(
  core: Pick<QualityCore, 'measurements'>,
  db: Db,
  row: InspectionRow,
  plan: InspectionPlan['definition'],
): Promise<InspectionResult[]> {
  const entered = await db
    .selectFrom('inspectionResult')
    .selectAll()
    .distinctOn(['balloon', 'piece'])
    .where('inspectionId', '=', row.id)
    .orderBy('balloon')
    .orderBy('piece')
    .orderBy('n', 'desc')
    .execute()
  const byKey = new Map(entered.map((result) => [keyOf(result.balloon, result.piece), result]))
  const measured = plan.balloons.flatMap(({ characteristicId }) => (characteristicId === undefined ? [] : [characteristicId]))
  // a gauge, a flow or a form elsewhere may have measured the part: its serial number says so
  const { rows: elsewhere } =
    measured.length && row.serials.length
      ? await sql<{ id: string; characteristicId: string; serial: string }>`
          select distinct on ("characteristicId", "partSerial") id, "characteristicId", "partSerial" as serial from measurement
          where "characteristicId" = any(${measured}) and "partSerial" = any(${row.serials}) and "enteredAt" >= ${row.openedAt}
          order by "characteristicId", "partSerial", seq desc`.execute(db)
      : { rows: [] }
  const collected = new Map(elsewhere.map(({ id, characteristicId, serial }) => [keyOf(characteristicId, row.serials.indexOf(serial) + 1), id]))
  const ids = [...new Set([...entered.flatMap(({ measurementId }) => measurementId ?? []), ...collected.values()])]
  const measurements = new Map<string, Measurement>()
  if (ids.length) for (const one of await core.measurements({ ids, limit: ids.length }, db)) measurements.set(one.id, one)

  return plan.balloons.flatMap((balloon) =>
    Array.from({ length: piecesOf(balloon, row.quantity) }, (_, index) => index + 1).flatMap((piece): InspectionResult[] => {
      const mine = byKey.get(keyOf(balloon.number, piece))
      const elsewhereId =
        balloon.kind === 'measured' && balloon.characteristicId !== undefined ? collected.get(keyOf(balloon.characteristicId, piece)) : undefined
      const measurementId = balloon.kind === 'measured' ? (mine?.measurementId ?? elsewhereId) : undefined
      const measurement = measurementId === undefined ? undefined : measurements.get(measurementId)
      const isConforming = balloon.kind === 'measured' ? measurement?.isInTolerance : mine?.isConforming
      if (isConforming === undefined || isConforming === null) return []
      const by = mine?.by ?? measurement?.by
      return [
        {
          balloon: balloon.number,
          piece,
          isConforming,
          origin: mine ? 'entered' : 'collected',
          ...(measurement ? { measurementId: measurement.id, value: measurement.value } : {}),
          ...(measurement?.corrections ? { isCorrected: true } : {}),
          ...(mine?.text ? { text: mine.text } : {}),
          ...(mine?.tooling ? { tooling: mine.tooling } : {}),
          ...(mine?.nonconformance ? { nonconformance: mine.nonconformance } : {}),
          ...(by === undefined ? {} : { by }),
          at: mine ? mine.at.toISOString() : (measurement?.at ?? row.openedAt.toISOString()),
        },
      ]
    }),
  )
}

const FROM: Record<InspectionMove, readonly InspectionRow['state'][]> = {
  verify: ['open'],
  accept: ['verified'],
  reject: ['verified'],
  reopen: ['verified'],
  withdraw: ['open', 'verified'],
}
export const isPossible = (move: InspectionMove, state: InspectionRow['state']): boolean => FROM[move].includes(state)

export type WhyNot = NonNullable<Inspection['moves'][number]['whyNot']>
/** Why the caller may not do it, apart from the state. */
export function whyNot(
  move: InspectionMove,
  row: InspectionRow,
  facts: { plan: InspectionPlan['definition']; isComplete: boolean },
  caller: Pick<Caller, 'capabilities' | 'userId' | 'via'>,
): WhyNot | undefined {
  const decides = move === 'accept' || move === 'reject'
  if (decides && !caller.capabilities.has('quality.approve')) return 'right'
  if (!caller.capabilities.has('quality.enter')) return 'right'
  // an API token could be anybody: a name under an inspection is a person's
  if ((decides || move === 'verify') && caller.via !== 'session') return 'in-person'
  if (move === 'verify' && !facts.isComplete) return 'incomplete'
  if (decides && facts.plan.needsSecondPerson && row.verifiedById === caller.userId) return 'same-person'
  return undefined
}

/** All that a page shows of it. */
export async function viewOf(
  core: Pick<QualityCore, 'measurements' | 'characteristics'>,
  db: Db,
  row: InspectionRow,
  caller: Pick<Caller, 'capabilities' | 'userId' | 'via'>,
): Promise<Inspection> {
  const plan = await planOf(db, row)
  const [now, acts, characteristics] = await Promise.all([
    resultsOf(core, db, row, plan),
    db.selectFrom('inspectionAct').select(['revision', 'act', 'by', 'reason', 'at']).where('inspectionId', '=', row.id).orderBy('revision').execute(),
    core.characteristics([...new Set(plan.balloons.flatMap(({ characteristicId }) => characteristicId ?? []))], db),
  ])
  const results = row.state === 'open' ? now : (row.signed ?? now)
  const lacks = lacksOf({ plan, quantity: row.quantity, serials: row.serials, forms: row.forms, results })
  const nowOf = new Map(now.map((result) => [keyOf(result.balloon, result.piece), result]))
  const isComplete = lacks.length === 0
  return {
    ...toSummary(row),
    plan,
    characteristics: characteristics.map(({ id, definition: { name, unit, decimals, nominal, lower, upper, gaugeId, asks, chart } }) => ({
      id,
      name,
      unit,
      decimals,
      nominal,
      lower,
      upper,
      asks,
      isCount: isOfCounts(chart),
      ...(gaugeId === undefined ? {} : { gaugeId }),
    })),
    forms: row.forms,
    results,
    lacks,
    needed: resultsNeeded(plan, row.quantity),
    acts: acts.map(({ revision, act, by, reason, at }) => ({
      revision,
      act: act as Inspection['acts'][number]['act'],
      by,
      at: at.toISOString(),
      ...(reason === null ? {} : { reason }),
    })),
    changedSince: results.flatMap(({ balloon, piece, value, measurementId }) => {
      if (row.state === 'open' || measurementId === undefined) return []
      const live = nowOf.get(keyOf(balloon, piece))
      if (live?.measurementId !== measurementId || live.value === value) return []
      return [{ balloon, piece, ...(live.value === undefined ? {} : { value: live.value }) }]
    }),
    moves: (Object.keys(FROM) as InspectionMove[])
      .filter((move) => isPossible(move, row.state))
      .map((move) => {
        const problem = whyNot(move, row, { plan, isComplete }, caller)
        return { move, ...(problem === undefined ? {} : { whyNot: problem }) }
      }),
  }
}
