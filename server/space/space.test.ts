import { createHash, randomBytes } from 'node:crypto'
import { access, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPrograms } from '../machines/index.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { dirSize } from './dir-size.ts'
import { deletableJournals, type JournalFile, trimJournals } from './journals.ts'
import { sweepBrokenMirrors, sweepFiles } from './left-files.ts'
import { trimLogs } from './old-logs.ts'
import { sweepPrograms } from './program-files.ts'
import { databaseSizes, groupOf } from './tables.ts'

const DAY = 86_400_000
const NOW = Date.now()
const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

describe('journals of machines', () => {
  const file = (machineId: string, number: number, daysAgo: number): JournalFile => ({
    machineId,
    path: `/${machineId}/${number}`,
    bytes: 100,
    endedAt: NOW - daysAgo * DAY,
  })
  const files = [file('m1', 1, 90), file('m1', 2, 60), file('m1', 3, 1), file('m2', 1, 80), file('m2', 2, 70)]
  const gone = (maxBytes: number, keepDays = 30, undecided = new Map<string, number>()) =>
    deletableJournals(files, { keepDays, maxBytes }, undecided, NOW).map(({ path }) => path)

  it('stay as long as all of them fit', () => expect(gone(500)).toEqual([]))
  it('go oldest first over all machines, no more than must', () => {
    expect(gone(450)).toEqual(['/m1/1'])
    expect(gone(300)).toEqual(['/m1/1', '/m2/1'])
  })
  it('are never so young as is said, and never the newest of a machine, whatever they take', () => {
    expect(gone(0)).toEqual(['/m1/1', '/m2/1', '/m1/2'])
    expect(gone(0, 75)).toEqual(['/m1/1', '/m2/1'])
    expect(gone(0, 3650)).toEqual([])
  })
  it('never that of a program that nobody has decided on, nor what came after it', () => {
    expect(gone(0, 30, new Map([['m1', NOW - 65 * DAY]]))).toEqual(['/m1/1', '/m2/1'])
    expect(gone(0, 30, new Map([['m1', NOW - 95 * DAY]]))).toEqual(['/m2/1'])
  })
})

