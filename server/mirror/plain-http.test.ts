/** Plain http to a git server: to the own network only, and nowhere else from there. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { isOnOwnNetwork, plainHttp } from './plain-http.ts'

test.each([
  ['10.20.30.40', true],
  ['172.31.255.1', true],
  ['192.168.0.9', true],
  ['169.254.1.1', true],
  ['127.0.0.2', true],
  ['::1', true],
  ['fd12::1', true],
  ['fe80::1', true],
  ['::ffff:192.168.0.9', true],
  ['172.32.0.1', false],
  ['11.0.0.1', false],
  ['8.8.8.8', false],
  ['100.64.0.1', false],
  ['2001:db8::1', false],
  ['::ffff:8.8.8.8', false],
  ['::ffff:0808:0808', false],
  ['git.example.com', false],
  ['', false],
])('%s is on the own network: %s', (address, isOwn) => {
  expect(isOnOwnNetwork(address)).toBe(isOwn)
})

test('nothing is sent to an address outside, and none that is led to is followed', async () => {
  let asked = 0
  const server = createServer((request, response) => {
    asked += 1
    if (request.url === '/on') return void response.writeHead(302, { location: '/there' }).end()
    response.end('there')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await expect(plainHttp.request({ url: 'http://203.0.113.7/a.git/info/refs' })).rejects.toMatchObject({ code: 'mirror-public' })
  const led = await plainHttp.request({ url: `${base}/on`, headers: { authorization: 'Basic eA==' } })
  expect(led).toMatchObject({ statusCode: 302 })
  expect(await textOf(led.body)).toBe('')
  expect(asked).toBe(1)
  expect(await textOf((await plainHttp.request({ url: `${base}/there` })).body)).toBe('there')
})

async function textOf(body: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of body ?? []) parts.push(part)
  return Buffer.concat(parts).toString()
}
