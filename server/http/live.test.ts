import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import WebSocket from 'ws'
import { createLog } from '../../base/log.ts'
import { type Capability, capabilitiesOf, type ServerMessage } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { createLive, type Live } from './live.ts'

const soon = { timeout: 10_000 }
const callerWith = (capabilities: Iterable<Capability>): Caller => ({
  userId: 'u',
  userName: 'u',
  name: 'U',
  role: 'viewer',
  capabilities: new Set(capabilities),
  via: 'session',
  session: 's',
})
let caller: Caller | undefined
let live: Live
let server: Server
let url: string
const sockets: WebSocket[] = []

async function start(maxBufferedBytes?: number) {
  caller = callerWith(capabilitiesOf('admin'))
  live = createLive({ callerNow: () => caller, log: createLog('test', 'silent'), checkMessages: true, ...(maxBufferedBytes ? { maxBufferedBytes } : {}) })
  server = createServer().on('upgrade', (request, socket, head) => live.accept(request, socket, head, caller!))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}
beforeEach(() => start())
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  await live.close()
  await new Promise((resolve) => server.close(resolve))
})

async function listen(topics: string[] = []) {
  const socket = new WebSocket(url)
  sockets.push(socket)
  const messages: ServerMessage[] = []
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  socket.on('message', (text) => messages.push(JSON.parse(String(text)) as ServerMessage))
  await new Promise((resolve) => socket.on('open', resolve))
  const say = (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  if (topics.length) say({ type: 'subscribe', topics })
  return { socket, messages, closed, say }
}
const process_ = (restarts: number) => ({ name: 'x', state: 'running' as const, restarts })

test('changes that come while the snapshot is made follow it, in order, and none is lost', async () => {
  let finish: (value: unknown[]) => void = () => {}
  live.provide('debug', () => new Promise((resolve) => (finish = resolve)))
  const one = await listen(['debug'])
  one.say({ type: 'ping' })
  await expect.poll(() => one.messages.map(({ type }) => type), soon).toEqual(['pong'])
  live.publish('debug', [1])
  live.publish('debug', [2])
  finish(['snapshot'])
  await expect.poll(() => one.messages.length, soon).toBe(4)
  live.publish('debug', [3])
  await expect
    .poll(() => one.messages.slice(1), soon)
    .toEqual([{ type: 'snapshot', topic: 'debug', data: ['snapshot'] }, ...[[1], [2], [3]].map((data) => ({ type: 'change', topic: 'debug', data }))])
})

test('nothing comes of a topic that is not, or no longer, subscribed', async () => {
  live.provide('debug', () => [])
  live.provide('system', () => [])
  const one = await listen(['system'])
  await expect.poll(() => one.messages.length, soon).toBe(1)
  live.publish('debug', ['not for you'])
  one.say({ type: 'unsubscribe', topics: ['system'] })
  one.say({ type: 'ping' })
  await expect.poll(() => one.messages.at(-1), soon).toEqual({ type: 'pong' })
  live.publish('system', [])
  one.say({ type: 'ping' })
  await expect.poll(() => one.messages.length, soon).toBe(3)
  expect(one.messages.map(({ type }) => type)).toEqual(['snapshot', 'pong', 'pong'])
})

test('a listener that does not read costs bounded memory, and gets the latest state when it reads again', async () => {
  await live.close()
  await new Promise((resolve) => server.close(resolve))
  await start(100_000)
  let restarts = 0
  live.provide('system', () => [process_(restarts)])
  const slow = await listen(['system'])
  const quick = await listen(['system'])
  await expect.poll(() => slow.messages.length + quick.messages.length, soon).toBe(2)
  slow.socket.pause()
  const text = 'x'.repeat(50_000)
  for (restarts = 1; restarts <= 2000; restarts += 1) {
    live.publish('system', [{ ...process_(restarts), text }])
    // lets the sockets breathe
    if (restarts % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  restarts = 4711
  slow.socket.resume()
  const last = () => slow.messages.at(-1) as { type: string; data: { restarts: number }[] }
  await expect.poll(() => [last().type, last().data[0]!.restarts], soon).toEqual(['snapshot', 4711])
  expect(slow.messages.length).toBeLessThan(2000)
  const seen = slow.messages.map((message) => (message as unknown as { data: { restarts: number }[] }).data[0]!.restarts)
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
})

test('rights that shrink take the topic away, and a revoked session the connection', async () => {
  live.provide('system', () => [])
  live.provide('machines', () => [])
  const one = await listen(['system', 'machines'])
  await expect.poll(() => one.messages.length, soon).toBe(2)
  caller = callerWith(['machines.view'])
  await expect.poll(() => one.messages.at(-1), soon).toMatchObject({ type: 'refused', topic: 'system', code: 'not-allowed' })
  live.publish('system', [])
  one.say({ type: 'ping' })
  await expect.poll(() => one.messages.at(-1), soon).toEqual({ type: 'pong' })
  expect(one.messages).toHaveLength(4)
  caller = undefined
  expect(await one.closed).toBe(4401)
})

test('what is no message of ours gets an error, and a huge one ends the connection', async () => {
  const one = await listen()
  for (const text of ['{', '[]', '{"type":"shout"}', '{"type":"subscribe","topics":"all"}', '{"type":"ping","extra":1}']) one.say(text)
  one.socket.send(Buffer.from([1, 2, 3]))
  one.say({ type: 'subscribe', topics: ['everything'] })
  await expect.poll(() => one.messages.length, soon).toBe(7)
  expect(one.messages.map((message) => ('code' in message ? message.code : ''))).toEqual([
    'message-not-json',
    'message-unknown',
    'message-unknown',
    'message-unknown',
    'message-unknown',
    'message-not-json',
    'topic-unknown',
  ])
  one.say(JSON.stringify({ type: 'subscribe', topics: ['x'.repeat(100_000)] }))
  expect(await one.closed).toBe(1009)
})

test('a snapshot that fails is said so, and the topic can be asked for again', async () => {
  let isBroken = true
  live.provide('debug', () => {
    if (isBroken) throw new Error('secret detail')
    return []
  })
  const one = await listen(['debug'])
  await expect.poll(() => one.messages.at(-1), soon).toMatchObject({ type: 'refused', topic: 'debug', code: 'internal-error' })
  expect(JSON.stringify(one.messages)).not.toContain('secret detail')
  isBroken = false
  one.say({ type: 'subscribe', topics: ['debug'] })
  await expect.poll(() => one.messages.at(-1), soon).toMatchObject({ type: 'snapshot' })
})

test('a topic to look at tells each listener of what it looks at, until it looks away, leaves, or loses the right', async () => {
  const looks: unknown[] = []
  const lines: { send(change: never): void; hasRoom(): boolean }[] = []
  let closed = 0
  live.serve('activity', (line) => {
    lines.push(line)
    return {
      look: (at) => void looks.push(at),
      close: () => {
        closed += 1
      },
    }
  })
  const one = await listen()
  one.say({ type: 'look', topic: 'activity', at: { place: 't1' } })
  one.say({ type: 'look', topic: 'activity', at: { place: 't2', nodes: ['a'] } })
  await expect.poll(() => looks, soon).toEqual([{ place: 't1' }, { place: 't2', nodes: ['a'] }])
  expect(lines).toHaveLength(1)
  const change = { epoch: 'e', since: new Date().toISOString(), at: new Date().toISOString(), isWhole: true, wires: [], nodes: [] }
  lines[0]!.send(change as never)
  await expect.poll(() => one.messages, soon).toEqual([{ type: 'change', topic: 'activity', data: change }])
  for (const at of [{ place: 1 }, { nodes: Array.from({ length: 401 }, (_, n) => `n${n}`) }, { everything: true }, null])
    one.say({ type: 'look', topic: 'activity', at })
  one.say({ type: 'look', topic: 'machines', at: {} })
  await expect.poll(() => one.messages.length, soon).toBe(6)
  expect(one.messages.slice(1).map((message) => ('code' in message ? message.code : ''))).toEqual([
    ...Array.from({ length: 4 }, () => 'invalid-input'),
    'topic-unknown',
  ])
  expect(looks).toHaveLength(2)
  one.say({ type: 'unsubscribe', topics: ['activity'] })
  await expect.poll(() => closed, soon).toBe(1)
  one.say({ type: 'look', topic: 'activity', at: {} })
  await expect.poll(() => lines.length, soon).toBe(2)
  caller = callerWith(['machines.view'])
  await expect.poll(() => closed, soon).toBe(2)
  one.say({ type: 'look', topic: 'activity', at: {} })
  await expect.poll(() => one.messages.at(-1), soon).toMatchObject({ type: 'refused', topic: 'activity', code: 'not-allowed' })
  caller = callerWith(['flows.view'])
  await expect
    .poll(() => {
      if (lines.length < 3) one.say({ type: 'look', topic: 'activity', at: {} })
      return lines.length
    }, soon)
    .toBe(3)
  one.socket.close()
  await expect.poll(() => closed, soon).toBe(3)
})

test('of a topic with parts for some people only, the others get the rest, and the whole as soon as they may', async () => {
  const less = (list: unknown[]) => list.map((one) => ({ ...(one as object), secret: undefined }))
  live.provide('debug', () => [{ count: 1, secret: 'x' }], { without: 'flows.code', snapshot: less, change: less })
  const one = await listen(['debug'])
  await expect.poll(() => one.messages.at(-1), soon).toEqual({ type: 'snapshot', topic: 'debug', data: [{ count: 1, secret: 'x' }] })
  caller = callerWith(['flows.messages'])
  await expect.poll(() => one.messages.at(-1), soon).toEqual({ type: 'snapshot', topic: 'debug', data: [{ count: 1 }] })
  live.publish('debug', [{ count: 2, secret: 'y' }])
  await expect.poll(() => one.messages.at(-1), soon).toEqual({ type: 'change', topic: 'debug', data: [{ count: 2 }] })
  caller = callerWith(['flows.messages', 'flows.code'])
  await expect.poll(() => one.messages.at(-1), soon).toEqual({ type: 'snapshot', topic: 'debug', data: [{ count: 1, secret: 'x' }] })
  live.publish('debug', [{ count: 3, secret: 'z' }])
  await expect.poll(() => one.messages.at(-1), soon).toEqual({ type: 'change', topic: 'debug', data: [{ count: 3, secret: 'z' }] })
})
