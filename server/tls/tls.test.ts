import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../base/log.ts'
import { readConfig } from '../config.ts'
import { makeServer, openAuthority } from './authority.ts'
import { createTls, serverNames, servesTls, type TlsOptions } from './index.ts'
import type { ServerNames } from './names.ts'

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
  const { certificateFor } = await openAuthority({ dir: join(dir, 'made'), computer: 'elsewhere', names: { dns: ['a.example', 'b.example'], ip: [] } })
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
  const { certificateFor, authority } = await openAuthority({
    dir: join(dir, 'made'),
    computer: 'elsewhere',
    names: { dns: ['a.example', 'b.example'], ip: [] },
  })
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

describe('what the authority may vouch for', () => {
  const verifies = (cert: string, ca: string, host: string) => {
    const dir = mkdtempSync(join(tmpdir(), 'cellwright-chain-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    writeFileSync(join(dir, 'ca.pem'), ca)
    writeFileSync(join(dir, 'cert.pem'), cert)
    const how = isIP(host) ? '-verify_ip' : '-verify_hostname'
    return spawnSync('openssl', ['verify', '-x509_strict', '-purpose', 'sslserver', how, host, '-CAfile', 'ca.pem', 'cert.pem'], { cwd: dir, encoding: 'utf8' })
  }
  /** What a thief of the key would make: the authority's key signs whatever it is given. */
  async function forged(dir: string, names: ServerNames) {
    const text = readFileSync(join(dir, 'authority.pem'), 'utf8')
    const at = text.indexOf('-----BEGIN PRIVATE KEY-----')
    return makeServer({ cert: text.slice(0, at), key: text.slice(at) }, names, new Date())
  }
  const hasOpenssl = spawnSync('openssl', ['version']).status === 0

  test('names and addresses of a shop’s network, and what was set when it was made; what comes later is left out and told', async () => {
    const dir = await newDir()
    const env = { CELLWRIGHT_HOST: '0.0.0.0', CELLWRIGHT_TLS_NAMES: 'cell.shop.example,203.0.113.7' }
    const tls = await tlsIn(dir, env, { addresses: () => ['192.168.1.5', 'fd00::2'] })
    expect(tls.facts()).toMatchObject({ authority: { isLimited: true, outside: [] } })
    expect(tls.facts().names).toEqual(expect.arrayContaining(['cellwright.local', 'cell.shop.example', '203.0.113.7', '192.168.1.5', 'fd00::2']))
    await tls.close()
    const more = await tlsIn(
      dir,
      { ...env, CELLWRIGHT_TLS_NAMES: 'cell.shop.example,other.example,cell.lan' },
      { addresses: () => ['10.9.8.7', '198.51.100.9'] },
    )
    expect(more.facts().authority).toMatchObject({ outside: ['other.example', '198.51.100.9'], fingerprint: tls.facts().authority?.fingerprint })
    const shown = new X509Certificate(more.pair.cert)
    expect([shown.checkHost('cell.lan'), shown.checkIP('10.9.8.7'), shown.checkHost('other.example'), shown.checkIP('198.51.100.9')]).toEqual([
      'cell.lan',
      '10.9.8.7',
      undefined,
      undefined,
    ])
    // a new authority is made for what is set now
    await more.renewAuthority()
    expect(more.facts().authority).toMatchObject({ outside: [] })
    expect(more.facts().authority?.fingerprint).not.toBe(tls.facts().authority?.fingerprint)
    expect(new X509Certificate(more.pair.cert).checkHost('other.example')).toBe('other.example')
  })

  test.skipIf(!hasOpenssl)('OpenSSL takes what is within, and refuses what a stolen key would make', async () => {
    const dir = await newDir()
    const tls = await tlsIn(dir, undefined, { addresses: () => ['192.168.1.5', 'fd00::2'] })
    const ca = tls.facts().authority?.pem ?? ''
    for (const name of ['cellwright.local', 'localhost', '192.168.1.5', 'fd00::2'])
      expect(verifies(tls.pair.cert, ca, name)).toMatchObject({ stdout: 'cert.pem: OK\n', stderr: '' })
    for (const names of [
      { dns: ['bank.example'], ip: [] },
      { dns: ['evillocal'], ip: [] },
      { dns: [], ip: ['8.8.8.8'] },
      { dns: [], ip: ['2001:db8::1'] },
      { dns: ['cellwright.local', 'bank.example'], ip: [] },
    ]) {
      const { cert } = await forged(join(dir, 'tls'), names)
      const verdict = verifies(cert, ca, names.dns[0] ?? names.ip[0] ?? '')
      expect(verdict.stderr + verdict.stdout).toMatch(/permitted subtree violation/)
    }
  })

  test('one from before there were limits stays as it is', async () => {
    const dir = await newDir()
    const tls = await tlsIn(dir)
    writeFileSync(join(dir, 'tls', 'authority.pem'), readFileSync(join(import.meta.dirname, 'testing-authority-without-limits.pem')))
    await tls.close()
    const again = await tlsIn(dir, { CELLWRIGHT_HOST: '0.0.0.0', CELLWRIGHT_TLS_NAMES: 'cell.shop.example' })
    expect(again.facts().authority).toMatchObject({ isLimited: false, outside: [] })
    expect(new X509Certificate(again.pair.cert).checkHost('cell.shop.example')).toBe('cell.shop.example')
  })
})

test('a given certificate is not renewed by us', async () => {
  const dir = await newDir()
  const { certificateFor } = await openAuthority({ dir: join(dir, 'made'), computer: 'elsewhere', names: { dns: ['a.example'], ip: [] } })
  const pair = await certificateFor({ dns: ['a.example'], ip: [] })
  writeFileSync(join(dir, 'cert.pem'), pair.cert)
  writeFileSync(join(dir, 'key.pem'), pair.key)
  const tls = await tlsIn(dir, { CELLWRIGHT_HOST: '0.0.0.0', CELLWRIGHT_TLS_CERT: join(dir, 'cert.pem'), CELLWRIGHT_TLS_KEY: join(dir, 'key.pem') })
  await expect(tls.renew()).rejects.toMatchObject({ code: 'certificate-given' })
  await expect(tls.renewAuthority()).rejects.toMatchObject({ code: 'certificate-given' })
})
