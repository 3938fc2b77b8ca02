import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { NODES } from '../../nodes/index.ts'
import { startNodeRed, type TestNodeRed } from '../../nodes/testing/node-red.ts'
import fc from '../../test/property.ts'
import { rounds } from '../../test/rounds.ts'
import { type Capability, capabilitiesOf, type FlowNode } from '../api/index.ts'
import { checkFence, neededCapability, requireAllowed } from './fence.ts'
import { LISTED_TYPES } from './fence-table.ts'
import { ALLOWED_MODULES, mayInstall } from './palette.ts'

const integrator = capabilitiesOf('integrator')
const engineer = capabilitiesOf('engineer')
const require = createRequire(import.meta.url)

const at = { x: 10, y: 20 }
const tab = (id = 't', more: object = {}): FlowNode => ({ id, type: 'tab', label: 'Mill 1', disabled: false, env: [], ...more })
const node = (type: string, id: string, more: object = {}): FlowNode => ({ id, type, z: 't', name: '', wires: [[]], ...at, ...more })
const exec = (more: object = {}) => node('exec', 'exec', { command: 'backup.sh', ...more })
/** The flows with one node replaced by a changed one. */
const changed = (flows: FlowNode[], id: string, more: object): FlowNode[] => flows.map((each) => (each.id === id ? { ...each, ...more } : each))
const without = (flows: FlowNode[], id: string): FlowNode[] => flows.filter((each) => each.id !== id)

const problems = (deployed: FlowNode[], flows: FlowNode[], more: { capabilities?: ReadonlySet<Capability>; credentials?: Record<string, unknown> } = {}) =>
  checkFence({ flows, deployed, capabilities: integrator, ...more })
/** Only these nodes are refused, in this order. */
function expectRefused(deployed: FlowNode[], flows: FlowNode[], ...ids: string[]) {
  expect(problems(deployed, flows).map(({ nodeId }) => nodeId)).toEqual(ids)
}
const expectAllowed = (deployed: FlowNode[], flows: FlowNode[]) => expectRefused(deployed, flows)

