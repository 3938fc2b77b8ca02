/** From a request at the gateway to the byte at the controller, through a real guard process and a real pty. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readJsonLines } from '../../base/child.ts'
import { socketPath } from '../../base/run-dir.ts'
import { startVirtualController, type VirtualController } from '../../nodes/motion/virtual/index.ts'
import { guardSocketName } from '../launcher/contract.ts'
import { startTestGateway, type TestGateway } from '../testing.ts'

const soon = { timeout: 60_000 }
const root = join(import.meta.dirname, '..', '..')
// as grbl counts after homing: down from its switches
const envelopeMm = { min: [-400, -300, -100] as [number, number, number], max: [0, 0, 0] as [number, number, number] }
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
  controller = await startVirtualController({
    timeScale: 5,
    envelopeMm,
    settings: { 22: 1 },
    scene: { solids: [{ kind: 'box', min: [-400, -300], max: [0, 0], topMm: -12 }] },
  })
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
  // half a minute's way: it is still under way when the machine stands still meanwhile
  const moving = post('command', { line: 'G1 X-300 Y-200 F120' })
  await expect.poll(async () => (await view()).state.machinePositionMm[0], soon).toBeLessThan(-20)
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
    await moving
  } finally {
    shop.postgres.thaw()
  }
})

describe('an idle machine', () => {
  const act = (action: object, more: object = {}) => post('actions', { action, ...more })
  const isIdle = () => expect.poll(async () => (await view()).state?.controller, soon).toBe('idle')

  test('is homed again from where it stands', async () => {
    await isIdle()
    const homed = await act({ kind: 'home' })
    expect([homed.status, homed.text]).toEqual([200, expect.stringContaining('omed')])
    await expect.poll(async () => (await view()).state, soon).toMatchObject({ controller: 'idle', isPositionTrusted: true })
  })

  test('is not homed when its cycle failed, though the controller answers ok', async () => {
    controller.setSwitchFault('X', 'stuck')
    expect(await act({ kind: 'home' })).toMatchObject({ status: 503, json: { code: 'homing-failed' } })
    expect((await view()).state.isPositionTrusted).toBe(false)
    controller.setSwitchFault('X', undefined)
    await expect.poll(async () => (await act({ kind: 'home' })).status, soon).toBe(200)
    await expect.poll(async () => (await view()).state, soon).toMatchObject({ controller: 'idle', isPositionTrusted: true })
  })

  test('is moved by actions, within its travel only, and answers when it has arrived', async () => {
    await isIdle()
    expect((await act({ kind: 'go-to', to: { X: -30, Y: -20 }, frame: 'machine', feedMmPerMin: 6000 })).status).toBe(200)
    expect(controller.now().isMoving).toBe(false)
    await expect.poll(async () => (await view()).state.machinePositionMm.slice(0, 2), soon).toEqual([-30, -20])
    expect((await act({ kind: 'jog', by: { X: 500 }, feedMmPerMin: 1000 })).json).toMatchObject({ code: 'outside-envelope' })
    expect((await act({ kind: 'set-here', workOffset: 'G54', here: { X: 0, Y: 0 } })).status).toBe(200)
    await expect.poll(async () => (await view()).state.workPositionMm.slice(0, 2), soon).toEqual([0, 0])
  })

  test('keeps what probing finds, newest first, by cycle', async () => {
    await isIdle()
    const touch = { feedMmPerMin: 600, fineFeedMmPerMin: 0, maxTravelMm: 20, retractMm: 1 }
    const surface = { kind: 'probe', probe: { cycle: 'surface', axis: 'Z', side: '-', tipDiameterMm: 0, ...touch } }
    const touched = await act(surface)
    expect(touched.status).toBe(200)
    const kept = (query: string) => shop.admin(`/api/machines/m1/probe-results${query}`)
    expect((await kept('?cycle=surface')).json).toEqual([expect.objectContaining({ machineId: 'm1', by: expect.any(String), result: touched.json.probe })])
    expect((await kept('?cycle=height-map')).json).toEqual([])
    expect((await act(surface)).status).toBe(200)
    const [newest, older] = (await kept('')).json
    expect(Date.parse(newest.at)).toBeGreaterThan(Date.parse(older.at))
    expect((await shop.admin('/api/machines/none/probe-results')).status).toBe(404)
  })

  test('jogs for as long as the heartbeat comes, and stops by itself without one', async () => {
    const ttlMs = 400
    /** Jogs for a second; undefined when a beat came late, as on a machine that stands still, and it was right to end. */
    const jogged = async () => {
      let beatAt = performance.now()
      const isOver = ({ json }: { json: { code?: string } }) => {
        // or a guard that did not answer in time
        expect(['lease-stale', 'guard-gone']).toContain(json.code)
        expect(performance.now() - beatAt).toBeGreaterThan(ttlMs)
        return undefined
      }
      const begun = await post('jog', { direction: { X: -1 }, feedMmPerMin: 100, ttlMs })
      // the one before is just ending
      if (begun.json.code === 'machine-busy') return undefined
      if (begun.status !== 200) return isOver(begun)
      const seen = { token: begun.json as object, x: [] as number[], leases: new Set<string | undefined>() }
      for (let beats = 0; beats < 8; beats += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        const at = performance.now()
        const beat = await post('jog/beat', seen.token)
        if (beat.status !== 200) return isOver(beat)
        beatAt = at
        // in short ways: it stands for a moment between them
        seen.x.push(controller.now().position[0] ?? Number.NaN)
        seen.leases.add((await view()).state.lease?.kind)
      }
      return seen
    }
    let seen = await jogged()
    while (!seen) {
      await isIdle()
      seen = await jogged()
    }
    expect(seen.x.at(-1)).toBeLessThan(seen.x[0] ?? Number.NaN)
    expect(seen.leases).toContain('jog')
    await expect.poll(async () => (await view()).state.lease, soon).toBeUndefined()
    await expect.poll(() => controller.now().isMoving, soon).toBe(false)
    await isIdle()
    expect((await post('jog/beat', seen.token)).json).toMatchObject({ code: 'lease-stale' })
  })

  test('is kept for one holder: others are refused, the holder works and runs programs', async () => {
    const token = await shop.tokenFor('operator')
    const { json: lease } = await post('lease', { ttlMs: 600_000 })
    const other = await shop.admin('/api/machines/m1/actions', { method: 'POST', token, body: { action: { kind: 'jog', by: { X: -1 }, feedMmPerMin: 500 } } })
    expect(other).toMatchObject({ status: 409, json: { code: 'machine-busy' } })
    expect((await act({ kind: 'jog', by: { X: -1 }, feedMmPerMin: 500 }, { lease: lease.token })).status).toBe(200)
    const program = (await shop.admin('/api/programs?name=held.nc', { method: 'POST', body: 'G21 G90 G94\nG1 X-5 F3000\nG1 X0\nM2\n' })).json
    const job = (await shop.admin('/api/jobs', { method: 'POST', body: { machineId: 'm1', programId: program.id, lease: lease.token } })).json
    await expect.poll(async () => (await shop.admin(`/api/jobs/${job.id}`)).json, soon).toMatchObject({ state: 'completed' })
    expect((await post('lease/drop', lease)).status).toBe(200)
    expect((await act({ kind: 'jog', by: { X: -1 }, feedMmPerMin: 500 }, { lease: lease.token })).json).toMatchObject({ code: 'lease-stale' })
  })

  test('checks a program with the offsets as they are, and plans a start in the middle', async () => {
    const text = 'G21 G90 G94\nG0 X0 Y0 Z-5\nM3 S8000\nG1 X-5 F3000\nG1 X-10\nG1 X-500\nM2\n'
    const bad = (await shop.admin('/api/programs?name=bad.nc', { method: 'POST', body: text })).json
    const report = (await post('check', { programId: bad.id })).json
    expect(report.isRunnable).toBe(false)
    expect(report.findings[0]).toMatchObject({ severity: 'error', code: 'outside-envelope', line: 6 })
    const good = (await shop.admin('/api/programs?name=good.nc', { method: 'POST', body: text.replace('X-500', 'X-50') })).json
    expect((await post('check', { programId: good.id })).json).toMatchObject({ isRunnable: true, totalLines: 7 })
    const plan = (await post('plan-start', { programId: good.id, fromLine: 5 })).json
    expect(plan).toMatchObject({ planId: expect.any(String), fromLine: 5, lines: expect.any(Array), approachMm: expect.any(Array) })
  })

  test('tells its settings, and what was said', async () => {
    const list = (await shop.admin('/api/machines/m1/firmware-settings')).json
    expect(list.find(({ number }: { number: number }) => number === 110)).toMatchObject({ name: expect.any(String), unit: 'mm/min' })
    expect((await post('firmware-settings/backup')).status).toBe(200)
    const changed = await shop.admin('/api/machines/m1/firmware-settings', { method: 'PUT', body: { settings: [{ number: 12, value: '0.003' }] } })
    expect(changed.json.find(({ number }: { number: number }) => number === 12)).toMatchObject({ value: '0.003', backup: expect.any(String) })
    const traffic = (await shop.admin('/api/machines/m1/traffic')).json
    expect(traffic.some(({ text, direction }: { text: string; direction: string }) => direction === 'sent' && text.startsWith('$12='))).toBe(true)
  })
})

test('a guard that is killed is said to be gone, and the next one is found', async () => {
  guard?.kill('SIGKILL')
  await expect.poll(async () => (await view()).guard, soon).toBe('gone')
  expect(await post('hold')).toMatchObject({ status: 503, json: { code: 'guard-gone' } })
  guard = startGuard(true)
  await expect.poll(async () => (await view()).guard, soon).toBe('running')
})
