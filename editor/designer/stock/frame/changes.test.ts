import { describe, expect, test } from 'vitest'
import { FlowModel } from '../../model/flow-model.ts'
import type { FlowNode } from '../../model/raw.ts'
import { movedWires, propertiesChanged, takeOver } from './changes.ts'

const route: FlowNode = { id: 'a', type: 'switch', z: 't', name: 'route', outputs: 2, x: 0, y: 0, info: 'why', wires: [['b'], ['c']] }
const all = new Set(['name', 'outputs', 'rules'])

describe('what a dialog changed in a node', () => {
  test('is what is written in another way, never its place or its wires', () => {
    const after = { ...route, name: 'way', x: 500, wires: [], g: 'group' } as FlowNode
    expect(propertiesChanged(route, after, { isEdited: true, declared: all })).toEqual({ name: 'way' })
  })

  test('what its own dialog left out was taken away; of others only what their type declares counts', () => {
    const { info: _, ...after } = route
    expect(propertiesChanged(route, after as FlowNode, { isEdited: true, declared: all })).toEqual({ info: undefined })
    expect(propertiesChanged(route, { ...after, rules: [] } as unknown as FlowNode, { isEdited: false, declared: all })).toEqual({ rules: [] })
  })

  test('a config node may be moved to all flows', () => {
    const config: FlowNode = { id: 'c', type: 'mqtt-broker', z: 't', name: '' }
    const { z: _, ...after } = config
    expect(propertiesChanged(config, after as FlowNode, { isEdited: true, declared: new Set(['name']) })).toEqual({ z: undefined })
  })
})

describe('wires', () => {
  test('follow their outputs, and go with those that are gone', () => {
    expect(movedWires([['b'], ['c'], ['d']], 3, { 0: '1', 1: '0', 2: '-1' })).toEqual([['c'], ['b'], []])
  })

  test('a dialog’s save is one step that undo takes back whole', () => {
    const tab: FlowNode = { id: 't', type: 'tab', label: 'one' }
    const model = new FlowModel([tab, route])
    const config: FlowNode = { id: 'n', type: 'mqtt-broker', name: 'new' }
    takeOver(model, { added: [config], changed: [{ id: 'a', properties: { outputs: 1 }, outputMap: { 0: '-1', 1: '0' } }], removed: [], credentials: {} })
    expect(model.get('a')).toMatchObject({ outputs: 1, wires: [['c']] })
    expect(model.get('n')).toEqual(config)
    model.undo()
    expect(model.export()).toEqual([tab, route])
  })
})
