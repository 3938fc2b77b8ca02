/** What dispatching must hold over every backend, as vitest tests. Rows are real; only what a job would do is replaced. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OperationalError } from '../../base/errors.ts'
import { createLog } from '../../base/log.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { type Bull, createDispatch, type Dispatch, GiveUp } from './dispatch.ts'
import { claimJob, endJob, findJob, insertJob } from './rows.ts'

const log = createLog('test', 'silent')

async function until(fact: () => boolean | Promise<boolean>, what: string, timeoutMs = 15_000): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await fact())) {
    if (performance.now() > end) throw new Error(`not so after ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

export function dispatchConformance(name: string, openBull: (database: string) => Promise<Bull>): void {
  describe(`dispatch on ${name}`, () => {
    let test: TestStore
    let dispatch: Dispatch
    let queues = 0
    const newQueue = () => {
      queues += 1
      return `machine-t${queues}`
    }
    const newDispatch = async () => createDispatch(await openBull(test.database), log)
    const newRow = async (queue: string, key?: string) => {
      const { row } = await insertJob(test.store.db, { kind: 'program', queue, name: 'test', request: {}, requestedBy: 'test', key })
      return row.id
    }
    /** Work as the machine worker does it: claim, act, end. */
    const claimAnd = (act: (id: string) => Promise<void>) => async (id: string) => {
      const row = await claimJob(test.store.db, id, new Date())
      if (!row) return
      await act(id)
      await endJob(test.store.db, id, { state: 'completed' })
    }
    beforeAll(async () => {
      test = await startTestStore()
      dispatch = await newDispatch()
    })
    afterAll(async () => {
      await dispatch?.close()
      await test?.close()
    })

    it('delivers each row once, in the order of asking, one at a time', async () => {
      const queue = newQueue()
      const ids = [await newRow(queue), await newRow(queue), await newRow(queue), await newRow(queue)]
      for (const id of ids) await dispatch.add(queue, id, { delivery: 'once' })
      const began: string[] = []
      let atOnce = 0
      let most = 0
      const worker = await dispatch.work(
        queue,
        { delivery: 'once', concurrency: 1 },
        claimAnd(async (id) => {
          began.push(id)
          atOnce += 1
          most = Math.max(most, atOnce)
          await new Promise((resolve) => setTimeout(resolve, 15))
          atOnce -= 1
        }),
      )
      await until(() => began.length === ids.length, 'all ran')
      await until(async () => (await findJob(test.store.db, ids.at(-1) ?? ''))?.state === 'completed', 'the last ended')
      expect(began).toEqual(ids)
      expect(most).toBe(1)
      await worker.close()
    })

    it('takes the same id twice for one delivery, and a row once however often it is delivered', async () => {
      const queue = newQueue()
      const id = await newRow(queue)
      await dispatch.add(queue, id, { delivery: 'once' })
      await dispatch.add(queue, id, { delivery: 'once' })
      let delivered = 0
      let ran = 0
      const work = claimAnd(async () => {
        ran += 1
      })
      const worker = await dispatch.work(queue, { delivery: 'once', concurrency: 1 }, async (rowId) => {
        delivered += 1
        await work(rowId)
      })
      await until(async () => (await findJob(test.store.db, id))?.state === 'completed', 'ended')
      await until(async () => (await dispatch.stateOf(queue, id)) === 'gone', 'delivered')
      await dispatch.add(queue, id, { delivery: 'once' })
      await until(() => delivered === 2, 'delivered once more, by a second asking')
      expect(ran).toBe(1)
      await worker.close()
    })

    it('wakes an idle worker at once', async () => {
      const queue = newQueue()
      let ranAt = 0
      const worker = await dispatch.work(
        queue,
        { delivery: 'once', concurrency: 1 },
        claimAnd(async () => {
          ranAt = performance.now()
        }),
      )
      await new Promise((resolve) => setTimeout(resolve, 150)) // let it fall asleep; too short a wait only makes the test easier
      const id = await newRow(queue)
      const asked = performance.now()
      await dispatch.add(queue, id, { delivery: 'once' })
      await until(() => ranAt > 0, 'ran')
      expect(ranAt - asked).toBeLessThan(2000)
      await worker.close()
    })

    it('never runs a stalled `once` job a second time', async () => {
      const queue = newQueue()
      const id = await newRow(queue)
      let ran = 0
      // a worker that hangs and no longer renews its lock, as in a process that was stopped
      const hung = await newDispatch()
      await hung.work(
        queue,
        { delivery: 'once', concurrency: 1, lockMs: 200, stalledCheckMs: 100, renewsLock: false },
        claimAnd(async () => {
          ran += 1
          await new Promise(() => {})
        }),
      )
      await dispatch.add(queue, id, { delivery: 'once' })
      await until(() => ran === 1, 'runs')
      let next = 0
      const other = await newDispatch()
      await other.work(
        queue,
        { delivery: 'once', concurrency: 1, lockMs: 200, stalledCheckMs: 100 },
        claimAnd(async (rowId) => {
          if (rowId === id) ran += 1
          else next += 1
        }),
      )
      // the queue is usable again, and the stalled one was not among what ran
      await dispatch.add(queue, await newRow(queue), { delivery: 'once' })
      await until(() => next === 1, 'the next ran')
      await until(async () => (await dispatch.stateOf(queue, id)) === 'gone', 'the stalled delivery is gone')
      expect(ran).toBe(1)
      expect((await findJob(test.store.db, id))?.state).toBe('active')
      await hung.close()
      await other.close()
    })

    it('tries an `until-done` job again with growing pauses until it succeeds', async () => {
      const queue = newQueue()
      const id = await newRow(queue)
      const tries: number[] = []
      const worker = await dispatch.work(queue, { delivery: 'until-done', concurrency: 2, backoffMs: 60 }, async () => {
        tries.push(performance.now())
        if (tries.length < 4) throw new OperationalError({ code: 'away', message: 'The other side is away.' })
      })
      await dispatch.add(queue, id, { delivery: 'until-done' })
      await until(() => tries.length === 4, 'four tries')
      const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? at))
      expect(pauses[0]).toBeGreaterThanOrEqual(50)
      expect(pauses[1]).toBeGreaterThanOrEqual(110)
      expect(pauses[2]).toBeGreaterThanOrEqual(230)
      await worker.close()
    })

    it('gives an `until-done` job up only when told', async () => {
      const queue = newQueue()
      const id = await newRow(queue)
      let tries = 0
      const worker = await dispatch.work(queue, { delivery: 'until-done', concurrency: 1, backoffMs: 20 }, async () => {
        tries += 1
        throw tries < 3 ? new Error('a bug') : new GiveUp('no use')
      })
      await dispatch.add(queue, id, { delivery: 'until-done' })
      await until(() => tries === 3, 'three tries')
      await until(async () => (await dispatch.stateOf(queue, id)) === 'gone', 'no longer waiting')
      await worker.close()
    })

    it('gives a stalled `until-done` job to another worker', async () => {
      const queue = newQueue()
      const id = await newRow(queue)
      let began = 0
      const hung = await newDispatch()
      await hung.work(queue, { delivery: 'until-done', concurrency: 1, lockMs: 200, stalledCheckMs: 100, renewsLock: false }, async () => {
        began += 1
        await new Promise(() => {})
      })
      await dispatch.add(queue, id, { delivery: 'until-done' })
      await until(() => began === 1, 'began')
      const other = await newDispatch()
      let done = 0
      await other.work(queue, { delivery: 'until-done', concurrency: 1, lockMs: 200, stalledCheckMs: 100 }, async () => {
        done += 1
      })
      await until(() => done === 1, 'done by the other')
      await hung.close()
      await other.close()
    })

    it('keeps what waits over a restart, and lets a paused worker take nothing', async () => {
      const queue = newQueue()
      const first = await newDispatch()
      const id = await newRow(queue)
      await first.add(queue, id, { delivery: 'once' })
      await first.close()
      expect(await dispatch.stateOf(queue, id)).toBe('waiting')
      let ran = 0
      const worker = await dispatch.work(
        queue,
        { delivery: 'once', concurrency: 1 },
        claimAnd(async () => {
          ran += 1
        }),
      )
      await until(() => ran === 1, 'ran')
      worker.pause()
      const later = await newRow(queue)
      await dispatch.add(queue, later, { delivery: 'once' })
      await endJob(test.store.db, later, { state: 'cancelled', from: ['waiting'] })
      await dispatch.remove(queue, later)
      expect(await dispatch.stateOf(queue, later)).not.toBe('waiting')
      const last = await newRow(queue)
      await dispatch.add(queue, last, { delivery: 'once' })
      expect(ran).toBe(1)
      worker.resume()
      await until(() => ran === 2, 'ran after resume')
      expect((await findJob(test.store.db, later))?.state).toBe('cancelled')
      await worker.close()
    })

    it('puts lower priority numbers first, and asking order within one', async () => {
      const queue = newQueue()
      const ids: string[] = []
      for (const priority of [5, 1, 5, 0]) {
        const id = await newRow(queue)
        ids.push(id)
        await dispatch.add(queue, id, { delivery: 'once', priority })
      }
      const ran: string[] = []
      const worker = await dispatch.work(queue, { delivery: 'once', concurrency: 1 }, async (id) => {
        ran.push(id)
      })
      await until(() => ran.length === 4, 'all ran')
      expect(ran).toEqual([ids[3], ids[1], ids[0], ids[2]])
      await worker.close()
    })
  })
}
