import { Type } from 'typebox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NodeType } from '../../../server/api/flows.ts'
import { designer } from '../../shared/text/en/designer.ts'
import { FlowModel } from '../model/flow-model.ts'
import { checkConfig } from './check.ts'
import { findProblems } from './find-problems.ts'
import { fieldsOf } from './schema.ts'

/** As nodes/define-node makes it (stored-schema.ts). */
const configSchema = Type.Object({
  machine: Type.String({ minLength: 1, widget: 'config-node', configType: 'cw-machine', title: 'Machine', order: 1 }),
  feed: Type.Integer({ widget: 'number', title: 'Feed', unit: 'mm/min', minimum: 1, maximum: 5000, order: 2 }),
  value: Type.String({ widget: 'message-value', title: 'Measured value', typeProperty: 'valueType', sources: ['msg', 'num', 'json'], order: 3 }),
  valueType: Type.Enum(['msg', 'num', 'json'], { widget: 'hidden', order: 3 }),
  when: Type.Enum(['start', 'end'], { widget: 'select', title: 'When', labels: { start: 'at the start', end: 'at the end' }, order: 4 }),
  asks: Type.Array(Type.Object({ label: Type.String({ minLength: 1, title: 'Label' }), unit: Type.Optional(Type.String({ title: 'Unit' })) }), {
    widget: 'rows',
    title: 'Values',
    order: 5,
  }),
  note: Type.Optional(Type.String({ widget: 'text', title: 'Note', maxLength: 5, order: 6 })),
})
const type = { type: 'cw-x', configSchema: JSON.parse(JSON.stringify(configSchema)), inputs: 1, outputs: 1 } as unknown as NodeType
const good = { machine: 'm1', feed: 800, value: 'payload', valueType: 'msg', when: 'start', asks: [{ label: 'Bore', unit: '' }], note: '' }
const check = (changes: object) => checkConfig(type, { ...good, ...changes }, designer.wrong)

// what the pages' content policy does to a page: no code from text
const original = globalThis.Function
beforeAll(() => {
  globalThis.Function = new Proxy(original, {
    construct() {
      throw new EvalError('unsafe-eval is not allowed')
    },
    apply() {
      throw new EvalError('unsafe-eval is not allowed')
    },
  })
})
afterAll(() => {
  globalThis.Function = original
})

test('a right configuration has nothing wrong', () => {
  expect(check({})).toEqual([])
})

test('numbers that the stock editor stored as text are numbers', () => {
  expect(check({ feed: '800' })).toEqual([])
})

test.each([
  [{ machine: '' }, 'machine', 'Machine is missing.'],
  [{ feed: '' }, 'feed', 'Feed is missing.'],
  [{ feed: 'fast' }, 'feed', 'Feed must be a whole number.'],
  [{ feed: 1.5 }, 'feed', 'Feed must be a whole number.'],
  [{ feed: 0 }, 'feed', 'Feed must be at least 1 mm/min.'],
  [{ feed: 9000 }, 'feed', 'Feed must be at most 5000 mm/min.'],
  [{ value: '' }, 'value', 'Measured value is missing.'],
  [{ value: 'abc', valueType: 'num' }, 'value', 'Measured value must be a number.'],
  [{ value: '{', valueType: 'json' }, 'value', 'Measured value is not valid JSON.'],
  [{ when: 'never' }, 'when', 'When must be one of: at the start, at the end.'],
  [{ asks: [{ label: 'Bore' }, { label: '', unit: 'mm' }] }, 'asks/1/label', 'Values, row 2: Label is missing.'],
  [{ note: 'too long' }, 'note', 'Note may have at most 5 characters.'],
])('%j is wrong at %s', (changes, path, message) => {
  expect(check(changes)).toEqual([{ path, message }])
})

test('a property that is not stored has its default; one that was emptied has not', () => {
  const withDefault = {
    ...type,
    configSchema: { type: 'object', required: ['n'], properties: { n: { type: 'number', widget: 'number', title: 'N', default: 3 } } },
  }
  expect(checkConfig(withDefault, {}, designer.wrong)).toEqual([])
  expect(checkConfig(withDefault, { n: '' }, designer.wrong)).toEqual([{ path: 'n', message: 'N is missing.' }])
})

test('what the environment will fill is not judged yet', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Node-RED's own notation
  expect(check({ feed: '${FEED}' })).toEqual([])
})

test('fields come in their order, and a source is part of its value', () => {
  expect(fieldsOf(type.configSchema).map((field) => [field.key, field.widget])).toEqual([
    ['machine', 'config-node'],
    ['feed', 'number'],
    ['value', 'message-value'],
    ['when', 'select'],
    ['asks', 'rows'],
    ['note', 'text'],
  ])
})

test('flows are searched for unknown types, missing subflows and config nodes that are gone; disabled nodes are left alone', () => {
  const types = new Map([
    ['cw-x', type],
    ['cw-machine', { type: 'cw-machine' } as NodeType],
  ])
  const model = new FlowModel([
    { id: 't', type: 'tab' },
    { id: 'off', type: 'tab', disabled: true },
    { id: 'a', type: 'cw-x', z: 't', x: 0, y: 0, ...good },
    { id: 'b', type: 'nope', z: 't', x: 0, y: 0 },
    { id: 'c', type: 'nope', z: 't', x: 0, y: 0, d: true },
    { id: 'd', type: 'nope', z: 'off', x: 0, y: 0 },
    { id: 'e', type: 'subflow:gone', z: 't', x: 0, y: 0 },
  ])
  expect(findProblems(model, types, designer.wrong).map(({ nodeId, property }) => [nodeId, property])).toEqual([
    ['a', 'machine'],
    ['b', undefined],
    ['e', undefined],
  ])
})

test('a field that is needed while it is shown must be filled in then, and only then', () => {
  const choice = Type.Enum(['list', 'here'], { widget: 'select', title: 'Where from', labels: {}, default: 'here', order: 1 })
  const needed = Type.Optional(Type.Number({ widget: 'number', title: 'Nominal', when: { field: 'from', is: ['here'] }, isNeeded: true, order: 2 }))
  const measure = { configSchema: JSON.parse(JSON.stringify(Type.Object({ from: choice, nominal: needed }))) as unknown }
  const found = (stored: object) => checkConfig(measure, stored as Record<string, unknown>, designer.wrong).map(({ path }) => path)
  expect([found({ from: 'here', nominal: '' }), found({}), found({ from: 'list' }), found({ from: 'here', nominal: '0' })]).toEqual([
    ['nominal'],
    ['nominal'],
    [],
    [],
  ])
})
