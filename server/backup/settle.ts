/**
 * What a restored installation must not do by itself. The time since the back-up is missing in it, and the original may still live: what
 * moved then may have been finished, what was to be sent may have been sent.
 */
import { sql } from 'kysely'
import type { Store } from '../store/index.ts'
import type { BackupHeader } from './format.ts'
import { UNFINISHED } from './restore-database.ts'

/**
 * `copy`: beside the original, or nobody knows; nothing of it acts on anything before a person says so. `replacement`: the original is
 * gone for good, and this one goes on in its place; programs of machines wait for a person all the same.
 */
export type RestoredAs = 'copy' | 'replacement'

/** A host that does not exist: machines that are wired to it are moved here by a person who has looked. */
const ORIGINAL = 'original'
const BY = 'Cellwright'

/** One transaction; with its end the database can be worked with. */
export async function settle(store: Store, { as, header }: { as: RestoredAs; header: BackupHeader }): Promise<void> {
  const when = header.createdAt.slice(0, 16).replace('T', ' ')
  const why = `Restored from the back-up of ${when} UTC: look at what happened since, then decide.`
  await store.db.transaction().execute(async (tx) => {
    await tx.deleteFrom('session').execute()
    await tx.deleteFrom('lockedSession').execute()
    const now = new Date()
    await tx
      .updateTable('job')
      .set({
        state: 'interrupted',
        endedAt: now,
        cause: 'gateway-gone',
        reason: `It was running when the back-up of ${when} UTC was made. How it ended is not known.`,
      })
      .where('state', '=', 'active')
      .execute()
    const waiting = await tx.selectFrom('job').select('queue').distinct().where('state', '=', 'waiting').where('kind', '!=', 'maintenance').execute()
    const queues = new Set(waiting.map(({ queue }) => queue))
    if (as === 'copy') for (const always of ['flow', 'adapter']) queues.add(always)
    for (const name of queues) {
      if (as === 'replacement' && !name.startsWith('machine-')) continue
      const held = { mode: 'held' as const, why, by: BY, at: now }
      await tx
        .insertInto('jobQueue')
        .values({ name, ...held })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(held))
        .execute()
    }
    await tx.updateTable('jobHost').set({ endedAt: now }).where('endedAt', 'is', null).execute()
    // told already, perhaps
    await tx.updateTable('notificationDelivery').set({ state: 'dropped', error: why, endedAt: now }).where('state', '=', 'waiting').execute()
    if (as === 'copy') {
      const off = sql<string>`settings || '{"isOn": false}'`
      await tx.updateTable('mailSettings').set({ settings: off }).execute()
      await tx.updateTable('webhook').set({ settings: off }).execute()
      await tx.deleteFrom('pushDevice').execute()
      await tx.updateTable('trigger').set({ isOn: false, switchedBy: BY, switchedAt: now }).where('isOn', '=', true).execute()
      await tx.updateTable('triggerFiring').set({ state: 'skipped', reason: why }).where('state', 'in', ['due', 'offered']).execute()
      await tx.updateTable('connection').set({ isEnabled: false }).execute()
      await tx.updateTable('mirror').set({ isOn: false }).execute()
      await tx.updateTable('backupPlan').set({ isOn: false }).execute()
      await tx.updateTable('machine').set({ host: ORIGINAL }).execute()
      await tx
        .insertInto('jobHost')
        .values({ name: ORIGINAL, at: now, endedAt: now })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ endedAt: now }))
        .execute()
      await tx.updateTable('environment').set({ name: sql<string>`left(name, 50) || ' (copy)'` }).where('name', 'not like', '% (copy)').execute()
    }
    await sql`drop schema if exists ${sql.id(UNFINISHED)} cascade`.execute(tx)
  })
}
