import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLog } from '../../base/log.ts'
import type { BackupsState } from '../api/index.ts'
import { dataPaths } from '../config.ts'
import { startTestGateway, type TestGateway } from '../testing.ts'
import { backUpBeforeUpgrade } from './before-upgrade.ts'
import { verifyBackup } from './verify.ts'

const passphrase = 'correct horse battery staple'
let shop: TestGateway
let drive: string

beforeAll(async () => {
  shop = await startTestGateway()
  drive = mkdtempSync(join(tmpdir(), 'cw-drive-'))
})
afterAll(async () => {
  await shop.close()
  rmSync(drive, { recursive: true, force: true })
})

const state = async () => (await shop.admin('/api/backups')).json as BackupsState
const post = (path: string, body: unknown = {}) => shop.admin(path, { method: 'POST', body })
const idle = () => expect.poll(async () => (await state()).work, { timeout: 60_000 }).toBeUndefined()
const entries = async (action: string) =>
  shop.query<{ who: string; target: string; detail: Record<string, unknown> }>('select who, target, detail from audit where action = $1', [action])

it('is for administrators alone', async () => {
  const token = await shop.tokenFor('engineer')
  for (const [path, method] of [
    ['/api/backups', 'GET'],
    ['/api/backups', 'POST'],
    ['/api/backups/cellwright-20260101-000000Z.tar.gz.age/file', 'GET'],
  ])
    expect((await shop.admin(path!, { method: method!, token, ...(method === 'POST' ? { body: { passphrase } } : {}) })).status).toBe(403)
})

it('is made, downloaded, checked and removed, and all of it stands in the audit log', async () => {
  expect(await post('/api/backups', { passphrase: 'short' })).toMatchObject({ status: 400 })
  const work = (await post('/api/backups', { passphrase })).json
  expect(work).toMatchObject({ what: 'backup', why: 'person' })
  expect(await post('/api/backups', { passphrase })).toMatchObject({ status: 409, json: { code: 'backup-running' } })
  await idle()
  const { files, runs } = await state()
  expect(runs[0]).toMatchObject({ state: 'done', why: 'person', name: work.name })
  expect(files).toMatchObject([{ name: work.name, why: 'person', verifiedAt: expect.any(String) }])

  const bytes = Buffer.from(
    await (await fetch(`${shop.url}/api/backups/${work.name}/file`, { headers: { authorization: `Bearer ${shop.gateway.localToken}` } })).arrayBuffer(),
  )
  const file = join(drive, 'downloaded')
  await writeFile(file, bytes)
  const { manifest } = await verifyBackup({ file, lock: { passphrase } })
  expect(manifest.rows.user).toBeDefined()
  expect((await entries('backup.make'))[0]?.detail).toMatchObject({ sha256: createHash('sha256').update(bytes).digest('hex') })
  expect(await entries('backup.download')).toMatchObject([{ target: work.name }])

  await post(`/api/backups/${work.name}/verify`, { passphrase: 'not the passphrase' })
  await idle()
  expect((await state()).lastCheck).toMatchObject({ isWhole: false, code: 'backup-locked' })
  // a mistyped passphrase says nothing about the file
  expect((await state()).files[0]?.problem).toBeUndefined()
  const path = join(dataPaths(shop.init.config).backups, work.name)
  const whole = await readFile(path)
  await writeFile(path, whole.subarray(0, whole.length - 1))
  await post(`/api/backups/${work.name}/verify`, { passphrase })
  await idle()
  expect((await state()).files[0]?.problem).toContain('damaged')
  await writeFile(path, whole)
  await post(`/api/backups/${work.name}/verify`, { passphrase })
  await idle()
  expect((await state()).lastCheck).toMatchObject({ isWhole: true })

  for (const name of ['..%2f..%2fkeys%2fsecret.key', 'cellwright-20260101-000000Z.tar.gz.age'])
    expect([400, 404]).toContain((await shop.admin(`/api/backups/${name}/file`)).status)
  expect((await shop.admin(`/api/backups/${work.name}`, { method: 'DELETE' })).json.files).toEqual([])
  expect(existsSync(path)).toBe(false)
})

it('is stopped by a person, and leaves nothing', async () => {
  const work = (await post('/api/backups', { passphrase })).json
  expect((await post('/api/backups/stop')).json).toEqual({ wasRunning: true })
  await idle()
  expect((await state()).runs[0]).toMatchObject({ state: 'stopped', name: work.name })
  expect(readdirSync(dataPaths(shop.init.config).backups)).toEqual([])
})

