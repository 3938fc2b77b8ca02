import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { ownTime } from '../../base/own-time.ts'
import { socketPath } from '../../base/run-dir.ts'
import type { ServerMessage } from '../api/index.ts'
import { guardSocketName } from '../launcher/contract.ts'
import { ask, startTestGateway, type TestGateway } from '../testing.ts'
import { type GuardDouble, startGuardDouble } from './guard-double.ts'

/** How long a condition may take on a loaded machine. */
const soon = { timeout: 60_000 }
let shop: TestGateway
let guard: GuardDouble
const settings = { name: 'Mill 1', link: { kind: 'virtual', timeScale: 1 }, envelopeMm: { min: [0, 0, -50], max: [300, 200, 0] }, whenRequesterGone: 'finish' }
const guardOf = (machineId: string, token = 'guard-token') =>
  startGuardDouble({ machineId, socket: socketPath(shop.init.runDir, guardSocketName(machineId)), token })
const add = (id: string) => shop.admin('/api/machines', { method: 'POST', body: { id, ...settings } })
const view = async (id: string) => (await shop.admin(`/api/machines/${id}`)).json
const post = (path: string, body?: object) => shop.admin(`/api/machines/${path}`, { method: 'POST', ...(body ? { body } : {}) })
const asked = (method: string) => guard.asked.filter((one) => one.method === method)

beforeAll(async () => {
  shop = await startTestGateway({ env: { CELLWRIGHT_OWNER: 'boss:long enough' } })
  await add('m1')
  guard = await guardOf('m1')
  await vi.waitFor(async () => expect((await view('m1')).guard).toBe('running'), soon)
})
afterAll(async () => {
  await guard?.die()
  await shop?.close()
})

test('a machine is told to the launcher at once, and again after a restart of the gateway', async () => {
  const machines = [{ id: 'm1', settings }]
  expect(shop.notes.at(-1)).toMatchObject({ kind: 'machines', machines })
  await shop.restart()
  expect(shop.notes.at(-1)).toMatchObject({ kind: 'machines', machines })
  await expect.poll(async () => (await view('m1')).guard, soon).toBe('running')
})

test('an id is used once; an empty envelope is refused', async () => {
  expect(await add('m1')).toMatchObject({ status: 409, json: { code: 'machine-exists' } })
  const answer = await shop.admin('/api/machines', { method: 'POST', body: { id: 'm9', ...settings, envelopeMm: { min: [0, 0, 0], max: [10, 0, 10] } } })
  expect(answer).toMatchObject({ status: 400, json: { code: 'invalid-input', errors: [{ path: '/envelopeMm/max/1' }] } })
})

test('what the guard tells reaches those who listen', async () => {
  const socket = new WebSocket(`${shop.url.replace('http', 'ws')}/api/live`, { headers: { authorization: `Bearer ${shop.gateway.localToken}` } })
  const messages: ServerMessage[] = []
  socket.on('message', (text) => messages.push(JSON.parse(String(text)) as ServerMessage))
  await new Promise((resolve) => socket.on('open', resolve))
  socket.send(JSON.stringify({ type: 'subscribe', topics: ['machines'] }))
  await expect
    .poll(() => messages[0], soon)
    .toMatchObject({ type: 'snapshot', data: [{ id: 'm1', guard: 'running', isVirtual: true, state: { controller: 'idle' } }] })
  guard.tell({ controller: 'run', isStanding: false, machinePositionMm: [1, 2, 3] })
  await expect
    .poll(() => messages.at(-1), soon)
    .toMatchObject({ type: 'change', data: { id: 'm1', state: { controller: 'run', machinePositionMm: [1, 2, 3] } } })
  guard.tell({ controller: 'idle', isStanding: true })
  socket.close()
})

describe('commands', () => {
  test('stop, hold and a line reach the guard with the name of who asked', async () => {
    const cookie = await shop.signIn('boss', 'long enough')
    const page = (path: string, body?: object) => shop.page(`/api/machines/m1/${path}`, { method: 'POST', headers: { cookie }, ...(body ? { body } : {}) })
    expect((await page('stop')).json).toMatchObject({ ok: true, sentAt: expect.any(String) })
    expect((await page('stop', { hard: true })).status).toBe(200)
    expect(asked('stop').map(({ params }) => params)).toEqual([
      { by: 'boss', hard: false },
      { by: 'boss', hard: true },
    ])
    expect((await page('hold')).status).toBe(200)
    expect((await page('command', { line: 'G0 X1' })).json).toEqual({ ok: true, answer: 'ok' })
    expect(asked('command').at(-1)?.params).toEqual({ line: 'G0 X1', by: 'boss' })
    await expect.poll(async () => (await shop.admin('/api/audit')).json.map(({ action }: { action: string }) => action), soon).toContain('stopped hard')
  })

  test('the guard’s refusals come through in its own words', async () => {
    expect(await post('m1/resume')).toMatchObject({ status: 409, json: { code: 'not-held' } })
  })

  test('an unknown machine is 404, a line of 10 kB a clear refusal', async () => {
    expect(await post('m7/stop')).toMatchObject({ status: 404, json: { code: 'machine-not-found' } })
    expect(await post('m1/command', { line: 'x'.repeat(10_000) })).toMatchObject({ status: 400, json: { code: 'invalid-input' } })
  })
})

