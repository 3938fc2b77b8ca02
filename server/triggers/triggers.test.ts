import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../../base/log.ts'
import { ownTime } from '../../base/own-time.ts'
import type { Schedule } from '../../nodes/triggers/time/schedule.ts'
import type { TriggerFiring, TriggerView } from '../api/index.ts'
import { capabilitiesOf } from '../api/index.ts'
import { aloneHost } from '../hosts/contract.ts'
import { openPostgresBull } from '../jobs/bull-postgres.ts'
import type { Bull } from '../jobs/dispatch.ts'
import { createRuns, type RunsPart } from '../runs/index.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { likePattern } from './events.ts'
import type { Face } from './face.ts'
import { createTriggers, ofJob, ofMachine, type TriggersPart } from './index.ts'
import { type Fired, runtimeDouble, time } from './testing.ts'

const log = createLog('test', process.env.CW_TEST_LOG ?? 'silent')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = Date.parse('2026-11-23T08:00:00.500Z')
const hourly: Schedule = { zone: 'UTC', when: { kind: 'cron', pattern: '0 * * * *' } }
const everyTenSeconds: Schedule = { zone: 'UTC', when: { kind: 'interval', every: 10, unit: 'seconds' } }
const engineer = {
  userId: 'u',
  userName: 'ann',
  name: 'Ann',
  role: 'engineer',
  capabilities: capabilitiesOf('engineer'),
  via: 'session',
  session: 's',
} as const
const operator = { ...engineer, name: 'Otto', role: 'operator', capabilities: capabilitiesOf('operator') } as const

/** A store whose database stores the first firing that begins, and dies before it has said so. */
function losingOneYes(store: TestStore['store']): TestStore['store'] {
  let isLost = false
  const db = store.db.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      const isYes = result.rows.some((row) => 'id' in row && 'runId' in row && Object.keys(row).length === 2)
      if (isLost || !isYes) return result
      isLost = true
      throw new Error('Connection terminated unexpectedly')
    },
  })
  return { ...store, db }
}

