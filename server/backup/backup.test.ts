import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../../base/log.ts'
import { mountSmallDisk } from '../../test/faults/small-disk.ts'
import { createAudit } from '../audit/index.ts'
import { makeSignInTables } from '../auth/index.ts'
import { dataPaths } from '../config.ts'
import { openSecrets } from '../secrets/index.ts'
import { startEmbedded } from '../store/embedded/index.ts'
import { openStore } from '../store/index.ts'
import { MIGRATIONS } from '../store/migrations/index.ts'
import { startTestPostgres, startTestStore, type TestStore } from '../store/testing.ts'
import { createVersions } from '../versions/index.ts'
import { installationKey, type Lock } from './lock.ts'
import { readBackup } from './read.ts'
import { type RestoreOptions, restoreBackup } from './restore.ts'
import { allRows, fillEveryTable, rulesOf, withClient } from './testing.ts'
import { verifyBackup } from './verify.ts'
import { writeBackup } from './write.ts'

const log = createLog('test', 'silent')
const root = join(import.meta.dirname, '..', '..')
const lock: Lock = { passphrase: 'correct horse battery staple' }
/** Of scrypt: a second each time otherwise. */
const QUICK = { workFactor: 10, version: '1.2.3', why: 'person' } as const
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

describe('a back-up', () => {
  let shop: TestStore
  let dir: string
  let file: string
  const config = () => ({ dataDir: join(dir, 'data'), filesDir: undefined, secretKey: undefined, databaseUrl: undefined })
  const restore = (options: Partial<RestoreOptions> & { into: string; databaseUrl?: string }) => {
    const { into, databaseUrl, ...rest } = options
    return restoreBackup({ file, lock, as: 'replacement', root, log, config: { ...config(), dataDir: into, databaseUrl }, ...rest })
  }

  beforeAll(async () => {
    shop = await startTestStore()
    dir = mkdtempSync(join(tmpdir(), 'cw-backup-'))
    const paths = dataPaths(config())
    const secrets = await openSecrets({ keysDir: paths.keys })
    await makeSignInTables(shop.store, log)
    const audit = createAudit({ db: shop.store.db, log, secrets, versions: createVersions(shop.store.db), witnessFile: paths.auditWitness })
    for (let i = 0; i < 40; i += 1) audit.record({ who: `person ${i}`, action: 'signed in', detail: { text: 'tab\t and \\ and ü' } })
    await audit.written()
    await audit.close()
    await fillEveryTable(shop.database)
    await shop.store.db
      .insertInto('machine')
      .values({ id: 'with-secret', settings: '{}', createdBy: 'anna', secrets: secrets.seal('the password'), host: 'mill-pc' } as never)
      .execute()
    for (const [path, content] of Object.entries({
      'host.json': '{"id":"0123456789abcdef","name":"mill-pc"}',
      [`files/ab/${'ab'.repeat(32)}`]: 'G0 X0\n'.repeat(100),
      'files/templates/with ümläut.cwt': randomBytes(20_000),
      // larger than what is read whole, and than an entry of rows
      'journals/mill/journal-000001.log': randomBytes(9_000_000),
      [`files/${'long/'.repeat(40)}name`]: 'beyond what a tar header holds',
      'node-red/package.json': '{"dependencies":{"node-red-contrib-x":"1.2.3"}}',
      'node-red/context/global/global.json': '{"a":1}',
      'keys/guards': 'guard key',
      // not taken
      'logs/gateway.log': 'a log',
      'node-red/node_modules/x/index.js': 'a module',
      'instance.json': '{}',
      'backups/cellwright-20260101-000000Z.tar.gz.age': 'an older one',
      'keys/postgres': 'the password of the database',
      'mirror/HEAD': 'ref',
      'host.json.new': 'half',
    })) {
      const target = join(dir, 'data', path)
      await mkdir(join(target, '..'), { recursive: true })
      await writeFile(target, content, { mode: 0o600 })
    }
    await chmod(join(paths.files, 'ab'), 0o700)
    await symlink('/etc/passwd', join(dir, 'data', 'link'))
    file = join(dir, 'out', 'one.tar.gz.age')
    await writeBackup({ ...QUICK, file, lock, database: shop.database, config: config() })
  })
  afterAll(async () => {
    await shop.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('brings back every row of every table, every rule, every file and the audit log', async () => {
    const into = join(dir, 'restored')
    const restored = await restore({ into })
    expect(restored.header).toMatchObject({ host: 'mill-pc', version: '1.2.3', modules: [{ name: 'node-red-contrib-x', version: '1.2.3' }] })
    expect((await stat(file)).mode & 0o777).toBe(0o600)

    const paths = dataPaths({ dataDir: into, filesDir: undefined })
    const server = await startEmbedded({
      root,
      clusterDir: paths.postgres,
      passwordFile: join(paths.keys, 'postgres'),
      logFile: join(paths.logs, 'postgres.log'),
    })
    try {
      const [before, after] = [await allRows(shop.database), await allRows(server.database)]
      expect(Object.keys(after)).toEqual(Object.keys(before))
      // what a restore changes on purpose, and what is true for the other host alone
      const changed = ['session', 'lockedSession', 'jobHost', 'jobQueue', 'hostMessage', 'hostRole', 'notificationDelivery']
      for (const [table, rows] of Object.entries(before)) {
        expect(rows.length, table).toBeGreaterThan(0)
        if (!changed.includes(table)) expect(after[table], table).toEqual(rows)
      }
      expect(after.session).toEqual([])
      expect(after.lockedSession).toEqual([])
      expect(await rulesOf(server.database)).toEqual(await rulesOf(shop.database))

      // rules live again
      await expect(withClient(server.database, (client) => client.query('delete from audit'))).rejects.toThrow()
      const secrets = await openSecrets({ keysDir: paths.keys })
      const store = await openStore({ database: server.database, log })
      const { secrets: sealed } = await store.db.selectFrom('machine').select('secrets').where('id', '=', 'with-secret').executeTakeFirstOrThrow()
      expect(secrets.open(String(sealed))).toBe('the password')
      // every entry, their order, the signed end, and the end that this host remembers
      const audit = createAudit({ db: store.db, log, secrets, versions: createVersions(store.db), witnessFile: paths.auditWitness })
      audit.record({ who: 'Anna', action: 'signed in' })
      await audit.written()
      const entries = await store.db.selectFrom('audit').select(['seq', 'action']).orderBy('seq').execute()
      expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 41 }, (_, i) => i + 1))
      expect(entries.filter(({ action }) => action.startsWith('audit.'))).toEqual([])
      await audit.close()
      await store.close()
    } finally {
      await server.stop()
    }

    const there = await filesIn(into)
    for (const [path, hash] of Object.entries(await filesIn(join(dir, 'data'))))
      if (/^(logs|node-red\/node_modules|backups|mirror)\/|^(instance|audit-end)\.json$|^keys\/postgres$|\.new$/.test(path))
        expect([path, there[path] === hash]).toEqual([path, false])
      else expect([path, there[path]]).toEqual([path, hash])
    expect(existsSync(join(into, 'link'))).toBe(false)
    expect(existsSync(join(into, 'restoring.json'))).toBe(false)
    expect((await stat(join(into, 'keys', 'secret.key'))).mode & 0o777).toBe(0o600)
  })

  it('lets a copy do nothing by itself', async () => {
    const database = await startTestPostgres()
    const into = join(dir, 'copy')
    await withClient(shop.database, (client) =>
      client.query(
        `insert into job (id, kind, queue, name, state, "machineId", request, "requestedBy") values ('w', 'program', 'machine-m9', 'p', 'waiting', 'm9', '{}', 'anna'), ('a', 'program', 'machine-m8', 'p', 'active', 'm8', '{}', 'anna')`,
      ),
    )
    const own = join(dir, 'out', 'jobs.tar.gz.age')
    await writeBackup({ ...QUICK, file: own, lock, database: shop.database, config: config() })
    try {
      await restore({ into, file: own, as: 'copy', databaseUrl: database.database })
      const ask = async (text: string) => (await withClient(database.database, (client) => client.query(text))).rows
      expect(await ask(`select id, state, reason from job where id in ('w', 'a') order by id`)).toMatchObject([
        { id: 'a', state: 'interrupted', reason: expect.stringContaining('How it ended is not known') },
        { id: 'w', state: 'waiting' },
      ])
      expect(await ask(`select name, mode, why from "jobQueue" where name in ('flow', 'adapter', 'machine-m9') order by name`)).toMatchObject(
        ['adapter', 'flow', 'machine-m9'].map((name) => ({ name, mode: 'held', why: expect.stringContaining('Restored from the back-up') })),
      )
      expect(await ask(`select count(*)::int as n from trigger where "isOn"`)).toEqual([{ n: 0 }])
      expect(await ask(`select count(*)::int as n from connection where "isEnabled"`)).toEqual([{ n: 0 }])
      expect(await ask(`select count(*)::int as n from "backupPlan" where "isOn"`)).toEqual([{ n: 0 }])
      expect(await ask(`select distinct host from machine`)).toEqual([{ host: 'original' }])
      expect(existsSync(join(into, 'host.json'))).toBe(false)
      expect(JSON.parse(await readFile(join(into, 'restored.json'), 'utf8'))).toMatchObject({ as: 'copy', isHeld: true })
    } finally {
      await database.close()
    }
  })

  it('is taken at one moment while others write', async () => {
    let isOver = false
    const writing = withClient(shop.database, async (client) => {
      await client.query('create table pair_a (n int); create table pair_b (n int)')
      for (let n = 0; !isOver; n += 1) await client.query(`with a as (insert into pair_a values (${n})) insert into pair_b values (${n})`)
    })
    try {
      await expect
        .poll(() => withClient(shop.database, async (client) => (await client.query('select count(*)::int as n from pair_b')).rows[0]?.n))
        .toBeGreaterThan(20)
      const own = join(dir, 'out', 'meanwhile.tar.gz.age')
      await writeBackup({ ...QUICK, file: own, lock, database: shop.database, config: config() })
      const { manifest } = await verifyBackup({ file: own, lock })
      expect(manifest.rows.pair_a).toBeGreaterThan(20)
      expect(manifest.rows.pair_a).toBe(manifest.rows.pair_b)
      const parts = (table: string) => manifest.entries.filter(({ path }) => path.startsWith(`database/${table}/`)).map(({ sha256 }) => sha256)
      expect(parts('pair_a')).toEqual(parts('pair_b'))
    } finally {
      isOver = true
      await writing
      await withClient(shop.database, (client) => client.query('drop table pair_a; drop table pair_b'))
    }
  })

  it('says clearly what is wrong with a file, and changes nothing', async () => {
    const whole = await readFile(file)
    const broken = join(dir, 'broken.tar.gz.age')
    const flipped = Buffer.from(whole)
    flipped[Math.floor(whole.length / 2)]! ^= 1
    const into = join(dir, 'untouched')
    for (const [bytes, code] of [
      [whole.subarray(0, whole.length - 30), 'backup-damaged'],
      [whole.subarray(0, Math.floor(whole.length / 2)), 'backup-damaged'],
      [flipped, 'backup-damaged'],
      [Buffer.concat([whole, Buffer.from('more')]), 'backup-damaged'],
      [Buffer.from('no back-up at all'), 'not-a-backup'],
      [Buffer.alloc(0), 'not-a-backup'],
    ] as const) {
      await writeFile(broken, bytes)
      await expect(restore({ into, file: broken })).rejects.toMatchObject({ code })
    }
    await expect(restore({ into, lock: { passphrase: 'another passphrase' } })).rejects.toMatchObject({ code: 'backup-locked' })
    await expect(restore({ into, lock: { identity: await installationKey(join(dir, 'a.key')) } })).rejects.toMatchObject({ code: 'backup-locked' })
    await expect(restore({ into, file: join(dir, 'missing') })).rejects.toMatchObject({ code: 'backup-missing' })
    expect(existsSync(into)).toBe(false)
  })

  it('is opened by the key of the installation where nobody gave a passphrase', async () => {
    const identity = await installationKey(join(dir, 'keys', 'backup.key'))
    expect(await installationKey(join(dir, 'keys', 'backup.key'))).toBe(identity)
    const own = join(dir, 'out', 'upgrade.tar.gz.age')
    await writeBackup({ ...QUICK, why: 'upgrade', file: own, lock: { identity }, database: shop.database, config: config() })
    expect((await verifyBackup({ file: own, lock: { identity } })).header.why).toBe('upgrade')
    await expect(verifyBackup({ file: own, lock })).rejects.toMatchObject({ code: 'backup-locked' })
  })

  it('is not restored over anything, by an older program, or with another key', async () => {
    const full = join(dir, 'full')
    await mkdir(full)
    await writeFile(join(full, 'host.json'), '{}')
    await expect(restore({ into: full })).rejects.toMatchObject({ code: 'host-not-empty' })
    expect(readdirSync(full).filter((name) => name !== 'running')).toEqual(['host.json'])
    await expect(restore({ into: join(dir, 'free'), databaseUrl: shop.database })).rejects.toMatchObject({ code: 'database-not-empty' })
    await expect(restore({ into: join(dir, 'free2'), config: { ...config(), dataDir: join(dir, 'free2'), secretKey: 'ab'.repeat(32) } })).rejects.toMatchObject(
      { code: 'backup-other-key' },
    )

    const newer = join(dir, 'out', 'newer.tar.gz.age')
    await withClient(shop.database, (client) => client.query(`insert into kysely_migration values ('999-of-tomorrow', now()::text)`))
    try {
      await writeBackup({ ...QUICK, file: newer, lock, database: shop.database, config: config() })
    } finally {
      await withClient(shop.database, (client) => client.query(`delete from kysely_migration where name = '999-of-tomorrow'`))
    }
    await expect(restore({ into: join(dir, 'newer'), file: newer })).rejects.toMatchObject({ code: 'schema-newer' })
    expect(existsSync(join(dir, 'newer'))).toBe(false)
    await expect(writeBackup({ ...QUICK, file, lock, database: shop.database, config: config() })).rejects.toMatchObject({ code: 'backup-exists' })
  })

  it('of an older schema is brought to this one', async () => {
    const old = await startTestPostgres()
    const younger = await startTestPostgres()
    try {
      const names = Object.keys(MIGRATIONS)
      const those = Object.fromEntries(Object.entries(MIGRATIONS).slice(0, names.indexOf('030-mirror-plain-http')))
      const store = await openStore({ database: old.database, log, migrations: those })
      await makeSignInTables(store, log)
      await store.close()
      await fillEveryTable(old.database)
      const own = join(dir, 'out', 'old.tar.gz.age')
      await writeBackup({ ...QUICK, file: own, lock, database: old.database, config: config() })
      await restore({ into: join(dir, 'from-old'), file: own, databaseUrl: younger.database })
      const has = await withClient(younger.database, async (client) =>
        (await client.query('select name from kysely_migration order by name')).rows.map(({ name }) => name),
      )
      expect(has).toEqual(names)
      const [before, after] = [await allRows(old.database), await allRows(younger.database)]
      expect(after.measurement).toEqual(before.measurement)
      expect(after.mirror?.length).toBe(before.mirror?.length)
    } finally {
      await old.close()
      await younger.close()
    }
  })

  it('leaves nothing behind when the disk is full', async (test) => {
    const disk = mountSmallDisk(60)
    if (!disk) {
      if (process.env.CELLWRIGHT_NO_SKIPS) throw new Error('this needs root, to mount a small disk')
      return test.skip('only root may mount')
    }
    try {
      const own = join(disk.dir, 'one.tar.gz.age')
      const at = (megabytes: number) => writeFile(join(disk.dir, 'ballast'), Buffer.alloc(megabytes * 1_000_000))
      await at(30)
      // told before anything is written
      await expect(writeBackup({ ...QUICK, file: own, lock, database: shop.database, config: config() })).rejects.toMatchObject({ code: 'disk-full' })
      await at(5)
      let isFilled = false
      await expect(
        writeBackup({
          ...QUICK,
          file: own,
          lock,
          database: shop.database,
          config: config(),
          onProgress: () => {
            if (!isFilled) disk.fill()
            isFilled = true
          },
        }),
      ).rejects.toMatchObject({ code: 'disk-full' })
      expect(isFilled).toBe(true)
      expect((await readdir(disk.dir)).filter((name) => name !== 'ballast')).toEqual([])
    } finally {
      disk.close()
    }
  })

  it('is stopped whole', async () => {
    const stopping = new AbortController()
    const own = join(dir, 'stopped', 'one.tar.gz.age')
    const making = writeBackup({
      ...QUICK,
      file: own,
      lock,
      database: shop.database,
      config: config(),
      signal: stopping.signal,
      onProgress: () => stopping.abort(),
    })
    await expect(making).rejects.toMatchObject({ code: 'stopped' })
    expect(readdirSync(join(dir, 'stopped'))).toEqual([])
  })

  it('of which a restore was killed is started again', async () => {
    const into = join(dir, 'killed')
    const database = await startTestPostgres()
    try {
      for (const databaseUrl of [undefined, database.database]) {
        rmSync(into, { recursive: true, force: true })
        // once in each of its parts
        for (const at of databaseUrl ? (['restoring'] as const) : (['schema', 'restoring'] as const)) {
          await killedRestore({ file, into, databaseUrl, at })
          if (databaseUrl) await expect(openStore({ database: databaseUrl, log })).rejects.toMatchObject({ code: 'restore-unfinished' })
          expect(existsSync(join(into, 'restoring.json'))).toBe(true)
        }
        const { rows } = await restore({ into, ...(databaseUrl ? { databaseUrl } : {}) })
        expect(rows).toBeGreaterThan(100)
        expect(existsSync(join(into, 'restoring.json'))).toBe(false)
      }
      const after = await allRows(database.database)
      expect(after.audit?.length).toBe(40)
      await (await openStore({ database: database.database, log })).close()
    } finally {
      await database.close()
    }
  })

  it('that was killed leaves a half that is no back-up, and the next one takes its place', async () => {
    const own = join(dir, 'half', 'one.tar.gz.age')
    await killedBackup({ file: own, database: shop.database, dataDir: join(dir, 'data') })
    expect(readdirSync(join(dir, 'half'))).toEqual(['one.tar.gz.age.part'])
    await writeBackup({ ...QUICK, file: own, lock, database: shop.database, config: config() })
    expect(readdirSync(join(dir, 'half'))).toEqual(['one.tar.gz.age'])
    const paths: string[] = []
    await readBackup({ file: own, lock, onEntry: async ({ path }) => void paths.push(path) })
    expect(paths).toContain('data/journals/mill/journal-000001.log')
  })
})

