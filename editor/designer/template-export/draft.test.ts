import { expect, test } from 'vitest'
import type { FlowNode } from '../model/raw.ts'
import { askedFor, askedOf, choicesOf, emptyDraft, faultsOf, idFor, keyFor, parameterOf, requestOf } from './draft.ts'
import { candidatesOf } from './places.ts'

const nodes: FlowNode[] = [
  { id: 'tab1', type: 'tab', label: 'Flow', env: [{ name: 'SHIFT', value: '8', type: 'num' }] },
  { id: 'delay1', type: 'delay', z: 'tab1', x: 1, y: 1, name: 'wait', timeout: '5', timeoutUnits: 'seconds', wires: [['sw1']] },
  { id: 'delay2', type: 'delay', z: 'tab1', x: 1, y: 1, name: 'wait more', timeout: '5', timeoutUnits: 'minutes', wires: [['sw1']] },
  {
    id: 'sw1',
    type: 'switch',
    z: 'tab1',
    x: 1,
    y: 1,
    name: '',
    property: 'payload',
    propertyType: 'msg',
    rules: [{ t: 'gt', v: '10', vt: 'num' }],
    wires: [[]],
  },
]
const all = candidatesOf(nodes, new Map())
const at = (path: string, nodeId = 'delay1') => all.find((each) => each.nodeId === nodeId && each.path === path)

test('every setting of the nodes can be asked for, and nothing that holds the flow together', () => {
  expect(all.map(({ nodeId, path }) => `${nodeId} ${path}`)).toEqual([
    'tab1 env.0.name',
    'tab1 env.0.value',
    'delay1 name',
    'delay1 timeout',
    'delay1 timeoutUnits',
    'delay2 name',
    'delay2 timeout',
    'delay2 timeoutUnits',
    'sw1 rules.0.t',
    'sw1 rules.0.v',
  ])
})

test('one question does for all places of the same property with the same value', () => {
  const timeout = at('timeout')
  if (!timeout) throw new Error('no timeout')
  const asked = askedFor(timeout, all, ['timeout'])
  expect(asked).toMatchObject({ key: 'timeout2', preset: '5', isRequired: false, places: [{ nodeId: 'delay1' }, { nodeId: 'delay2' }] })
  expect(parameterOf({ ...asked, kind: 'number', unit: 's' }).schema).toEqual({ title: 'timeout', type: 'number', widget: 'number', unit: 's', default: 5 })
})

test('names become ids and keys that a template may have', () => {
  expect(idFor('Spänefänger  (Größe 2)!')).toBe('spanefanger-grosse-2')
  expect(idFor('✂')).toBe('template')
  expect(keyFor('Cycle time, s', [])).toBe('cycleTimeS')
  expect(keyFor('3D', [])).toBe('value3D')
})

test('choices have values and what they are called', () => {
  expect(choicesOf('steel=Steel, brass ,')).toEqual([
    { value: 'steel', label: 'Steel' },
    { value: 'brass', label: 'brass' },
  ])
  const parameter = {
    key: 'm',
    schema: { title: 'M', type: 'string', widget: 'select', enum: ['a', 'b'], labels: { a: 'A!' }, default: 'b' },
    places: [],
  } as const
  expect(askedOf(parameter as never)).toMatchObject({ choices: 'a=A!, b', preset: 'b' })
})

test('what is missing is told in the order of the form', () => {
  const timeout = at('timeout')
  if (!timeout) throw new Error('no timeout')
  const one = { ...askedFor(timeout, all, []), title: ' ', kind: 'select' as const, choices: '' }
  expect(faultsOf({ ...emptyDraft(''), asked: [one], version: '1' })).toEqual([
    'title timeout',
    'choices timeout',
    'preset timeout',
    'name',
    'summary',
    'categories',
    'version',
  ])
})

test('a manual is made of what is known where nobody wrote one', () => {
  const timeout = at('timeout')
  if (!timeout) throw new Error('no timeout')
  const draft = { ...emptyDraft('Wait'), summary: 'Waits.', asked: [{ ...askedFor(timeout, all, []), help: 'As long as it cools.' }] }
  const made = requestOf(draft, { nodeIds: ['tab1'], flows: nodes, tests: ['a', 'b'], programs: [], panels: ['mill/*'] })
  expect(made.readme).toBe('# Wait\n\nWaits.\n\n- **timeout**: As long as it cools.\n')
  expect(made.panels).toEqual(['mill/*'])
  const less = { ...draft, testsLeft: ['a'], panelsLeft: ['mill/*'] }
  expect(requestOf(less, { nodeIds: [], flows: [], tests: ['a', 'b'], programs: [], panels: ['mill/*', '*/*'] })).toMatchObject({
    tests: ['b'],
    panels: ['*/*'],
  })
})

test('what is picked of a list of quality is asked for as that, and has no preset for another shop', () => {
  const configSchema = { type: 'object', properties: { plan: { type: 'string', title: 'Sampling plan', widget: 'sampling-plan' } } }
  const types = new Map([['cw-sampling', { type: 'cw-sampling', label: 'sampling', configSchema }]]) as unknown as Parameters<typeof candidatesOf>[1]
  const [plan] = candidatesOf([{ id: 's', type: 'cw-sampling', z: 'tab1', x: 1, y: 1, plan: 'spl_1', wires: [] }], types)
  if (!plan) throw new Error('it is not found')
  expect(askedFor(plan, [plan], [])).toMatchObject({ kind: 'sampling-plan', preset: undefined, isRequired: true })
  expect(parameterOf(askedFor(plan, [plan], [])).schema).toEqual({ title: 'Sampling plan', type: 'string', widget: 'sampling-plan' })
})
