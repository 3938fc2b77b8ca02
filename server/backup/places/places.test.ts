import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BackupPlace } from '../../api/index.ts'
import { openPlace, tryPlace } from './index.ts'
import { openSignedDoor } from './signed-door.ts'

const bytes = randomBytes(2_000_000)
const sha256 = createHash('sha256').update(bytes).digest('hex')
const NAME = 'cellwright-20260101-020000Z.tar.gz.age'
let dir: string
let file: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'cw-places-'))
  file = join(dir, 'file')
  writeFileSync(file, bytes)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}

type Elsewhere = Exclude<BackupPlace, { kind: 'kept' }>

async function until(fact: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !fact(); await pause(20)) if (Date.now() > end) throw new Error('it did not begin')
}

/** What every kind of place does. */
function conforms(options: () => { place: Elsewhere; secret?: string }, there: () => string[]): void {
  const open = () => openPlace({ secret: undefined, ...options() })

  it('brings a file whole, lists and removes it', async () => {
    const place = await open()
    try {
      let seen = 0
      await place.put(NAME, { file, bytes: bytes.length, sha256 }, (done) => {
        seen = done
      })
      expect(seen).toBe(bytes.length)
      expect(await place.list()).toContain(NAME)
      // again, as after an answer that was lost
      await place.put(NAME, { file, bytes: bytes.length, sha256 })
      expect(there().filter((name) => name.startsWith(NAME))).toHaveLength(1)
      await place.remove(NAME)
      expect(await place.list()).not.toContain(NAME)
    } finally {
      await place.close()
    }
  })

  it('leaves nothing there when what arrived is not what was sent', async () => {
    const place = await open()
    try {
      await expect(place.put(NAME, { file, bytes: bytes.length, sha256: '0'.repeat(64) })).rejects.toMatchObject({ code: 'place-not-the-same' })
      expect(there().filter((name) => name.startsWith(NAME))).toEqual([])
    } finally {
      await place.close()
    }
  })

  it('is tried out and leaves nothing', async () => {
    await tryPlace({ secret: undefined, ...options() })
    expect(there().filter((name) => name.includes('test'))).toEqual([])
  })
}

describe('a folder', () => {
  const folder = () => join(dir, 'drive')
  beforeAll(() => mkdirSync(folder()))
  conforms(
    () => ({ place: { kind: 'folder', folder: folder() } }),
    () => readdirSync(folder()),
  )
  it('that is not there is not made: the drive may not be mounted', async () => {
    await expect(tryPlace({ place: { kind: 'folder', folder: join(dir, 'missing') }, secret: undefined })).rejects.toMatchObject({ code: 'place-folder' })
    await expect(tryPlace({ place: { kind: 'folder', folder: 'drive' }, secret: undefined })).rejects.toMatchObject({ code: 'place-folder' })
    expect(existsSync(join(dir, 'missing'))).toBe(false)
  })
})

const SSHD = '/usr/sbin/sshd'
const mustRun = Boolean(process.env.CELLWRIGHT_NO_SKIPS)

