/** Who this installation is to push services (VAPID, RFC 8292): made once, kept with the other secrets, the same on all its hosts. */
import type { Kysely } from 'kysely'
import type { Secrets } from '../../secrets/index.ts'
import type { Database } from '../../store/tables.ts'

export interface PushKeys {
  publicKey: string
  privateKey: string
}

/** Reads them, and makes them where there are none: whichever host is first, its keys count. */
export async function openPushKeys(db: Kysely<Database>, secrets: Pick<Secrets, 'seal' | 'open'>): Promise<PushKeys> {
  const read = () => db.selectFrom('pushKey').selectAll().executeTakeFirst()
  let row = await read()
  if (!row) {
    const { default: webPush } = await import('web-push')
    const made = webPush.generateVAPIDKeys()
    await db
      .insertInto('pushKey')
      .values({ public: made.publicKey, private: secrets.seal(made.privateKey) })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    row = await read()
  }
  if (!row) throw new Error('the keys of push were just written')
  return { publicKey: row.public, privateKey: secrets.open(row.private) }
}
