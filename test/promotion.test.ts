/** Two installations, a test and a production one: flows go from one to the other by a file, over the command line, and by a shared folder. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addAccount,
  addMachine,
  deployFlows,
  type FlowNode,
  type FlowTest,
  getChangeRequest,
  getFlows,
  getLayoutOf,
  listFlowTests,
  listPanelLayouts,
  listPrograms,
  listPromotions,
  listVersions,
  lookAtPromotion,
  makePromotion,
  previewPromotion,
  protectFlow,
  putFlowTest,
  savePanelLayout,
  setEnvironment,
  takePromotion,
  uploadProgram,
  uploadPromotion,
} from '../server/api/index.ts'
import type { Client } from '../server/cli/client.ts'
import { runCli } from './cli/run-cli.ts'
import { type Product, startTestProduct, until } from './product.ts'

let bench: Product
let shop: Product
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cw-promotion-'))
  const env = { CELLWRIGHT_PROMOTIONS: dir }
  ;[bench, shop] = await Promise.all([startTestProduct(env), startTestProduct(env)])
  await bench.client.call(setEnvironment, { body: { kind: 'test', name: 'Bench' } })
  await shop.client.call(setEnvironment, { body: { kind: 'production', name: 'Shop' } })
  await machine(bench.client, 'sim', 'Simulator')
  await machine(shop.client, 'haas', 'Haas VF-2')
}, 180_000)
afterAll(async () => {
  await Promise.all([bench?.close(), shop?.close()])
  await rm(dir, { recursive: true, force: true })
})

const machine = (client: Client, id: string, name: string) =>
  client.call(addMachine, {
    body: { id, name, link: { kind: 'virtual', timeScale: 20 }, envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] }, whenRequesterGone: 'finish' },
  })
const cli = (product: Product, ...args: string[]) => runCli(args, { env: { CELLWRIGHT_DATA: product.dataDir } })
const flowsNow = async ({ client }: Product) => (await client.call(getFlows, {})).flows as FlowNode[]
const node = async (product: Product, id: string) => (await flowsNow(product)).find((each) => each.id === id)

const FLOW: FlowNode[] = [
  { id: 'p-tab', type: 'tab', label: 'Warm up', disabled: false, info: '', env: [] },
  { id: 'p-machine', type: 'cw-machine', machineId: 'sim' },
  { id: 'p-begin', type: 'cw-emit', z: 'p-tab', x: 100, y: 60, name: 'tell', event: 'warm', wires: [['p-home']] },
  { id: 'p-home', type: 'cw-home', z: 'p-tab', x: 300, y: 60, name: 'home it', machine: 'p-machine', axes: 'all', wires: [['p-show'], []] },
  {
    id: 'p-show',
    type: 'debug',
    z: 'p-tab',
    x: 500,
    y: 60,
    name: 'first',
    active: true,
    tosidebar: true,
    console: false,
    tostatus: false,
    complete: 'payload',
    targetType: 'msg',
    statusVal: '',
    statusType: 'auto',
    wires: [],
  },
] as FlowNode[]
const TEST: FlowTest = {
  id: 'p-test',
  name: 'it homes',
  flowId: 'p-tab',
  steps: [{ do: 'wait', s: 1 }],
  answers: {},
  expect: [{ kind: 'motion', machineId: 'sim' }],
}

const deploy = (product: Product, flows: FlowNode[], comment?: string) =>
  product.client.call(deployFlows, { body: { flows, kind: 'nodes', ...(comment === undefined ? {} : { comment }) } })

test('production asks for a reason with every deploy; a test does not', async () => {
  await deploy(bench, FLOW)
  const own: FlowNode[] = [{ id: 's-tab', type: 'tab', label: 'Own', disabled: false, info: '', env: [] } as FlowNode]
  await expect(deploy(shop, own)).rejects.toMatchObject({ code: 'reason-missing' })
  await expect(deploy(shop, own, '  ')).rejects.toMatchObject({ code: 'reason-missing' })
  expect(await flowsNow(shop)).toEqual([])
  await deploy(shop, own, 'a flow of our own')
})

test('a file goes from one command line to the other: the machine is chosen once, the rest of the shop stays', async () => {
  const { id: testId, ...body } = TEST
  await bench.client.call(putFlowTest, { params: { testId }, body })
  const layout = { tabs: [{ kind: 'page' as const, id: 'status', page: 'status' as const }] }
  await bench.client.call(savePanelLayout, { body: { scope: { place: 'sim' }, layout, basedOn: 0, reason: 'the state alone' } })
  const file = join(dir, 'flows.cwp.file')
  expect(await cli(bench, 'promote', 'export', '--note', 'ready', '--out', file)).toMatchObject({ code: 0 })
  const { fingerprint } = await bench.client.call(listPromotions, {})

  const dry = await cli(shop, 'promote', 'import', file, '--dry-run')
  expect(dry.err).toBe('')
  expect(dry.out).toContain('cannot be taken like this')
  expect(dry.out).toContain('machine sim')
  expect(dry.out).toContain(fingerprint)
  expect((await cli(shop, 'promote', 'import', file, '--reason', 'go')).err).toContain('key')
  expect((await cli(shop, 'promote', 'import', file, '--reason', 'go', '--trust', fingerprint)).err).toContain('Simulator')
  const without = await cli(shop, 'promote', 'import', file, '--trust', fingerprint, '--map', 'machine sim=haas')
  expect(without).toMatchObject({ code: 2 })
  expect(without.err).toContain('reason')
  expect(await node(shop, 'p-tab')).toBeUndefined()

  expect(await cli(shop, 'promote', 'import', file, '--trust', fingerprint, '--map', 'machine sim=haas', '--reason', 'warm up at six')).toMatchObject({
    code: 0,
    err: '',
  })
  expect(await node(shop, 'p-machine')).toMatchObject({ machineId: 'haas' })
  expect(await node(shop, 's-tab')).toBeDefined()
  expect(await shop.client.call(listFlowTests, {})).toMatchObject([{ id: 'p-test', expect: [{ machineId: 'haas' }] }])
  expect(await shop.client.call(listPanelLayouts, {})).toMatchObject([{ scope: { place: 'haas' }, tabs: 1 }])
  const [version] = await shop.client.call(listVersions, { query: { limit: 1 } })
  expect(version?.comment).toMatch(/^Promoted from Bench, version \d+: warm up at six$/)
  const { taken } = await shop.client.call(listPromotions, {})
  expect(taken[0]).toMatchObject({ from: { name: 'Bench', environment: 'test' }, versionId: version?.id })
})

test('by the shared folder: what was chosen is remembered, what was changed here is not lost without a word', async () => {
  const [tab, config, begin, home, show] = FLOW as [FlowNode, FlowNode, FlowNode, FlowNode, FlowNode]
  await deploy(bench, [tab, config, begin, home, { ...show, name: 'second' }])
  const made = await bench.client.call(makePromotion, { body: { offer: true, note: 'second' } })
  const offered = (await shop.client.call(listPromotions, {})).promotions.find(({ id, where }) => id === made.id && where === 'store')
  expect(offered).toMatchObject({ note: 'second', from: { name: 'Bench' }, signer: { state: 'known' } })

  await deploy(
    shop,
    (await flowsNow(shop)).map((each) => (each.id === 'p-begin' ? { ...each, name: 'changed here' } : each)),
    'changed by hand',
  )
  const params = { promotionId: made.id }
  const look = await shop.client.call(lookAtPromotion, { params, body: { choices: {}, overwrites: false } })
  expect(look.references).toMatchObject([{ how: 'remembered', value: 'haas' }])
  expect(look.changedHere.map(({ id }) => id)).toEqual(['p-begin'])
  expect(look.isReady).toBe(false)
  await expect(shop.client.call(takePromotion, { params, body: { choices: {}, overwrites: false, reason: 'go on' } })).rejects.toMatchObject({
    code: 'promotion-overwrites',
  })
  await shop.client.call(takePromotion, { params, body: { choices: {}, overwrites: true, reason: 'go on' } })
  expect(await node(shop, 'p-begin')).toMatchObject({ name: 'tell' })
  expect(await node(shop, 'p-show')).toMatchObject({ name: 'second' })
  expect(await node(shop, 'p-machine')).toMatchObject({ machineId: 'haas' })

  // a flow that is gone there goes here, ours stays
  await deploy(bench, [{ ...tab, id: 'q-tab', label: 'Other' } as FlowNode])
  const last = await bench.client.call(makePromotion, { body: { offer: true } })
  await shop.client.call(takePromotion, { params: { promotionId: last.id }, body: { choices: {}, overwrites: false, reason: 'other' } })
  expect((await flowsNow(shop)).map(({ id }) => id).toSorted()).toEqual(['q-tab', 's-tab'])
  expect(await shop.client.call(listFlowTests, {})).toEqual([])
})

test('a secret in a property keeps flows where they are, saying where', async () => {
  const [tab] = FLOW as [FlowNode]
  const token = `ghp_${'aB3'.repeat(12)}`
  await deploy(bench, [
    tab,
    {
      id: 'x-fn',
      type: 'function',
      z: 'p-tab',
      x: 1,
      y: 1,
      name: 'ask',
      func: `const t = "${token}"; return msg`,
      outputs: 1,
      wires: [[]],
    } as unknown as FlowNode,
  ])
  const look = await bench.client.call(previewPromotion, { body: {} })
  expect(look.secrets).toMatchObject([{ nodeId: 'x-fn', path: 'func' }])
  const refused = await cli(bench, 'promote', 'export')
  expect(refused).toMatchObject({ code: 2 })
  expect(refused.err).toContain('"ask" (function), func')
})

test('what was changed on its way is refused whole, and nothing is kept', async () => {
  await deploy(bench, FLOW)
  const made = await bench.client.call(makePromotion, { body: { offer: false } })
  const file = join(dir, 'good.file')
  expect(await cli(bench, 'promote', 'export', '--out', file)).toMatchObject({ code: 0 })
  const { gunzipSync, gzipSync } = await import('node:zlib')
  const tar = gunzipSync(await readFile(file))
  const at = tar.indexOf('"home it"')
  tar.write('"hack it"', at)
  const bad = join(dir, 'bad.file')
  await writeFile(bad, gzipSync(tar))
  const before = (await shop.client.call(listPromotions, {})).promotions.length
  await expect(shop.client.upload(uploadPromotion, {}, bad)).rejects.toMatchObject({ code: 'promotion-refused', details: { why: 'hash-wrong' } })
  await writeFile(bad, 'nonsense')
  await expect(shop.client.upload(uploadPromotion, {}, bad)).rejects.toMatchObject({ code: 'promotion-refused' })
  // one that lies in the shared folder is told there
  await writeFile(join(dir, 'bad.cwp'), 'nonsense')
  const { promotions, refused } = await shop.client.call(listPromotions, {})
  expect(promotions).toHaveLength(before)
  expect(refused).toMatchObject([{ file: 'bad.cwp', where: 'store' }])
  expect(made.isOurs).toBe(true)
})

const RUN = {
  ...{ id: 'p-run', type: 'cw-run-program', z: 'p-tab', x: 700, y: 60, name: '', machine: 'p-machine' },
  ...{ program: 'plate.nc', programType: 'str', onceFor: '', onceForType: 'msg', optionalStop: false, blockDelete: false, wires: [[], [], []] },
} as unknown as FlowNode
const upload = async ({ client }: Product, content: string) => {
  const file = join(dir, 'plate.nc.file')
  await writeFile(file, content)
  return client.upload(uploadProgram, { name: 'plate.nc' }, file)
}
/** What the name stands for. */
const plate = async ({ client }: Product) => (await client.call(listPrograms, {})).filter(({ name }) => name === 'plate.nc')[0]
const offer = () => bench.client.call(makePromotion, { body: { offer: true } })

