/** A result of one balloon on one part: judged, measured here, or a measurement that is there. */
import type { Transaction } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import { type addInspectionResult, type Balloon, type BodyOf, type InspectionPlanDefinition, piecesOf } from '../../api/index.ts'
import type { Database, Store } from '../../store/index.ts'
import type { QualityCore, Who } from '../contract.ts'
import { findInspection, mustBeOpen, planOf, resultsOf } from './read.ts'

type Given = BodyOf<typeof addInspectionResult>

export interface InspectionResults {
  /**
   * A measured value and its place in the inspection are there together, or neither.
   * @returns whether it is new: the same id again is the same result
   * @throws UserError `result-id-used`, `inspection-signed`, `balloon-not-found`, `result-missing`, `measurement-not-found`, `measurement-of-another`
   */
  add(inspectionId: string, given: Given, who: Who): Promise<boolean>
}

export function createResults(deps: { db: Store['db']; core: Pick<QualityCore, 'enter' | 'measurements'>; clock: () => Date }): InspectionResults {
  const { db, core, clock } = deps

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

  return {
    async add(id, body, who) {
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
        if (again.inspectionId === id && again.balloon === number && again.piece === piece) return false
        throw new UserError({ code: 'result-id-used', status: 409, message: 'This id was used for another result. Each result has an id of its own.' })
      }
      mustBeOpen(row)
      const plan = await planOf(db, row)
      const balloon = balloonOf(plan, number, piece, row.quantity)
      const result = { balloon: number, piece, text, tooling, nonconformance }
      const keep = async (tx: Transaction<Database>, more: { measurementId?: string; isConforming?: boolean }) => {
        mustBeOpen(await findInspection(tx, id, true))
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
      return true
    },
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

const missing = (message: string) => new UserError({ code: 'result-missing', message })
