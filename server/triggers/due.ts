/** Finds what is due in the rows and writes it down as firings: the one place where time becomes work. */
import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import { nextTime, type Schedule } from '../../nodes/triggers/time/schedule.ts'
import { json } from '../store/index.ts'
import { decide, LATE_MS } from './decide.ts'
import { type Face, scheduleIn } from './face.ts'
import { type Db, insertFirings, type NewFiring, type TriggerRow } from './rows.ts'

/** Triggers in one transaction. */
const AT_ONCE = 250

/** A due time has one key on every host. */
const keyOf = (epoch: number, at: number): string => `${epoch ? `${epoch} ` : ''}${new Date(at).toISOString()}`

/**
 * Writes down what is due by now. Rows that another host is at are left to it.
 * @returns how many triggers were due
 */
export async function takeDue(db: Db, now: number): Promise<number> {
  let count = 0
  for (;;) {
    const found = await db.transaction().execute(async (trx) => {
      const rows = await trx
        .selectFrom('trigger')
        .selectAll()
        .where('nextDueAt', '<=', new Date(now))
        .where('isOn', '=', true)
        .where('removedAt', 'is', null)
        .orderBy('nextDueAt')
        .limit(AT_ONCE)
        .forUpdate()
        .skipLocked()
        .execute()
      if (!rows.length) return 0
      const firings: NewFiring[] = []
      const nexts = rows.map((row) => {
        const schedule = scheduleIn(row.face)
        if (!schedule) return null
        const { missed = 'skip', lateMs = LATE_MS } = row.face as Face
        const { fire, skip, next } = decide({ schedule, missed, lateMs, upTo: row.upTo.getTime(), now })
        const common = { triggerId: row.id, cause: 'time' as const }
        for (const { at, isLate, missed: stands } of fire)
          firings.push({ ...common, key: keyOf(row.epoch, at), state: 'due', dueAt: at, isLate, ...(stands === undefined ? {} : { missed: stands }) })
        if (skip) {
          const { at, count: skipped, isMore } = skip
          firings.push({
            ...common,
            key: `skip ${keyOf(row.epoch, at)}`,
            state: 'skipped',
            dueAt: at,
            missed: skipped,
            reason: isMore ? 'missed-more' : 'missed',
          })
        }
        return next === undefined ? null : new Date(next).toISOString()
      })
      await insertFirings(trx, firings)
      await sql`
        update trigger set "upTo" = greatest("upTo", ${new Date(now)}::timestamptz), "nextDueAt" = t.next
        from unnest(${rows.map(({ id }) => id)}::text[], ${nexts}::timestamptz[]) as t(id, next) where trigger.id = t.id`.execute(trx)
      return rows.length
    })
    count += found
    if (found < AT_ONCE) return count
  }
}

/**
 * After the clock was set back: intervals go on from now, instead of waiting until the clock is where it was. Times of
 * day stay dealt with: what ran at 10:00 does not run again when 10:00 comes again.
 * @param toleranceMs smaller differences are another host's clock
 */
export async function clockWasSetBack(db: Db, now: number, toleranceMs: number): Promise<number> {
  const rows = await db
    .selectFrom('trigger')
    .select(['id', 'face', 'epoch'])
    .where('upTo', '>', new Date(now + toleranceMs))
    .where('nextDueAt', 'is not', null)
    .execute()
  let count = 0
  for (const { id, face, epoch } of rows) {
    const schedule = scheduleIn(face)
    if (schedule?.when.kind !== 'interval' || ['days', 'weeks'].includes(schedule.when.unit)) continue
    const next = nextTime(schedule, now)
    await db
      .updateTable('trigger')
      .set({ upTo: new Date(now), nextDueAt: next === undefined ? null : new Date(next), epoch: epoch + 1 })
      .where('id', '=', id)
      .where('epoch', '=', epoch)
      .execute()
    count += 1
  }
  return count
}

/** Where a trigger is in its flows. */
export interface Place {
  flowId?: string
  flowName?: string
}

/**
 * Makes the rows those of the running flows. A new or changed schedule begins now; an unchanged one goes on where it
 * was, so that what passed meanwhile is missed and not forgotten. On and off stay as they are.
 */
export async function storeFaces(db: Db, faces: readonly (Face & Place)[], now: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // several hosts store the same list at once after a deploy
    await sql`select pg_advisory_xact_lock(hashtext('cellwright.triggers'))`.execute(trx)
    const before = new Map((await trx.selectFrom('trigger').selectAll().execute()).map((row) => [row.id, row]))
    const rows = faces.map(({ flowId, flowName, ...face }) => {
      const old = before.get(face.nodeId)
      return {
        id: face.nodeId,
        kind: face.kind,
        name: face.name,
        flowId: flowId ?? null,
        flowName: flowName ?? null,
        face: json(face),
        ...timesOf(face, old, now),
      }
    })
    for (let at = 0; at < rows.length; at += 500)
      await trx
        .insertInto('trigger')
        .values(rows.slice(at, at + 500))
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet((is) => ({
            kind: is.ref('excluded.kind'),
            name: is.ref('excluded.name'),
            flowId: is.ref('excluded.flowId'),
            flowName: is.ref('excluded.flowName'),
            face: is.ref('excluded.face'),
            upTo: is.ref('excluded.upTo'),
            nextDueAt: is.ref('excluded.nextDueAt'),
            removedAt: null,
          })),
        )
        .execute()
    const there = new Set(faces.map(({ nodeId }) => nodeId))
    const gone = [...before.values()].filter(({ id, removedAt }) => removedAt === null && !there.has(id)).map(({ id }) => id)
    if (!gone.length) return
    await trx
      .updateTable('trigger')
      .set({ removedAt: new Date(now), nextDueAt: null })
      .where('id', 'in', gone)
      .execute()
    await trx.updateTable('triggerFiring').set({ state: 'skipped', reason: 'removed' }).where('triggerId', 'in', gone).where('state', '=', 'due').execute()
  })
}

function timesOf(face: Face, old: TriggerRow | undefined, now: number): { upTo: Date; nextDueAt: Date | null } {
  const schedule = scheduleIn(face)
  if (!schedule) return { upTo: new Date(now), nextDueAt: null }
  const goesOn = old !== undefined && old.removedAt === null && isDeepStrictEqual((old.face as Face).schedule, schedule)
  if (goesOn) return { upTo: old.upTo, nextDueAt: old.nextDueAt }
  return { upTo: new Date(now), nextDueAt: old?.isOn === false ? null : firstAfter(schedule, now) }
}

export function firstAfter(schedule: Schedule | undefined, now: number): Date | null {
  const next = schedule && nextTime(schedule, now)
  return next === undefined ? null : new Date(next)
}
