import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../../base/log.ts'
import type { Schedule } from '../../nodes/triggers/time/schedule.ts'
import { redisProgram, startTestRedis, type TestRedis } from '../../test/faults/redis.ts'
import { aloneHost } from '../hosts/contract.ts'
import { openPostgresBull } from '../jobs/bull-postgres.ts'
import { openRedisBull } from '../jobs/bull-redis.ts'
import type { Bull } from '../jobs/dispatch.ts'
import { createRuns, type RunsPart } from '../runs/index.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createTriggers, type TriggersPart } from './index.ts'
import { runtimeDouble, time } from './testing.ts'

const log = createLog('test', process.env.CW_TEST_LOG ?? 'silent')

/** The clock itself, in real time, over both backends. */
const redisServer = redisProgram()
const BACKENDS = [
  { name: 'PostgreSQL', isHere: true },
  { name: redisServer ? 'Redis' : 'Redis: SKIPPED, no redis-server here', isHere: redisServer !== undefined },
]
describe.each(BACKENDS)('the clock over $name', ({ name, isHere }) => {
  if (!isHere) return it.skip('is not here', () => {})
  let test: TestStore
  let bull: Bull
  let runs: RunsPart
  let redis: TestRedis | undefined
  const parts: TriggersPart[] = []
  const live = { provide: () => {}, publish: () => {} } as never
  const everySecond: Schedule = { zone: 'UTC', when: { kind: 'interval', every: 1, unit: 'seconds' } }

  beforeAll(async () => {
    test = await startTestStore()
    runs = createRuns({ store: test.store, log, live, runtime: { onConnection: () => {} } })
    if (name !== 'Redis') {
      bull = await openPostgresBull({ database: test.database })
      return
    }
    redis = await startTestRedis(redisServer as string)
    bull = await openRedisBull({ url: redis.url, log })
  })
  afterEach(async () => {
    for (const part of parts.splice(0)) await part.close()
    await test.store.db.deleteFrom('triggerFiring').execute()
    await test.store.db.deleteFrom('trigger').execute()
  })
  afterAll(async () => {
    await runs?.close()
    await bull?.close()
    await redis?.close()
    await test?.close()
  })
  const start = async (host: string, sweepMs: number) => {
    const part: { current?: TriggersPart } = {}
    const runtime = runtimeDouble(() => part.current!)
    part.current = createTriggers({
      store: test.store,
      log,
      live,
      runtime,
      runs,
      audit: { record: () => {} },
      bull,
      currentFlows: async () => ({ flows: [] }),
      hosts: aloneHost(host),
      sweepMs,
    })
    parts.push(part.current)
    await part.current.start()
    return runtime
  }

  it('wakes one of two hosts at the very second, and each second has one firing', async () => {
    const hosts = [await start('one', 1_000_000), await start('two', 1_000_000)]
    for (const runtime of hosts) await runtime.run([time('second', everySecond)])
    const fired = () => hosts.flatMap((runtime) => runtime.fired)
    await expect.poll(() => fired().length).toBeGreaterThanOrEqual(3)
    expect(new Set(fired().map(({ dueAt }) => dueAt)).size).toBe(fired().length)
    const lateBy = () =>
      hosts.flatMap((runtime) => runtime.firedAt.map((at, index) => at - Date.parse(runtime.fired[index]?.dueAt ?? ''))).sort((a, b) => a - b)
    expect(lateBy()[0]).toBeGreaterThanOrEqual(0)
    // some are late when the machine stands still; nothing but the wake brings one in its own second
    await expect.poll(() => lateBy()[0]).toBeLessThan(1000)
  })

  it('goes on when BullMQ has lost everything, and is given back what the rows say', async () => {
    const runtime = await start('one', 200)
    await runtime.run([time('second', everySecond)])
    await expect.poll(() => runtime.fired.length).toBeGreaterThanOrEqual(1)
    const queue = bull.queue('triggers')
    // nobody gives this one back; the schedules may be back already
    const lost = await queue.add('due', {}, { delay: 3_600_000 })
    await queue.obliterate({ force: true })
    expect(await queue.getJobState(lost.id ?? '')).toBe('unknown')
    const before = runtime.fired.length
    await expect.poll(() => runtime.fired.length).toBeGreaterThan(before + 1)
    await expect.poll(() => queue.getJobSchedulersCount()).toBe(1)
    await queue.close()
    expect(new Set(runtime.fired.map(({ dueAt }) => dueAt)).size).toBe(runtime.fired.length)
  })
})
