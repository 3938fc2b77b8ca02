import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Present } from '../../api/index.ts'
import { startTestStore, type TestStore } from '../../store/testing.ts'
import { createDrafts } from './drafts.ts'
import { createPresence } from './presence.ts'
import { createProgress } from './progress.ts'

/** What is waited for comes late on a busy machine. */
const soon = { timeout: 15_000 }

let store: TestStore
beforeAll(async () => {
  store = await startTestStore()
})
afterAll(() => store?.close())

const base = { rev: 'r1', versionId: 'ver_1' }
const changes = { put: [{ id: 'a', type: 'inject', name: 'x' }], removed: ['b'] }

test('a draft is kept by person, comes back as it was, and goes', async () => {
  const drafts = createDrafts(store.store.db)
  expect(await drafts.get('ann')).toBeUndefined()
  expect((await drafts.save('ann', { base, changes, after: 0 })).revision).toBe(1)
  expect(await drafts.get('ann')).toMatchObject({ base, changes, revision: 1 })
  expect(await drafts.get('bob')).toBeUndefined()
  await drafts.drop('ann', 1)
  expect(await drafts.get('ann')).toBeUndefined()
  await drafts.drop('ann', 1)
})

test('two windows of one person do not write over each other', async () => {
  const drafts = createDrafts(store.store.db)
  await drafts.save('cid', { base, changes, after: 0 })
  await expect(drafts.save('cid', { base, changes, after: 0 })).rejects.toMatchObject({ code: 'draft-stale', status: 409, details: { revision: 1 } })
  const saves = await Promise.allSettled([drafts.save('cid', { base, changes, after: 1 }), drafts.save('cid', { base, changes, after: 1 })])
  expect(saves.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  await expect(drafts.drop('cid', 1)).rejects.toMatchObject({ code: 'draft-stale' })
  await drafts.drop('cid', 2)
  await expect(drafts.save('cid', { base, changes, after: 2 })).rejects.toMatchObject({ code: 'draft-stale', details: { revision: 0 } })
})

test('passwords are not kept in a draft', async () => {
  const drafts = createDrafts(store.store.db)
  await drafts.save('dora', { base, changes: { put: [{ id: 'a', type: 'mqtt-broker', credentials: { password: 'secret' } } as never], removed: [] }, after: 0 })
  expect((await drafts.get('dora'))?.changes.put).toEqual([{ id: 'a', type: 'mqtt-broker' }])
})

const told = { nodes: [], changed: [], changes: 0 }
const ann = { name: 'Ann', userId: 'u1' }
const client = (digit: string) => digit.repeat(16)

test('presence tells who is there, and not again when nothing changed', async () => {
  const published: Present[][] = []
  const presence = createPresence({ publish: (present) => published.push(present) })
  presence.tell(client('a'), ann, told)
  presence.tell(client('a'), ann, { ...told, place: 't' })
  await vi.waitFor(() => expect(published).toHaveLength(1), soon)
  expect(published[0]).toMatchObject([{ client: client('a'), name: 'Ann', place: 't' }])
  presence.tell(client('a'), ann, { ...told, place: 't' })
  presence.tell(client('b'), { name: 'Bob', userId: 'u2' }, told)
  // nobody speaks for another, or sends another away
  presence.tell(client('a'), { name: 'Bob', userId: 'u2' }, { ...told, place: 'elsewhere' })
  presence.leave(client('a'), 'u2')
  await vi.waitFor(() => expect(published).toHaveLength(2), soon)
  expect(published[1]).toMatchObject([{ place: 't' }, { name: 'Bob' }])
  presence.leave(client('a'), 'u1')
  await vi.waitFor(() => expect(published.at(-1)).toMatchObject([{ name: 'Bob' }]), soon)
  presence.close()
})

test('a window that is not heard of is gone', async () => {
  const published: Present[][] = []
  const presence = createPresence({ publish: (present) => published.push(present), goneAfterMs: 300 })
  presence.tell(client('a'), ann, told)
  await vi.waitFor(() => expect(published.at(-1)).toEqual([]), soon)
  expect(presence.list()).toEqual([])
  presence.close()
})

test('a deploy that waits behind another does not hide the one that is going on', () => {
  const published: string[] = []
  const progress = createProgress((one) => published.push(`${one.by} ${one.stage}`))
  const first = progress.begin({ by: 'Ann', kind: 'full', nodes: 3 })
  first.at('checking')
  progress.begin({ by: 'Bob', kind: 'full', nodes: 3 }).at('waiting')
  expect(progress.last()).toMatchObject([{ by: 'Ann', stage: 'checking' }])
  expect(published).toEqual(['Ann checking', 'Bob waiting'])
})
