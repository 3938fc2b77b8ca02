/** What the doctor finds: against a real port, a real PostgreSQL, real files. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { packageRoot } from '../cli/package-root.ts'
import { readConfig } from '../config.ts'
import { startTestPostgres, type TestPostgres } from '../store/testing.ts'
import { examine } from './index.ts'
import { lookAtPort } from './network.ts'
import { lookAtSerialPorts } from './serial.ts'

describe('the doctor', () => {
  let dir: string
  let server: Server
  let port: number
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'cellwright-doctor-'))
    server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as { port: number }).port
  })
  afterAll(() => {
    server?.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const look = async (env: Record<string, string>, check: string) => {
    const found = await examine({ env: { CELLWRIGHT_DATA: join(dir, 'data'), CELLWRIGHT_PORT: '0', ...env }, root: packageRoot() })
    return found.filter((finding) => finding.check === check)
  }

  it('finds nothing wrong before a first start', async () => {
    const found = await examine({ env: { CELLWRIGHT_DATA: join(dir, 'data'), CELLWRIGHT_PORT: '0' }, root: packageRoot() })
    expect(found.filter(({ level }) => level === 'problem')).toEqual([])
    expect(found.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['Node', 'settings', 'data directory', 'disk', 'running', 'port', 'certificate', 'database', 'Redis']),
    )
    for (const { level, todo } of found) expect(todo === undefined).toBe(level === 'ok')
  })

  it('names a wrong setting, and one that is none', async () => {
    expect(await look({ CELLWRIGHT_PORT: 'many', CELLWRIGHT_HSOT: 'x' }, 'settings')).toMatchObject([
      { level: 'warning', text: expect.stringContaining('CELLWRIGHT_HSOT') },
      { level: 'problem', text: expect.stringContaining('CELLWRIGHT_PORT must be a whole number') },
    ])
  })

  it('says who has the port, and that an address is not ours', async () => {
    const [taken] = await look({ CELLWRIGHT_PORT: String(port) }, 'port')
    expect(taken).toMatchObject({ level: 'problem', text: expect.stringContaining(`127.0.0.1:${port} is taken by`) })
    if (process.platform === 'linux') expect(taken?.text).toContain(`(process ${process.pid})`)
    expect(await look({ CELLWRIGHT_HOST: '203.0.113.7', CELLWRIGHT_PUBLIC_URL: 'https://x' }, 'port')).toMatchObject([
      { level: 'problem', text: expect.stringContaining('no address of this computer') },
    ])
  })

  it('reads the certificate files', async () => {
    const broken = join(dir, 'broken.pem')
    writeFileSync(broken, 'no certificate')
    expect(await look({ CELLWRIGHT_TLS: 'on', CELLWRIGHT_TLS_CERT: broken, CELLWRIGHT_TLS_KEY: broken }, 'certificate')).toMatchObject([
      { level: 'problem', text: expect.stringContaining('is not a certificate in PEM') },
    ])
  })

  it('asks a server that runs where it listens', async () => {
    const one = createServer()
    await new Promise<void>((ready) => one.listen(0, '127.0.0.2', ready))
    onTestFinished(() => void one.close())
    const url = `http://127.0.0.2:${(one.address() as { port: number }).port}`
    const config = readConfig({ CELLWRIGHT_HOST: '127.0.0.2', CELLWRIGHT_DATA: join(dir, 'data') })
    expect(await lookAtPort({ config, env: {}, root: packageRoot(), running: { pid: 1, url }, now: new Date() })).toMatchObject([{ level: 'ok' }])
  })

  it('finds keys that others may read, a database that is none, and a kill', async () => {
    const data = join(dir, 'old')
    mkdirSync(join(data, 'keys'), { recursive: true })
    mkdirSync(join(data, 'postgres'), { mode: 0o700 })
    chmodSync(join(data, 'keys'), 0o755)
    writeFileSync(join(data, 'instance.json'), '{"pid":1,"url":"http://127.0.0.1:1"}')
    const found = await examine({ env: { CELLWRIGHT_DATA: data, CELLWRIGHT_PORT: '0' }, root: packageRoot() })
    const told = (check: string) => found.find((finding) => finding.check === check && finding.level !== 'ok')
    expect(told('secrets')).toMatchObject({ level: 'problem', text: expect.stringContaining('may be read by others (mode 755)') })
    expect(told('database')).toMatchObject({ level: 'problem', text: expect.stringContaining('PG_VERSION is missing') })
    expect(told('running')).toMatchObject({ level: 'warning', text: expect.stringContaining('not ended in good order') })
  })

  describe('of a database of one’s own', () => {
    let postgres: TestPostgres
    beforeAll(async () => {
      postgres = await startTestPostgres({ hasTables: false })
    }, 60_000)
    afterAll(() => postgres?.close())

    it('says how it answers', async () => {
      expect(await look({ DATABASE_URL: postgres.database }, 'database')).toMatchObject([
        { level: 'ok', text: expect.stringMatching(/^PostgreSQL \d+\.\d+.* answers in \d+ ms\.$/) },
      ])
    })
    it('says that it is not there, and never its password', async () => {
      const [found] = await look({ DATABASE_URL: 'postgres://shop:very-secret@127.0.0.1:1/x' }, 'database')
      expect(found).toMatchObject({ level: 'problem', text: expect.stringContaining('127.0.0.1:1/x does not let us in') })
      expect(JSON.stringify(found)).not.toContain('very-secret')
    })
  })

  it('says that Redis does not answer, and never its password', async () => {
    const [found] = await look({ REDIS_URL: 'redis://:very-secret@127.0.0.1:1' }, 'Redis')
    expect(found).toMatchObject({ level: 'problem', text: expect.stringContaining('127.0.0.1:1 does not answer') })
    expect(JSON.stringify(found)).not.toContain('very-secret')
  })

  it('lists serial ports that may be opened', async () => {
    const dev = join(dir, 'dev')
    mkdirSync(dev)
    expect(await lookAtSerialPorts({ dev, platform: 'linux' })).toMatchObject([{ level: 'ok', text: expect.stringContaining('No USB serial port') }])
    writeFileSync(join(dev, 'ttyUSB0'), '')
    writeFileSync(join(dev, 'tty7'), '')
    expect(await lookAtSerialPorts({ dev, platform: 'linux' })).toMatchObject([{ level: 'ok', text: 'ttyUSB0: this user may open it.' }])
    // root may open everything
    if (process.getuid?.() === 0) return
    chmodSync(join(dev, 'ttyUSB0'), 0o000)
    expect(await lookAtSerialPorts({ dev, platform: 'linux' })).toMatchObject([{ level: 'problem', todo: expect.stringContaining('usermod -aG') }])
  })
})
