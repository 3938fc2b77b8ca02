/** What a queue must hold over every backend, as vitest tests. Rows and queues are real; only what a job would do is replaced. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OperationalError } from '../../base/errors.ts'
import { createLog } from '../../base/log.ts'
import { ownTime } from '../../base/own-time.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { placeJob } from './board/order.ts'
import { createContext, type JobsContext } from './context.ts'
import { type Bull, createDispatch, type Dispatch } from './dispatch.ts'
import { startPump } from './pump.ts'
import type { Pump } from './pump-contract.ts'
import { changeQueue, queueControl } from './queue-controls.ts'
import { reconcileEvery } from './reconcile.ts'
import { endJob, findJob, insertJob, type JobRow, type NewJob, putBack } from './rows.ts'

const log = createLog('test', 'silent')

async function until(fact: () => boolean | Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await fact())) {
    if (performance.now() > end) throw new Error(`not so after ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A gateway, as far as queues know of it. */
function contextOver(dispatch: Dispatch, { db, host }: { db: JobsContext['db']; host: string }) {
  return createContext({
    db,
    log,
    dispatch,
    host,
    runs: { open: async () => {}, link: async () => {}, fail: async () => {}, isCancelled: () => false },
    live: { provide: () => {}, publish: () => {} },
    runtime: {
      peer() {
        throw new OperationalError({ code: 'runtime-away', message: 'There is no flow runtime here.' })
      },
    },
  })
}

