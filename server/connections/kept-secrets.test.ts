import { expect, test } from 'vitest'
import { secretsFor } from './kept-secrets.ts'

const info = { label: 'Broker', secrets: [{ name: 'password', title: 'Password' }], secretsAreFor: ['url'] }
const before = { settings: { url: 'mqtt://a', topics: ['x'] }, secrets: { password: 'kept' } }

test('omitted secrets stay, entered ones count, empty ones are removed', () => {
  expect(secretsFor({ info, settings: { url: 'mqtt://a', topics: ['y'] }, given: {}, before })).toEqual({ password: 'kept' })
  expect(secretsFor({ info, settings: before.settings, given: { password: 'new' }, before })).toEqual({ password: 'new' })
  expect(secretsFor({ info, settings: before.settings, given: { password: '' }, before })).toEqual({})
})

test('a kept secret never goes to another place than it was entered for', () => {
  const elsewhere = { url: 'mqtt://b', topics: ['x'] }
  expect(() => secretsFor({ info, settings: elsewhere, given: {}, before })).toThrow(expect.objectContaining({ code: 'secret-again' }))
  expect(secretsFor({ info, settings: elsewhere, given: { password: 'new' }, before })).toEqual({ password: 'new' })
  expect(secretsFor({ info, settings: elsewhere, given: { password: '' }, before })).toEqual({})
})

test('refuses a secret that the kind has not got', () => {
  expect(() => secretsFor({ info, settings: before.settings, given: { token: 'x' } })).toThrow(expect.objectContaining({ code: 'secret-unknown' }))
})
