import { expect, test } from 'vitest'
import type { FlowNode, NodeType } from '../../api/index.ts'
import type { CredentialNames } from './credentials.ts'
import { createAdviser } from './index.ts'

const type = (name: string, inputs: number, outputs = 1): NodeType => ({
  type: name,
  label: name,
  family: 'x',
  module: 'node-red',
  isConfig: false,
  inputs,
  outputs,
  outputLabels: [],
  defaults: {},
  needs: 'flows.deploy',
})
const TYPES = [
  ...['inject', 'link in', 'catch', 'mqtt in', 'cw-work-orders', 'cw-job-in'].map((name) => type(name, 0)),
  ...[
    'debug',
    'link out',
    'link call',
    'change',
    'switch',
    'delay',
    'cw-run-program',
    'cw-button',
    'cw-jog',
    'cw-machine-command',
    'cw-interlock',
    'cw-enqueue',
    'strange',
    'http request',
  ].map((name) => type(name, 1)),
]
const TAB: FlowNode = { id: 't', type: 'tab' }
/** `a inject > b`: a node `a` of that type, wired to `b`. */
const flow = (...lines: string[]): FlowNode[] => [
  TAB,
  ...lines.map((line) => {
    const [left = '', right = ''] = line.split('>').map((part) => part.trim())
    const [id = '', ...name] = left.split(' ')
    return { id, type: name.join(' '), z: 't', x: 1, y: 1, wires: [right ? right.split(' ') : []] }
  }),
]
const withProperties = (flows: FlowNode[], id: string, properties: object) => flows.map((node) => (node.id === id ? { ...node, ...properties } : node))
const advise = (flows: FlowNode[], more: { before?: FlowNode[]; stored?: CredentialNames; coming?: CredentialNames; machineIds?: string[] } = {}) =>
  createAdviser({ credentialNames: async () => more.stored ?? {}, ...(more.machineIds && { machineIds: () => more.machineIds ?? [] }) })({
    flows,
    before: more.before ?? [],
    types: TYPES,
    newCredentials: more.coming ?? {},
  })
const about = async (...given: Parameters<typeof advise>) => (await advise(...given)).map((one) => `${one.about} ${one.nodeId}`)

test('a sound flow needs no advice', async () => {
  expect(await about(flow('a inject > b', 'b change > c', 'c debug'))).toEqual([])
})

test('says at the first node that nothing leads to it, with how much is behind', async () => {
  const advice = await advise(flow('a inject > b', 'b debug', 'c change > d', 'd debug'))
  expect(advice).toMatchObject([{ about: 'unreachable', nodeId: 'c', message: expect.stringContaining('one node behind it') }])
})

test('a message that comes over link nodes is a message', async () => {
  const flows = withProperties(flow('a inject > o', 'o link out', 'i link in > d', 'd debug'), 'o', { links: ['i'], mode: 'link' })
  expect(await about(flows)).toEqual([])
  expect(await about(withProperties(flows, 'o', { links: [] }))).toEqual(['unreachable i'])
})

test('what a type of a strange module does by itself is not guessed', async () => {
  expect(await about(flow('a strange > d', 'd debug'))).toEqual([])
})

test('disabled nodes and unused subflows are left alone', async () => {
  expect(
    await about([
      ...withProperties(flow('a change'), 'a', { d: true }),
      { id: 's', type: 'subflow', in: [], out: [] },
      { id: 'x', type: 'change', z: 's', x: 1, y: 1, wires: [] },
    ]),
  ).toEqual([])
})

test('finds a circle in which nothing waits, whatever is around it', async () => {
  const advice = await advise(flow('a inject > b', 'b change > c', 'c change > b d', 'd debug'))
  expect(advice).toMatchObject([{ about: 'loop', way: expect.arrayContaining(['b', 'c']), message: expect.stringContaining('for ever') }])
})

test('a delay in the circle is a pause; a switch may be a way out, and is named', async () => {
  expect(await about(flow('a inject > b', 'b change > c', 'c delay > b'))).toEqual([])
  expect(await advise(flow('a inject > b', 'b change > c', 'c switch > b'))).toMatchObject([
    { about: 'loop', message: expect.stringContaining('"c" (switch)') },
  ])
})

test('a circle over link nodes is a circle', async () => {
  const flows = withProperties(flow('i link in > b', 'b change > o', 'o link out'), 'o', { links: ['i'] })
  expect(await about(flows)).toContain('loop i')
})

test('a chain of any length does not end the search', async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `n${index} change > n${index + 1}`)
  expect(await about(flow('a inject > n0', ...lines, 'n20000 debug'))).toEqual([])
})

