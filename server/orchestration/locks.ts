/**
 * Named resources that one step has at a time. Who waits is in `step`, who has it in `lockHolder`; its token grows with each
 * holder, so that what an earlier one still does can be told from what the present one does.
 */
import { sql } from 'kysely'
import type { LockView } from '../api/index.ts'
import { json } from '../store/index.ts'
import type { Db } from './rows.ts'
import type { Wake } from './runtime-contract.ts'

/**
 * Gives the resource to the first that waits, if nobody has it: the holder's step has ended, or its time is over.
 * @returns the step that has it now, if it changed
 */
export async function settleLock(db: Db, name: string, now: Date): Promise<string | undefined> {
  return db.transaction().execute(async (tx) => {
    await tx
      .insertInto('lockHolder')
      .values({ name, token: 0, stepId: null, since: now })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute()
    const lock = await tx.selectFrom('lockHolder').selectAll().where('name', '=', name).forUpdate().executeTakeFirstOrThrow()
    if (lock.stepId !== null) {
      const holder = await tx.selectFrom('step').select(['state', 'isOut', 'dueAt']).where('id', '=', lock.stepId).executeTakeFirst()
      // until its node has taken it (isOut), `dueAt` is still how long it would have waited
      const isOver = holder?.isOut === true && holder.dueAt !== null && holder.dueAt <= now
      if (holder?.state === 'waiting' && !isOver) return undefined
      // it had its turn, and is not in the line any more
      await tx.updateTable('step').set({ key: null }).where('id', '=', lock.stepId).where('state', '=', 'waiting').execute()
    }
    const next = await tx
      .selectFrom('step')
      .select('id')
      .where('kind', '=', 'lock')
      .where('key', '=', name)
      .where('state', '=', 'waiting')
      .where('isOut', '=', false)
      .where('wake', 'is', null)
      .orderBy('createdAt')
      .orderBy('id')
      .limit(1)
      .forUpdate()
      .executeTakeFirst()
    const token = next ? lock.token + 1 : lock.token
    await tx
      .updateTable('lockHolder')
      .set({ stepId: next?.id ?? null, token, since: now })
      .where('name', '=', name)
      .execute()
    if (!next) return undefined
    const wake: Wake = { kind: 'granted', token }
    await tx
      .updateTable('step')
      .set((e) => ({ wake: json(wake), revision: e('revision', '+', 1), changedAt: now }))
      .where('id', '=', next.id)
      .execute()
    return next.id
  })
}

export async function listLocks(db: Db): Promise<LockView[]> {
  const holders = await db
    .selectFrom('lockHolder')
    .leftJoin('step', (join) => join.onRef('step.id', '=', 'lockHolder.stepId').on('step.state', '=', 'waiting'))
    .select(['lockHolder.name', 'lockHolder.token', 'lockHolder.since', 'step.id', 'step.runId', 'step.nodeName', 'step.isOut', 'step.dueAt'])
    .orderBy('lockHolder.name')
    .limit(500)
    .execute()
  const waiting = await db
    .selectFrom('step')
    .select(['id', 'runId', 'nodeName', 'createdAt', 'key'])
    .where('kind', '=', 'lock')
    .where('state', '=', 'waiting')
    .where('key', 'is not', null)
    .where(sql<boolean>`not exists (select 1 from "lockHolder" where "lockHolder"."stepId" = step.id)`)
    .orderBy('createdAt')
    .limit(2000)
    .execute()
  const byName = Map.groupBy(waiting, ({ key }) => key)
  const named = (name: string | null) => (name === null ? {} : { nodeName: name })
  return holders.map((lock) => ({
    name: lock.name,
    token: lock.token,
    ...(lock.id === null || lock.runId === null
      ? {}
      : {
          holder: {
            stepId: lock.id,
            runId: lock.runId,
            since: lock.since.toISOString(),
            ...named(lock.nodeName),
            ...(lock.isOut && lock.dueAt ? { until: lock.dueAt.toISOString() } : {}),
          },
        }),
    waiting: (byName.get(lock.name) ?? []).map(({ id, runId, nodeName, createdAt }) => ({
      stepId: id,
      runId,
      since: createdAt.toISOString(),
      ...named(nodeName),
    })),
  }))
}

/** When the next message may pass a gate of so many in a period; undefined when that is later than `withinMs`. Exact: in no period of that length more pass. */
export async function takeSlot(
  db: Db,
  gate: { name: string; count: number; periodMs: number; id: string; withinMs?: number | undefined },
  now: number,
): Promise<number | undefined> {
  const { name, count, periodMs, id, withinMs } = gate
  return db.transaction().execute(async (tx) => {
    await tx
      .insertInto('rateGate')
      .values({ name, slots: json([]) as never })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute()
    const { slots } = await tx.selectFrom('rateGate').select('slots').where('name', '=', name).forUpdate().executeTakeFirstOrThrow()
    const mine = slots.find(([, who]) => who === id)
    if (mine) return mine[0]
    // after a clock that was set back, slots of a time to come would hold everything up
    const kept = slots.filter(([at]) => at <= now + periodMs * (slots.length + 1)).slice(-count)
    const earliest = kept.length >= count ? (kept[kept.length - count]?.[0] ?? 0) + periodMs : 0
    const at = Math.max(now, earliest, kept.at(-1)?.[0] ?? 0)
    if (withinMs !== undefined && at - now > withinMs) return undefined
    await tx
      .updateTable('rateGate')
      .set({ slots: json([...kept, [at, id]].slice(-count)) as never })
      .where('name', '=', name)
      .execute()
    return at
  })
}
