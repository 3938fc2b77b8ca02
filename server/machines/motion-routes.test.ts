import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { OperationalError, UserError } from '../../base/errors.ts'
import { socketPath } from '../../base/run-dir.ts'
import type { ServerMessage } from '../api/index.ts'
import { guardSocketName } from '../launcher/contract.ts'
import { startTestGateway, type TestGateway } from '../testing.ts'
import { type GuardDouble, startGuardDouble } from './guard-double.ts'
import { isSettingLine } from './two-keys.ts'

const soon = { timeout: 60_000 }
const settings = { name: 'Mill 1', link: { kind: 'virtual', timeScale: 1 }, envelopeMm: { min: [0, 0, -50], max: [300, 200, 0] }, whenRequesterGone: 'finish' }
let shop: TestGateway
let guard: GuardDouble
let operator: string
const post = (path: string, body?: object, more: object = {}) => shop.admin(`/api/machines/m1/${path}`, { method: 'POST', ...(body ? { body } : {}), ...more })
const asOperator = (path: string, body?: object) => post(path, body, { token: operator })
const asked = (method: string) => guard.asked.filter((one) => one.method === method).map(({ params }) => params)
const audited = async () => (await shop.admin('/api/audit')).json as { action: string; who: string; detail?: Record<string, unknown> }[]

beforeAll(async () => {
  shop = await startTestGateway()
  await shop.admin('/api/machines', { method: 'POST', body: { id: 'm1', ...settings } })
  guard = await startGuardDouble({ machineId: 'm1', socket: socketPath(shop.init.runDir, guardSocketName('m1')), token: 'guard-token' })
  await vi.waitFor(async () => expect((await shop.admin('/api/machines/m1')).json.guard).toBe('running'), soon)
  operator = await shop.tokenFor('operator')
})
afterAll(async () => {
  await guard?.die()
  await shop?.close()
})
beforeEach(() => {
  guard.asked.length = 0
})

describe('actions', () => {
  test('reach the guard with their defaults and who asked, and are written down', async () => {
    guard.answer('act', ({ action }) => ({ text: `did ${action.kind}`, probe: { cycle: 'touch-plate', pointsMm: [[1, 2, 3]] } }))
    const answer = await asOperator('actions', { action: { kind: 'probe', probe: { cycle: 'touch-plate', plateThicknessMm: 10, workOffset: 'G54' } } })
    expect(answer).toMatchObject({ status: 200, json: { text: 'did probe', probe: { pointsMm: [[1, 2, 3]] } } })
    expect(asked('act')).toMatchObject([{ by: 'command line', action: { kind: 'probe', probe: { feedMmPerMin: 100, fineFeedMmPerMin: 25, retractMm: 2 } } }])
    await expect
      .poll(async () => (await audited()).find(({ action }) => action === 'machine.probe')?.detail, soon)
      .toMatchObject({ probe: { cycle: 'touch-plate' } })
  })

  test.each([
    [{ kind: 'fly' }],
    [{ kind: 'jog', by: {}, feedMmPerMin: 100 }],
    [{ kind: 'jog', by: { X: 1 }, feedMmPerMin: 0 }],
    [{ kind: 'override', rapid: 60 }],
    [{ kind: 'line', line: 'G0 X1\nG0 Z-5' }],
    [{ kind: 'set-here', workOffset: 'G60', here: { X: 0 } }],
  ])('what is none is refused before the guard hears of it: %j', async (action) => {
    expect(await asOperator('actions', { action })).toMatchObject({ status: 400, json: { code: 'invalid-input' } })
    expect(asked('act')).toEqual([])
  })

  test('what the guard refuses comes through in its own words; a guard that goes away meanwhile is not said to have done nothing', async () => {
    guard.answer('act', () => {
      throw new UserError({ code: 'interlock-open', status: 409, message: 'The door is open.' })
    })
    expect(await asOperator('actions', { action: { kind: 'home' } })).toMatchObject({
      status: 409,
      json: { code: 'interlock-open', detail: 'The door is open.' },
    })
    guard.answer('act', async () => {
      await guard.die()
      return new Promise(() => {})
    })
    expect(await asOperator('actions', { action: { kind: 'home' } })).toMatchObject({ status: 503, json: { code: 'outcome-unknown' } })
    expect(await asOperator('actions', { action: { kind: 'home' } })).toMatchObject({ status: 503, json: { code: 'guard-gone' } })
    await guard.live()
    await vi.waitFor(async () => expect((await shop.admin('/api/machines/m1')).json.guard).toBe('running'), soon)
  })

  test('the same id is one action, however often and from where it is asked for; another action under it is none', async () => {
    let finish: (result: { text: string }) => void = () => {}
    guard.answer('act', () => new Promise((resolve) => (finish = resolve)))
    const ask = (action: object, token = operator) => post('actions', { action, actionId: 'probe-no-1' }, { token })
    const first = ask({ kind: 'home' })
    await expect.poll(() => asked('act').length, soon).toBe(1)
    const again = ask({ kind: 'home' })
    expect(await ask({ kind: 'clear-g92' })).toMatchObject({ status: 409, json: { code: 'action-id-used' } })
    finish({ text: 'Homed.' })
    for (const answer of [await first, await again, await ask({ kind: 'home' })]) expect(answer.json).toEqual({ text: 'Homed.' })
    expect(asked('act')).toHaveLength(1)
    // asked after by somebody whose server was restarted: nothing begins
    const lost = await post('actions', { action: { kind: 'home' }, actionId: 'probe-no-2', isRepeat: true }, { token: operator })
    expect(lost).toMatchObject({ status: 503, json: { code: 'outcome-unknown' } })
    expect(asked('act')).toHaveLength(1)
    // the id is its sender's own
    guard.answer('act', () => ({ text: 'again' }))
    expect((await ask({ kind: 'home' }, await shop.tokenFor('operator'))).json).toEqual({ text: 'again' })
  })

  test('settings of the controller take a second right, however the line is written', async () => {
    guard.answer('act', () => ({ text: 'ok' }))
    for (const line of ['$100=5', '$ 100 = 5', '$1(x)00=5', '$RST=*', '$N0=G20', '$Stepping/IdleMs=1', '$i=name'])
      expect(await asOperator('actions', { action: { kind: 'line', line } })).toMatchObject({ status: 403, json: { code: 'not-allowed' } })
    expect(await asOperator('command', { line: '$100=5' })).toMatchObject({ status: 403 })
    expect(asked('act')).toEqual([])
    for (const line of ['$$', '$J=G91 X1 F100', 'G0 X1 (a=1)', '$H']) expect((await asOperator('actions', { action: { kind: 'line', line } })).status).toBe(200)
    expect((await post('actions', { action: { kind: 'line', line: '$100=5' } })).status).toBe(200)
    expect(['$=', '$J=G91', '?'].map(isSettingLine)).toEqual([true, false, false])
  })
})

