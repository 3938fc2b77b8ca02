import { expect, it } from 'vitest'
import { requirePassphrase } from './lock.ts'

it('takes a passphrase that people can type again', () => {
  expect(requirePassphrase('vier Wörter, ganz verschieden')).toBe('vier Wörter, ganz verschieden')
  for (const text of ['with a\u0000 nothing in it', 'with a line\nbreak in it', 'with half a \ud800 letter'])
    expect(() => requirePassphrase(text)).toThrow('nobody can type')
  expect(() => requirePassphrase('too short')).toThrow('at least 12')
})
