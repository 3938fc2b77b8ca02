import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { insertJob, type NewJob } from './insert.ts'
import { findJob, type JobRow } from './rows.ts'

let test: TestStore
beforeAll(async () => {
  test = await startTestStore()
})
afterAll(() => test.close())

const plain: NewJob = { kind: 'flow', queue: 'flow', name: 'wash', request: { payload: ['a\0b', undefined, new Date(0)] }, requestedBy: 'test' }
const full: NewJob = {
  ...plain,
  key: 'key 1',
  machineId: 'm1',
  programId: 'prg_1',
  runId: 'run_1',
  nodeId: 'n1',
  isReady: false,
  retryOf: 'job_0',
  estimateS: 1.5,
  parentJob: 'job_2',
  askedOn: 'here',
  deployment: 7,
  plan: {
    priority: -3,
    whenBlockerFails: 'go-on',
    dueAt: '2030-01-02T03:04:05.678Z',
    notBefore: '2030-01-01T00:00:00+02:00',
    deadlineAt: '2031-01-01T00:00:00Z',
  },
}
const begin = { host: 'here', token: 'try_1' }
const asStored = (row: JobRow) => findJob(test.store.db, row.id)
const control = (mode: string) =>
  test.store.db
    .insertInto('jobQueue')
    .values({ name: 'flow', mode: mode as 'held' })
    .onConflict((c) => c.column('name').doUpdateSet({ mode: mode as 'held' }))
    .execute()

describe('the row of a new job', () => {
  it('is given as the database has it, with a plan, without one, begun, and in a transaction', async () => {
    for (const job of [plain, full, { ...plain, begin }]) {
      const { row, isNew } = await insertJob(test.store.db, job)
      expect(isNew).toBe(true)
      expect(row).toEqual(await asStored(row))
    }
    const { row } = await test.store.db.transaction().execute((transaction) => insertJob(transaction, plain))
    expect(row).toEqual(await asStored(row))
    const after = await insertJob(test.store.db, { ...plain, plan: { dependsOn: [row.id] } })
    expect(after.row).toMatchObject({ blockedBy: 1 })
    expect(after.row).toEqual(await asStored(after.row))
  })

  it('is the first one of its key', async () => {
    const first = await insertJob(test.store.db, { ...plain, key: 'key 2' })
    const second = await insertJob(test.store.db, { ...plain, key: 'key 2', name: 'other', begin })
    expect(second).toEqual({ row: first.row, isNew: false })
  })

  it('begins at once in an open queue, waits in a held one, and is not ready in one that is draining', async () => {
    const begun = async () => (await insertJob(test.store.db, { ...plain, begin })).row
    expect(await begun()).toMatchObject({ state: 'active', isReady: true, attempts: 1, host: 'here', claim: 'try_1', startedAt: expect.any(Date) as Date })
    const waits = { state: 'waiting', attempts: 0, host: null, claim: null, startedAt: null }
    await control('held')
    expect(await begun()).toMatchObject({ ...waits, isReady: true })
    await control('draining')
    expect(await begun()).toMatchObject({ ...waits, isReady: false })
    await control('open')
    expect(await begun()).toMatchObject({ state: 'active' })
  })
})
