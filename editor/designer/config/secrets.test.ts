import { expect, test } from 'vitest'
import { FlowModel } from '../model/flow-model.ts'
import { NewSecrets } from './secrets.ts'

const model = new FlowModel([
  { id: 'broker', type: 'mqtt-broker' },
  {
    id: 's',
    type: 'subflow',
    env: [
      { name: 'KEY', type: 'cred', value: '' },
      { name: 'OTHER', type: 'cred', value: '' },
    ],
  },
  {
    id: 'all',
    type: 'global-config',
    env: [
      { name: 'KEY', type: 'cred', value: '' },
      { name: 'OTHER', type: 'cred', value: '' },
    ],
  },
])

test('a deploy takes along what was typed, and nothing for objects that are gone', () => {
  const secrets = new NewSecrets()
  secrets.set('broker', { password: 'hush' })
  secrets.set('gone', { password: 'hush' })
  expect(secrets.forDeploy(model)).toEqual({ broker: { password: 'hush' } })
  expect(new NewSecrets().forDeploy(model)).toBeUndefined()
})

test('after a deploy only what was typed in the meantime waits', () => {
  const secrets = new NewSecrets()
  secrets.set('broker', { user: 'a', password: 'hush' })
  const sent = secrets.forDeploy(model)
  secrets.set('broker', { password: 'changed while it was on its way' })
  secrets.deployed(sent)
  expect(secrets.of('broker')).toEqual({ password: 'changed while it was on its way' })
})

test('a subflow’s other passwords are named as kept, because Node-RED forgets those that are not named', () => {
  const secrets = new NewSecrets()
  secrets.set('s', { KEY: 'new' })
  expect(secrets.forDeploy(model)).toEqual({ s: { KEY: 'new', OTHER: '__PWRD__' } })
})

test('the environment of every flow has its passwords in a map; one that is taken away is not named', () => {
  const secrets = new NewSecrets()
  secrets.set('all', { KEY: 'new', OTHER: '' })
  expect(secrets.forDeploy(model)).toEqual({ all: { map: { KEY: 'new', has_KEY: true } } })
})

test('the mark for “keep” is no new value', () => {
  const secrets = new NewSecrets()
  secrets.set('broker', { password: '__PWRD__' })
  expect(secrets.waiting.size).toBe(0)
})
