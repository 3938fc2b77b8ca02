/** Reading a user directory of any age, and putting what was picked in place. One that Node-RED 5 has written is in test/browser/move-in.test.ts. */
import { createCipheriv, createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { inSteps } from '../../../base/steps.ts'
import type { FlowNode } from '../../api/index.ts'
import { readDirectory } from './directory.ts'
import { itemsOf } from './items.ts'
import { lookAtItems, type Surroundings } from './look.ts'
import { motionLines } from './motion-look-alikes.ts'
import { type Picks, place } from './place.ts'
import { readSettingsFile } from './settings-file.ts'

const files = (all: Record<string, unknown>) =>
  new Map(Object.entries(all).map(([path, value]) => [path, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))]))
const node = (id: string, type: string, more: Record<string, unknown> = {}): FlowNode => ({ id, type, ...more })
const placed = (id: string, type: string, z: string, more: Record<string, unknown> = {}) => node(id, type, { z, x: 1, y: 1, wires: [[]], ...more })

/** As Node-RED encrypts them. */
function encrypted(sets: unknown, secret: string): { $: string } {
  const iv = Buffer.alloc(16, 7)
  const cipher = createCipheriv('aes-256-ctr', createHash('sha256').update(secret).digest(), iv)
  return { $: iv.toString('hex') + cipher.update(JSON.stringify(sets), 'utf8', 'base64') + cipher.final('base64') }
}

describe('settings.js', () => {
  test('plain values are taken, what is worked out is not, and nothing runs', () => {
    const text = `#!/usr/bin/env node
      const name = 'shop.json'
      process.exit(7)
      module.exports = {
        flowFile: name, // "flowFile": "other.json"
        credentialSecret: process.env.NR_SECRET || "fallback",
        "httpNodeRoot": \`/api\`,
        functionGlobalContext: { os: require('os'), 'my lib': 1 },
        contextStorage: { default: { module: "localfilesystem", config: { base: 'store' } } },
        uiPort: process.env.PORT || 1880,
        adminAuth: require('./auth'),
        flowFilePretty: !0, n: -1, __proto__: { x: 1 },
      }`
    const read = readSettingsFile(text)
    expect(Object.fromEntries(read?.settings ?? [])).toMatchObject({
      flowFile: { value: 'shop.json' },
      credentialSecret: { fromEnvironment: 'NR_SECRET' },
      httpNodeRoot: { value: '/api' },
      functionGlobalContext: { value: { os: undefined, 'my lib': 1 } },
      contextStorage: { value: { default: { module: 'localfilesystem', config: { base: 'store' } } } },
      adminAuth: { isComputed: true },
      flowFilePretty: { value: true },
      n: { value: -1 },
    })
    expect(read?.computed).toContain('adminAuth')
  })

  test('constants that name each other over and over do not become more than memory holds', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const lines = names.map(
      (name, at) =>
        `const ${name} = [${
          names[at + 1]
            ? Array(60)
                .fill(names[at + 1])
                .join()
            : 1
        }]`,
    )
    expect(readSettingsFile(`${lines.join('\n')}\nmodule.exports = { laughs: a, flowFile: 'x.json' }`)?.computed).toContain('flowFile')
    expect(readSettingsFile(`${lines.join('\n')}\nmodule.exports = { flowFile: 'x.json', laughs: a }`)?.settings.get('flowFile')).toEqual({ value: 'x.json' })
  })

  test('one that exports what it works out, or is no JavaScript, tells nothing', () => {
    expect(readSettingsFile('module.exports = make()')).toBeUndefined()
    expect(readSettingsFile('{{{')).toBeUndefined()
    expect(readSettingsFile('export default { flowFile: "a.json" }')?.settings.get('flowFile')).toEqual({ value: 'a.json' })
  })
})

const TAB = node('t1', 'tab', { label: 'Line 1', disabled: false })
const FLOWS = [TAB, placed('a', 'inject', 't1', { wires: [['b']] }), placed('b', 'http request', 't1', { authType: 'basic', url: 'http://x' })]