describe('what is deleted', () => {
  let test: TestStore
  let dir: string
  beforeAll(async () => {
    test = await startTestStore()
    dir = await mkdtemp(join(tmpdir(), 'cellwright-space-'))
  }, 60_000)
  afterAll(async () => {
    await test?.close()
    await rm(dir, { recursive: true, force: true })
  })

  it('of journals is judged by the jobs of the database', async () => {
    const journalsDir = join(dir, 'journals')
    const make = async (machine: string, number: number, daysAgo: number) => {
      const path = join(journalsDir, machine, `journal-00000${number}.log`)
      await mkdir(join(journalsDir, machine), { recursive: true })
      await writeFile(path, 'x'.repeat(1000))
      await utimes(path, new Date(NOW - daysAgo * DAY), new Date(NOW - daysAgo * DAY))
      return path
    }
    const [kept, open, newest] = [await make('mill', 1, 60), await make('mill', 2, 50), await make('mill', 3, 40)]
    const job = { id: 'job_broken', kind: 'program', queue: 'machine-mill', name: 'x', machineId: 'mill', request: '{}', requestedBy: 'ann' } as const
    await test.store.db
      .insertInto('job')
      .values({ ...job, state: 'interrupted', startedAt: new Date(NOW - 70 * DAY), endedAt: new Date(NOW - 50 * DAY) })
      .execute()
    const trim = () => trimJournals({ db: test.store.db, journalsDir, rule: { keepDays: 30, maxBytes: 0 }, now: NOW })
    expect(await trim()).toEqual([])
    await test.store.db.updateTable('job').set({ handledAt: new Date() }).where('id', '=', job.id).execute()
    expect((await trim()).map(({ path }) => path)).toEqual([kept, open])
    expect([await isThere(kept), await isThere(newest)]).toEqual([false, true])
  })

  it('of programs is what nothing names and what came long ago; a new upload of the same content is safe', async () => {
    const filesDir = join(dir, 'programs')
    const programs = createPrograms({ store: test.store, filesDir })
    const upload = (name: string, text: string) => programs.upload({ name, content: Readable.from([Buffer.from(text)]), maxBytes: 1e6, by: 'Ann' })
    const age = (sha256: string, days: number) => utimes(programs.path(sha256), new Date(NOW - days * DAY), new Date(NOW - days * DAY))
    const sweep = () => sweepPrograms({ db: test.store.db, filesDir, graceDays: 14, now: Date.now() })
    const [kept, removed, ofJob, young] = [
      await upload('a', 'G0 X1\n'),
      await upload('b', 'G0 X2\n'),
      await upload('c', 'G0 X3\n'),
      await upload('d', 'G0 X4\n'),
    ]
    for (const { sha256 } of [kept, removed, ofJob]) await age(sha256, 100)
    const request = JSON.stringify({ programName: 'c', sha256: ofJob.sha256 })
    await test.store.db
      .insertInto('job')
      .values({ id: 'job_old', kind: 'program', queue: 'machine-x', name: 'c', state: 'completed', request, requestedBy: 'ann' })
      .execute()
    for (const { id } of [removed, ofJob, young]) await programs.remove(id)
    const left = join(filesDir, 'incoming', randomBytes(8).toString('hex'))
    await writeFile(left, 'half')
    await utimes(left, new Date(NOW - 2 * DAY), new Date(NOW - 2 * DAY))
    expect(await sweep()).toEqual({ files: 2, bytes: 10 })
    expect(await Promise.all([kept, removed, ofJob, young].map(({ sha256 }) => isThere(programs.path(sha256))))).toEqual([true, false, true, true])
    expect(await isThere(left)).toBe(false)

    // whichever comes first: the file of a program in the library is there
    for (let round = 0; round < 8; round += 1) {
      const text = `G0 X${round} Y1\n`
      const sha256 = createHash('sha256').update(text).digest('hex')
      const first = await upload(`again-${round}`, text)
      await programs.remove(first.id)
      await age(sha256, 100)
      const [again] = await Promise.all([upload(`again-${round}`, text), sweep()])
      expect((await programs.get(again.id)).sha256).toBe(sha256)
      expect(await isThere(programs.path(sha256))).toBe(true)
    }
  })

  it('of other files is what no row names and what was left half written; the rest stays, however old', async () => {
    const filesDir = join(dir, 'files')
    const [named, unnamed, young] = ['a', 'b', 'c'].map((digit) => `${digit.repeat(64)}.cwt`) as [string, string, string]
    const old = [`templates/${named}`, `templates/${unnamed}`, `templates/${named}.0123456789ab`, 'promotions/mine.cwp', 'promotions/.mine.cwp.01234567']
    const files = [...old, 'move-in/0123456789abcdef.zip', `templates/${young}`, 'move-in/fedcba9876543210.zip', 'somebody.txt']
    for (const folder of ['templates', 'promotions', 'move-in']) await mkdir(join(filesDir, folder), { recursive: true })
    for (const [index, name] of files.entries()) {
      await writeFile(join(filesDir, name), 'x'.repeat(100))
      const at = new Date(NOW - (index < 6 || name === 'somebody.txt' ? 100 * DAY : DAY / 2))
      await utimes(join(filesDir, name), at, at)
    }
    await test.store.db
      .insertInto('template')
      .values({ id: 't', version: '1', sha256: 'a'.repeat(64), bytes: 100, manifest: '{}', facts: '{}', signer: null, signerName: null, by: 'Ann' })
      .execute()
    const sweep = () => sweepFiles({ db: test.store.db, filesDir, graceDays: 14, now: NOW })
    expect(await sweep()).toBe(400)
    const left = (await Promise.all(files.map(async (name) => ((await isThere(join(filesDir, name))) ? [name] : [])))).flat()
    expect(left).toEqual([`templates/${named}`, 'promotions/mine.cwp', `templates/${young}`, 'move-in/fedcba9876543210.zip', 'somebody.txt'])
    expect(await sweep()).toBe(0)
  })

  it('of mirrors is what was put aside long ago, and never the one that is written to', async () => {
    const mirror = join(dir, 'mirror')
    const [old, young] = [`${mirror}.broken-${NOW - 20 * DAY}`, `${mirror}.broken-${NOW - 2 * DAY}`]
    for (const path of [mirror, old, young, `${mirror}.broken-by-somebody`]) {
      await mkdir(join(path, 'objects'), { recursive: true })
      await writeFile(join(path, 'objects', 'x'), randomBytes(5000))
    }
    expect(await sweepBrokenMirrors({ dir: mirror, graceDays: 14, now: NOW })).toBeGreaterThanOrEqual(5000)
    expect(await Promise.all([mirror, old, young, `${mirror}.broken-by-somebody`].map(isThere))).toEqual([true, false, true, true])
  })

  it('of logs is what was turned over, the oldest first', async () => {
    const logsDir = join(dir, 'logs')
    await mkdir(logsDir)
    for (const [name, daysAgo] of Object.entries({ 'gateway.log': 9, 'gateway.log.1': 2, 'gateway-20260120T000000Z.log.gz': 8, 'runtime.log.1': 5 })) {
      await writeFile(join(logsDir, name), 'x'.repeat(1000))
      await utimes(join(logsDir, name), new Date(NOW - daysAgo * DAY), new Date(NOW - daysAgo * DAY))
    }
    expect(await trimLogs({ logsDir, maxBytes: 2500 })).toBe(2000)
    expect(
      await Promise.all(['gateway.log', 'gateway.log.1', 'gateway-20260120T000000Z.log.gz', 'runtime.log.1'].map((name) => isThere(join(logsDir, name)))),
    ).toEqual([true, true, false, false])
    expect(await trimLogs({ logsDir, maxBytes: 0 })).toBe(1000)
    expect(await isThere(join(logsDir, 'gateway.log'))).toBe(true)
  })

  it('is measured: folders by what they take, tables by what they are for', async () => {
    await mkdir(join(dir, 'measured', 'deep'), { recursive: true })
    await writeFile(join(dir, 'measured', 'deep', 'a'), randomBytes(100_000))
    expect(await dirSize(join(dir, 'measured'))).toBeGreaterThanOrEqual(100_000)
    expect(await dirSize(join(dir, 'not there'))).toBe(0)
    const { total, groups } = await databaseSizes(test.store.db)
    expect(total).toBeGreaterThan(1_000_000)
    for (const group of ['runs', 'jobs', 'audit', 'quality', 'flows', 'connections', 'other'] as const) expect(groups[group]).toBeGreaterThan(0)
    expect(['runMessage', 'runtimeDocument', 'measurementMark', 'machine'].map(groupOf)).toEqual(['runs', 'flows', 'quality', 'other'])
  })
})
