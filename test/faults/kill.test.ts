/**
 * `kill -9` of each process in the middle of the demo job: nothing new is sent by itself, no confirmation
 * is written twice, and the run says what happened.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { getJob, getMachine, getRun, listJobs, listWorkOrders } from '../../server/api/index.ts'
import { buttonWaiting, confirmations, type Product, press, programUnderWay, setUpShop, startTestProduct, until } from '../product.ts'

let product: Product
afterEach(async () => product?.close())

/** Slow enough to be hit in the middle, quick enough for a test. */
const TIME_SCALE = 40

async function beginJob() {
  product = await startTestProduct()
  const shop = await setUpShop(product, TIME_SCALE)
  const runId = await press(product.client, shop.cut)
  const job = await programUnderWay(product.client, shop.machineId)
  return { shop, runId, job, client: product.client }
}

const ended = (jobId: string) =>
  until('the end of the job', 120_000, async () => {
    const job = await product.client.call(getJob, { params: { jobId } })
    return job.endedAt ? job : undefined
  })

const endedRun = (runId: string) =>
  until('the end of the run', 60_000, async () => {
    const run = await product.client.call(getRun, { params: { runId } })
    return run.state === 'active' ? undefined : run
  })

const programs = async (machineId: string) => (await product.client.call(listJobs, { query: { machineId } })).filter((job) => job.kind === 'program')

/** The controller has run its buffers out and stands. */
const standing = (machineId: string) =>
  until('the machine to stand', 60_000, async () => {
    const { state } = await product.client.call(getMachine, { params: { machineId } })
    return state?.link === 'connected' && state.isStanding ? state : undefined
  })

describe('kill -9 in the middle of the demo job', { timeout: 240_000 }, () => {
  it('flow runtime: the program finishes by its policy, the run says that the runtime died, nothing is confirmed', async () => {
    const { shop, runId, job, client } = await beginJob()
    process.kill(await product.pidOf('runtime'), 'SIGKILL')
    expect(await ended(job.id)).toMatchObject({ state: 'completed' })
    const run = await endedRun(runId)
    expect(run.state).toBe('interrupted')
    expect(run.summary).toMatch(/flow runtime/i)
    expect(await programs(shop.machineId)).toHaveLength(1)
    expect(await confirmations(shop.outbox)).toEqual([])
    // the order of the broken run is not confirmed, and is not offered as new work by itself
    const orders = await client.call(listWorkOrders, {})
    expect(orders.filter((order) => order.state === 'confirmed')).toEqual([])
  })

  it('guard: the job is interrupted, nothing new is sent, the run says so', async () => {
    const { shop, runId, job } = await beginJob()
    process.kill(await product.pidOf(`guard:${shop.machineId}`), 'SIGKILL')
    const end = await ended(job.id)
    expect(end.state).toBe('interrupted')
    const state = await standing(shop.machineId)
    expect(state.job).toBeUndefined()
    const sent = (end.outcome as { linesSent: number }).linesSent
    expect(sent).toBeGreaterThan(0)
    expect(sent).toBeLessThan(700)
    const run = await endedRun(runId)
    expect(['failed', 'interrupted', 'completed']).toContain(run.state)
    expect(`${run.summary} ${run.links.map((link) => link.text).join(' ')}`).toMatch(/interrupted/i)
    expect(await programs(shop.machineId)).toHaveLength(1)
    expect(await confirmations(shop.outbox)).toEqual([])
  })

  it('gateway: the program goes on, the flow goes on after the restart, the order is confirmed once', async () => {
    const { shop, runId, job, client } = await beginJob()
    process.kill(await product.pidOf('gateway'), 'SIGKILL')
    expect(await ended(job.id)).toMatchObject({ state: 'completed' })
    const run = await client.call(getRun, { params: { runId } })
    expect(run.links.map((link) => link.id)).toContain(job.id)
    const measure = await buttonWaiting(client, (button) => button.asks.length > 0)
    await press(client, measure, { [measure.asks[0]!.key]: 42.01 })
    await until('the confirmation', 60_000, async () => ((await confirmations(shop.outbox)).length > 0 ? true : undefined))
    await endedRun(runId)
    expect(await confirmations(shop.outbox)).toHaveLength(1)
    expect(await programs(shop.machineId)).toHaveLength(1)
  })

  it('PostgreSQL: the machine keeps its program, the job is recorded once it is back, nothing runs twice', async () => {
    const { shop, job } = await beginJob()
    process.kill(await product.pidOf('postgres'), 'SIGKILL')
    expect(await ended(job.id)).toMatchObject({ state: 'completed' })
    expect(await programs(shop.machineId)).toHaveLength(1)
    expect((await confirmations(shop.outbox)).length).toBeLessThanOrEqual(1)
  })
})
