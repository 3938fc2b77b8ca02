/** What really passed in earlier runs as content of rehearsals: what is taken of it, and who may see it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  caseFromRun,
  type FlowNode,
  type FlowTest,
  listFlowTests,
  listRecorded,
  putFlowTest,
  type Recorded,
  type Rehearsal,
  removeFlowTest,
  startRehearsal,
} from '../api/index.ts'
import { json } from '../store/index.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { setBy } from './recorded.ts'
import { person, startTestPart, type TestPart } from './testing.ts'

const at = { z: 'tab', x: 1, y: 1 }
const FLOWS: FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'Cell' },
  { id: 'order', type: 'inject', ...at, props: [{ p: 'payload' }], payload: '{"part":"P1"}', payloadType: 'json', wires: [['ask']] },
  { id: 'ask', type: 'http request', ...at, name: 'Ask the ERP', method: 'POST', ret: 'obj', url: 'http://erp.example/parts', wires: [['person']] },
  {
    id: 'person',
    type: 'cw-wait-person',
    ...at,
    question: 'Release?',
    questionType: 'str',
    details: '',
    detailsType: 'str',
    asks: [{ key: 'count', label: 'Count', kind: 'number' }],
    approve: 'Yes',
    refuse: 'No',
    who: 'panel.press',
    escalateAfter: 0,
    deadline: 0,
    wires: [['end'], [], [], []],
  },
  { id: 'end', type: 'debug', ...at, wires: [] },
]

let store: TestStore
let its: TestPart
const RUN = 'run_0000000001aaaaaaaa'

/** A run as the history keeps it. */
async function keepRun(id: string, startedAt: string, answer: Record<string, unknown>): Promise<void> {
  const { db } = store.store
  const hop = (seq: number, nodeId: string, from: string | undefined, atMs: number) => ({
    seq,
    nodeId,
    nodeType: FLOWS.find((node) => node.id === nodeId)?.type,
    ...(from === undefined ? {} : { from }),
    atMs,
    outcome: 'completed',
    message: 'whole',
  })
  await db
    .insertInto('run')
    .values({
      id,
      state: 'completed',
      triggerNodeId: 'order',
      triggerNodeType: 'inject',
      startedAt: new Date(startedAt),
      hops: 3,
      detail: json([hop(0, 'ask', 'order', 5), hop(1, 'person', 'ask', 80), hop(2, 'end', 'person', 9000)]),
    } as never)
    .execute()
  const before = { _msgid: 'm1', payload: { part: 'P1' }, topic: 'order' }
  const answered = { ...before, payload: answer, statusCode: 200, headers: { server: 'erp', 'set-cookie': null } }
  const messages = [before, answered, { ...answered, values: { count: 4 }, answer: { choice: 'approved', by: 'Ann' } }]
  const cuts = [[], [{ path: ['headers', 'set-cookie'], why: 'secret' }], []]
  for (const [seq, message] of messages.entries())
    await db
      .insertInto('runMessage')
      .values({ runId: id, seq, bytes: 10, isWhole: true, message: JSON.stringify(message), cuts: json(cuts[seq]) } as never)
      .execute()
}

beforeAll(async () => {
  store = await startTestStore()
  its = await startTestPart(store.store)
  its.deployed.push(...FLOWS)
  await keepRun(RUN, '2026-01-05T10:00:00.000Z', { stock: 7 })
  await keepRun('run_0000000002bbbbbbbb', '2026-01-06T10:00:00.000Z', { stock: 8 })
})
afterAll(async () => {
  await its?.close()
  await store?.close()
})

test('an answer is what the node itself set, without what is secret, with its time, newest first', async () => {
  const { recorded } = await its.call<{ recorded: Recorded[] }>(listRecorded, { params: { nodeId: 'ask' }, query: { limit: 10 } })
  expect(recorded).toEqual([
    {
      runId: 'run_0000000002bbbbbbbb',
      seq: 1,
      at: '2026-01-06T10:00:00.080Z',
      output: 0,
      value: { payload: { stock: 8 }, statusCode: 200, headers: { server: 'erp' } },
      leftOut: ['headers.set-cookie'],
      isPinned: false,
    },
    expect.objectContaining({ runId: RUN, value: expect.objectContaining({ payload: { stock: 7 } }) }),
  ])
  const page = await its.call<{ recorded: Recorded[]; before?: string }>(listRecorded, { params: { nodeId: 'ask' }, query: { limit: 1 } })
  expect(page).toMatchObject({ recorded: [{ runId: 'run_0000000002bbbbbbbb' }], before: 'run_0000000002bbbbbbbb' })
})

