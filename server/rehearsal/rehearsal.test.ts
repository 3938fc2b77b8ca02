/** The gateway's part of rehearsals: who sees what, how many at once, what is left behind. The host process and all behind it are real. */
import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type FlowTest,
  getRehearsal,
  listFlowTests,
  listSamples,
  putFlowTest,
  type Rehearsal,
  removeFlowTest,
  startRehearsal,
  stopRehearsal,
} from '../api/index.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { ENDLESS, FLOWS, person, startTestPart, type TestPart } from './testing.ts'

let store: TestStore
let its: TestPart
beforeAll(async () => {
  store = await startTestStore()
  its = await startTestPart(store.store, {
    samples: [{ connectionId: 'broker', name: 'Broker', connector: 'mqtt-events', event: { subject: 'mill/done', text: 'done', payload: { n: 1 } } }],
  })
})
afterAll(async () => {
  await its?.close()
  await store?.close()
})

test('a rehearsal ends with its report, tells its author alone, and leaves no file behind', async () => {
  const began = await its.call<Rehearsal>(startRehearsal, {
    body: {
      flows: FLOWS,
      steps: [{ do: 'give', nodeId: 'in' }],
      expect: [
        { kind: 'message', from: 'out', port: 0, message: { payload: 5 } },
        { kind: 'unreached', nodeId: 'big' },
      ],
    },
  })
  expect(began.state).toBe('preparing')
  await expect(its.call(getRehearsal, { params: { rehearsalId: began.id }, by: person('ben') })).rejects.toMatchObject({ code: 'rehearsal-not-found' })
  const { report, error } = await its.ended(began.id)
  expect({ error, report }).toMatchObject({
    error: undefined,
    report: { state: 'completed', expectations: [{ isMet: true }, { isMet: false }], coverage: { nodes: ['in', 'out', 'big'], nodesMissed: ['small'] } },
  })
  expect(await readdir(its.workDir)).toEqual([])
  expect(its.audit).toContainEqual(expect.objectContaining({ action: 'rehearsal.start', target: began.id }))
})

test('what may not be deployed is not rehearsed', async () => {
  const flows = [...FLOWS, { id: 'x', type: 'exec', z: 'tab', wires: [] }]
  await expect(its.call(startRehearsal, { body: { flows, steps: [{ do: 'give', nodeId: 'in' }] } })).rejects.toMatchObject({ code: 'node-type-not-allowed' })
})

test('what nobody can make is told before anything starts: a recording that is gone, a sample without a shape', async () => {
  const start = (origin: object) => its.call(startRehearsal, { body: { flows: FLOWS, steps: [{ do: 'send', nodeId: 'in', output: 0, origin }] } })
  await expect(start({ from: 'recorded', runId: 'run_nowhere', seq: 1 })).rejects.toMatchObject({ code: 'recording-gone' })
  await expect(start({ from: 'sample' })).rejects.toMatchObject({ code: 'no-sample' })
})

test('a sample stands for what a connection would tell, and the report says that it is one', async () => {
  const flows = FLOWS.map((node) =>
    node.id === 'in'
      ? {
          id: 'in',
          type: 'cw-event-trigger',
          z: 'tab',
          name: '',
          source: 'connection',
          connection: 'broker',
          subject: '',
          kinds: ['alarm'],
          states: ['alarm'],
          ends: ['completed'],
          edge: 'on',
          coolDown: 0,
          wires: [['out']],
        }
      : node,
  )
  const began = await its.call<Rehearsal>(startRehearsal, {
    // what a caller calls a sample is not believed
    body: { flows, steps: [{ do: 'give', nodeId: 'in', message: { payload: 'forged' }, origin: { from: 'sample' } }] },
  })
  const { report, error } = await its.ended(began.id)
  expect(error).toBeUndefined()
  expect(report?.steps).toMatchObject([{ state: 'done', from: 'sample' }])
  expect(report?.sent[0]).toMatchObject({ from: 'in', message: { payload: { n: 1 }, topic: 'mill/done' } })
  expect(await its.call(listSamples)).toMatchObject([{ connectionId: 'broker', event: { payload: { n: 1 } } }])
})

test('one that goes on is stopped with what there is; more than two at once are refused', async () => {
  const body = {
    flows: ENDLESS,
    steps: [
      { do: 'give' as const, nodeId: 'in' },
      { do: 'wait' as const, s: 3_000_000 },
    ],
  }
  const [first, second] = [await its.call<Rehearsal>(startRehearsal, { body }), await its.call<Rehearsal>(startRehearsal, { body })]
  await expect(its.call(startRehearsal, { body })).rejects.toMatchObject({ code: 'rehearsal-busy' })
  for (const { id } of [first, second]) {
    // as soon as there is something to stop
    for (;;) {
      const view = await its.call<Rehearsal>(getRehearsal, { params: { rehearsalId: id } })
      if (/Step 2/.test(view.doing)) break
      if (view.state === 'ended') throw new Error(`it ended by itself: ${JSON.stringify(view.error ?? view.report?.text)}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await its.call(stopRehearsal, { params: { rehearsalId: id } })
    expect((await its.ended(id)).report).toMatchObject({ state: 'stopped', coverage: { nodes: expect.arrayContaining(['in', 'out']) } })
  }
})

test('tests are kept, changed and removed', async () => {
  const body: Omit<FlowTest, 'id'> = { name: 'a big one', flowId: 'tab', steps: [{ do: 'give', nodeId: 'in' }], answers: {}, expect: [] }
  expect(await its.call(putFlowTest, { params: { testId: 't1' }, body })).toEqual({ id: 't1', ...body })
  await its.call(putFlowTest, { params: { testId: 't1' }, body: { ...body, name: 'renamed' } })
  expect(await its.call(listFlowTests)).toEqual([{ id: 't1', ...body, name: 'renamed' }])
  await its.call(removeFlowTest, { params: { testId: 't1' } })
  await expect(its.call(removeFlowTest, { params: { testId: 't1' } })).rejects.toMatchObject({ code: 'flow-test-not-found' })
})
