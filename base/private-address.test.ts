import { expect, test } from 'vitest'
import { isPrivateAddress } from './private-address.ts'

test.each([
  ['127.0.0.1', true],
  ['10.1.2.3', true],
  ['172.31.255.255', true],
  ['172.32.0.1', false],
  ['192.168.1.1', true],
  ['169.254.169.254', true],
  ['100.100.0.1', true],
  ['::1', true],
  ['fd12::1', true],
  ['fe80::1', true],
  ['::ffff:192.168.0.1', true],
  ['::ffff:c0a8:1', true],
  ['::ffff:93.184.216.34', false],
  ['93.184.216.34', false],
  ['2606:2800:220:1::1', false],
])('%s is in a private network: %s', (address, isPrivate) => {
  expect(isPrivateAddress(address)).toBe(isPrivate)
})