async function filesIn(dir: string): Promise<Record<string, string>> {
  const all: Record<string, string> = {}
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(dir.length + 1)
    if (entry.isFile() && !/^(postgres|running)\//.test(path)) all[path] = sha256(await readFile(join(dir, path)))
  }
  return all
}

/** Runs it in a process of its own, and kills that when it says so. */
function killed(script: string): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    let isThere = false
    child.stdout.on('data', () => {
      isThere = true
      child.kill('SIGKILL')
    })
    child.once('exit', (code, signal) => (isThere && signal === 'SIGKILL' ? resolve() : reject(new Error(`it ended by itself (${code ?? signal})`))))
  })
}

const text = JSON.stringify
const killedRestore = ({ file, into, databaseUrl, at }: { file: string; into: string; databaseUrl: string | undefined; at: string }) =>
  killed(`
    import { writeSync } from 'node:fs'
    import { createLog } from ${text(join(root, 'base/log.ts'))}
    import { restoreBackup } from ${text(join(import.meta.dirname, 'restore.ts'))}
    let seen = 0
    await restoreBackup({
      file: ${text(file)}, lock: ${text(lock)}, as: 'replacement', root: ${text(root)}, log: createLog('test', 'silent'),
      config: { dataDir: ${text(into)}, databaseUrl: ${databaseUrl === undefined ? 'undefined' : text(databaseUrl)} },
      onProgress({ step }) {
        if (step === ${text(at)}) { writeSync(1, 'there'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) }
      },
    })`)
const killedBackup = ({ file, database, dataDir }: { file: string; database: string; dataDir: string }) =>
  killed(`
    import { writeSync, statSync } from 'node:fs'
    import { writeBackup } from ${text(join(import.meta.dirname, 'write.ts'))}
    await writeBackup({
      file: ${text(file)}, lock: ${text(lock)}, database: ${text(database)}, config: { dataDir: ${text(dataDir)} }, version: '1', why: 'person', workFactor: 10,
      onProgress({ step }) {
        if (step === 'checking') { writeSync(1, 'there'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) }
      },
    })`)