test('of a list that was cut nothing is taken for the whole', () => {
  const message = (msg: unknown, cuts: never[] | { path: (string | number)[]; why: 'list' }[]) => ({ seq: 0, msg, cuts, bytes: 1, isWhole: false })
  expect(setBy(message({ payload: [1, 2], rows: 2 }, [{ path: ['payload'], why: 'list' }]), undefined)).toEqual({ value: { rows: 2 }, leftOut: ['payload'] })
  expect(setBy(message({ payload: { rows: [{ a: 'x' }] } }, [{ path: ['payload', 'rows', 0, 'a'], why: 'list' }]), undefined)).toEqual({
    value: { payload: {} },
    leftOut: ['payload.rows'],
  })
})

test('a case of a run begins as the run did, answers as people and other systems did, and expects what came of it', async () => {
  const made = await its.call(caseFromRun, { params: { runId: RUN } })
  expect(made).toMatchObject({
    flowId: 'tab',
    steps: [
      { do: 'send', nodeId: 'order', output: 0, message: { payload: { part: 'P1' }, topic: 'order' }, origin: { from: 'recorded', runId: RUN, seq: 0 } },
      { do: 'answer', nodeId: 'person', choice: 'yes', values: { count: 4 } },
    ],
    answers: { ask: [{ from: 'recorded', runId: RUN, seq: 1 }] },
    expect: [
      { kind: 'call', nodeId: 'ask' },
      { kind: 'message', from: 'person', port: 0 },
    ],
    notes: [],
  })
})

test('what is pinned outlives the history, and is kept with the test', async () => {
  const pinned = { nodeId: 'ask', output: 0, message: JSON.stringify({ _msgid: 'x', payload: { stock: 3 } }), runId: 'run_trimmed', seq: 4, by: 'Ann' }
  await store.store.db.insertInto('runPin').values(pinned).execute()
  const answers: FlowTest['answers'] = { ask: [{ from: 'recorded', runId: 'run_trimmed', seq: 4 }] }
  const kept = await its.call<FlowTest>(putFlowTest, {
    params: { testId: 'pinned' },
    body: { name: 'pinned', flowId: 'tab', steps: [{ do: 'give', nodeId: 'order' }], answers, expect: [] },
  })
  expect(kept.answers.ask).toMatchObject([{ from: 'recorded', runId: 'run_trimmed', value: { payload: { stock: 3 } } }])
  await its.call(removeFlowTest, { params: { testId: 'pinned' } })
})

test('whoever may not see messages neither chooses what was recorded nor sees it, and may run the test that keeps it', async () => {
  const integrator = person('ingo', 'integrator')
  const recorded = { from: 'recorded' as const, runId: RUN, seq: 1 }
  const body: Omit<FlowTest, 'id'> = {
    name: 'as on Monday',
    flowId: 'tab',
    steps: [
      { do: 'give', nodeId: 'order' },
      { do: 'answer', nodeId: 'person', values: { count: 4 } },
    ],
    answers: { ask: [recorded] },
    expect: [{ kind: 'message', from: 'ask', port: 0, message: { payload: { stock: 7 } } }],
  }
  await expect(its.call(putFlowTest, { params: { testId: 't' }, body, by: integrator })).rejects.toMatchObject({ code: 'not-allowed' })
  await expect(its.call(startRehearsal, { body: { flows: FLOWS, ...body, name: undefined, flowId: undefined }, by: integrator })).rejects.toMatchObject({
    code: 'not-allowed',
  })
  // what is sent along as recorded is not believed
  await its.call(putFlowTest, { params: { testId: 't' }, body: { ...body, answers: { ask: [{ ...recorded, value: { payload: 'forged' } }] } } })
  const [whole] = await its.call<FlowTest[]>(listFlowTests)
  expect(whole?.answers.ask).toMatchObject([{ ...recorded, at: '2026-01-05T10:00:00.080Z', value: { payload: { stock: 7 }, statusCode: 200 } }])

  const [seen] = await its.call<FlowTest[]>(listFlowTests, { by: integrator })
  expect(JSON.stringify(seen)).not.toContain('stock')
  await expect(its.call(putFlowTest, { params: { testId: 't' }, body: { ...body, name: 'mine' }, by: integrator })).rejects.toMatchObject({
    code: 'not-allowed',
  })

  // the history is trimmed; the test keeps what it needs
  await store.store.db.deleteFrom('runMessage').where('runId', '=', RUN).execute()
  const { steps, answers, expect: expected } = seen as FlowTest
  const began = await its.call<Rehearsal>(startRehearsal, { body: { flows: FLOWS, steps, answers, expect: expected }, by: integrator })
  const { report, error } = await its.ended(began.id, integrator)
  expect({ error, report }).toMatchObject({
    error: undefined,
    report: {
      isWithoutContents: true,
      expectations: [{ isMet: true }],
      calls: [{ nodeId: 'ask', answeredFrom: 'recorded', recorded: { runId: RUN }, body: null }],
    },
  })
  expect(JSON.stringify(report)).not.toContain('stock')
})
