import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLog } from '../../base/log.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createKnownSecrets } from './known-secrets.ts'

let test: TestStore
beforeAll(async () => {
  test = await startTestStore()
})
afterAll(() => test.close())

it('knows every secret of connections and of credentials those that are secrets by their name, from when they are saved', async () => {
  const { db } = test.store
  let opened = 0
  const known = createKnownSecrets({
    db,
    log: createLog('test', 'silent'),
    secrets: {
      open(sealed) {
        opened += 1
        if (sealed === 'broken') throw new Error('another key')
        return sealed.slice('sealed:'.length)
      },
    },
  })
  const connection = (id: string, secrets: string | null) =>
    db.insertInto('connection').values({ id, name: id, connector: 'folder', settings: '{}', secrets, createdBy: 'Ann' }).execute()
  expect(await known()).toEqual([])
  await connection('a', 'sealed:{"token":"one","user":"two"}')
  await connection('b', null)
  await connection('c', 'broken')
  await db
    .insertInto('runtimeDocument')
    .values({ what: 'credentials', data: JSON.stringify('sealed:{"node1":{"user":"operator","password":"three","bot":{"apiKey":"four"}}}') })
    .execute()
  expect((await known()).toSorted()).toEqual(['four', 'one', 'three', 'two'])
  const before = opened
  expect(await known()).toHaveLength(4)
  // nothing is opened twice
  expect(opened).toBe(before)
})
