/** What people do with triggers: look, switch, fire by hand. */
import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import { fireTrigger, getTrigger, listTriggers, previewCondition, previewTimes, switchTrigger, type TriggerView } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import type { Runtime } from '../flows/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { type KeptVersions, keepVersion } from '../versions/index.ts'
import type { Announced } from './announced.ts'
import type { createByHand } from './by-hand.ts'
import { firstAfter } from './due.ts'
import { scheduleIn } from './face.ts'
import { preview } from './preview.ts'
import { lookAtCondition, type ValuesNow } from './preview-condition.ts'
import { type Db, findTrigger, lastFirings, type TriggerRow } from './rows.ts'
import { toFiring, toTrigger } from './view.ts'

/** Times to come and firings of one trigger, and of each in the list: a shop may have thousands. */
const SHOWN = 5
const SHOWN_IN_LIST = 1

/** When a trigger fires stands in its flow, with the flow's versions; whether it does is switched here. */
const content = checker(Type.Object({ isOn: Type.Boolean() }))

export function triggerRoutes(deps: {
  db: Db
  audit: Audit
  runtime: Pick<Runtime, 'state'>
  announced: Pick<Announced, 'running' | 'moves' | 'tellOff'>
  fire: ReturnType<typeof createByHand>
  valuesNow: ValuesNow
  /** The flows behind this trigger act on a machine of another host. */
  isElsewhere: (triggerId: string) => boolean
  /** One was switched on or off here. */
  onSwitched: () => void
  versions?: Pick<KeptVersions, 'own'> | undefined
  now: () => number
}): RouteHandler[] {
  const { db, audit, runtime, announced, fire, valuesNow, isElsewhere, onSwitched, now, versions } = deps
  const rowOf = async (id: string): Promise<TriggerRow> => {
    const row = await findTrigger(db, id)
    if (!row) throw new UserError({ code: 'trigger-not-found', message: 'There is no such trigger in the running flows.', status: 404 })
    return row
  }
  const shown = async (row: TriggerRow): Promise<TriggerView> => {
    const last = (await lastFirings(db, [row.id], SHOWN)).get(row.id) ?? []
    return toTrigger(row, {
      last,
      runtime: runtime.state,
      isThere: announced.running.has(row.id),
      moves: await announced.moves(row.id),
      now: now(),
      count: SHOWN,
    })
  }

  const turn = async (
    triggerId: string,
    isOn: boolean,
    { caller, reason, restoredFrom }: { caller: Caller; reason?: string | undefined; restoredFrom?: string },
  ) => {
    const before = await rowOf(triggerId)
    if (before.isOn === isOn) return
    const at = now()
    await db.transaction().execute(async (tx) => {
      await tx
        .updateTable('trigger')
        .set({
          isOn,
          switchedBy: caller.name,
          switchedAt: new Date(at),
          // what passed while it was off is not missed
          upTo: new Date(at),
          nextDueAt: isOn ? firstAfter(scheduleIn(before.face), at) : null,
        })
        .where('id', '=', before.id)
        .execute()
      await keepVersion(tx, {
        kind: 'trigger',
        subject: before.id,
        title: before.name,
        content: { isOn },
        author: caller,
        reason,
        restoredFrom,
        before: { content: { isOn: before.isOn }, author: before.switchedBy ?? 'Cellwright', at: before.switchedAt ?? undefined },
      })
    })
    audit.record({ caller, action: isOn ? 'trigger.on' : 'trigger.off', target: before.id, detail: { name: before.name, ...(reason ? { reason } : {}) } })
    await announced.tellOff()
    onSwitched()
  }
  versions?.own(
    { kind: 'trigger' },
    {
      sees: 'flows.view',
      changes: 'flows.deploy',
      async restore({ caller, version, reason }) {
        const { isOn } = content.parse(version.content, 'The kept version')
        await turn(version.subject, isOn, { caller, reason, restoredFrom: version.id })
      },
    },
  )

  return [
    handle(listTriggers, async () => {
      const rows = await db.selectFrom('trigger').selectAll().where('removedAt', 'is', null).orderBy('flowName').orderBy('name').orderBy('id').execute()
      const last = await lastFirings(
        db,
        rows.map(({ id }) => id),
        SHOWN_IN_LIST,
      )
      return rows.map((row) =>
        toTrigger(row, { last: last.get(row.id) ?? [], runtime: runtime.state, isThere: announced.running.has(row.id), now: now(), count: SHOWN_IN_LIST }),
      )
    }),
    handle(previewTimes, ({ body }) => preview(body, now())),
    handle(previewCondition, ({ body, caller }) => lookAtCondition(body, { valuesNow, now: now(), withMessages: caller.capabilities.has('flows.messages') })),
    handle(getTrigger, async ({ params, query }) => {
      const row = await rowOf(params.triggerId)
      const firings = (await lastFirings(db, [row.id], query.limit)).get(row.id) ?? []
      return { trigger: await shown(row), firings: firings.map(toFiring) }
    }),
    handle(switchTrigger, async ({ params, body, caller }) => {
      await turn(params.triggerId, body.isOn, { caller, reason: body.reason })
      return shown(await rowOf(params.triggerId))
    }),
    handle(fireTrigger, async ({ params, body, caller }) => {
      const row = await rowOf(params.triggerId)
      if (row.kind !== 'manual' && !caller.capabilities.has('flows.deploy'))
        throw new UserError({
          code: 'forbidden',
          message: `"${row.name}" starts by itself. To fire it by hand takes the right to deploy flows; ask an engineer.`,
          status: 403,
        })
      if (isElsewhere(row.id))
        throw new UserError({
          code: 'trigger-elsewhere',
          message: `"${row.name}" acts on a machine that is wired to another host. Fire it on the pages of that host.`,
          status: 409,
        })
      const firing = await fire(row, body, caller.name)
      audit.record({
        caller,
        action: 'trigger.fire',
        target: row.id,
        detail: { name: row.name, fireId: body.fireId, ...(firing.runId ? { runId: firing.runId } : {}) },
      })
      return firing
    }),
  ]
}