export function queueConformance(name: string, openBull: (database: string) => Promise<Bull>, wipe?: () => Promise<void>): void {
  describe(`a queue on ${name}`, () => {
    let test: TestStore
    let context: ReturnType<typeof contextOver>
    let gateways = 0
    let queues = 0
    const newQueue = () => {
      queues += 1
      return `machine-t${queues}`
    }
    const newGateway = async () => {
      gateways += 1
      return contextOver(createDispatch(await openBull(test.database), log), { db: test.store.db, host: `g${gateways}` })
    }
    const closeGateway = async (gateway: ReturnType<typeof contextOver>) => {
      gateway.close()
      await gateway.dispatch.close()
    }
    const newRow = async (queue: string, more: Partial<NewJob> = {}) => {
      const { row } = await insertJob(test.store.db, { kind: 'flow', queue, name: 'test', request: {}, requestedBy: 'test', ...more })
      return row
    }
    const newRows = async (queue: string, plans: NewJob['plan'][]) => {
      const rows: JobRow[] = []
      for (const plan of plans) rows.push(await newRow(queue, { plan }))
      return rows
    }
    const ask = async (queue: string, more: Partial<NewJob> = {}) => {
      const row = await newRow(queue, more)
      await context.announce(row)
      return row.id
    }
    const stateOf = async (id: string) => (await findJob(test.store.db, id))?.state
    const endsAs = (id: string, state: string) => until(async () => (await stateOf(id)) === state, `${id} is ${state}`)
    /** Work that does `act` and ends its row. */
    const work = (
      queue: string,
      act: (id: string, row: JobRow) => Promise<void> | void,
      more: { concurrency?: number; isAlone?: boolean; isPaused?: boolean } = {},
      gateway = context,
    ): Promise<Pump> =>
      startPump(gateway, {
        queue,
        concurrency: 1,
        ...more,
        async run(row) {
          await act(row.id, row)
          const ended = await endJob(test.store.db, row.id, { state: 'completed' })
          if (ended) await gateway.ended(ended)
        },
      })
    const control = async (queue: string, change: Parameters<typeof changeQueue>[2]) =>
      context.queueChanged(await changeQueue(test.store.db, queue, change, 'Ann'))

    beforeAll(async () => {
      test = await startTestStore()
      context = await newGateway()
    })
    afterAll(async () => {
      if (context) await closeGateway(context)
      await test?.close()
    })

    it('runs each row once, in the order of asking, one at a time', async () => {
      const queue = newQueue()
      const ids = [await ask(queue), await ask(queue), await ask(queue), await ask(queue)]
      const began: string[] = []
      let atOnce = 0
      let most = 0
      await work(queue, async (id) => {
        began.push(id)
        atOnce += 1
        most = Math.max(most, atOnce)
        await new Promise((resolve) => setTimeout(resolve, 15))
        atOnce -= 1
      })
      await endsAs(ids.at(-1) ?? '', 'completed')
      expect(began).toEqual(ids)
      expect(most).toBe(1)
    })

    it('takes the same id twice for one delivery, and runs a row once however often it is delivered', async () => {
      const queue = newQueue()
      const { id } = await newRow(queue)
      await context.dispatch.add(queue, id)
      await context.dispatch.add(queue, id)
      let ran = 0
      await work(queue, () => {
        ran += 1
      })
      await endsAs(id, 'completed')
      await until(async () => (await context.dispatch.stateOf(queue, id)) === 'gone', 'delivered')
      await context.dispatch.add(queue, id)
      await until(async () => (await context.dispatch.stateOf(queue, id)) === 'gone', 'delivered once more')
      const last = await ask(queue)
      await endsAs(last, 'completed')
      expect(ran).toBe(2)
    })

    it('wakes an idle worker of another gateway at once', async () => {
      const queue = newQueue()
      const other = await newGateway()
      let hasRun = false
      await work(
        queue,
        () => {
          hasRun = true
        },
        {},
        other,
      )
      await new Promise((resolve) => setTimeout(resolve, 150)) // let it fall asleep; too short a wait only makes the test easier
      const sinceAsked = ownTime()
      await ask(queue)
      await until(() => hasRun, 'ran')
      // by itself it looks every 15 s
      expect(sinceAsked()).toBeLessThan(10_000)
      await closeGateway(other)
    })

    it('gives each row to one of two gateways that work it together', async () => {
      const queue = newQueue()
      const other = await newGateway()
      const ran: string[] = []
      await work(queue, (id) => void ran.push(id), { concurrency: 3 })
      await work(queue, (id) => void ran.push(id), { concurrency: 3 }, other)
      const ids = await Promise.all(Array.from({ length: 40 }, () => ask(queue)))
      for (const id of ids) await endsAs(id, 'completed')
      expect(ran.toSorted()).toEqual(ids.toSorted())
      await closeGateway(other)
    })

    it('never runs a job a second time whose worker hangs, and goes on with the next', async () => {
      const queue = newQueue()
      let ran = 0
      // a gateway that hangs and no longer renews its locks, as one that was stopped
      const hung = await newGateway()
      const heard: string[] = []
      await hung.dispatch.work(queue, { concurrency: 1, lockMs: 200, stalledCheckMs: 100, renewsLock: false }, async (rowId) => {
        heard.push(rowId)
        await new Promise(() => {})
      })
      const id = await ask(queue)
      await until(() => heard.length === 1, 'heard')
      // it had taken the row, too
      await test.store.db.updateTable('job').set({ state: 'active', startedAt: new Date() }).where('id', '=', id).execute()
      const other = await newGateway()
      let next = 0
      await startPump(other, {
        queue,
        concurrency: 1,
        lockMs: 200,
        stalledCheckMs: 100,
        async run(row) {
          if (row.id === id) ran += 1
          else next += 1
          await endJob(test.store.db, row.id, { state: 'completed' })
        },
      })
      await endsAs(await ask(queue), 'completed')
      await until(async () => (await context.dispatch.stateOf(queue, id)) === 'gone', 'the stalled delivery is gone')
      expect([ran, next]).toEqual([0, 1])
      expect(await stateOf(id)).toBe('active')
      await closeGateway(hung)
      await closeGateway(other)
    })

    it('lets nothing begin in a machine’s queue while something of it is worked on anywhere', async () => {
      const queue = newQueue()
      const [first, second] = await newRows(queue, [{}, {}])
      await test.store.db
        .updateTable('job')
        .set({ state: 'active' })
        .where('id', '=', first?.id ?? '')
        .execute()
      const began: string[] = []
      const pump = await work(queue, (id) => void began.push(id), { isAlone: true })
      const marker = newQueue()
      await work(marker, () => {})
      await endsAs(await ask(marker), 'completed')
      expect(began).toEqual([])
      await endJob(test.store.db, first?.id ?? '', { state: 'interrupted' })
      pump.wake()
      await until(() => began.length === 1, 'the next began')
      expect(began).toEqual([second?.id])
    })

    it('puts back what is to be tried again later, and tries it then', async () => {
      const queue = newQueue()
      const tries: number[] = []
      const id = await ask(queue)
      await startPump(context, {
        queue,
        concurrency: 2,
        async run(row) {
          tries.push(performance.now())
          if (tries.length === 4) return void (await endJob(test.store.db, row.id, { state: 'completed' }))
          const after = await putBack(test.store.db, row.id, 'The other side is away.', new Date(Date.now() + 60 * 2 ** (row.attempts - 1)))
          if (after) await context.announce(after)
        },
      })
      await endsAs(id, 'completed')
      const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? at))
      expect(pauses[0]).toBeGreaterThanOrEqual(59)
      expect(pauses[1]).toBeGreaterThanOrEqual(119)
      expect(pauses[2]).toBeGreaterThanOrEqual(239)
      expect((await findJob(test.store.db, id))?.attempts).toBe(4)
    })

    it('keeps what waits over a restart, and takes nothing while it is paused', async () => {
      const queue = newQueue()
      const first = await newGateway()
      const { id } = await newRow(queue)
      await first.dispatch.add(queue, id)
      await closeGateway(first)
      expect(await context.dispatch.stateOf(queue, id)).toBe('waiting')
      let ran = 0
      const pump = await work(queue, () => {
        ran += 1
      })
      await endsAs(id, 'completed')
      pump.pause()
      const later = await ask(queue)
      // a look that was under way may have taken it for a moment, and gives it back
      await until(async () => (await endJob(test.store.db, later, { state: 'cancelled', from: ['waiting'] })) !== undefined, 'cancelled')
      await ask(queue)
      expect(ran).toBe(1)
      pump.resume()
      await until(() => ran === 2, 'ran after resume')
      expect(await stateOf(later)).toBe('cancelled')
    })

    it('puts lower priority numbers first, and asking order within one', async () => {
      const queue = newQueue()
      const rows = await newRows(queue, [{ priority: 5 }, { priority: 1 }, { priority: 5 }, {}, { priority: -3 }])
      const ran: string[] = []
      await work(queue, (id) => void ran.push(id))
      await until(() => ran.length === 5, 'all ran')
      expect(ran).toEqual([rows[4], rows[3], rows[1], rows[0], rows[2]].map((row) => row?.id))
    })

    it('runs in the order in which a person has put what waits, also after halving one gap a hundred times', async () => {
      const queue = newQueue()
      const rows = await newRows(queue, [{}, {}, {}, { priority: 7 }])
      const [a, b, c, d] = rows.map((row) => row.id) as [string, string, string, string]
      await placeJob(test.store.db, c, { to: 'first' })
      expect((await placeJob(test.store.db, d, { after: c })).priority).toBe(0)
      await placeJob(test.store.db, c, { to: 'last' })
      // d a b c
      for (let turn = 0; turn < 50; turn += 1) {
        await placeJob(test.store.db, b, { before: a })
        await placeJob(test.store.db, a, { before: b })
      }
      // d a b c
      await placeJob(test.store.db, b, { before: d })
      await expect(placeJob(test.store.db, b, { before: (await newRow(newQueue())).id })).rejects.toMatchObject({ code: 'other-queue' })
      const ran: string[] = []
      await work(queue, (id) => void ran.push(id))
      await until(() => ran.length === 4, 'all ran')
      expect(ran).toEqual([b, d, a, c])
      await expect(placeJob(test.store.db, b, { to: 'first' })).rejects.toMatchObject({ code: 'job-not-waiting' })
    })

    it('begins nothing while it is held, says by whom and why, and goes on when it is released', async () => {
      const queue = newQueue()
      const ran: string[] = []
      await work(queue, (id) => void ran.push(id))
      await control(queue, { mode: 'held', why: 'fixture is away' })
      expect(await queueControl(test.store.db, queue)).toMatchObject({ mode: 'held', why: 'fixture is away', by: 'Ann' })
      const ids = [await ask(queue), await ask(queue)]
      await until(async () => (await context.dispatch.stateOf(queue, ids[1] ?? '')) === 'gone', 'delivered')
      expect(ran).toEqual([])
      await control(queue, { mode: 'open' })
      await until(() => ran.length === 2, 'ran')
      expect(ran).toEqual(ids)
      expect(await queueControl(test.store.db, queue)).not.toHaveProperty('why')
    })

    it('begins nothing before its time, and lets what may begin overtake it', async () => {
      const queue = newQueue()
      const ran: string[] = []
      await work(queue, (id) => void ran.push(id))
      const at = Date.now() + 700
      const inAnHour = await ask(queue, { plan: { notBefore: new Date(at + 3_600_000).toISOString() } })
      const soon = await ask(queue, { plan: { notBefore: new Date(at).toISOString() } })
      const now = await ask(queue)
      await until(() => ran.includes(now) && ran.includes(soon), 'both ran')
      expect((await findJob(test.store.db, soon))?.startedAt?.getTime()).toBeGreaterThanOrEqual(at)
      expect(await stateOf(inAnHour)).toBe('waiting')
    })

    it('fails what has not begun by its deadline, and only that', async () => {
      const queue = newQueue()
      await control(queue, { mode: 'held' })
      await work(queue, () => {})
      const missed = await ask(queue, { plan: { deadlineAt: new Date(Date.now() + 200).toISOString() } })
      const other = await ask(queue)
      await endsAs(missed, 'failed')
      expect((await findJob(test.store.db, missed))?.reason).toContain('deadline')
      await control(queue, { mode: 'open' })
      await endsAs(other, 'completed')
    })

    it('begins no more jobs in a time than its rate allows', async () => {
      const queue = newQueue()
      await control(queue, { rate: { jobs: 2, seconds: 0.5 } })
      let ran = 0
      await work(
        queue,
        () => {
          ran += 1
        },
        { concurrency: 4 },
      )
      const ids: string[] = []
      for (let job = 0; job < 5; job += 1) ids.push(await ask(queue))
      await until(() => ran === 5, 'all ran')
      // when they were taken: on a machine that is busy the work itself begins later
      const rows = await Promise.all(ids.map((id) => findJob(test.store.db, id)))
      const at = rows.map((row) => row?.startedAt?.getTime() ?? Number.NaN).sort((a, b) => a - b)
      for (const [index, began] of at.entries()) expect(began - (at[index - 2] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThan(450)
    })

    it('begins a job when all it depends on has completed', async () => {
      const queue = newQueue()
      const ran: string[] = []
      const [a, b] = await newRows(queue, [{ priority: 9 }, { priority: 9 }])
      const child = await newRow(queue, { plan: { dependsOn: [a?.id ?? '', b?.id ?? ''] } })
      expect(child.blockedBy).toBe(2)
      await work(queue, (id) => void ran.push(id))
      await endsAs(child.id, 'completed')
      expect(ran).toEqual([a?.id, b?.id, child.id])
    })

    it.each([
      ['wait', 'waiting', 'Try that one again'],
      ['fail', 'failed', 'it failed'],
      ['go-on', 'completed', null],
    ] as const)('does with a job whose blocker fails what it was asked to: %s', async (whenBlockerFails, state, reason) => {
      const queue = newQueue()
      const blocker = await newRow(queue)
      const child = await newRow(queue, { plan: { dependsOn: [blocker.id], whenBlockerFails } })
      const failed = await endJob(test.store.db, blocker.id, { state: 'failed', from: ['waiting'] })
      await work(queue, () => {})
      if (failed) await context.ended(failed)
      await endsAs(child.id, state)
      const row = await findJob(test.store.db, child.id)
      if (reason === null) expect(row?.reason).toBeNull()
      else expect(row?.reason).toContain(reason)
    })

    it('refuses to depend on a job that is not there, and queues nothing then', async () => {
      const queue = newQueue()
      await expect(newRow(queue, { plan: { dependsOn: ['job_none'] } })).rejects.toMatchObject({ code: 'job-not-found' })
      expect(await test.store.db.selectFrom('job').select('id').where('queue', '=', queue).execute()).toEqual([])
    })

    it('delivers what comes again and again, once each time however often it was said', async () => {
      const queue = newQueue()
      const other = await newGateway()
      const due: string[] = []
      for (const gateway of [context, other])
        await startPump(gateway, { queue, concurrency: 1, run: async () => {}, due: async (id) => void due.push(`${id} ${Date.now()}`) })
      const began = Date.now()
      for (let said = 0; said < 3; said += 1) await context.dispatch.every(queue, 'sweep', 400)
      await until(() => due.length >= 3, 'three times')
      expect(due.every((each) => each.startsWith('sweep '))).toBe(true)
      // one at each multiple of the time and no more; one of them may come late, close before the next, or a moment early
      expect(due.length).toBeLessThanOrEqual(Math.floor((Date.now() + 20) / 400) - Math.floor(began / 400) + 1)
      await closeGateway(other)
    })

    // what PostgreSQL keeps for the deliveries goes and comes with the rows
    if (wipe)
      it('loses and doubles nothing when everything that keeps the deliveries is wiped', async () => {
        const queue = newQueue()
        const ran: string[] = []
        const pump = await work(queue, (id) => void ran.push(id), { isPaused: true })
        const other = newQueue()
        const ids = [await ask(queue), await ask(queue), await ask(queue)]
        const soon = await ask(queue, { plan: { notBefore: new Date(Date.now() + 1500).toISOString() } })
        const elsewhere = await ask(other)
        await wipe?.()
        expect(await context.dispatch.stateOf(other, elsewhere)).toBe('gone')
        const reconciling = reconcileEvery(context, { everyMs: 100, youngMs: 0 })
        await until(async () => (await context.dispatch.stateOf(other, elsewhere)) === 'waiting', 'put back')
        pump.resume()
        await endsAs(soon, 'completed')
        expect(ran).toEqual([...ids, soon])
        reconciling.close()
      })
  })
}
