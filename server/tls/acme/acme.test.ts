import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../../base/log.ts'
import { readConfig } from '../../config.ts'
import { createHttp, type HttpServer } from '../../http/server.ts'
import { createTls, type Tls } from '../index.ts'
import { acmeSettings } from './settings.ts'
import { hasPebble, type Pebble, startPebble } from './testing.ts'
import { renewAt, retryAt } from './times.ts'

const log = createLog('test', 'silent')
const BASE = { CELLWRIGHT_HOST: '0.0.0.0', CELLWRIGHT_ACME_TERMS: 'agreed', CELLWRIGHT_MDNS_NAME: 'off' }

describe('what is set', () => {
  const settingsOf = (env: Record<string, string>) => acmeSettings(readConfig({ ...BASE, ...env }))
  const refusalOf = (env: Record<string, string>) => {
    try {
      settingsOf(env)
    } catch (error) {
      return (error as Error).message
    }
    return 'taken'
  }
  test('nothing is asked of anybody before names are set and the terms are agreed to', () => {
    expect(settingsOf({})).toBeUndefined()
    expect(refusalOf({ CELLWRIGHT_ACME_DOMAINS: 'cell.example', CELLWRIGHT_ACME_TERMS: '' })).toMatch(/CELLWRIGHT_ACME_TERMS=agreed/)
    expect(settingsOf({ CELLWRIGHT_ACME_DOMAINS: 'Cell.Example, b.example' })).toMatchObject({
      domains: ['cell.example', 'b.example'],
      directory: 'https://acme-v02.api.letsencrypt.org/directory',
      challenge: 'tls-alpn-01',
    })
  })
  test('the way is chosen by what is there', () => {
    const of = (env: Record<string, string>) => settingsOf({ CELLWRIGHT_ACME_DOMAINS: 'cell.example', ...env })?.challenge
    expect(of({ CELLWRIGHT_ACME_HTTP_PORT: '80' })).toBe('http-01')
    expect(of({ CELLWRIGHT_ACME_HTTP_PORT: '80', CELLWRIGHT_ACME_DNS_HOOK: '/usr/bin/hook' })).toBe('dns-01')
    expect(of({ CELLWRIGHT_ACME_CHALLENGE: 'http-01' })).toBe('http-01')
  })
  test.each([
    [{ CELLWRIGHT_ACME_DOMAINS: '192.168.1.5' }, /no full name/],
    [{ CELLWRIGHT_ACME_DOMAINS: 'cell' }, /no full name/],
    [{ CELLWRIGHT_ACME_DOMAINS: '*.cell.example' }, /DNS only/],
    [{ CELLWRIGHT_ACME_DOMAINS: 'cell.example', CELLWRIGHT_ACME_DIRECTORY: 'http://ca.example/dir' }, /https:/],
    [{ CELLWRIGHT_ACME_DOMAINS: 'cell.example', CELLWRIGHT_ACME_CHALLENGE: 'dns-01' }, /ACME_DNS_HOOK/],
    [{ CELLWRIGHT_ACME_DOMAINS: 'cell.example', CELLWRIGHT_ACME_DNS_HOOK: 'hook.sh' }, /whole path/],
    [{ CELLWRIGHT_ACME_DOMAINS: 'cell.example', CELLWRIGHT_ACME_EAB_ID: 'k' }, /go together/],
    [{ CELLWRIGHT_ACME_DOMAINS: 'cell.example', CELLWRIGHT_TLS_CERT: '/c', CELLWRIGHT_TLS_KEY: '/k' }, /exclude each other/],
    [{ CELLWRIGHT_ACME_DOMAINS: 'cell.example', CELLWRIGHT_HOST: '127.0.0.1' }, /speaks HTTPS itself/],
    [{ CELLWRIGHT_ACME_DOMAINS: 'cell.example', CELLWRIGHT_PUBLIC_URL: 'https://cell.example' }, /behind a proxy/],
  ])('%o is refused, with what to set', (env, message) => {
    expect(refusalOf(env)).toMatch(message)
  })
})