test('a clock that moves a machine is to be confirmed; a press in the editor, or a button on the way, is a person', async () => {
  const flows = flow('a inject > b', 'b change > m', 'm cw-run-program')
  expect(await about(flows)).toEqual([])
  const advice = await advise(withProperties(flows, 'a', { repeat: '60', name: 'each minute' }))
  expect(advice).toMatchObject([{ about: 'motion', nodeId: 'm', way: ['a', 'b', 'm'], message: expect.stringMatching(/every 60 s.*each minute/) }])
  expect(await about(withProperties(flow('a inject > b', 'b cw-button > m', 'm cw-run-program'), 'a', { once: true }))).toEqual([])
})

test('work orders and messages from outside are no person', async () => {
  expect(await about(flow('a cw-work-orders > m', 'm cw-jog'))).toEqual(['motion m'])
  expect(await about(flow('a mqtt in > m', 'm cw-machine-command'))).toEqual([])
  expect(await about(withProperties(flow('a mqtt in > m', 'm cw-machine-command'), 'm', { command: 'home' }))).toEqual(['motion m'])
})

test('a job begins where it is queued; one that nobody here queues may come from anywhere', async () => {
  const job = withProperties(flow('j cw-job-in > m', 'm cw-jog'), 'j', { jobName: 'cut' })
  expect(await about(job)).toEqual(['motion m'])
  const queue = (flows: FlowNode[]) => withProperties(flows, 'q', { jobName: 'cut', jobNameType: 'str' }).slice(1)
  expect(await about([...job, ...queue(flow('a cw-work-orders > b', 'b cw-button > q', 'q cw-enqueue'))])).toEqual([])
  expect(await about([...job, ...queue(flow('a cw-work-orders > q', 'q cw-enqueue'))])).toEqual(['motion m'])
})

test('a flow that is called by its name moves a machine for whoever calls it; a branch that comes back is no endless circle', async () => {
  const called = withProperties(flow('s cw-flow-begin > m', 'm cw-jog > r', 'r cw-return'), 's', { flow: 'cut' })
  const call = (flows: FlowNode[]) => withProperties(flows, 'c', { flow: 'cut', flowType: 'str' }).slice(1)
  expect(await about([...called, ...call(flow('a inject > c', 'c cw-call-flow'))])).toEqual([])
  expect(await about([...called, ...call(flow('a mqtt in > c', 'c cw-call-flow'))])).toEqual(['motion m'])
  expect(await about(flow('a inject > e', 'e cw-for-each > b', 'b change > e'))).toEqual([])
})

test('a machine inside a subflow is found from outside', async () => {
  const flows: FlowNode[] = [
    TAB,
    { id: 's', type: 'subflow', in: [{ wires: [{ id: 'm' }] }], out: [] },
    { id: 'm', type: 'cw-jog', z: 's', x: 1, y: 1, wires: [[]] },
    { id: 'a', type: 'inject', z: 't', x: 1, y: 1, once: true, wires: [['u']] },
    { id: 'u', type: 'subflow:s', z: 't', x: 1, y: 1, wires: [] },
  ]
  expect(await advise(flows)).toMatchObject([{ about: 'motion', nodeId: 'm', way: ['a', 'u', 'm'] }])
})

test('a machine that is not set up is told', async () => {
  const flows = [...withProperties(flow('a inject > m', 'm cw-jog'), 'm', { machine: 'c' }), { id: 'c', type: 'cw-machine', machineId: 'mill-9' }]
  expect(await about(flows, { machineIds: ['mill-9'] })).toEqual([])
  expect(await about(flows, { machineIds: ['mill-1'] })).toEqual(['machine c'])
})

test('an interlock that nobody feeds says that it counts as unsafe', async () => {
  expect(await advise(flow('i cw-interlock'))).toMatchObject([{ message: expect.stringContaining('unsafe') }])
})

test('asks for a password that a node signs in with, until it is stored or typed', async () => {
  const flows = withProperties(flow('a inject > h', 'h http request'), 'h', { authType: 'basic' })
  expect(await about(flows)).toEqual(['credentials h'])
  expect(await about(flows, { stored: { h: ['user', 'password'] } })).toEqual([])
  expect(await about(flows, { coming: { h: ['password'] } })).toEqual([])
})

test('a secret of a subflow may be given by the definition or by the instance', async () => {
  const flows: FlowNode[] = [
    TAB,
    { id: 's', type: 'subflow', in: [], out: [], env: [{ name: 'key', type: 'cred' }] },
    { id: 'u', type: 'subflow:s', z: 't', x: 1, y: 1, wires: [] },
  ]
  expect(await about(flows)).toEqual(['credentials u'])
  expect(await about(flows, { stored: { s: ['key'] } })).toEqual([])
  expect(await about(flows, { stored: { u: ['key'] } })).toEqual([])
})

test('what is so in the deployed flows already is told as known', async () => {
  const before = flow('c change')
  expect(await advise([...before, ...flow('e change').slice(1)], { before })).toMatchObject([{ nodeId: 'c', isKnown: true }, { nodeId: 'e' }])
})
