/**
 * Redis killed and started empty, and wiped, in the middle of each orchestration node and while jobs wait and run: the rows are the
 * truth. Where no redis-server is installed this is skipped.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getSystem, type Job } from '../../server/api/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { flowFor, shopOver } from './flow-jobs.ts'
import { redisProgram, startTestRedis, type TestRedis } from './redis.ts'
import { stepsOver } from './steps.ts'

const program = redisProgram()

describe.skipIf(!program)(program ? 'Redis' : 'Redis: SKIPPED, no redis-server on the PATH', { timeout: 120_000 }, () => {
  let product: Product
  let redis: TestRedis
  const file = () => join(product.dataDir, 'done.txt')
  const shop = shopOver(() => product, file)
  const steps = stepsOver(() => product)
  const queues = async () => (await product.client.call(getSystem, {})).queues

  beforeAll(async () => {
    redis = await startTestRedis(program as string)
    product = await startTestProduct({ REDIS_URL: redis.url })
    await steps.deploy(flowFor(file()))
  }, 120_000)
  afterAll(async () => {
    await product?.close()
    steps.close()
    await redis?.close()
  }, 60_000)

  it('wiped in the middle of each orchestration node: every run goes on to its end, once', async () => {
    const runs = await steps.beginAll()
    await redis.wipe()
    await steps.goOn(runs)
    await steps.expectEachOnce(runs)
  })

  it('killed in the middle of each orchestration node: health says so, and every run goes on to its end, once', async () => {
    const runs = await steps.beginAll()
    const job = await shop.ask('before')
    await redis.kill()
    await until('health to say so', 30_000, async () => (await queues()) === 'away')
    // steps go on without it
    await steps.goOn(runs)
    await steps.expectEachOnce(runs)
    await redis.start()
    await until('health to say that it is back', 30_000, async () => (await queues()) === 'ok')
    await shop.expectEachOnce([job], ['before'])
  })

  it('wiped while jobs wait, run, and wait for their time: each is worked once', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `wiped-${index}`)
    await shop.hold()
    const jobs: Job[] = []
    for (const each of names) jobs.push(await shop.ask(each))
    await redis.wipe()
    const soon = await shop.ask('soon', { notBefore: new Date(Date.now() + 3000).toISOString() })
    await shop.release()
    await until('some to be worked', 30_000, async () => (await shop.done()).filter((line) => line.startsWith('wiped')).length >= 3)
    await redis.wipe()
    // what waits is found by the gateway's own looks; BullMQ has forgotten it
    await shop.expectEachOnce([...jobs, soon], [...names, 'soon'])
  })

  it('killed and started empty while jobs wait: each is worked once, also one asked for meanwhile', async () => {
    await shop.hold()
    const names = Array.from({ length: 6 }, (_, index) => `killed-${index}`)
    const jobs: Job[] = []
    for (const each of names) jobs.push(await shop.ask(each))
    await redis.kill()
    jobs.push(await shop.ask('meanwhile'))
    await redis.start()
    await shop.release()
    await shop.expectEachOnce(jobs, [...names, 'meanwhile'])
    expect(new Set(await shop.done()).size).toBe((await shop.done()).length)
  })
})