test('tries that fail are held back, longer each time, and as long as the authority asks', () => {
  const now = new Date('2026-11-23T12:00:00Z')
  const minutes = (failures: number, asked = 0) => (retryAt(failures, now, asked, () => 0).getTime() - now.getTime()) / 60_000
  expect([1, 2, 3, 4, 20].map((failures) => minutes(failures))).toEqual([5, 10, 20, 40, 720])
  expect(minutes(1, 7200)).toBe(120)
  expect(retryAt(1, now, 0, () => 1).getTime() - now.getTime()).toBe(360_000)
})

// the real peer: Let's Encrypt's own test server, which looks at names as they do
describe.skipIf(!hasPebble)('with an authority (needs pebble)', () => {
  const DOMAIN = 'cell.shop.example'
  const BINDING = { kid: 'shop-1', hmacKey: 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W' }
  let dir: string
  let current: Tls | undefined
  let http: HttpServer
  let port: number
  let pebble: Pebble
  let hook: string

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cellwright-acme-'))
    hook = join(dir, 'hook')
    const script = `#!${process.execPath}
const [what, host, value] = process.argv.slice(2)
if (process.env.CELLWRIGHT_SECRET_KEY !== undefined) throw new Error('it sees what is not meant for it')
const path = what === 'present' ? '/set-txt' : '/clear-txt'
fetch(process.env.ACME_HOOK_URL + path, { method: 'POST', body: JSON.stringify({ host, value }) }).then((answer) => process.exit(answer.ok ? 0 : 1))
`
    await writeFile(hook, script, { mode: 0o755 })
  })
  afterAll(async () => {
    await pebble?.close()
    await rm(dir, { recursive: true, force: true })
  })

  /** A server whose port Pebble looks at; a fresh folder of keys unless one is given. */
  async function serve(env: Record<string, string>, more: { keys?: string; now?: () => Date } = {}) {
    const config = readConfig({ ...BASE, CELLWRIGHT_ACME_DNS_WAIT_S: '0', CELLWRIGHT_PORT: String(port ?? 0), ...env })
    const keys = more.keys ?? (await mkdtemp(join(dir, 'keys-')))
    const tls = await createTls({ config, dir: keys, log, addresses: () => [], ...(more.now ? { now: more.now } : {}) })
    http = createHttp({
      config: { ...config, host: '127.0.0.1' },
      tls,
      auth: { callerNow: () => undefined, callerOf: async () => undefined, handler: (_request, _response, next) => next() },
      log,
      version: '0',
      pagesDir: '/nowhere',
    })
    const started = await http.start([])
    port = started.port
    current = tls
    const close = async () => {
      if (current === tls) current = undefined
      await http.close()
      await tls.close()
    }
    onTestFinished(async () => {
      if (current === tls) await close()
    })
    return { tls, keys, close, url: started.url }
  }
  beforeAll(async () => {
    // the port that challenges are looked for at
    const tls = await createTls({ config: readConfig({ ...BASE }), dir: join(dir, 'first'), log, addresses: () => [] })
    const first = createHttp({
      config: { ...readConfig({ ...BASE }), host: '127.0.0.1', port: 0 },
      tls,
      auth: { callerNow: () => undefined, callerOf: async () => undefined, handler: (_request, _response, next) => next() },
      log,
      version: '0',
      pagesDir: '/nowhere',
    })
    port = (await first.start([])).port
    await first.close()
    await tls.close()
    pebble = await startPebble({ dir, validatesAt: port })
  })
  const env = (more: Record<string, string> = {}) => ({
    CELLWRIGHT_ACME_DOMAINS: DOMAIN,
    CELLWRIGHT_ACME_DIRECTORY: pebble.directory,
    CELLWRIGHT_ACME_CA: pebble.caFile,
    ...more,
  })
  const shown = (servername: string | undefined) =>
    new Promise<X509Certificate>((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...(servername ? { servername } : {}) }, () => {
        resolve(new X509Certificate(socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0)))
        socket.end()
      }).on('error', reject)
    })
  const locationOf = (host: string) =>
    new Promise<string | undefined>((resolve, reject) => {
      request({ port, host: '127.0.0.1', path: '/operator', headers: { host: `${host}:${port}`, accept: 'text/html' } }, (answer) => {
        answer.resume()
        resolve(answer.headers.location)
      })
        .on('error', reject)
        .end()
    })

  test('a certificate comes by the TLS handshake on our own port, for its name alone; the key of the account is the owner’s', async () => {
    const { tls, keys, close } = await serve(env())
    expect(tls.acme?.state()).toMatchObject({ challenge: 'tls-alpn-01' })
    // meanwhile the own authority stands in
    expect((await shown(DOMAIN)).issuer).toMatch(/CN=Cellwright/)
    await expect.poll(() => tls.acme?.state()).toMatchObject({ state: 'good', isWorking: false })
    expect((await shown(DOMAIN)).issuer).toMatch(/Pebble Intermediate/)
    expect((await shown(undefined)).issuer).toMatch(/CN=Cellwright/)
    // who comes by that name needs no authority of ours
    expect(await locationOf(DOMAIN)).toBe(`https://${DOMAIN}:${port}/operator`)
    expect(await locationOf('127.0.0.1')).toBe('/trust?next=%2Foperator')
    for (const file of readdirSync(join(keys, 'acme'))) expect(statSync(join(keys, 'acme', file)).mode & 0o077).toBe(0)
    const { cert } = tls.forName(DOMAIN) ?? { cert: '' }
    const account = readFileSync(join(keys, 'acme', readdirSync(join(keys, 'acme')).find((file) => file.startsWith('account')) ?? ''), 'utf8')
    await close()
    // a start later: the same certificate, and no new order
    const again = await serve(env(), { keys })
    expect(again.url).toBe(`https://${DOMAIN}:${port}`)
    expect(again.tls.forName(DOMAIN)?.cert).toBe(cert)
    expect(again.tls.acme?.state()).toMatchObject({ state: 'good', isWorking: false })
    await again.close()
    // after two thirds of its life the next is got, by the same account
    const certificate = new X509Certificate(cert)
    const life = certificate.validToDate.getTime() - certificate.validFromDate.getTime()
    const due = renewAt(cert).getTime() - certificate.validFromDate.getTime()
    expect(due / life).toBeGreaterThan(0.63)
    expect(due / life).toBeLessThanOrEqual(0.6667)
    // one that is got for the time of then: the clock is only ours
    const later = await serve(env(), { keys, now: () => new Date(certificate.validFromDate.getTime() + due + 1000) })
    expect(later.tls.forName(DOMAIN)?.cert).toBe(cert)
    await expect.poll(() => later.tls.acme?.state()).toMatchObject({ isWorking: false })
    expect(later.tls.acme?.state()).not.toHaveProperty('problem')
    expect(later.tls.forName(DOMAIN)?.cert).not.toBe(cert)
    expect(readFileSync(join(keys, 'acme', readdirSync(join(keys, 'acme')).find((file) => file.startsWith('account')) ?? ''), 'utf8')).toBe(account)
  })

  test('a certificate comes by a file over plain HTTP', async () => {
    const { tls } = await serve(env({ CELLWRIGHT_ACME_CHALLENGE: 'http-01' }))
    await tls.renew()
    expect((await shown(DOMAIN)).issuer).toMatch(/Pebble Intermediate/)
  })

  test('a certificate comes by a record that a program sets, for every name below too', async () => {
    process.env.ACME_HOOK_URL = pebble.dnsUrl
    process.env.CELLWRIGHT_SECRET_KEY = '0'.repeat(64)
    onTestFinished(() => {
      delete process.env.ACME_HOOK_URL
      delete process.env.CELLWRIGHT_SECRET_KEY
    })
    const { tls } = await serve(env({ CELLWRIGHT_ACME_DOMAINS: '*.shop.example,shop.example', CELLWRIGHT_ACME_DNS_HOOK: hook }))
    await tls.renew()
    expect((await shown('line2.shop.example')).issuer).toMatch(/Pebble Intermediate/)
    expect((await shown('shop.example')).issuer).toMatch(/Pebble Intermediate/)
  })

  test('what fails is told, held back across a restart, and tried at once with other settings; the certificate before stays', async () => {
    const first = await serve(env())
    await expect.poll(() => first.tls.acme?.state().state).toBe('good')
    const { cert } = first.tls.forName(DOMAIN) ?? { cert: '' }
    await first.close()
    // another account: Pebble may take a name as proven that this one has proven before
    for (const file of readdirSync(join(first.keys, 'acme')).filter((name) => name.startsWith('account'))) await rm(join(first.keys, 'acme', file))
    // long before its end, somebody asks for another by a way that fails
    const failing = await serve(env({ CELLWRIGHT_ACME_DNS_HOOK: '/bin/false' }), { keys: first.keys })
    await expect(failing.tls.renew()).rejects.toThrow(/DNS_HOOK .* failed/)
    expect(failing.tls.acme?.state()).toMatchObject({ state: 'good', problem: expect.stringContaining('/bin/false present') })
    expect(failing.tls.forName(DOMAIN)?.cert).toBe(cert)
    await failing.close()
    // without one the own authority stands in, and the next start does not ask again before its time
    const bare = await serve(env({ CELLWRIGHT_ACME_DNS_HOOK: '/bin/false' }))
    await expect.poll(() => bare.tls.acme?.state()).toMatchObject({ state: 'none', isWorking: false, problem: expect.stringContaining('/bin/false') })
    const { nextTryAt } = bare.tls.acme?.state() ?? {}
    expect((await shown(DOMAIN)).issuer).toMatch(/CN=Cellwright/)
    await bare.close()
    const restarted = await serve(env({ CELLWRIGHT_ACME_DNS_HOOK: '/bin/false' }), { keys: bare.keys })
    expect(restarted.tls.acme?.state()).toMatchObject({ isWorking: false, nextTryAt })
    await restarted.close()
    const other = await serve(env(), { keys: bare.keys })
    await expect.poll(() => other.tls.acme?.state()).toMatchObject({ state: 'good' })
    expect(other.tls.acme?.state()).not.toHaveProperty('problem')
  })

  test('an authority that knows its customers is told who we are', async () => {
    const { keys, close } = await serve(env({ CELLWRIGHT_ACME_DNS_HOOK: '/bin/false' }))
    await close()
    const bound = await startPebble({ dir: await mkdtemp(join(dir, 'bound-')), validatesAt: port, binding: BINDING })
    onTestFinished(() => bound.close())
    const at = { CELLWRIGHT_ACME_DIRECTORY: bound.directory, CELLWRIGHT_ACME_CA: bound.caFile }
    const stranger = await serve(env(at), { keys })
    await expect.poll(() => stranger.tls.acme?.state()).toMatchObject({ state: 'none', problem: expect.stringMatching(/externalAccountBinding/) })
    await stranger.close()
    const known = await serve(env({ ...at, CELLWRIGHT_ACME_EAB_ID: BINDING.kid, CELLWRIGHT_ACME_EAB_KEY: BINDING.hmacKey }), { keys })
    await expect.poll(() => known.tls.acme?.state()).toMatchObject({ state: 'good' })
  })

  test('a directory that nobody vouches for is not believed', async () => {
    const { tls } = await serve({ CELLWRIGHT_ACME_DOMAINS: DOMAIN, CELLWRIGHT_ACME_DIRECTORY: pebble.directory })
    await expect.poll(() => tls.acme?.state()).toMatchObject({ state: 'none', problem: expect.stringMatching(/certificate/) })
  })
})