describe('triggers', () => {
  let test: TestStore
  let bull: Bull
  let runs: RunsPart
  let now: number
  let elapsed: number
  let parts: TriggersPart[]
  const live = { provide: () => {}, publish: () => {} } as never
  const audit = { record: () => {} }

  beforeAll(async () => {
    test = await startTestStore()
    bull = await openPostgresBull({ database: test.database })
  })
  afterAll(async () => {
    await bull.close()
    await test.close()
  })
  beforeEach(async () => {
    now = START
    elapsed = 0
    parts = []
    runs = createRuns({ store: test.store, log, live, runtime: { onConnection: () => {} } })
    await test.store.db.deleteFrom('triggerFiring').execute()
    await test.store.db.deleteFrom('trigger').execute()
  })
  afterEach(async () => {
    for (const part of parts) await part.close()
    await runs.close()
  })

  const pass = (ms: number) => {
    now += ms
    elapsed += ms
  }
  /** A gateway with its runtime. The sweep is asked for by the tests; BullMQ's clock is tried in a test of its own. */
  const host = (name = 'host-1', sweepMs = 1_000_000, store = test.store) => {
    const runtime = runtimeDouble(() => part)
    const part = createTriggers({
      store,
      log,
      live,
      runtime,
      runs,
      audit,
      bull,
      currentFlows: async () => ({
        flows: [
          { id: 'tab', type: 'tab', label: 'Shop' },
          { id: 'a', type: 'cw-time-trigger', z: 'tab' },
        ],
      }),
      hosts: aloneHost(name),
      now: () => now,
      elapsed: () => elapsed,
      sweepMs,
    })
    parts.push(part)
    const call = <T>(id: string, input: object = {}): Promise<T> =>
      part.routes.find(({ route }) => route.id === id)!.run({ caller: engineer, query: {}, ...input } as never) as Promise<T>
    return {
      part,
      runtime,
      call,
      list: () => call<TriggerView[]>('listTriggers'),
      firings: async (triggerId: string) => (await call<{ firings: TriggerFiring[] }>('getTrigger', { params: { triggerId }, query: { limit: 200 } })).firings,
    }
  }
  const dues = (fired: Fired[]) => fired.map(({ dueAt }) => dueAt.slice(11, 19))

  it('fires at its time, once, in a run of its own, and says what comes next', async () => {
    const one = host()
    await one.runtime.run([time('a', hourly)])
    expect(one.runtime.fired).toEqual([])
    expect((await one.list())[0]).toMatchObject({ id: 'a', flowName: 'Shop', isOn: true, silence: 'never-fired', next: ['2026-11-23T09:00:00.000Z'] })
    const { trigger } = await one.call<{ trigger: TriggerView }>('getTrigger', { params: { triggerId: 'a' }, query: { limit: 5 } })
    expect(trigger.next.map((at) => at.slice(11, 13))).toEqual(['09', '10', '11', '12', '13'])
    pass(HOUR)
    await one.part.settle()
    await one.part.settle()
    expect(one.runtime.fired).toMatchObject([{ nodeId: 'a', dueAt: '2026-11-23T09:00:00.000Z', isLate: false }])
    const [shown] = await one.list()
    expect(shown?.last).toMatchObject([{ state: 'begun', cause: 'time', runId: one.runtime.fired[0]?.runId, runState: 'active' }])
    expect(shown?.silence).toBeUndefined()
  })

  it('fires each due time on one of several hosts', async () => {
    const hosts = [host('host-1'), host('host-2'), host('host-3')]
    const faces = Array.from({ length: 20 }, (_, index) => time(`t${index}`, hourly))
    for (const one of hosts) await one.runtime.run(faces)
    for (let hour = 0; hour < 3; hour += 1) {
      pass(HOUR)
      await Promise.all(hosts.map((one) => one.part.settle()))
    }
    const all = hosts.flatMap((one) => one.runtime.fired)
    expect(all).toHaveLength(60)
    expect(new Set(all.map(({ nodeId, dueAt }) => `${nodeId} ${dueAt}`)).size).toBe(60)
  })

  it('fires a thousand that are due in the same second, each once', async () => {
    const one = host()
    await one.runtime.run(Array.from({ length: 1000 }, (_, index) => time(`t${index}`, hourly)))
    pass(HOUR)
    const took = ownTime()
    await one.part.settle()
    expect(took()).toBeLessThan(20_000)
    expect(new Set(one.runtime.fired.map(({ nodeId }) => nodeId)).size).toBe(1000)
    expect(one.runtime.fired).toHaveLength(1000)
    expect(await one.list()).toHaveLength(1000)
  })

  describe('missed times', () => {
    const missed = async (how: 'skip' | 'once' | 'all') => {
      const first = host()
      await first.runtime.run([time('a', hourly, { missed: how })])
      await first.part.close()
      pass(3 * HOUR + 5 * MINUTE)
      const second = host()
      await second.part.start()
      await second.runtime.run([time('a', hourly, { missed: how })])
      return second
    }
    it('are left out, and it says how many', async () => {
      const one = await missed('skip')
      expect(one.runtime.fired).toEqual([])
      expect(await one.firings('a')).toMatchObject([{ state: 'skipped', reason: 'missed', missed: 3, dueAt: '2026-11-23T11:00:00.000Z' }])
    })
    it('run once for all of them', async () => {
      const one = await missed('once')
      expect(one.runtime.fired).toMatchObject([{ dueAt: '2026-11-23T11:00:00.000Z', isLate: true }])
      expect((await one.firings('a'))[0]?.missed).toBe(3)
    })
    it('run each, in order', async () => {
      const one = await missed('all')
      expect(dues(one.runtime.fired)).toEqual(['09:00:00', '10:00:00', '11:00:00'])
    })
  })

  describe('while the flow runtime is away', () => {
    const away = async (how: 'skip' | 'once' | 'all') => {
      const one = host()
      await one.runtime.run([time('a', everyTenSeconds, { missed: how })])
      one.runtime.connect(false)
      for (let count = 0; count < 12; count += 1) {
        pass(10_000)
        await one.part.settle()
      }
      await one.runtime.run([time('a', everyTenSeconds, { missed: how })])
      return one
    }
    it('firings that are not late yet wait for it, the others are left out', async () => {
      const one = await away('skip')
      expect(dues(one.runtime.fired)).toEqual(['08:01:40', '08:01:50', '08:02:00'])
      expect((await one.firings('a')).filter(({ reason }) => reason === 'runtime-away')).toHaveLength(9)
    })
    it('all of them wait for it when the trigger says so', async () => {
      expect((await away('all')).runtime.fired).toHaveLength(12)
    })
  })

  describe('when a process dies around a firing', () => {
    it('a runtime that died before it asked is asked again, in the same run', async () => {
      const one = host()
      await one.runtime.run([time('a', hourly)])
      pass(HOUR)
      one.runtime.dies = 'before-asking'
      await one.part.settle()
      expect(one.runtime.fired).toEqual([])
      const [waiting] = await one.firings('a')
      expect(waiting?.state).toBe('due')
      await one.runtime.run([time('a', hourly)])
      expect(one.runtime.fired).toMatchObject([{ runId: waiting?.runId }])
    })
    it('a runtime that died after it heard yes does not get it again', async () => {
      const one = host()
      await one.runtime.run([time('a', hourly)])
      pass(HOUR)
      one.runtime.dies = 'after-yes'
      await one.part.settle()
      await one.runtime.run([time('a', hourly)])
      expect(one.runtime.fired).toHaveLength(1)
      expect((await one.firings('a'))[0]?.state).toBe('begun')
    })
    it('a database that died with the yes on its way has it taken back, and the firing is brought again', async () => {
      const one = host('host-1', 50, losingOneYes(test.store))
      await one.part.start()
      await one.runtime.run([time('a', hourly)])
      pass(HOUR)
      await expect.poll(() => dues(one.runtime.fired)).toEqual(['09:00:00'])
      const [firing, ...more] = await one.firings('a')
      expect(more).toEqual([])
      expect(firing).toMatchObject({ state: 'begun', runId: one.runtime.fired[0]?.runId })
    })
    it('what a person fired has failed then, and its run with it', async () => {
      const one = host('host-1', 50, losingOneYes(test.store))
      await one.part.start()
      await one.runtime.run([time('a', hourly)])
      await one.call('fireTrigger', { params: { triggerId: 'a' }, body: { fireId: 'one', values: {} } })
      await expect.poll(async () => (await one.firings('a'))[0]).toMatchObject({ state: 'failed', reason: 'database-away' })
      await runs.flush()
      const runId = (await one.firings('a'))[0]?.runId ?? ''
      await expect.poll(() => test.store.db.selectFrom('run').select('state').where('id', '=', runId).executeTakeFirst()).toEqual({ state: 'failed' })
      expect(one.runtime.fired).toEqual([])
    })
    it('a gateway that died with the firing in its hands brings it after its restart', async () => {
      const first = host()
      await first.runtime.run([time('a', hourly)])
      first.runtime.connect(false)
      pass(HOUR)
      await first.part.settle()
      await test.store.db.updateTable('triggerFiring').set({ state: 'offered', host: 'host-1', offeredAt: new Date() }).execute()
      await first.part.close()
      const second = host()
      await second.part.start()
      await second.runtime.run([time('a', hourly)])
      await second.part.settle()
      expect(dues(second.runtime.fired)).toEqual(['09:00:00'])
    })
  })

  describe('when the clock is set', () => {
    it('back by an hour, a time of day that ran does not run again, and an interval goes on', async () => {
      const one = host('host-1', 50)
      await one.part.start()
      await one.runtime.run([time('cron', hourly), time('interval', everyTenSeconds)])
      pass(HOUR)
      await one.part.settle()
      expect(dues(one.runtime.fired.filter(({ nodeId }) => nodeId === 'cron'))).toEqual(['09:00:00'])
      one.runtime.fired.length = 0
      // the clock alone: 09:00:00 becomes 08:00:00
      now -= HOUR
      await expect.poll(async () => (await one.list()).find(({ id }) => id === 'interval')?.next[0]).toBe('2026-11-23T08:00:10.000Z')
      for (let count = 0; count < 360; count += 60) {
        pass(10 * MINUTE)
        await one.part.settle()
      }
      expect(one.runtime.fired.filter(({ nodeId }) => nodeId === 'cron')).toEqual([])
      expect(one.runtime.fired.filter(({ nodeId }) => nodeId === 'interval').length).toBeGreaterThanOrEqual(6)
      pass(HOUR)
      await one.part.settle()
      expect(dues(one.runtime.fired.filter(({ nodeId }) => nodeId === 'cron'))).toEqual(['10:00:00'])
    })
    it('forward by an hour, what was jumped over is missed', async () => {
      const one = host('host-1', 50)
      await one.part.start()
      await one.runtime.run([time('skip', hourly), time('once', hourly, { missed: 'once' })])
      now += 90 * MINUTE
      await expect.poll(() => one.runtime.fired.length).toBe(1)
      expect(one.runtime.fired).toMatchObject([{ nodeId: 'once', isLate: true, dueAt: '2026-11-23T09:00:00.000Z' }])
      expect(await one.firings('skip')).toMatchObject([{ state: 'skipped', missed: 1 }])
    })
  })

  it('fires once in each night when clocks are shifted', async () => {
    now = Date.parse('2026-03-28T23:00:00Z')
    const one = host()
    await one.runtime.run([time('a', { zone: 'Europe/Berlin', when: { kind: 'cron', pattern: '30 2 * * *' } })])
    for (let count = 0; count < 24 * 2; count += 1) {
      pass(15 * MINUTE)
      await one.part.settle()
    }
    expect(one.runtime.fired.map(({ dueAt }) => dueAt)).toEqual(['2026-03-29T01:00:00.000Z'])
  })

  it('stays switched off over deploys and restarts, and does not catch up', async () => {
    const first = host()
    await first.runtime.run([time('a', hourly, { missed: 'all' })])
    const off = await first.call<TriggerView>('switchTrigger', { params: { triggerId: 'a' }, body: { isOn: false } })
    expect(off).toMatchObject({ isOn: false, silence: 'off', switchedBy: 'Ann', next: [] })
    expect(first.runtime.told.at(-1)).toEqual(['a'])
    await first.part.close()
    pass(3 * HOUR)
    const second = host()
    await second.part.start()
    await second.runtime.run([time('a', { ...hourly, zone: 'Europe/Berlin' }, { missed: 'all' })])
    expect(second.runtime.fired).toEqual([])
    await second.call('switchTrigger', { params: { triggerId: 'a' }, body: { isOn: true } })
    await second.part.settle()
    expect(second.runtime.fired).toEqual([])
    pass(HOUR)
    await second.part.settle()
    expect(second.runtime.fired).toHaveLength(1)
  })

  it('leaves out a time while the run before is still at work, when the trigger says so', async () => {
    const one = host()
    await one.runtime.run([time('a', hourly, { overlap: 'skip' })])
    pass(HOUR)
    await one.part.settle()
    pass(HOUR)
    await one.part.settle()
    expect(one.runtime.fired).toHaveLength(1)
    expect((await one.firings('a'))[0]).toMatchObject({ state: 'skipped', reason: 'overlap' })
    await runs.fail(one.runtime.fired[0]?.runId ?? '', 'test')
    await runs.flush()
    pass(HOUR)
    await one.part.settle()
    expect(one.runtime.fired).toHaveLength(2)
  })

  it('forgets a trigger that was taken out of the flows, and begins anew when it is put back', async () => {
    const one = host()
    await one.runtime.run([time('a', hourly, { missed: 'all' })])
    await one.runtime.run([])
    expect(await one.list()).toEqual([])
    pass(3 * HOUR)
    await one.part.settle()
    await one.runtime.run([time('a', hourly, { missed: 'all' })])
    await one.part.settle()
    expect(one.runtime.fired).toEqual([])
  })

  describe('by hand', () => {
    const manual: Face = {
      nodeId: 'm',
      kind: 'manual',
      name: 'New batch',
      fields: [
        { key: 'count', label: 'Count', kind: 'number', isRequired: true },
        { key: 'material', label: 'Material', kind: 'choice', isRequired: false, choices: ['steel', 'brass'] },
        { key: 'isUrgent', label: 'Urgent', kind: 'yes-no', isRequired: false },
      ],
    }
    const fire = (one: ReturnType<typeof host>, body: object, caller: object = operator) =>
      one.call<TriggerFiring>('fireTrigger', { params: { triggerId: 'm' }, body: { values: {}, ...body }, caller })

    it('hands over what was entered, checked, and the same fireId is one firing', async () => {
      const one = host()
      await one.runtime.run([manual])
      const firing = await fire(one, { fireId: 'fire-0001', values: { count: '3,5', material: 'brass' } })
      const again = await fire(one, { fireId: 'fire-0001', values: { count: 4 } })
      expect(firing).toMatchObject({ state: 'begun', cause: 'by-hand', by: 'Otto' })
      expect(again.id).toBe(firing.id)
      expect(one.runtime.fired).toMatchObject([{ nodeId: 'm', by: 'Otto', values: { count: 3.5, material: 'brass', isUrgent: false } }])
    })
    it.each([
      [{}, /"Count" is missing/],
      [{ count: 'many' }, /must be a number/],
      [{ count: 1, material: 'wood' }, /one of: steel, brass/],
      [{ count: 1, other: 2 }, /does not ask for "other"/],
    ])('refuses %j', async (values, words) => {
      const one = host()
      await one.runtime.run([manual])
      await expect(fire(one, { fireId: 'fire-0002', values })).rejects.toThrow(words)
      expect(one.runtime.fired).toEqual([])
    })
    it('is refused while switched off, and while the flow runtime is away: nothing happens later', async () => {
      const one = host()
      await one.runtime.run([manual])
      await one.call('switchTrigger', { params: { triggerId: 'm' }, body: { isOn: false } })
      await expect(fire(one, { fireId: 'fire-0003', values: { count: 1 } })).rejects.toThrow(/switched off/)
      await one.call('switchTrigger', { params: { triggerId: 'm' }, body: { isOn: true } })
      one.runtime.dies = 'before-asking'
      await expect(fire(one, { fireId: 'fire-0004', values: { count: 1 } })).rejects.toThrow('Lost.')
      await expect(fire(one, { fireId: 'fire-0005', values: { count: 1 } })).rejects.toThrow(/not running/)
      await one.runtime.run([manual])
      await one.part.settle()
      expect(one.runtime.fired).toEqual([])
      expect(await one.firings('m')).toMatchObject([{ state: 'failed', reason: 'Lost.' }])
    })
    it('an operator fires manual triggers only; an engineer any', async () => {
      const one = host()
      await one.runtime.run([time('m', hourly)])
      await expect(fire(one, { fireId: 'fire-0006' })).rejects.toThrow(/right to deploy/)
      expect(await fire(one, { fireId: 'fire-0007' }, engineer)).toMatchObject({ state: 'begun', cause: 'by-hand' })
    })
  })

  describe('events', () => {
    const trigger = (on: NonNullable<Face['on']>, more: Partial<Face> = {}): Face => ({ nodeId: 'e', kind: 'event', name: 'e', on, ...more })
    const ended = (id: string, state = 'completed') =>
      ofJob({
        id,
        kind: 'program',
        queue: 'machine-m1',
        name: 'plate.nc',
        state,
        machineId: 'm1',
        requestedBy: 'x',
        createdAt: '',
        endedAt: '2026-11-23T08:00:00.000Z',
      } as never)
    const tell = async (one: ReturnType<typeof host>, happenings: Parameters<TriggersPart['happened']>[0][]) => {
      for (const happening of happenings) await one.part.happened(happening)
      await one.part.settle()
    }

    it('of programs and machines start their triggers, each once', async () => {
      const one = host()
      await one.runtime.run([
        trigger({ source: 'program-done', machineId: 'm1', ends: ['completed'] }),
        { ...trigger({ source: 'machine-event', machineId: 'm1', kinds: ['alarm'] }), nodeId: 'a' },
      ])
      await tell(one, [...ended('job_1'), ...ended('job_1'), ...ended('job_2', 'failed')])
      await tell(
        one,
        ['alarm', 'link-lost'].map((kind) => ofMachine('m1', { kind, text: `${kind}!`, at: '2026-11-23T08:00:01.000Z' })),
      )
      expect(one.runtime.fired).toMatchObject([
        { nodeId: 'e', values: { payload: { program: 'plate.nc', state: 'completed' }, topic: 'm1' } },
        { nodeId: 'a', values: { text: 'alarm!' } },
      ])
      expect((await one.firings('a'))[0]).toMatchObject({ cause: 'itself', state: 'begun', text: 'alarm!' })
    })
    it('wait while no flow runs, and begin once when it is back', async () => {
      const one = host()
      await one.runtime.run([trigger({ source: 'program-done', machineId: 'm1', ends: ['completed'] })])
      one.runtime.connect(false)
      await tell(one, ended('job_3'))
      pass(HOUR)
      expect(one.runtime.fired).toEqual([])
      await one.runtime.run([trigger({ source: 'program-done', machineId: 'm1', ends: ['completed'] })])
      expect(one.runtime.fired).toHaveLength(1)
    })
    it('of connections are taken by their subject, and left out within a cool-down and while switched off', async () => {
      const one = host()
      await one.runtime.run([trigger({ source: 'connection', connectionId: 'con_1', subject: 'orders/*.csv' }, { coolDownMs: 60_000 })])
      const file = (key: string, subject: string) => ({
        key,
        text: subject,
        payload: { name: subject },
        topic: subject,
        what: { source: 'connection' as const, connectionId: 'con_1', subject },
      })
      await tell(one, [file('1', 'orders/a.csv'), file('2', 'orders/b.csv'), file('3', 'notes/a.csv')])
      pass(2 * MINUTE)
      await tell(one, [file('4', 'Orders/C.CSV')])
      await one.call('switchTrigger', { params: { triggerId: 'e' }, body: { isOn: false } })
      pass(2 * MINUTE)
      await tell(one, [file('5', 'orders/d.csv')])
      expect(one.runtime.fired.map(({ values }) => values.topic)).toEqual(['orders/a.csv', 'Orders/C.CSV'])
      await expect(one.part.happened({ key: '6', text: '', payload: 1, what: { source: 'connection', connectionId: 'con_2', subject: 'x' } })).rejects.toThrow(
        /No flow waits/,
      )
    })
    it('of connections are stored with how far was read, or neither is', async () => {
      const one = host()
      await one.runtime.run([trigger({ source: 'connection', connectionId: 'con_1' })])
      const row = (key: string) => ({ key, text: key, payload: { key }, what: { source: 'connection' as const, connectionId: 'con_1', subject: 'orders' } })
      await expect(one.part.happenedAll([row('1')], () => Promise.reject(new Error('the mark could not be written')))).rejects.toThrow(
        'the mark could not be written',
      )
      await one.part.settle()
      expect(one.runtime.fired).toEqual([])
      const kept: string[] = []
      await one.part.happenedAll([row('1'), row('2')], async () => void kept.push('2'))
      // told of again after a restart: it is one
      await one.part.happenedAll([row('2')], async () => void kept.push('2'))
      // nothing new, and yet read further
      await one.part.happenedAll([], async () => void kept.push('3'))
      await one.part.settle()
      expect(one.runtime.fired.map(({ values }) => values.text)).toEqual(['1', '2'])
      expect(kept).toEqual(['2', '2', '3'])
    })
    it('of a connection whose live values a condition looks at are not kept back for want of an event trigger', async () => {
      const one = host()
      const watching = { kind: 'condition' as const, watches: { connectionId: 'con_9', tags: ['a'] } }
      await one.runtime.run([{ nodeId: 'w', name: 'w', ...watching }])
      const what = { source: 'connection' as const, connectionId: 'con_9', subject: 'a' }
      expect(await one.part.happened({ key: '1', text: '', payload: 1, what })).toBe(0)
    })
    it.each([
      ['*', 'anything', true],
      ['a*c', 'abc', true],
      ['a*c', 'ac', true],
      ['a*c', 'abcd', false],
      ['*.csv', 'x.csv', true],
      ['a*b*c', 'a-b-b-c', true],
      ['ab*ba', 'aba', false],
      ['abc', 'abcd', false],
      ['a.c', 'abc', false],
    ])('"%s" against "%s" is %s', (pattern, subject, expected) => {
      expect(likePattern(pattern, subject)).toBe(expected)
    })
  })
})
