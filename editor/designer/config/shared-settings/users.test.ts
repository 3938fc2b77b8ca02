import { expect, test } from 'vitest'
import { FlowModel } from '../../model/flow-model.ts'
import { unusedConfigs, usersByConfig } from './users.ts'

const model = new FlowModel([
  { id: 't', type: 'tab', label: 'A' },
  { id: 'mill', type: 'cw-machine', name: 'Mill' },
  { id: 'lathe', type: 'cw-machine', name: 'Lathe' },
  { id: 'page', type: 'ui-page', name: 'Page', ui: 'base' },
  { id: 'base', type: 'ui-base', name: 'Base' },
  { id: 'broker', type: 'mqtt-broker', name: 'Broker' },
  { id: 'all', type: 'global-config', env: [] },
  { id: 'jog', type: 'cw-jog', z: 't', x: 1, y: 1, wires: [['mill']], machine: 'mill' },
  { id: 'lists', type: 'x', z: 't', x: 1, y: 1, wires: [], machines: ['lathe'] },
  { id: 'i', type: 'subflow:s', z: 't', x: 1, y: 1, wires: [], env: [{ name: 'B', type: 'conf-type', value: 'broker' }] },
])

test('finds users in a property, in a list, and in the environment of an instance', () => {
  const users = usersByConfig(model)
  expect(users.get('mill')?.map(({ id }) => id)).toEqual(['jog'])
  expect(users.get('lathe')?.map(({ id }) => id)).toEqual(['lists'])
  expect(users.get('broker')?.map(({ id }) => id)).toEqual(['i'])
})

test('what is used only by something unused is unused, too; the settings of every flow never are', () => {
  expect(unusedConfigs(model).map(({ id }) => id)).toEqual(['page', 'base'])
})
