/** The whole way: parts measured, the nodes in a real Node-RED, rows in a real database, a real guard that sets the offset of its controller. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rig } from '../../../nodes/motion/guard/test/rig.ts'
import { flowOf, startNodeRed, type TestNodeRed } from '../../../nodes/testing/node-red.ts'
import { RecordingServices } from '../../../nodes/testing/recording-services.ts'
import { startTestQuality, type TestQuality } from '../testing.ts'

const [PROPOSAL, NOTHING, , KEPT] = [0, 1, 2, 3]
const services = new RecordingServices()
let its: TestQuality
let red: TestNodeRed
let count = 0
beforeAll(async () => {
  its = await startTestQuality()
  red = await startNodeRed(services)
  const proposalId = () => `proposal_${++count}`
  services.quality = {
    ...services.quality,
    proposeCorrection: async (request) => its.rpc.proposeCorrection({ ...request, proposalId: proposalId() }),
    settleCorrection: async (request) => its.rpc.settleCorrection(request),
  }
}, 60_000)
afterAll(async () => {
  await red?.close()
  await its?.close()
}, 30_000)

test('a drift is proposed, set at the machine by an explicit rule, and not corrected again; a move by somebody else stops a late yes', async () => {
  const { guard } = await rig()
  services.machineState = async () => guard.state()
  services.actOnMachine = async ({ action }) => guard.act(action, { by: 'flow' })
  const offset = () => guard.state().offsetsMm?.G54?.[2]
  await guard.act({ kind: 'set-offset', workOffset: 'G54', offsetMm: { Z: -30 } }, { by: 'Ann' })
  const id = await its.add({ name: 'depth' })
  const part = (offMm: number) => its.enter(id, 10 + offMm)

  const correction = { type: 'cw-correction', characteristicId: id, machine: 'mc', axis: 'Z', points: 'all', outputs: 4 }
  const flow = (isWired: boolean) =>
    flowOf([
      { id: 'mc', type: 'cw-machine', machineId: 'mill-1' },
      { id: 'catch1', type: 'catch', scope: null },
      { ...correction, id: 'propose', does: 'propose', ...(isWired ? { wires: [['set'], ['sink'], ['sink'], ['sink']] } : {}) },
      {
        ...{ id: 'set', type: 'cw-set-offset', machine: 'mc', what: 'offset', workOffset: 'G54' },
        ...{ axisZ: 'payload.offsetMm.Z', axisZType: 'msg', outputs: 1, wires: [['applied']] },
      },
      { ...correction, id: 'applied', does: 'applied' },
    ])
  await red.deploy(flow(true))
  for (let i = 0; i < 6; i += 1) await part(0.02 + (i % 2 ? 0.001 : -0.001))
  red.give('propose', { payload: 1 })
  expect(await red.next('applied', KEPT)).toMatchObject({ correction: { outcome: 'applied', byMm: -0.02 } })
  expect(offset()).toBe(-30.02)
  red.give('propose', { payload: 1 })
  expect((await red.next('propose', NOTHING)).payload).toMatchObject({ why: 'noise', sumMm: -0.02 })

  // now with a person in between, who is late
  await red.deploy(flow(false))
  for (let i = 0; i < 10; i += 1) await part(0.01 + (i % 2 ? 0.001 : -0.001))
  red.give('propose', { payload: 1 })
  const proposal = await red.next('propose', PROPOSAL)
  expect(proposal.payload).toMatchObject({ byMm: -0.01, fromMm: -30.02, toMm: -30.03 })
  await guard.act({ kind: 'set-offset', workOffset: 'G54', offsetMm: { Z: 5 } }, { by: 'Bea' })
  red.give('set', proposal)
  expect((await red.next('catch1')).error).toMatchObject({ message: expect.stringContaining('somebody has moved it') })
  expect(offset()).toBe(5)
  red.give('propose', { payload: 1 })
  expect((await red.next('propose', NOTHING)).payload).toMatchObject({ why: 'too-few', points: 0 })
})