describe.skipIf(!existsSync(SSHD) && !mustRun)("OpenSSH's SFTP", () => {
  let server: ChildProcess
  let port: number
  let hostKey: string
  let key: string
  const folder = () => join(dir, 'sftp')
  const place = (more: Partial<Extract<Elsewhere, { kind: 'sftp' }>> = {}): Elsewhere => ({
    kind: 'sftp',
    host: '127.0.0.1',
    port,
    userName: userInfo().username,
    folder: folder(),
    hostKey,
    ...more,
  })
  const newKey = (name: string) => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, name)])
    return readFileSync(join(dir, name), 'utf8')
  }

  beforeAll(async () => {
    mkdirSync(folder())
    port = await freePort()
    newKey('host')
    key = newKey('user')
    hostKey = execFileSync('ssh-keygen', ['-lf', join(dir, 'host.pub')], { encoding: 'utf8' }).split(' ')[1]!
    // as root it wants an empty directory for those who have not signed in yet
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
    const settings = {
      ListenAddress: '127.0.0.1',
      Port: port,
      HostKey: join(dir, 'host'),
      AuthorizedKeysFile: join(dir, 'user.pub'),
      PidFile: 'none',
      UsePAM: 'no',
      StrictModes: 'no',
      PasswordAuthentication: 'no',
      PermitRootLogin: 'yes',
      Subsystem: 'sftp internal-sftp',
    }
    const config = join(dir, 'sshd_config')
    writeFileSync(
      config,
      Object.entries(settings)
        .map((line) => line.join(' '))
        .join('\n'),
    )
    server = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    await until(() => said.includes('Server listening'))
  })
  afterAll(() => void server?.kill())

  conforms(
    () => ({ place: place(), secret: key }),
    () => readdirSync(folder()),
  )

  it('sends nothing to a server with another key, and says which it shows', async () => {
    let shown: string | undefined
    const onHostKey = (text: string) => {
      shown = text
    }
    const other = `SHA256:${'A'.repeat(43)}`
    await expect(tryPlace({ place: place({ hostKey: other }), secret: key, onHostKey })).rejects.toMatchObject({ code: 'place-host-key', details: { hostKey } })
    expect(shown).toBe(hostKey)
    await expect(tryPlace({ place: place({ hostKey: '' }), secret: key })).rejects.toMatchObject({ code: 'place-host-key' })
  })

  it('says what is wrong', async () => {
    await expect(tryPlace({ place: place(), secret: newKey('stranger') })).rejects.toMatchObject({ code: 'place-sign-in' })
    await expect(tryPlace({ place: place(), secret: 'a password' })).rejects.toMatchObject({ code: 'place-sign-in' })
    await expect(tryPlace({ place: place({ folder: join(dir, 'nowhere') }), secret: key })).rejects.toMatchObject({ code: 'place-folder' })
    await expect(tryPlace({ place: place({ port: await freePort() }), secret: key })).rejects.toMatchObject({ code: 'place-unreachable' })
    await expect(tryPlace({ place: place(), secret: '-----BEGIN OPENSSH PRIVATE KEY-----\nnone\n-----END OPENSSH PRIVATE KEY-----' })).rejects.toMatchObject({
      code: 'place-key',
    })
  })
})

describe('an S3 server', () => {
  let server: { run(): Promise<{ port: number }>; close(): Promise<void> }
  let door: Awaited<ReturnType<typeof openSignedDoor>>
  let port: number
  const objects = () => join(dir, 's3')
  const place = (more: Partial<Extract<Elsewhere, { kind: 's3' }>> = {}): Elsewhere => ({
    kind: 's3',
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    bucket: 'backups',
    folder: 'shop/mill',
    accessKeyId: 'S3RVER',
    ...more,
  })
  const found = () => readdirSync(objects(), { recursive: true, encoding: 'utf8' })

  beforeAll(async () => {
    mkdirSync(objects())
    const { default: S3rver } = (await import('s3rver' as string)) as { default: new (options: object) => typeof server }
    server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: objects(), configureBuckets: [{ name: 'backups' }] })
    const { port: behind } = await server.run()
    door = await openSignedDoor({ port: behind, keys: { S3RVER: 'the/secret+key' } })
    port = door.port
  })
  afterAll(async () => {
    door.server.close()
    door.server.closeAllConnections()
    await server.close()
  })

  conforms(
    () => ({ place: place(), secret: 'the/secret+key' }),
    () =>
      found()
        .filter((path) => path.startsWith(join('backups', 'shop', 'mill', 'cellwright-')) && path.endsWith('_object'))
        .map((path) => path.split('/').at(-1)!),
  )

  it('brings what is larger than one part', async () => {
    const large = join(dir, 'large')
    const content = randomBytes(20_000_000)
    writeFileSync(large, content)
    const open = await openPlace({ place: place({ folder: '' }), secret: 'the/secret+key' })
    await open.put(NAME, { file: large, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') })
    expect(await open.list()).toEqual([NAME])
    await open.remove(NAME)
    await open.close()
  })

  it('says what is wrong', async () => {
    await expect(tryPlace({ place: place(), secret: 'another secret' })).rejects.toMatchObject({ code: 'place-sign-in' })
    await expect(tryPlace({ place: place({ accessKeyId: 'nobody' }), secret: 'the/secret+key' })).rejects.toMatchObject({ code: 'place-sign-in' })
    await expect(tryPlace({ place: place({ bucket: 'missing' }), secret: 'the/secret+key' })).rejects.toMatchObject({ code: 'place-bucket' })
    await expect(tryPlace({ place: place({ endpoint: `http://127.0.0.1:${await freePort()}` }), secret: 'the/secret+key' })).rejects.toMatchObject({
      code: 'place-unreachable',
    })
  })
})