describe('a directory', () => {
  test('opens passwords with the secret that Node-RED made itself', async () => {
    const read = await readDirectory(
      files({
        '.node-red/flows.json': FLOWS,
        '.node-red/flows_cred.json': encrypted({ b: { password: 'pw' } }, 'made'),
        '.node-red/.config.runtime.json': { _credentialSecret: 'made' },
        '.node-red/settings.js': 'module.exports = { uiPort: 1880 }',
        '.node-red/.config.nodes.json': { 'node-red-node-serialport': { name: 'x', version: '2.0.3', nodes: { serialport: { types: ['serial in'] } } } },
        '.node-red/context/global/global.json': { shift: 2 },
        '.node-red/context/t1/flow.json': { count: 41 },
        '.node-red/context/t1/a.json': { last: [1], 'a b': 1 },
        '.node-red/package.json': { dependencies: {} },
      }),
      {},
    )
    expect(read.flowFile).toEqual({ chosen: 'flows.json', choices: ['flows.json'] })
    expect(read.credentials).toBe('open')
    expect(read.sets).toEqual({ b: { password: 'pw' } })
    expect(read.modules.get('serial in')).toEqual({ name: 'node-red-node-serialport', version: '2.0.3' })
    expect(read.context).toEqual([
      { scope: 'global', key: 'shift', value: 2 },
      { scope: 'flow', flow: 't1', key: 'count', value: 41 },
      { scope: 'node', flow: 't1', node: 'a', key: 'last', value: [1] },
    ])
    expect(read.lines.map(({ code }) => code)).toEqual(['flow-file-chosen', 'credentials-found', 'context-unread'])
  })

  test.each([
    ['that settings.js names', { 'settings.js': 'module.exports = { credentialSecret: "made" }' }, 'open', []],
    ['from before 1.2', { '.config.json': { _credentialSecret: 'made', nodes: {} } }, 'open', []],
    ['that is elsewhere', {}, 'locked', ['secret-needed']],
    ['of the environment', { 'settings.js': 'module.exports = { credentialSecret: process.env.S }' }, 'locked', ['secret-in-environment']],
    ['that is another one', { '.config.runtime.json': { _credentialSecret: 'other' } }, 'locked', ['secret-wrong']],
  ])('the secret %s', async (_, more, state, codes) => {
    const read = await readDirectory(files({ 'flows.json': FLOWS, 'flows_cred.json': encrypted({ b: { password: 'pw' } }, 'made'), ...more }), {})
    expect(read.credentials).toBe(state)
    expect(read.lines.map(({ code }) => code).filter((code) => code.startsWith('secret'))).toEqual(codes)
  })

  test('with projects reads the active one', async () => {
    const read = await readDirectory(
      files({
        'settings.js': 'module.exports = {}',
        '.config.projects.json': { activeProject: 'line', projects: { line: { credentialSecret: 'p' }, old: {} } },
        'projects/line/package.json': { 'node-red': { settings: { flowFile: 'flow.json', credentialsFile: 'cred.json' } } },
        'projects/line/flow.json': FLOWS,
        'projects/line/cred.json': encrypted({ b: { password: 'pw' } }, 'p'),
        'projects/old/flow.json': [],
      }),
      {},
    )
    expect(read.flowFile).toEqual({ chosen: 'projects/line/flow.json', choices: ['projects/line/flow.json', 'projects/old/flow.json'] })
    expect(read.sets).toEqual({ b: { password: 'pw' } })
  })

  test('of a 0.x computer: a file by its name, passwords in plain text, nodes on no flow, wires to nothing', async () => {
    const old = [
      { id: '1.a', type: 'inject', x: 10, y: 10, z: 0, wires: [['2.b', 'gone']] },
      { id: '2.b', type: 'mqtt out', x: 20, y: 10, broker: '3.c', wires: [] },
      { id: '3.c', type: 'mqtt-broker', broker: 'h' },
      null,
      { id: '1.a', type: 'twice' },
    ]
    const read = await readDirectory(files({ 'flows_pi.json': old, 'flows_pi_cred.json': { '3.c': { user: 'u', password: 'p' } } }), {})
    const [tab] = read.nodes
    expect(tab).toMatchObject({ type: 'tab', label: 'flows_pi' })
    expect(read.nodes.filter(({ z }) => z === tab?.id).map(({ id }) => id)).toEqual(['1.a', '2.b'])
    expect(read.nodes.find(({ id }) => id === '1.a')?.wires).toEqual([['2.b']])
    expect(read.sets).toEqual({ '3.c': { user: 'u', password: 'p' } })
    expect(read.lines.map(({ code }) => code)).toEqual(expect.arrayContaining(['flow-made', 'shape-broken', 'credentials-plain']))
  })

  test('of several computers asks which; the answers of the admin API are read as well', async () => {
    const several = files({ 'flows_a.json': FLOWS, 'flows_b.json': { flows: FLOWS, rev: 'x' } })
    expect((await readDirectory(several, {})).flowFile).toEqual({ choices: ['flows_a.json', 'flows_b.json'] })
    expect((await readDirectory(several, { flowFile: 'flows_b.json' })).nodes).toHaveLength(3)
    await expect(readDirectory(several, { flowFile: '../flows.json' })).rejects.toMatchObject({ code: 'move-in-refused' })
    const one = { id: 't1', label: 'Line 1', nodes: FLOWS.slice(1), configs: [], subflows: [] }
    expect((await readDirectory(files({ 'flow.json': one }), {})).nodes.map(({ id }) => id)).toEqual(['t1', 'a', 'b'])
  })
})

