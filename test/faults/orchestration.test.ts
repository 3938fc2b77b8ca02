/**
 * `kill -9` of gateway, runtime and PostgreSQL in the middle of each orchestration node (Redis: redis.test.ts). One product for
 * all, and each kind of death in the middle of all nodes at once.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { NODES } from '../../nodes/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { rounds } from '../rounds.ts'
import { backAgain, canFreeze, freezeDatabase, killAndWait, mayRuntimeDie } from './kill.ts'
import { BRIEFLY, stepFlows, stepsOver } from './steps.ts'

let product: Product
const steps = stepsOver(() => product)
const { beginAll, beginTurns, ended, expectEachOnce, expectNoneTwice, goOn, measured, press, stepsOf } = steps
beforeAll(async () => {
  product = await startTestProduct()
  await steps.deploy()
}, 120_000)
afterAll(async () => {
  await product?.close()
  steps.close()
}, 60_000)

it('no orchestration node is left out', () => {
  const all = NODES.filter(({ family }) => family === 'orchestration').map(({ type }) => type)
  const here = new Set(stepFlows('').map(({ type }) => type))
  expect(all.filter((type) => !here.has(type))).toEqual([])
  expect(all).toHaveLength(16)
})

describe('stop everything', () => {
  it('ends what other runs wait for and halts their messages on the way; the run that asked goes on', async () => {
    steps.gate.shut()
    const { gate: _passed, ...runs } = await beginAll()
    const slow = await press('slow')
    await until('its message to be in a node of Node-RED', 20_000, () => steps.gate.waiting === 1)
    const asked = await ended('the run that asked', await press('stop'))
    expect(asked.state).toBe('completed')
    expect(measured(asked)).toBe(1)
    for (const [name, runId] of Object.entries({ ...runs, slow })) {
      const run = await ended(name, runId)
      const reached = await stepsOf(runId)
      // its time had come before that
      if (BRIEFLY.includes(name) && reached[0]?.outcome === 'done') continue
      expect([name, run.state, measured(run)]).toEqual([name, 'failed', 0])
      expect(run.summary, name).toContain('shift end')
      expect(reached.filter(({ state }) => state === 'waiting')).toEqual([])
    }
    // the message that was in the node of Node-RED comes out of it now
    steps.gate.open()
    await until('it to be let through', 20_000, () => steps.gate.waiting === 0)
    await wait(1000)
    const late = await ended('slow', slow)
    expect([late.state, measured(late)]).toEqual(['failed', 0])
  })
})

describe('kill -9 in the middle of each orchestration node', { timeout: 120_000 }, () => {
  it('of runtime: every run goes on to its end, once; what was between two nodes is given again, or counts as failed', async () => {
    steps.gate.shut()
    const runs = await beginAll()
    for (const name of ['again', 'fail']) {
      const runId = await press(name)
      runs[name] = runId
      await expect.poll(async () => (await stepsOf(runId)).some(({ isOut }) => isOut), { timeout: 20_000 }).toBe(true)
    }
    await until('both to be between two nodes', 20_000, () => steps.gate.waiting === 2)
    await killAndWait(product, 'runtime')
    steps.gate.open()
    await goOn(runs)
    await expectEachOnce(runs)
    expect((await stepsOf(runs.fail as string))[0]).toMatchObject({
      outcome: 'failed',
      text: expect.stringContaining('the flow runtime was restarted meanwhile'),
    })
    expect((await stepsOf(runs.again as string))[0]).toMatchObject({ outcome: 'done' })
  })

  for (const victim of ['gateway', 'postgres'])
    it(`of ${victim}: every run goes on to its end, once`, async () => {
      const runs = await beginAll()
      await killAndWait(product, victim)
      await goOn(runs)
      await expectEachOnce(runs)
    })

  it('of all three, one after the other, while what waits goes on: nothing comes out twice, and a run that is lost says why', async () => {
    const runs = await beginAll()
    const going = goOn(runs).catch(() => goOn(runs))
    for (const victim of ['postgres', 'gateway', 'runtime']) await killAndWait(product, victim)
    await going
    // what was lost between two nodes is given again, and waits again
    const again = setInterval(() => void steps.raise().catch(() => {}), 1000)
    onTestFinished(() => clearInterval(again))
    await expectNoneTwice(runs)
  })
})

/** "return", "undo" and "stop everything" wait for nobody: they are in their middle while the database stores their turn. */
describe.skipIf(!canFreeze)('kill -9 in the middle of a turn, while the database stands still', { timeout: 120_000 }, () => {
  it.each(['gateway', 'postgres', 'runtime'])('of %s: what was asked for is done once', async (victim) => {
    if (victim === 'runtime') await mayRuntimeDie()
    const pid = await product.pidOf(victim)
    const runs = await beginTurns()
    await until('their messages to be on the way', 20_000, () => steps.gate.waiting === 3)
    const goOnAgain = await freezeDatabase(product)
    try {
      // the messages come to their nodes now
      steps.gate.open()
      await until('them to be let through', 20_000, () => steps.gate.waiting === 0)
      await wait(500)
      process.kill(pid, 'SIGKILL')
    } finally {
      goOnAgain()
    }
    await backAgain(product, victim, pid)
    // a turn that the database had taken, and whose runtime died before it could send, is not sent again
    if (victim === 'runtime') return expectNoneTwice(runs)
    await expectEachOnce(runs)
    // written in a batch, after the run has gone on
    await expect
      .poll(async () => (await stepsOf(runs['turn-stop'] as string))[1], { timeout: 20_000 })
      .toMatchObject({ outcome: 'cancelled', text: expect.stringContaining('enough') })
  })
})

/** The long form (`npm run soak`): deaths at times that chance has chosen. */
function killAtAnyTime(): void {
  const seed = Number(process.env.CELLWRIGHT_SEED ?? Date.now() % 1_000_000)
  const chance = chanceOf(seed)
  const victims = ['gateway', 'postgres', 'runtime'] as const

  it(`seed ${seed}: each run comes to its end, none twice, and one that is lost says why`, { timeout: 3_600_000 }, async () => {
    for (let round = 0; round < rounds(0, 40); round += 1) {
      const runs = await beginAll()
      Object.assign(runs, await beginTurns())
      const again = setInterval(() => void steps.raise().catch(() => {}), 500 + chance() * 1500)
      steps.gate.open()
      const going = goOn(runs).catch(() => goOn(runs))
      const deaths = 1 + Math.floor(chance() * 3)
      for (let death = 0; death < deaths; death += 1) {
        await wait(chance() * 3000)
        await killAndWait(product, victims[Math.floor(chance() * victims.length)] ?? 'gateway')
      }
      try {
        await going
        await expectNoneTwice(runs)
      } catch (error) {
        throw new Error(`seed ${seed}, round ${round}`, { cause: error })
      } finally {
        clearInterval(again)
      }
    }
  })
}
if (rounds(0, 1)) describe('kill -9 at any time', killAtAnyTime)

/** Numbers from 0 to 1 that the same seed gives again (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