test('programs that flows run go along by their content; another content here is taken or left only by a word', async () => {
  const first = await upload(bench, 'G21 G90\nG0 X1\nM30\n')
  await deploy(bench, [...FLOW, RUN])
  expect((await bench.client.call(previewPromotion, { body: {} })).programs).toEqual([{ name: 'plate.nc', bytes: first.bytes, goes: 'along' }])
  const made = await offer()
  expect(made.programs).toBe(1)
  const params = { promotionId: made.id }
  const body = { choices: {}, overwrites: true, reason: 'plates' }
  expect(await shop.client.call(lookAtPromotion, { params, body: { choices: {}, overwrites: true } })).toMatchObject({
    isReady: true,
    programs: [{ name: 'plate.nc', state: 'new', canTake: true, decision: 'theirs' }],
  })
  // a deploy that does not come about leaves none
  await expect(shop.client.call(takePromotion, { params, body: { ...body, rev: 'a'.repeat(64) } })).rejects.toMatchObject({ code: 'version-mismatch' })
  expect(await plate(shop)).toBeUndefined()
  await shop.client.call(takePromotion, { params, body })
  expect(await plate(shop)).toMatchObject({ sha256: first.sha256 })

  // changed there, as it came last time here
  const second = await upload(bench, 'G21 G90\nG0 X2\nM30\n')
  await deploy(bench, [...FLOW, { ...RUN, name: 'second' }])
  const again = { promotionId: (await offer()).id }
  expect((await shop.client.call(lookAtPromotion, { params: again, body: { choices: {}, overwrites: true } })).programs).toMatchObject([
    { state: 'changed', decision: 'theirs' },
  ])
  // changed here, too
  const own = await upload(shop, 'G21 G90\nG0 X3\nM30\n')
  const look = await shop.client.call(lookAtPromotion, { params: again, body: { choices: {}, overwrites: true } })
  expect(look).toMatchObject({ isReady: false, programs: [{ key: 'program plate.nc', state: 'differs', canTake: true }] })
  await expect(shop.client.call(takePromotion, { params: again, body })).rejects.toMatchObject({ code: 'promotion-open' })
  const said = (side: 'ours' | 'theirs') => ({ ...body, programs: { 'program plate.nc': side } })
  await expect(shop.client.call(takePromotion, { params: again, body: { ...said('theirs'), rev: 'a'.repeat(64) } })).rejects.toMatchObject({
    code: 'version-mismatch',
  })
  expect(await plate(shop)).toMatchObject({ sha256: own.sha256 })
  await shop.client.call(takePromotion, { params: again, body: said('ours') })
  expect(await plate(shop)).toMatchObject({ sha256: own.sha256 })
  expect((await cli(shop, 'promote', 'import', again.promotionId, '--overwrite', '--reason', 'theirs')).err).toContain('plate.nc')
  expect(await cli(shop, 'promote', 'import', again.promotionId, '--overwrite', '--reason', 'theirs', '--program', 'plate.nc=theirs')).toMatchObject({
    code: 0,
  })
  expect(await plate(shop)).toMatchObject({ sha256: second.sha256, revision: expect.any(Number) })
})

