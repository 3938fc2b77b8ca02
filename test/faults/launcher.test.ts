/** `kill -9` of the launcher in the middle of the demo job: nothing is orphaned, the machine is held, a new start goes on from there. */
import { afterEach, describe, expect, it } from 'vitest'
import { beginningOf } from '../../bootstrap/claims.mjs'
import { getMachine, type ProgramOutcome, resumeMachine } from '../../server/api/index.ts'
import { livingProcesses, type Product, startTestProduct, until } from '../product.ts'
import { beginProgram, expectSentOnce, jobEnd, journalOf, linesOf, movesIn, openShop, programsOf, runEnd, type Shop, standing, waitingAt } from './shop.ts'

/** Slow: a gateway takes a moment to close, and the machine is held after that. */
const TIME_SCALE = 75

let product: Product
let shop: Shop | undefined
afterEach(async () => {
  shop?.erp.close()
  shop = undefined
  await product?.close()
}, 60_000)

const isOfMachine = (name: string) => /^(guard|virtual):/.test(name)
/** Resolves when the launcher is gone. */
async function killLauncher(): Promise<void> {
  const { launcherPid } = product
  process.kill(launcherPid, 'SIGKILL')
  await until('the end of the launcher', 10_000, () => beginningOf(launcherPid) === undefined || undefined)
}

describe('kill -9 of the launcher in the middle of the program', { timeout: 120_000 }, () => {
  it('a new start finds the guard with its machine held and its job, and goes on when a person says so', async () => {
    product = await startTestProduct({ CELLWRIGHT_ORPHAN_TIMEOUT_S: '60' })
    shop = await openShop(product, TIME_SCALE)
    const { runId, job, order } = await beginProgram(shop)
    const { dataDir } = product
    const before = livingProcesses(dataDir)
    expect(before.map(({ name }) => name).sort()).toEqual([
      'connector-host',
      'gateway',
      `guard:${shop.machineId}`,
      'postgres',
      'runtime',
      `virtual:${shop.machineId}`,
    ])
    await killLauncher()
    await until('the others to end by themselves', 30_000, () => livingProcesses(dataDir).every(({ name }) => isOfMachine(name)) || undefined)
    expect(livingProcesses(dataDir).map(({ name }) => name)).toHaveLength(2)
    const held = shop
    await until(
      'the machine to be held',
      20_000,
      async () => (await journalOf(held)).some((record) => record.kind === 'realtime' && record.byte === 'feedHold') || undefined,
    )
    const atHold = await journalOf(held)
    const sent = linesOf(atHold, job.id)

    product = await startTestProduct({ CELLWRIGHT_ORPHAN_TIMEOUT_S: '60' }, { dataDir })
    shop = { ...shop, product }
    expect(await product.pidOf(`guard:${shop.machineId}`)).toBe(before.find(({ name }) => name.startsWith('guard:'))?.pid)
    const state = await standing(shop)
    expect(state.job).toMatchObject({ jobId: job.id, phase: 'holding' })
    const run = await runEnd(shop, runId)
    expect(run).toMatchObject({ state: 'interrupted', summary: expect.stringMatching(/gateway was restarted|flow runtime went away/) })
    // everything runs again, and nothing was sent
    await until('the flows', 30_000, () => waitingAt(shop!, 'cut', 'WO-2041'))
    const afterStart = await journalOf(shop)
    expect(linesOf(afterStart, job.id)).toEqual(sent)
    expect(movesIn(afterStart.slice(atHold.length))).toEqual([])

    await product.client.call(resumeMachine, { params: { machineId: shop.machineId } })
    const end = await jobEnd(shop, job.id)
    expect(end.state).toBe('completed')
    const lines = linesOf(await journalOf(shop), job.id)
    expectSentOnce(lines)
    expect(lines).toHaveLength((end.outcome as ProgramOutcome).totalLines)
    expect(await programsOf(shop, runId)).toHaveLength(1)
    expect(await waitingAt(shop, 'measure', order)).toBeUndefined()
    expect(shop.erp.taken).toEqual([])
  })

  it('without a new start the guard ends after its time, its machine held; a later start says so and sends nothing', async () => {
    product = await startTestProduct({ CELLWRIGHT_ORPHAN_TIMEOUT_S: '3' })
    shop = await openShop(product, TIME_SCALE)
    const { runId, job } = await beginProgram(shop)
    const { dataDir } = product
    await killLauncher()
    await until('every process to end', 40_000, () => livingProcesses(dataDir).length === 0 || undefined)
    const atEnd = await journalOf(shop)
    const hold = atEnd.findLastIndex((record) => record.kind === 'realtime' && record.byte === 'feedHold')
    expect(hold).toBeGreaterThan(0)
    expect(movesIn(atEnd.slice(hold))).toEqual([])
    expect(atEnd.at(-1)).toMatchObject({ kind: 'guard', what: 'ended' })

    product = await startTestProduct({}, { dataDir })
    shop = { ...shop, product }
    const end = await jobEnd(shop, job.id)
    expect(end).toMatchObject({ state: 'interrupted', reason: expect.stringMatching(/did not come back/) })
    expect((await runEnd(shop, runId)).state).toBe('interrupted')
    await until('the flows', 30_000, () => waitingAt(shop!, 'cut', 'WO-2041'))
    await until(
      'the machine',
      30_000,
      async () => (await product.client.call(getMachine, { params: { machineId: shop!.machineId } })).state?.link === 'connected' || undefined,
    )
    expect(movesIn((await journalOf(shop)).slice(atEnd.length))).toEqual([])
    expect(await programsOf(shop, runId)).toHaveLength(1)
    expect(shop.erp.taken).toEqual([])
  })
})
