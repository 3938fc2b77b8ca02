/** Over a real server: what it is sent, and what becomes of each answer. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { ConnectorContext, Notice } from '../contract.ts'
import { webhook } from './index.ts'

const taken: { method: string; headers: IncomingHttpHeaders; body: string }[] = []
let status = 204
const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (piece: string) => {
    body += piece
  })
  request.on('end', () => {
    taken.push({ method: request.method ?? '', headers: request.headers, body })
    response.writeHead(status).end()
  })
})
let url: string

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
})
afterAll(() => server.close())
beforeEach(() => {
  taken.length = 0
  status = 204
})

const notice: Notice = { key: 'msg_1', priority: 'alarm', title: 'Mill 1: a limit switch was hit', text: 'Unlock and home.', at: '2026-03-02T08:00:00.000Z' }
const context = { state: () => {}, signal: new AbortController().signal } as unknown as ConnectorContext
const sent = async (secrets: Record<string, string> = {}, to = url) => {
  const running = await webhook.start({ settings: { url: to }, secrets, context })
  try {
    return await running.notify?.(notice, context.signal)
  } finally {
    await running.close()
  }
}

it('sends a message as JSON, with its key and the token', async () => {
  expect(await sent({ token: 'of the shop' })).toEqual({ reference: `${url} (204)` })
  expect(taken).toHaveLength(1)
  expect(taken[0]).toMatchObject({
    method: 'POST',
    headers: { authorization: 'Bearer of the shop', 'idempotency-key': 'msg_1', 'content-type': 'application/json' },
  })
  expect(JSON.parse(taken[0]?.body ?? '')).toEqual(notice)
})

it('is tried again where that may help, and given up where a person has to do something', async () => {
  for (const [answer, code, kind] of [
    [500, 'webhook-away', 'OperationalError'],
    [429, 'webhook-away', 'OperationalError'],
    [404, 'webhook-refused', 'UserError'],
  ] as const) {
    status = answer
    await expect(sent()).rejects.toMatchObject({ code, name: kind })
  }
  const { port } = server.address() as AddressInfo
  await expect(sent({}, `http://127.0.0.1:${port === 1 ? 2 : 1}/`)).rejects.toMatchObject({ code: 'webhook-away' })
})

it('is tested without a message being sent', async () => {
  status = 405
  expect(await webhook.check({ url }, {})).toMatchObject([{ code: 'webhook-seen', blanks: { status: 405 } }])
  expect(taken).toMatchObject([{ method: 'HEAD', body: '' }])
  status = 401
  await expect(webhook.check({ url }, {})).rejects.toMatchObject({ code: 'webhook-refused' })
})
