import { expect, test } from 'vitest'
import { loadNodeRed, translate } from './node-red.ts'
import { statusText } from './status-text.ts'

const catalogue = new Map([['node-red:common.status.connecting', 'connecting']])
const look = (key: string) => catalogue.get(key) ?? key.slice(key.indexOf(':') + 1)

test.each([
  ['common.status.connecting', 'connecting'],
  ['node-red:common.status.connecting', 'connecting'],
  ['common.status.unheard', 'common.status.unheard'],
  ['node-red:common.status.unheard', 'node-red:common.status.unheard'],
  // no keys: an address, a version, a sentence
  ['mill.local', 'mill.local'],
  ['1.2.3', '1.2.3'],
  ['part 3 of 12.', 'part 3 of 12.'],
])('a status of %s is shown as %s', (text, shown) => {
  expect(statusText(text, look)).toBe(shown)
})

test('what no catalogue of Node-RED has stays as it is', () => {
  loadNodeRed()
  expect(statusText('mill.local', translate)).toBe('mill.local')
})
