import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../base/log.ts'
import { readConfig } from '../config.ts'
import { openAuthority } from './authority.ts'
import { createTls, serverNames, servesTls, type TlsOptions } from './index.ts'

const log = createLog('test', 'silent')
const codeOf = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    return (error as { code?: string }).code
  }
  return 'taken'
}
async function newDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'cellwright-tls-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}
const configOf = (env: Record<string, string>) => readConfig(env)
async function tlsIn(dir: string, env: Record<string, string> = { CELLWRIGHT_HOST: '0.0.0.0' }, more: Partial<TlsOptions> = {}) {
  const tls = await createTls({ config: configOf(env), dir: join(dir, 'tls'), log, ...more })
  onTestFinished(() => tls.close())
  return tls
}
const DAY_MS = 86_400_000

test('HTTPS is spoken where other computers get in, and passwords never go in the clear by oversight', () => {
  const on = (env: Record<string, string>) => servesTls(configOf(env))
  expect(on({})).toBe(false)
  expect(on({ CELLWRIGHT_HOST: '127.0.0.2' })).toBe(false)
  expect(on({ CELLWRIGHT_HOST: '0.0.0.0' })).toBe(true)
  expect(on({ CELLWRIGHT_HOST: '192.168.1.5' })).toBe(true)
  expect(on({ CELLWRIGHT_HOST: '0.0.0.0', CELLWRIGHT_PUBLIC_URL: 'https://cell.example' })).toBe(false)
  expect(on({ CELLWRIGHT_TLS: 'on' })).toBe(true)
  expect(codeOf(() => configOf({ CELLWRIGHT_HOST: '0.0.0.0', CELLWRIGHT_TLS: 'off' }))).toBe('setting-invalid')
  expect(codeOf(() => configOf({ CELLWRIGHT_HOST: '0.0.0.0', CELLWRIGHT_TLS: 'off', CELLWRIGHT_PUBLIC_URL: 'https://cell.example' }))).toBe('taken')
  expect(codeOf(() => configOf({ CELLWRIGHT_TLS_CERT: '/x.pem' }))).toBe('setting-invalid')
})

test('the names of a server are those by which people reach it', () => {
  const config = configOf({ CELLWRIGHT_HOST: '0.0.0.0', CELLWRIGHT_TLS_NAMES: 'Cell.Shop.example, 10.0.0.9,bad name' })
  expect(serverNames(config, { computer: 'shop-pc', addresses: ['192.168.1.5', 'fd00::2'] })).toEqual({
    dns: ['localhost', 'shop-pc', 'shop-pc.local', 'cell.shop.example'],
    ip: ['127.0.0.1', '::1', '192.168.1.5', 'fd00::2', '10.0.0.9'],
  })
  expect(serverNames(configOf({}), { computer: 'shop-pc' })).toEqual({ dns: ['localhost'], ip: ['127.0.0.1', '::1'] })
})

test('the authority is made once and its certificate follows the addresses of the computer', async () => {
  const dir = await newDir()
  let addresses = ['192.168.1.5']
  const tls = await tlsIn(dir, undefined, { addresses: () => addresses })
  const first = new X509Certificate(tls.pair.cert)
  const authority = new X509Certificate(tls.facts().authority?.pem ?? '')
  expect(first.verify(authority.publicKey)).toBe(true)
  expect(first.checkIP('192.168.1.5')).toBe('192.168.1.5')
  expect(first.checkHost('localhost')).toBe('localhost')
  expect(authority.ca).toBe(true)
  expect(first.ca).toBe(false)
  expect(statSync(join(dir, 'tls', 'authority.pem')).mode & 0o077).toBe(0)
  const shown: string[] = []
  tls.onChange(({ cert }) => shown.push(cert))
  await tls.look()
  expect(shown).toEqual([])
  addresses = ['192.168.1.77']
  await tls.look()
  expect(shown).toEqual([tls.pair.cert])
  expect(new X509Certificate(tls.pair.cert).checkIP('192.168.1.77')).toBe('192.168.1.77')
  // a start later: the same authority, the same certificate
  const again = await tlsIn(dir, undefined, { addresses: () => addresses })
  expect(again.facts().authority?.fingerprint).toBe(tls.facts().authority?.fingerprint)
  expect(again.pair).toEqual(tls.pair)
})

