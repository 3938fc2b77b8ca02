/** What is told of running flows: a real runtime process over the real contract, and the real hooks without one. */
import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Activity, ActivityLook, FlowNode, PassedMessage } from '../../api/index.ts'
import { type FlowsFixture, ROLE_HEADER, startFlowsFixture, until } from '../../flows/testing.ts'
import type { NodeRed } from '../node-red.ts'
import { createTap } from './tap.ts'

const tab = (id: string): FlowNode => ({ id, type: 'tab', label: id })
const node = (id: string, type: string, wires: string[] | string[][], more: object = {}): FlowNode => ({
  id,
  type,
  z: 't1',
  name: id,
  x: 1,
  y: 1,
  wires: Array.isArray(wires[0]) ? wires : [wires],
  ...more,
})
const inject = (to: string[], more: object = {}) =>
  node('in', 'inject', to, { props: [{ p: 'payload' }], payload: '1', payloadType: 'num', once: true, onceDelay: 0.3, ...more })
const fn = (id: string, func: string, to: string[] | string[][], more: object = {}) => node(id, 'function', to, { func, outputs: 1, libs: [], ...more })
const sink = (id: string) => node(id, 'debug', [], { active: false, tosidebar: true, complete: 'payload', targetType: 'msg' })

describe('of a running runtime', () => {
  let fixture: FlowsFixture
  beforeAll(async () => {
    fixture = await startFlowsFixture()
  })
  afterAll(() => fixture?.close())

  const read = async (look: ActivityLook): Promise<Activity> => (await fixture.flows.runtime.peer().call('activity', { look })).activity
  const message = async (request: { from?: string; port?: number; to?: string }): Promise<PassedMessage | undefined> =>
    (await fixture.flows.runtime.peer().call('passedMessage', request)).message
  const run = async (flows: FlowNode[]) => {
    await read({ place: 't1' })
    await fixture.deploy([tab('t1'), ...flows])
  }
  const wire = (activity: Activity, from: string, port: number, to: string) =>
    activity.wires.find((one) => one.from === from && one.port === port && one.to === to)?.count ?? 0
  const finished = (activity: Activity, id: string) => activity.nodes.find((one) => one.id === id)?.finished ?? 0
  const seen = (what: string, look: ActivityLook, is: (activity: Activity) => boolean) =>
    until(what, async () => {
      const activity = await read(look)
      return is(activity) && activity
    })

  test('messages are counted on each wire, and only what is looked at is told', async () => {
    await run([
      inject(['both']),
      fn('both', 'return [[{ payload: 1 }, { payload: 2 }], { payload: 3 }]', [['a', 'b'], ['a']], { outputs: 2 }),
      sink('a'),
      sink('b'),
    ])
    // counted on the wire first, then where it arrives
    const all = await seen('the messages', { place: 't1' }, (activity) => wire(activity, 'both', 1, 'a') === 1 && finished(activity, 'a') === 3)
    expect([wire(all, 'in', 0, 'both'), wire(all, 'both', 0, 'a'), wire(all, 'both', 0, 'b')]).toEqual([1, 2, 2])
    expect(all.nodes.find(({ id }) => id === 'a')).toMatchObject({ received: 3, finished: 3 })
    const some = await read({ place: 't1', nodes: ['b'] })
    expect(some.wires.map(({ to }) => to)).toEqual(['b'])
    expect(some.nodes.map(({ id }) => id)).toEqual(['b'])
    expect((await read({ place: 'elsewhere' })).wires).toEqual([])
  })

  test('what did not change since is not told again', async () => {
    await run([inject(['a']), sink('a')])
    await seen('the message', { place: 't1' }, (activity) => finished(activity, 'in') === 1 && finished(activity, 'a') === 1)
    const peer = fixture.flows.runtime.peer()
    const first = await peer.call('activity', { look: { place: 't1' } })
    const { activity } = await peer.call('activity', { epoch: first.activity.epoch, after: first.upTo, look: { place: 't1' } })
    expect(activity).toMatchObject({ isWhole: false, wires: [], nodes: [] })
  })

  test('the last message is shown as it was when it left, however the receiver changes it', async () => {
    await run([inject(['a'], { payload: '{"n":1,"password":"x"}', payloadType: 'json' }), fn('a', 'msg.payload.n = 99; return msg', ['b']), sink('b')])
    await seen('the message', { place: 't1' }, (activity) => wire(activity, 'a', 0, 'b') === 1)
    expect(await message({ from: 'in', port: 0, to: 'a' })).toMatchObject({
      from: { id: 'in', port: 0 },
      to: 'a',
      newer: 0,
      msg: { payload: { n: 1, password: '••••' } },
      cuts: [{ path: ['payload', 'password'], why: 'secret' }],
    })
    expect((await message({ to: 'b' }))?.msg).toMatchObject({ payload: { n: 99 } })
    expect((await message({ from: 'a', port: 0 }))?.to).toBe('b')
    expect(await message({ to: 'in' })).toBeUndefined()
  })

  test('one message that takes long to copy leaves out none of the next', async () => {
    const slow =
      'Object.defineProperty(msg, "slow", { enumerable: true, get() { const end = Date.now() + 20; while (Date.now() < end); return 1 } }); return msg'
    await run([inject(['a']), fn('a', slow, ['b']), fn('b', 'return { payload: 2 }', ['c']), fn('c', 'return { payload: 3 }', ['d']), sink('d')])
    await seen('the message', { place: 't1' }, (activity) => wire(activity, 'c', 0, 'd') === 1)
    expect((await message({ to: 'b' }))?.msg).toMatchObject({ payload: 1, slow: 1 })
    expect((await message({ to: 'c' }))?.msg).toMatchObject({ payload: 2 })
    expect((await message({ to: 'd' }))?.msg).toMatchObject({ payload: 3 })
  })

  test('a busy wire shows one of its messages and how many came since', async () => {
    await run([inject(['a']), fn('a', 'return [Array.from({ length: 3000 }, (_, n) => ({ payload: n }))]', ['b']), sink('b')])
    await seen('the messages', { place: 't1' }, (activity) => wire(activity, 'a', 0, 'b') === 3000)
    const last = await message({ to: 'b' })
    const shown = last?.msg as { payload: number } | undefined
    expect(last?.newer).toBe(2999 - (shown?.payload ?? -1))
  })

  test('wires through a subflow are those of the file: inside the definition, of both instances together, and around them', async () => {
    await run([
      { id: 'sub', type: 'subflow', name: 'twice', in: [{ x: 1, y: 1, wires: [{ id: 'inner' }] }], out: [{ x: 1, y: 1, wires: [{ id: 'inner', port: 0 }] }] },
      { ...fn('inner', 'return msg', [[]]), z: 'sub' },
      inject(['one']),
      node('one', 'subflow:sub', ['two']),
      node('two', 'subflow:sub', ['end']),
      sink('end'),
    ])
    const outer = await seen('the message at the end', { place: 't1' }, (activity) => wire(activity, 'two', 0, 'end') === 1 && activity.nodes.length === 4)
    expect([wire(outer, 'in', 0, 'one'), wire(outer, 'one', 0, 'two')]).toEqual([1, 1])
    expect(outer.nodes.map(({ id }) => id).sort()).toEqual(['end', 'in', 'one', 'two'])
    const inside = await read({ place: 'sub' })
    expect([wire(inside, 'sub#in#0', 0, 'inner'), wire(inside, 'inner', 0, 'sub#out#0')]).toEqual([2, 2])
    expect(inside.nodes).toMatchObject([{ id: 'inner', received: 2 }])
    expect((await message({ from: 'one', port: 0, to: 'two' }))?.msg).toMatchObject({ payload: 1 })
  })

  test('a subflow in a subflow, with a way straight through', async () => {
    await run([
      { id: 'deep', type: 'subflow', name: 'deep', in: [{ x: 1, y: 1, wires: [] }], out: [{ x: 1, y: 1, wires: [{ id: 'deep', port: 0 }] }] },
      { id: 'outer', type: 'subflow', name: 'outer', in: [{ x: 1, y: 1, wires: [{ id: 'd' }] }], out: [{ x: 1, y: 1, wires: [{ id: 'd', port: 0 }] }] },
      { ...node('d', 'subflow:deep', [[]]), z: 'outer' },
      inject(['o']),
      node('o', 'subflow:outer', ['end']),
      sink('end'),
    ])
    const top = await seen('the message at the end', { place: 't1' }, (activity) => wire(activity, 'o', 0, 'end') === 1)
    expect(wire(top, 'in', 0, 'o')).toBe(1)
    const middle = await read({ place: 'outer' })
    expect([wire(middle, 'outer#in#0', 0, 'd'), wire(middle, 'd', 0, 'outer#out#0')]).toEqual([1, 1])
    expect(wire(await read({ place: 'deep' }), 'deep#in#0', 0, 'deep#out#0')).toBe(1)
  })

  test('how long a node works, and which one keeps all others waiting', async () => {
    await run([
      inject(['busy', 'wait'], { repeat: '0.2' }),
      fn('busy', 'const end = Date.now() + 30; while (Date.now() < end); return msg', ['end']),
      node('wait', 'delay', ['end'], { pauseType: 'delay', timeout: '150', timeoutUnits: 'milliseconds' }),
      sink('end'),
    ])
    const of = ({ nodes }: Activity, id: string) => nodes.find((one) => one.id === id)
    // where the process was when it stood still looks busy, and is caught up with
    const activity = await seen('both nodes, and the busier one', { place: 't1', withOverview: true }, (now) =>
      Boolean(
        of(now, 'wait')?.latency &&
          of(now, 'busy')?.latency &&
          (now.overview?.load ?? 0) > 0 &&
          (of(now, 'wait')?.busyMs ?? 0) < (of(now, 'busy')?.busyMs ?? 0) / 2 &&
          now.overview?.busiest[0]?.id === 'busy',
      ),
    )
    expect(of(activity, 'wait')?.latency?.meanMs).toBeGreaterThan(120)
    expect(of(activity, 'busy')?.busyMs).toBeGreaterThan(28)
    expect(of(activity, 'busy')?.latency?.lastMs).toBeGreaterThan(28)
    expect(activity.overview?.busiest[0]).toMatchObject({ id: 'busy', place: 't1' })
  })

  test('an error stands at the node that threw, caught or not, until the node is made anew', async () => {
    const flows = (broken: string) => [
      inject(['bad', 'worse']),
      fn('bad', broken, ['end']),
      fn('worse', 'node.error("the vise is open", msg)', ['end']),
      node('catch', 'catch', ['end'], { scope: ['worse'] }),
      sink('end'),
    ]
    await run(flows('throw new Error("no part")'))
    const look = { place: 't1', withOverview: true }
    const { nodes, overview } = await seen(
      'both errors, and that one is caught',
      look,
      (activity) => activity.nodes.filter(({ error }) => error).length === 2 && activity.nodes.some(({ error }) => error?.isCaught),
    )
    expect(nodes.find(({ id }) => id === 'bad')?.error).toMatchObject({ text: expect.stringContaining('no part'), count: 1, isCaught: false })
    expect(nodes.find(({ id }) => id === 'worse')?.error).toMatchObject({ text: expect.stringContaining('the vise is open'), isCaught: true })
    // counted for the tab, whoever looks where; what was caught is somebody's intention
    expect((await read({ place: 'elsewhere' })).thrown?.at.t1).toBeGreaterThan(0)
    expect(overview?.errors.map(({ id }) => id).sort()).toEqual(['bad', 'worse'])
    await fixture.deploy([tab('t1'), ...flows('return msg')], { kind: 'nodes' })
    const after = await read(look)
    expect(after.overview?.errors.map(({ id }) => id)).toEqual(['worse'])
    expect(after.nodes.find(({ id }) => id === 'bad')?.error).toBeUndefined()
  })

  test('a page is told ten times a second at most, only of what is in its view, and nothing while nothing happens', async () => {
    const socket = new WebSocket(`${fixture.url.replace('http', 'ws')}/api/live`, { headers: { [ROLE_HEADER]: 'engineer' } })
    try {
      const heard: Activity[] = []
      socket.on('message', (text) => {
        const said = JSON.parse(String(text)) as { type: string; data: Activity }
        if (said.type === 'change') heard.push(said.data)
      })
      await new Promise((resolve) => socket.once('open', resolve))
      await run([inject(['a'], { repeat: '0.01' }), fn('a', 'return msg', ['b']), sink('b')])
      socket.send(JSON.stringify({ type: 'look', topic: 'activity', at: { place: 't1', nodes: ['a'] } }))
      await until('messages in view', () => heard.some((news) => wire(news, 'a', 0, 'b') > 5))
      const before = heard.length
      const startedAt = performance.now()
      await until('two seconds of news', () => performance.now() - startedAt > 2000 && heard.length > before + 2)
      // a few may have been on their way; the flow makes a hundred a second
      expect(heard.length - before).toBeLessThanOrEqual((performance.now() - startedAt) / 100 + 3)
      expect(heard[0]?.isWhole).toBe(true)
      expect(heard.slice(1).some(({ isWhole }) => isWhole)).toBe(false)
      expect(new Set(heard.flatMap(({ nodes }) => nodes.map(({ id }) => id)))).toEqual(new Set(['a']))
      expect(new Set(heard.flatMap(({ wires }) => wires.map(({ to }) => to)))).toEqual(new Set(['a', 'b']))

      socket.send(JSON.stringify({ type: 'look', topic: 'activity', at: { place: 'elsewhere' } }))
      await until('the empty view', () => heard.at(-1)?.isWhole && heard.at(-1)?.nodes.length === 0)
      const quiet = heard.length
      const quietSince = performance.now()
      await until('a quiet half second', () => performance.now() - quietSince > 500)
      expect(heard.length).toBe(quiet)
    } finally {
      socket.terminate()
    }
  })

  test('a value of the context is told to whoever may see what is in messages, secrets hidden, and where none can be read that is said', async () => {
    await run([inject(['a']), fn('a', 'flow.set("part", { n: 7, password: "x" }); global.set("shift", "late"); return msg', ['b']), sink('b')])
    const get = async (query: string, role = 'engineer') => {
      const answer = await fetch(`${fixture.url}/api/flows/activity/context?${query}`, { headers: { 'x-test-role': role } })
      return { status: answer.status, json: (await answer.json()) as { isKnown?: boolean; value?: unknown; cuts?: { why: string }[]; code?: string } }
    }
    const part = await until('the value', async () => {
      const { json } = await get('scope=flow&place=t1&key=part')
      return json.value === undefined ? undefined : json
    })
    expect(part).toMatchObject({ isKnown: true, value: { n: 7 }, cuts: [{ path: ['password'], why: 'secret' }] })
    expect(JSON.stringify(part)).not.toContain('"x"')
    expect((await get('scope=flow&place=t1&key=part.n')).json).toMatchObject({ isKnown: true, value: 7 })
    expect((await get('scope=global&key=shift')).json).toMatchObject({ isKnown: true, value: 'late' })
    expect((await get('scope=flow&place=t1&key=nothing')).json).toEqual({ isKnown: true, cuts: [] })
    expect((await get('scope=flow&place=elsewhere&key=part')).json).toEqual({ isKnown: false, cuts: [] })
    expect((await get('scope=flow&place=t1&key=part&store=nowhere')).status).toBe(200)
    expect((await get('scope=flow&place=t1&key=a[')).json).toEqual({ isKnown: false, cuts: [] })
    for (const role of ['integrator', 'operator']) expect((await get('scope=global&key=shift', role)).status).toBe(403)
  })

  test('the route gives the message to whoever may see what is in messages', async () => {
    await run([inject(['a']), sink('a')])
    await seen('the message', { place: 't1' }, (activity) => wire(activity, 'in', 0, 'a') === 1)
    const get = (role: string) => fetch(`${fixture.url}/api/flows/activity/message?from=in&port=0&to=a`, { headers: { 'x-test-role': role } })
    expect(await (await get('engineer')).json()).toMatchObject({ message: { to: 'a', msg: { payload: 1 } } })
    for (const role of ['integrator', 'operator']) expect((await get(role)).status).toBe(403)
  })
})

test('there is no hook while nobody watches', () => {
  const { hooks, log } = createRequire(createRequire(import.meta.url).resolve('node-red'))('@node-red/util') as {
    hooks: NodeRed['hooks'] & { has(name: string): boolean }
    log: NodeRed['log']
  }
  const tap = createTap({ hooks, log, events: new EventEmitter(), nodes: { getNode: () => null } as unknown as NodeRed['nodes'] })
  const hooked = () => ['preDeliver', 'onReceive', 'postReceive', 'onComplete'].filter((name) => hooks.has(name))
  expect(hooked()).toEqual([])
  tap.read({ look: {} })
  expect(hooked()).toHaveLength(4)
  tap.close()
  expect(hooked()).toEqual([])
})