describe('the table', () => {
  /** Every type that the packages register, read from their sources. */
  function registeredTypes(dir: string): string[] {
    return readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.js') && !file.includes('node_modules'))
      .flatMap((file) => {
        const text = readFileSync(join(dir, file), 'utf8')
        const calls = text.match(/registerType\s*\(/g)?.length ?? 0
        const types = [...text.matchAll(/registerType\s*\(\s*(['"`])(.+?)\1/g)].map(([, , type]) => type!)
        // a type that is not a plain string would be missed
        expect(types, file).toHaveLength(calls)
        return types
      })
  }
  const nodeRed = createRequire(require.resolve('node-red/package.json'))
  const core = registeredTypes(join(dirname(nodeRed.resolve('@node-red/nodes/package.json')), 'core'))
  const dashboardDir = dirname(require.resolve('@flowfuse/node-red-dashboard/package.json'))
  const dashboard = registeredTypes(join(dashboardDir, 'nodes'))

  const emailDir = dirname(require.resolve('node-red-node-email/package.json'))
  const email = registeredTypes(emailDir)

  it('loads the e-mail nodes in the version that is installed', () => {
    const { version } = require(join(emailDir, 'package.json')) as { version: string }
    expect(ALLOWED_MODULES).toContain(`node-red-node-email@${version}`)
    expect(mayInstall('node-red-node-email', ALLOWED_MODULES).allowed).toBe(true)
  })
  it('decides about every type of the installed Node-RED, Dashboard 2 and e-mail nodes', () => {
    expect(core.length).toBeGreaterThan(45)
    expect(dashboard.length).toBeGreaterThan(25)
    const declared = Object.keys((require(join(dashboardDir, 'package.json')) as { 'node-red': { nodes: object } })['node-red'].nodes)
    expect([...core, ...dashboard, ...email, ...declared].filter((type) => !LISTED_TYPES.has(type))).toEqual([])
  })
  it('has no line for a type that is gone', () => {
    const installed = new Set([...core, ...dashboard, ...email, ...NODES.map(({ type }) => type as string), 'tab', 'group', 'subflow'])
    expect([...LISTED_TYPES].filter((type) => !installed.has(type))).toEqual([])
  })
  it.each([
    'function',
    'exec',
    'file',
    'file in',
    'watch',
    'tcp in',
    'udp out',
    'http in',
    'http request',
    'mqtt-broker',
    'e-mail',
    'e-mail in',
    'e-mail mta',
    'tls-config',
    'ui-template',
    'ui-markdown',
    'cw-interlock',
    'cw-tool-change',
  ])('takes flows.code for %s', (type) => expect(neededCapability(type)).toBe('flows.code'))
  const speakForPeople = ['cw-interlock', 'cw-tool-change']
  const ours = NODES.map(({ type }) => type).filter((type) => !speakForPeople.includes(type))
  it.each(['inject', 'switch', 'link call', 'json', 'ui-button', 'tab', 'subflow:abc', ...ours])('lets everybody who deploys use %s', (type) =>
    expect(neededCapability(type)).toBe('flows.deploy'),
  )
  it('trusts a name only when the product declares it: neither a foreign cw- type nor a redefined exec', () => {
    expect(neededCapability('cw-evil')).toBe('flows.code')
    expect(neededCapability('cw-new', new Set(['cw-new']))).toBe('flows.deploy')
    expect(neededCapability('exec', new Set(['exec']))).toBe('flows.code')
    expect(neededCapability('node-red-contrib-something')).toBe('flows.code')
    expect(neededCapability('constructor')).toBe('flows.code')
  })
})

describe('code nodes', () => {
  const flows = [tab(), exec({ wires: [['out']] }), node('debug', 'out'), node('inject', 'in', { wires: [['exec']] })]

  it('lets somebody with flows.code do all of it', () => {
    expect(problems([], flows, { capabilities: engineer })).toEqual([])
  })
  it('refuses a new one, and says which, why and what to do', () => {
    expect(problems([], [tab(), exec({ name: 'Backup' })])).toContainEqual({
      nodeId: 'exec',
      message: '"Backup" (exec) is new, and it starts programs on the server. Ask somebody with the capability "flows.code" to deploy this.',
      code: 'code-new',
      params: { why: 'programs' },
    })
  })
  it('leaves an unchanged one in peace, also when it is moved about on the page, whatever the order of its properties', () => {
    expectAllowed(flows, flows)
    expectAllowed(flows, changed(flows, 'exec', { x: 500, y: 1, w: 10, h: 10 }))
    expectAllowed(
      flows,
      [...flows].reverse().map((each) => Object.fromEntries(Object.entries(each).reverse()) as FlowNode),
    )
  })
  it.each([
    ['a setting', { command: 'rm -rf /' }],
    ['one setting more', { addpay: 'payload' }],
    ['its targets', { wires: [[]] }],
    ['its tab', { z: 'other' }],
    ['its group', { g: 'g' }],
    ['its being switched off', { d: true }],
    ['its name', { name: 'other' }],
    ['its type', { type: 'function' }],
    ['credentials inside it', { credentials: { password: 'x' } }],
  ])('refuses a change of %s', (_what, more) => expectRefused(flows, changed(flows, 'exec', more), 'exec'))
  it('refuses a setting taken away, and a place taken away, which makes it a config node', () => {
    const { command, ...less } = exec({ wires: [['out']] })
    expectRefused(flows, [...without(flows, 'exec'), less as FlowNode], 'exec')
    const { x, ...placeless } = exec({ wires: [['out']] })
    expectRefused(flows, [...without(flows, 'exec'), placeless as FlowNode], 'exec')
  })
  it('refuses a copy, and the same id twice', () => {
    expectRefused(flows, [...flows, exec({ id: 'exec2' })], 'exec2')
    expectRefused(flows, [...flows, exec({ wires: [['out']] })], 'exec')
  })
  it('refuses to switch one on', () => {
    const off = changed(flows, 'exec', { d: true })
    expectRefused(off, flows, 'exec')
  })
  it('lets it be removed, but not put back', () => {
    expectAllowed(flows, without(flows, 'exec'))
    expectRefused(without(flows, 'exec'), flows, 'exec')
  })
  it('refuses to take away a config node that is code from under one that uses it', () => {
    const deployed = [tab(), node('http request', 'call', { tls: 'tls1' }), { id: 'tls1', type: 'tls-config', verifyservercert: true }]
    expectAllowed(deployed, deployed)
    expectRefused(deployed, without(deployed, 'tls1'), 'call')
    expectRefused(deployed, [...without(deployed, 'tls1'), { id: 'tls1', type: 'cw-machine' }], 'call')
  })
  it('refuses new credentials for one, and for what is around it, wherever they come from', () => {
    const all = [...flows, { id: 'global', type: 'global-config', env: [] }, tab('t2'), node('debug', 'free', { z: 't2' })]
    for (const id of ['exec', 't', 'global']) expect(problems(all, all, { credentials: { [id]: { key: 'x' } } })).toMatchObject([{ nodeId: id }])
    for (const id of ['free', 't2', 'nobody']) expect(problems(all, all, { credentials: { [id]: { key: 'x' } } })).toEqual([])
    expectRefused(all, changed(all, 't', { credentials: { key: 'x' } }), 't')
  })
  it('throws one readable error with every problem for the deploy', async () => {
    await expect(requireAllowed([tab(), exec()], [], integrator)).rejects.toThrow(/may not deploy: .*"exec" \(exec\) is new/)
    await requireAllowed([tab(), exec()], [], engineer)
  })
})

describe('messages into code nodes', () => {
  const check = node('function', 'check', { func: 'return isGood(msg) ? msg : null', wires: [['exec']] })
  const flows = [tab(), node('inject', 'in', { wires: [['check']] }), check, exec(), node('change', 'change', { rules: [] })]

  it('are allowed where a safe node sent before', () => {
    expectAllowed(flows, changed(flows, 'change', { wires: [['check']] }))
  })
  it('are refused past a check, to a code node that only code leads to', () => {
    expectRefused(flows, changed(flows, 'change', { wires: [['exec']] }), 'exec')
    expectRefused(flows, [...flows, node('link out', 'jump', { mode: 'link', links: ['exec'] })], 'exec')
    expectRefused(flows, [...flows, node('junction', 'knee', { wires: [['exec']] })], 'exec')
  })
  it('are refused to one that nothing leads to', () => {
    const alone = [tab(), exec(), node('inject', 'in')]
    expectRefused(alone, changed(alone, 'in', { wires: [['exec']] }), 'exec')
  })
  it('cannot come over wires in a shape that hides them', () => {
    expectRefused([tab(), node('exec', 'e')], [tab(), node('exec', 'e'), node('debug', 'd', { wires: ['e'] })], 'd')
    expectRefused([tab(), exec()], [tab(), exec(), node('debug', 'd', { wires: [[['exec']]] })], 'd')
  })
})

describe('what is around code nodes', () => {
  const env = [{ name: 'DIR', value: '/srv', type: 'str' }]
  const group = (id: string, more: object = {}): FlowNode => ({ id, type: 'group', z: 't', name: '', nodes: [], env: [], ...more })
  const flows = [
    tab('t', { env }),
    tab('free'),
    group('outer', { nodes: ['inner'] }),
    group('inner', { g: 'outer', nodes: ['exec'] }),
    exec({ g: 'inner' }),
    node('debug', 'd', { z: 'free' }),
  ]

  it('may be renamed and described, and a tab switched off', () => {
    expectAllowed(flows, changed(changed(flows, 't', { label: 'Mill 2', info: 'x', disabled: true }), 'inner', { name: 'x', style: {}, w: 5, nodes: [] }))
  })
  it('refuses to switch its tab on', () => {
    expectRefused(changed(flows, 't', { disabled: true }), flows, 't')
  })
  it.each(['t', 'outer', 'inner'])('refuses other values of %s', (id) => {
    expectRefused(flows, changed(flows, id, { env: [{ name: 'DIR', value: '/etc', type: 'str' }] }), id)
  })
  it('allows other values where there is no code', () => {
    expectAllowed(flows, changed(flows, 'free', { env }))
  })
  it('refuses to move its group to other values', () => {
    expectRefused(flows, changed(flows, 'inner', { g: undefined }), 'inner')
  })
  it('refuses to remove the tab from under it, whose replacement would be switched on', () => {
    const off = changed(flows, 't', { disabled: true })
    expectRefused(off, without(off, 't'), 'outer', 'inner', 'exec')
    expectRefused(off, changed(off, 't', { type: 'comment' }), 'outer', 'inner', 'exec')
    expectRefused(flows, without(flows, 'inner'), 'exec')
  })
  it('refuses to put a subflow in the place of its tab, and a tab where there was none', () => {
    const now = changed(flows, 't', { type: 'subflow' })
    expect(problems(flows, now).map(({ nodeId }) => nodeId)).toContain('t')
    const lost = without(flows, 't')
    expectRefused(lost, flows, 't')
  })
  it('refuses other values for all flows while there is code', () => {
    const settings = (value: string): FlowNode => ({ id: 'gc', type: 'global-config', env: [{ name: 'DIR', value, type: 'str' }], modules: {} })
    expectRefused([...flows, settings('a')], [...flows, settings('b')], 'gc')
    expectRefused(flows, [...flows, settings('b')], 'gc')
    expectRefused([...flows, settings('a')], flows, 'gc')
    expectRefused([...flows, settings('a')], [...flows, { ...settings('a'), z: 't' }], 'gc')
    expectAllowed([...flows, settings('a')], [...flows, { ...settings('a'), modules: { x: '1.0.0' } }])
    expectAllowed([tab(), settings('a')], [tab(), settings('b')])
  })
})

describe('subflows with code in them', () => {
  const subflow = (id: string, target: string, more: object = {}): FlowNode => ({
    id,
    type: 'subflow',
    name: id,
    env: [],
    in: [{ x: 1, y: 1, wires: [{ id: target }] }],
    out: [{ x: 9, y: 1, wires: [{ id: target, port: 0 }] }],
    ...more,
  })
  // outer holds an instance of inner, which holds the code
  const flows = [
    tab(),
    subflow('inner', 'exec'),
    exec({ z: 'inner' }),
    subflow('outer', 'use-inner'),
    node('subflow:inner', 'use-inner', { z: 'outer' }),
    node('subflow:outer', 'use-outer', { env: [] }),
    node('inject', 'in', { wires: [['use-outer']] }),
    subflow('plain', 'dbg'),
    node('debug', 'dbg', { z: 'plain' }),
  ]

  it('lets instances of subflows without code come and go', () => {
    expectAllowed(flows, [...flows, node('subflow:plain', 'p1'), node('subflow:plain', 'p2', { env: [{ name: 'A', value: '1', type: 'str' }] })])
    expectAllowed(flows, changed(flows, 'plain', { env: [{ name: 'A', value: '1', type: 'str' }], out: [] }))
  })
  it.each(['subflow:inner', 'subflow:outer'])('refuses a new instance of %s', (type) => expectRefused(flows, [...flows, node(type, 'new')], 'new'))
  it('refuses a changed instance, however deep its code', () => {
    expectRefused(flows, changed(flows, 'use-outer', { env: [{ name: 'DIR', value: '/etc', type: 'str' }] }), 'use-outer')
    expectRefused(flows, changed(flows, 'use-inner', { z: 't' }), 'use-inner')
  })
  it('refuses a changed definition, but not one that was only moved', () => {
    for (const id of ['inner', 'outer']) {
      expectRefused(flows, changed(flows, id, { env: [{ name: 'DIR', value: '/etc', type: 'str' }] }), id)
      expectRefused(flows, changed(flows, id, { in: [] }), id)
    }
    expectAllowed(flows, changed(flows, 'inner', { in: [{ x: 5, y: 5, wires: [{ id: 'exec' }] }], info: 'what it does', color: '#fff' }))
  })
  it('refuses an instance put into a subflow that is used elsewhere', () => {
    expectRefused(flows, [...flows, node('subflow:inner', 'sneaked', { z: 'plain' })], 'sneaked')
  })
  it('ends also when subflows hold each other', () => {
    const loop = [subflow('a', 'ub'), node('subflow:b', 'ub', { z: 'a' }), subflow('b', 'ua'), node('subflow:a', 'ua', { z: 'b' })]
    expectAllowed([], loop)
    expectRefused([], [...loop, exec({ z: 'b' })], 'a', 'ub', 'b', 'ua', 'exec')
  })
})

describe('code in safe nodes', () => {
  const rule = (more: object) => node('change', 'c', { rules: [{ t: 'set', p: 'payload', pt: 'msg', to: '', tot: 'str', ...more }] })
  const cases: [string, FlowNode][] = [
    ['JSONata in a change node', rule({ to: '$globalContext("constr" & "uctor")', tot: 'jsonata' })],
    [
      'JSONata in a switch node',
      node('switch', 'c', { property: 'payload', propertyType: 'msg', rules: [{ t: 'jsonata_exp', v: '$eval(payload)', vt: 'jsonata' }] }),
    ],
    ['JSONata in a switch node without its expression', node('switch', 'c', { property: 'payload', propertyType: 'jsonata', rules: [{ t: 'jsonata_exp' }] })],
    ['JSONata in a property of another type', node('sort', 'c', { target: '1+1', targetType: 'jsonata' })],
    ['JSONata that a path stands for', rule({ p: '1+1', pt: 'jsonata' })],
    ['JSONata that folds in a join node', node('join', 'c', { mode: 'reduce', reduceExp: '$A + payload' })],
    ['JSONata in the settings of our own nodes', node('cw-enqueue', 'c', { jobName: '$x', jobNameType: 'jsonata' })],
    ['JSONata in the values of a tab', tab('c', { env: [{ name: 'A', value: '1+1', type: 'jsonata' }] })],
    ['a path to Function', rule({ to: 'payload.constructor.constructor', tot: 'msg' })],
    ['a path to what all objects share', rule({ p: 'a.prototype.shell' })],
    ['a path in brackets', rule({ p: 'a["prototype"].shell' })],
    ['a path in a context store', rule({ to: '#:(memory)::constructor', tot: 'global' })],
    ['__proto__ as a name', rule({ p: '__proto__' })],
    ['a property that the message names', rule({ to: 'payload[msg.key]', tot: 'msg' })],
    ['a kind of value from the environment', rule({ to: '1+1', tot: `\${KIND}` })],
    ['a kind of value from the environment in our own nodes', node('cw-enqueue', 'c', { jobNameType: '$(KIND)' })],
    ['a join node in automatic mode', node('join', 'c', { mode: 'auto' })],
    ['a join node without a mode', node('join', 'c')],
    ['settings nested without end', node('change', 'c', { rules: Array.from({ length: 200 }).reduce((inner) => [inner], []) as unknown[] })],
  ]
  it.each(cases)('refuses %s', (_what, risky) => {
    const home = risky.type === 'tab' ? [] : [tab()]
    expectRefused(home, [...home, risky], 'c')
    expect(problems([], [...home, risky], { capabilities: engineer })).toEqual([])
  })
  it.each(cases)('leaves alone what is deployed: %s', (_what, risky) => {
    const home = risky.type === 'tab' ? [] : [tab(), tab('t2'), node('debug', 'd')]
    const more = risky.type === 'tab' ? {} : { wires: [['d']], z: 't2', name: 'renamed', d: true, x: 99 }
    expectAllowed([...home, risky], [...home, { ...risky, ...more }])
    expectRefused([...home, risky], [...home, { ...risky, extra: 1 }], 'c')
    expectRefused([...home, risky], [...home, risky, { ...risky, id: 'copy' }], 'copy')
  })
  it('lets plain settings be, also when they talk of prototypes', () => {
    expectAllowed(
      [],
      [
        tab(),
        rule({ to: 'prototype', tot: 'str' }),
        node('template', 'tpl', { template: 'Order {{workOrder.number}}: a prototype. Price: $9' }),
        node('join', 'j', { mode: 'custom', build: 'array', count: '2' }),
        node('inject', 'i', { props: [{ p: 'payload' }], repeat: '5', payload: 'now', payloadType: 'date' }),
        node('cw-run-program', 'run', { machine: `\${MACHINE}` }),
        node('comment', 'note', { name: 'the constructor', info: '$globalContext and __proto__ [msg.x]' }),
      ],
    )
  })
  it('refuses to send into an inject node, which does what the message says', () => {
    const deployed = [tab(), node('inject', 'in'), node('change', 'c', { rules: [] })]
    expectRefused(deployed, changed(deployed, 'c', { wires: [['in']] }), 'in')
    // a node that was fed as something else
    const fed = [tab(), node('change', 'in', { rules: [] }), node('change', 'c', { rules: [], wires: [['in']] })]
    expectRefused(fed, changed(fed, 'in', { type: 'inject' }), 'in')
    expectAllowed(changed(fed, 'in', { type: 'inject' }), changed(fed, 'in', { type: 'inject' }))
  })
})

describe('hidden nodes', () => {
  const inner = { e: { id: 'e', type: 'exec', command: 'id', ...at, wires: [[]] } }
  const cases: [string, FlowNode][] = [
    ['a reference to a subflow in a comment', node('comment', 'c', { subflow: 's' })],
    ['a subflow inside a subflow', { id: 'c', type: 'subflow', name: '', in: [], out: [], subflows: { evil: { id: 'evil', nodes: inner } } }],
    ['nodes inside a subflow', { id: 'c', type: 'subflow', name: '', in: [], out: [], nodes: inner }],
    ['the credentials of another node', node('debug', 'c', { _alias: 'broker' })],
    ['an inherited property', JSON.parse('{"id":"c","type":"comment","z":"t","x":1,"y":1,"__proto__":{"subflow":"s"}}') as FlowNode],
  ]
  it.each(cases)('are refused: %s', (_what, sneaky) => {
    expectRefused([tab()], [tab(), sneaky], 'c')
    expectAllowed([tab(), sneaky], [tab(), sneaky])
    expectRefused([tab(), sneaky], [tab(), { ...sneaky, name: 'x' }], 'c')
  })
  it('are refused as an inherited property deep inside', () => {
    const deep = JSON.parse('[{"__proto__":{"t":"set"}}]') as unknown
    expectRefused([tab()], [tab(), node('change', 'c', { rules: deep })], 'c')
  })
  it('are refused under an id that JavaScript uses itself', () => {
    expectRefused([tab()], [tab(), { id: '__proto__', type: 'subflow', name: '', in: [], out: [], evil: { nodes: inner } } as FlowNode], '__proto__')
  })
  it('make a subflow code that holds them', () => {
    const deployed = [tab(), cases[1]![1]]
    expectRefused(deployed, [...deployed, node('subflow:c', 'use')], 'use')
  })
})

/**
 * Everything that runs, worked out in another way than the fence does: with where it runs, all its settings, and the values that reach it.
 */
function running(flows: readonly FlowNode[]): string[] {
  const byId = new Map(flows.map((each) => [each.id, each]))
  const global = flows.filter((each) => each.type === 'global-config' && (each.env as unknown[]).length).map((each) => each.env)
  const valuesOf = (each: FlowNode): unknown[] => {
    const values: unknown[] = []
    for (let g = each.g; typeof g === 'string'; g = byId.get(g)?.g) values.push([g, byId.get(g)?.env ?? null])
    return values
  }
  const walk = (place: string, path: string, values: unknown[]): string[] =>
    flows
      .filter((each) => each.z === place && each.d !== true && each.type !== 'group')
      .flatMap((each) => {
        const here = [...values, ...valuesOf(each)]
        if (neededCapability(each.type) === 'flows.code') {
          const { x, y, w, h, ...content } = each
          return [JSON.stringify([path, Object.entries(content).sort(), here])]
        }
        if (!each.type.startsWith('subflow:')) return []
        const definition = byId.get(each.type.slice('subflow:'.length))
        if (definition?.type !== 'subflow' || path.includes(`/${each.id}/`)) return []
        return walk(definition.id, `${path}/${each.id}/`, [...here, definition.env, each.env])
      })
  // the runtime makes up a tab for nodes whose own is gone
  const lost = new Set(flows.map((each) => each.z as string).filter((z) => z !== undefined && !['tab', 'subflow'].includes(byId.get(z)?.type ?? '')))
  return [
    ...flows.filter((each) => each.type === 'tab' && !each.disabled).flatMap((each) => walk(each.id, each.id, [global, each.env])),
    ...[...lost].flatMap((each) => walk(each, each, [global, null])),
  ]
}

test('property: what is accepted never runs code that did not run before', () => {
  const ids = (letter: string, count: number) => fc.constantFrom(...Array.from({ length: count }, (_, index) => `${letter}${index}`))
  const env = fc.constantFrom([], [{ name: 'A', value: '1', type: 'str' }], [{ name: 'A', value: '2', type: 'str' }])
  const place = fc.oneof(ids('t', 2), ids('s', 3))
  const group = fc.option(ids('g', 2), { nil: undefined })
  const any: fc.Arbitrary<FlowNode> = fc.oneof(
    fc.record({ id: ids('t', 2), type: fc.constant('tab'), env, disabled: fc.boolean() }),
    fc.record({ id: ids('s', 3), type: fc.constant('subflow'), name: fc.constant(''), env, in: fc.constant([]), out: fc.constant([]) }),
    fc.record({ id: ids('g', 2), type: fc.constant('group'), z: place, env }),
    fc.record({ id: fc.constant('gc'), type: fc.constant('global-config'), env }),
    fc.record({
      id: ids('n', 5),
      type: fc.constantFrom('exec', 'function', 'debug', 'change', 'subflow:s0', 'subflow:s1', 'subflow:s2'),
      z: place,
      g: group,
      x: fc.integer({ min: 0, max: 2 }),
      y: fc.constant(1),
      d: fc.boolean(),
      text: fc.constantFrom('a', 'b'),
      env,
      wires: fc.array(fc.array(ids('n', 5), { maxLength: 2 }), { maxLength: 1 }),
    }),
  )
  const some = fc.uniqueArray(any, { maxLength: 16, selector: (each) => each.id }).map((list) => JSON.parse(JSON.stringify(list)) as FlowNode[])
  // mostly what is deployed, with a few nodes changed, put in and taken away
  const edits = fc.record({ put: fc.uniqueArray(any, { maxLength: 3, selector: (each) => each.id }), removed: fc.array(fc.nat(15), { maxLength: 2 }) })
  let accepted = 0
  let refused = 0
  let acceptedWithCode = 0
  fc.assert(
    fc.property(some, edits, (deployed, { put, removed }) => {
      const kept = deployed.filter((each, index) => !removed.includes(index) && !put.some(({ id }) => id === each.id))
      const flows = JSON.parse(JSON.stringify([...kept, ...put])) as FlowNode[]
      expect(problems(deployed, flows, { capabilities: engineer })).toEqual([])
      if (problems(deployed, flows).length) {
        refused++
        return
      }
      accepted++
      const before = new Set(running(deployed))
      const now = running(flows)
      if (now.length) acceptedWithCode++
      expect(now.filter((each) => !before.has(each))).toEqual([])
      const contents = (list: FlowNode[]) =>
        list.filter((each) => neededCapability(each.type) === 'flows.code').map(({ x, y, ...content }) => JSON.stringify(Object.entries(content).sort()))
      const deployedContents = new Set(contents(deployed))
      expect(contents(flows).filter((each) => !deployedContents.has(each))).toEqual([])
    }),
    { numRuns: rounds(4000) },
  )
  // or the property says little
  expect(accepted).toBeGreaterThan(200)
  expect(refused).toBeGreaterThan(200)
  expect(acceptedWithCode).toBeGreaterThan(20)
})

test('is linear: ten times the nodes take about ten times as long, also nested and wired to one', () => {
  const build = (count: number): FlowNode[] => [
    tab(),
    exec({ g: `g${count - 1}` }),
    node('inject', 'start', { wires: [['exec']] }),
    ...Array.from({ length: count }, (_, index): FlowNode[] => [
      node('change', `c${index}`, { rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'ok', tot: 'str' }], wires: [[`c${index + 1}`, 'exec']] }),
      { id: `g${index}`, type: 'group', z: 't', env: [], ...(index ? { g: `g${index - 1}` } : {}) },
      { id: `s${index}`, type: 'subflow', name: '', in: [], out: [] },
      node(`subflow:s${index + 1}`, `u${index}`, { z: `s${index}` }),
    ]).flat(),
  ]
  const timeOf = (count: number): number => {
    const deployed = build(count)
    const flows = structuredClone(deployed)
    let best = Number.POSITIVE_INFINITY
    for (let run = 0; run < 4; run++) {
      // what other processes took meanwhile is none of it
      const start = process.threadCpuUsage()
      expect(problems(deployed, flows)).toEqual([])
      const { user, system } = process.threadCpuUsage(start)
      best = Math.min(best, (user + system) / 1000)
    }
    return best
  }
  const small = timeOf(1000)
  expect(timeOf(10_000)).toBeLessThan(Math.max(small, 1) * 40)
})

describe('in a real Node-RED, what the fence refuses is code indeed', () => {
  let red: TestNodeRed
  beforeAll(async () => {
    red = await startNodeRed()
  })
  afterAll(() => red?.close())
  const sink = node('debug', 'sink', { active: false, tosidebar: false, wires: [] })
  const code = { func: 'msg.payload = "ran"; return msg', outputs: 1 }
  const definition = (more: object = {}): FlowNode => ({
    id: 's',
    type: 'subflow',
    name: 's',
    in: [{ ...at, wires: [{ id: 'f' }] }],
    out: [{ ...at, wires: [{ id: 'f', port: 0 }] }],
    ...more,
  })

  test('JSONata without a word of it in the expression', async () => {
    const to = '$globalContext("constr" & "uctor.constr" & "uctor")("return process.pid")()'
    await red.deploy([tab(), sink, node('change', 'c', { rules: [{ t: 'set', p: 'payload', pt: 'msg', to, tot: 'jsonata' }], wires: [['sink']] })])
    red.give('c', {})
    expect((await red.next('c')).payload).toBe(process.pid)
  })
  test('two rules of a change node that add a property to every object', async () => {
    const rules = [
      { t: 'set', p: 'a', pt: 'msg', to: 'constructor', tot: 'msg' },
      { t: 'set', p: 'a.prototype.fenceTest', pt: 'msg', to: 'yes', tot: 'str' },
    ]
    await red.deploy([tab(), sink, node('change', 'c', { rules, wires: [['sink']] })])
    try {
      red.give('c', {})
      await red.next('c')
      expect(({} as { fenceTest?: string }).fenceTest).toBe('yes')
    } finally {
      delete (Object.prototype as { fenceTest?: string }).fenceTest
    }
  })
  test('a comment that is an instance of a subflow', async () => {
    await red.deploy([tab(), sink, definition(), node('function', 'f', { z: 's', ...code }), node('comment', 'c', { subflow: 's', wires: [['sink']] })])
    red.give('c', {})
    expect((await red.next('c-f')).payload).toBe('ran')
  })
  test('a function node that is in no list of nodes', async () => {
    const evil = {
      id: 'evil',
      in: [{ wires: [{ id: 'e' }] }],
      out: [{ wires: [{ id: 'e', port: 0 }] }],
      nodes: { e: { id: 'e', type: 'function', ...code, ...at, wires: [[]] } },
    }
    await red.deploy([
      tab(),
      sink,
      definition({ subflows: { evil } }),
      node('comment', 'f', { z: 's', subflow: 'evil' }),
      node('subflow:s', 'c', { wires: [['sink']] }),
    ])
    red.give('c', {})
    expect((await red.next('c-f-e')).payload).toBe('ran')
  })
  test('paths that the message brings to an inject and to a join node', async () => {
    await red.deploy([tab(), sink, node('inject', 'i', { props: [], wires: [['sink']] }), node('join', 'j', { mode: 'auto', wires: [['sink']] })])
    red.give('i', { __user_inject_props__: [{ p: 'got', v: 'constructor.name', vt: 'msg' }] })
    expect(await red.next('i')).toMatchObject({ got: 'Object' })
    red.give('j', { payload: {}, parts: { id: 1, type: 'array', count: 1, property: 'payload.constructor.name' } })
    expect(JSON.stringify(await red.next('j'))).toContain('["Object"]')
  })
  test('a kind of value put together in the environment', async () => {
    const env = [
      { name: 'A', value: 'json', type: 'str' },
      { name: 'KIND', value: `\${A}ata`, type: 'env' },
    ]
    await red.deploy([
      tab(),
      sink,
      { id: 'gc', type: 'global-config', env },
      node('change', 'c', { rules: [{ t: 'set', p: 'payload', pt: 'msg', to: '1+1', tot: `\${KIND}` }], wires: [['sink']] }),
    ])
    red.give('c', {})
    expect((await red.next('c')).payload).toBe(2)
  })
  test('a node of a switched-off tab that was removed', async () => {
    await red.deploy([tab('elsewhere'), node('function', 'f', { z: 'gone', ...code, wires: [['sink']] }), { ...sink, z: 'gone' }])
    red.give('f', {})
    expect((await red.next('f')).payload).toBe('ran')
  })
})