test('a certificate is made anew before it ends, and nothing else of the authority changes', async () => {
  const dir = await newDir()
  let now = new Date('2026-11-23T12:00:00Z')
  const tls = await tlsIn(dir, undefined, { addresses: () => [], now: () => now })
  const before = tls.facts()
  now = new Date(now.getTime() + 330 * DAY_MS)
  await tls.look()
  expect(tls.facts().endsAt).toBe(before.endsAt)
  now = new Date(now.getTime() + 10 * DAY_MS)
  await tls.look()
  expect(new Date(tls.facts().endsAt).getTime()).toBeGreaterThan(now.getTime() + 390 * DAY_MS)
  expect(tls.facts().authority).toEqual(before.authority)
})

test('a damaged authority is never replaced silently; a damaged certificate of the server is made anew', async () => {
  const dir = await newDir()
  const first = await tlsIn(dir)
  writeFileSync(join(dir, 'tls', 'server.pem'), readFileSync(join(dir, 'tls', 'server.pem')).subarray(0, 300))
  const second = await tlsIn(dir)
  expect(second.facts().authority).toEqual(first.facts().authority)
  expect(second.pair).not.toEqual(first.pair)
  const file = join(dir, 'tls', 'authority.pem')
  const whole = readFileSync(file)
  writeFileSync(file, whole.subarray(0, 400))
  await expect(tlsIn(dir)).rejects.toMatchObject({ code: 'authority-unreadable' })
  expect(readFileSync(file).length).toBe(400)
})

test('a given certificate is read again when its files change, and a bad one leaves the one before', async () => {
  const dir = await newDir()
  const cert = join(dir, 'cert.pem')
  const key = join(dir, 'key.pem')
  const { certificateFor } = await openAuthority({ dir: join(dir, 'made'), computer: 'elsewhere' })
  const write = async (name: string) => {
    const pair = await certificateFor({ dns: [name], ip: [] })
    writeFileSync(cert, pair.cert)
    writeFileSync(key, pair.key)
    return pair
  }
  const first = await write('a.example')
  const tls = await tlsIn(dir, { CELLWRIGHT_HOST: '0.0.0.0', CELLWRIGHT_TLS_CERT: cert, CELLWRIGHT_TLS_KEY: key })
  expect(tls.pair).toEqual(first)
  expect(tls.facts()).toMatchObject({ names: ['a.example'] })
  expect(tls.facts().authority).toBeUndefined()
  writeFileSync(key, 'half of a')
  await tls.look()
  expect(tls.pair).toEqual(first)
  expect(tls.facts().trouble).toMatch(/is not a private key/)
  const second = await write('b.example')
  await tls.look()
  expect(tls.pair).toEqual(second)
  expect(tls.facts().trouble).toBeUndefined()
})

test('what is wrong with given files is said with the file', async () => {
  const dir = await newDir()
  const { certificateFor, authority } = await openAuthority({ dir: join(dir, 'made'), computer: 'elsewhere' })
  const pair = await certificateFor({ dns: ['a.example'], ip: [] })
  const cert = join(dir, 'cert.pem')
  const key = join(dir, 'key.pem')
  const env = { CELLWRIGHT_HOST: '0.0.0.0', CELLWRIGHT_TLS_CERT: cert, CELLWRIGHT_TLS_KEY: key }
  await expect(tlsIn(dir, env)).rejects.toMatchObject({ code: 'tls-files-invalid', message: expect.stringContaining(cert) })
  writeFileSync(cert, 'no certificate')
  writeFileSync(key, pair.key)
  await expect(tlsIn(dir, env)).rejects.toThrow(/cert\.pem is not a certificate in PEM/)
  writeFileSync(cert, authority.cert)
  await expect(tlsIn(dir, env)).rejects.toThrow(/key\.pem does not belong to the certificate/)
  writeFileSync(cert, pair.cert)
  await expect(tlsIn(dir, env, { now: () => new Date(Date.now() + 400 * DAY_MS) })).rejects.toThrow(/ended on \d{4}-\d\d-\d\d/)
})
