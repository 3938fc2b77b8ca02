/** Two whole gateways on one database, over PostgreSQL's NOTIFY: what one knows of the other, and what only one of them does. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { startTestGateway, type TestGateway } from '../testing.ts'

const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 120_000, interval: 50 })

describe('two gateways on one database', { timeout: 300_000 }, () => {
  const files = mkdtempSync(join(tmpdir(), 'cw-two-'))
  let one: TestGateway
  let two: TestGateway
  beforeAll(async () => {
    const shared = { CELLWRIGHT_SECRET_KEY: randomBytes(32).toString('hex'), CELLWRIGHT_FILES: files, CELLWRIGHT_HOST_SILENT_S: '3600' }
    one = await startTestGateway({ env: { ...shared, CELLWRIGHT_HOST_NAME: 'one' }, isOneOfSeveral: true })
    two = await startTestGateway({ env: { ...shared, CELLWRIGHT_HOST_NAME: 'two' }, postgres: one.postgres })
  }, 120_000)
  afterAll(async () => {
    await two?.close()
    await one?.close()
    rmSync(files, { recursive: true, force: true })
  }, 60_000)

  const unitsAt = async (host: TestGateway) => (await host.admin('/api/settings')).json.find(({ name }: { name: string }) => name === 'units').value as string
  const nameAt = async (host: TestGateway) => (await host.admin('/api/environment')).json.name as string
  const setUnits = async (host: TestGateway, value: string) =>
    expect((await host.admin('/api/settings/units', { method: 'PUT', body: { value } })).status).toBe(200)
  const mark = async (host: TestGateway, name: string) =>
    expect((await host.admin('/api/environment', { method: 'PUT', body: { kind: 'test', name } })).status).toBe(200)

  it('know each other', async () => {
    for (const host of [one, two]) await eventually(async () => (await host.admin('/api/hosts')).json.length).toBe(2)
  })

  it('each asks the other how it is, and one that does not answer is said as such, in bounded time', async () => {
    await eventually(async () => (await one.admin('/api/system/report?host=two')).json.host).toBe('two')
    expect((await two.admin('/api/system/report')).json.host).toBe('two')
    expect((await two.admin('/api/system/report')).json.hosts).toEqual(expect.arrayContaining([{ name: 'two', isHere: true, state: 'living' }]))
    expect((await one.admin('/api/system/report?host=nobody')).json).toMatchObject({ code: 'host-unknown' })

    // its computer lives for all that the rows say, and nobody is at the line
    await one.query(`insert into "jobHost" (name, at) values ('mute', now() + interval '1 hour')`)
    await eventually(async () => (await one.admin('/api/hosts')).json.length).toBe(3)
    const line = new WebSocket(`${one.url.replace('http', 'ws')}/api/live`, { headers: { authorization: `Bearer ${one.gateway.localToken}` } })
    const heard: { type: string; code?: string; data?: { host: string } }[] = []
    line.on('message', (text) => heard.push(JSON.parse(String(text))))
    await new Promise((resolve, reject) => line.once('open', resolve).once('error', reject))
    const look = (host: string) => line.send(JSON.stringify({ type: 'look', topic: 'system-report', at: { host } }))
    look('mute')
    const silent = await one.admin('/api/system/report?host=mute')
    expect([silent.status, silent.json.code]).toEqual([504, 'host-silent'])
    expect(silent.json.detail).toContain('"mute" has not answered within 5 s')
    await eventually(() => heard.find(({ type }) => type === 'refused')?.code).toBe('host-silent')
    // whoever looks at another one meanwhile hears of that one, and of no other
    look('mute')
    look('two')
    await eventually(() => heard.at(-1)?.data?.host).toBe('two')
    line.close()
    await one.query(`delete from "jobHost" where name = 'mute'`)
  })

  it('what is set at one is known at the other; also what was set while neither heard the other', async () => {
    await setUnits(one, 'inch')
    await mark(one, 'Hall 1')
    await eventually(() => unitsAt(two)).toBe('inch')
    await eventually(() => nameAt(two)).toBe('Hall 1')

    // their line is cut: what is told in this moment reaches nobody
    const cut = () => one.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cellwright hosts'`)
    expect(await cut()).toHaveLength(2)
    await setUnits(two, 'mm')
    await mark(two, 'Hall 2')
    await eventually(() => unitsAt(one)).toBe('mm')
    await eventually(() => nameAt(one)).toBe('Hall 2')

    // and what no news will ever come of: the row alone
    await one.query(`update setting set value = '"inch"', at = now() where key = 'units'`)
    await one.query(`update environment set name = 'Hall 3'`)
    for (const host of [one, two]) {
      await eventually(() => unitsAt(host)).toBe('inch')
      await eventually(() => nameAt(host)).toBe('Hall 3')
    }
  })

  it('the budget of the database is set at one, holds at the other, and one of them keeps it', async () => {
    // set by a version that knew of no budget of the database
    const older = { journalDays: 45, journalMb: 4000, programDays: 14, logMb: 500 }
    await one.query(`insert into "spaceRule" (rule, by, at) values ($1, 'Ann', now())`, [JSON.stringify(older)])
    expect((await two.admin('/api/system/space')).json.rule).toEqual({ ...older, databaseMb: 10_000 })
    const rule = { journalDays: 30, journalMb: 4000, programDays: 14, logMb: 500, databaseMb: 100 }
    expect((await one.admin('/api/system/space/rule', { method: 'PUT', body: { rule } })).status).toBe(200)
    expect((await two.admin('/api/system/space')).json.rule).toEqual(rule)

    // 120 MB of the messages of old runs
    await one.query('alter table "runMessage" alter message set storage external')
    await one.query(`insert into run (id, state, "triggerNodeId", "triggerNodeType", "startedAt", "endedAt")
      select 'run_' || i, 'completed', 'n', 't', now() - interval '5 days', now() - interval '5 days' from generate_series(100, 219) i`)
    await one.query(
      `insert into "runMessage" ("runId", seq, bytes, "isWhole", message) select id, 1, 1000000, true, repeat('x', 1000000) from run where id like 'run_%'`,
    )
    const sweep = (host: TestGateway) => host.admin('/api/system/space/sweep', { method: 'POST' })
    expect((await Promise.all([sweep(one), sweep(two)])).map(({ status }) => status)).toEqual([200, 200])
    const passes = async () => (await one.admin('/api/audit?action=space.database')).json as { detail: { rows: { messages: number } }; who: string }[]
    await eventually(async () => (await passes()).length).toBe(1)
    // until both have ended
    await eventually(async () => (await Promise.all([one, two].map((host) => host.admin('/api/system/space')))).some(({ json }) => json.isSweeping)).toBe(false)
    const [{ count } = { count: '' }] = await one.query<{ count: string }>('select count(*) from "runMessage"')
    const done = await passes()
    expect(done).toMatchObject([{ who: 'Cellwright', detail: { suffices: true, rows: { messages: 120 - Number(count), runs: 0 } } }])
    expect(Number(count)).toBeGreaterThan(60)
    expect(Number(count)).toBeLessThan(90)
    // the file is as large as before; nobody deletes once more because of it
    await sweep(two)
    expect((await two.admin('/api/system/space')).json.spaces.find(({ kind }: { kind: string }) => kind === 'database')).toMatchObject({
      limitBytes: 100 * 1024 * 1024,
      countedBytes: expect.toSatisfy((bytes: number) => bytes < 100 * 1024 * 1024),
    })
    expect(await passes()).toEqual(done)
  })
})
