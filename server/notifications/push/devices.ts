/** Browsers that show messages: each belongs to the person who allowed it, and leaves when its push service says that it is gone. */
import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import type { Secrets } from '../../secrets/index.ts'
import type { Database } from '../../store/tables.ts'
import { checkAddress } from '../reach.ts'

const MOST = 20

interface Subscription {
  endpoint: string
  keys: { p256dh: string; auth: string }
}
export interface Device {
  id: string
  name: string
  at: Date
  subscription: Subscription
}

export interface Devices {
  of(userId: string): Promise<Device[]>
  /** The same browser again is the same device, and belongs to whoever is signed in now. @throws UserError `too-many-devices`, `push-address` */
  add(userId: string, device: { name: string; subscription: Subscription }): Promise<string>
  remove(userId: string, id: string): Promise<void>
}

/** The pages say which browser they are in by the same. */
const deviceId = (endpoint: string): string => createHash('sha256').update(endpoint).digest('hex')

/** @param allowsPrivate only for tests: push services lie in the internet */
export function createDevices(db: Kysely<Database>, secrets: Pick<Secrets, 'seal' | 'open'>, allowsPrivate: boolean): Devices {
  return {
    async of(userId) {
      const rows = await db.selectFrom('pushDevice').selectAll().where('userId', '=', userId).orderBy('at').execute()
      return rows.map(({ id, name, at, subscription }) => ({ id, name, at, subscription: JSON.parse(secrets.open(subscription)) as Subscription }))
    },
    async add(userId, { name, subscription }) {
      try {
        checkAddress(subscription.endpoint, allowsPrivate)
      } catch (cause) {
        throw new UserError({
          code: 'push-address',
          status: 422,
          message: 'This is not the address of a push service. Allow messages in this browser once more.',
          cause,
        })
      }
      const id = deviceId(subscription.endpoint)
      const others = (await db.selectFrom('pushDevice').select('id').where('userId', '=', userId).execute()).filter((one) => one.id !== id)
      if (others.length >= MOST)
        throw new UserError({
          code: 'too-many-devices',
          status: 409,
          message: `There are ${MOST} browsers already that show your messages. Remove one that you do not use any more.`,
        })
      const values = { userId, name, subscription: secrets.seal(JSON.stringify(subscription)) }
      await db
        .insertInto('pushDevice')
        .values({ id, ...values })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
        .execute()
      return id
    },
    async remove(userId, id) {
      await db.deleteFrom('pushDevice').where('userId', '=', userId).where('id', '=', id).execute()
    },
  }
}
