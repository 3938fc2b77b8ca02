/** Corrections of offsets over a real database: proposed once, never the same drift twice, whatever happens in between. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addMarks } from '../../api/index.ts'
import { startTestQuality, type TestQuality } from '../testing.ts'

type Ask = Parameters<TestQuality['rpc']['proposeCorrection']>[0]

let its: TestQuality
let clock = Date.now()
beforeAll(async () => {
  its = await startTestQuality({ now: () => clock })
})
afterAll(() => its?.close())

let count = 0
let id = ''
/** The offset at the machine. */
let machineMm = 100
let machineId = ''

beforeEach(async () => {
  count += 1
  clock = Date.now()
  machineMm = 100
  machineId = `mill-${count}`
  id = await its.add({ name: `bore ${count}` })
})

const ask = (more: Omit<Partial<Ask>, 'plan' | 'offset'> & { plan?: Partial<Ask['plan']>; tool?: string } = {}): Ask => {
  const { plan, tool, ...rest } = more
  count += 1
  return {
    nodeId: 'n1',
    proposalId: `proposal_${count}`,
    characteristicId: id,
    offset: { machineId, workOffset: 'G54', axis: 'X', ...(tool ? { tool } : {}) },
    isOfMachine: false,
    late: 0,
    openForS: 3600,
    nowMm: machineMm,
    ...rest,
    plan: {
      ...{ last: 10, least: 5, estimator: 'mean', confidence: 0.95, gain: 1, share: 1, deadBandMm: 0.002 },
      ...{ largestStepMm: 0.05, largestSumMm: 0.1, beyondStep: 'stop', ...plan },
    },
  }
}
const propose = (more?: Parameters<typeof ask>[0]) => its.rpc.proposeCorrection(ask(more))
const settle = (proposalId: string | undefined, outcome: 'applied' | 'refused' = 'applied') =>
  its.rpc.settleCorrection({ nodeId: 'n2', proposalId: proposalId ?? '', outcome, by: 'Ann' })
const anew = () => its.rpc.resetCorrections({ nodeId: 'n3', resetId: `reset_id_${++count}`, characteristicId: id, offset: ask().offset })
/** Parts that are off by so much, give or take a thousandth. */
const parts = async (n: number, offMm: number, more: object = {}) => {
  for (let i = 0; i < n; i += 1) await its.enter(id, 10 + offMm + (i % 2 ? 0.001 : -0.001), more)
}
/** Sets at the machine what was proposed. */
const set = ({ toMm }: { toMm?: number | null }) => {
  machineMm = toMm ?? Number.NaN
}

describe('a proposal', () => {
  it('comes from the newest points, with figures for the machine', async () => {
    await parts(4, 0.02)
    expect(await propose()).toMatchObject({ verdict: 'nothing', why: 'too-few', points: 4 })
    await parts(2, 0.02)
    expect(await propose()).toMatchObject({ verdict: 'propose', byMm: -0.02, fromMm: 100, toMm: 99.98, sumMm: -0.02, drift: { points: 6 } })
  })

  it('leaves excluded points out, and counts only points of the machine where that is asked', async () => {
    await parts(5, 0.02, { machineId })
    await parts(1, 0.08, { machineId })
    await parts(3, -0.03, { machineId: 'other' })
    await its.call(addMarks, { params: { id }, body: { kind: 'exclude', subgroups: [6], text: 'wrong part' } })
    expect(await propose({ isOfMachine: true })).toMatchObject({ verdict: 'propose', drift: { points: 5 } })
  })

  it('asked again since its answer was lost is one proposal, also after the offset was set', async () => {
    await parts(6, 0.02)
    const request = ask()
    const first = await its.rpc.proposeCorrection(request)
    set(first)
    expect(await its.rpc.proposeCorrection(request)).toEqual(first)
  })

  it('of two who ask at once one gets it, in another gateway too', async () => {
    await parts(6, 0.02)
    const other = its.another()
    const answers = await Promise.all([propose(), other.rpc.requests.proposeCorrection(ask()), propose()])
    expect(answers.map(({ verdict }) => verdict).sort()).toEqual(['nothing', 'nothing', 'propose'])
    expect(answers.find(({ verdict }) => verdict === 'nothing')).toMatchObject({ why: 'open', since: expect.any(String) })
  })

  it('in inches is one in millimetres', async () => {
    id = await its.add({ name: `inch ${count}`, unit: 'inch', nominal: 1, lower: 0.9, upper: 1.1 })
    for (let i = 0; i < 6; i += 1) await its.enter(id, 1.001)
    expect(await propose()).toMatchObject({ byMm: -0.025, drift: { valueMm: expect.closeTo(0.0254, 6) } })
  })

  it.each([
    ['degrees', { unit: 'deg' }],
    ['a count', { nominal: null, unit: '', lower: null, upper: null, chart: { kind: 'c', subgroupSize: 1, rules: [], autoLimitsAfter: 25 } }],
  ])('is refused of %s', async (_name, definition) => {
    id = await its.add({ name: `no length ${count}`, ...(definition as object) })
    await expect(propose()).rejects.toMatchObject({ code: 'characteristic-not-length' })
  })
})

