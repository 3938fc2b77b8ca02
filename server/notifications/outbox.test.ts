/** Two hosts that both believe that they lead. */
import type { KyselyPlugin } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createOutbox } from './outbox.ts'

let test: TestStore
beforeAll(async () => {
  test = await startTestStore()
})
afterAll(() => test?.close())

/** Holds what the first look of a claim has found until it is let go. */
function held() {
  const gate = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      if (result.rows[0] && 'eventId' in result.rows[0] && !('type' in result.rows[0])) {
        reached.resolve()
        await gate.promise
      }
      return result
    },
  }
  return { db: test.store.db.withPlugin(plugin), reached: reached.promise, go: gate.resolve }
}

it.each(['mail', 'webhook'] as const)('a message (%s) belongs to one of them, however close together they look', async (channel) => {
  const { db } = test.store
  await db
    .insertInto('notificationEvent')
    .values({ id: `ntf_${channel}`, key: channel, type: 'disk.ok', severity: 'info', data: '{}', at: new Date() })
    .execute()
  const row = {
    id: `dlv_${channel}`,
    eventId: `ntf_${channel}`,
    channel,
    to: `to:${channel}`,
    afterS: 0,
    language: 'en',
    nextAt: new Date(Date.now() - 1000),
  } as const
  await db.insertInto('notificationDelivery').values(row).execute()
  const [one, other] = [held(), held()]
  const first = createOutbox({ db: one.db, host: 'one' }).claim(row)
  await one.reached
  // its clock is some milliseconds ahead
  const until = Date.now() + 5
  await expect.poll(() => Date.now() > until, { interval: 1 }).toBe(true)
  const second = createOutbox({ db: other.db, host: 'other' }).claim(row)
  await other.reached
  one.go()
  expect((await first)?.rows).toHaveLength(1)
  other.go()
  expect(await second).toBeUndefined()
})
