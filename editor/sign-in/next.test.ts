import { expect, test } from 'vitest'
import { nextPage } from './next.ts'

const origin = 'http://shop.local:8470'
const operator = { capabilities: ['machines.view'] }
const engineer = { capabilities: ['flows.view'] }

test('goes back to the page that asked for a session', () => {
  expect(nextPage('?next=%2Fruns%3Frun%3D1%23x', origin, engineer)).toBe('/runs?run=1#x')
})

test.each(['https://evil.example/', '//evil.example/x', '/\\evil.example', 'javascript:alert(1)', 'data:text/html,x'])(
  'never leads elsewhere: %s',
  (address) => {
    expect(nextPage(`?next=${encodeURIComponent(address)}`, origin, engineer)).toBe('/')
  },
)

test('without a page to go back to, shows an operator the panel and an engineer the designer', () => {
  expect(nextPage('', origin, operator)).toBe('/operator')
  expect(nextPage('', origin, engineer)).toBe('/')
})

test('does not go round in a circle', () => {
  expect(nextPage('?next=/sign-in', origin, operator)).toBe('/operator')
})