describe('a jog', () => {
  beforeAll(() => {
    let token = 100
    guard.answer('jogStart', () => ({ token: ++token }))
    guard.answer('jogBeat', () => null)
    guard.answer('jogEnd', () => null)
  })

  test('is kept alive by the one who began it, and by nobody else', async () => {
    const { json } = await asOperator('jog', { direction: { X: 1 }, feedMmPerMin: 500 })
    expect(asked('jogStart')).toMatchObject([{ direction: { X: 1 }, feedMmPerMin: 500, ttlMs: 400 }])
    expect((await asOperator('jog/beat', json)).status).toBe(200)
    expect(await post('jog/beat', json)).toMatchObject({ status: 409, json: { code: 'lease-stale' } })
    const another = await shop.tokenFor('operator')
    expect((await post('jog/beat', json, { token: another })).status).toBe(409)
    expect((await post('jog/beat', { token: json.token + 1 })).status).toBe(409)
    expect(asked('jogBeat')).toHaveLength(1)
    // to end it only stops
    expect((await post('jog/end', json, { token: another })).status).toBe(200)
  })

  test('begins, goes on and ends while PostgreSQL stands still', async () => {
    shop.postgres.freeze()
    try {
      const { status, json } = await asOperator('jog', { direction: { Y: -1 }, feedMmPerMin: 500 })
      expect(status).toBe(200)
      for (let i = 0; i < 5; i += 1) expect((await asOperator('jog/beat', json)).status).toBe(200)
      expect((await asOperator('jog/end', json)).status).toBe(200)
    } finally {
      shop.postgres.thaw()
    }
    await expect.poll(async () => (await audited()).filter(({ action }) => action === 'jogged').length, soon).toBeGreaterThanOrEqual(2)
  })

  test('is not beaten any more by somebody whose token was revoked', async () => {
    const { json: made } = await shop.admin('/api/tokens', { method: 'POST', body: { name: 'panel', role: 'operator' } })
    const { json } = await post('jog', { direction: { X: 1 }, feedMmPerMin: 500 }, { token: made.token })
    expect((await post('jog/beat', json, { token: made.token })).status).toBe(200)
    await shop.admin(`/api/tokens/${made.info.id}`, { method: 'DELETE' })
    expect((await post('jog/beat', json, { token: made.token })).status).toBe(401)
  })
})

