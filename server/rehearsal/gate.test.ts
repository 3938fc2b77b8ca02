/** Flow tests before a deploy: which are run, what refuses it, what is not run again, and how it is given up. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FlowNode, type FlowTest, type FlowTestOutcome, getFlowTestRule, putFlowTest, setFlowTestRule, stopFlowTests } from '../api/index.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { ENDLESS, FLOWS, person, startTestPart, type TestPart } from './testing.ts'

let store: TestStore
let its: TestPart
const anna = person('anna')

beforeAll(async () => {
  store = await startTestStore()
  its = await startTestPart(store.store)
  const body: Omit<FlowTest, 'id'> = {
    name: 'a big one',
    flowId: 'tab',
    steps: [{ do: 'give', nodeId: 'in' }],
    answers: {},
    expect: [{ kind: 'message', from: 'out', port: 0, message: { payload: 5 } }],
  }
  await its.call(putFlowTest, { params: { testId: 'big' }, body })
  await its.call(putFlowTest, { params: { testId: 'elsewhere' }, body: { ...body, name: 'of another flow', flowId: 'gone' } })
})
afterAll(async () => {
  await its?.close()
  await store?.close()
})

async function check(flows: readonly FlowNode[], deployId?: string): Promise<{ told: FlowTestOutcome[][]; error?: { code: string; details?: unknown } }> {
  const told: FlowTestOutcome[][] = []
  try {
    await its.part.gate.check({ flows, caller: anna, deployId, onOutcomes: (outcomes) => told.push(structuredClone([...outcomes])) })
    return { told }
  } catch (error) {
    return { told, error: error as { code: string } }
  }
}

test('nothing is run unless somebody asked for it, for the shop or for a flow', async () => {
  expect(await its.call(getFlowTestRule)).toEqual({ shop: false, flowIds: [] })
  expect(await its.part.gate.wanted(FLOWS)).toEqual([])
  expect(await check(FLOWS)).toEqual({ told: [] })
  await its.call(setFlowTestRule, { body: { shop: false, flowIds: ['other'] } })
  expect(await its.part.gate.wanted(FLOWS)).toEqual([])
  await its.call(setFlowTestRule, { body: { shop: true, flowIds: [] } })
  expect(await its.part.gate.wanted(FLOWS)).toEqual([{ id: 'big', name: 'a big one', flowId: 'tab' }])
  await its.call(setFlowTestRule, { body: { shop: false, flowIds: ['tab'] } })
  expect(await its.call(getFlowTestRule)).toEqual({ shop: false, flowIds: ['tab'] })
  expect(await its.part.gate.wanted(FLOWS)).toHaveLength(1)
  // a flow that is switched off does nothing that could be tested
  expect(await its.part.gate.wanted(FLOWS.map((node) => (node.type === 'tab' ? { ...node, disabled: true } : node)))).toEqual([])
  expect(its.audit).toContainEqual(expect.objectContaining({ action: 'flow-test.rule', detail: { shop: true, flowIds: [] } }))
})

test('a test that passes lets it through and is not run again for the same flows; one that fails refuses it and says why', async () => {
  const first = await check(FLOWS)
  expect(first.error).toBeUndefined()
  expect(first.told.map(([outcome]) => outcome?.state)).toEqual(['waits', 'runs', 'passed'])
  // moved on the canvas it is the same
  const again = await check(FLOWS.map((node) => ({ ...node, ...('x' in node ? { x: 400 } : {}) })))
  expect(again.told.at(-1)).toMatchObject([{ state: 'passed', passedAt: expect.any(String) }])

  const changed = FLOWS.map((node) => (node.id === 'in' ? { ...node, payload: '2' } : node))
  const { error, told } = await check(changed)
  expect(told.at(-1)).toMatchObject([{ state: 'failed', unmet: [] }])
  expect(error).toMatchObject({
    code: 'flow-tests-failed',
    details: { tests: [{ id: 'big', state: 'failed', unmet: [{ expected: { kind: 'message', from: 'out' } }] }] },
  })
  const broken = await check(FLOWS.filter(({ id }) => id !== 'in'))
  expect(broken.error).toMatchObject({
    code: 'flow-tests-failed',
    details: { tests: [{ state: 'broken', text: expect.stringContaining('not in the draft') }] },
  })
})

test('whoever deploys may give it up while the tests run, and nobody else', async () => {
  const deploying = check(ENDLESS, 'deploy-1')
  const stop = (by: string) => its.call(stopFlowTests, { params: { deployId: 'deploy-1' }, by: person(by) })
  await expect.poll(() => stop('ben').catch(({ code }: { code: string }) => code)).toBe('deploy-not-testing')
  await expect.poll(() => stop('anna').catch(({ code }: { code: string }) => code)).toEqual({ ok: true })
  expect((await deploying).error).toMatchObject({ code: 'deploy-stopped' })
})
