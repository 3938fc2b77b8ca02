/** What leaves the installation holds no secret, wherever one was planted; and it says what is in it. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Parser } from 'tar'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { packageRoot } from '../cli/package-root.ts'
import { dataPaths } from '../config.ts'
import { openSecrets } from '../secrets/index.ts'
import { startTestGateway, type TestGateway } from '../testing.ts'
import { offlineDiagnostics } from './offline.ts'
import { createScrubber } from './scrub.ts'

/** Each in its own place; none of them may be found. */
const PLANTED = {
  connection: 'Pl4nted-connection-Pw',
  credential: 'Pl4nted-credential-Pw',
  machine: 'Pl4ntedEmcPw',
  nodeProperty: 'Pl4nted-node-property',
  functionCode: 'Pl4nted-in-function',
  environment: 'Pl4nted-env-of-a-tab',
  databaseUrl: 'Pl4nted-database-Pw',
  redisUrl: 'Pl4nted-redis-Pw',
  ownerPassword: 'Pl4nted owner password',
  secretKey: 'ab12cd34'.repeat(8),
  logUrl: 'Pl4nted-url-Pw',
  bearer: 'Pl4ntedBearer.Token-1',
  cookie: 'Pl4nted-session-cookie',
  secondCookie: 'Pl4nted-second-cookie',
  basic: 'UGw0bnRlZDpiYXNpYw==',
  pin: '739154',
  apiKey: 'Pl4nted-api-key',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJQbDRudGVkIn0.Pl4ntedSignature',
  privateKey: 'MIIPl4ntedPrivateKeyBody',
  setupCode: 'Pl4nted-setup-code',
  keyFile: 'Pl4nted-key-file-content',
  mirrorToken: 'Pl4nted-mirror-token',
  cliToken: 'cw_Pl4ntedCliTokenPl4ntedCliTokenPl4ntedCliTok',
} as const

async function filesIn(archive: Buffer): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const parser = new Parser({
    onReadEntry(entry) {
      const chunks: Buffer[] = []
      entry.on('data', (chunk: Buffer) => chunks.push(chunk))
      entry.on('end', () => found.set(entry.path, Buffer.concat(chunks).toString('utf8')))
    },
  })
  await new Promise<void>((resolve, reject) => {
    parser.on('end', resolve)
    parser.on('error', reject)
    parser.end(archive)
  })
  return found
}

