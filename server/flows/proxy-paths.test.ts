import { describe, expect, test } from 'vitest'
import { innerUrl, isStaticFile, outerLocation } from './proxy-paths.ts'
import { TRICKS } from './proxy-testing.ts'

describe('hooks', () => {
  test.each([
    ['/hooks', '/'],
    ['/hooks/', '/'],
    ['/hooks?a=b', '/?a=b'],
    ['/hooks/part', '/part'],
    ['/hooks/part/', '/part/'],
    ['/hooks/part/12%20mm?next=%2Fred', '/part/12%20mm?next=%2Fred'],
    ['/hooks/part/A%2F12', '/part/A%2F12'],
    ['/hooks/share/100%25', '/share/100%25'],
    ['/hooks/redo', '/redo'],
    ['/hooks/x/red', '/x/red'],
    ['/hooks/reduced/flows?//../red', '/reduced/flows?//../red'],
  ])('%s is %s inside', (outer, inner) => {
    expect(innerUrl('hooks', outer)).toBe(inner)
  })

  test.each(TRICKS)('%s is refused', (url) => {
    expect(() => innerUrl('hooks', url)).toThrow(/not accept|nothing at this address/)
  })

  test.each(['http://127.0.0.1/hooks/x', '//hooks/x', '/hooksx', '/red', 'hooks/x', '*', ''])('"%s" does not belong here', (url) => {
    expect(() => innerUrl('hooks', url)).toThrow(/not accept/)
  })
})

describe('editor and dashboard', () => {
  test('addresses stay as they are', () => {
    expect(innerUrl('red', '/red/flow/a%2Fb?x=1')).toBe('/red/flow/a%2Fb?x=1')
    expect(innerUrl('red', '/red')).toBe('/red')
    expect(innerUrl('dashboard', '/dashboard/socket.io/?EIO=4')).toBe('/dashboard/socket.io/?EIO=4')
  })

  test.each([
    '/dashboard/../red',
    '/dashboard/%2e%2e/red/flows',
    '/dashboard/..%2fred',
    '/dashboard/%252e%252e/red',
    '/dashboard/x%5c..%5cred',
    '/dashboardx',
    '/red',
  ])('%s is not reached as a dashboard', (url) => {
    expect(() => innerUrl('dashboard', url)).toThrow(/not accept/)
  })
})

test('plain files of modules are told from the rest of the admin API', () => {
  for (const url of [
    '/red/resources/node-red-dashboard-2-x/ui-x.umd.js',
    '/red/resources/@scope/module/deep/file.css?v=1',
    '/red/icons/node-red/arrow-in.svg',
    '/red/icons/@flowfuse/node-red-dashboard/icon.png',
  ])
    expect([url, isStaticFile(url)]).toEqual([url, true])
  for (const url of [
    '/red/icons',
    '/red/icons/',
    '/red/icons?x=/red/icons/a/b',
    '/red/icons/node-red',
    '/red/icons/a/b/c/d',
    '/red/resources',
    '/red/resources/module',
    '/red/resources/module/',
    '/red/resources/a%2fb/c',
    '/red/resources/a/..%5cb',
    '/red/Resources/a/b.js',
    '/red/flows',
    '/red/settings?/red/resources/a/b',
  ])
    expect([url, isStaticFile(url)]).toEqual([url, false])
})

describe('redirects', () => {
  const origins = ['http://shop.example:8470', 'https://cellwright.example']
  const lead = (way: 'red' | 'dashboard' | 'hooks', from: string, location: string) => outerLocation(way, location, { from, origins })

  test('of a flow stay below /hooks', () => {
    expect(lead('hooks', '/a/b', '/done?x=1#y')).toBe('/hooks/done?x=1#y')
    expect(lead('hooks', '/a/b', 'c')).toBe('/hooks/a/c')
    expect(lead('hooks', '/a/b', '../c')).toBe('/hooks/c')
    expect(lead('hooks', '/a/b', '../../../../c')).toBe('/hooks/c')
    expect(lead('hooks', '/a/b', '?again')).toBe('/hooks/a/b?again')
    expect(lead('hooks', '/a/b', 'http://shop.example:8470/hooks/c')).toBe('/hooks/c')
    expect(lead('hooks', '/a/b', 'https://cellwright.example/hooks/c')).toBe('/hooks/c')
  })

  test.each([
    'https://evil.example/',
    '//evil.example/x',
    '/\\evil.example/x',
    'javascript:alert(1)',
    'http://shop.example:8470/api/accounts',
    'http://shop.example:9999/hooks/c',
    '/red/flows',
    '/dashboard',
    '/x/..%2f..%2fred',
    'http://',
  ])('of a flow to %s are refused', (location) => {
    expect(lead('hooks', '/a/b', location)).toBeUndefined()
  })

  test('of the editor and of a dashboard stay on their own pages', () => {
    expect(lead('red', '/red', '/red/')).toBe('/red/')
    expect(lead('dashboard', '/dashboard/page1/', '/dashboard/page1')).toBe('/dashboard/page1')
    expect(lead('dashboard', '/dashboard/page1', '/red/')).toBeUndefined()
    expect(lead('red', '/red/x', '../')).toBeUndefined()
    expect(lead('red', '/red/x', 'https://flowfuse.example')).toBeUndefined()
  })
})