const around = (here: readonly FlowNode[] = [], more: Partial<Surroundings> = {}): Surroundings => ({
  types: ['inject', 'http request', 'http in', 'function', 'mqtt out', 'mqtt-broker', 'ui-base'].map((type) => ({ type, needs: 'flows.deploy' }) as never),
  allowedModules: ['node-red-contrib-fine'],
  machines: [{ name: 'Mill', link: { kind: 'serial', path: '/dev/ttyUSB0', baudRate: 115200, resetsOnOpen: true } }],
  here: new Map(here.map((each) => [each.id, each])),
  ...more,
})
const reportOf = async (flows: readonly FlowNode[], surroundings = around(), more: Record<string, unknown> = {}) => {
  const directory = await readDirectory(files({ 'flows.json': flows, ...more }), {})
  const report = await lookAtItems(directory, surroundings)
  const lines = (id: string) => report.items.views.find((item) => item.id === id)?.lines.map(({ code, params }) => [code, params])
  return { directory, report, lines }
}

describe('the report', () => {
  test('names what is missing, what takes a right, what answers, what comes from the old computer', async () => {
    const { lines, report } = await reportOf(
      [
        TAB,
        placed('h', 'http in', 't1', { method: 'post', url: '/part' }),
        placed('f', 'function', 't1', { func: 'return global.get("os").uptime() + env.get("SITE")', libs: [{ var: 'x', module: 'lodash' }] }),
        placed('s', 'serial out', 't1', { serial: 'p' }),
        placed('d', 'ui_button', 't1'),
        placed('w', 'fine node', 't1'),
        placed('q', 'who knows', 't1'),
        placed('r', 'http request', 't1', { url: '$(HOST)', authType: 'basic' }),
        node('p', 'serial-port', { serialport: '/dev/ttyUSB0' }),
      ],
      around([placed('other', 'http in', 'x', { method: 'post', url: 'part' })]),
      {
        'settings.js': 'module.exports = { functionGlobalContext: { os: require("os") } }',
        '.config.nodes.json': { 'node-red-contrib-fine': { version: '1.0.0', nodes: { n: { types: ['fine node'] } } } },
      },
    )
    const found = Object.fromEntries(lines('t1') ?? [])
    expect(found).toMatchObject({
      'same-port': { port: '/dev/ttyUSB0', machine: 'Mill' },
      'module-to-allow': { module: 'node-red-node-serialport' },
      'module-allowed': { module: 'node-red-contrib-fine', version: '1.0.0' },
      'module-dashboard-1': { types: ['ui_button'] },
      'module-unknown': { types: ['who knows'] },
      'http-collides': { addresses: ['POST /part'] },
      'env-missing': { names: expect.arrayContaining(['SITE', 'HOST']) },
      'function-modules': { modules: ['lodash'] },
      'function-globals': { names: ['os'] },
      'secrets-missing': { nodes: ['http request'] },
    })
    expect((lines('t1') ?? []).filter(([code]) => code === 'needs-code').map(([, params]) => params)).toEqual(
      expect.arrayContaining([{ types: ['function'], why: 'javascript' }]),
    )
    expect(report.items.views.find(({ id }) => id === 't1')?.types.find(({ type }) => type === 'serial out')).toEqual({
      type: 'serial out',
      count: 1,
      isHere: false,
      module: 'node-red-node-serialport',
      needs: 'flows.code',
    })
  })

  test.each<[string, Record<string, unknown>, string | undefined]>([
    ['a serial port', { type: 'serial-port', serialport: '/dev/ttyACM1:115200' }, 'serial-port'],
    ['a sender of its own', { type: 'grbl-stream' }, 'motion-module'],
    ['G-code in a function', { type: 'function', func: 'msg.payload = "G0 X10 Y5";' }, 'gcode-in-node'],
    ['a jog in an inject', { type: 'inject', payload: '$J=G91 X10 F100' }, 'gcode-in-node'],
    ['G-code in a change node', { type: 'change', rules: [{ t: 'set', to: 'M3 S1000' }] }, 'gcode-in-node'],
    ['a part number', { type: 'inject', payload: 'G12-334 X' }, undefined],
    ['our own node', { type: 'cw-machine-command', line: 'G0 X1' }, undefined],
  ])('of what could move a machine: %s', (_, one, code) => {
    expect(motionLines([{ id: 'n', ...one } as FlowNode], [], () => undefined).map((found) => found.code)).toEqual(code ? [code] : [])
  })

  test('a link to where a machine is, whatever opens it', () => {
    const tcp = { name: 'Lathe', link: { kind: 'tcp' as const, host: '10.0.0.7', port: 23 } }
    expect(motionLines([node('n', 'tcp out', { host: '10.0.0.7', port: '23' })], [tcp], () => undefined)).toMatchObject([
      { code: 'same-address', level: 'danger' },
    ])
  })
})

