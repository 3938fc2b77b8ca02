import { expect, test } from 'vitest'
import { FlowModel } from '../../model/flow-model.ts'
import { type EnvItem, faultsOf, inputKindOf, instanceEnv, labelOf, usesOf, withInstanceValue } from './env.ts'

const item = (name: string, more: Partial<EnvItem> = {}): EnvItem => ({ name, type: 'str', value: '', ...more })

test('a name must be there, be the only one, and not be one of Node-RED’s own', () => {
  expect([...faultsOf([item('A'), item(' '), item('A'), item('NR_FLOW_ID')])]).toEqual([
    [1, 'noName'],
    [2, 'twice'],
    [3, 'reserved'],
  ])
})

test('an instance shows the subflow’s value until it has its own, and can go back', () => {
  const definition = { id: 's', type: 'subflow', env: [item('FEED', { type: 'num', value: '800' })] }
  const instance = { id: 'i', type: 'subflow:s', env: [item('EXTRA', { value: 'kept' })] }
  expect(instanceEnv(definition, instance)).toMatchObject([{ value: '800', isOwn: false }])
  const changed = { ...instance, env: withInstanceValue(instance, 'FEED', { type: 'num', value: '900' }) }
  expect(instanceEnv(definition, changed)).toMatchObject([{ value: '900', isOwn: true }])
  expect(changed.env[0]).toEqual(instance.env[0])
  expect(withInstanceValue(changed, 'FEED', undefined)).toEqual(instance.env)
})

test('a label comes in the reader’s language, else in English, else as the name', () => {
  const ui = { label: { 'en-US': 'Feed', de: 'Vorschub' } }
  expect(labelOf(item('FEED', { ui }), 'de')).toBe('Vorschub')
  expect(labelOf(item('FEED', { ui }), 'en')).toBe('Feed')
  expect(labelOf(item('FEED'), 'en')).toBe('FEED')
})

test('a password is shown as one, whatever the subflow says of its form', () => {
  expect(inputKindOf(item('KEY', { type: 'cred' }))).toBe('cred')
  expect(inputKindOf(item('A', { ui: { type: 'spinner' } }))).toBe('spinner')
})

test('counts the nodes that read a variable, and only those it reaches', () => {
  const model = new FlowModel([
    { id: 't', type: 'tab', env: [] },
    { id: 'u', type: 'tab' },
    { id: 'g', type: 'group', z: 't', nodes: ['a'] },
    { id: 'a', type: 'mqtt in', z: 't', g: 'g', x: 1, y: 1, wires: [], topic: '$(LINE)' },
    { id: 'b', type: 'function', z: 't', x: 1, y: 1, wires: [], func: "return env.get('LINE')" },
    { id: 'c', type: 'change', z: 't', x: 1, y: 1, wires: [], rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'LINE', tot: 'env' }] },
    { id: 'd', type: 'inject', z: 't', x: 1, y: 1, wires: [], payload: 'LINE', payloadType: 'env' },
    { id: 'e', type: 'inject', z: 'u', x: 1, y: 1, wires: [], payload: 'LINE', payloadType: 'env' },
    { id: 'f', type: 'inject', z: 't', x: 1, y: 1, wires: [], payload: 'LINE', payloadType: 'str' },
  ])
  expect(usesOf(model, model.get('t')!, 'LINE')).toBe(4)
  expect(usesOf(model, model.get('g')!, 'LINE')).toBe(1)
})
