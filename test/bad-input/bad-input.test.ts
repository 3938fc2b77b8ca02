/**
 * Bad input at every border of one running product: a clear error each, nothing lost, nothing half-written.
 * After each test everything stored is compared with what was there before.
 */
import { randomBytes } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Client as Database } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  addMachine,
  createToken,
  deployFlows,
  type FlowNode,
  getFlows,
  getJob,
  getSystem,
  listConnections,
  listJobs,
  listVersions,
  listWorkOrders,
  type Machine,
  ROUTES,
  removeProgram,
  revokeToken,
  startDemo,
  startProgram,
  uploadProgram,
} from '../../server/api/index.ts'
import { startTestPostgres, type TestPostgres } from '../../server/store/testing.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { everything, type Reply, type Sending, send, sendJson } from './sender.ts'
import { oddTexts, wrongBodies } from './wrong-bodies.ts'

let postgres: TestPostgres
let product: Product
let inbox: string
let machineId: string
let before: Awaited<ReturnType<typeof everything>>

/** A node of an outside kind with a password, beside the demo shop's flow. */
const broker = { id: 'broker', type: 'mqtt-broker', name: 'shop floor', broker: '127.0.0.1', port: '1', protocolVersion: '4' }
const spare = { id: 'spare', type: 'tab', label: 'Spare', disabled: false, info: '' }

beforeAll(async () => {
  postgres = await startTestPostgres()
  product = await startTestProduct({ DATABASE_URL: postgres.database, CELLWRIGHT_LOGIN_TRIES: '1000' })
  const shop = await product.client.call(startDemo, { body: { timeScale: 100 } })
  inbox = shop.inbox
  machineId = shop.machineId
  const { flows, rev } = await product.client.call(getFlows, {})
  await product.client.call(deployFlows, {
    body: { flows: [...flows, spare, broker], rev, kind: 'nodes', credentials: { broker: { user: 'ann', password: 'hush' } } },
  })
  await until(
    'the sample orders',
    60_000,
    async () => (await product.client.call(listWorkOrders, {})).length >= 2 && (await readdir(inbox)).every((name) => !/^WO/.test(name)),
  )
}, 120_000)
afterAll(async () => {
  await product?.close()
  await postgres?.close()
})
beforeEach(async () => {
  before = await everything(product)
})
afterEach(async () => {
  expect(await everything(product)).toEqual(before)
  // and nobody fell over it; the guard of a machine that was here for a moment may still be on its way
  await expect
    .poll(async () => {
      const { processes } = await product.client.call(getSystem, {})
      return processes.map(({ name, state, restarts }) => `${name} ${state} ${restarts}`).filter((text) => !text.endsWith(' running 0'))
    })
    .toEqual([])
})

