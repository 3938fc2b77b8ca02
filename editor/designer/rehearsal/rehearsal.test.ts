import { expect, test } from 'vitest'
import type { NodeType } from '../../../server/api/flows.ts'
import type { RehearsalAnswers, RehearsalReport } from '../../../server/api/rehearsal.ts'
import { designerRehearsal as words } from '../../shared/text/en/designer-rehearsal.ts'
import { FlowModel } from '../model/flow-model.ts'
import type { FlowNode } from '../model/raw.ts'
import { offersOf, ticked } from './expectations.ts'
import { proposeSteps } from './propose.ts'
import { answerDraftsOf, draftOf, emptyStep, readAnswers, readStep, readSteps } from './steps.ts'

const node = (id: string, type: string, wires: string[][], more: object = {}): FlowNode => ({ id, type, z: 'tab', x: 100, y: 100, wires, ...more })
const ASK = { key: 'boreMm', label: 'Bore', kind: 'number', unit: 'mm' }
const FLOWS: FlowNode[] = [
  { id: 'tab', type: 'tab' },
  node('orders', 'cw-work-orders', [['cut']], { connectionId: 'erp' }),
  node('cut', 'cw-button', [['queue']], { asks: [] }),
  node('queue', 'cw-enqueue', [[]], { jobName: 'cut-part' }),
  node('job', 'cw-job-in', [['measure']], { jobName: 'cut-part' }),
  node('measure', 'cw-button', [['check']], { asks: [ASK] }),
  node('check', 'cw-check', [['ask'], []], { value: 'values.boreMm', nominal: 40 }),
  node('ask', 'cw-wait-person', [[], []], { asks: [] }),
  node('alone', 'cw-button', [[]], { asks: [] }),
  node('tick', 'inject', [[]]),
  node('set', 'change', [[]]),
]
const parts = { model: new FlowModel(FLOWS), types: new Map([['change', { inputs: 1 } as NodeType]]) }
const order = () => ({ number: 'WO-1', part: 'Plate', quantity: 4, program: 'plate.nc' })

test('proposes what starts the flow, then what people do, in the order of the wires and over queued jobs', () => {
  const steps = proposeSteps(parts, 'tab', { order })
  expect(steps.map((step) => [step.do, step.nodeId])).toEqual([
    ['order', ''],
    ['press', 'cut'],
    ['press', 'measure'],
    ['answer', 'ask'],
  ])
  expect(readSteps(steps, parts, words.wrong)).toEqual([
    { do: 'order', connectionId: 'erp', order: { number: 'WO-1', part: 'Plate', quantity: 4, program: 'plate.nc' } },
    { do: 'press', nodeId: 'cut', values: {} },
    { do: 'press', nodeId: 'measure', values: { boreMm: 40 } },
    { do: 'answer', nodeId: 'ask', choice: 'yes', values: {} },
  ])
})

test('a condition over a tag begins with what its connection says', () => {
  const hot = node('hot', 'cw-condition-trigger', [[], []], { connection: 'plc', conditions: [{ what: 'tag', tag: 'shop/oven', operator: '>', to: '80' }] })
  const its = { model: new FlowModel([{ id: 'tab', type: 'tab' }, hot]), types: new Map() }
  const [step] = proposeSteps(its, 'tab', { order })
  expect(step).toMatchObject({ do: 'tag', connectionId: 'plc', tag: 'shop/oven' })
  expect(readStep(step!, its, words.wrong)).toEqual({ wrong: words.wrong.noValue })
  expect(readStep({ ...step!, value: '81,5' }, its, words.wrong)).toEqual({ value: { do: 'tag', connectionId: 'plc', tag: 'shop/oven', value: 81.5 } })
})

test('begins at the node that was asked for', () => {
  expect(proposeSteps(parts, 'tab', { order, from: 'measure' }).map(({ nodeId }) => nodeId)).toEqual(['measure', 'ask'])
})