describe('put in place', () => {
  const SUB = node('s1', 'subflow', { name: 'Sub', in: [], out: [{ wires: [{ id: 'si', port: 0 }] }] })
  const ALL = [
    TAB,
    SUB,
    placed('si', 'function', 's1'),
    placed('i', 'subflow:s1', 't1', { wires: [['m']] }),
    placed('m', 'unheard of', 't1', { server: 'c', note: 'c' }),
    node('c', 'unheard config', { host: 'h' }),
    node('t2', 'tab', { label: 'Other', disabled: false }),
    placed('o', 'inject', 't2'),
  ]
  const SETS = { c: { password: 'p' }, o: { x: 'y' } }
  const CONTEXT = [
    { scope: 'flow' as const, flow: 't1', key: 'n', value: 1 },
    { scope: 'node' as const, flow: 'i', node: 'i-si', key: 'n', value: 2 },
    { scope: 'flow' as const, flow: 't2', key: 'n', value: 3 },
    { scope: 'global' as const, key: 'g', value: 4 },
  ]
  const run = async (picks: Partial<Picks>, here: readonly FlowNode[] = []) => {
    const items = await inSteps(itemsOf(structuredClone(ALL)))
    return place(
      { items: ['t1'], collisions: {}, withCredentials: true, withContext: true, withGlobalContext: false, ...picks },
      { items, directory: { sets: SETS, context: CONTEXT }, here: new Map(here.map((each) => [each.id, each])), references: () => [] },
    )
  }

  test('a flow brings what it uses and nothing else', async () => {
    const done = await run({})
    expect(done.put.map(({ id }) => id).toSorted()).toEqual(['c', 'i', 'm', 's1', 'si', 't1'])
    expect(done.credentials).toEqual({ c: { password: 'p' } })
    expect(done.context.map(({ value }) => value)).toEqual([1, 2])
    expect((await run({ withContext: false, withGlobalContext: true })).context).toEqual([{ scope: 'global', key: 'g', value: 4 }])
  })

  test('new ids are followed everywhere: wires, subflows, config nodes of unknown types, passwords, context', async () => {
    const others = ALL.map((each) => ({ ...each, name: 'ours' }))
    const done = await run({}, others)
    expect(done.put.some(({ id }) => ALL.some((each) => each.id === id))).toBe(false)
    const byType = (type: string) => done.put.find((each) => each.type === type)
    const tab = byType('tab')
    const sub = byType('subflow')
    const config = byType('unheard config')
    const user = byType('unheard of')
    const instance = byType(`subflow:${sub?.id}`)
    expect(instance).toMatchObject({ z: tab?.id, wires: [[user?.id]] })
    expect(user).toMatchObject({ server: config?.id })
    expect(sub).toMatchObject({ out: [{ wires: [{ id: byType('function')?.id }] }] })
    expect(done.credentials).toEqual({ [String(config?.id)]: { password: 'p' } })
    expect(done.context).toMatchObject([{ flow: tab?.id }, { flow: instance?.id, node: `${instance?.id}-${byType('function')?.id}` }])
    expect(done.removed).toEqual([])
  })

  test('in its place takes what stood there away, and nothing that stands elsewhere', async () => {
    const here = [{ ...TAB, label: 'old' }, placed('gone', 'inject', 't1'), placed('m', 'inject', 'elsewhere')]
    const done = await run({ collisions: { t1: 'replace' } }, here)
    expect(done.removed).toEqual(['gone'])
    expect(done.put.find(({ type }) => type === 'tab')?.id).toBe('t1')
    expect(done.put.find(({ type }) => type === 'unheard of')?.id).not.toBe('m')
  })

  test('what is here already is used, not doubled', async () => {
    const done = await run({}, [SUB, placed('si', 'function', 's1'), node('c', 'unheard config', { host: 'h' })])
    expect(done.put.map(({ id }) => id).toSorted()).toEqual(['i', 'm', 't1'])
    expect(done.credentials).toEqual({})
    expect((await run({ collisions: { t1: 'skip' } }, [{ ...TAB, label: 'old' }])).put.some(({ type }) => type === 'tab')).toBe(false)
  })

  test('one dashboard, one global environment: what is here stays', async () => {
    const all = [
      node('base', 'ui-base', { path: '/ui' }),
      node('page', 'ui-page', { ui: 'base' }),
      node('env', 'global-config', {
        env: [
          { name: 'A', value: '1' },
          { name: 'S', type: 'cred', value: '' },
        ],
        modules: { x: '1' },
      }),
    ]
    const items = await inSteps(itemsOf(all))
    const picks = { items: ['page', 'env'], collisions: {}, withCredentials: true, withContext: false, withGlobalContext: false }
    const directory = { sets: { env: { map: { S: 'secret', has_S: true } } }, context: [] }
    const here = [
      node('ours', 'ui-base', { path: '/dashboard' }),
      node('env0', 'global-config', {
        env: [
          { name: 'A', value: '9' },
          { name: 'K', type: 'cred' },
        ],
      }),
    ]
    const done = place(picks, { items, directory, here: new Map(here.map((each) => [each.id, each])), references: () => [] })
    expect(done.put).toMatchObject([{ id: 'page', ui: 'ours' }, { id: 'env0' }])
    expect(done.put[1]?.env).toEqual([
      { name: 'A', value: '9' },
      { name: 'K', type: 'cred' },
      { name: 'S', type: 'cred', value: '' },
    ])
    expect(done.credentials).toEqual({ env0: { map: { K: '__PWRD__', has_K: true, S: 'secret', has_S: true } } })
    const alone = place(picks, { items, directory, here: new Map(), references: () => [] })
    expect(alone.put).toMatchObject([{ id: 'base', path: '/dashboard' }, { id: 'page', ui: 'base' }, { id: 'env' }])
    expect(alone.put[2]).not.toHaveProperty('modules')
  })
})
