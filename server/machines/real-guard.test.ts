/** From a request at the gateway to the byte at the controller, through a real guard process and a real pty. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readJsonLines } from '../../base/child.ts'
import { socketPath } from '../../base/run-dir.ts'
import { startVirtualController, type VirtualController } from '../../nodes/motion/virtual/index.ts'
import { guardSocketName } from '../launcher/contract.ts'
import { startTestGateway, type TestGateway } from '../testing.ts'

const soon = { timeout: 15_000 }
const root = join(import.meta.dirname, '..', '..')
const envelopeMm = { min: [0, 0, -80] as [number, number, number], max: [400, 300, 20] as [number, number, number] }
const settings = { name: 'Mill', link: { kind: 'virtual', timeScale: 5 }, envelopeMm, whenRequesterGone: 'finish' }
let shop: TestGateway
let controller: VirtualController
let guard: ChildProcess | undefined
const view = async () => (await shop.admin('/api/machines/m1')).json
const post = (path: string, body?: object) => shop.admin(`/api/machines/m1/${path}`, { method: 'POST', ...(body ? { body } : {}) })

function startGuard(isRestart: boolean): ChildProcess {
  const child = spawn(process.execPath, [join(root, 'nodes/motion/guard/main.ts')], { stdio: ['ignore', 'inherit', 'ignore', 'pipe'] })
  const pipe = child.stdio[3] as Duplex
  pipe.on(
    'data',
    readJsonLines(
      () => {},
      () => {},
    ),
  )
  pipe.on('error', () => {})
  const data = {
    machineId: 'm1',
    settings,
    virtualPort: controller.port,
    socket: socketPath(shop.init.runDir, guardSocketName('m1')),
    token: shop.init.guardToken,
    journalDir: join(shop.init.config.dataDir, 'journals', 'm1'),
    orphanTimeoutS: 1,
    isRestart,
  }
  pipe.write(`${JSON.stringify({ type: 'init', data })}\n`)
  return child
}

beforeAll(async () => {
  shop = await startTestGateway()
  controller = await startVirtualController({ timeScale: 5, envelopeMm, settings: { 22: 1 } })
  await shop.admin('/api/machines', { method: 'POST', body: { id: 'm1', ...settings } })
  guard = startGuard(false)
  await vi.waitFor(async () => expect((await view()).state?.link).toBe('connected'), { ...soon, interval: 100 })
})
afterAll(async () => {
  guard?.kill('SIGKILL')
  await controller?.close()
  await shop?.close()
})

test('the machine’s state reaches the API, and a line of G-code the controller', async () => {
  const home = await post('home')
  expect([home.status, home.json]).toEqual([200, { ok: true }])
  await expect.poll(async () => (await view()).state, soon).toMatchObject({ controller: 'idle', isPositionTrusted: true })
  expect((await post('command', { line: 'G21 G90' })).json).toMatchObject({ ok: true, answer: 'ok' })
  expect(controller.answered.map(({ line }) => line)).toContain('G21G90')
  const refused = await post('command', { line: 'G1 X9999 F100' })
  expect(refused.status).toBeGreaterThanOrEqual(400)
  expect(refused.status).toBeLessThan(500)
})

test('hold and stop stop a moving machine while PostgreSQL stands still', async () => {
  expect((await post('command', { line: 'G1 X300 Y200 F600' })).status).toBe(200)
  await expect.poll(() => controller.now().isMoving, soon).toBe(true)
  shop.postgres.freeze()
  try {
    const held = await post('hold')
    expect(held.json).toMatchObject({ ok: true })
    await controller.waitFor(({ receivedText }) => receivedText.call(controller).includes('!'))
    await expect.poll(() => controller.now().isMoving, soon).toBe(false)
    await expect.poll(async () => (await view()).state.controller, soon).toBe('hold')
    expect((await post('resume')).status).toBe(200)
    await expect.poll(() => controller.now().isMoving, soon).toBe(true)
    expect((await post('stop')).status).toBe(200)
    await expect.poll(() => controller.now().isMoving, soon).toBe(false)
    await expect.poll(() => controller.receivedText().includes('\x18'), soon).toBe(true)
  } finally {
    shop.postgres.thaw()
  }
})

test('a guard that is killed is said to be gone, and the next one is found', async () => {
  guard?.kill('SIGKILL')
  await expect.poll(async () => (await view()).guard, soon).toBe('gone')
  expect(await post('hold')).toMatchObject({ status: 503, json: { code: 'guard-gone' } })
  guard = startGuard(true)
  await expect.poll(async () => (await view()).guard, soon).toBe('running')
})
