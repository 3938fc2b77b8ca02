/** A trigger fired by a person: at once or not at all. */
import { messageOf, UserError } from '../../base/errors.ts'
import type { TriggerFiring } from '../api/index.ts'
import type { Runtime } from '../flows/contract.ts'
import type { Runs } from '../runs/contract.ts'
import type { Face } from './face.ts'
import { checkValues } from './form.ts'
import { notTaken, type Offers } from './offers.ts'
import { type Db, insertFirings, type OpenFiring, type TriggerRow } from './rows.ts'
import { toFiring } from './view.ts'

/**
 * @returns fires; the same `fireId` twice is one firing
 * @throws UserError trigger-off, trigger-gone, value-missing; OperationalError runtime-away, and what else kept it from beginning
 */
export function createByHand(deps: {
  db: Db
  runs: Pick<Runs, 'fail'>
  runtime: Pick<Runtime, 'peer'>
  offers: Pick<Offers, 'bring'>
  host: string
  now: () => number
  onChange: () => void
}): (row: TriggerRow, request: { fireId: string; values: Record<string, unknown> }, by: string) => Promise<TriggerFiring> {
  const { db, runs, runtime, offers, host, now, onChange } = deps
  const fire = async (row: TriggerRow, request: { fireId: string; values: Record<string, unknown> }, by: string): Promise<TriggerFiring> => {
    const key = `hand ${request.fireId}`
    const earlier = await db.selectFrom('triggerFiring').selectAll().where('triggerId', '=', row.id).where('key', '=', key).executeTakeFirst()
    if (earlier) return toFiring(earlier)
    if (row.kind === 'manual' && !row.isOn)
      throw new UserError({ code: 'trigger-off', message: `"${row.name}" is switched off. Switch it on first.`, status: 409 })
    const values = checkValues((row.face as Face).fields ?? [], request.values)
    // nothing happens later, when nobody expects it any more: without the runtime it is refused
    runtime.peer()
    const [firing] = await insertFirings(db, [{ triggerId: row.id, key, cause: 'by-hand', state: 'offered', dueAt: now(), host, by, values }])
    if (!firing) return fire(row, request, by)
    onChange()
    const open: OpenFiring = { ...firing, name: row.name, kind: row.kind, flowId: row.flowId, flowName: row.flowName, face: row.face, isOn: row.isOn }
    try {
      await offers.bring(open)
    } catch (error) {
      if (await notTaken(db, firing, messageOf(error))) {
        const failed = await db.selectFrom('triggerFiring').select('runId').where('id', '=', firing.id).executeTakeFirst()
        if (failed?.runId) await runs.fail(failed.runId, messageOf(error))
        onChange()
        throw error
      }
    }
    const after = await db.selectFrom('triggerFiring').selectAll().where('id', '=', firing.id).executeTakeFirstOrThrow()
    onChange()
    return toFiring(after)
  }
  return fire
}
