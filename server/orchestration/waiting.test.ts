/** Nodes that wait, over the real store: what they keep, what wakes them, and that nothing goes on twice. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { OperationalError } from '../../base/errors.ts'
import { createHolds } from './holds.ts'
import { type Rig, startRig } from './testing.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig?.close())
afterEach(async () => {
  rig.resetClock()
  for (const { id } of await rig.steps()) await rig.ask('endStep', { params: { stepId: id }, body: { reason: 'end of the test' } }).catch(() => undefined)
})

let count = 0
const aRun = () => `run_wait${++count}`
const sink = { id: 'sink', type: 'debug', active: false, tosidebar: false, wires: [] }
const waiting = (more: object = {}) => ({ id: 'wait', type: 'cw-wait-until', mode: 'for', duration: '60', durationType: 'num', wires: [['sink']], ...more })
const sentBy = (nodeId: string) => rig.red.sent.filter(({ from }) => from === nodeId)

describe('wait until', () => {
  it('lets a message go on when its time has come, once, and says meanwhile what it waits for', async () => {
    await rig.deploy([waiting(), sink])
    const runId = aRun()
    rig.red.give('wait', { _run: runId, payload: { part: 7 }, raw: Buffer.from('G0 X1') })
    const [step] = await rig.untilOpen(1)
    expect(step).toMatchObject({ runId, nodeType: 'cw-wait-until', kind: 'time', state: 'waiting', text: 'for 1 min', isNodeMissing: false })
    expect((await rig.red.untilStatus('wait', /^since \d\d:\d\d: for 1 min$/)).fill).toBe('grey')
    expect(rig.runs.held()).toContainEqual({ id: runId, why: 'for 1 min' })
    rig.pass(61_000)
    expect(await rig.red.next('wait')).toMatchObject({ payload: { part: 7 }, raw: Buffer.from('G0 X1'), _run: runId })
    await rig.untilOpen(0)
    rig.pass(600_000)
    await rig.red.untilStatus('wait', 'nothing waits')
    expect(sentBy('wait')).toHaveLength(1)
    // told by the runtime when the message is on its way
    await rig.until('the run to be let go', () => rig.runs.held().length === 0)
    expect((await rig.steps(runId))[0]).toMatchObject({ state: 'ended', outcome: 'done' })
  })

  it('a run is let go although the database went away just when its steps had ended, and whoever asks again finds none', async () => {
    await rig.deploy([waiting(), sink])
    const runId = aRun()
    rig.red.give('wait', { _run: runId })
    await rig.untilOpen(1)
    const { release } = rig.runs
    let tries = 0
    rig.runs.release = async (id) => {
      tries += 1
      if (tries < 3) throw new OperationalError({ code: 'store-away', message: 'The database does not answer.' })
      await release(id)
    }
    try {
      await rig.orchestration.endRun(runId, 'enough')
      expect(await rig.orchestration.endRun(runId, 'enough')).toBe(0)
      await rig.until('the run to be let go', () => rig.runs.held().length === 0)
    } finally {
      rig.runs.release = release
    }
  })

  it('a run that an earlier gateway had let go is told as failed when the runtime that had its message is gone', async () => {
    await rig.deploy([waiting(), sink])
    const runId = aRun()
    rig.red.give('wait', { _run: runId })
    await rig.untilOpen(1)
    rig.pass(61_000)
    await rig.red.next('wait')
    await rig.untilOpen(0)
    const { db } = rig.store.store
    const { host, life } = await db.selectFrom('step').select(['host', 'life']).where('runId', '=', runId).executeTakeFirstOrThrow()
    const compared = async (now: string) => {
      const done: string[] = []
      const holds = createHolds({
        db,
        host,
        runs: {
          held: () => [],
          unheard: () => [runId],
          endUnheard: () => void done.push('what is left ends'),
          fail: async (id, why) => void done.push(`${id}: ${why}`),
          hold: async () => {},
          release: async () => {},
        },
      })
      await holds.compare(now, false)
      return done
    }
    expect(await compared(life)).toEqual(['what is left ends'])
    expect(await compared('another life')).toEqual([expect.stringContaining('restarted before it told how the run went on behind "wait'), 'what is left ends'])
  })

  it('goes on after a restart of the runtime and of the gateway, also when it fell due meanwhile', async () => {
    await rig.deploy([waiting(), sink])
    rig.red.give('wait', { _run: aRun(), payload: 'kept' })
    await rig.untilOpen(1)
    await rig.restartRuntime()
    await rig.red.untilStatus('wait', /for 1 min/)
    await rig.restartGateway()
    rig.pass(61_000)
    expect(await rig.red.next('wait')).toMatchObject({ payload: 'kept' })
    await rig.untilOpen(0)
    expect(sentBy('wait')).toHaveLength(1)
  })

  it('waits out a node that is not deployed, and says so', async () => {
    await rig.deploy([waiting(), sink])
    rig.red.give('wait', { _run: aRun() })
    await rig.untilOpen(1)
    await rig.deploy([sink])
    await rig.until('the node to be missed', async () => (await rig.steps())[0]?.isNodeMissing)
    rig.pass(61_000)
    await rig.deploy([waiting(), sink])
    await rig.red.next('wait')
    await rig.untilOpen(0)
  })

  it('counts time gone by when the clock is set, and follows the clock when it waits for a time', async () => {
    await rig.deploy([waiting(), waiting({ id: 'until', mode: 'until', until: 'due', untilType: 'msg' }), sink])
    rig.red.give('wait', { _run: aRun() })
    rig.red.give('until', { _run: aRun(), due: Date.now() + 1_800_000 + 700_000 })
    await rig.untilOpen(2)
    rig.setClock(3_600_000)
    await rig.red.next('until')
    const [left] = await rig.untilOpen(1)
    expect(left?.nodeId).toBe('wait')
    rig.setClock(-7_200_000)
    rig.pass(61_000)
    await rig.red.next('wait')
    rig.setClock(3_600_000)
    await rig.untilOpen(0)
  })

  it('lets 1,000 messages go on that are due in the same second, each once', async () => {
    await rig.deploy([waiting(), sink])
    for (let part = 0; part < 1000; part += 1) rig.red.give('wait', { _run: `run_many${part}`, part })
    await rig.until('1,000 steps', async () => (await rig.ask<unknown[]>('listSteps', { query: { limit: 1000 } })).length === 1000)
    rig.pass(61_000)
    await rig.red.until(() => sentBy('wait').length >= 1000, '1,000 messages')
    await rig.untilOpen(0)
    expect(new Set(sentBy('wait').map(({ message }) => message.part)).size).toBe(1000)
    expect(sentBy('wait')).toHaveLength(1000)
  })

  it('refuses a message that is too big to keep, to the flow’s Catch nodes', async () => {
    await rig.deploy([waiting(), { id: 'catch1', type: 'catch', scope: null, wires: [['sink']] }, sink])
    rig.red.give('wait', { _run: aRun(), payload: 'x'.repeat(300_000) })
    expect(await rig.red.next('catch1')).toMatchObject({ error: { message: expect.stringContaining('256 kB') } })
    expect(await rig.steps()).toEqual([])
  })

  it('can be ended by a person: its message does not go on', async () => {
    await rig.deploy([waiting(), sink])
    const runId = aRun()
    rig.red.give('wait', { _run: runId })
    const [step] = await rig.untilOpen(1)
    expect(await rig.ask('endStep', { params: { stepId: step?.id }, body: { reason: 'wrong order' } })).toMatchObject({
      state: 'ended',
      outcome: 'cancelled',
      text: 'Ended by Anna: wrong order',
    })
    await rig.red.untilStatus('wait', 'nothing waits')
    rig.pass(61_000)
    await rig.untilOpen(0)
    expect(sentBy('wait')).toEqual([])
  })
})
