import { expect, test } from 'vitest'
import { secureAddress } from './next.ts'

const at = (next: string) => secureAddress({ protocol: 'http:', host: 'shop-pc:8470', search: `?next=${encodeURIComponent(next)}` })

test('a device goes on to what it asked for, by HTTPS', () => {
  expect(at('/operator?machine=m1#x')).toBe('https://shop-pc:8470/operator?machine=m1#x')
  expect(secureAddress({ protocol: 'http:', host: '[fe80::1]:8470', search: '' })).toBe('https://[fe80::1]:8470/')
})

test('an address of elsewhere leads nowhere but here', () => {
  for (const next of ['//evil.example/x', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '', '\\\\evil', '/\t/evil.example'])
    expect(new URL(at(next)).host, next).toBe('shop-pc:8470')
})