describe('diagnostics', () => {
  let shop: TestGateway
  let files: Map<string, string>
  beforeAll(async () => {
    shop = await startTestGateway({
      env: { CELLWRIGHT_SECRET_KEY: PLANTED.secretKey, CELLWRIGHT_OWNER: `olga:${PLANTED.ownerPassword}` },
    })
    const paths = dataPaths(shop.init.config)
    const secrets = await openSecrets({ keysDir: paths.keys, key: PLANTED.secretKey })
    for (const dir of [paths.keys, paths.logs]) mkdirSync(dir, { recursive: true })
    writeFileSync(join(paths.keys, 'other'), `${PLANTED.keyFile}\n`)
    const line = (msg: string, more = {}) => `${JSON.stringify({ level: 30, msg, ...more })}\n`
    appendFileSync(
      join(paths.logs, 'gateway.log'),
      [
        line(`connecting to postgres://shop:${PLANTED.databaseUrl}@db.local/cellwright and redis://:${PLANTED.redisUrl}@10.0.0.5`),
        line('request', { headers: { authorization: `Bearer ${PLANTED.bearer}`, cookie: `cw.session=${PLANTED.cookie}; other=${PLANTED.secondCookie}` } }),
        line(`Authorization: Basic ${PLANTED.basic}`),
        line(`GET https://erp:${PLANTED.logUrl}@erp.local/orders?api_key=${PLANTED.apiKey}`),
        line('signed in', { pin: PLANTED.pin, user: 'olga' }),
        line(`a token ${PLANTED.jwt} was refused`),
        line(`-----BEGIN PRIVATE KEY-----\n${PLANTED.privateKey}\n-----END PRIVATE KEY-----`),
        line(`set up at http://127.0.0.1:8470/setup?code=${PLANTED.setupCode}`),
        line(
          `a connector said: login failed for ${PLANTED.connection} / ${PLANTED.credential} / ${PLANTED.machine} / ${PLANTED.keyFile} / ${PLANTED.mirrorToken}`,
        ),
        line(`the owner was ${PLANTED.ownerPassword}, the key ${PLANTED.secretKey}, the command line ${PLANTED.cliToken}`),
        line('the spindle of mill-7 reached 12000 rpm'),
      ].join(''),
    )
    const linuxcnc = { connectPassword: PLANTED.machine, enablePassword: `${PLANTED.machine}-2` }
    const machine = {
      name: 'Lathe',
      link: { kind: 'tcp', host: 'h', port: 5007 },
      controller: 'linuxcnc',
      linuxcnc,
      envelopeMm: { min: [0, 0, 0], max: [1, 1, 1] },
      whenRequesterGone: 'finish',
    }
    expect((await shop.admin('/api/machines', { method: 'POST', body: { id: 'm1', ...machine } })).status).toBe(201)
    await shop.query(`insert into connection (id, name, connector, settings, secrets, "createdBy") values ('c1', 'ERP', 'http', '{}', $1, 'ann')`, [
      secrets.seal(JSON.stringify({ password: PLANTED.connection })),
    ])
    await shop.query(`insert into "runtimeDocument" (what, data) values ('credentials', $1) on conflict (what) do update set data = excluded.data`, [
      JSON.stringify(secrets.seal(JSON.stringify({ n1: { user: 'bot', password: PLANTED.credential } }))),
    ])
    const flows = [
      { id: 't1', type: 'tab', label: 'Orders', env: [{ name: 'ERP_SECRET', type: 'str', value: PLANTED.environment }] },
      { id: 'n1', type: 'http request', z: 't1', url: `https://shop:${PLANTED.logUrl}@erp.local`, apiKey: PLANTED.nodeProperty, name: 'order of mill-7' },
      { id: 'n2', type: 'function', z: 't1', func: `const password = '${PLANTED.functionCode}'\nreturn msg` },
    ]
    await shop.query(`insert into "flowVersion" (id, rev, flows, diff, author, kind, state) values ('ver_1', 'r', $1, '{}', 'ann', 'full', 'deployed')`, [
      JSON.stringify(flows),
    ])
    const detail = [
      {
        seq: 0,
        nodeId: 'n1',
        nodeType: 'http request',
        atMs: 1,
        outcome: 'failed',
        error: `401 for https://shop:${PLANTED.logUrl}@erp.local, token=${PLANTED.apiKey}`,
      },
    ]
    await shop.query(
      `insert into run (id, state, "triggerNodeId", "triggerNodeType", "startedAt", summary, detail) values ('run_1', 'failed', 'n1', 'inject', now(), $1, $2)`,
      [`the order system said: password ${PLANTED.connection} is wrong`, JSON.stringify(detail)],
    )
    await shop.query(
      `insert into mirror (id, "isOn", remote, branch, "userName", token, by, at) values (1, false, 'https://git.local/x', 'main', 'bot', $1, 'ann', now())`,
      [secrets.seal(PLANTED.mirrorToken)],
    )
    const answer = await fetch(`${shop.url}/api/system/diagnostics`, { method: 'POST', headers: { authorization: `Bearer ${shop.gateway.localToken}` } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="cellwright-diagnostics-[\d-]+\.tar\.gz"$/)
    files = await filesIn(Buffer.from(await answer.arrayBuffer()))
  }, 60_000)
  afterAll(() => shop?.close())

  it('hold none of the secrets that were planted everywhere', () => {
    const whole = [...files].map(([name, text]) => `${name}\n${text}`).join('\n')
    expect(Object.entries({ ...PLANTED, local: shop.gateway.localToken }).filter(([, secret]) => whole.includes(secret))).toEqual([])
    expect(whole).not.toContain('Pl4nted')
  })

  it('say what is in them, and that they are to be read before they are sent', () => {
    const readme = files.get('cellwright-diagnostics/README.txt') ?? ''
    expect(readme).toContain('READ IT BEFORE YOU SEND IT')
    const inside = [...files.keys()].map((name) => name.replace('cellwright-diagnostics/', '')).filter((name) => name !== 'README.txt')
    expect(inside).toEqual(expect.arrayContaining(['report.json', 'doctor.json', 'settings.txt', 'flows.json', 'failed-runs.json', 'logs/gateway.log']))
    for (const name of inside) expect(readme).toContain(name)
  })

  it('still hold what helps: the words around the secrets, settings, findings, flows', () => {
    const log = files.get('cellwright-diagnostics/logs/gateway.log') ?? ''
    expect(log).toContain('the spindle of mill-7 reached 12000 rpm')
    expect(log).toMatch(/connecting to postgres:\/\/••••:••••@db\.local\/cellwright/)
    const of = (name: string) => JSON.parse(files.get(`cellwright-diagnostics/${name}.json`) ?? '')
    const settings = (files.get('cellwright-diagnostics/settings.txt') ?? '').split('\n')
    expect(settings).toEqual(expect.arrayContaining(['CELLWRIGHT_PORT = 0', 'CELLWRIGHT_SECRET_KEY = (set, not shown)', 'DATABASE_URL = (not set)']))
    expect(of('report')).toMatchObject({ versions: { node: process.version }, database: { state: 'ok' } })
    expect(of('flows')).toMatchObject([{ label: 'Orders' }, { name: 'order of mill-7', apiKey: '••••' }, { type: 'function' }])
    expect(of('failed-runs')).toMatchObject([{ id: 'run_1', summary: 'the order system said: password •••• is wrong' }])
    expect(of('migrations').length).toBeGreaterThan(20)
    expect(of('doctor').length).toBeGreaterThan(5)
  })

  it('are written down, and only for who manages the system', async () => {
    await expect.poll(async () => (await shop.admin('/api/audit?limit=50')).text).toContain('system.diagnostics')
    expect((await shop.admin('/api/system/diagnostics', { method: 'POST', token: await shop.tokenFor('operator') })).status).toBe(403)
  })
})

it('of an installation that does not run hold its logs and what the doctor finds, and no secret either', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'cellwright-offline-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const paths = dataPaths({ dataDir, filesDir: undefined })
  for (const dir of [paths.keys, paths.logs]) mkdirSync(dir, { recursive: true, mode: 0o700 })
  writeFileSync(join(paths.keys, 'guards'), PLANTED.keyFile)
  writeFileSync(join(paths.logs, 'gateway.log'), `start with ${PLANTED.databaseUrl}, ${PLANTED.ownerPassword}, ${PLANTED.keyFile}: it ended\n`)
  const env = {
    CELLWRIGHT_DATA: dataDir,
    CELLWRIGHT_PORT: 'wrong',
    DATABASE_URL: `postgres://shop:${PLANTED.databaseUrl}@127.0.0.1:1/x`,
    CELLWRIGHT_OWNER: `olga:${PLANTED.ownerPassword}`,
  }
  const files = await filesIn(await offlineDiagnostics({ env, root: packageRoot() }))
  const whole = [...files.values()].join('\n')
  expect(whole).not.toContain('Pl4nted')
  expect(files.get('cellwright-diagnostics/logs/gateway.log')).toBe('start with ••••, ••••, ••••: it ended\n')
  expect(files.get('cellwright-diagnostics/doctor.json')).toContain('CELLWRIGHT_PORT must be')
})

