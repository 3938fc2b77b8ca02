import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestStore, type TestStore } from '../../store/testing.ts'
import { changeQueue } from '../queue-controls.ts'
import { stopEffects } from './stop-effects.ts'

let test: TestStore
beforeAll(async () => {
  test = await startTestStore()
})
afterAll(() => test?.close())

it('says of each machine that runs a program what a stop does to those that wait behind it, in their order', async () => {
  const { db } = test.store
  const program = (id: string, machineId: string, state: 'active' | 'waiting' | 'completed', position: number) => ({
    id,
    kind: 'program' as const,
    queue: `machine-${machineId}`,
    name: `${id}.nc`,
    state,
    machineId,
    position,
    request: '{}',
    requestedBy: 'ann',
  })
  await db
    .insertInto('job')
    .values([
      program('runs', 'mill', 'active', 1),
      program('fifth', 'mill', 'waiting', 6),
      program('second', 'mill', 'waiting', 3),
      program('third', 'mill', 'waiting', 4),
      program('fourth', 'mill', 'waiting', 5),
      program('done', 'mill', 'completed', 2),
      // nothing runs there: a stop ends nothing
      program('stays', 'lathe', 'waiting', 1),
      // nothing waits behind it
      program('alone', 'saw', 'active', 1),
    ])
    .execute()
  const effect = { machineId: 'mill', queue: 'machine-mill', waiting: 4, first: ['second.nc', 'third.nc', 'fourth.nc'] }
  expect(await stopEffects(db)).toEqual([{ ...effect, afterBreak: 'cancel' }])
  await changeQueue(db, 'machine-mill', { afterBreak: 'hold' }, 'ann')
  expect(await stopEffects(db)).toEqual([{ ...effect, afterBreak: 'hold' }])
})