const post = (path: string, body: Sending['body']) => send(product, path, { body: body ?? '' })
/** The problem, once it is one and is said in words. */
function refusal(reply: Reply, status: number, code: string): string {
  expect(`${reply.status} ${reply.problem?.code} ${reply.text.slice(0, 300)}`).toMatch(new RegExp(`^${status} ${code} `))
  expect(reply.problem?.detail).toMatch(/^[A-Z"].{10,}\.$/s)
  return reply.problem?.detail ?? ''
}
const deploy = (nodes: readonly unknown[], more: object = {}) => sendJson(product, '/api/flows', { flows: [...before.flows, ...nodes], kind: 'nodes', ...more })

describe('flows', () => {
  it('malformed flow JSON is refused', async () => {
    refusal(await post('/api/flows', '{"flows": [{"id": "a", "type"'), 400, 'body-not-json')
    refusal(await post('/api/flows', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), 400, 'body-not-json')
    refusal(await post('/api/flows', `{"flows":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 400, 'body-too-deep')
    refusal(await post('/api/flows', `{"flows":[{"id":"a","type":"tab","x":${'{"a":'.repeat(6000)}1${'}'.repeat(6000)}}]}`), 400, 'body-too-deep')
    expect(refusal(await sendJson(product, '/api/flows', { flows: { a: 1 } }), 400, 'invalid-input')).toContain('/flows must be array')
    expect(refusal(await deploy([{ type: 'tab' }]), 400, 'invalid-input')).toContain('required properties id')
    refusal(await send(product, '/api/flows', { body: '[]', headers: { 'content-type': 'text/plain' } }), 415, 'body-type-unknown')
    const { status, text } = await post('/red/flows', '[{"id": ')
    expect({ status, text }).toEqual({ status: 400, text: expect.stringMatching(/cannot be read/) })
  })

  it('unknown node types are refused and named, whoever deploys them', async () => {
    const reply = await deploy([
      { id: 'u', type: 'plasma-cutter', name: 'table', z: 'spare', wires: [] },
      { id: 'v', type: 'subflow:gone', z: 'spare', wires: [] },
    ])
    expect(refusal(reply, 422, 'node-type-unknown')).toMatch(
      /^"table" \(plasma-cutter\) is of a type that is not installed.*\(and 1 more\) Nothing was changed\.$/,
    )
    expect(reply.problem?.details).toMatchObject({ problems: [{ nodeId: 'u' }, { nodeId: 'v' }] })
    // the stock editor takes them; flows that cannot start are put back
    const versions = (await product.client.call(listVersions, { query: { limit: 500 } })).length
    await post('/red/flows', JSON.stringify([...before.flows, { id: 'u', type: 'plasma-cutter', z: 'spare', x: 1, y: 1, wires: [] }]))
    const [restored, failed] = await until('the flows from before', 60_000, async () => {
      const now = await product.client.call(listVersions, { query: { limit: 500 } })
      const { runtime } = await product.client.call(getFlows, {})
      return now.length === versions + 2 && runtime.flows === 'running' ? now : undefined
    })
    expect(failed).toMatchObject({ state: 'failed', text: expect.stringContaining('plasma-cutter') })
    expect(restored?.state).toBe('restored')
  })

  it('one wrong node keeps the whole deploy out, credentials too', async () => {
    const eve = { credentials: { broker: { user: 'eve', password: 'stolen' } } }
    const wrong: [FlowNode, RegExp][] = [
      [{ id: 'm', type: 'cw-machine' }, /"m" \(cw-machine\).*Machine is missing/],
      [
        { id: 'c', type: 'cw-run-program', z: 'spare', x: 1, y: 1, machine: 'gone', program: 'x.nc', programType: 'str', wires: [[], []] },
        /cw-machine that is not part of these flows/,
      ],
      [{ id: 'spare', type: 'tab' }, /another node has too/],
      [{ id: 'd', type: 'debug', z: 'spare', x: 1, y: 1, wires: [['nowhere']] }, /wired to "nowhere"/],
      [{ id: 'd', type: 'debug', z: {}, wires: [] }, /in "z"/],
      [{ id: '__proto__', type: 'tab' }, /id that cannot be used/],
      [{ id: 'g', type: 'group', z: 'spare', g: 'g', nodes: ['g'] }, /lies in itself/],
    ]
    for (const [node, message] of wrong) expect(refusal(await deploy([node], eve), 422, 'flows-invalid')).toMatch(message)
    const recursive = [
      { id: 'sub', type: 'subflow', name: 'Sub', in: [], out: [] },
      { id: 'inside', type: 'subflow:sub', z: 'sub', x: 1, y: 1, wires: [] },
      { id: 'use', type: 'subflow:sub', z: 'spare', x: 1, y: 1, wires: [] },
    ]
    expect(refusal(await deploy(recursive, eve), 422, 'flows-invalid')).toContain('contains itself')
    expect(refusal(await deploy([], { credentials: { nobody: { user: 'eve' } } }), 422, 'flows-invalid')).toContain('"nobody"')
    refusal(await deploy([], { ...eve, rev: 'older' }), 409, 'version-mismatch')
    const chain = Array.from({ length: 20_000 }, (_, i) => ({ id: `c${i}`, type: 'cw-machine', name: `c${i + 1}`, machineId: 'x' }))
    expect((await sendJson(product, '/api/flows/check', { flows: chain })).status).toBe(200)
    expect(before.credentials).toContain('"ann"')
  })

  it('flows that pass every check and still do not start are taken back, credentials too', async () => {
    // Node-RED's own node falls over a certificate that is no text
    const reply = await deploy([{ id: 's', type: 'tls-config', name: 'keys', cert: 5 }], {
      credentials: { broker: { user: 'eve', password: 'stolen' } },
    })
    expect(refusal(reply, 422, 'deploy-failed')).toMatch(/"keys" \(tls-config\).*The flows from before are running again\.$/)
    expect((await product.client.call(getFlows, {})).runtime).toMatchObject({ process: 'running', flows: 'running' })
  })
})

/** Kept in memory, or as the text of JSON, where every text has its place. */
const KEPT_WHOLE = new Set(['setBreakpoint', 'pauseFlow', 'saveDraft', 'tellPresence', 'checkFlows'])

describe('bodies', () => {
  it('50 MB are refused with an answer that the sender sees, declared or not, wherever they are sent', async () => {
    const large = Buffer.alloc(50_000_000, 0x20)
    large.write('{"flows":[')
    const pieces = () => Array.from({ length: 50 }, (_, i) => large.subarray(i * 1_000_000, (i + 1) * 1_000_000))
    for (const path of ['/api/machines', '/api/flows', `/api/machines/${machineId}/stop`]) {
      expect(refusal(await post(path, large), 413, 'body-too-large')).toMatch(/larger than the (1|20) MB .*Nothing of it was kept/)
      refusal(await post(path, pieces()), 413, 'body-too-large')
    }
    refusal(await send(product, '/api/flows', { body: pieces(), token: 'cw_wrong' }), 401, 'not-signed-in')
    const byFetch = await fetch(`${product.client.access.url}/api/machines`, {
      method: 'POST',
      headers: { authorization: `Bearer ${product.client.access.token}`, 'content-type': 'application/json' },
      body: large,
    })
    expect(byFetch.status).toBe(413)
  })

  it('every route refuses every wrong type with a problem, never with a failure of ours', async () => {
    const routes = ROUTES.filter((route) => route.body && !route.rawBody)
    expect(routes.length).toBeGreaterThan(10)
    const allowed = new Set([400, 404, 409, 413, 422])
    const odd: string[] = []
    let sent = 0
    for (const route of routes) {
      const path = route.path.replaceAll(/:\w+/g, 'nothing')
      const look = (what: string, { status, problem, text }: Reply) => {
        sent += 1
        if (!allowed.has(status) || !problem?.code || !problem.detail) odd.push(`${route.id} ${what.slice(0, 100)}: ${status} ${text.slice(0, 200)}`)
      }
      const method = route.method.toUpperCase()
      const bodies = wrongBodies(route.body!).map((body) => JSON.stringify(body))
      await Promise.all(bodies.map(async (body) => look(body, await send(product, path, { method, body }))))
      look('half', await send(product, path, { method, body: '{"' }))
    }
    expect(odd).toEqual([])
    expect(sent).toBeGreaterThan(300)
  })

  it('texts that the database cannot hold are refused or made good, never half-kept', async () => {
    const wrong: string[] = []
    for (const route of ROUTES) {
      if (!route.body || route.rawBody || route.id === 'deployFlows') continue
      for (const body of oddTexts(route.body)) {
        const { status, problem } = await send(product, route.path.replaceAll(/:\w+/g, 'nothing'), { method: route.method.toUpperCase(), body })
        // made good: half a character in a name becomes its replacement
        if (
          ['createToken', 'enqueueFlowJob', 'writeNote', 'createGauge', 'createSamplingPlan', 'addToCatalogue', 'addRole'].includes(route.id) &&
          status === 201
        )
          continue
        if (KEPT_WHOLE.has(route.id) && status === 200) continue
        const told = `${route.id} ${body} ${status} ${problem?.code}`
        if (!/ (400|401|403|404|409|422) [a-z-]+$/.test(told)) wrong.push(told)
      }
    }
    expect(wrong).toEqual([])
    for (const path of [
      '/api/runs?before=%00',
      '/api/programs?name=a%00b',
      '/api/jobs?machineId=%00',
      '/api/runs/a%00',
      '/api/runs/%ff',
      '/api/runs?limit=many',
    ])
      expect((await send(product, path, { method: path.includes('programs') ? 'POST' : 'GET' })).status).toBe(400)
    const { tokens } = await everything(product)
    for (const tokenId of tokens.filter((id) => !before.tokens.includes(id))) await product.client.call(revokeToken, { params: { tokenId } })
    const name = 'half \ud800'
    const machine: Machine = {
      id: 'half',
      name,
      link: { kind: 'tcp', host: '127.0.0.1', port: 1 },
      envelopeMm: { min: [0, 0, 0], max: [1, 1, 1] },
      whenRequesterGone: 'hold',
    }
    await product.client.call(addMachine, { body: machine })
    expect((await send(product, '/api/machines/half', { method: 'DELETE' })).status).toBe(200)
  })
})

describe('who asks', () => {
  it('a wrong, an expired and a revoked token open nothing', async () => {
    const { client } = product
    const make = async () => client.call(createToken, { body: { name: 'short-lived', role: 'admin', expiresInDays: 1 } })
    const [expired, revoked] = [await make(), await make()]
    const database = new Database({ connectionString: postgres.database })
    await database.connect()
    await database.query(`update "apiToken" set "expiresAt" = now() - interval '1 second' where id = $1`, [expired.info.id])
    await database.end()
    await client.call(revokeToken, { params: { tokenId: revoked.info.id } })
    const opens = async (token: string) => (await send(product, '/api/machines', { method: 'GET', token })).status === 200
    await until('the expiry to be seen', 60_000, async () => !(await opens(expired.token)))
    for (const token of ['cw_wrong', `${client.access.token}x`, 'x'.repeat(5000), expired.token, revoked.token, '']) {
      refusal(await send(product, '/api/machines', { method: 'GET', token }), 401, 'not-signed-in')
      refusal(await send(product, '/api/flows', { body: '{"flows":[]}', token }), 401, 'not-signed-in')
      refusal(await send(product, `/api/machines/${machineId}/stop`, { body: '{}', token }), 401, 'not-signed-in')
      await expect(openLive(token)).rejects.toThrow('401')
    }
    await client.call(revokeToken, { params: { tokenId: expired.info.id } }).catch(() => {})
  })
})

function openLive(token = product.client.access.token): Promise<WebSocket> {
  const socket = new WebSocket(`${product.client.access.url.replace('http', 'ws')}/api/live`, token ? { headers: { authorization: `Bearer ${token}` } } : {})
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket))
    socket.once('error', reject)
  })
}

describe('live messages', () => {
  /** Sends one message and a ping; what came before the pong is the answer. */
  async function answer(socket: WebSocket, message: string | Buffer): Promise<Record<string, unknown>[]> {
    const answers: Record<string, unknown>[] = []
    const ponged = new Promise<void>((resolve, reject) => {
      socket.on('message', (data: Buffer) => {
        const said = JSON.parse(String(data)) as Record<string, unknown>
        if (said.type === 'pong') resolve()
        else answers.push(said)
      })
      socket.once('close', (code) => reject(new Error(`closed with ${code}`)))
    })
    socket.send(message)
    socket.send('{"type":"ping"}')
    await ponged
    socket.removeAllListeners()
    return answers
  }

  /** Waits for it; the line lives. */
  function snapshotOf(socket: WebSocket, topic: string): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.on('message', (data: Buffer) => {
        const said = JSON.parse(String(data)) as Record<string, unknown>
        if (said.type === 'snapshot' && said.topic === topic) resolve()
      })
      socket.once('close', (code) => reject(new Error(`closed with ${code}`)))
      socket.send(JSON.stringify({ type: 'subscribe', topics: [topic] }))
    })
  }

  it('malformed ones are answered with an error, and the line stays', async () => {
    const socket = await openLive()
    for (const message of [
      '',
      'hello',
      '{',
      '[]',
      '5',
      'null',
      '{}',
      '{"type":"subscribe"}',
      '{"type":"dance"}',
      '{"type":"subscribe","topics":"machines"}',
      randomBytes(100),
      '['.repeat(8000),
    ]) {
      const [first, ...others] = await answer(socket, message)
      expect(first).toMatchObject({ type: 'error', code: expect.any(String), message: expect.any(String) })
      expect(others).toEqual([])
    }
    expect(await answer(socket, JSON.stringify({ type: 'subscribe', topics: ['nothing', '__proto__', 'constructor'] }))).toEqual(
      ['nothing', '__proto__', 'constructor'].map((topic) => ({ type: 'refused', topic, code: expect.any(String), message: expect.any(String) })),
    )
    await snapshotOf(socket, 'machines')
    socket.close()
  })

  it('one that is too large, and bytes that are no frame, end that line only', async () => {
    const [one, other] = await Promise.all([openLive(), openLive()])
    const closed = new Promise<number>((resolve) => one.once('close', resolve))
    one.on('error', () => {})
    one.send('x'.repeat(1_000_000))
    expect(await closed).toBe(1009)
    const { hostname, port } = new URL(product.client.access.url)
    const raw = connect(Number(port), hostname)
    raw.write(
      `GET /api/live HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${product.client.access.token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    )
    const ended = new Promise<void>((resolve) => raw.once('close', () => resolve()))
    raw.on('error', () => {})
    raw.on('data', (chunk: Buffer) => {
      if (String(chunk).includes(' 101 ')) raw.write(randomBytes(500).fill(0xff, 0, 2))
    })
    await ended
    await snapshotOf(other, 'system')
    other.close()
  })
})

describe('work orders', () => {
  it('a file with a broken row is refused whole, with its reason beside it and at the connection', async () => {
    const file = join(product.dataDir, 'next')
    await writeFile(file, 'number,part,quantity\nWO-9001,Plate,5\nWO-9002,Plate,lots\nWO-9003,Plate,1\n')
    await rename(file, join(inbox, 'broken.csv'))
    const problem = await until('the problem', 60_000, async () =>
      (await product.client.call(listConnections, {}))[0]?.problems.find(({ source }) => source.startsWith('broken.csv')),
    )
    expect(problem).toMatchObject({ source: 'broken.csv, row 3', reason: expect.stringMatching(/lots.*Nothing of the file was taken/) })
    const refused = join(inbox, 'refused')
    expect(await readFile(join(refused, 'broken.csv'), 'utf8')).toContain('WO-9001,Plate,5')
    expect(await readFile(join(refused, 'broken.csv.reason.txt'), 'utf8')).toMatch(/none of its orders[\s\S]*row 3: .*lots/)
    const taken = (await product.client.call(listWorkOrders, {})).map(({ order }) => order.number)
    expect(taken.filter((number) => number.startsWith('WO-9'))).toEqual([])
    // the folder is as before but for what the person is told
    for (const name of ['broken.csv', 'broken.csv.reason.txt']) await rm(join(refused, name))
  })

  it('files that are no orders at all are refused the same way', async () => {
    const files: [string, string | Buffer][] = [
      ['binary.csv', randomBytes(3000).fill(0xff, 0, 4)],
      ['cut.json', '[{"number": "WO-9100", "part": "Plate", "quan'],
      ['other.json', '{"hello": "world"}'],
      ['header.csv', 'number;part\n'],
    ]
    for (const [name, content] of files) {
      await writeFile(join(product.dataDir, 'next'), content)
      await rename(join(product.dataDir, 'next'), join(inbox, name))
    }
    const refused = join(inbox, 'refused')
    const names = await until('all of them to be refused', 60_000, async () => {
      const found = await readdir(refused)
      return found.length === 2 * files.length ? found : undefined
    })
    expect(names.sort()).toEqual(files.flatMap(([name]) => [name, `${name}.reason.txt`]).sort())
    for (const name of names) await rm(join(refused, name))
  })
})

describe('programs', () => {
  const upload = (content: string | Buffer, name = 'bad.nc') =>
    send(product, `/api/programs?name=${encodeURIComponent(name)}`, { body: content, headers: { 'content-type': 'application/octet-stream' } })

  it('a line of 10 kB, a binary file, another encoding and an empty file are refused with the line', async () => {
    expect(refusal(await upload(`G21\nG0 X1\nG1 X${'1'.repeat(10_000)} F100\n`), 400, 'program-invalid')).toMatch(
      /longer than 4096 characters \(line 3\)\. Nothing was stored/,
    )
    expect(refusal(await upload(randomBytes(20_000).fill(0)), 400, 'program-invalid')).toContain('(line 1)')
    expect(refusal(await upload(randomBytes(3_000_000)), 400, 'program-invalid')).toMatch(/\(line \d+\)/)
    expect(refusal(await upload(Buffer.from('G21\nG0 X1\n', 'utf16le')), 400, 'program-invalid')).toMatch(/zero bytes/)
    expect(refusal(await upload(''), 400, 'program-invalid')).toContain('empty')
    refusal(await upload('G0 X1\n', ''), 400, 'invalid-input')
    refusal(await upload('G0 X1\n', 'x'.repeat(300)), 400, 'invalid-input')
    refusal(await upload('G0 X1\n', 'a\u0000b'), 400, 'invalid-input')
  })

  it('an upload that breaks off leaves nothing behind', async () => {
    const { hostname, port } = new URL(product.client.access.url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    socket.write(
      `POST /api/programs?name=half.nc HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${product.client.access.token}\r\nContent-Length: 1000000\r\n\r\n${'G0 X1\n'.repeat(1000)}`,
    )
    const incoming = join(product.dataDir, 'files', 'programs', 'incoming')
    await until('the beginning of the file', 60_000, async () => (await readdir(incoming)).length > 0)
    socket.destroy()
    await until('it to be taken away', 60_000, async () => (await readdir(incoming)).length === 0)
  })

  it('one that leaves the envelope, and one with a line that a controller would not take, fail with the line before anything moves', async () => {
    const { client, dataDir } = product
    const wrong: [string, RegExp][] = [
      ['G21 G90\nG0 X10\nG1 X900 F500\nM2\n', /^Line 3 would leave the machine's travel: X would reach 900\.000 mm/],
      ['G21 G90\nG0 X10\nG1 X20\nM2\n', /^Line 3, column 4: No feed/],
      ['G21 G90\nG0 X10\nG0 X20!\n', /^Line 3, column 7: "!" inside a line would hold the machine/],
      [`G21 G90\nG0 X10 (${'x'.repeat(3000)})\nG1 X${'1'.repeat(200)} F100\n`, /^Line 3, column \d+: .*\d+ (characters|digits)/],
    ]
    for (const [text, reason] of wrong) {
      const file = join(dataDir, 'next')
      await writeFile(file, text)
      const { id: programId, sha256 } = await client.upload(uploadProgram, { name: 'wrong.nc' }, file)
      const { id: jobId } = await client.call(startProgram, { body: { machineId, programId } })
      const job = await until('the end of the job', 60_000, async () => {
        const now = await client.call(getJob, { params: { jobId } })
        return now.endedAt ? now : undefined
      })
      expect(job).toMatchObject({ state: 'failed', reason: expect.stringMatching(reason), outcome: { linesSent: 0 } })
      await client.call(removeProgram, { params: { programId } })
      await rm(join(dataDir, 'files', 'programs', sha256.slice(0, 2), sha256))
      await rm(file)
    }
    expect((await client.call(listJobs, { query: { state: 'active' } })).length).toBe(0)
  })
})