describe('the same drift is never corrected twice', () => {
  it('when it was told as set: points from before come as they would be now', async () => {
    await parts(6, 0.02)
    const first = await propose()
    set(first)
    expect(await settle(first.proposalId)).toMatchObject({ byMm: -0.02, isRepeat: false })
    expect(await settle(first.proposalId)).toMatchObject({ isRepeat: true })
    expect(await propose()).toMatchObject({ verdict: 'nothing', why: 'noise', sumMm: -0.02 })
    // what follows is reckoned with both
    await parts(10, 0.01)
    expect(await propose()).toMatchObject({ verdict: 'propose', byMm: -0.01, sumMm: -0.03, fromMm: 99.98, toMm: 99.97 })
  })

  it('when nobody told it, and the machine shows it: points from in between do not count', async () => {
    await parts(6, 0.02)
    set(await propose())
    // of these nobody knows whether they were made before or after
    await parts(3, 0.02)
    expect(await propose()).toMatchObject({ verdict: 'nothing', why: 'noise', sumMm: -0.02, drift: { points: 6 } })
  })

  it('when the machine shows it and it is told later as well: it counts once', async () => {
    await parts(6, 0.02)
    const first = await propose()
    set(first)
    await propose()
    await settle(first.proposalId)
    expect(await propose()).toMatchObject({ why: 'noise', sumMm: -0.02 })
  })

  it('when parts of before the correction are measured after it', async () => {
    await parts(6, 0.02)
    const first = await propose()
    set(first)
    await settle(first.proposalId)
    await parts(4, 0.02)
    expect(await propose({ late: 4 })).toMatchObject({ verdict: 'nothing', why: 'noise' })
  })

  it('when another characteristic corrected the same offset', async () => {
    const other = id
    await parts(6, 0.02)
    id = await its.add({ name: `depth ${count}` })
    await parts(6, 0.02)
    const first = await propose({ characteristicId: other })
    expect(await propose()).toMatchObject({ why: 'open' })
    set(first)
    await settle(first.proposalId)
    expect(await propose()).toMatchObject({ verdict: 'nothing', why: 'noise', sumMm: -0.02 })
  })

  it('when the gateway does not see the offset and the proposal ran out: only points after that count', async () => {
    await parts(6, 0.02)
    expect(await propose({ nowMm: null })).toMatchObject({ verdict: 'propose', fromMm: null, toMm: null })
    // the proposal has its time from the database, at some moment after the clock was read
    clock = Date.now() + 3_601_000
    expect(await propose({ nowMm: null })).toMatchObject({ verdict: 'nothing', why: 'too-few', points: 0 })
    await parts(5, 0.02)
    expect(await propose({ nowMm: null })).toMatchObject({ verdict: 'propose' })
  })

  it('when it was told as set and the machine stands where it was', async () => {
    await parts(6, 0.02)
    const first = await propose()
    await settle(first.proposalId)
    expect(await propose()).toMatchObject({ verdict: 'nothing', why: 'not-seen' })
    set(first)
    expect(await propose()).toMatchObject({ verdict: 'nothing', why: 'noise' })
  })

  it('when the correction of a tool was entered at the control', async () => {
    await parts(6, 0.02)
    const first = await propose({ tool: 'T5' })
    await settle(first.proposalId)
    expect(await propose({ tool: ' t5' })).toMatchObject({ verdict: 'nothing', why: 'noise', sumMm: -0.02 })
    expect(await propose({ tool: 'T6' })).toMatchObject({ verdict: 'propose', sumMm: -0.02 })
  })
})

it('a proposal that was refused comes again only from points after that', async () => {
  await parts(6, 0.02)
  const first = await propose()
  await settle(first.proposalId, 'refused')
  expect(await propose()).toMatchObject({ verdict: 'nothing', why: 'too-few', points: 0 })
  await expect(settle(first.proposalId)).rejects.toMatchObject({ code: 'correction-settled' })
  await parts(6, 0.02)
  const second = await propose()
  expect(second).toMatchObject({ verdict: 'propose', sumMm: -0.02 })
  await settle(second.proposalId)
  await expect(settle(second.proposalId, 'refused')).rejects.toMatchObject({ code: 'correction-settled' })
  await expect(settle('proposal_unknown')).rejects.toMatchObject({ code: 'correction-unknown' })
})

it('an offset that somebody else moved makes older points worthless, also while a proposal is open', async () => {
  await parts(6, 0.02)
  await propose()
  machineMm = 137
  expect(await propose()).toMatchObject({ verdict: 'nothing', why: 'too-few', points: 0 })
  await parts(6, 0.02)
  expect(await propose()).toMatchObject({ verdict: 'propose', fromMm: 137, toMm: 136.98 })
})

it('the sum holds until it begins anew; points from before count no more then', async () => {
  for (let i = 0; i < 5; i += 1) {
    await parts(10, 0.02)
    const { proposalId, toMm } = await propose()
    machineMm = toMm ?? 0
    await settle(proposalId)
  }
  await parts(10, 0.02)
  expect(await propose()).toMatchObject({ verdict: 'beyond', why: 'sum', sumMm: -0.1, wantedMm: -0.02 })
  await anew()
  expect(await propose()).toMatchObject({ verdict: 'nothing', why: 'too-few', points: 0, sumMm: 0 })
  await parts(6, 0.02)
  expect(await propose()).toMatchObject({ verdict: 'propose', sumMm: -0.02 })
})

it('a drift over weeks comes home and stays: made, measured, proposed and set in turn', async () => {
  let wear = 0
  for (let part = 0; part < 60; part += 1) {
    wear += 0.0008
    await its.enter(id, 10 + wear + (machineMm - 100))
    const answer = await propose({ plan: { last: 5 } })
    expect(wear + machineMm - 100).toBeGreaterThan(-0.001)
    expect(wear + machineMm - 100).toBeLessThan(0.012)
    if (answer.verdict !== 'propose') continue
    set(answer)
    await settle(answer.proposalId)
  }
  expect(machineMm).toBeLessThan(99.97)
})

it('what was proposed and done of it stays', async () => {
  await parts(6, 0.02)
  await propose()
  await expect(its.db.updateTable('offsetCorrection').set({ byMm: 0 }).execute()).rejects.toThrow(/append-only/)
  await expect(its.db.deleteFrom('offsetCorrection').execute()).rejects.toThrow(/append-only/)
})
