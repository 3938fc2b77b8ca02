import { expect, test } from 'vitest'
import { FlowModel } from '../../model/flow-model.ts'
import { contextKeys, environmentOf } from './known-names.ts'

const model = new FlowModel([
  {
    id: 't',
    type: 'tab',
    label: 'A',
    env: [
      { name: 'SHOP', value: 'north', type: 'str' },
      { name: 'KEY', value: '', type: 'cred' },
    ],
  },
  { id: 'g', type: 'group', z: 't', nodes: ['n'], env: [{ name: 'SHOP', value: 'cell 4', type: 'str' }] },
  { id: 'n', type: 'cw-jog', z: 't', g: 'g', x: 1, y: 1, wires: [], distance: 'step', distanceType: 'flow' },
  { id: 'c', type: 'change', z: 't', x: 1, y: 2, wires: [], rules: [{ t: 'set', p: 'count', pt: 'flow', to: 'shift', tot: 'global' }] },
  { id: 'f', type: 'function', z: 't', x: 1, y: 3, wires: [], func: 'flow.set(\'count\', 1); global.get("line")' },
  { id: 'other', type: 'cw-jog', z: 'u', x: 1, y: 1, wires: [], distance: 'elsewhere', distanceType: 'flow' },
])

test('finds context keys in typed values, rules and code, the most used first', () => {
  expect(contextKeys(model, 'flow', 't')).toEqual(['count', 'step'])
  expect(contextKeys(model, 'global', 't')).toEqual(['line', 'shift'])
})

test('the nearest environment wins, and passwords are not said', () => {
  const seen = new Map(environmentOf(model, model.get('n')!).map((one) => [one.name, one]))
  expect(seen.get('SHOP')).toMatchObject({ value: 'cell 4', from: { id: 'g' } })
  expect(seen.get('KEY')?.value).toBeUndefined()
  expect(seen.has('NR_FLOW_NAME')).toBe(true)
})
