/** Putting right what was entered wrong: a new row with its reason. The chart counts with it; what was entered stays. */
import { UserError } from '../../base/errors.ts'
import { correctMeasurement } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { json } from '../store/index.ts'
import { checkValues } from './checks.ts'
import { lockCharacteristic, type QualityContext } from './context.ts'
import { type Db, whoIs } from './contract.ts'
import { isWithin } from './enter.ts'
import { readPoints } from './points.ts'
import { type CharacteristicRow, readMeasurements, readSignals } from './rows.ts'

export function correctionRoutes(context: QualityContext): RouteHandler[] {
  const { store, charts, audit, counts } = context
  return [
    handle(correctMeasurement, async ({ params: { id }, body, caller }) => {
      const { correctionId, value, size, reason } = body
      const who = whoIs(caller)
      const found = await store.db.selectFrom('measurement').select(['characteristicId', 'characteristic', 'value']).where('id', '=', id).executeTakeFirst()
      if (!found) throw new UserError({ code: 'measurement-not-found', status: 404, message: 'There is no such measurement.' })
      const { characteristicId } = found
      if (characteristicId === null)
        throw new UserError({
          code: 'measurement-by-name',
          status: 409,
          message: 'This measurement is from before there was a list of characteristics, and of none of them: it is kept as it is.',
        })
      const isNew = await context.oneAtATime(characteristicId, () =>
        store.db.transaction().execute(async (tx) => {
          const row = await lockCharacteristic(tx, characteristicId)
          const earlier = await tx
            .selectFrom('measurementCorrection')
            .select(['measurementId', 'value', 'size'])
            .where('id', '=', correctionId)
            .executeTakeFirst()
          if (earlier) {
            if (earlier.measurementId === id && earlier.value === value && (size === undefined || earlier.size === size)) return false
            throw new UserError({
              code: 'entry-id-used',
              status: 409,
              message: 'This correction was made before with another value. Look at what is stored, then correct it anew.',
            })
          }
          const measurement = await tx.selectFrom('measurement').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
          const subgroup = measurement.subgroup ?? 0
          const [now] = await readMeasurements(tx, { ids: [id] })
          const newSize = size ?? now?.size ?? measurement.size
          checkValues(
            { ...row.definition, asks: [] },
            { entryId: correctionId, characteristicId, values: [value], source: 'form', ...(newSize === null ? {} : { size: newSize }) },
          )
          const isInTolerance = isWithin(value, measurement)
          await tx
            .insertInto('measurementCorrection')
            .values({
              id: correctionId,
              characteristicId,
              measurementId: id,
              subgroup,
              value,
              size: newSize,
              isInTolerance,
              reason,
              by: who.name,
              byId: who.id ?? null,
            })
            .execute()
          const openSignals = await stillOpen(tx, row, subgroup)
          await tx
            .updateTable('characteristic')
            .set((e) => ({
              changes: e('changes', '+', 1),
              openSignals: json(openSignals),
              ...(measurement.seq === row.seq ? { lastValue: value, lastSize: newSize, lastInTolerance: isInTolerance } : {}),
            }))
            .where('id', '=', characteristicId)
            .execute()
          return true
        }),
      )
      charts.forget(characteristicId)
      if (isNew) {
        counts.corrected += 1
        audit.record({
          caller,
          action: 'corrected a measurement',
          target: found.characteristic,
          detail: { measurementId: id, from: found.value, to: value, reason },
        })
        context.publish({ kind: 'changed', characteristicId, what: 'correction' })
      }
      const [view] = await readMeasurements(store.db, { ids: [id] })
      if (!view) throw new Error('a corrected measurement without a view')
      return view
    }),
  ]

  /** A signal is settled when its point, as it is now, would not give it any more. */
  async function stillOpen(tx: Db, row: CharacteristicRow, subgroup: number): Promise<string[]> {
    const waiting = (await readSignals(tx, { ids: row.openSignals })).filter((signal) => signal.subgroup === subgroup)
    if (!waiting.length) return row.openSignals
    const [point] = await readPoints(tx, row.id, { from: subgroup, to: subgroup, last: 1 })
    if (!point) return row.openSignals
    charts.forget(row.id)
    // judged with the corrected value, over what is stored in this transaction
    const judged = await charts.judge(tx, { id: row.id, revision: row.revision, definition: row.definition, changes: row.changes }, point)
    charts.forget(row.id)
    const now = new Set(judged?.verdict.panels.flatMap(({ name, signals }) => signals.map(({ rule }) => `${name} ${rule}`)))
    const settled = waiting.filter(({ chart, rule }) => (chart === 'tolerance' ? point.isInTolerance : !now.has(`${chart} ${rule}`))).map(({ id }) => id)
    return row.openSignals.filter((id) => !settled.includes(id))
  }
}