test('a secret in a program keeps the promotion here, with the name of the program', async () => {
  const before = await upload(bench, 'G21 G90\nG0 X2\nM30\n')
  await upload(bench, `(ghp_${'aB3'.repeat(12)})\nG21\nM30\n`)
  expect((await bench.client.call(previewPromotion, { body: {} })).secrets).toMatchObject([{ where: 'plate.nc' }])
  await expect(offer()).rejects.toMatchObject({ code: 'export-secret' })
  expect(await upload(bench, 'G21 G90\nG0 X2\nM30\n')).toMatchObject({ sha256: before.sha256 })
})

test('what waits for a second person brings its panels and programs when they say yes, not before', async () => {
  const password = 'a long enough password'
  const { url } = shop.client.access
  const person = async (userName: string) => {
    await shop.client.call(addAccount, { body: { userName, name: userName, role: 'engineer', password } })
    const answer = await fetch(`${url}/api/auth/sign-in/username`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url, 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ username: userName, password }),
    })
    const cookie = answer.headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .join('; ')
    return async (path: string, body: object) => {
      const told = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie, origin: url, 'sec-fetch-site': 'same-origin' },
        body: JSON.stringify(body),
      })
      return (await told.json()) as { code?: string; details?: { requestId?: string }; state?: string }
    }
  }
  const [ann, ben] = [await person('ann'), await person('ben')]
  await shop.client.call(protectFlow, { params: { flowId: 'p-tab' } })
  const third = await upload(bench, 'G21 G90\nG0 X4\nM30\n')
  await deploy(bench, [...FLOW, { ...RUN, name: 'third' }])
  const at = async ({ client }: Product, place: string) => client.call(getLayoutOf, { query: { place } })
  const layout = { tabs: [{ kind: 'page' as const, id: 'work', page: 'work' as const }] }
  await bench.client.call(savePanelLayout, { body: { scope: { place: 'sim' }, layout, basedOn: (await at(bench, 'sim')).revision, reason: 'work alone' } })
  const before = { plate: await plate(shop), panel: await at(shop, 'haas') }

  const { id } = await offer()
  const asked = await ann(`/api/promotions/${id}/take`, {
    choices: {},
    overwrites: true,
    reason: 'third',
    programs: { 'program plate.nc': 'theirs' },
    panels: { 'haas/*': 'theirs' },
  })
  expect(asked).toMatchObject({ code: 'change-requested' })
  expect({ plate: await plate(shop), panel: await at(shop, 'haas') }).toEqual(before)

  const requestId = asked.details?.requestId as string
  const { hash } = await shop.client.call(getChangeRequest, { params: { requestId } })
  expect(await ben(`/api/change-requests/${requestId}/approve`, { hash })).toMatchObject({ state: 'deployed' })
  await until('the panel', 60_000, async () => ((await at(shop, 'haas')).layout.tabs[0]?.id === 'work' ? true : undefined))
  const saved = (await shop.client.call(listPanelLayouts, {})).find(({ scope }) => scope.place === 'haas')
  expect(saved).toMatchObject({ by: 'ann', reason: expect.stringMatching(/third$/) })
  expect(await plate(shop)).toMatchObject({ sha256: third.sha256, uploadedBy: 'ann' })
})

test('the command line marks an installation and keeps a git mirror', async () => {
  expect((await cli(shop, 'environment')).out).toContain('Shop: PRODUCTION.')
  expect(await cli(bench, 'environment', 'nonsense')).toMatchObject({ code: 2 })
  expect((await cli(bench, 'environment', 'unmarked', '--name', 'Bench 2')).out).toContain('Bench 2: not marked.')
  expect((await cli(shop, 'mirror', 'status')).out).toContain('switched off')
  expect(await cli(shop, 'mirror', 'sync')).toMatchObject({ code: 2 })
  expect(await cli(shop, 'mirror', 'set', '--on', '--remote', 'http://git.example.com/a.git')).toMatchObject({ code: 2 })
  expect(await cli(shop, 'mirror', 'set', '--on')).toMatchObject({ code: 0 })
  const synced = await cli(shop, 'mirror', 'sync', '--json')
  expect(synced.json).toMatchObject({ state: 'idle', missing: 0, commit: { version: expect.any(Number) } })
})