describe('what looks like a secret', () => {
  const { text, json } = createScrubber(['kn0wn value', 'abc'])
  it.each([
    ['the kn0wn value and kn0wn%20value', 'the •••• and ••••'],
    ['password=hunter2hunter', 'password=••••'],
    ['"clientSecret": "x9x9x9", "ok": 1', '"clientSecret": "••••", "ok": 1'],
    ["{ apiKey: 'q1w2e3', port: 80 }", "{ apiKey: '••••', port: 80 }"],
    ['mqtt://u:p@host:1883/t', 'mqtt://••••:••••@host:1883/t'],
    ['Set-Cookie: a=b; HttpOnly', 'Set-Cookie: ••••'],
    ['token cw_abcdefghijklmnopqrstuvwxyz', 'token ••••'],
    ['glpat-abcdefghij0123456789', '••••'],
    ['/reset?code=12ab&x=1', '/reset?code=••••&x=1'],
  ])('%s', async (given, left) => expect(await text(given)).toBe(left))
  it.each(['abc is too short to be looked for', 'password: true', 'spindle 12000 rpm', 'G1 X10 F200', 'keyboard: de', '2026-11-23T12:00:00Z 127.0.0.1:8470'])(
    'nothing is in: %s',
    async (given) => expect(await text(given)).toBe(given),
  )
  it('is found wherever a long text is cut, and the event loop goes on meanwhile', async () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${'x1y2\n'.repeat(2000)}-----END PRIVATE KEY-----\n`
    const secrets = 'password:\n  hunter2hunter\nAuthorization: Bearer\n  abcdefgh12345\n"token"\n = q1w2e3r4\n'
    for (let lines = 0; lines < 60; lines += 1) {
      const before = 'a line of a log\n'.repeat(240 + lines)
      const found = await text(`${before}${key}${before}${secrets}${before}`)
      for (const secret of ['x1y2', 'hunter2', 'abcdefgh', 'q1w2']) expect(found).not.toContain(secret)
      expect(found.startsWith(before)).toBe(true)
      expect(found.endsWith(before)).toBe(true)
    }
    let turns = 0
    const count = setInterval(() => {
      turns += 1
    }, 0)
    await text('one more line of a log that is long\n'.repeat(200_000))
    clearInterval(count)
    expect(turns).toBeGreaterThan(5)
  })
  // in the time of its square each of them took hours
  it.each(['a', 'a.', 'token', 'eyJ-', '://:', '"'])('a megabyte of %s in one word costs no more than other text', async (part) => {
    const long = part.repeat(1_000_000 / part.length)
    expect(await text(long)).toBe(long)
  })
  it('goes whole in values, by name and beside its name', async () => {
    const value = {
      user: 'bot',
      password: { nested: 'x' },
      pin: 1234,
      hasPassword: true,
      env: [
        { name: 'DB_PASSWORD', type: 'str', value: 'y' },
        { name: 'N', type: 'cred', value: 'z' },
      ],
    }
    expect(JSON.parse(await json(value))).toEqual({
      user: 'bot',
      password: '••••',
      pin: '••••',
      hasPassword: true,
      env: [
        { name: 'DB_PASSWORD', type: 'str', value: '••••' },
        { name: 'N', type: 'cred', value: '••••' },
      ],
    })
  })
})