it('is planned only with all that it needs, and brought to a folder when it is due', async () => {
  const plan = { isOn: true, atTime: '02:30', keepDaily: 7, keepWeekly: 4, keepMonthly: 12 }
  const put = (body: object) => shop.admin('/api/backups/plan', { method: 'PUT', body })
  const sftp = { kind: 'sftp', host: 'nas', port: 22, userName: 'cw', folder: '/b', hostKey: '' }
  expect(await put({ ...plan, place: { kind: 'kept' } })).toMatchObject({ status: 422, json: { code: 'backup-plan-incomplete' } })
  expect(await put({ ...plan, place: sftp, passphrase, secret: 'a password' })).toMatchObject({ status: 422, json: { code: 'backup-plan-incomplete' } })
  expect(await put({ ...plan, place: { kind: 'folder', folder: 'here' }, passphrase })).toMatchObject({ status: 422, json: { code: 'backup-place' } })
  const made = await put({ ...plan, place: { kind: 'folder', folder: drive }, passphrase })
  expect(made.json.plan).toMatchObject({ isOn: true, hasPassphrase: true })
  expect(made.text).not.toContain(passphrase)
  expect(JSON.stringify(await shop.query('select * from "backupPlan"'))).not.toContain(passphrase)
  expect(await post('/api/backups/test', { place: { kind: 'folder', folder: drive } })).toMatchObject({ json: { isFine: true } })
  expect(await post('/api/backups/test', { place: { kind: 'folder', folder: join(drive, 'none') } })).toMatchObject({
    json: { isFine: false, code: 'place-folder' },
  })

  // due since a moment before it was switched on would be tomorrow: as if that was days ago
  const due = async () => {
    await shop.query(`update "backupPlan" set at = now() - interval '3 days'`)
    await shop.query(`delete from job where queue = 'maintenance'`)
    await shop.restart()
  }
  await due()
  await expect.poll(async () => (await state()).runs[0], { timeout: 60_000 }).toMatchObject({ why: 'schedule', state: 'done', destination: drive })
  const [run] = (await state()).runs
  expect(readdirSync(drive)).toContain(run!.name)
  await verifyBackup({ file: join(drive, run!.name!), lock: { passphrase } })

  // a drive that is gone is told: here, in the audit log, on the health page and to whoever wants to hear of it
  await put({ ...plan, place: { kind: 'folder', folder: join(drive, 'gone') } })
  await shop.query('delete from "backupRun"')
  await due()
  await expect.poll(async () => (await state()).runs[0], { timeout: 60_000 }).toMatchObject({ why: 'schedule', state: 'failed', code: 'place-folder' })
  await expect.poll(() => entries('backup.failed')).toContainEqual(expect.objectContaining({ who: 'Cellwright' }))
  await expect.poll(() => shop.query(`select data from "notificationEvent" where type = 'backup.failed'`)).not.toEqual([])
  // a drive that is gone for a weekend: what is made every hour meanwhile is kept here as the plan says, and does not fill the disk
  await put({ ...plan, keepDaily: 1, keepWeekly: 0, keepMonthly: 0, place: { kind: 'folder', folder: join(drive, 'gone') } })
  await shop.query('delete from "backupRun"')
  await due()
  await expect.poll(async () => (await state()).runs[0], { timeout: 60_000 }).toMatchObject({ why: 'schedule', state: 'failed' })
  await idle()
  // and nobody is told of the same more than once a day
  const told = await shop.query<{ at: Date }>(`select at from "notificationEvent" where type = 'backup.failed' and key like '%place-folder%'`)
  expect(told.length).toBe(new Set(told.map(({ at }) => at.toISOString().slice(0, 10))).size)
  expect(told.length).toBeGreaterThan(0)
  expect((await state()).files.filter(({ why }) => why === 'schedule').map(({ name }) => name)).toEqual([(await state()).runs[0]!.name])
})

it('is no failure when its place lets nothing be removed: else it would be brought there anew every hour', async () => {
  const old = 'cellwright-20260101-020000Z.tar.gz.age'
  mkdirSync(join(drive, old))
  const kept = { isOn: true, atTime: '02:30', keepDaily: 1, keepWeekly: 0, keepMonthly: 0, place: { kind: 'folder', folder: drive } }
  await shop.admin('/api/backups/plan', { method: 'PUT', body: kept })
  await shop.query('delete from "backupRun"')
  await shop.query(
    `insert into "backupRun" (why, state, name, destination, host, by, "startedAt", "endedAt") values ('schedule', 'done', $1, $2, 'h', 'x', '2026-01-01', '2026-01-01')`,
    [old, drive],
  )
  await shop.query(`update "backupPlan" set at = now() - interval '3 days'`)
  await shop.query(`delete from job where queue = 'maintenance'`)
  await shop.restart()
  await expect
    .poll(async () => (await state()).runs[0], { timeout: 60_000 })
    .toMatchObject({ why: 'schedule', state: 'done', code: 'place-not-cleared', text: expect.stringContaining(old) })
  expect(readdirSync(drive)).toContain((await state()).runs[0]!.name)
})

it('is made before an upgrade, with the key of the installation, and three of them are kept', async () => {
  const { config, database } = shop.init
  const { backups, backupKey } = dataPaths(config)
  const options = { database, config, version: '9.9.9', log: createLog('test', 'silent') }
  await backUpBeforeUpgrade(options)
  const name = readdirSync(backups)
    .filter((each) => each.endsWith('.age'))
    .sort()
    .at(-1)!
  const identity = (await readFile(backupKey, 'utf8')).trim()
  expect((await verifyBackup({ file: join(backups, name), lock: { identity } })).header).toMatchObject({ why: 'upgrade', version: '9.9.9' })
  await post(`/api/backups/${name}/verify`)
  await idle()
  expect((await state()).lastCheck).toMatchObject({ name, isWhole: true })
  await expect(backUpBeforeUpgrade({ ...options, database: 'postgresql://nobody@127.0.0.1:1/none' })).rejects.toMatchObject({ code: 'backup-before-upgrade' })
  expect(readdirSync(backups).filter((each) => each.endsWith('.part'))).toEqual([])
})
