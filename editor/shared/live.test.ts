import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { type WebSocket as Peer, WebSocketServer } from 'ws'
import { ownTime } from '../../base/own-time.ts'
import { type LineState, LiveClient } from './live.ts'

/** What is waited for comes late on a busy machine. */
const soon = { timeout: 30_000 }

/** A server that speaks as `server/http/live.ts` does, and can play dead. */
class Server {
  readonly heard: { type: string; topics?: string[] }[] = []
  peers: Peer[] = []
  isDeaf = false
  #server: WebSocketServer
  private constructor(server: WebSocketServer) {
    this.#server = server
    server.on('connection', (peer) => {
      this.peers.push(peer)
      peer.on('message', (raw) => {
        const message = JSON.parse(String(raw)) as { type: string; topics?: string[] }
        if (this.isDeaf) return
        this.heard.push(message)
        if (message.type === 'ping') peer.send(JSON.stringify({ type: 'pong' }))
        if (message.type === 'subscribe') for (const topic of message.topics ?? []) peer.send(JSON.stringify({ type: 'snapshot', topic, data: [topic] }))
      })
    })
  }
  static async open(port = 0): Promise<Server> {
    const server = new WebSocketServer({ port, host: '127.0.0.1' })
    await once(server, 'listening')
    return new Server(server)
  }
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }
  send(message: object): void {
    for (const peer of this.peers) peer.send(JSON.stringify(message))
  }
  async close(): Promise<void> {
    for (const peer of this.peers) peer.terminate()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})
const start = async (port?: number) => {
  const server = await Server.open(port)
  cleanups.push(() => server.close())
  return server
}
const connect = (server: Server) => {
  const client = new LiveClient(`ws://127.0.0.1:${server.port}`)
  cleanups.push(() => client.close())
  return client
}

test('gives the snapshot, then changes, and only of the topics asked for', async () => {
  const server = await start()
  const client = connect(server)
  const snapshots: unknown[] = []
  const changes: unknown[] = []
  client.subscribe(
    'jobs',
    (data) => snapshots.push(data),
    (data) => changes.push(data),
  )
  await vi.waitFor(() => expect(snapshots).toEqual([['jobs']]), soon)
  server.send({ type: 'change', topic: 'jobs', data: 1 })
  server.send({ type: 'change', topic: 'runs', data: 2 })
  await vi.waitFor(() => expect(changes).toEqual([1]), soon)
})

test('knows within two seconds that a line is dead although it was never closed, and that it is back', async () => {
  const server = await start()
  const client = connect(server)
  await vi.waitFor(() => expect(client.state).toBe('connected'), soon)
  // what is known of the line before and after it is lost: it comes and goes by itself
  const lost = new Promise<{ took: number; lostAt: Date | undefined }>((resolve) => {
    const own = ownTime()
    client.watch(() => client.state === 'lost' && resolve({ took: own(), lostAt: client.lostAt }))
  })
  server.isDeaf = true
  const { took, lostAt } = await lost
  const known = Date.now()
  server.isDeaf = false
  expect(took).toBeLessThan(2200)
  // the last that was heard, and nothing of the time in which nothing came
  expect(known - (lostAt?.getTime() ?? known)).toBeGreaterThanOrEqual(1900)
  await vi.waitFor(() => expect(client.state).toBe('connected'), soon)
  expect(client.lostAt).toBeUndefined()
})

test('a page that stood still for seconds does not take a line that is there for a lost one', async () => {
  const server = await start()
  const client = connect(server)
  await vi.waitFor(() => expect(client.state).toBe('connected'), soon)
  const states: LineState[] = []
  client.watch(() => states.push(client.state))
  const pings = () => server.heard.filter(({ type }) => type === 'ping').length
  // a message that waits to be read when it goes on, and is read only after the clock was looked at
  await nextTurn()
  server.send({ type: 'change', topic: 'jobs', data: 1 })
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500)
  const before = pings()
  await vi.waitFor(() => expect(pings()).toBeGreaterThan(before + 1), soon)
  expect(states).toEqual([])
})

test('after a restart of the server it comes back by itself and gets fresh snapshots', async () => {
  const first = await start()
  const client = connect(first)
  const snapshots: unknown[] = []
  client.subscribe(
    'machines',
    (data) => snapshots.push(data),
    () => {},
  )
  await vi.waitFor(() => expect(snapshots.length).toBeGreaterThan(0), soon)
  const before = snapshots.length
  const { port } = first
  await first.close()
  await vi.waitFor(() => expect(client.state).toBe('lost'), soon)
  await start(port)
  await vi.waitFor(() => expect(snapshots.length).toBeGreaterThan(before), soon)
})

test('unsubscribes when the last listener of a topic leaves', async () => {
  const server = await start()
  const client = connect(server)
  const leave = [
    client.subscribe(
      'runs',
      () => {},
      () => {},
    ),
    client.subscribe(
      'runs',
      () => {},
      () => {},
    ),
  ]
  await vi.waitFor(() => expect(server.heard.some((message) => message.type === 'subscribe')).toBe(true), soon)
  leave[0]?.()
  await wait(50)
  expect(server.heard.some((message) => message.type === 'unsubscribe')).toBe(false)
  leave[1]?.()
  await vi.waitFor(() => expect(server.heard.some((message) => message.type === 'unsubscribe')).toBe(true), soon)
})