describe('a lease', () => {
  test('is worked under, kept and given back by its holder', async () => {
    guard.answer('takeLease', () => ({ token: 7 }))
    guard.answer('beatLease', () => null)
    guard.answer('dropLease', () => null)
    guard.answer('act', () => ({ text: 'ok' }))
    const { json } = await asOperator('lease', { ttlMs: 5000 })
    expect(asked('takeLease')).toEqual([{ ttlMs: 5000, holder: 'command line', by: 'command line' }])
    expect((await asOperator('lease/beat', json)).status).toBe(200)
    expect((await post('lease/beat', json)).status).toBe(409)
    expect((await asOperator('actions', { action: { kind: 'home' }, lease: 7 })).status).toBe(200)
    expect(asked('act')).toMatchObject([{ lease: 7 }])
    const another = await shop.tokenFor('operator')
    for (const path of ['actions', 'jog']) {
      const body = path === 'jog' ? { direction: { X: 1 }, feedMmPerMin: 1, lease: 7 } : { action: { kind: 'home' }, lease: 7 }
      expect(await post(path, body, { token: another })).toMatchObject({ status: 409, json: { code: 'lease-stale' } })
    }
    expect((await post('lease/drop', json, { token: another })).status).toBe(409)
    // whoever sets machines up may take a forgotten one away
    expect((await post('lease/drop', json)).status).toBe(200)
  })

  test('a program runs under it only for its holder', async () => {
    guard.answer('takeLease', () => ({ token: 8 }))
    await asOperator('lease', {})
    const program = (await shop.admin('/api/programs?name=x.nc', { method: 'POST', body: 'M2\n' })).json
    const start = (token?: string) =>
      shop.admin('/api/jobs', {
        method: 'POST',
        body: { machineId: 'm1', programId: program.id, lease: 8, options: { optionalStop: true, planId: 'p1' } },
        ...(token ? { token } : {}),
      })
    expect(await start()).toMatchObject({ status: 409, json: { code: 'lease-stale' } })
    expect((await start(operator)).status).toBe(201)
    await expect.poll(() => asked('startJob'), soon).toMatchObject([{ lease: 8, options: { optionalStop: true, planId: 'p1' } }])
    guard.end('completed')
  })
})

test('news of an interlock go on at once, without the database; each change is written down once', async () => {
  guard.answer('setInterlock', ({ id }) => {
    if (id !== 'door') throw new UserError({ code: 'interlock-unknown', status: 404, message: 'No such interlock.' })
    return null
  })
  shop.postgres.freeze()
  try {
    for (const isSafe of [true, true, false, true]) expect((await asOperator('interlocks/door', { isSafe })).status).toBe(200)
  } finally {
    shop.postgres.thaw()
  }
  expect(asked('setInterlock').map(({ isSafe }) => isSafe)).toEqual([true, true, false, true])
  expect(await asOperator('interlocks/window', { isSafe: true })).toMatchObject({ status: 404, json: { code: 'interlock-unknown' } })
  await expect.poll(async () => (await audited()).filter(({ action }) => action.includes('interlock')).length, soon).toBe(3)
})

test('an answer to a program that waits', async () => {
  guard.answer('answerJob', () => null)
  expect((await asOperator('answer', { jobId: 'job_1', answer: 'go-on' })).status).toBe(200)
  expect(asked('answerJob')).toEqual([{ jobId: 'job_1', answer: 'go-on', by: 'command line' }])
  expect((await asOperator('answer', { jobId: 'job_1', answer: 'dance' })).status).toBe(400)
})

test('a program is checked and a start planned with the stored content, and nothing is started', async () => {
  const report = {
    isRunnable: true,
    sourceLines: 1,
    totalLines: 1,
    isExpanded: false,
    estimateS: 1,
    cuttingMm: 0,
    rapidMm: 0,
    tools: [],
    findings: [],
    findingsTotal: 0,
  }
  guard.answer('checkProgram', () => report)
  guard.answer('planStart', () => {
    throw new OperationalError({ code: 'link-down', message: 'No link.' })
  })
  const program = (await shop.admin('/api/programs?name=y.nc', { method: 'POST', body: 'M30\n' })).json
  expect(await asOperator('check', { programId: program.id })).toMatchObject({ status: 200, json: report })
  expect(asked('checkProgram')).toMatchObject([{ sha256: program.sha256, path: expect.stringContaining(program.sha256) }])
  expect(await asOperator('check', { programId: 'none' })).toMatchObject({ status: 404 })
  expect(await asOperator('plan-start', { programId: program.id, fromLine: 1 })).toMatchObject({ status: 503, json: { code: 'link-down' } })
  expect(asked('startJob')).toEqual([])
})

