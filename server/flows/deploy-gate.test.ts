/** Tests before a deploy hold wherever the deploy comes from; passing them over takes a right and a reason. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { UserError } from '../../base/errors.ts'
import { checkFlows, type FlowNode, type FlowTestOutcome, getFlows, listVersions } from '../api/index.ts'
import { type FlowsFixture, startFlowsFixture } from './testing.ts'

const TAB: FlowNode = { id: 'tab1', type: 'tab', label: 'Cell' }
const node = (id: string): FlowNode => ({ id, type: 'debug', z: 'tab1', x: 1, y: 1, wires: [] })

let fixture: FlowsFixture
let asked: { userId: string; nodes: number }[] = []
beforeAll(async () => {
  fixture = await startFlowsFixture()
  await fixture.deploy([TAB])
  // flows with a node "bad" do not pass
  fixture.flows.setGate({
    wanted: async () => [{ id: 't', name: 'a test', flowId: 'tab1' }],
    async check({ flows, caller, onOutcomes }) {
      asked.push({ userId: caller.userId, nodes: flows.length })
      const isGood = !flows.some(({ id }) => id === 'bad')
      const outcome: FlowTestOutcome = { id: 't', name: 'a test', flowId: 'tab1', state: isGood ? 'passed' : 'failed', unmet: [], steps: [] }
      onOutcomes([outcome])
      if (!isGood) throw new UserError({ code: 'flow-tests-failed', status: 422, message: '1 flow test did not pass.', details: { tests: [outcome] } })
    },
  })
})
afterAll(() => fixture?.close())

const running = async () => (await fixture.call<{ flows: FlowNode[] }>(getFlows, 'viewer')).flows.map(({ id }) => id)

test('the check says which tests a deploy would run', async () => {
  const { tests } = await fixture.call<{ tests: unknown[] }>(checkFlows, 'engineer', { body: { flows: [TAB] } })
  expect(tests).toEqual([{ id: 't', name: 'a test', flowId: 'tab1' }])
})

test('a deploy waits for the tests and tells how they stand; one that fails changes nothing', async () => {
  await fixture.deploy([TAB, node('good')])
  expect(await running()).toEqual(['tab1', 'good'])
  const stages = fixture.published.flatMap(({ topic, change }) => (topic === 'deploys' ? [change as { stage: string; tests?: FlowTestOutcome[] }] : []))
  expect(stages.find(({ stage }) => stage === 'testing')?.tests).toMatchObject([{ name: 'a test', state: 'passed' }])
  expect(stages.at(-1)?.stage).toBe('running')
  await expect(fixture.deploy([TAB, node('bad')])).rejects.toMatchObject({ code: 'flow-tests-failed' })
  expect(await running()).toEqual(['tab1', 'good'])
})

test('a deploy of the stock editor meets the same tests', async () => {
  asked = []
  await fixture.flows.runtime
    .peer()
    .call('deploy', { flows: [TAB, node('bad')], kind: 'full', by: 'eve', ticket: fixture.ticket('engineer') })
    .then(
      () => expect.unreachable('it was deployed'),
      (error) => expect(error).toMatchObject({ code: 'flow-tests-failed' }),
    )
  expect(asked).toHaveLength(1)
  expect(await running()).toEqual(['tab1', 'good'])
})

test('they are passed over with a reason by whoever may, which stands in the audit log and with the version', async () => {
  const untested = { reason: 'the spindle is being replaced' }
  await expect(fixture.deploy([TAB, node('bad')], { untested, role: 'integrator' })).rejects.toMatchObject({ code: 'not-allowed' })
  expect(await running()).toEqual(['tab1', 'good'])
  asked = []
  await fixture.deploy([TAB, node('bad')], { untested })
  expect(asked).toEqual([])
  expect(await running()).toEqual(['tab1', 'bad'])
  expect(fixture.audit).toContainEqual(expect.objectContaining({ action: 'flows.deploy-untested', detail: { reason: untested.reason, tests: ['a test'] } }))
  const [version] = await fixture.call<{ text?: string }[]>(listVersions, 'viewer', { query: { limit: 1 } })
  expect(version?.text).toContain(untested.reason)
})
