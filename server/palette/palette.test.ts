/** The palette over a real flow runtime, real npm, and a registry of the test's own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AnyRoute, type FlowNode, getPalette, installModule, newestModules, type PaletteView, removeModule, restartRuntime } from '../api/index.ts'
import { type FlowsFixture, startFlowsFixture } from '../flows/testing.ts'
import { createPalette } from './index.ts'
import { nodesOf, startTestRegistry, type TestRegistry } from './testing.ts'

const NAME = '@cellwright/try-nodes'
const facts = (version: string) => ({
  name: NAME,
  version,
  description: 'Nodes to try the palette with.',
  license: 'MIT',
  scripts: { postinstall: 'touch ran' },
  'node-red': { nodes: { tries: 'nodes.js' } },
})
const rules: { module: string; why: string }[] = []
let registry: TestRegistry
let cache: string
let fixture: FlowsFixture
let restarts = 0
let call: <T>(route: AnyRoute, input?: object) => Promise<T>

beforeAll(async () => {
  registry = await startTestRegistry()
  await registry.publish(facts('1.0.0'), nodesOf('try-it'))
  cache = await mkdtemp(join(tmpdir(), 'cw-npm-'))
  fixture = await startFlowsFixture({ npmrc: `registry=${registry.url}\ncache=${cache}\nupdate-notifier=false\n` })
  const { routes } = createPalette({
    runtime: fixture.flows.runtime,
    settings: { get: () => rules as never },
    environment: ['node-red-contrib-given'],
    allowed: () => [...fixture.flows.allowedModules, ...rules.map(({ module }) => module)],
    currentFlows: () => fixture.flows.current(),
    audit: { record: (entry) => void fixture.audit.push(entry) },
    log: { warn: () => undefined } as never,
    restartRuntime: () => {
      restarts++
    },
  })
  call = async (route, input = {}) => {
    const handler = routes.find((each) => each.route === route)
    return (await handler?.run({ query: {}, caller: fixture.as('engineer'), ...input } as never)) as never
  }
}, 120_000)
afterAll(async () => {
  await fixture?.close()
  await registry?.close()
  await rm(cache, { recursive: true, force: true })
}, 60_000)

const view = () => call<PaletteView>(getPalette)
const one = (from: PaletteView) => from.modules?.find(({ name }) => name === NAME)

it('tells what comes with the product, and who allows what', async () => {
  rules.splice(0, 1, { module: 'node-red-contrib-looked-at@1.2.3', why: 'Olga has read it' })
  const { modules, allowed, needsRestart } = await view()
  expect(modules?.find(({ name }) => name === 'node-red')).toMatchObject({ origin: 'node-red', needs: 'flows.code' })
  expect(allowed).toEqual(
    expect.arrayContaining([
      { module: '@cellwright/*', from: 'product' },
      { module: 'node-red-contrib-given', from: 'environment' },
      { module: 'node-red-contrib-looked-at@1.2.3', from: 'shop', why: 'Olga has read it' },
    ]),
  )
  // the runtime began before this was allowed
  expect(needsRestart).toBe(true)
  await call(restartRuntime)
  expect(restarts).toBe(1)
  rules.splice(0)
  expect((await view()).needsRestart).toBe(false)
})

it('refuses what nobody has allowed before npm is asked', async () => {
  await expect(call(installModule, { body: { module: 'left-pad' } })).rejects.toMatchObject({ code: 'module-not-allowed' })
  rules.push({ module: 'left-pad', why: '' })
  await expect(call(installModule, { body: { module: 'left-pad' } })).rejects.toMatchObject({ code: 'module-not-found' })
  rules.splice(0)
}, 60_000)

it('installs, tells what it is and where it is used, and takes away only what nobody uses', async () => {
  const installed = one(await call<PaletteView>(installModule, { body: { module: NAME } }))
  expect(installed).toMatchObject({
    version: '1.0.0',
    origin: 'installed',
    about: { description: 'Nodes to try the palette with.', license: 'MIT', hasInstallScripts: true },
    sets: [{ types: ['try-it'], isEnabled: true }],
    needs: 'flows.code',
    uses: [],
  })
  await expect(call(installModule, { body: { module: NAME } })).rejects.toMatchObject({ code: 'module-there' })

  const tab = { id: 'tab1', type: 'tab', label: 'Try', disabled: false, info: '' } as FlowNode
  await fixture.deploy([tab, { id: 'n1', type: 'try-it', z: 'tab1', x: 10, y: 10, wires: [[]] } as FlowNode])
  expect(one(await view())?.uses).toEqual([{ type: 'try-it', count: 1 }])
  await expect(call(removeModule, { params: { module: NAME } })).rejects.toMatchObject({ code: 'module-in-use' })
  await expect(call(removeModule, { params: { module: 'node-red' } })).rejects.toMatchObject({ code: 'module-stays' })

  await registry.publish(facts('1.1.0'), nodesOf('try-it'))
  expect(await call(newestModules)).toEqual({ [NAME]: '1.1.0' })
  const updated = await call<PaletteView>(installModule, { body: { module: NAME, version: '1.1.0' } })
  expect(one(updated)).toMatchObject({ version: '1.0.0', pending: '1.1.0' })
  expect(updated.needsRestart).toBe(true)

  await fixture.deploy([tab])
  expect(one(await call<PaletteView>(removeModule, { params: { module: NAME } }))).toBeUndefined()
  expect(fixture.audit.map(({ action }) => action).filter((action) => action.startsWith('palette.'))).toEqual([
    'palette.restart',
    'palette.install',
    'palette.install',
    'palette.remove',
  ])
}, 180_000)

it('tells what is allowed also while the runtime is away', async () => {
  await fixture.stopRuntime()
  await expect.poll(() => fixture.flows.runtime.state.process, { timeout: 30_000 }).toBe('gone')
  const { modules, allowed } = await view()
  expect(modules).toBeUndefined()
  expect(allowed.length).toBeGreaterThan(0)
  await expect(call(installModule, { body: { module: NAME } })).rejects.toMatchObject({ code: 'runtime-away' })
}, 60_000)
