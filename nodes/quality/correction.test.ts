/** The node that proposes corrections of offsets, in a real Node-RED; the gateway's side is tested over its database. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '../../base/errors.ts'
import type { MachineState } from '../motion/machine.ts'
import { flowOf, startNodeRed, type TestNodeRed } from '../testing/node-red.ts'
import { RecordingServices } from '../testing/recording-services.ts'
import type { CorrectionNow } from './services.ts'

const services = new RecordingServices()
const [PROPOSAL, NOTHING, BEYOND, KEPT] = [0, 1, 2, 3]
let red: TestNodeRed
beforeAll(async () => {
  red = await startNodeRed(services)
})
afterAll(() => red?.close())

const state = (more: Partial<MachineState> = {}): MachineState =>
  ({
    machineId: 'mill-1',
    link: 'connected',
    controller: 'idle',
    abilities: { dialect: 'grbl', axes: ['X', 'Y', 'Z'] },
    offsetsMm: { G54: [10, 20, -30], G55: [1, 2, 3] },
    ...more,
  }) as MachineState
const drift = { valueMm: 0.024, lowerMm: 0.02, upperMm: 0.028, points: 10 }
const proposed: CorrectionNow = {
  name: 'bore diameter',
  verdict: 'propose',
  drift,
  byMm: -0.012,
  sumMm: -0.032,
  fromMm: -30,
  toMm: -30.012,
  isLimited: false,
  proposalId: 'ofc_1',
}

beforeEach(() => {
  services.calls.length = 0
  services.refuse.clear()
  services.correctionNow = proposed
  services.tellState(state())
})

const machine = { id: 'mc', type: 'cw-machine', machineId: 'mill-1' }
const catcher = { id: 'catch1', type: 'catch', scope: null }
const correction = (more: object = {}) => ({ id: 'c', type: 'cw-correction', characteristicId: 'chr_1', machine: 'mc', axis: 'Z', outputs: 4, ...more })
const deploy = (...nodes: object[]) => red.deploy(flowOf([machine, catcher, ...(nodes as [])]))

describe('a proposal', () => {
  it('is asked for with where the offset is now, a signed gain, and the limits', async () => {
    await deploy(correction({ moves: 'smaller', factor: 0.5, estimator: 'median', confidence: '99', share: 50, beyondStep: 'limit', late: 2, points: 'all' }))
    red.give('c', { payload: 1, _run: 'run_1' })
    await red.next('c', PROPOSAL)
    expect(services.callsOf('proposeCorrection')).toEqual([
      {
        characteristicId: 'chr_1',
        offset: { machineId: 'mill-1', workOffset: 'G54', axis: 'Z' },
        plan: {
          ...{ last: 10, least: 5, estimator: 'median', confidence: 0.99, gain: -0.5, share: 0.5 },
          ...{ deadBandMm: 0.005, largestStepMm: 0.05, largestSumMm: 0.2, beyondStep: 'limit' },
        },
        ...{ isOfMachine: false, late: 2, openForS: 28_800, nowMm: -30, nodeId: 'c', runId: 'run_1' },
      },
    ])
  })

  it('is a card for a person and a setting for the machine as it stands', async () => {
    const ask = {
      ...{ id: 'ask', type: 'cw-wait-person', question: 'payload.text', questionType: 'msg', details: 'payload.details', detailsType: 'msg' },
      ...{ outputs: 4, asks: [] },
    }
    const set = {
      id: 'set',
      type: 'cw-set-offset',
      machine: 'mc',
      what: 'offset',
      workOffset: 'G54',
      axisZ: 'payload.offsetMm.Z',
      axisZType: 'msg',
      outputs: 1,
    }
    await deploy(correction(), ask, set)
    red.give('c', { payload: 1, serial: 'S1' })
    const message = await red.next('c', PROPOSAL)
    expect(message).toMatchObject({
      serial: 'S1',
      payload: {
        ...{ proposalId: 'ofc_1', characteristic: 'bore diameter', characteristicId: 'chr_1', byMm: -0.012, toMm: -30.012, offsetMm: { Z: -30.012 } },
        text: 'mill-1: move G54 Z by -0.012 mm (-30.000 to -30.012)? bore diameter',
        details:
          'Drift from nominal +0.024 mm (95 %: +0.020 to +0.028), from 10 points. With this one, corrected since it began anew: -0.032 mm of at most 0.200 mm.',
      },
    })
    expect(services.callsOf('actOnMachine')).toEqual([])
    red.give('ask', { payload: message.payload })
    await expect.poll(() => services.callsOf('openStep')).toMatchObject([{ text: expect.stringContaining('move G54 Z by -0.012 mm') }])
    red.give('set', { payload: message.payload })
    await red.next('set', 0)
    expect(services.callsOf('actOnMachine')).toMatchObject([{ action: { kind: 'set-offset', workOffset: 'G54', offsetMm: { Z: -30.012 } } }])
  })

  it('for a tool says that the work offset is moved for it', async () => {
    await deploy(correction({ tool: ' T5 ' }))
    red.give('c', { payload: 1 })
    const { payload } = await red.next('c', PROPOSAL)
    expect(payload).toMatchObject({ tool: 'T5', text: expect.stringContaining('for T5?'), details: expect.stringContaining('every tool that works in G54') })
    expect(services.callsOf('proposeCorrection')).toMatchObject([{ offset: { tool: 'T5' } }])
  })

  it('of a machine that does not tell its offsets is in words alone', async () => {
    const { offsetsMm: _, ...silent } = state()
    services.tellState({ ...silent, abilities: { dialect: 'linuxcnc', axes: ['X', 'Y', 'Z'] } } as MachineState)
    services.correctionNow = { ...proposed, fromMm: null, toMm: null }
    await deploy(correction())
    red.give('c', { payload: 1 })
    const { payload } = await red.next('c', PROPOSAL)
    expect(services.callsOf('proposeCorrection')).toMatchObject([{ nowMm: null }])
    expect(payload).not.toHaveProperty('offsetMm')
    expect(payload).toMatchObject({ text: 'mill-1: move G54 Z by -0.012 mm? bore diameter', details: expect.stringContaining('enter it at the control') })
  })
})

it('asks nothing while the machine is not connected, and says so', async () => {
  services.tellState(state({ link: 'lost' }))
  await deploy(correction())
  red.give('c', { payload: 1 })
  expect((await red.next('c', NOTHING)).payload).toMatchObject({ verdict: 'nothing', why: 'machine-away', text: expect.stringContaining('not connected') })
  expect(services.calls).toEqual([])
})

it.each([
  ['too-few', { points: 3 }, 'bore diameter: 3 of 5 points of parts of mill-1'],
  ['noise', { drift }, 'bore diameter: a drift of +0.024 mm cannot be told from noise'],
  ['dead-band', { drift }, 'bore diameter: a drift of +0.024 mm is within the dead band of 0.005 mm'],
  ['open', { since: '2026-03-02T08:00:00.000Z' }, 'bore diameter: the proposal of 2026-03-02 08:00 UTC for G54 Z has no answer yet'],
  [
    'not-seen',
    { since: '2026-03-02T08:00:00.000Z' },
    'bore diameter: the correction of 2026-03-02 08:00 UTC was told as set, but G54 Z of mill-1 is where it was',
  ],
] as const)('nothing to do says why: %s', async (why, more, text) => {
  services.correctionNow = { name: 'bore diameter', verdict: 'nothing', why, sumMm: 0, ...more }
  await deploy(correction())
  red.give('c', { payload: 1 })
  expect((await red.next('c', NOTHING)).payload).toMatchObject({ why, text })
  expect(red.statusOf('c').text).toBe(text)
})

it.each([
  ['step', 'bore diameter: -0.080 mm in G54 Z is beyond the largest step of 0.050 mm: look at the tool'],
  ['sum', 'bore diameter: -0.080 mm more in G54 Z would be beyond the largest sum of 0.200 mm: change the tool'],
] as const)('beyond its limits says which: %s', async (why, text) => {
  services.correctionNow = { name: 'bore diameter', verdict: 'beyond', why, sumMm: -0.19, wantedMm: -0.08, drift }
  await deploy(correction())
  red.give('c', { payload: 1 })
  expect((await red.next('c', BEYOND)).payload).toMatchObject({ why, text, wantedMm: -0.08 })
  expect(red.statusOf('c').fill).toBe('red')
})

describe('what became of it', () => {
  it.each(['applied', 'refused'] as const)('is kept: %s, with who said so', async (does) => {
    await red.deploy(flowOf([{ id: 'c', type: 'cw-correction', does, outputs: 4 }]))
    red.give('c', { payload: { proposalId: 'ofc_1' }, answer: { choice: 'approved', by: 'Ann' }, _run: 'run_1' })
    expect(await red.next('c', KEPT)).toMatchObject({ payload: { proposalId: 'ofc_1' }, correction: { outcome: does, byMm: -0.012, isRepeat: false } })
    expect(services.callsOf('settleCorrection')).toEqual([{ proposalId: 'ofc_1', outcome: does, by: 'Ann', nodeId: 'c', runId: 'run_1' }])
  })

  it('of an approval by two people, with both', async () => {
    await red.deploy(flowOf([{ id: 'c', type: 'cw-correction', does: 'applied', outputs: 4 }]))
    const approval = { isApproved: true, approvedBy: [{ by: 'Ann' }, { by: 'Bea' }] }
    red.give('c', { payload: { proposalId: 'ofc_1' }, approval, answer: 'G54 lies at Z -30.012 in machine coordinates now.' })
    await red.next('c', KEPT)
    red.give('c', { payload: { proposalId: 'ofc_1' }, approval: { isApproved: false, refusedBy: { by: 'Cem' }, approvedBy: [{ by: 'Ann' }] } })
    await red.next('c', KEPT)
    expect(services.callsOf('settleCorrection').map(({ by }) => by)).toEqual(['Ann, Bea', 'Cem'])
  })

  it('begins anew for another tool', async () => {
    await deploy(correction({ does: 'reset', tool: 'T5' }))
    red.give('c', { payload: 1 })
    expect(await red.next('c', KEPT)).toMatchObject({ correction: { outcome: 'reset', tool: 'T5' } })
    expect(services.callsOf('resetCorrections')).toMatchObject([
      { characteristicId: 'chr_1', offset: { machineId: 'mill-1', workOffset: 'G54', axis: 'Z', tool: 'T5' } },
    ])
  })

  it('without a proposal, or of one that is not known, goes to the Catch nodes', async () => {
    await deploy(correction({ does: 'applied' }))
    red.give('c', { payload: {} })
    expect((await red.next('catch1')).error).toBeDefined()
    expect(services.calls).toEqual([])
    services.refuse.set('settleCorrection', new UserError({ code: 'correction-unknown', message: 'There is no such proposal.' }))
    red.give('c', { payload: { proposalId: 'ofc_9' } })
    expect((await red.next('catch1')).error).toMatchObject({ message: expect.stringContaining('no such proposal') })
  })
})

it.each([
  [{ machine: '' }, 'Machine is missing.'],
  [{ characteristicId: '' }, 'Characteristic is missing.'],
  [{ least: 20 }, 'newest 10'],
])('does nothing while it is not set up: %o', async (more, words) => {
  await deploy(correction(more))
  expect(red.statusOf('c').text).toContain(words)
})
