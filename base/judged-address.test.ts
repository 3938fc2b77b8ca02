import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { addressIn, addressOf, only } from './judged-address.ts'

/** What the name server of this test says; no real one answers with what is wanted here. */
const names = vi.hoisted(() => ({ lookup: vi.fn() }))
vi.mock('node:dns/promises', () => names)
afterEach(() => names.lookup.mockReset())

const ever = new AbortController().signal

test.each([
  ['192.168.1.7', '192.168.1.7'],
  ['[fd12::1]', 'fd12::1'],
  ['::1', '::1'],
  ['files.example', undefined],
  ['192.168.1', undefined],
])('%s as an address: %s', (hostname, address) => {
  expect(addressIn(hostname)).toBe(address)
})

test('an address needs no name server', async () => {
  expect(await addressOf(new URL('https://192.0.2.4:8443/x'), ever)).toEqual({ address: '192.0.2.4', family: 4 })
  expect(await addressOf(new URL('https://[2001:db8::1]/x'), ever)).toEqual({ address: '2001:db8::1', family: 6 })
  expect(names.lookup).not.toHaveBeenCalled()
})

test('of several addresses a private one counts, wherever it stands; else the first', async () => {
  const outside = [
    { address: '2001:db8::9', family: 6 },
    { address: '93.184.216.34', family: 4 },
  ]
  names.lookup.mockResolvedValueOnce([...outside, { address: '10.0.0.3', family: 4 }])
  expect(await addressOf(new URL('https://files.example/'), ever)).toEqual({ address: '10.0.0.3', family: 4 })
  names.lookup.mockResolvedValueOnce(outside)
  expect(await addressOf(new URL('https://files.example/'), ever)).toEqual(outside[0])
  expect(names.lookup).toHaveBeenCalledWith('files.example', { all: true, verbatim: true })
})

test('a name without an address, or one that is not found in time, is an error', async () => {
  names.lookup.mockResolvedValueOnce([])
  await expect(addressOf(new URL('https://files.example/'), ever)).rejects.toThrow('its name has no address')
  names.lookup.mockReturnValueOnce(new Promise(() => {}))
  const until = new AbortController()
  const asked = addressOf(new URL('https://files.example/'), until.signal)
  until.abort()
  await expect(asked).rejects.toThrow('its name was not found in time')
})

test.each([true, false])('a connection goes to the judged address, whatever its name says (several families asked: %s)', async (autoSelectFamily) => {
  const server = createServer((socket) => socket.end('here')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const socket = connect({ host: 'files.invalid', port, autoSelectFamily, lookup: only({ address: '127.0.0.1', family: 4 }) })
  try {
    expect(String((await once(socket, 'data'))[0])).toBe('here')
  } finally {
    socket.destroy()
    server.close()
  }
})
