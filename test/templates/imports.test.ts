/** The life of an import over the API and the command line: beside another, changed here, updated, removed; and templates made here. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  bringSharedTemplate,
  createToken,
  deployFlows,
  exportTemplate,
  type FlowNode,
  fetchTemplate,
  forgetTemplatePublisher,
  getDraft,
  getFlows,
  getTemplate,
  type ImportRequest,
  importTemplate,
  listFlowTests,
  listHistory,
  listSharedTemplates,
  listTemplateImports,
  listTemplatePublishers,
  listTemplates,
  previewExport,
  previewImportRemoval,
  previewTemplate,
  removeTemplate,
  removeTemplateImport,
  restoreVersion,
  shareTemplate,
  trustTemplatePublisher,
  uploadTemplate,
  type VersionEntry,
} from '../../server/api/index.ts'
import { createClient } from '../../server/cli/client.ts'
import { writeArchive } from '../../server/templates/archive/write-archive.ts'
import { openArchive, packFolder } from '../../server/templates/files.ts'
import { seal, signingKey } from '../../server/templates/seal.ts'
import { type CliResult, runCli } from '../cli/run-cli.ts'
import { type Product, startTestProduct } from '../product.ts'

let product: Product
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cw-imports-'))
  await mkdir(join(dir, 'shared'))
  product = await startTestProduct({ CELLWRIGHT_TEMPLATES: join(dir, 'shared') })
}, 120_000)
afterAll(async () => {
  await product?.close()
  await rm(dir, { recursive: true, force: true })
})

const cli = (...args: string[]): Promise<CliResult> => runCli(args, { env: { CELLWRIGHT_DATA: product.dataDir } })
const flowsNow = async () => (await product.client.call(getFlows, {})).flows as FlowNode[]
const byName = (flows: readonly FlowNode[], name: string) => flows.find((node) => node.name === name) as FlowNode
const request = (parameters: Record<string, unknown>, more: Partial<ImportRequest> = {}) => ({ parameters, keepsChanges: true, ...more })

/** A template of three nodes; what a version has otherwise comes with it. */
async function greeting(
  version: string,
  { id = 'greeting', limit = '5', more = [] as FlowNode[], wires = ['hi-show'], needs = undefined as object | undefined } = {},
): Promise<string> {
  const at = { z: 'hi-tab', y: 60 }
  const flow: FlowNode[] = [
    { id: 'hi-tab', type: 'tab', label: 'Greeting', disabled: false, info: '', env: [] },
    { id: 'hi-begin', type: 'cw-emit', ...at, x: 100, name: 'tell', event: 'greeting{{$n}}', wires: [['hi-limit']] },
    {
      id: 'hi-limit',
      type: 'cw-rate-gate',
      ...at,
      x: 300,
      name: 'limit',
      count: Number(limit),
      period: 60,
      whenFull: 'wait',
      waitAtMost: 0,
      shared: '',
      wires: [wires, []],
    },
    {
      id: 'hi-show',
      type: 'debug',
      ...at,
      x: 500,
      name: '{{who}}',
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
    ...more,
  ]
  const manifest = {
    format: 1,
    id,
    ...(needs ? { needs } : {}),
    version,
    name: 'Greeting',
    summary: 'Says hello.',
    author: 'Somebody',
    licence: 'MIT',
    categories: ['data'],
    parameters: { type: 'object', properties: { who: { title: 'Who', type: 'string', widget: 'text', minLength: 1 } }, required: ['who'] },
  }
  const tests = [
    {
      name: 'it passes',
      flowId: 'hi-tab',
      steps: [{ do: 'give', nodeId: 'hi-begin', message: { payload: 1 } }],
      answers: {},
      expect: [{ kind: 'message', from: 'hi-limit', port: 0 }],
    },
  ]
  const files = new Map(
    Object.entries({ 'template.json': manifest, 'flow.json': flow, 'tests.json': tests }).map(([path, value]) => [path, Buffer.from(JSON.stringify(value))]),
  )
  files.set('README.md', Buffer.from('# Greeting\n\nSays hello.\n'))
  const file = join(dir, `greeting-${version}-${crypto.randomUUID()}.cwt`)
  await writeFile(file, await packFolder(files))
  return file
}
const upload = (file: string) => product.client.upload(uploadTemplate, {}, file)

test('imported twice, side by side: names that must be one of a kind get a number; removed, nothing is left', async () => {
  const { client } = product
  await upload(await greeting('1.0.0'))
  expect(await client.call(listTemplates, {})).toContainEqual(
    expect.objectContaining({ id: 'greeting', origin: 'shop', signer: { state: 'unsigned' }, isMissing: false, imports: 0 }),
  )
  const first = await client.call(importTemplate, { params: { templateId: 'greeting' }, body: { ...request({ who: 'Ann' }), to: 'deploy' } })
  const second = await client.call(importTemplate, { params: { templateId: 'greeting' }, body: { ...request({ who: 'Ben' }), to: 'deploy' } })
  const flows = await flowsNow()
  expect(flows.filter(({ type }) => type === 'tab').map(({ label }) => label)).toEqual(['Greeting', 'Greeting 2'])
  expect(flows.filter(({ type }) => type === 'cw-emit').map(({ event }) => event)).toEqual(['greeting', 'greeting 2'])
  expect(new Set(flows.map(({ id }) => id)).size).toBe(8)
  expect(await client.call(listTemplateImports, {})).toMatchObject([
    { name: 'Greeting', state: 'deployed' },
    { name: 'Greeting 2', state: 'deployed', parameters: { who: 'Ben' } },
  ])
  await expect(client.call(importTemplate, { params: { templateId: 'greeting' }, body: { ...request({}), to: 'deploy' } })).rejects.toMatchObject({
    code: 'parameters-invalid',
    message: expect.stringContaining('Who is missing'),
  })
  for (const { import: made } of [first, second]) await client.call(removeTemplateImport, { params: { importId: made.id }, body: { withOwnWork: false } })
  expect(await flowsNow()).toEqual([])
  expect(await client.call(listTemplateImports, {})).toEqual([])
})

test('an update keeps what was changed here, tells what both changed, and survives that nodes were moved and taken away', async () => {
  const { client } = product
  const params = { templateId: 'greeting' }
  const { import: made } = await client.call(importTemplate, { params, body: { ...request({ who: 'Ann' }, { version: '1.0.0' }), to: 'deploy' } })
  const before = await flowsNow()
  const [limit, show, tab] = [byName(before, 'limit'), byName(before, 'Ann'), before.find(({ type }) => type === 'tab') as FlowNode]
  const own: FlowNode = {
    id: 'own-node-of-ours',
    type: 'debug',
    z: tab.id,
    name: 'own',
    x: 500,
    y: 200,
    active: true,
    tosidebar: true,
    console: false,
    tostatus: false,
    complete: 'payload',
    targetType: 'msg',
    statusVal: '',
    statusType: 'auto',
    wires: [],
  }
  const changed = before.map((node) =>
    node.id === limit.id ? { ...node, count: 7, wires: [[show.id, own.id], []] } : node.id === show.id ? { ...node, complete: 'true', x: 700 } : node,
  )
  await client.call(deployFlows, { body: { flows: [...changed, own], kind: 'nodes' } })
  expect(await client.call(listTemplateImports, {})).toMatchObject([{ changedHere: 2 }])

  // the new version has another limit, which is changed here too, and one node more
  const at = { z: 'hi-tab', x: 300, y: 140 }
  await upload(
    await greeting('1.1.0', {
      limit: '9',
      wires: ['hi-show', 'hi-more'],
      more: [
        {
          id: 'hi-more',
          type: 'debug',
          ...at,
          name: 'more',
          active: false,
          tosidebar: true,
          console: false,
          tostatus: false,
          complete: 'payload',
          targetType: 'msg',
          statusVal: '',
          statusType: 'auto',
          wires: [],
        },
      ],
    }),
  )
  expect(await client.call(listTemplateImports, {})).toMatchObject([{ newVersion: '1.1.0' }])
  const preview = await client.call(previewTemplate, { params, body: request({}, { replaces: made.id }) })
  expect(preview).toMatchObject({
    isReady: false,
    counts: { added: 1, removed: 0 },
    conflicts: [{ name: 'limit', property: 'count', base: 5, ours: 7, theirs: 9 }],
  })
  const key = preview.conflicts[0]?.key ?? ''
  await expect(client.call(importTemplate, { params, body: { ...request({}, { replaces: made.id }), to: 'deploy' } })).rejects.toMatchObject({
    code: 'template-conflicts',
  })
  const updated = await client.call(importTemplate, { params, body: { ...request({}, { replaces: made.id, decisions: { [key]: 'ours' } }), to: 'deploy' } })
  expect(updated.import).toMatchObject({ id: made.id, version: '1.1.0', parameters: { who: 'Ann' } })
  const after = await flowsNow()
  const more = byName(after, 'more')
  expect(byName(after, 'limit')).toMatchObject({ count: 7 })
  expect(new Set((byName(after, 'limit').wires as string[][])[0])).toEqual(new Set([show.id, own.id, more.id]))
  expect(byName(after, 'Ann')).toMatchObject({ id: show.id, complete: 'true', x: 700 })

  // other parameters are an update too
  await client.call(importTemplate, { params, body: { ...request({ who: 'Eve' }, { replaces: made.id }), to: 'deploy' } })
  expect(byName(await flowsNow(), 'Eve')).toMatchObject({ id: show.id, complete: 'true' })

  // a removal takes all of the import, and asks before it takes what others have added
  expect(await client.call(previewImportRemoval, { params: { importId: made.id } })).toMatchObject({
    nodes: { length: 5 },
    ownWork: [{ name: 'own' }],
    tests: 1,
  })
  await expect(client.call(removeTemplateImport, { params: { importId: made.id }, body: { withOwnWork: false } })).rejects.toMatchObject({
    code: 'template-own-work',
  })
  await client.call(removeTemplateImport, { params: { importId: made.id }, body: { withOwnWork: true } })
  expect(await flowsNow()).toEqual([])
  expect(await client.call(listFlowTests, {})).toEqual([])
})

test('into the draft first: nothing runs, and it counts as imported when the draft is deployed', async () => {
  const { client } = product
  const { import: made, versionId } = await client.call(importTemplate, {
    params: { templateId: 'greeting' },
    body: { ...request({ who: 'Dora' }), to: 'draft' },
  })
  expect({ versionId, state: made.state }).toEqual({ versionId: undefined, state: 'draft' })
  expect(await flowsNow()).toEqual([])
  const { draft } = await client.call(getDraft, {})
  expect(draft?.changes.put).toHaveLength(5)
  expect(await client.call(listFlowTests, {})).toEqual([])
  await client.call(deployFlows, { body: { flows: draft?.changes.put as FlowNode[], kind: 'nodes' } })
  await expect.poll(() => client.call(listTemplateImports, {})).toMatchObject([{ id: made.id, state: 'deployed' }])
  await expect.poll(() => client.call(listFlowTests, {})).toHaveLength(1)
  await client.call(removeTemplateImport, { params: { importId: made.id }, body: { withOwnWork: false } })
})

test('a template made here holds no secret, is signed, and comes in again as a file', async () => {
  const { client } = product
  const nodes: FlowNode[] = [
    { id: 'tab0000000000001', type: 'tab', label: 'Ours', disabled: false, info: '', env: [] },
    { id: 'emit000000000001', type: 'cw-emit', z: 'tab0000000000001', x: 100, y: 60, name: 'tell', event: 'ours', wires: [['http000000000001']] },
    {
      id: 'http000000000001',
      type: 'http request',
      z: 'tab0000000000001',
      x: 300,
      y: 60,
      name: 'ask',
      method: 'GET',
      ret: 'txt',
      url: 'https://erp:hunter22@shop.example/orders',
      tls: '',
      proxy: '',
      persist: false,
      insecureHTTPParser: false,
      authType: '',
      senderr: false,
      headers: [],
      paytoqs: 'ignore',
      wires: [[]],
    },
    { id: 'other00000000001', type: 'cw-emit', z: 'tab0000000000001', x: 100, y: 160, name: 'other', event: 'other', wires: [[]] },
  ]
  await client.call(deployFlows, { body: { flows: nodes, kind: 'full' } })
  const nodeIds = ['emit000000000001', 'http000000000001']
  const looked = await client.call(previewExport, { body: { nodeIds, parameters: [] } })
  expect(looked.nodes.map(({ id }) => id)).toEqual(['tab0000000000001', ...nodeIds])
  expect(looked.secrets).toMatchObject([{ nodeId: 'http000000000001', path: 'url', text: 'an address with a password in it' }])
  const body = { nodeIds, id: 'ours', version: '1.0.0', name: 'Ours', summary: 'Asks.', categories: ['data' as const], readme: '# Ours\n\nAsks.\n' }
  await expect(client.call(exportTemplate, { body: { ...body, parameters: [] } })).rejects.toMatchObject({
    code: 'export-secret',
    message: expect.stringContaining('"ask" (http request), url'),
  })
  const url = {
    key: 'url',
    schema: { title: 'Address', type: 'string' as const, widget: 'text' as const },
    places: [{ nodeId: 'http000000000001', path: 'url' }],
  }
  const made = await client.call(exportTemplate, { body: { ...body, parameters: [url] } })
  expect(made).toMatchObject({ signer: { state: 'ours', fingerprint: expect.stringMatching(/^([0-9a-f]{4} ){7}[0-9a-f]{4}$/) }, takes: 'flows.code', nodes: 2 })
  expect(JSON.stringify(made)).not.toContain('hunter22')

  const readme = join(dir, 'readme.md')
  await writeFile(readme, '# Ours\n\nAsks.\n')
  const file = join(dir, 'ours.cwt')
  const out = await cli(
    'template',
    'export',
    'ours-cli',
    '--node',
    ...['emit000000000001'],
    '--name',
    'Ours',
    '--summary',
    'Asks.',
    '--readme',
    readme,
    '--out',
    file,
    '--json',
  )
  expect(out, out.err).toMatchObject({ code: 0 })
  const verified = await cli('template', 'verify', file, '--json')
  expect(verified.json).toMatchObject({ manifest: { id: 'ours-cli' }, signedBy: { fingerprint: made.signer.fingerprint } })
  const bytes = await readFile(file)
  bytes[bytes.length - 20] = (bytes.at(-20) ?? 0) ^ 0xff
  await writeFile(join(dir, 'broken.cwt'), bytes)
  expect(await cli('template', 'verify', join(dir, 'broken.cwt'))).toMatchObject({ code: 2, err: expect.stringContaining('This is no template') })
  await cli('template', 'remove', 'ours-cli')
  expect((await cli('template', 'import', file, '--json')).json).toMatchObject({ import: { templateId: 'ours-cli', state: 'deployed' } })
  const folder = join(dir, 'ours-folder')
  expect(
    await cli(
      'template',
      'export',
      'ours-cli',
      '--template-version',
      '1.0.1',
      '--node',
      'emit000000000001',
      '--name',
      'Ours',
      '--summary',
      'Asks.',
      '--readme',
      readme,
      '--out',
      `${folder}/`,
    ),
  ).toMatchObject({ code: 0 })
  expect((await readdir(folder)).toSorted()).toEqual(['README.md', 'flow.json', 'signature.json', 'template.json'])
  expect((await cli('template', 'verify', folder, '--json')).json).toMatchObject({
    manifest: { version: '1.0.1' },
    signedBy: { fingerprint: made.signer.fingerprint },
  })
  // an update that another key signed, or nobody, is not taken unawares
  await upload(await greeting('1.0.2', { id: 'ours-cli' }))
  const [there] = await client.call(listTemplateImports, {})
  const update = { params: { templateId: 'ours-cli' }, body: { ...request({ who: 'Ann' }, { replaces: there?.id ?? '' }), to: 'deploy' as const } }
  await expect(client.call(importTemplate, update)).rejects.toMatchObject({ code: 'template-signer', message: expect.stringContaining('is not signed') })
  await expect(client.call(importTemplate, { ...update, body: { ...update.body, takesOtherSigner: true } })).resolves.toMatchObject({
    import: { version: '1.0.2' },
  })
  await client.call(deployFlows, { body: { flows: [], kind: 'full' } })
  expect(await client.call(listTemplateImports, {})).toMatchObject([{ templateId: 'ours-cli', state: 'gone' }])
})

test('a file that is not what it says is refused whole, with the reason, and nothing of it is kept', async () => {
  const { client } = product
  const archive = await readFile(await greeting('2.0.0'))
  const wrong = join(dir, 'wrong.cwt')
  await writeFile(wrong, archive.subarray(0, archive.length / 2))
  await expect(upload(wrong)).rejects.toMatchObject({ code: 'template-refused', details: { why: 'not-an-archive' } })
  expect(await client.call(getTemplate, { params: { templateId: 'greeting' } })).toMatchObject({ version: '1.1.0' })
  // the same version with other contents
  await expect(upload(await greeting('1.1.0', { limit: '3' }))).rejects.toMatchObject({ code: 'template-exists' })
})

test('what is missing is said with the way to it, and nothing is imported', async () => {
  const { client } = product
  const more: FlowNode[] = [{ id: 'hi-plc', type: 'modbus-read', z: 'hi-tab', x: 700, y: 60, name: '', wires: [] }]
  await upload(await greeting('1.0.0', { id: 'asking-a-plc', more, needs: { modules: { 'node-red-contrib-modbus': '5.0.0' }, machine: ['probe'] } }))
  const { needs, isReady } = await client.call(previewTemplate, { params: { templateId: 'asking-a-plc' }, body: request({ who: 'Ann' }) })
  expect(isReady).toBe(false)
  expect(needs).toMatchObject([
    { kind: 'module', name: 'node-red-contrib-modbus', version: '5.0.0', isThere: 'no', text: expect.stringContaining('CELLWRIGHT_PALETTE') },
    { kind: 'node-type', name: 'modbus-read', isThere: 'no' },
  ])
  const asked = { params: { templateId: 'asking-a-plc' }, body: { ...request({ who: 'Ann' }), to: 'deploy' as const } }
  await expect(client.call(importTemplate, asked)).rejects.toMatchObject({ code: 'template-needs' })
  expect(await flowsNow()).toEqual([])
})

test('who may not deploy code is told so before anything is done, and may import what is safe', async () => {
  const { client } = product
  const { token } = await client.call(createToken, { body: { name: 'from another company', role: 'integrator' } })
  const integrator = createClient(() => ({ ...client.access, token }))
  const templates = await integrator.call(listTemplates, {})
  expect(templates.find(({ id }) => id === 'machine-state-mqtt')).toMatchObject({
    takes: 'flows.code',
    needs: expect.arrayContaining([expect.objectContaining({ kind: 'capability', isThere: 'no' })]),
  })
  const asked = { params: { templateId: 'machine-state-mqtt' }, body: { ...request({ machine: 'mill' }), to: 'deploy' as const } }
  await expect(integrator.call(previewTemplate, { params: asked.params, body: request({ machine: 'mill' }) })).resolves.toMatchObject({ isReady: false })
  await expect(integrator.call(importTemplate, asked)).rejects.toMatchObject({ status: 422 })
  const { import: made } = await integrator.call(importTemplate, { params: { templateId: 'greeting' }, body: { ...request({ who: 'Ina' }), to: 'deploy' } })
  await integrator.call(removeTemplateImport, { params: { importId: made.id }, body: { withOwnWork: false } })
  const viewer = createClient(() => ({ ...client.access, token: '' }))
  await expect(viewer.call(listTemplates, {})).rejects.toMatchObject({ status: 401 })
})

test('each import, update and removal is a version that can be put back', async () => {
  const { client } = product
  const params = { templateId: 'greeting' }
  const { import: made } = await client.call(importTemplate, {
    params,
    body: { ...request({ who: 'Ann' }, { version: '1.0.0' }), to: 'deploy', comment: 'for Ann' },
  })
  await client.call(importTemplate, { params, body: { ...request({ who: 'Ben' }, { replaces: made.id }), to: 'deploy' } })
  const kept = async () => (await client.call(listHistory, { query: { kind: 'template', subject: made.id } })) as VersionEntry[]
  expect(await kept()).toMatchObject([
    { number: 2, title: 'Greeting', isCurrent: true },
    { number: 1, reason: 'for Ann', mayRestore: true },
  ])
  const first = (await kept()).at(-1)?.id ?? ''
  await client.call(restoreVersion, { params: { versionId: first }, body: { reason: 'Ann is back' } })
  const now = await client.call(listTemplateImports, {})
  expect(now.find(({ id }) => id === made.id)).toMatchObject({ version: '1.0.0', parameters: { who: 'Ann' } })
  expect(byName(await flowsNow(), 'Ann')).toBeDefined()
  expect((await kept())[0]).toMatchObject({ number: 3, reason: 'Ann is back', restoredFrom: first })
  await client.call(removeTemplateImport, { params: { importId: made.id }, body: { withOwnWork: false } })
  expect((await kept())[0]).toMatchObject({ number: 4, isCurrent: true })
  // what was removed comes back as a new import
  await client.call(restoreVersion, { params: { versionId: first }, body: {} })
  const again = (await client.call(listTemplateImports, {})).find(({ templateId }) => templateId === 'greeting')
  expect(again).toMatchObject({ version: '1.0.0', parameters: { who: 'Ann' } })
  await client.call(removeTemplateImport, { params: { importId: again?.id ?? '' }, body: { withOwnWork: false } })
})

test('a folder that shops share: written to, looked at as a stranger’s, brought from; a key is trusted when somebody says so', async () => {
  const { client } = product
  const shared = join(dir, 'shared')
  await writeFile(join(shared, 'broken.cwt'), 'no archive at all')
  await symlink(join(dir, 'shared', 'broken.cwt'), join(shared, 'link.cwt'))
  expect(await client.call(shareTemplate, { params: { templateId: 'greeting' }, body: { version: '1.1.0' } })).toEqual({ file: 'greeting-1.1.0.cwt' })
  const list = async () => (await client.call(listSharedTemplates, {})).templates
  expect(await list()).toMatchObject([
    { file: 'broken.cwt', problem: expect.stringContaining('Nothing was kept') },
    { file: 'greeting-1.1.0.cwt', id: 'greeting', isHere: true },
  ])
  await client.call(removeTemplate, { params: { templateId: 'greeting' }, query: {} })
  expect((await list())[1]).toMatchObject({ isHere: false })
  await expect(client.call(bringSharedTemplate, { body: { file: '../../etc/passwd' } })).rejects.toMatchObject({ code: 'template-refused' })
  await expect(client.call(bringSharedTemplate, { body: { file: 'link.cwt' } })).rejects.toMatchObject({ code: 'shared-folder' })
  expect(await client.call(bringSharedTemplate, { body: { file: 'greeting-1.1.0.cwt' } })).toMatchObject({ id: 'greeting', version: '1.1.0' })

  // another shop's key
  const pack = signingKey({ derive: () => '7'.repeat(64) }, 'Shop next door')
  const { content } = await openArchive(await readFile(join(shared, 'greeting-1.1.0.cwt')))
  const files = new Map([...content.files].filter(([path]) => path !== 'signature.json'))
  files.set('template.json', Buffer.from(JSON.stringify({ ...content.manifest, id: 'from-next-door' })))
  await writeFile(join(shared, 'next-door.cwt'), await writeArchive(await seal(files, pack)))
  const found = (await list()).find(({ file }) => file === 'next-door.cwt')
  expect(found?.signer).toMatchObject({ state: 'unknown', name: 'Shop next door' })
  const fingerprint = found?.signer?.fingerprint ?? ''
  await client.call(trustTemplatePublisher, { body: { fingerprint, name: 'Shop next door' } })
  expect((await list()).find(({ file }) => file === 'next-door.cwt')?.signer).toMatchObject({ state: 'known' })
  expect(await client.call(listTemplatePublishers, {})).toMatchObject([{ isOwn: true }, { isOwn: false, fingerprint }])
  await client.call(forgetTemplatePublisher, { params: { fingerprint } })
  expect((await list()).find(({ file }) => file === 'next-door.cwt')?.signer).toMatchObject({ state: 'unknown' })
})

test('an address is asked only over https, and one of the own network only by who may deploy code', async () => {
  const { client } = product
  const fetched = (url: string, more = {}) => client.call(fetchTemplate, { body: { url, ...more } })
  await expect(fetched('http://203.0.113.7/a.cwt')).rejects.toMatchObject({ code: 'template-address' })
  await expect(fetched('https://127.0.0.1:1/a.cwt')).rejects.toMatchObject({ code: 'template-private-address', details: { address: '127.0.0.1' } })
  await expect(fetched('https://127.0.0.1:1/a.cwt', { evenPrivate: true })).rejects.toMatchObject({ code: 'download-failed' })
  const { token } = await client.call(createToken, { body: { name: 'somebody from outside', role: 'integrator' } })
  const integrator = createClient(() => ({ ...client.access, token }))
  await expect(integrator.call(fetchTemplate, { body: { url: 'https://127.0.0.1:1/a.cwt', evenPrivate: true } })).rejects.toMatchObject({ code: 'not-allowed' })
})