describe('while PostgreSQL stands still', () => {
  test('stop, hold and resume work for sessions and tokens, and are written down afterwards', async () => {
    const cookie = await shop.signIn('boss', 'long enough')
    const token = await shop.tokenFor('operator')
    guard.tell({ controller: 'hold' })
    shop.postgres.freeze()
    const durations: number[] = []
    try {
      for (let i = 0; i < 20; i += 1) {
        for (const [path, headers] of [
          ['stop', { cookie, 'x-cellwright': '1' }],
          ['hold', { authorization: `Bearer ${token}` }],
          ['resume', { authorization: `Bearer ${token}` }],
        ] as [string, Record<string, string>][]) {
          const took = ownTime()
          const answer = await ask(`${shop.url}/api/machines/m1/${path}`, { method: 'POST', headers })
          durations.push(took())
          expect(answer.status).toBe(200)
        }
        expect((await ask(`${shop.url}/api/machines/m1/stop`, { method: 'POST' })).status).toBe(401)
      }
      // a request that needs the database fails in bounded time and says why
      expect(await shop.admin('/api/audit')).toMatchObject({ status: 503, json: { code: 'store-away' } })
      expect((await shop.admin('/api/machines')).status).toBe(200)
    } finally {
      shop.postgres.thaw()
    }
    durations.sort((a, b) => a - b)
    // generous for a loaded machine; the bench measures
    expect(durations[Math.floor(durations.length / 2)]).toBeLessThan(50)
    await expect
      .poll(async () => (await shop.admin('/api/audit?limit=500')).json?.filter?.(({ action }: { action: string }) => action === 'held').length, soon)
      .toBeGreaterThanOrEqual(20)
  })

  test('a revoked token stops nothing, and somebody signed out neither', async () => {
    const token = await shop.tokenFor('operator')
    // the database was frozen a moment ago
    await expect.poll(async () => (await shop.admin('/api/tokens')).status, soon).toBe(200)
    const { json } = await shop.admin('/api/tokens')
    await shop.admin(`/api/tokens/${json[0].id}`, { method: 'DELETE' })
    const cookie = await shop.signIn('boss', 'long enough')
    await shop.page('/api/auth/sign-out', { method: 'POST', headers: { cookie }, body: {} })
    shop.postgres.freeze()
    try {
      expect((await ask(`${shop.url}/api/machines/m1/stop`, { method: 'POST', token })).status).toBe(401)
      expect((await shop.page('/api/machines/m1/stop', { method: 'POST', headers: { cookie } })).status).toBe(401)
    } finally {
      shop.postgres.thaw()
    }
    await expect.poll(async () => (await shop.admin('/readyz')).json.reasons.store, soon).toBeUndefined()
  })
})

describe('a guard that is away', () => {
  test('is said so at once, without a stale state, and is found again', async () => {
    await guard.die()
    await expect.poll(async () => (await view('m1')).guard, soon).toBe('gone')
    expect((await view('m1')).state).toBeUndefined()
    expect(await post('m1/stop')).toMatchObject({ status: 503, json: { code: 'guard-gone' } })
    guard = await guardOf('m1')
    await expect.poll(async () => (await view('m1')).guard, soon).toBe('running')
    expect((await post('m1/stop')).status).toBe(200)
  })

  test('one with another token or another machine is not believed', async () => {
    await add('m2')
    const stranger = await guardOf('m2', 'other-token')
    const foreign = await startGuardDouble({ machineId: 'm1', socket: socketPath(shop.init.runDir, guardSocketName('m3')), token: 'guard-token' })
    await add('m3')
    await expect.poll(() => stranger.greetings > 1 && foreign.greetings > 1, soon).toBe(true)
    expect((await view('m2')).guard).not.toBe('running')
    expect((await view('m3')).guard).not.toBe('running')
    expect((await post('m3/stop')).json.code).toBe('guard-gone')
    await stranger.die()
    await foreign.die()
    for (const id of ['m2', 'm3']) expect((await shop.admin(`/api/machines/${id}`, { method: 'DELETE' })).status).toBe(200)
  })
})

describe('settings', () => {
  const change = (body: object) => shop.admin('/api/machines/m1', { method: 'PUT', body })
  test('new settings go to the guard, the row and the launcher', async () => {
    expect((await change({ ...settings, name: 'Mill one' })).json.name).toBe('Mill one')
    expect(asked('configure').at(-1)?.params).toMatchObject({ settings: { name: 'Mill one' } })
    expect(shop.notes.at(-1)).toMatchObject({ machines: [{ id: 'm1', settings: { name: 'Mill one' } }] })
  })

  test('a busy machine keeps its settings, in the row too, and is not removed', async () => {
    guard.isBusy = true
    expect(await change({ ...settings, name: 'Other' })).toMatchObject({ status: 409, json: { code: 'machine-busy' } })
    expect(await shop.admin('/api/machines/m1', { method: 'DELETE' })).toMatchObject({ status: 409, json: { code: 'machine-busy' } })
    guard.isBusy = false
    await shop.restart()
    expect((await view('m1')).name).toBe('Mill one')
  })

  test('a removed machine is gone from the lists and told to the launcher', async () => {
    await expect.poll(async () => (await view('m1')).guard, soon).toBe('running')
    expect((await shop.admin('/api/machines/m1', { method: 'DELETE' })).status).toBe(200)
    expect(asked('end')).not.toHaveLength(0)
    expect(shop.notes.at(-1)).toEqual({ kind: 'machines', machines: [] })
    expect((await shop.admin('/api/machines/m1')).status).toBe(404)
    await expect.poll(() => guard.connections, soon).toBe(0)
  })
})
