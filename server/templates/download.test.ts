import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { LIMITS } from './archive/limits.ts'
import { download } from './download.ts'
import { CERTIFICATE, httpsServer } from './testing.ts'

let server: Awaited<ReturnType<typeof httpsServer>> | undefined
afterEach(() => server?.close())
const serve = async (answer: RequestListener) => {
  server = await httpsServer(answer)
  return server.url
}
const load = (url: string, evenPrivate = true) => download({ url, evenPrivate, ca: CERTIFICATE })

test('a file is loaded over https, and who sent it is told', async () => {
  const url = await serve((_request, response) => response.end('the file'))
  const { archive, from } = await load(`${url}/part.cwt`)
  expect(archive.toString()).toBe('the file')
  expect(from).toMatchObject({ host: new URL(url).host, isPrivate: true })
})

test('an address in a private network is asked only when that is meant', async () => {
  let asked = 0
  const url = await serve((_request, response) => {
    asked += 1
    response.end('the file')
  })
  await expect(load(url, false)).rejects.toMatchObject({ code: 'template-private-address', details: { host: new URL(url).host } })
  expect(asked).toBe(0)
})

test('plain http is asked in a private network only, and leads to https but not back', async () => {
  const plain = createServer((request, response) => {
    const to = { '/moved': `${server?.url}/down` }[request.url ?? '']
    if (to) response.writeHead(302, { location: to }).end()
    else response.end('the file')
  })
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void plain.close())
  const base = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`
  await serve((_request, response) => void response.writeHead(302, { location: `${base}/file` }).end())
  expect((await load(`${base}/file`)).archive.toString()).toBe('the file')
  await expect(load(`${base}/file`, false)).rejects.toMatchObject({ code: 'template-private-address', details: { isPlain: true } })
  await expect(load(`${base}/moved`)).rejects.toMatchObject({ code: 'template-address' })
  await expect(load('http://203.0.113.7/a.cwt')).rejects.toMatchObject({ code: 'template-address', message: expect.stringContaining('only https') })
})

test.each(['ftp://example.com/a.cwt', 'file:///etc/passwd', 'https://user:secret@example.com/a.cwt', 'no address'])(
  '%s is no address to load from',
  async (url) => {
    await expect(load(url)).rejects.toMatchObject({ code: 'template-address' })
  },
)

test('a redirection is followed, but not to plain http and not for ever', async () => {
  const url = await serve((request, response) => {
    const to = { '/moved': '/file', '/down': 'http://localhost/file', '/round': '/round' }[request.url ?? '']
    if (to) response.writeHead(302, { location: to }).end()
    else response.end('the file')
  })
  expect((await load(`${url}/moved`)).archive.toString()).toBe('the file')
  await expect(load(`${url}/down`)).rejects.toMatchObject({ code: 'template-address' })
  await expect(load(`${url}/round`)).rejects.toMatchObject({ code: 'template-address', message: expect.stringContaining('more than 3 times') })
})

test('what is larger than a template may be is not loaded to its end', async () => {
  let sent = 0
  const url = await serve((_request, response) => {
    const piece = Buffer.alloc(1_000_000)
    const more = () => {
      while (!response.destroyed && sent < 100) {
        sent += 1
        if (!response.write(piece)) return void response.once('drain', more)
      }
      response.end()
    }
    more()
  })
  await expect(load(url)).rejects.toMatchObject({
    code: 'download-failed',
    message: expect.stringContaining(`larger than ${LIMITS.packedBytes / 1_000_000} MB`),
  })
  expect(sent).toBeLessThan(100)
})

test('a server whose certificate is not trusted, and one that says no, are told in words', async () => {
  const url = await serve((_request, response) => response.writeHead(404).end())
  await expect(download({ url, evenPrivate: true })).rejects.toMatchObject({ code: 'download-failed', message: expect.stringContaining('certificate') })
  await expect(load(url)).rejects.toMatchObject({ code: 'download-failed', message: expect.stringContaining('it answered 404') })
})