test('firmware settings are read by who may look, written by who may set machines up', async () => {
  const list = [{ number: 110, value: '500', name: 'X max rate', unit: 'mm/min', isDrifted: false }]
  guard.answer('firmwareSettings', () => list)
  guard.answer('writeFirmwareSettings', () => list)
  guard.answer('backupFirmwareSettings', () => null)
  guard.answer('traffic', () => [])
  const call = (method: string, path: string, token: string | undefined, body?: object) =>
    shop.admin(`/api/machines/m1/${path}`, { method, ...(token ? { token } : {}), ...(body ? { body } : {}) })
  const viewer = await shop.tokenFor('viewer')
  expect((await call('GET', 'firmware-settings', viewer)).json).toEqual(list)
  expect((await call('GET', 'traffic?after=5', viewer)).json).toEqual([])
  expect(asked('traffic')).toEqual([{ after: 5 }])
  const change = { settings: [{ number: 110, value: '500' }] }
  expect((await call('PUT', 'firmware-settings', operator, change)).status).toBe(403)
  expect((await call('PUT', 'firmware-settings', undefined, change)).json).toEqual(list)
  expect((await call('POST', 'firmware-settings/backup', operator)).status).toBe(403)
  expect((await call('POST', 'firmware-settings/backup', undefined)).status).toBe(200)
})

test('how far a long action is reaches those who listen', async () => {
  const socket = new WebSocket(`${shop.url.replace('http', 'ws')}/api/live`, { headers: { authorization: `Bearer ${shop.gateway.localToken}` } })
  const messages: ServerMessage[] = []
  socket.on('message', (text) => messages.push(JSON.parse(String(text)) as ServerMessage))
  await new Promise((resolve) => socket.on('open', resolve))
  guard.event({ kind: 'probe', text: 'Point 1 of 25' })
  socket.send(JSON.stringify({ type: 'subscribe', topics: ['machine-events'] }))
  await expect.poll(() => messages[0], soon).toMatchObject({ type: 'snapshot' })
  guard.event({ kind: 'probe', text: 'Point 2 of 25' })
  await expect.poll(() => messages.at(-1), soon).toMatchObject({ type: 'change', data: { machineId: 'm1', kind: 'probe', text: 'Point 2 of 25' } })
  socket.close()
})

describe('passwords of a machine', () => {
  const linuxcnc = { connectPassword: 'EMC', enablePassword: 'EMCTOO' }
  const change = async (more: object) =>
    shop.admin('/api/machines/m2', { method: 'PUT', body: { ...settings, link: { kind: 'tcp', host: 'h', port: 5007 }, ...more } })
  const told = () => (shop.notes.at(-1) as { machines: { id: string; settings: object }[] }).machines.find(({ id }) => id === 'm2')?.settings

  test('go to the guard and to nobody else, stay when they are not named, and go when they are empty', async () => {
    const body = { id: 'm2', ...settings, link: { kind: 'tcp', host: 'h', port: 5007 }, controller: 'linuxcnc', linuxcnc }
    const added = await shop.admin('/api/machines', { method: 'POST', body })
    expect(added.status).toBe(201)
    expect(told()).toMatchObject({ linuxcnc })
    const changed = await change({ controller: 'linuxcnc', name: 'Lathe' })
    expect(told()).toMatchObject({ name: 'Lathe', linuxcnc })
    await shop.restart()
    expect(told()).toMatchObject({ linuxcnc })
    const half = await change({ controller: 'linuxcnc', linuxcnc: { enablePassword: '' } })
    expect(told()).toMatchObject({ linuxcnc: { connectPassword: 'EMC' } })
    expect(JSON.stringify(told())).not.toContain('EMCTOO')
    const seen = [added, changed, half, await shop.admin('/api/machines'), await shop.admin('/api/audit?limit=500')].map(({ text }) => text).join()
    expect(seen).not.toContain('EMC')
    expect(JSON.stringify(await shop.query('select * from machine'))).not.toContain('EMC')
    await change({})
    expect(told()).not.toHaveProperty('linuxcnc')
    await shop.admin('/api/machines/m2', { method: 'DELETE' })
  })
})

test('settings that contradict themselves are refused with the place', async () => {
  const box = { id: 'vice', name: 'Vice', min: [0, 0, 0], max: [1, 1, 0] }
  const answer = await shop.admin('/api/machines/m1', { method: 'PUT', body: { ...settings, guarding: { keepOut: [box, { ...box, max: [1, 1, 1] }] } } })
  expect(answer).toMatchObject({
    status: 400,
    json: { code: 'invalid-input', errors: [{ path: '/guarding/keepOut/0/max/2' }, { path: '/guarding/keepOut/1/id' }] },
  })
  expect(
    (await shop.admin('/api/machines/m1', { method: 'PUT', body: { ...settings, guarding: { interlocks: [{ id: 'door', name: 'Door' }] } } })).json,
  ).toMatchObject({
    guarding: { interlocks: [{ id: 'door', ttlS: 5, whenUnsafe: 'hold' }] },
  })
})