test('a step that is kept and opened again stays what it was', () => {
  for (const step of [
    { do: 'give', nodeId: 'set', message: { payload: { a: 1 } } },
    { do: 'give', nodeId: 'tick' },
    { do: 'press', nodeId: 'measure', values: { boreMm: 22.003 } },
    { do: 'wait', s: 1.5 },
    { do: 'tag', connectionId: 'plc', tag: 'shop/oven', value: 21.5 },
    { do: 'tag', connectionId: 'plc', tag: 'shop/oven', value: '21.5' },
    { do: 'tag', connectionId: 'plc', tag: 'shop/oven', value: 'open' },
    { do: 'tag', connectionId: 'plc', tag: 'shop/oven', value: { celsius: 3 } },
    { do: 'tag', connectionId: 'plc', tag: 'shop/oven', quality: 'bad' },
    { do: 'send', nodeId: 'cut', output: 0, message: { payload: 1 }, origin: { from: 'recorded', runId: 'run_1', seq: 0 } },
  ] as const)
    expect(readStep(draftOf(step), parts, words.wrong)).toEqual({ value: step })
  const answers: RehearsalAnswers = {
    ask: [
      { from: 'given', value: { ok: true } },
      { from: 'recorded', runId: 'run_1', seq: 3, at: '2026-01-05T10:00:00.000Z', output: 1 },
      { from: 'failure', text: 'away' },
    ],
  }
  expect(readAnswers(answerDraftsOf(answers), words.wrong)).toEqual(answers)
})

test('says what is wrong with a step instead of sending it', () => {
  const wrong = (step: Parameters<typeof readStep>[0]) => readStep(step, parts, words.wrong)
  expect(wrong(emptyStep('give', { nodeId: 'set' }))).toEqual({ wrong: words.wrong.needsMessage })
  expect(wrong(emptyStep('give', { nodeId: 'set', message: '[1]' }))).toEqual({ wrong: words.wrong.object })
  expect(wrong(emptyStep('give', { nodeId: 'was-there' }))).toEqual({ wrong: words.wrong.gone })
  expect(wrong(emptyStep('press', { nodeId: 'measure' }))).toEqual({ wrong: words.wrong.value('Bore') })
  expect(wrong(emptyStep('press', { nodeId: 'measure', values: { boreMm: 'wide' } }))).toEqual({ wrong: words.wrong.number('Bore') })
  expect(wrong(emptyStep('press', { nodeId: 'measure', values: { boreMm: '22,5' } }))).toEqual({
    value: { do: 'press', nodeId: 'measure', values: { boreMm: 22.5 } },
  })
  expect(wrong(emptyStep('order', { connectionId: 'erp', quantity: '1.5' }))).toEqual({ wrong: words.wrong.quantity })
})

const REPORT = {
  calls: [{ atMs: 1, nodeId: 'confirm', nodeType: 'cw-confirm', system: 'ERP', what: 'confirmation', body: { result: 'completed' }, answeredFrom: 'accepted' }],
  machines: [{ id: 'mill', name: 'Mill', motions: [{ atMs: 1, what: 'plate.nc', state: 'completed', durationMs: 5 }] }],
  sent: [{ atMs: 1, from: 'measure', port: 0, to: 'check', message: { payload: 1, _msgid: 'x', pressedBy: 'Rehearsal' } }],
  coverage: { nodes: [], nodesMissed: ['scrap'], wires: [], wiresMissed: [] },
} as unknown as RehearsalReport

test('offers calls and motions ticked, and of messages only what stays the same from one rehearsal to the next', () => {
  const offers = offersOf(REPORT)
  expect(ticked(offers)).toEqual([
    { kind: 'call', nodeId: 'confirm' },
    { kind: 'motion', machineId: 'mill', what: 'plate.nc', state: 'completed' },
  ])
  const all = offers.map((offer) => ({ ...offer, isTicked: true, isContentTicked: true }))
  expect(ticked(all)).toEqual([
    { kind: 'call', nodeId: 'confirm', body: { result: 'completed' } },
    { kind: 'motion', machineId: 'mill', what: 'plate.nc', state: 'completed' },
    { kind: 'unreached', nodeId: 'scrap' },
    { kind: 'message', from: 'measure', port: 0, message: { payload: 1 } },
  ])
})

test('changing a test keeps what it expects, also where it did not come out this time', () => {
  const kept = [
    { kind: 'call', nodeId: 'confirm', body: { result: 'scrapped' } },
    { kind: 'unreached', nodeId: 'elsewhere' },
  ] as const
  expect(ticked(offersOf(REPORT, [...kept]))).toEqual(kept)
})
